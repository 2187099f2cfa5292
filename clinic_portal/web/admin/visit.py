"""A visit at the desk: the patient is checked in, and checked out with the bill as it will be (P6, P8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import staff as people
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import bills, paperwork, queries, reasons, visiting
from clinic_portal.booking.arrivals import arrivals
from clinic_portal.booking.bills import DeskSheet, Extra, Sums, Wish
from clinic_portal.clinic.editing_rules import money
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.messaging import untold
from clinic_portal.patients import notes
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import FEES, State
from clinic_portal.web import inputs
from clinic_portal.web.admin import visit_views as views
from clinic_portal.web.admin.arrival_views import used
from clinic_portal.web.admin.payments import words
from clinic_portal.web.admin.visit_cancel import CallsOff
from clinic_portal.web.admin.visit_views import AlertView, DeskView
from clinic_portal.web.gate import access
from clinic_portal.web.problems import Problem

PAGE = "Visit"
FIELDS = {"credit": "credit", "amount": "amount", "words": "words", "extra": "amount", "how": "how-card"}
"""Where the focus goes for what is refused."""


class DeskVisit(CallsOff, rx.State):
    """One visit, and how staff and patient want it to be paid; nothing of it is kept before the check-out."""

    sheet: list[DeskView] = []
    is_missing: bool = False
    _wish: Wish = Wish()
    _shown: Sums | None = None
    _errors: dict[str, str] = {}
    _turn: int = 0

    @rx.event
    @access(Permission.RUN_VISITS)
    async def enter(self) -> None:
        """Show the visit the address names, by its number or its confirmation."""
        self.sheet, self.is_missing, self._sequence, self.cancelling = [], True, -1, []
        async with self._answering():
            await self._open(PAGE)
            asked = self.router.url.query_parameters
            self._number = inputs.id_in_address(asked.get("id", ""))
            reference = inputs.text(asked.get("ref", ""), most=20)
            if reference:
                found = await self._ask(lambda read: read.execute(queries.called(reference)).scalar())
                self._number = found or 0
            await self._look()

    @rx.event
    @access(Permission.RUN_VISITS)
    async def check_in(self) -> EventSpec:
        """The patient has come."""
        async with self._answering():
            actor, wanted = await self._staff(), self._number
            await self._do(visiting.check_in, actor, wanted, seen_sequence=self._sequence)
            told = (await self._ask(arrivals, actor, [wanted])).get(wanted)
            await self._tell("Checked in", used(told.pays) if told else "")
        return await self._again()

    @rx.event
    @access(Permission.RUN_VISITS)
    async def undo(self) -> EventSpec:
        """They were checked in by mistake."""
        async with self._answering():
            await self._do(visiting.undo_check_in, await self._staff(), self._number, seen_sequence=self._sequence)
            await self._tell("The check-in is taken back", "The visit stands as it was booked.")
        return await self._again()

    @rx.event
    @access(Permission.RUN_VISITS)
    async def done(self, line_id: Any, is_done: Any) -> None:
        """A service was done, or not."""
        async with self._answering():
            wanted, ticked = inputs.row_id(line_id), inputs.choice(is_done, (True, False))
            left = self._wish.not_done - {wanted}
            try:
                await self._wants(replace(self._wish, not_done=left if ticked else left | {wanted}))
            except Invalid:
                self._turn += 1  # the box goes back to what it was
                await self._look()
                raise

    @rx.event
    @access(Permission.RUN_VISITS)
    async def pay_with(self, line_id: Any, value: Any) -> None:
        """A service is paid with an item of the wallet, or with money."""
        async with self._answering():
            wanted, told = inputs.row_id(line_id), inputs.text(value, most=20)
            items = {one: lot for one, lot in self._wish.items.items() if one != wanted}
            if told != views.MONEY:
                items[wanted] = inputs.row_id(told)
            await self._wants(replace(self._wish, items=items))

    @rx.event
    @access(Permission.RUN_VISITS)
    async def add(self, form: Any) -> EventSpec | None:
        """Add an amount, or take one off."""
        async with self._answering():
            typed = inputs.fields(form, "words", "amount", most=200)
            try:
                extra = Extra(" ".join(typed["words"].split()), _signed(self._currency, typed["amount"]))
                await self._wants(replace(self._wish, extras=(*self._wish.extras, extra)))
            except Invalid as refusal:
                return await self._refuse(refusal)
            return rx.set_focus("extra-title")
        return None

    @rx.event
    @access(Permission.RUN_VISITS)
    async def drop(self, number: Any) -> EventSpec | None:
        """Leave an extra amount out again."""
        async with self._answering():
            gone = inputs.row_id(number, least=0)
            kept = tuple(one for place, one in enumerate(self._wish.extras) if place != gone)
            try:
                await self._wants(replace(self._wish, extras=kept))
            except Invalid as refusal:
                return await self._refuse(refusal)
            return rx.set_focus("extra-title")
        return None

    @rx.event
    @access(Permission.RUN_VISITS)
    async def credit(self, form: Any) -> EventSpec | None:
        """Use so much of the patient's credit."""
        async with self._answering():
            typed = inputs.fields(form, "credit", most=20)["credit"]
            try:
                minor = money(self._currency)("credit", typed) if typed.strip() else 0
                await self._wants(replace(self._wish, credit_minor=minor), is_exact=True)
            except Invalid as refusal:
                return await self._refuse(refusal)
        return None

    @rx.event
    @access(Permission.RUN_VISITS)
    async def no_credit(self) -> EventSpec | None:
        """Use none of it."""
        async with self._answering():
            await self._wants(replace(self._wish, credit_minor=0))
            return rx.set_focus("credit")
        return None

    @rx.event
    @access(Permission.RUN_VISITS)
    async def paid(self, how: Any) -> None:
        """How the rest is paid."""
        async with self._answering():
            await self._wants(replace(self._wish, desk_how=inputs.choice(how, bills.HOW)))

    @rx.event
    @access(Permission.RUN_VISITS)
    async def check_out(self) -> EventSpec | None:
        """The visit is over and paid for, as it is shown."""
        async with self._answering():
            if self._shown is None:
                return None
            actor, told = await self._staff(), {"shown": self._shown, "seen_sequence": self._sequence}
            try:
                bill = await self._do(visiting.check_out, actor, self._number, self._wish, **told)
            except Invalid as refusal:
                return await self._refuse(refusal)
            language = (await self._open(PAGE)).clinic.language
            paid = wording.money(bill.sums.desk_minor, bill.currency, language)
            await self._tell("Checked out", f"{paid} paid at the clinic." if bill.sums.desk_minor else "All is paid.")
        return await self._again()

    @property
    def _currency(self) -> str:
        return self.sheet[0].currency if self.sheet else ""

    async def _wants(self, wish: Wish, *, is_exact: bool = False) -> None:
        """Another wish, if it can be: what cannot is refused and the one before stays. Unless it is the credit itself
        that changes, no more of it is used than is due."""
        actor = await self._staff()
        found = await self._ask(bills.sheet, actor, self._number)
        if found.visit.sequence != self._sequence:
            await self._look()
            raise Conflict("visit_moved_on")
        if not is_exact:
            most = bills.reckon(found, replace(wish, credit_minor=0)).most_credit_minor
            wish = replace(wish, credit_minor=min(wish.credit_minor, most))
        bills.reckon(found, wish)
        self._wish, self._errors = wish, {}
        await self._look(keeps_notice=True)

    async def _refuse(self, refusal: Invalid) -> EventSpec:
        """Say beside the field what is wrong with it."""
        language = (await self._open(PAGE)).clinic.language
        most = wording.money(self._shown.most_credit_minor if self._shown else 0, self._currency or "USD", language)
        facts = {"most": most, **refusal.facts}
        name = "amount" if refusal.field == "extra" else refusal.field
        self._errors = {name: Problem.of(refusal.code, **facts).sentence}
        await self._look()
        return rx.set_focus(FIELDS[refusal.field])

    async def _again(self) -> EventSpec:
        """Show the visit as it stands now, whatever was just done or refused."""
        async with self._answering():
            await self._look(keeps_notice=True)
        return rx.set_focus("notice")

    async def _look(self, *, keeps_notice: bool = False) -> None:
        clinic = await self._open(PAGE, keeps_notice=keeps_notice)
        actor, language = await self._staff(), clinic.clinic.language
        names = await self._ask(people.names)

        def read(read: Reading) -> None:
            found = bills.sheet(read, actor, self._number)
            if found.visit.sequence != self._sequence:
                self._sequence, self._wish, self._errors = found.visit.sequence, found.wish, {}
            self._shown = self._reckoned(found)
            paid = found.booked_with
            card = payments.card_used(read, paid.card_id) if paid and paid.card_id is not None else None
            shown = views.view(
                found,
                self._wish,
                self._shown,
                now=read.now,
                card=words.card(card),
                alerts=_alerts(read, actor, found, language),
                names=names,
                errors=self._errors,
                sees_payments=actor.may(Permission.SEE_PAYMENTS),
                language=language,
            )
            shown.turn = self._turn
            if actor.may(Permission.BOOK_VISITS) and found.visit.status == "booked":
                shown.move_href = views.move_href(found.visit)
                shown.may_cancel = found.visit.start_at > read.now
            shown.facts += views.why(why, names, found, language)
            self.sheet = [shown]

        try:
            why = await self._do(reasons.of_visit, actor, self._number)
            await self._ask(read)
        except NotAllowed:
            self.sheet, self.is_missing = [], True
            return
        self.is_missing = False

    def _reckoned(self, found: DeskSheet) -> Sums | None:
        """What it comes to; where something of it is gone by now, as it was booked."""
        if found.visit.status not in ("booked", "arrived"):
            return None
        try:
            return bills.reckon(found, self._wish)
        except (Conflict, Invalid, NotAllowed):
            self._wish = found.wish
            return bills.reckon(found, self._wish)


def _signed(currency: str, typed: str) -> int:
    """An amount to add, or one to take off, with its minus."""
    told = typed.strip()
    is_off = told[:1] in ("-", "−")
    try:
        minor: int = money(currency)("amount", told[1:] if is_off else told.removeprefix("+"))
    except Invalid:
        raise Invalid("amount", "bill_amount") from None
    return -minor if is_off else minor


def _alerts(read: Reading, actor: StaffActor, found: DeskSheet, language: str) -> list[AlertView]:
    """What is to be seen to, of all that whoever looks may see."""
    visit, told = found.visit, []
    href = f"/admin/patient?id={visit.patient_id}&view=notes"
    told += [AlertView(f"Alert: {one.body}", href, "Notes") for one in notes.alerts_of(read, actor, visit.patient_id)]
    if visit.status in ("booked", "arrived") and actor.may(Permission.HANDLE_FORMS):
        missing = paperwork.outstanding(read, actor, [visit.appointment_id]).get(visit.appointment_id, [])
        href = f"/admin/patient?id={visit.patient_id}&view=more"
        told += [AlertView(f"Missing: {one.request.title}", href, "Open their documents") for one in missing]
    lost = untold.of_visits(read, actor, [visit.appointment_id]) if visit.status == "booked" else {}
    told += [
        AlertView("What we sent about this visit did not arrive", f"/admin/message?id={one.message_id}", "Open it")
        for one in lost.values()
    ]
    if actor.may(Permission.SEE_PAYMENTS):
        owed = (one for one in payments.of_patient(read, visit.patient_id) if one.purpose in FEES)
        told += [
            AlertView(
                f"Owes {wording.money(one.amount_minor, one.currency, language)} from before",
                f"/admin/payment?id={one.id}",
                "Open it",
            )
            for one in owed
            if one.state is State.FAILED
        ]
    return told

"""Visits that have begun and at which nobody was checked in: staff say who did not come, and charge for it (P5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import fees, till
from clinic_portal.booking.till import NoShow, Unattended
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading
from clinic_portal.payments import queries as payments
from clinic_portal.payments.listing import attention_count
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.payments import pieces, views, words
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.follow import follow
from clinic_portal.web.gate import access
from clinic_portal.web.problems import Problem

PAGE = "Missed visits"
AT_ONCE = 30


@dataclass
class MissedView:
    """A visit nobody was checked in to."""

    id: int
    when: str
    who: str
    patient_href: str
    what: str
    reference: str
    fee: str
    label: str


class Missed(AdminPage, rx.State):
    """The visits, and the one somebody is about to mark."""

    visits: list[MissedView] = []
    has_more: bool = False
    asking_count: int = 0
    chosen: int = 0
    fee_minor: int = 0
    question: str = ""
    consequences: list[str] = []
    label: str = ""
    focus_on: str = ""
    focus_number: int = 0
    _sequence: int = 0  # of the visit as it was shown

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def enter(self) -> None:
        """Show the newest."""
        async with self._answering():
            self.chosen, self.visits = 0, []
            await self._look()

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def more(self) -> None:
        """Show older ones, too."""
        async with self._answering():
            await self._look(skip=len(self.visits))

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def ask(self, appointment_id: Any) -> EventSpec | None:
        """Say what would be done before anything is."""
        async with self._answering():
            wanted = inputs.row_id(appointment_id)
            clinic = await self._open(PAGE)
            told = await self._ask(till.noshow, await self._staff(), wanted)
            self.chosen, self.fee_minor, self._sequence = wanted, told.fee_minor, told.visit.sequence
            self._draw(told, clinic.clinic.language)
            return rx.set_focus("question")
        return None

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def keep(self) -> None:
        """Rather not."""
        self.focus_on, self.focus_number = f"missed-{self.chosen}", self.focus_number + 1
        self.chosen = 0

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def charge(self) -> None:
        """They did not come: mark the visit, and charge what was shown."""
        chosen, self.chosen = self.chosen, 0
        if not chosen:
            return
        async with self._answering():
            try:
                seen = {"shown_fee_minor": self.fee_minor, "seen_sequence": self._sequence}
                await self._do(fees.charge_noshow, await self._staff(), chosen, **seen)
            except Conflict as refusal:
                if refusal.code != "fee_changed":
                    raise
                await self._say(Problem.of("noshow_fee_changed"))
            else:
                await self._tell_of(await self._ask(payments.fee_of, chosen, Purpose.NOSHOW_FEE))
        async with self._answering():
            self.visits = []
            await self._look(keeps_notice=True)
        self.focus_on, self.focus_number = "notice", self.focus_number + 1

    async def _tell_of(self, fee: PaymentInfo | None) -> None:
        """What came of it: charged now, where the gateway answers."""
        if fee is None:
            await self._tell("Marked as missed", "The policy asks nothing for it: nothing was charged.")
            return
        try:
            fee = await self._cashier("settle", fee.id)
        except (GatewayAway, GatewayRefused):
            await self._tell("Marked as missed", "The fee is charged as soon as the payment service answers.")
            return
        assert fee is not None
        language = (await self._ask(catalogue)).clinic.language
        amount = wording.money(words.asked_minor(fee), fee.currency, language)
        if fee.state is State.PAID:
            await self._tell(f"Marked as missed, {amount} paid")
        elif fee.state is State.WAIVED:
            await self._tell("Marked as missed", "What is left of the fee is less than a card can be charged.")
        elif fee.state is State.FAILED:
            told = f"{words.failure(fee.failure_code)} The patient is asked by e-mail to pay it online."
            await self._say(Problem(f"Marked as missed, but {amount} could not be charged", told))
        else:
            await self._tell("Marked as missed", f"{amount} is being charged.")

    async def _look(self, *, skip: int = 0, keeps_notice: bool = False) -> None:
        clinic = await self._open(PAGE, keeps_notice=keeps_notice)
        actor = await self._staff()

        def read(read: Reading) -> tuple[list[Unattended], bool, int]:
            found, has_more = till.unattended(read, actor, skip=skip, most=AT_ONCE)
            return found, has_more, attention_count(read)

        found, self.has_more, self.asking_count = await self._ask(read)
        self.visits = [*self.visits[:skip], *(_view(one, clinic.clinic.language) for one in found)]

    def _draw(self, told: NoShow, language: str) -> None:
        visit = told.visit

        def money(minor: int) -> str:
            return wording.money(minor, visit.currency, language)

        self.question = f"{visit.given_name} {visit.family_name} did not come?"
        plan = told.plan
        card, fee = words.card(plan.card), money(told.fee_minor)
        said = ["The visit is marked as missed. This cannot be taken back."]
        if not told.fee_minor:
            said.append("The policy asks nothing for it: nothing is charged.")
        if plan.from_deposit_minor:
            said.append(f"{money(plan.from_deposit_minor)} is kept of the deposit.")
        if plan.charged_minor and card:
            said.append(f"{money(plan.charged_minor)} is charged to {card}.")
        elif plan.charged_minor:
            said.append(f"No card is on file: the patient is asked by e-mail to pay {money(plan.charged_minor)}.")
        if plan.forgiven_minor:
            said.append(f"{money(plan.forgiven_minor)} is waived: no card can be charged so little.")
        if plan.back_minor:
            where = "becomes credit in the patient’s wallet" if plan.back_to == "wallet" else "goes back to the card"
            said.append(f"{money(plan.back_minor)} of the deposit {where}.")
        if plan.let_go_minor:
            said.append(f"The deposit of {money(plan.let_go_minor)} was not taken yet: it is let go.")
        self.consequences = said
        self.label = f"Did not come: charge {fee}" if told.fee_minor else "Did not come"


def _view(one: Unattended, language: str) -> MissedView:
    fee = wording.money(one.fee_minor, one.currency, language) if one.fee_minor else ""
    return MissedView(
        id=one.appointment_id,
        when=views.moment(one.start_at, one.time_zone, language, is_short=True),
        who=one.who,
        patient_href=f"/admin/patient?id={one.patient_id}",
        what=f"{' and '.join(one.service_names)} · {one.provider_name}",
        reference=one.reference,
        fee=fee,
        label=f"Did not come: charge {fee}" if fee else "Did not come: no fee",
    )


def page() -> rx.Component:
    """The visits, newest first."""
    return admin_frame(
        "Payments",
        pieces.tabs("missed", Missed.asking_count, charges=True),
        rx.el.section(
            rx.el.h2("Missed visits", class_name="!text-[18px]"),
            rx.el.p(
                "Visits of the last 30 days that have begun and at which nobody was checked in. If a patient did not "
                "come, say so here: what the policy they accepted asks is charged.",
                class_name=f"{MUTED} mt-1 mb-2 max-w-[640px]",
            ),
            rx.cond(
                Missed.visits,
                rx.el.ul(rx.foreach(Missed.visits, _visit), id="missed", class_name="list-none p-0 m-0"),
                rx.el.p("None: everybody came, or no visit has begun.", id="nothing", class_name="py-3"),
            ),
            class_name=CARD,
        ),
        follow(to=Missed.focus_on, number=Missed.focus_number),
        rx.cond(Missed.has_more, button("Older", ghost=True, small=True, on_click=Missed.more, class_name="mt-4")),
        here="Payments",
        page=PAGE,
    )


def _visit(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5"),
            rx.el.div(
                rx.el.a(one.who, href=one.patient_href, class_name="link !text-[15px] font-semibold overflow-anywhere"),
                rx.el.p(one.what, class_name=f"{MUTED} text-[14px] overflow-anywhere"),
                class_name="min-w-0",
            ),
            rx.el.span(one.reference, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5"),
            rx.el.div(
                rx.cond(
                    Missed.chosen == one.id,
                    rx.fragment(),
                    button(
                        one.label,
                        rx.el.span(": ", one.who, class_name="sr"),
                        id=f"missed-{one.id}",
                        ghost=True,
                        small=True,
                        on_click=Missed.ask(one.id),
                    ),
                ),
                class_name="md:text-right",
            ),
            class_name="grid gap-x-5 gap-y-1 md:grid-cols-[150px_minmax(0,1fr)_104px_250px] items-start",
        ),
        rx.cond(
            Missed.chosen == one.id,
            rx.el.div(
                rx.el.h3(Missed.question, id="question", tab_index=-1),
                rx.el.ul(
                    rx.foreach(Missed.consequences, lambda told: rx.el.li(told, class_name="mt-1")),
                    class_name="list-disc pl-5 mt-1 mb-0",
                ),
                rx.el.div(
                    button(Missed.label, small=True, on_click=Missed.charge),
                    button("Not yet", ghost=True, small=True, on_click=Missed.keep, class_name="!bg-[var(--surface)]"),
                    class_name="flex flex-wrap gap-3 mt-4",
                ),
                role="group",
                aria_labelledby="question",
                class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-3",
            ),
        ),
        class_name="py-3.5 border-b border-[var(--line)] last:border-0",
    )

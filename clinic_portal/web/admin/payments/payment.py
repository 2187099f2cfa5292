"""One payment: what was done beside what its policy says, and what can be done about it (P5, P6)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import staff as people
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import fees, givable, returning, selling, till
from clinic_portal.booking.till import Sheet
from clinic_portal.clinic.editing_rules import money
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Invalid, NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.payments import attending
from clinic_portal.payments import queries as payments
from clinic_portal.payments.listing import Attention
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.rules import reason as given
from clinic_portal.payments.types import FEES, Purpose, State
from clinic_portal.wallet import queries as wallet
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.payments import story, views, words
from clinic_portal.web.admin.payments.story import EventView
from clinic_portal.web.admin.payments.views import FactView, PolicyView
from clinic_portal.web.admin.settings.policy_views import amount as typed_amount
from clinic_portal.web.gate import access
from clinic_portal.web.problems import Problem, problem

PAGE = "Payment"
REFUND, SURE, WAIVE, ATTEND = "refund", "sure", "waive", "attend"
CARD, WALLET = "card", "wallet"
"""Where what is given back goes."""
FIRST_FIELD = {REFUND: "amount", WAIVE: "reason", ATTEND: "reason"}


class PaymentPage(AdminPage, rx.State):
    """A payment; `step` is what somebody is about to do with it."""

    payment_id: int = 0
    is_missing: bool = False
    who: str = ""
    patient_href: str = ""
    purpose: str = ""
    amount: str = ""
    to_card: str = ""
    standing: str = ""
    kind: str = ""
    failure: str = ""
    attention: list[str] = []
    facts: list[FactView] = []
    events: list[EventView] = []
    policy: PolicyView = PolicyView()
    package: list[FactView] = []
    has_visit: bool = False
    others: list[FactView] = []
    receipt_href: str = ""
    dispute_href: str = ""
    currency: str = ""
    is_disputed: bool = False
    left: str = ""
    left_minor: int = 0
    left_typed: str = ""
    credit: str = ""  # what can be given back into the wallet; empty for nothing
    credit_minor: int = 0
    goes: str = CARD
    retries_with: str = ""
    may_refund: bool = False
    may_retry: bool = False
    may_waive: bool = False
    may_attend: bool = False
    step: str = ""
    amount_typed: str = ""
    reason_typed: str = ""
    amount_error: str = ""
    reason_error: str = ""
    wanted: str = ""
    takes: str = ""  # what giving it back takes out of the wallet, or leaves in it
    focus_number: int = 0

    @rx.event
    @access(Permission.SEE_PAYMENTS)
    async def enter(self) -> None:
        """Show the payment the address names."""
        async with self._answering():
            self.is_missing = True
            self._begin("")
            self.payment_id = inputs.id_in_address(self.router.url.query_parameters.get("id", ""))
            await self._look()

    @rx.event
    @access(Permission.SEE_PAYMENTS)
    async def ask(self, what: Any) -> EventSpec | None:
        """Somebody is about to give money back, waive a fee, or say that something is dealt with."""
        async with self._answering():
            step = inputs.choice(what, tuple(FIRST_FIELD))
            self._begin(step)
            return rx.set_focus(FIRST_FIELD[step])
        return None

    @rx.event
    @access(Permission.SEE_PAYMENTS)
    async def keep(self) -> EventSpec:
        """Rather not."""
        self._begin("")
        return rx.set_focus("step-title")

    @rx.event
    @access(Permission.GIVE_BACK)
    async def check_refund(self, form: Any) -> EventSpec | None:
        """Look at the amount and the reason, and ask once more."""
        async with self._answering():
            typed = inputs.fields(form, "amount", "reason", "goes", most=400)
            self.goes = inputs.choice(typed["goes"] or CARD, (CARD, WALLET))
            self.amount_typed, self.reason_typed = typed["amount"], typed["reason"]
            self.amount_error = self.reason_error = ""
            minor = await self._within(self._amount())
            self._read_reason()
            if self.amount_error or self.reason_error:
                return rx.set_focus("amount" if self.amount_error else "reason")
            clinic = await self._ask(catalogue)
            self.wanted = wording.money(minor, self.currency, clinic.clinic.language)
            self.takes = await self._ask(_takes, self.payment_id, minor)
            self.step = SURE
            return rx.set_focus("sure")
        return None

    @rx.event
    @access(Permission.GIVE_BACK)
    async def give_back(self) -> None:
        """Give it back; once, however often the button is pressed."""
        async with self._answering():
            if self.step != SURE:
                return
            self.step = ""
            actor, minor = await self._staff(), self._amount()
            seen = {"reason": self.reason_typed, "seen_left_minor": self._most}
            if self.goes == WALLET:
                await self._do(returning.into_wallet, actor, self.payment_id, minor, **seen)
                await self._tell(f"{self.wanted} is in the wallet", "It can be used as credit at once.")
            else:
                refund_id = await self._do(fees.refund, actor, self.payment_id, minor, **seen)
                told = await self._at_once("refund", refund_id)
                await self._tell(f"{self.wanted} on its way back", told or "Banks take five to ten days to show it.")
        await self._again()

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def retry(self) -> None:
        """Charge a fee that failed once more."""
        async with self._answering():
            try:
                await self._cashier("retry", await self._staff(), self.payment_id)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("payments_away"))
                return
            told = await self._at_once("settle", self.payment_id)
            now = await self._ask(payments.payment, self.payment_id)
            if now.state is State.PAID:
                await self._tell(f"{self.to_card} paid")
            elif now.state is State.FAILED:
                await self._say(Problem("It could not be charged", words.failure(now.failure_code)))
            else:
                await self._tell("On its way", told)
        await self._again()

    @rx.event
    @access(Permission.GIVE_BACK)
    async def waive(self, form: Any) -> EventSpec | None:
        """Forgive a fee that failed."""
        async with self._answering():
            if not self._takes_reason(form):
                return rx.set_focus("reason")
            try:
                await self._cashier("waive", await self._staff(), self.payment_id, reason=self.reason_typed)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("payments_away"))
                return None
            await self._tell("The fee is waived", "The patient is told by e-mail.")
        await self._again()
        return None

    @rx.event
    @access(Permission.GIVE_BACK)
    async def attend(self, form: Any) -> EventSpec | None:
        """Say that what asked for attention is dealt with."""
        async with self._answering():
            if not self._takes_reason(form):
                return rx.set_focus("reason")
            await self._do(attending.attended, await self._staff(), self.payment_id, how=self.reason_typed)
            await self._tell("Noted", "It asks for nobody’s attention any more.")
        await self._again()
        return None

    async def _again(self) -> None:
        """Show the payment as it stands now, whatever was just done or refused."""
        async with self._answering():
            self._begin("")
            await self._look(keeps_notice=True)
        self.focus_number += 1

    @property
    def _most(self) -> int:
        """How much can be given back the way that was chosen."""
        return self.credit_minor if self.goes == WALLET else self.left_minor

    def _begin(self, step: str) -> None:
        self.goes = CARD
        self.step, self.amount_error, self.reason_error, self.wanted = step, "", "", ""
        self.amount_typed, self.reason_typed = self.left_typed, ""

    def _amount(self) -> int:
        """The amount as it was typed; what is wrong with it stands beside it."""
        try:
            minor = money(self.currency)("amount", self.amount_typed)
        except Invalid as refusal:
            self.amount_error = problem(refusal).sentence
            return 0
        return int(minor)

    async def _within(self, minor: int) -> int:
        """The amount, if so much can be given back; else why not stands beside it."""
        if not self.amount_error and not 0 < minor <= self._most:
            refusal = await self._ask(_too_much, self.payment_id, self._most)
            left = self.credit if self.goes == WALLET else self.left
            self.amount_error = Problem.of(refusal.code, **refusal.facts | {"left": left}).sentence
        return minor

    def _read_reason(self) -> None:
        try:
            given(self.reason_typed)
        except Invalid as refusal:
            self.reason_error = problem(refusal).sentence

    def _takes_reason(self, form: Any) -> bool:
        self.reason_typed, self.reason_error = inputs.fields(form, "reason", most=400)["reason"], ""
        self._read_reason()
        return not self.reason_error

    async def _at_once(self, verb: str, row_id: int) -> str:
        """Have done now what the worker would do in a moment; what to say where the gateway does not answer."""
        try:
            await self._cashier(verb, row_id)
        except (GatewayAway, GatewayRefused):
            return "The payment service does not answer just now: it is done as soon as it does."
        return ""

    async def _look(self, *, keeps_notice: bool = False) -> None:
        clinic = await self._open(PAGE, keeps_notice=keeps_notice)
        actor = await self._staff()
        try:
            found = await self._ask(till.sheet, actor, self.payment_id)
        except NotAllowed:
            self.is_missing = True
            return
        names = await self._ask(people.names)
        self._show(found, actor, names, str(zone_of(clinic)), clinic.clinic.language)

    def _show(self, found: Sheet, actor: StaffActor, names: dict[str, str], zone: str, language: str) -> None:
        paid, visit = found.payment, found.visit
        self.is_missing, self.currency, self.has_visit = False, paid.currency, visit is not None
        name = f"{visit.given_name} {visit.family_name}" if visit else found.who
        self.who = name or paid.email or "Nobody yet"
        self.patient_href = f"/admin/patient?id={paid.patient_id}" if paid.patient_id else ""
        self.purpose = words.purpose(paid)
        self.amount = wording.money(words.asked_minor(paid), paid.currency, language)
        self.to_card = wording.money(paid.amount_minor, paid.currency, language)
        self.standing, self.kind = words.state(paid, found.returning_minor, found.attention)
        self.failure = words.failure(paid.failure_code) if paid.state is State.FAILED else ""
        if self.failure and found.next_card is None and paid.failure_code != "no_card":
            self.failure += " No card is on file now."
        self.attention = [words.ATTENTION[why] for why in found.attention if why is not Attention.FEE_FAILED]
        self.facts = views.facts(found, zone, language)
        self.events = story.timeline(found, names, zone, language)
        self.policy, self.package = views.policy(found, zone, language), views.package(found, zone, language)
        self.others = [views.other(one, language) for one in found.others]
        self.left, self.left_minor = wording.money(found.left_minor, paid.currency, language), found.left_minor
        self.credit_minor = found.creditable_minor
        self.credit = wording.money(self.credit_minor, paid.currency, language) if self.credit_minor else ""
        self.left_typed = typed_amount(found.left_minor, paid.currency)
        self.retries_with = words.card(found.next_card)
        self.is_disputed = Attention.DISPUTED in found.attention
        owed = paid.purpose in FEES and paid.state in (State.FAILED, State.OPEN)
        gives = actor.may(Permission.GIVE_BACK)
        self.may_refund = gives and found.left_minor > 0
        self.may_retry = owed and actor.may(Permission.CHARGE_FEES) and found.next_card is not None
        self.may_waive = owed and gives
        self.may_attend = gives and any(why is not Attention.FEE_FAILED for why in found.attention)
        is_taken = paid.captured_minor > 0
        self.receipt_href = f"/admin/receipt?id={paid.id}" if is_taken or paid.from_deposit_minor else ""
        self.dispute_href = f"/admin/dispute.pdf?id={paid.id}" if is_taken else ""


def _too_much(read: Reading, payment_id: int, most_minor: int) -> Invalid:
    return givable.too_much(read, payments.payment(read, payment_id), most_minor)


def _takes(read: Reading, payment_id: int, minor: int) -> str:
    """What giving so much back takes out of the patient's wallet, or leaves in it; empty for nothing."""
    paid = payments.payment(read, payment_id)
    if paid.purpose is Purpose.MEMBERSHIP:
        return views.stays(wallet.lots_of_payment(read, paid.id), catalogue(read).clinic.language)
    count = selling.would_take(read, paid, minor)
    if not count:
        return ""
    return f"{'One treatment' if count == 1 else f'{count} treatments'} of the package will be taken out of the wallet."

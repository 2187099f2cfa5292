"""State of one visit, whole; and of its cancellation, with its price said before (S52-S57, B4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import changes, fees, telling
from clinic_portal.booking.access import payment_of, visit_of
from clinic_portal.booking.types import Visit
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading
from clinic_portal.messaging import untold
from clinic_portal.messaging.feeds import links_of
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.web import inputs
from clinic_portal.web.components import calendars
from clinic_portal.web.components.leave import leave_for
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import paper_views, views, visit_bill, visit_payments
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.paper_views import PaperView
from clinic_portal.web.portal.visit_bill import BillView
from clinic_portal.web.portal.visit_payments import PaymentView
from clinic_portal.web.problems import Problem


@dataclass
class ServiceLine:
    """A service of the visit."""

    name: str
    detail: str
    price: str
    bring: str


class VisitPage(PortalPage, rx.State):
    """A visit of the patient's own; any other looks like one that does not exist."""

    reference: str = ""
    sequence: int = 0
    is_missing: bool = False
    kind: str = ""
    status: str = ""
    when: str = ""
    zone: str = ""
    provider: str = ""
    place: str = ""
    address: str = ""
    directions: str = ""
    total: str = ""
    services: list[ServiceLine] = []
    calendars: list[list[str]] = []
    may_move: bool = False
    may_cancel: bool = False
    why_not: str = ""
    terms: str = ""
    fee: str = ""
    fee_minor: int = 0
    money: str = ""  # what becomes of fee and deposit
    is_asking: bool = False
    unreached: str = ""  # the address at which the newest letter about it did not arrive
    papers: list[PaperView] = []
    payments: list[PaymentView] = []
    bill: list[BillView] = []
    wakes_in: int = 0

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the visit the address names."""
        self.is_asking = False
        await self._look()

    @rx.event
    @access(PATIENT, by_itself=True)
    async def look_again(self) -> None:
        """The page was left open and is seen again, or the visit begins (S44)."""
        await self._look(keeps_notice=True)

    @rx.event
    @access(PATIENT)
    async def ask_to_cancel(self) -> EventSpec | None:
        """Show what cancelling costs now, and ask once more."""
        await self._look()
        self.is_asking = self.may_cancel
        return rx.set_focus("ask-title") if self.is_asking else None

    @rx.event
    @access(PATIENT)
    async def keep(self) -> EventSpec:
        """Rather not."""
        self.is_asking = False
        return rx.set_focus("cancel-visit")

    @rx.event
    @access(PATIENT)
    async def cancel(self) -> None:
        """Cancel it, at the fee that was shown (S55)."""
        async with self._answering():
            patient = await self._patient()
            try:
                await self._do(
                    changes.cancel,
                    patient.patient_id,
                    self.reference,
                    shown_fee_minor=self.fee_minor,
                    seen_sequence=self.sequence,
                )
            except Conflict as refusal:
                await self._look()
                self.is_asking = self.may_cancel
                await self._say(Problem.of(refusal.code, **refusal.facts))
                return
            told = self.money or "It cost you nothing."
            self.is_asking = False
            await self._look()
            await self._tell("Your visit is cancelled", f"{told} A confirmation is on its way to you.")

    @rx.event
    @access(PATIENT)
    async def pay(self, payment_id: Any) -> EventSpec | None:
        """To the gateway's page, to pay a fee that failed."""
        async with self._answering():
            patient, wanted = await self._patient(), inputs.row_id(payment_id)
            await self._ask(payment_of, patient.patient_id, wanted)
            try:
                return await leave_for(self, await self._cashier("pay_fee", wanted, self._visitor))
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("fee_page_away"))
            except Conflict as refusal:
                await self._look()
                await self._say(Problem.of(refusal.code, **refusal.facts))
        return None

    async def _look(self, *, keeps_notice: bool = False) -> None:
        async with self._answering():
            await self._open("Appointments", keeps_notice=keeps_notice)
            patient = await self._patient()
            reference = inputs.text(self.router.url.query_parameters.get("ref", ""), most=20)
            self.is_missing = True

            def read(read: Reading) -> None:
                self._show(read, visit_of(read, patient.patient_id, reference))

            await self._ask(read)
            self.is_missing = False

    async def _say(self, told: Problem) -> None:
        if not (self.is_missing and told.title == Problem.of("not_found").title):
            await super()._say(told)

    def _show(self, read: Reading, found: Visit) -> None:
        language, zone = found.language, found.location.time_zone
        is_over = found.end_at <= read.now
        links = links_of(read, found)
        self.reference, self.sequence = found.reference, found.sequence
        self.when = views.when(found, language)
        self.kind = "cancelled" if found.status == "cancelled" else "past" if is_over else "upcoming"
        if found.status in ("fulfilled", "noshow"):
            self.kind = "past"
        self.status = views.status(found, is_over=is_over)
        self.zone = wording.zone_name(found.start_at, zone, language)
        self.provider = ", ".join(part for part in (found.provider_name, found.provider_title) if part)
        self.place, self.address = found.location.name, found.location.address
        self.directions = found.location.directions
        self.services = [
            ServiceLine(
                one.name,
                wording.duration(one.duration_minutes, language),
                "From your wallet" if one.lot_id else wording.money(one.price_minor, found.currency, language),
                one.what_to_bring,
            )
            for one in found.services
        ]
        self.total = wording.money(found.total_minor, found.currency, language)
        self.calendars = calendars.into(links)
        move, cancel = changes.refusal(read, found, "reschedule"), changes.refusal(read, found, "cancel")
        self.may_move, self.may_cancel = move is None, cancel is None
        shown = self.kind == "upcoming"
        reasons = dict.fromkeys(Problem.of(one).sentence for one in (move, cancel) if one and shown)
        self.why_not = " ".join(reasons)
        self._show_fee(read, found, language)
        is_lost = self.kind == "upcoming" and untold.lost_email(read, found.appointment_id, found.email)
        self.unreached = found.email if is_lost else ""
        self.papers = paper_views.of_visit(read, found, language)
        self.payments = visit_payments.of_visit(read, found, language)
        self.bill = visit_bill.of_visit(read, found, language)
        seconds = math.ceil((found.start_at - read.now).total_seconds())
        self.wakes_in = max(0, seconds) if self.kind == "upcoming" else 0

    def _show_fee(self, read: Reading, found: Visit, language: str) -> None:
        self.fee_minor = found.late_fee_minor or (changes.fee_minor(read, found) if self.kind == "upcoming" else 0)
        self.fee = wording.money(self.fee_minor, found.currency, language)
        plan = fees.ending(read, found, self.fee_minor) if self.kind == "upcoming" else None
        self.money = telling.ending(plan, language) if plan else ""
        told = telling.visit_terms(found, read.now) if self.kind == "upcoming" else None
        self.terms = told.sentence if told else ""

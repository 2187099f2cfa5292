"""State of the last step: the card. It is given on the gateway's page; here is where that page leads back to."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import holds
from clinic_portal.booking.paying import Acceptance
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.web.booking.confirmed_state import Confirmed
from clinic_portal.web.booking.steps import CARD, CONFIRMED, POLICY, furthest
from clinic_portal.web.booking.wizard import Scene, WizardStep
from clinic_portal.web.components.leave import leave_for
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem

CHECK_EVERY_SECONDS = 4


class CardStep(WizardStep, rx.State):
    """Back from the gateway's page: booked, not yet given, or given too late (S76-S81)."""

    told: str = ""  # "" until it is known; needed | away
    amount: str = ""
    is_deposit: bool = False
    looks: int = 0

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """See how the card stands, and book what it was given for."""
        async with self._answering():
            return await self._look()
        return None

    @rx.event
    @access(PUBLIC, by_itself=True)
    async def look_again(self) -> EventSpec | None:
        """The gateway did not answer: ask once more."""
        async with self._answering():
            return await self._look()
        return None

    @rx.event
    @access(PUBLIC)
    async def go(self) -> EventSpec | None:
        """To the gateway's page, once more."""
        async with self._answering():
            try:
                paid = await self._cashier("returned", self._visitor)
                if paid is None or paid.is_booked:
                    return await self._look()
                patient = await self._patient_if_any()
                by = Acceptance(
                    paid.accepted_policy_id,
                    patient.patient_id if patient else None,
                    self.router.session.client_ip,
                    paid.accepted_device,
                )
                url = await self._cashier("begin", self._visitor, by)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("card_page_away"))
                return rx.set_focus("notice")
            except Conflict:
                return await self._look()
            return await leave_for(self, url) if url else rx.redirect(POLICY.path)
        return None

    async def _look(self) -> EventSpec | None:
        self.looks += 1
        paid: PaymentInfo | None = None
        try:
            paid = await self._cashier("returned", self._visitor)
        except (GatewayAway, GatewayRefused):
            self.told = "away"
        else:
            self.told = ""
        now, _ = await self._open(CARD)
        if self.told == "away":
            return None
        if paid is not None and paid.is_booked and now.draft.hold is None and now.draft.booked_reference:
            (await self.get_state(Confirmed)).reference = ""
            return rx.redirect(CONFIRMED.path, replace=True)
        if paid is not None and paid.failure_code:
            await self._say(_lost(paid))
            if now.draft.hold is None:  # told: the page of times says no second time that it ran out
                await self._do(holds.release, self._visitor)
            return rx.redirect(furthest(now.draft).path, replace=True)
        if now.draft.hold is None or paid is None or paid.appointment_id != now.draft.hold.appointment_id:
            if now.draft.hold_ran_out:
                await self._say(Problem.of("hold_ran_out"))
            return rx.redirect(furthest(now.draft).path, replace=True)
        self._show(now, paid)
        return None

    def _show(self, now: Scene, paid: PaymentInfo) -> None:
        self.told, self.is_deposit = "needed", paid.purpose is Purpose.DEPOSIT
        self.amount = wording.money(paid.amount_minor, paid.currency, now.clinic.clinic.language)


def _lost(paid: PaymentInfo) -> Problem:
    """Why a card that was given booked nothing, and that nothing was taken of it (S81)."""
    known = ("slot_taken", "hold_ran_out", "policy_changed", "price_changed")
    why = paid.failure_code if paid.failure_code in known else "other"
    goes = "went" if paid.state is State.RELEASED else "goes"
    amount = wording.money(paid.amount_minor, paid.currency, paid.language)
    return Problem.of(f"not_booked_{why}", amount=amount, goes=goes)

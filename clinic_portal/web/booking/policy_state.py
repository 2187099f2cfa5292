"""State of the seventh step: the policy, and the button that books."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import actions, queries, rules
from clinic_portal.booking.paying import Acceptance, card_text
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, SlotTaken
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.payments.types import Purpose
from clinic_portal.web.booking.confirmed_state import Confirmed
from clinic_portal.web.booking.steps import CARD, CONFIRMED, POLICY, TIME, VISIT
from clinic_portal.web.booking.wizard import Scene, Summary, WizardStep
from clinic_portal.web.components.leave import leave_for
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.identity import device_called
from clinic_portal.web.problems import Problem


class PolicyStep(WizardStep, rx.State):
    """What cancelling costs, read and accepted (S75), and the last look before it is booked."""

    policy_id: int = 0
    policy_text: str = ""
    terms: str = ""
    when: str = ""
    who: str = ""
    is_accepted: bool = False
    box_key: str = ""  # new whenever nothing is accepted yet, so that a page that reconnects shows the box unticked
    error: str = ""
    is_booking: bool = False
    card_amount: str = ""  # what is asked of the card; empty where none is (S77)
    is_deposit: bool = False
    card_text: str = ""

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Show what will be booked and the policy in force, where there is one."""
        async with self._answering():
            now, redirect = await self._open(POLICY)
            if redirect is not None:
                if now.draft.hold_ran_out:
                    await self._say(Problem.of("hold_ran_out"))
                return redirect
            self.error, self.is_accepted, self.is_booking = "", False, False
            await self._show(now)
        return None

    @rx.event
    @access(PUBLIC)
    async def accept(self, is_accepted: Any) -> None:
        """Tick or untick the policy."""
        self.is_accepted = is_accepted is True
        self.error = ""

    @rx.event
    @access(PUBLIC)
    async def confirm(self) -> EventSpec | None:
        """Book it."""
        async with self._answering():
            if self.policy_id and not self.is_accepted:
                self.error = "Please read the cancellation policy and tick the box to go on."
                return rx.set_focus("accept")
            accepted = self.policy_id if self.is_accepted else None
            patient = await self._patient_if_any()
            patient_id = patient.patient_id if patient else None
            try:
                device = device_called(self.router.headers.user_agent)
                by = Acceptance(accepted, patient_id, self.router.session.client_ip, device)
                url = await self._cashier("begin", self._visitor, by)
                if url is not None:
                    return await leave_for(self, url)
                await self._do(actions.book, self._visitor, accepted_policy_id=accepted, patient_id=patient_id)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("card_page_away"))
                return rx.set_focus("notice")
            except SlotTaken:
                await self._say(Problem.of("hold_ran_out"))
                return rx.redirect(TIME.path)
            except Conflict as refusal:
                return await self._after(refusal)
            (await self.get_state(Confirmed)).reference = ""  # no earlier visit shows while this one loads
            return rx.redirect(CONFIRMED.path)
        return None

    async def _after(self, refusal: Conflict) -> EventSpec:
        """Say what changed and go where it is mended."""
        await self._say(Problem.of(refusal.code, **refusal.facts))
        if refusal.code in ("card_given", "payment_moved_on"):  # in another tab: how it stands now is told there
            return rx.redirect(CARD.path)
        if refusal.code == "policy_changed":
            self.is_accepted = False
            now, _ = await self._open(POLICY)
            await self._show(now)
            return rx.set_focus("notice")
        if refusal.code in ("price_changed", "item_gone", "service_gone", "no_single_provider", "visit_unreviewed"):
            return rx.redirect(VISIT.path)
        now, redirect = await self._open(POLICY)
        return redirect or rx.redirect(TIME.path)

    async def _show(self, now: Scene) -> None:
        clinic, draft = now.clinic, now.draft
        place, language = clinic.locations[draft.location_id], clinic.clinic.language
        summary = await self.get_state(Summary)
        self.terms = summary.terms
        services = queries.cart_services(clinic, draft)
        policy, asked = rules.terms(clinic, services).policy, rules.card_asked(clinic, services)
        self.is_deposit = asked is not None and asked.purpose is Purpose.DEPOSIT
        self.card_amount = wording.money(asked.amount_minor, clinic.clinic.currency, language) if asked else ""
        self.card_text = card_text(policy, language) if policy and asked else ""
        self.policy_id = policy.id if policy else 0
        self.box_key = f"{self.policy_id}-{now.now.timestamp()}"
        self.policy_text = policy.text if policy else ""
        self.who = f"{draft.given_name} {draft.family_name}"
        if draft.hold:
            start, end = (
                wording.time(at, place.time_zone, language) for at in (draft.hold.start_at, draft.hold.end_at)
            )
            self.when = f"{wording.day(draft.hold.start_at, place.time_zone, language)} · {start} – {end}"

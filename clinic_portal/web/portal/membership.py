"""The patient's membership: joining it step by step, and everything a member can do with it (S3, P8)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import UnitOfWork
from clinic_portal.memberships import changing, joining, queries
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.web import inputs
from clinic_portal.web.components.leave import leave_for
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.memberships.answers import Answer, answers
from clinic_portal.web.memberships.cards import PlanCard, plan_card
from clinic_portal.web.portal import member_asks as asks
from clinic_portal.web.portal import member_views as views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.member_asks import AskView
from clinic_portal.web.portal.member_facts import Facts, JoinView, join
from clinic_portal.web.portal.member_facts import facts as facts_of
from clinic_portal.web.portal.member_views import MemberView
from clinic_portal.web.problems import Problem, problem

HERE = "Membership"
DONE = {
    "pause": ("Your pause is arranged", "A letter with the dates is on its way."),
    "resume": ("It goes on", "A letter is on its way."),
    "change": ("Your plan is changed", "A letter with the date is on its way."),
    "cancel": ("Your membership is cancelled", "A letter with the date is on its way."),
    "keep": ("Your membership goes on", "Nothing else has changed."),
    "leave": ("You are not joining", "Nothing was paid. You are welcome whenever you like."),
}


class MembershipPage(PortalPage, rx.State):
    """What whoever is signed in is, or may become."""

    member: list[MemberView] = []
    joins: list[JoinView] = []
    plans: list[PlanCard] = []
    wished: int = 0  # the plan that the address names
    answers: list[Answer] = []
    ask: list[AskView] = []
    told: str = ""  # looking | away, after the gateway's page
    looks: int = 0
    focus_on: str = ""
    focus_number: int = 0
    _went: str = ""  # to the gateway's page from this tab: to join, or to pay what is owed
    _asked_of: tuple[Any, ...] = ()  # how it stood when the question was asked
    _read: tuple[PlanInfo, ...] = ()  # the plan that the question told of, as it was told
    _changes_to: int = 0  # the plan whose agreement is being signed, from this tab

    @rx.event
    @access(PATIENT)
    async def enter(self) -> EventSpec | None:
        """Show how it stands; back from the gateway's page, see next what came of it."""
        async with self._answering():
            await self._open(HERE)
            self.ask, self.told, self.focus_number = [], "", 0
            facts = await self._look()
            self.wished = inputs.id_in_address(self.router.url.query_parameters.get("plan", ""))
            if self._went or self._left or facts.is_paying:
                self.told = "looking" if self._went else ""
                return MembershipPage.look_again()
            if views.is_live(facts.info) and (self._changes_to or self.wished):
                await self._ask_for("change", str(self._changes_to or self.wished))
        return None

    @rx.event
    @access(PATIENT, by_itself=True)
    async def look_again(self) -> None:
        """See what came of the gateway's page."""
        async with self._answering():
            patient = await self._patient()
            await self._look()
            self.looks += 1
            try:
                await self._subscriptions("returned", patient.patient_id)
            except GatewayAway:
                self.told = "away"
                return
            except GatewayRefused:  # a page it knows no more: staff is told of it
                pass
            self.told = ""
            await self._say_what_came(await self._look())
            self._went = ""

    @rx.event
    @access(PATIENT)
    async def choose(self, plan_id: Any) -> None:
        """Begin to join a plan, or choose another instead."""
        async with self._answering():
            wanted, patient = inputs.row_id(plan_id), await self._patient()
            self.ask, self.wished = [], 0
            try:
                await self._do(joining.begin, patient.patient_id, wanted)
            finally:
                await self._look()
            self._focus("join-title")

    @rx.event
    @access(PATIENT)
    async def sign(self) -> EventSpec | None:
        """To the agreement of the plan that is being joined or changed to; anew where it has changed since it was
        signed. It is asked for now, and not before."""
        async with self._answering():
            patient, facts = await self._patient(), await self._look()
            if self.ask and self._read:
                return await self._sign_to_change(patient.patient_id, self._read[0].id)
            plan = facts.info.joins if facts.info else None
            if plan is None:
                return None
            await self._do(joining.begin, patient.patient_id, plan.id)
            facts = await self._look()
            if facts.standing is not None:
                return rx.redirect(f"/portal/form?id={facts.standing.request.id}")
        return None

    @rx.event
    @access(PATIENT)
    async def pay(self) -> EventSpec | None:
        """To the gateway's page, where the first period is paid."""
        async with self._answering():
            patient = await self._patient()
            try:
                url = await self._subscriptions("open_page", patient.patient_id)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("membership_page_away"))
                return rx.set_focus("notice")
            except Conflict as refusal:
                return await self._not_opened(patient.patient_id, refusal)
            self._went = "join"
            return await leave_for(self, url)
        return None

    @rx.event
    @access(PATIENT)
    async def pay_owed(self) -> EventSpec | None:
        """Pay what is overdue: with the card that is charged first, else on the gateway's page."""
        async with self._answering():
            patient = await self._patient()
            try:
                url = await self._subscriptions("pay_now", patient.patient_id)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("fee_page_away"))
                return rx.set_focus("notice")
            except Conflict as refusal:
                await self._look()
                await self._say(problem(refusal))
                return rx.set_focus("notice")
            if url is not None:
                self._went = "owed"
                return await leave_for(self, url)
            await self._look()
            await self._tell("Paid, thank you", "Your membership goes on. The receipt is on its way.")
        return None

    @rx.event
    @access(PATIENT)
    async def use_card(self, card_id: Any) -> None:
        """Charge the membership to this card."""
        async with self._answering():
            wanted, patient = inputs.row_id(card_id), await self._patient()
            info = await self._ask(queries.of_patient, patient.patient_id)
            if not views.is_live(info) or info is None:
                raise NotAllowed()
            with suppress(GatewayAway, GatewayRefused):  # kept here; the worker tells the gateway
                await self._subscriptions("use_card", info.id, wanted)
            await self._look()
            await self._tell("Saved", "Your membership is charged to this card from now on.")

    @rx.event
    @access(PATIENT)
    async def ask_for(self, deed: Any, choice: Any) -> None:
        """Say what it would do before it is done."""
        async with self._answering():
            await self._ask_for(inputs.choice(deed, asks.DEEDS), inputs.text(choice, most=20))
            self._focus("choice" if choice else "ask-title")

    @rx.event
    @access(PATIENT)
    async def unask(self) -> None:
        """Rather not."""
        async with self._answering():
            patient = await self._patient()
            if self._changes_to:
                await self._do(changing.unask_for_plan, patient.patient_id)
            self._focus(self.ask[0].deed if self.ask else "content")
            self.ask, self._changes_to, self._read = [], 0, ()

    @rx.event
    @access(PATIENT)
    async def confirm(self) -> None:
        """Do what was asked, as long as it still stands as it was said."""
        async with self._answering():
            patient, facts = await self._patient(), await self._look()
            if not self.ask:
                return
            ask = self.ask[0]
            if _standing(facts.info) != self._asked_of:
                self.ask = []
                await self._say(Problem.of("membership_moved_on"))
                return
            self.ask, self._changes_to = [], 0
            try:
                await self._do(_verb(ask, self._read), patient.patient_id)
            except Invalid as refusal:
                await self._say(problem(refusal))
                return
            finally:
                await self._look()
            await self._tell(*DONE[ask.deed])

    async def _ask_for(self, deed: str, choice: str) -> None:
        patient, facts = await self._patient(), await self._look()
        info, told = facts.info, facts.told
        self.ask, self._read = [], ()
        if info is None:
            return
        self._asked_of = _standing(info)
        if deed == "pause":
            ends = await self._ask(changing.pause_ends, patient.patient_id)
            self.ask = [asks.pause(info, ends, choice, told)]
        elif deed == "change":
            self.ask = [await self._change(patient.patient_id, facts, info, choice)]
        elif deed == "leave":
            self.ask = [asks.leave(info.joins)] if info.joins else []
        elif deed == "cancel":
            self.ask = [asks.cancel(info, told, is_wallet_shown=facts.clinic.clinic.is_wallet_shown)]
        else:
            self.ask = [asks.resume(info, told) if deed == "resume" else asks.keep(info, told)]

    async def _change(self, patient_id: int, facts: Facts, info: MembershipInfo, choice: str) -> AskView:
        others = asks.choosable(info, facts.plans)
        wanted = next((one for one in others if str(one.id) == choice), None)
        sign, self._read = False, (wanted,) if wanted else ()
        if wanted is not None and wanted != info.plan:
            sign = await self._ask(changing.to_sign, patient_id, wanted.id) != ""
        return asks.change(info, facts.plans, wanted, facts.told, sign=sign)

    async def _sign_to_change(self, patient_id: int, plan_id: int) -> EventSpec | None:
        standing = await self._do(changing.ask_for_plan, patient_id, plan_id)
        if standing is None or standing.state == "done":  # in another tab
            await self._ask_for("change", str(plan_id))
            return None
        self._changes_to = plan_id
        return rx.redirect(f"/portal/form?id={standing.request.id}")

    async def _not_opened(self, patient_id: int, refusal: Conflict) -> EventSpec | None:
        """The gateway's page does not open: the reason, and things as they stand now."""
        if refusal.code in ("member_already", "payment_moved_on"):  # in another tab
            self._went = "join"
            return MembershipPage.look_again()
        if refusal.code == "plan_changed":
            info = await self._ask(queries.of_patient, patient_id)
            if info is not None and info.joins is not None:
                await self._do(joining.begin, patient_id, info.joins.id)
        await self._look()
        await self._say(Problem.of("membership_page_refused" if refusal.code == "card_page_refused" else refusal.code))
        return rx.set_focus("notice")

    async def _say_what_came(self, facts: Facts) -> None:
        """Whoever tells of the payment first, this tab was sent to pay it and says what came of it."""
        info, went = facts.info, self._went
        if info is None:
            return
        if info.joins is None and went == "join" and info.plan is not None:
            letter = "You are a member. A letter with all that matters is on its way."
            await self._tell(f"Welcome to {info.plan.name}", letter)
        elif info.state == "active" and went == "owed":
            await self._tell("Paid, thank you", "Your membership goes on.")
        elif (self._left or went) and info.joins is not None:
            await self._say(Problem.of("membership_not_paid"))
        elif (self._left or went) and info.state == "overdue":
            await self._say(Problem.of("membership_still_owed"))

    async def _look(self) -> Facts:
        """Show how everything stands."""
        patient = await self._patient()
        facts = await self._ask(facts_of, patient.patient_id)
        joins = facts.info.joins if facts.info else None
        self.member = [facts.member] if facts.member else []
        self.joins = [join(joins, facts)] if joins else []
        may_join = facts.info is None or facts.info.joins is not None or facts.info.plan is None
        others = [one for one in facts.plans if joins is None or one.id != joins.id] if may_join else []
        self.plans = [plan_card(one, facts.told.language) for one in others]
        self.answers = answers(facts.clinic.clinic, facts.plans) if may_join and facts.plans else []
        return facts

    def _focus(self, on: str) -> None:
        self.focus_on = on
        self.focus_number += 1

    @property
    def _left(self) -> bool:
        """Whether the gateway's page was left by its way back."""
        return bool(self.router.url.query_parameters.get("left") == "1")


def _standing(info: MembershipInfo | None) -> tuple[Any, ...]:
    """What a question was about: if any of it is otherwise, it is asked anew."""
    if info is None:
        return ()
    following = info.next_plan.version_id if info.next_plan else None
    return (info.id, info.state, info.period_until_at, info.is_ending, info.is_pausing, info.resumes_at, following)


def _verb(ask: AskView, read: tuple[PlanInfo, ...]) -> Callable[[UnitOfWork, int], None]:
    """What is done when a question is answered with yes. What was chosen is a wish: the domain looks it up, and whether
    it still is what was `read`."""
    if ask.deed == "pause":
        until: date = inputs.iso_date(ask.chosen)
        return lambda work, patient_id: changing.pause(work, patient_id, until)
    if ask.deed == "change":
        plan_id, seen = inputs.row_id(ask.chosen), next(iter(read), None)
        return lambda work, patient_id: changing.change_plan(work, patient_id, plan_id, seen=seen)
    verbs: dict[str, Callable[[UnitOfWork, int], None]] = {
        "resume": changing.resume,
        "cancel": changing.cancel,
        "keep": changing.keep,
        "leave": joining.drop,
    }
    return verbs[ask.deed]

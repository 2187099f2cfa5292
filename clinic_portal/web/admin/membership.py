"""The membership of a patient on their page, with the cards on file for those who see payments (S32, P8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import on_file
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Conflict, Invalid
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import actions as memberships
from clinic_portal.memberships import changing, queries
from clinic_portal.memberships.offers import joinable
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.payments.ports import GatewayAway, GatewayRefused
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.memberships import asks
from clinic_portal.web.gate import access
from clinic_portal.web.portal import card_views, member_views
from clinic_portal.web.portal.card_views import CardView
from clinic_portal.web.portal.member_asks import AskView
from clinic_portal.web.portal.member_views import MemberView, Told
from clinic_portal.web.problems import Problem, problem

DONE = {
    "pause": "The pause is arranged",
    "resume": "It goes on",
    "change": "The plan is changed",
    "cancel": "It is cancelled",
    "keep": "It goes on",
    "end": "The membership has ended",
}


class MembershipPart(AdminPage, rx.State):
    """Whether the patient the address names is a member, how, and their cards as far as they may be seen."""

    member: list[MemberView] = []
    may_handle: bool = False
    sees_cards: bool = False
    cards: list[CardView] = []
    ask: list[AskView] = []
    wrong: str = ""
    focus_on: str = ""
    focus_number: int = 0
    _asked_of: tuple[Any, ...] = ()
    _read: tuple[PlanInfo, ...] = ()  # the plan that the question told of, as it was told

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def enrol(self) -> None:
        """Make them a member, without a plan."""
        async with self._answering():
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            await self._do(memberships.enrol, actor, wanted)
            await self._look(clinic, actor, wanted)
            await self._tell("Enrolled", "They find their payment methods in the portal now.")

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def ask_for(self, deed: Any, choice: Any) -> None:
        """Say what it would do before it is done."""
        async with self._answering():
            which, chosen = inputs.choice(deed, asks.DEEDS), inputs.text(choice, most=20)
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            await self._look(clinic, actor, wanted)
            info = await self._ask(queries.of_patient, wanted)
            if info is None:
                return
            self._asked_of, self._read, self.wrong = _standing(info), (), ""
            self.ask = [await self._question(clinic, actor, info, which, chosen)]
            self._focus("member-choice" if chosen else "end-title")

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def sign(self) -> None:
        """Ask them to sign the agreement of the plan that the question is about."""
        async with self._answering():
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            info = await self._ask(queries.of_patient, wanted)
            if not self.ask or not self._read or info is None:
                return
            plan_id = self._read[0].id
            await self._do(changing.ask_for_plan, wanted, plan_id, actor=actor)
            self.ask = [await self._question(clinic, actor, info, "change", str(plan_id))]
            self._focus("end-title")

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def unask(self) -> None:
        """Rather not."""
        self._focus(f"{self.ask[0].deed}-membership" if self.ask else "membership")
        self.ask = []

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def confirm(self, form: Any) -> None:
        """Do what was asked, as long as it stands as it was said."""
        async with self._answering():
            reason = inputs.fields(form, "reason", most=300)["reason"]
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            if not self.ask:
                return
            ask, info = self.ask[0], await self._ask(queries.of_patient, wanted)
            if info is None or _standing(info) != self._asked_of:
                await self._look(clinic, actor, wanted)
                await self._say(Problem.of("membership_moved_on"))
                return
            try:
                await self._do(_verb(ask, actor, info, self._read, reason), wanted)
            except Invalid as refusal:
                self.wrong = problem(refusal).sentence
                self._focus("reason")
                return
            except Conflict:
                await self._look(clinic, actor, wanted)
                raise
            await self._look(clinic, actor, wanted)
            await self._tell(DONE[ask.deed])

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def retry(self) -> None:
        """Try once more to charge what is overdue."""
        async with self._answering():
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            try:
                left = await self._subscriptions("pay_now", wanted, actor=actor)
            except (GatewayAway, GatewayRefused):
                await self._say(Problem.of("payments_away"))
                return
            await self._look(clinic, actor, wanted)
            if left is None:
                await self._tell("It is paid", "The membership goes on.")
            else:
                await self._say(Problem.of("membership_refused_again"))

    async def _question(
        self, clinic: Catalogue, actor: StaffActor, info: MembershipInfo, deed: str, choice: str
    ) -> AskView:
        told = Told(str(zone_of(clinic)), clinic.clinic.language)
        if deed == "pause":
            ends = await self._ask(changing.pause_ends, info.patient_id, actor=actor)
            return asks.pause(info, ends, choice, told)
        if deed == "change":
            plans = await self._ask(joinable)
            wanted = next((one for one in asks.choosable(info, plans) if str(one.id) == choice), None)
            to_sign: changing.ToSign = ""
            self._read = (wanted,) if wanted else ()
            if wanted is not None and wanted != info.plan:
                to_sign = await self._ask(changing.to_sign, info.patient_id, wanted.id)
            return asks.change(info, plans, wanted, told, to_sign=to_sign)
        if deed == "end":
            return asks.end(info)
        return {"resume": asks.resume, "cancel": asks.cancel, "keep": asks.keep}[deed](info, told)

    def _wanted(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("id", ""))

    def _focus(self, on: str) -> None:
        self.focus_on = on
        self.focus_number += 1

    async def _look(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        self.ask, self.wrong = [], ""
        sees = actor.may(Permission.SEE_PAYMENTS)
        told = Told(str(zone_of(clinic)), clinic.clinic.language)

        def read(read: Reading) -> tuple[list[MemberView], list[CardView]]:
            memberships.since(read, actor, wanted)  # whether they may see it
            info = queries.of_patient(read, wanted)
            found = on_file.for_staff(read, actor, wanted) if sees else ()
            shown = [_shown(read, info, told, actor)] if info and member_views.is_live(info) else []
            return shown, [card_views.bare(one, read.now) for one in found]

        self.member, self.cards = await self._ask(read)
        self.may_handle, self.sees_cards = actor.may(Permission.HANDLE_MEMBERSHIPS), sees


def _shown(read: Reading, info: MembershipInfo, told: Told, actor: StaffActor) -> MemberView:
    """As its member sees it; of money as much as the role does."""
    view = member_views.member(read, info, told, has_wallet=False)
    view.cards, view.earlier, view.left = [], [], []
    for one in view.paid:
        one.href = one.href.replace("/portal/receipt", "/admin/receipt")
    view.paid = view.paid[:3] if actor.may(Permission.SEE_PAYMENTS) else []
    view.owed = _owed(info, told)
    view.next = _next(info, told)
    view.may = [one for one in view.may if one != "pay" or actor.may(Permission.CHARGE_FEES)]
    return view


def _owed(info: MembershipInfo, told: Told) -> str:
    if info.state != "overdue":
        return ""
    return f"Overdue since {told.day(info.overdue_at)}. Unpaid by {told.day(info.grace_until_at)}, it ends."


def _next(info: MembershipInfo, told: Told) -> str:
    if info.plan is None:
        return "Enrolled by the clinic, for nothing."
    if info.state == "paused":
        return f"Paused until {told.day(info.resumes_at)}." if info.resumes_at else "Paused."
    if info.is_ending:
        return f"Ends on {told.day(info.period_until_at)}."
    if info.is_pausing:
        return f"Pauses on {told.day(info.period_until_at)} until {told.day(info.resumes_at)}."
    coming = info.next_plan or info.plan
    return f"Renews on {told.day(info.period_until_at)}: {told.fee(coming)}." if info.state == "active" else ""


def _standing(info: MembershipInfo) -> tuple[Any, ...]:
    """What a question was about: if any of it is otherwise, it is asked anew."""
    following = info.next_plan.version_id if info.next_plan else None
    return (info.id, info.state, info.period_until_at, info.is_ending, info.is_pausing, info.resumes_at, following)


def _verb(
    ask: AskView, actor: StaffActor, info: MembershipInfo, read: tuple[PlanInfo, ...], reason: str
) -> Callable[[UnitOfWork, int], None]:
    if ask.deed == "pause":
        until = inputs.iso_date(ask.chosen)
        return lambda work, wanted: changing.pause(work, wanted, until, actor=actor)
    if ask.deed == "change":
        plan_id, seen = inputs.row_id(ask.chosen), next(iter(read), None)
        return lambda work, wanted: changing.change_plan(work, wanted, plan_id, seen=seen, actor=actor)
    if ask.deed == "end":
        if info.plan is None:
            return lambda work, wanted: memberships.end(work, actor, wanted)
        return lambda work, wanted: changing.end_now(work, actor, wanted, reason=reason)
    verb = {"resume": changing.resume, "cancel": changing.cancel, "keep": changing.keep}[ask.deed]
    return lambda work, wanted: verb(work, wanted, actor=actor)

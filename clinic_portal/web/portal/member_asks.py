"""What a member is asked before anything is done: what it does, from when, what it costs. Values in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from clinic_portal.memberships import words
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import OVERDUE, PAUSED, MembershipInfo
from clinic_portal.web.portal.member_views import Told

DEEDS = ("pause", "resume", "change", "cancel", "keep", "leave")


@dataclass
class AskView:
    """A question. `choices` are values and labels; `sign`: what is signed first, or asked to be."""

    deed: str
    title: str
    points: list[str] = field(default_factory=list)
    label: str = ""
    choices: list[list[str]] = field(default_factory=list)
    chosen: str = ""
    yes: str = ""
    no: str = "Rather not"
    sign: bool = False


def pause(info: MembershipInfo, ends: Sequence[date], chosen: str, told: Told) -> AskView:
    """Until when, and what rests meanwhile."""
    if not ends or info.plan is None:
        return AskView("pause", "A pause is not possible online", [CALL], no="Close")
    until = next((one for one in ends if one.isoformat() == chosen), ends[0])
    coming = info.next_plan or info.plan
    begins = info.paused_at if info.state == PAUSED else info.period_until_at
    points = [
        f"It is paused since {told.day(begins)}."
        if info.state == PAUSED
        else f"Until {told.day(begins)} nothing changes: that is paid for.",
        f"Then you pay nothing until {told.day(until)}. Prices for members, and what each month brings, rest.",
        f"On {told.day(until)} {told.fee(coming)} is charged and it goes on by itself. You can resume earlier.",
        "What is in your wallet stays yours.",
    ]
    choices = [[one.isoformat(), told.day(one)] for one in ends]
    title = "Another end of the pause?" if info.is_pausing or info.state == PAUSED else "Pause your membership?"
    return AskView("pause", title, points, "Go on again on", choices, until.isoformat(), "Yes, pause it")


CALL = "Call us, and we will find a way."


def resume(info: MembershipInfo, told: Told) -> AskView:
    """What is charged, and when."""
    coming = info.next_plan or info.plan
    if coming is None:
        return AskView("resume", "There is no pause", no="Close")
    if info.state == PAUSED:
        points = [
            f"A new period begins today: {told.fee(coming)} is charged to your card now.",
            "Prices for members, and what each month brings, are yours again at once.",
        ]
        return AskView("resume", "Go on now?", points, yes=f"Yes, pay {told.fee(coming)} and go on")
    points = [
        f"The pause on {told.day(info.period_until_at)} is called off.",
        f"On that day {told.fee(coming)} is charged as usual.",
    ]
    return AskView("resume", "Call off the pause?", points, yes="Yes, call it off")


def cancel(info: MembershipInfo, told: Told, *, is_wallet_shown: bool) -> AskView:
    """When it ends, and what stays."""
    stays = "What is in your wallet stays yours" + (", as long as it says there." if is_wallet_shown else ".")
    if info.plan is not None and info.plan.brings and not info.plan.is_banked:
        stays = f"{stays[:-1]}; what is to be used within its {info.plan.period} ends with it."
    after = "Then prices for members end, and your payment methods are not shown in the portal any more."
    if info.state == PAUSED:
        points = ["It ends now, since nothing is paid for. Nothing more is charged.", stays, after]
    elif info.state == OVERDUE:
        points = ["Nothing more is charged once it has ended.", stays, after]
    else:
        points = [
            f"Until {told.day(info.period_until_at)} you have all of it: that is paid for.",
            "Nothing more is charged. You can change your mind up to that day.",
            stays,
            after,
        ]
    return AskView("cancel", "Cancel your membership?", points, yes="Yes, cancel it", no="Keep it")


def keep(info: MembershipInfo, told: Told) -> AskView:
    """What is charged again."""
    fee = told.fee(info.next_plan or info.plan) if info.plan else ""
    points = [f"On {told.day(info.period_until_at)} {fee} is charged, and it goes on as before."]
    return AskView("keep", "Keep your membership?", points, yes="Yes, keep it", no="Let it end")


def leave(plan: PlanInfo | None) -> AskView:
    """Nothing was paid yet."""
    points = ["Nothing was paid, and nothing will be. You can join whenever you like."]
    return AskView("leave", f"Not join {plan.name if plan else ''}?", points, yes="Do not join", no="Go on joining")


def change(
    info: MembershipInfo, plans: Sequence[PlanInfo], wanted: PlanInfo | None, told: Told, *, sign: bool
) -> AskView:
    """Which plan, from when, what it costs and brings. `sign`: its agreement is to be signed first."""
    mine = info.plan
    others = choosable(info, plans)
    if mine is None or not others:
        return AskView("change", "There is no other plan just now", [CALL], no="Close")
    choices = [["", "Choose a plan"], *[[str(one.id), _choice(one, mine, told)] for one in others]]
    ask = AskView("change", "Change to another plan?", [], "Plan", choices, str(wanted.id) if wanted else "")
    if wanted is None:
        return ask
    starts = info.resumes_at if info.is_pausing or info.state == PAUSED else info.period_until_at
    if info.next_plan is not None and wanted.id == mine.id and wanted.version_id == mine.version_id:
        ask.points = [f"You stay on {mine.name}, on the terms you signed: {words.fee(mine, told.language)}."]
        ask.yes = f"Yes, stay on {mine.name}"
        return ask
    gets = [*filter(None, [words.discount(wanted)]), *words.things(wanted, told.language)]
    ask.points = [
        f"Until {told.day(starts)} nothing changes: that is paid for.",
        f"From then on you pay {words.fee(wanted, told.language)} instead of {words.fee(mine, told.language)}. "
        "Changing costs nothing.",
        f"You get: {'; '.join(gets)}." if gets else "It brings nothing beside its name.",
        *filter(None, [words.keeps(wanted)]),
    ]
    ask.sign = sign
    if sign:
        ask.points.append("It has an agreement of its own, which you sign first.")
    else:
        ask.yes = f"Yes, change to {wanted.name}"
    return ask


def choosable(info: MembershipInfo, plans: Sequence[PlanInfo]) -> list[PlanInfo]:
    """The plans a member can change to: others, one's own in newer terms, and one's own where another is to follow."""
    mine = info.plan
    if mine is None:
        return []
    back = [mine] if info.next_plan is not None else []
    found = [
        one
        for one in plans
        if one.currency == mine.currency
        and one.version_id != mine.version_id
        and (info.next_plan is None or one.version_id != info.next_plan.version_id)
        and not (back and one.id == mine.id)
    ]
    return [*back, *found]


def _choice(one: PlanInfo, mine: PlanInfo, told: Told) -> str:
    same = "" if one.id != mine.id else " (yours)" if one.version_id == mine.version_id else " (yours, as offered now)"
    return f"{one.name}{same}, {words.fee(one, told.language)}"

"""What staff are asked before a membership is changed: what it does, from when. Values in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clinic_portal.memberships import words
from clinic_portal.memberships.changing import ToSign
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import OVERDUE, PAUSED, MembershipInfo
from clinic_portal.web.portal.member_asks import AskView, choosable
from clinic_portal.web.portal.member_views import Told

DEEDS = ("pause", "resume", "change", "cancel", "keep", "end")


def pause(info: MembershipInfo, ends: Sequence[date], chosen: str, told: Told) -> AskView:
    """Until when."""
    if not ends or info.plan is None:
        return AskView("pause", "It cannot be paused now", ["Only a plan paid by the month is paused."], no="Close")
    until = next((one for one in ends if one.isoformat() == chosen), ends[0])
    coming = info.next_plan or info.plan
    begins = told.day(info.paused_at or info.period_until_at)
    points = [
        f"Nothing is charged from {begins} until {told.day(until)}; then {told.fee(coming)}.",
        "Meanwhile prices for members, and what each month brings, rest. They are told by e-mail.",
    ]
    choices = [[one.isoformat(), told.day(one)] for one in ends]
    return AskView("pause", "Pause it?", points, "Goes on again on", choices, until.isoformat(), "Yes, pause it")


def resume(info: MembershipInfo, told: Told) -> AskView:
    """What is charged."""
    coming = info.next_plan or info.plan
    fee = told.fee(coming) if coming else ""
    if info.state == PAUSED:
        return AskView(
            "resume", "Resume it now?", [f"A new period begins, and {fee} is charged now."], yes="Yes, resume it"
        )
    points = [f"The pause on {told.day(info.period_until_at)} is called off; {fee} is charged on that day."]
    return AskView("resume", "Call off the pause?", points, yes="Yes, call it off")


def change(
    info: MembershipInfo, plans: Sequence[PlanInfo], wanted: PlanInfo | None, told: Told, *, to_sign: ToSign
) -> AskView:
    """To which plan, from when."""
    others = choosable(info, plans)
    if info.plan is None or not others:
        return AskView("change", "There is no other plan just now", no="Close")
    choices = [["", "Choose a plan"]]
    choices += [[str(one.id), f"{one.name}, {words.fee(one, told.language)}"] for one in others]
    ask = AskView("change", "Change the plan?", [], "Plan", choices, str(wanted.id) if wanted else "")
    if wanted is None:
        return ask
    starts = info.resumes_at if info.is_pausing or info.state == PAUSED else info.period_until_at
    now, then = words.fee(info.plan, told.language), words.fee(wanted, told.language)
    ask.points = [f"From {told.day(starts)}: {then} instead of {now}. Until then nothing changes."]
    if to_sign == "to_ask":
        ask.points.append("It has an agreement of its own, which they sign first, in their portal.")
        ask.sign = True
    elif to_sign:
        ask.points.append("They have to sign its agreement first: it stands in their portal now. Then come back here.")
        ask.no = "Close"
    else:
        ask.yes = "Yes, change it"
    return ask


def cancel(info: MembershipInfo, told: Told) -> AskView:
    """When it ends."""
    if info.state == PAUSED:
        points = ["It is paused, so it ends now. Nothing more is charged."]
    elif info.state == OVERDUE:
        points = ["Nothing more is charged once it has ended."]
    else:
        points = [f"It ends on {told.day(info.period_until_at)}, which is paid for. Nothing more is charged."]
    return AskView("cancel", "Cancel it?", [*points, "What is in the wallet stays."], yes="Yes, cancel it")


def keep(info: MembershipInfo, told: Told) -> AskView:
    """It goes on."""
    coming = info.next_plan or info.plan
    points = [f"On {told.day(info.period_until_at)} {told.fee(coming) if coming else ''} is charged, as before."]
    return AskView("keep", "Keep it after all?", points, yes="Yes, keep it", no="Let it end")


def end(info: MembershipInfo) -> AskView:
    """At once."""
    points = ["They do not see their payment methods any more. Their cards stay on file."]
    if info.plan is not None:
        points.insert(
            0, "Nothing more is charged. What was paid for this period is given back under Payments, if at all."
        )
    return AskView("end", "End the membership now?", points, yes="Yes, end it", no="Keep it")

"""What people ask before they join, answered from the clinic's settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.memberships.plan_types import MONTH, PlanInfo


@dataclass
class Answer:
    """A question and its answer."""

    question: str
    answer: str


def answers(clinic: ClinicInfo, plans: Sequence[PlanInfo]) -> list[Answer]:
    """What is answered beside these plans."""
    return [
        Answer("When do I pay?", _paying(plans)),
        Answer("Can I cancel?", CANCELLING),
        Answer("Can I pause?", pausing(clinic, plans)),
        Answer("What happens if a payment fails?", failing(clinic)),
        Answer("Can I change to another plan?", CHANGING),
        Answer("What if you change a plan?", KEEPING),
    ]


CANCELLING = (
    "Whenever you like, in your portal. It ends with the period you have paid for; until then you have all that it "
    "brings. You can change your mind up to the last day."
)
CHANGING = (
    "Yes, in your portal. You stay on your plan until the period you have paid for is over; then the other one begins."
)
KEEPING = "You keep the terms you signed. A change is for those who join later, unless you choose it yourself."


def pausing(clinic: ClinicInfo, plans: Sequence[PlanInfo]) -> str:
    """How long a membership can be paused, and what that means."""
    most, periods = clinic.longest_pause_months, {one.period for one in plans}
    if not most or MONTH not in periods:
        return "Not online. Call us, and we will find a way."
    long = "a month" if most == 1 else f"{most} months"
    which = "" if periods == {MONTH} else "a plan that is paid by the month, "
    return (
        f"Yes, {which}for up to {long}, in your portal. You pay nothing meanwhile, and the prices for members and what each "
        "period brings rest too. What is in your wallet already stays yours."
    )


def failing(clinic: ClinicInfo) -> str:
    """What becomes of a membership whose payment fails."""
    if not clinic.grace_days:
        return "The membership ends. What is in your wallet already stays yours, and you can join again."
    begins = "We write to you at once and try your card again. You can pay with another card in your portal."
    days = "a day" if clinic.grace_days == 1 else f"{clinic.grace_days} days"
    return f"{begins} What members get goes on for {days}; if it is not paid by then, the membership ends."


def _paying(plans: Sequence[PlanInfo]) -> str:
    periods = {one.period for one in plans}
    every = "month" if periods == {MONTH} else "year" if MONTH not in periods and periods else "month or year"
    return f"When you join, and then each {every} on the same day, from the card you pay with. You get a receipt each time."

"""A membership as its member sees it: values in, words out. No State."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.memberships import queries, words
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.types import ACTIVE, OVERDUE, PAUSED, MembershipInfo, PeriodInfo
from clinic_portal.messaging.money_letters import why_failed
from clinic_portal.payments import queries as payments
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet import rules
from clinic_portal.wallet.types import ITEM, LotInfo, Origin
from clinic_portal.web.portal import card_views
from clinic_portal.web.portal.card_views import CardView

NEWEST = 6
"""Payments shown at once; the earlier ones on a click."""
_STATES = {
    "open": ("Being charged", "going"),
    "paid": ("Paid", "done"),
    "failed": ("Not paid", "warn"),
    "void": ("Nothing was charged", "nothing"),
    "returned": ("Given back", "nothing"),
}


@dataclass
class PaidView:
    """A period and how its payment stands."""

    span: str
    amount: str
    state: str
    look: str
    href: str


@dataclass
class LeftView:
    """What is left in the wallet of what the membership brought; told where patients see their wallet (S34)."""

    what: str
    until: str


@dataclass
class MemberView:
    """A membership. `may`: what its member can do now."""

    name: str
    state: str
    look: str
    since: str
    next: str
    then: str
    owed: str
    why: str
    gets: list[str] = field(default_factory=list)
    keeps: str = ""
    agreement: str = ""
    left: list[LeftView] = field(default_factory=list)
    has_wallet: bool = False
    paid: list[PaidView] = field(default_factory=list)
    earlier: list[PaidView] = field(default_factory=list)
    cards: list[CardView] = field(default_factory=list)
    may: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """Dates and money in a patient's words."""

    zone: str
    language: str

    def day(self, at: date | None) -> str:
        """`Thursday, December 24, 2026`."""
        return wording.day(at, self.zone, self.language) if at else ""

    def brief(self, at: date | None) -> str:
        """`Thu, Dec 24, 2026`."""
        return wording.day(at, self.zone, self.language, length="medium") if at else ""

    def fee(self, plan: PlanInfo) -> str:
        """`$99`."""
        return words.amount(plan.fee_minor, plan.currency, self.language)


def member(read: Reading, info: MembershipInfo, told: Told, *, has_wallet: bool) -> MemberView:
    """A membership that has begun, with all that its page says."""
    state, look = standing(info)
    plan = info.plan
    known = [_paid(one, told) for one in queries.periods(read, info.id)]
    cards = payments.cards_of(read, info.patient_id, account=read.settings.payment_account)
    brought = [one for one in wallet.lots(read, info.patient_id) if one.origin is Origin.MEMBERSHIP]
    return MemberView(
        name=plan.name if plan else "Member",
        state=state,
        look=look,
        since=told.day(info.started_at),
        next=following(info, told),
        then=afterwards(info, told),
        owed=owed(info, told),
        why=why_failed(info.failure_code) if info.state == OVERDUE else "",
        gets=[*filter(None, [words.discount(plan)]), *words.things(plan, told.language)] if plan else [],
        keeps=words.keeps(plan) if plan else "",
        agreement=f"/portal/document?id={info.document_id}" if info.document_id else "",
        left=[_left(one, told) for one in rules.together(brought)] if has_wallet else [],
        has_wallet=has_wallet,
        paid=known[:NEWEST],
        earlier=known[NEWEST:],
        cards=[card_views.bare(one, read.now) for one in cards],
        may=may(info),
    )


def standing(info: MembershipInfo) -> tuple[str, str]:
    """How it stands in a word, and in which colour."""
    if info.state == OVERDUE:
        return "Payment overdue", "warn"
    if info.state == PAUSED:
        return "Paused", "going"
    return ("Ends soon", "warn") if info.is_ending else ("Active", "done")


def may(info: MembershipInfo) -> list[str]:
    """What a member can do now; the domain looks again."""
    if info.plan is None:
        return []
    if info.state == OVERDUE:
        return ["pay", *([] if info.is_ending else ["cancel"])]
    if info.is_ending:
        return ["keep"]
    if info.state == PAUSED:
        return ["resume", "pause", "cancel"]
    return [*(["resume"] if info.is_pausing else []), "pause", "change", "cancel"]


def following(info: MembershipInfo, told: Told) -> str:
    """What comes next, in a sentence."""
    if info.plan is None:
        return "The clinic enrolled you. There is nothing to pay for it."
    coming = info.next_plan or info.plan
    if info.state == OVERDUE:
        return ""
    if info.state == PAUSED:
        if info.resumes_at is None:
            return "You pay nothing while it is paused."
        return f"You pay nothing until {told.day(info.resumes_at)}. Then {told.fee(coming)} is charged and it goes on."
    if info.is_ending:
        return f"It ends on {told.day(info.period_until_at)}. Nothing more is charged."
    if info.is_pausing:
        return (
            f"It pauses on {told.day(info.period_until_at)}. On {told.day(info.resumes_at)} {told.fee(coming)} is "
            "charged and it goes on."
        )
    return f"Next payment: {told.fee(coming)} on {told.day(info.period_until_at)}."


def afterwards(info: MembershipInfo, told: Told) -> str:
    """Which plan follows, where another does."""
    if info.plan is None or info.next_plan is None or info.is_ending:
        return ""
    same = " with its new terms" if info.next_plan.id == info.plan.id else ""
    starts = info.resumes_at if info.is_pausing or info.state == PAUSED else info.period_until_at
    return (
        f"From {told.day(starts)} you are on {info.next_plan.name}{same}: {words.fee(info.next_plan, told.language)}."
    )


def owed(info: MembershipInfo, told: Told) -> str:
    """What is overdue, and until when it is to be paid."""
    if info.state != OVERDUE or info.plan is None:
        return ""
    fee = told.fee(info.next_plan or info.plan)
    begins = f"{fee} could not be charged on {told.day(info.overdue_at)}."
    return f"{begins} You have what members get until {told.day(info.grace_until_at)}; unpaid by then, it ends."


def is_live(info: MembershipInfo | None) -> bool:
    """Whether somebody is a member, with a plan or without."""
    return info is not None and info.state in (ACTIVE, OVERDUE, PAUSED)


def _paid(one: PeriodInfo, told: Told) -> PaidView:
    state, look = _STATES.get(one.state, (one.state, "nothing"))
    has_receipt = one.payment_id is not None and one.state in ("paid", "returned")
    return PaidView(
        span=f"{told.brief(one.from_at)} – {told.brief(one.until_at)}",
        amount=words.amount(one.amount_minor, one.currency, told.language),
        state=state,
        look=look,
        href=f"/portal/receipt?id={one.payment_id}" if has_receipt else "",
    )


def _left(one: LotInfo, told: Told) -> LeftView:
    if one.unit == ITEM:
        count = one.left + one.reserved
        what = f"{count} × any of {one.name}" if one.category_id is not None else f"{count} × {one.name}"
    else:
        what = f"{words.amount(one.left, one.currency, told.language)} in credit"
    kept = f"{one.reserved} kept for a booked visit" if one.reserved else ""
    until = f"Use by {last_day(one, told)}" if one.expires_at else ""
    return LeftView(what, " · ".join(filter(None, [until, kept])))


def last_day(one: LotInfo, told: Told) -> str:
    """The last day on which something can be used: it ends with the start of the next."""
    return told.brief(one.expires_at - timedelta(minutes=1)) if one.expires_at else ""

"""Members, revenue to come and churn as values that pages and files show. No State, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from clinic_portal.core import wording
from clinic_portal.memberships import words
from clinic_portal.memberships.outlook import Month
from clinic_portal.memberships.roll import Line, Sales, Show

TITLES = {
    Show.ALL: "All members",
    Show.ACTIVE: "Active",
    Show.OVERDUE: "Overdue",
    Show.PAUSED: "Paused",
    Show.ENDING: "Ending",
    Show.JOINING: "Joining",
    Show.ENDED: "Ended",
}
NOTHING = {
    Show.ALL: "Nobody is a member yet. Offer a plan under Settings, and members will stand here.",
    Show.ACTIVE: "No membership is active just now.",
    Show.OVERDUE: "Nobody is overdue: every renewal was paid.",
    Show.PAUSED: "Nobody pauses just now.",
    Show.ENDING: "Nobody has cancelled.",
    Show.JOINING: "Nobody is about to join.",
    Show.ENDED: "No membership has ended yet.",
}
WHY = {
    "asked": "cancelled",
    "by_staff": "ended by the clinic",
    "unpaid": "not paid",
    "gateway": "ended in the payment service",
    "never_joined": "never joined",
    "left": "left before joining",
}


@dataclass
class LineView:
    """A member in the list."""

    href: str
    name: str
    plan: str
    state: str
    kind: str
    note: str


@dataclass
class TabView:
    """A state with how many are in it."""

    label: str
    href: str
    count_told: str
    is_here: bool


@dataclass
class BarView:
    """A month's revenue to come; `height` in percent of the highest."""

    month: str
    short: str
    told: str
    height: str


@dataclass
class ChartView:
    """The months to come, in one currency."""

    currency: str
    bars: list[BarView] = field(default_factory=list)


@dataclass
class MonthView:
    """Who came and went in a month."""

    month: str
    at_start: str
    joined: str
    ended: str
    rate: str


@dataclass
class SalesView:
    """What memberships will bring in, and who came and went."""

    members: str
    in_30_days: str
    in_12_months: str
    overdue: str
    charts: list[ChartView] = field(default_factory=list)
    months: list[MonthView] = field(default_factory=list)


def line(one: Line, zone: str, language: str) -> LineView:
    """A member in the list."""
    state, kind = standing(one)
    plan = f"{one.plan.name} · {words.fee(one.plan, language)}" if one.plan else "Without a plan"
    return LineView(f"/admin/patient?id={one.patient_id}", one.name, plan, state, kind, note(one, zone, language))


def standing(one: Line) -> tuple[str, str]:
    """How a membership stands, and in which colour."""
    if one.ended_at is not None:
        return "Ended", "nothing"
    if one.state == "active" and one.is_ending:
        return "Ending", "warn"
    return {
        "joining": ("Joining", "going"),
        "active": ("Active", "done"),
        "overdue": ("Overdue", "warn"),
        "paused": ("Paused", "going"),
    }.get(one.state, (one.state.capitalize(), "nothing"))


def note(one: Line, zone: str, language: str) -> str:
    """What comes next, or why it is over."""

    def day(at: datetime | None) -> str:
        return wording.day(at, zone, language, length="medium") if at else "?"

    if one.ended_at is not None:
        why = WHY.get(one.end_reason or "", "")
        return f"{day(one.ended_at)}{', ' + why if why else ''}"
    if one.state == "overdue":
        return f"benefits go on until {day(one.grace_until_at)}" if one.grace_until_at else "not paid"
    if one.state == "paused":
        return f"until {day(one.resumes_at)}" if one.resumes_at else "until somebody resumes it"
    if one.state == "joining":
        return "not paid yet"
    if one.is_ending:
        return f"on {day(one.period_until_at)}"
    return f"renews {day(one.period_until_at)}" if one.period_until_at else f"since {day(one.started_at)}"


def sales(found: Sales, language: str) -> SalesView:
    """Figures in words."""
    return SalesView(
        members=str(found.members),
        in_30_days=money(found.in_30_days, language),
        in_12_months=money(found.in_12_months, language),
        overdue=money(found.overdue, language) if found.overdue else "",
        charts=[chart(currency, told, language) for currency, told in found.by_month.items()],
        months=[month(one, language) for one in since_the_first(found.months)],
    )


def since_the_first(months: Sequence[Month]) -> Sequence[Month]:
    """Months, the newest first, without those before there was any member; always the newest."""
    told = [n for n, one in enumerate(months) if one.at_start or one.joined or one.ended]
    return months[: max([0, *told]) + 1]


def money(by_currency: Mapping[str, int], language: str) -> str:
    """Amounts of several currencies, which are never added up."""
    return " + ".join(words.amount(minor, one, language) for one, minor in sorted(by_currency.items())) or "None"


def chart(currency: str, told: Sequence[tuple[date, int]], language: str) -> ChartView:
    """The months as bars."""
    most = max((minor for _, minor in told), default=0) or 1
    bars = [
        BarView(
            wording.month(on, language),
            wording.month(on, language)[:3],
            words.amount(minor, currency, language),
            f"{minor * 100 // most}%",
        )
        for on, minor in told
    ]
    return ChartView(currency, bars)


def month(one: Month, language: str) -> MonthView:
    """A month of coming and going."""
    rate = "–" if one.rate is None else f"{one.rate:.1%}"
    return MonthView(wording.month(one.first, language), str(one.at_start), str(one.joined), str(one.ended), rate)

"""What memberships will bring in, as they stand now, and how many come and go. Pure.

Revenue to come is what would be charged if nobody joined, left or changed anything any more. A membership that is
overdue counts for nothing until it is paid.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.memberships.plan_types import YEAR


@dataclass(frozen=True, slots=True)
class Terms:
    """What is charged, how often."""

    period: str
    fee_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Live:
    """A membership that goes on: when its period ends, and what follows.

    `rests_until_at`: nothing is charged before; `is_resting` without it: until somebody resumes it.
    """

    terms: Terms
    next_terms: Terms | None
    period_from_at: datetime
    period_until_at: datetime
    is_ending: bool = False
    is_overdue: bool = False
    is_resting: bool = False
    rests_until_at: datetime | None = None
    anchor: int | None = None  # the day of the month it is charged on, where the month has it


def charges(one: Live, until: datetime) -> Iterator[tuple[datetime, Terms]]:
    """When what would be charged, from the end of the period on, before `until`."""
    if one.is_ending or one.is_overdue or (one.is_resting and one.rests_until_at is None):
        return
    terms = one.next_terms or one.terms
    anchor = one.anchor or max(one.period_from_at.day, one.period_until_at.day)
    step = 12 if terms.period == YEAR else 1
    at, n = one.period_until_at, 0
    while at < until:
        if one.rests_until_at is None or at >= one.rests_until_at:
            yield at, terms
        n += step
        at = later(one.period_until_at, n, anchor)


def later(at: datetime, months: int, anchor: int) -> datetime:
    """The same day some months later, or the month's last where it has no such day."""
    whole = at.year * 12 + at.month - 1 + months
    year, month = divmod(whole, 12)
    return at.replace(year=year, month=month + 1, day=min(anchor, monthrange(year, month + 1)[1]))


def to_come(lives: Iterable[Live], now: datetime, until: datetime) -> dict[str, int]:
    """What would be charged from now until then, by currency. What was due already counts as due now."""
    found: dict[str, int] = defaultdict(int)
    for one in lives:
        for _, terms in charges(one, until):
            found[terms.currency] += terms.fee_minor
    return dict(found)


def by_month(lives: Iterable[Live], now: datetime, zone: str, *, months: int = 12) -> dict[str, list[tuple[date, int]]]:
    """What would be charged in this month and those that follow, by currency; months by the clinic's calendar."""
    firsts = list(_months(now.astimezone(ZoneInfo(zone)).date(), 0, months))
    end = datetime.combine(_next_month(firsts[-1]), datetime.min.time(), ZoneInfo(zone))
    found: dict[str, dict[date, int]] = defaultdict(lambda: dict.fromkeys(firsts, 0))
    for one in lives:
        for at, terms in charges(one, end):
            month = max(at, now).astimezone(ZoneInfo(zone)).date().replace(day=1)
            found[terms.currency][month] += terms.fee_minor
    return {currency: sorted(told.items()) for currency, told in found.items()}


@dataclass(frozen=True, slots=True)
class Month:
    """How many came and went in a month. `lost`: of those who were members when it began."""

    first: date
    at_start: int
    joined: int
    ended: int
    lost: int

    @property
    def at_end(self) -> int:
        """Members when it was over, or are now."""
        return self.at_start + self.joined - self.ended

    @property
    def rate(self) -> float | None:
        """The share of those at its start who left in it; None where there was nobody."""
        return self.lost / self.at_start if self.at_start else None


def churn(
    spans: Sequence[tuple[datetime, datetime | None]], now: datetime, zone: str, *, months: int = 12
) -> list[Month]:
    """Months up to this one, the newest first, from when each membership began and ended."""
    this = now.astimezone(ZoneInfo(zone)).date().replace(day=1)
    firsts = list(_months(this, 1 - months, months))
    bounds = [datetime.combine(one, datetime.min.time(), ZoneInfo(zone)) for one in (*firsts, _next_month(this))]
    found = []
    for n, first in enumerate(firsts):
        start, end = bounds[n], bounds[n + 1]
        at_start = sum(began < start and (ended is None or ended >= start) for began, ended in spans)
        joined = sum(start <= began < end for began, _ in spans)
        left = [(began, ended) for began, ended in spans if ended is not None and start <= ended < end]
        lost = sum(began < start for began, _ in left)
        found.append(Month(first, at_start, joined, len(left), lost))
    return found[::-1]


def _months(on: date, first: int, count: int) -> Iterator[date]:
    for n in range(first, first + count):
        year, month = divmod(on.year * 12 + on.month - 1 + n, 12)
        yield date(year, month + 1, 1)


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)

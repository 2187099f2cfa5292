"""Periods of a report: which days, which days before they are compared with, how they are cut. Values alone."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clinic_portal.core.errors import Invalid
from clinic_portal.core.stretches import Stretch
from clinic_portal.scheduling.availability import instant, wall_to_minute

LONGEST_YEARS = 10
BEFORE = -1
"""The number of the one stretch that is the period before."""
_DAY = timedelta(days=1)


class Preset(StrEnum):
    """Periods that are asked for by name; all but the last month end today."""

    THIS_WEEK = "this_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    LAST_90_DAYS = "last_90_days"
    THIS_YEAR = "this_year"


class Step(StrEnum):
    """What a period is cut into."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the first and the last among them, and the days before that they are compared with."""

    first_on: date
    last_on: date
    before_first_on: date
    before_last_on: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_on - self.first_on).days + 1

    @property
    def step(self) -> Step:
        """What it is cut into: so that there are at most 61 pieces (five years that begin within a month)."""
        if self.days <= 31:
            return Step.DAY
        if self.days <= 26 * 7:
            return Step.WEEK
        return Step.MONTH if self.days <= 5 * 366 else Step.YEAR


def preset(wanted: Preset, today: date, *, first_weekday: int = 0) -> Period:
    """A period by its name, as of a day. `first_weekday` is the day a week begins on, Monday being 0.

    What is not over is compared with as many days of the week, month or year before: like with like.
    """
    match wanted:
        case Preset.THIS_WEEK:
            first = week_of(today, first_weekday)
            return Period(first, today, first - 7 * _DAY, today - 7 * _DAY)
        case Preset.THIS_MONTH:
            first = today.replace(day=1)
            earlier = _months_before(first, 1)
            return Period(first, today, earlier, min(_last_of_month(earlier), earlier + (today - first)))
        case Preset.LAST_MONTH:
            first = _months_before(today.replace(day=1), 1)
            earlier = _months_before(first, 1)
            return Period(first, _last_of_month(first), earlier, _last_of_month(earlier))
        case Preset.LAST_90_DAYS:
            return between(today - 89 * _DAY, today)
        case Preset.THIS_YEAR:
            first = today.replace(month=1, day=1)
            day = min(today.day, monthrange(today.year - 1, today.month)[1])
            return Period(first, today, first.replace(year=first.year - 1), date(today.year - 1, today.month, day))


def between(first_on: date, last_on: date) -> Period:
    """The days from one to another, compared with as many right before them.

    Raises Invalid where they are the wrong way round, or more than ten years.
    """
    if last_on < first_on:
        raise Invalid("until", "report_backwards")
    if last_on.year - first_on.year > LONGEST_YEARS or _years_later(first_on) <= last_on:
        raise Invalid("until", "report_long", years=LONGEST_YEARS)
    days = last_on - first_on + _DAY
    return Period(first_on, last_on, first_on - days, first_on - _DAY)


def cuts(period: Period, *, first_weekday: int = 0) -> list[tuple[date, date]]:
    """The period in pieces, by the calendar: the first and the last may be shorter."""
    found, first = [], period.first_on
    while first <= period.last_on:
        last = min(_end(first, period.step, first_weekday), period.last_on)
        found.append((first, last))
        first = last + _DAY
    return found


def stretches(
    pieces: Sequence[tuple[date, date]], zones: Mapping[int, str], *, first_number: int = 0
) -> tuple[Stretch, ...]:
    """Pieces of the calendar as instants, for each place by its own zone: local midnight to local midnight."""
    found = []
    for place, name in zones.items():
        zone = ZoneInfo(name)
        for number, (first, last) in enumerate(pieces, first_number):
            edges = (instant(wall_to_minute(on, 0, zone)) for on in (first, last + _DAY))
            found.append(Stretch(place, number, *edges))
    return tuple(found)


def week_of(on: date, first_weekday: int) -> date:
    """The day on which the week of a day begins."""
    return on - (on.weekday() - first_weekday) % 7 * _DAY


def _end(first: date, step: Step, first_weekday: int) -> date:
    match step:
        case Step.DAY:
            return first
        case Step.WEEK:
            return week_of(first, first_weekday) + 6 * _DAY
        case Step.MONTH:
            return _last_of_month(first)
        case Step.YEAR:
            return first.replace(month=12, day=31)


def _months_before(first: date, months: int) -> date:
    months_since = first.year * 12 + first.month - 1 - months
    return date(months_since // 12, months_since % 12 + 1, 1)


def _last_of_month(on: date) -> date:
    return on.replace(day=monthrange(on.year, on.month)[1])


def _years_later(on: date) -> date:
    year = on.year + LONGEST_YEARS
    return on.replace(year=year, day=min(on.day, monthrange(year, on.month)[1]))

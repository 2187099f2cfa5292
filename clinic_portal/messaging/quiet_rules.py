"""Quiet hours and lead times, from values: when a reminder is due by the clock on the patient's own wall (P14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

AHEAD = timedelta(hours=1)
"""A reminder that waits for the end of the quiet hours is of use at least so long before the visit."""
SLACK = timedelta(hours=26)
"""A reminder is never due earlier than its lead time by more than this."""
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Minutes of the wall clock's day between which nothing goes out; they may span midnight. The same twice: none."""

    from_minutes: int
    until_minutes: int


def is_quiet(at: datetime, zone: str, quiet: Quiet) -> bool:
    """Whether the wall clock of a zone stands within the quiet hours at an instant."""
    wall = at.astimezone(ZoneInfo(zone))
    minute = wall.hour * 60 + wall.minute
    first, last = quiet.from_minutes, quiet.until_minutes
    return first <= minute < last if first <= last else minute >= first or minute < last


def outside_quiet(at: datetime, zone: str, quiet: Quiet) -> datetime:
    """The instant itself, or when the quiet hours it lies in end."""
    if not is_quiet(at, zone, quiet):
        return at
    today = at.astimezone(ZoneInfo(zone)).date()
    ends = sorted(end for days in range(3) for end in _shown(today + days * _DAY, quiet.until_minutes, zone))
    return next(end for end in ends if end > at and not is_quiet(end, zone, quiet))


def reminder_due(start_at: datetime, lead: timedelta, zone: str, quiet: Quiet) -> datetime:
    """When a visit is reminded of. In quiet hours: when they end, if an hour is left then; else just before them."""
    at = start_at - lead
    ends = outside_quiet(at, zone, quiet)
    if ends == at or ends <= start_at - AHEAD:
        return ends
    today = at.astimezone(ZoneInfo(zone)).date()
    begins = [begin for days in range(3) for begin in _shown(today - days * _DAY, quiet.from_minutes, zone)]
    return max(begin for begin in begins if begin <= at) - _MINUTE


def _shown(on: date, minute: int, zone: str) -> Iterator[datetime]:
    """The instants at which the wall clock shows a time of day: two where it is turned back; one that it skips
    is when it was turned on."""
    wall = datetime(on.year, on.month, on.day, minute // 60, minute % 60, tzinfo=ZoneInfo(zone))
    first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    yield _turned(second, first, zone) if second < first else first
    if second > first:
        yield second


def _turned(before: datetime, after: datetime, zone: str) -> datetime:
    """The minute between two instants at which the wall clock is turned."""
    known = before.astimezone(ZoneInfo(zone)).utcoffset()
    while after - before > _MINUTE:
        middle = before + (after - before) // 2 // _MINUTE * _MINUTE
        if middle.astimezone(ZoneInfo(zone)).utcoffset() == known:
            before = middle
        else:
            after = middle
    return after

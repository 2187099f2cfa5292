"""Where the time of a day lies on Today and in the calendar: on the wall clock, in pixels, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic_portal.core import wording
from clinic_portal.scheduling.intervals import subtract

HOUR_PIXELS = 84
LINE_PIXELS, TWO_LINES_PIXELS = 30, 48
DAY = 1440
SHORTEST = 15
"""Minutes a visit is drawn with at least; also where it ends, by the wall clock, before it began."""
Span = tuple[int, int]
"""Minutes after midnight of a day, on the wall clock: from, until."""


def wall(at: datetime, zone: ZoneInfo, on: date) -> int:
    """Minutes after midnight of `on`, on the wall clock."""
    local = at.astimezone(zone)
    return (local.date() - on).days * DAY + local.hour * 60 + local.minute


def span(start_at: datetime, end_at: datetime, zone: ZoneInfo, on: date) -> Span:
    """Where a visit lies on the wall clock. In the night the clock goes back its end may lie before its start."""
    start = wall(start_at, zone, on)
    return start, max(wall(end_at, zone, on), start + SHORTEST)


def cut(start_at: datetime, end_at: datetime, zone: ZoneInfo, on: date, within: Span = (0, DAY)) -> Span | None:
    """As much of a stretch as lies on the page, or on the day; None for nothing of it."""
    start, end = (min(max(wall(at, zone, on), within[0]), within[1]) for at in (start_at, end_at))
    return (start, end) if start < end else None


def worked(off: Iterable[Span]) -> list[Span]:
    """What hours off and holidays leave of a day."""
    return subtract((0, DAY), off)


def hours(spans: Sequence[Span], *, spare: int = 0) -> Span:
    """From the first whole hour of what lies on a day to its last, with so many minutes to spare; nine to five else."""
    first = min((start for start, _ in spans), default=540) // 60 * 60 - spare
    last = -(-max((end for _, end in spans), default=1020) // 60) * 60 + spare
    return first, last


def pixels(minutes: int) -> int:
    """How tall so many minutes are."""
    return minutes * HOUR_PIXELS // 60


def room(minutes: int) -> str:
    """How much fits into a block of so many minutes: one line, two, or more (empty)."""
    height = pixels(minutes)
    return "one-line" if height < LINE_PIXELS else "two-lines" if height < TWO_LINES_PIXELS else ""


def clock(minute: int, time_zone: str, language: str) -> str:
    """A time of the day in words; any day will do, and 12 January has all its hours everywhere."""
    at = datetime(2026, 1, 12, minute // 60 % 24, minute % 60, tzinfo=ZoneInfo(time_zone))
    return wording.time(at, time_zone, language)


def lanes(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span, in order of start, its lane and how many lanes lie side by side where it lies.

    A provider has two visits at once where one of them is taking effect.
    """
    placed: list[tuple[int, int]] = []
    ends: list[int] = []
    cluster: list[int] = []
    for number, (start, end) in enumerate(spans):
        if not any(other > start for other in ends):
            placed = _widen(placed, cluster, len(ends))
            ends, cluster = [], []
        lane = next((lane for lane, other in enumerate(ends) if other <= start), len(ends))
        ends[lane : lane + 1] = [end]
        placed.append((lane, 1))
        cluster.append(number)
    return _widen(placed, cluster, len(ends))


def _widen(placed: list[tuple[int, int]], cluster: list[int], count: int) -> list[tuple[int, int]]:
    return [(lane, count if number in cluster else of) for number, (lane, of) in enumerate(placed)]

"""How long the arithmetic of availability takes, from values: 10 providers, 30 days, 20 bookings a day.

`python -m tests.bench.bench_arithmetic`. The same data goes through a naive listing on datetimes, asking
every slot of every booking; the ratio says more than the milliseconds do.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic_portal.scheduling.availability import (
    BookingRules,
    PoolUnits,
    ProviderDay,
    ServiceShape,
    VisitShape,
    WallShift,
    free_starts,
    has_free_start,
    instant,
    place_shift,
    visit_shape,
    wall_to_minute,
)

ZONE = ZoneInfo("America/Chicago")
FIRST = date(2026, 3, 1)  # the month in which the clock changes
DAYS, PROVIDERS, BOOKINGS, UNITS = 30, 10, 20, 3
RULES = BookingRules(5, wall_to_minute(FIRST, 0, ZONE), FIRST, FIRST + timedelta(days=DAYS))
PLAIN = visit_shape([ServiceShape(20, buffer_after_minutes=5)])
WITH_ROOM = visit_shape([ServiceShape(20, buffer_after_minutes=5, pool_ids=(1,))])


def bookings(dice: random.Random, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Twenty stretches of 25 minutes that do not overlap, the slack between them shared out at random."""
    cuts = sorted(dice.choices(range(0, end - start - BOOKINGS * 25 + 1, 5), k=BOOKINGS))
    return ((start + cut + n * 25, start + cut + n * 25 + 25) for n, cut in enumerate(cuts))


def provider_days() -> list[ProviderDay]:
    """08:00-20:00 with a break at 13:00 and 20 bookings of 20 minutes and 5 of buffer, strewn about."""
    dice = random.Random(1)
    found = []
    for on in (FIRST + timedelta(days=n) for n in range(DAYS)):
        shift = place_shift(on, WallShift(480, 1200, ((780, 810),)), ZONE)
        for provider_id in range(1, PROVIDERS + 1):
            busy = tuple(bookings(dice, shift.start, shift.end))
            found.append(ProviderDay(provider_id, on, (shift,), busy))
    return found


def pools_by_day(days: list[ProviderDay]) -> dict[date, PoolUnits]:
    """Three rooms a day, each as full as a provider's day."""
    by_day: dict[date, dict[int, tuple[tuple[int, int], ...]]] = {}
    for day in days:
        units = by_day.setdefault(day.on, {})
        if len(units) < UNITS:
            units[len(units) + 1] = day.busy
    return {on: {1: units} for on, units in by_day.items()}


def naive_listing(days: list[ProviderDay], shape: VisitShape) -> Callable[[], int]:
    """The obvious way: datetimes, every slot against every booking. Answers how many starts are free."""
    ((pad_start, pad_end),) = shape.provider_spans
    before, after = timedelta(minutes=pad_start), timedelta(minutes=pad_end)
    length, step = timedelta(minutes=shape.duration_minutes), timedelta(minutes=RULES.interval_minutes)

    def spans(pairs: tuple[tuple[int, int], ...]) -> list[tuple[datetime, datetime]]:
        return [(instant(start), instant(end)) for start, end in pairs]

    work = [(instant(s.start), instant(s.end), spans(s.breaks), spans(day.busy)) for day in days for s in day.shifts]

    def listing() -> int:
        free = 0
        for opens, closes, breaks, busy in work:
            at = opens
            while at + length <= closes:
                in_break = any(start < at + length and at < end for start, end in breaks)
                taken = any(start < at + after and at + before < end for start, end in busy)
                free += not in_break and not taken
                at += step
        return free

    return listing


def timed(work: Callable[[], int], rounds: int) -> dict[str, float | int]:
    """Best and median milliseconds of so many rounds, and what the work answered."""
    answer = work()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return {
        "best_ms": round(min(taken), 3),
        "median_ms": round(statistics.median(taken), 3),
        "answer": answer,
    }


def run(rounds: int = 50) -> dict[str, Any]:
    """Figures for 300 provider-days of 20 bookings each; the clock is monotonic, the data always the same."""
    days = provider_days()
    rooms = pools_by_day(days)
    listed = timed(lambda: sum(len(free_starts(PLAIN, day, {}, RULES)) for day in days), rounds)
    naive = timed(naive_listing(days, PLAIN), max(rounds // 10, 3))
    if listed["answer"] != naive["answer"]:
        raise AssertionError("the two listings differ: the figures mean nothing")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "provider_days": len(days),
        "bookings_a_day": BOOKINGS,
        "free_starts": listed,
        "free_starts_with_one_of_three_rooms": timed(
            lambda: sum(len(free_starts(WITH_ROOM, day, rooms[day.on], RULES)) for day in days), rounds
        ),
        "has_free_start": timed(lambda: sum(has_free_start(PLAIN, day, {}, RULES) for day in days), rounds),
        "naive_datetimes": naive,
        "naive_over_ours": round(naive["best_ms"] / listed["best_ms"], 1),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))

"""Which starts are free, and why another is not: "Availability, exactly" of the architecture, as arithmetic.

Pure functions of values: no clock, no database. An instant is an `int`, whole minutes since 1970-01-01T00:00Z
("epoch minutes"); a stretch of time is a half-open pair of them. Wall time becomes instants only here.

There is one decision (B1). `_prohibitions` says which starts each rule forbids. `free_starts` lists the
points of the grid that no rule forbids; `refusal` names the first rule that forbids a given start (B2).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from itertools import chain
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from clinic_portal.scheduling.intervals import (
    Interval,
    covers,
    intersect,
    merge,
    points_outside,
    starts_meeting,
    subtract,
)

__all__ = [
    "BookingRules",
    "Interval",
    "PoolUnits",
    "ProviderDay",
    "Refusal",
    "ServiceShape",
    "Shift",
    "VisitShape",
    "WallShift",
    "assign_provider",
    "ceil_minute",
    "choose_units",
    "epoch_minute",
    "free_starts",
    "has_free_start",
    "instant",
    "local_date",
    "merged_starts",
    "missing_pool",
    "part_of_day",
    "place_shift",
    "refusal",
    "visit_shape",
    "wall_to_minute",
    "within",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_FOREVER = 1 << 62
_ALWAYS: Interval = (-_FOREVER, _FOREVER)

PoolUnits: TypeAlias = Mapping[int, Mapping[int, Sequence[Interval]]]
"""Pool id → unit id → the unit's blocking time in epoch minutes, padded by its own clean-up (P9).

A unit without bookings has an empty sequence. With a pool that is missing or has no units nothing is offered.
"""


# Instants and wall time


def epoch_minute(at: datetime) -> int:
    """An aware instant as epoch minutes; seconds are cut off. `ValueError` for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (at - _EPOCH) // _MINUTE


def ceil_minute(at: datetime) -> int:
    """The first whole minute at or after an aware instant: what `now` is for notice (P2)."""
    minute = epoch_minute(at)
    return minute if instant(minute) == at else minute + 1


def instant(minute: int) -> datetime:
    """An epoch minute as an aware UTC datetime."""
    return _EPOCH + minute * _MINUTE


def wall_to_minute(on: date, minute_of_day: int, zone: ZoneInfo) -> int:
    """The epoch minute at which the wall clock of `zone` shows that many minutes after midnight of the date.

    A skipped wall time moves forward by the gap; an ambiguous one is the earlier instant. 1440 is the next
    local midnight; more runs on into the next day.
    """
    midnight = datetime.combine(on, time(), zone)
    return epoch_minute(midnight + minute_of_day * _MINUTE)  # adding moves the wall clock and leaves fold at 0


def local_date(minute: int, zone: ZoneInfo) -> date:
    """The date on the wall calendar of `zone` at an epoch minute."""
    return instant(minute).astimezone(zone).date()


def part_of_day(minute: int, zone: ZoneInfo) -> Literal["morning", "afternoon", "evening"]:
    """Morning is before 12:00 on the wall clock of `zone`, afternoon before 17:00, evening the rest."""
    hour = instant(minute).astimezone(zone).hour
    return "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"


# Working hours


@dataclass(frozen=True, slots=True)
class WallShift:
    """Hours as the clinic writes them: minutes after local midnight; 1440 is the day's end."""

    start_minute: int
    end_minute: int
    breaks: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours of one date as epoch minutes; inside them time is elapsed time."""

    start: int
    end: int
    breaks: tuple[Interval, ...] = ()


def place_shift(on: date, shift: WallShift, zone: ZoneInfo) -> Shift:
    """Hours as they fall on a date in a zone (P3).

    Hours or a break that the clock skips altogether are empty, never negative.
    """

    def place(start_minute: int, end_minute: int) -> Interval:
        start = wall_to_minute(on, start_minute, zone)
        return start, max(start, wall_to_minute(on, end_minute, zone))

    return Shift(*place(shift.start_minute, shift.end_minute), tuple(place(*pause) for pause in shift.breaks))


# What a visit occupies


@dataclass(frozen=True, slots=True)
class ServiceShape:
    """One service as booked, in minutes: what it needs of the provider, rooms and devices (P3, P9).

    From `processing_offset_minutes` on, for `processing_minutes`, the provider is free; the room and the
    devices are not. One unit of each pool in `pool_ids` is needed.
    """

    duration_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    processing_offset_minutes: int = 0
    processing_minutes: int = 0
    pool_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitShape:
    """What a visit occupies, in minutes relative to its start.

    `provider_spans` ascend and do not touch: from the buffer before the first service to the buffer after the
    last, split by processing time. `pool_spans` are (pool id, start, end), clean-up on both sides, one for
    each pool: from the first to the last service that needs it.
    """

    duration_minutes: int
    provider_spans: tuple[Interval, ...]
    pool_spans: tuple[tuple[int, int, int], ...]

    @property
    def padded(self) -> Interval:
        """The visit with its buffers, in one piece."""
        edges = [0, self.duration_minutes, *chain.from_iterable(self.provider_spans)]
        return min(edges), max(edges)


def visit_shape(services: Sequence[ServiceShape]) -> VisitShape:
    """One visit of several services: a contiguous sum in the order given (S69).

    The provider and the patient stay the same, so of the provider's buffers only the one before the first
    service and the one after the last remain. A pool keeps the buffer before the first service that needs it
    and the one after the last. `ValueError` without services, or for lengths that make no sense.
    """
    if not services:
        raise ValueError("a visit needs a service")
    start = 0
    gaps: list[Interval] = []
    pools: dict[int, Interval] = {}
    for service in services:
        _check(service)
        end = start + service.duration_minutes
        gap_start = start + service.processing_offset_minutes
        gaps.append((gap_start, gap_start + service.processing_minutes))
        for pool_id in service.pool_ids:
            first = pools[pool_id][0] if pool_id in pools else start - service.buffer_before_minutes
            pools[pool_id] = (first, end + service.buffer_after_minutes)
        start = end
    whole = (-services[0].buffer_before_minutes, start + services[-1].buffer_after_minutes)
    return VisitShape(
        duration_minutes=start,
        provider_spans=tuple(subtract(whole, gaps)),
        pool_spans=tuple((pool_id, *span) for pool_id, span in sorted(pools.items())),
    )


def _check(service: ServiceShape) -> None:
    offset, processing = service.processing_offset_minutes, service.processing_minutes
    if service.duration_minutes <= 0:
        raise ValueError("a service takes time")
    if min(service.buffer_before_minutes, service.buffer_after_minutes, offset, processing) < 0:
        raise ValueError("a length is not negative")
    if offset + processing > service.duration_minutes:
        raise ValueError("processing time lies inside its service")


# The decision


@dataclass(frozen=True, slots=True)
class BookingRules:
    """The clinic's rules for starts (P1, P2).

    `interval_minutes` is the grid's step, from the shift's start or, where it is told, from the epoch minute `anchor`.
    `earliest` (epoch minute, inclusive) is `ceil_minute(now)` plus the notice. `first_on` and `last_on`, both
    inclusive, are the clinic's local dates. With `buffers_must_fit` the padded visit, not only the visit, lies inside
    the hours and outside breaks.
    """

    interval_minutes: int
    earliest: int
    first_on: date
    last_on: date
    buffers_must_fit: bool = False
    anchor: int | None = None


@dataclass(frozen=True, slots=True)
class ProviderDay:
    """One provider on one local date of the clinic.

    A shift that runs over midnight belongs to the date it started on. `busy` is the time that blocks the
    provider, padded by its own buffers (epoch minutes, may overlap), `away` their time off. `booked_minutes` and
    `booked_count` (visits) are of this date. `last_booked` is when the provider was last given a visit (any
    number that grows with time), None for never. `is_closed`: the date is a holiday there.
    """

    provider_id: int
    on: date
    shifts: tuple[Shift, ...]
    busy: tuple[Interval, ...]
    booked_minutes: int = 0
    booked_count: int = 0
    daily_limit: int | None = None
    last_booked: int | None = None
    away: tuple[Interval, ...] = ()
    is_closed: bool = False


class Refusal(StrEnum):
    """Why a start is not offered (B2); when several reasons hold, the first of this order is named."""

    TOO_SOON = "too_soon"
    OUTSIDE_WINDOW = "outside_window"
    HOLIDAY = "holiday"
    OUTSIDE_HOURS = "outside_hours"
    OFF_GRID = "off_grid"
    BREAK = "break"
    TIME_OFF = "time_off"
    BUSY = "busy"
    NO_ROOM_OR_DEVICE = "no_room_or_device"
    DAY_FULL = "day_full"


_RANK = {reason: rank for rank, reason in enumerate(Refusal)}


def free_starts(shape: VisitShape, day: ProviderDay, pools: PoolUnits, rules: BookingRules) -> list[int]:
    """The starts (epoch minutes, ascending) at which the provider can take the visit on this day (S73)."""
    starts = list(chain.from_iterable(_free(shape, day, pools, rules)))
    return starts if len(day.shifts) < 2 else sorted(set(starts))


def has_free_start(shape: VisitShape, day: ProviderDay, pools: PoolUnits, rules: BookingRules) -> bool:
    """Whether `free_starts` lists any; stops at the first."""
    return next(_free(shape, day, pools, rules), None) is not None


def refusal(shape: VisitShape, start: int, day: ProviderDay, pools: PoolUnits, rules: BookingRules) -> Refusal | None:
    """Why the provider cannot take the visit at `start`; None exactly when `free_starts` lists it (B1, B2).

    With several shifts, the answer of the one that came nearest to taking it.
    """
    shifts = day.shifts or (Shift(0, 0),)  # without hours, every start is outside them
    answers = [_refusal(shape, start, shift, day, pools, rules) for shift in shifts]
    return None if None in answers else max(filter(None, answers), key=_RANK.__getitem__)


def _free(shape: VisitShape, day: ProviderDay, pools: PoolUnits, rules: BookingRules) -> Iterator[range]:
    for shift in day.shifts:
        forbidden = [starts for _, stretches in _prohibitions(shape, shift, day, pools, rules) for starts in stretches]
        forbidden.sort()
        yield from points_outside(_grid(shift, rules), forbidden)


def _refusal(
    shape: VisitShape, start: int, shift: Shift, day: ProviderDay, pools: PoolUnits, rules: BookingRules
) -> Refusal | None:
    found = [reason for reason, starts in _prohibitions(shape, shift, day, pools, rules) if covers(starts, start)]
    if start not in _grid(shift, rules):
        found.append(Refusal.OFF_GRID)
    return min(found, key=_RANK.__getitem__, default=None)


def _grid(shift: Shift, rules: BookingRules) -> range:
    """Starts lie a fixed step apart from the shift's start, in elapsed minutes; nothing moves them (P1)."""
    step = rules.interval_minutes
    first = shift.start if rules.anchor is None else shift.start + (rules.anchor - shift.start) % step
    return range(first, shift.end, step)


def _prohibitions(
    shape: VisitShape, shift: Shift, day: ProviderDay, pools: PoolUnits, rules: BookingRules
) -> Iterator[tuple[Refusal, Sequence[Interval]]]:
    """Each rule with the starts it forbids, complete for the starts on the shift's grid."""
    first, last = shape.padded if rules.buffers_must_fit else (0, shape.duration_minutes)
    near = shift.start, shift.end
    yield Refusal.TOO_SOON, [(-_FOREVER, rules.earliest)]
    yield Refusal.OUTSIDE_HOURS, [(-_FOREVER, shift.start - first), (shift.end - last + 1, _FOREVER)]
    if not rules.first_on <= day.on <= rules.last_on:
        yield Refusal.OUTSIDE_WINDOW, [_ALWAYS]
    if day.is_closed:
        yield Refusal.HOLIDAY, [_ALWAYS]
    if shift.breaks:
        yield Refusal.BREAK, starts_meeting(shift.breaks, (first, last), near)
    for span in shape.provider_spans:
        yield Refusal.BUSY, starts_meeting(day.busy, span, near)
        if day.away:
            yield Refusal.TIME_OFF, starts_meeting(day.away, span, near)
    for pool_id, start, end in shape.pool_spans:
        yield Refusal.NO_ROOM_OR_DEVICE, _starts_without_unit(pools.get(pool_id, {}), (start, end), near)
    if day.daily_limit is not None and day.booked_count >= day.daily_limit:
        yield Refusal.DAY_FULL, [_ALWAYS]


def _starts_without_unit(units: Mapping[int, Sequence[Interval]], span: Interval, near: Interval) -> list[Interval]:
    """The starts for which every unit of the pool is taken: any free one would do (P9)."""
    taken = [starts_meeting(blocking, span, near) for blocking in units.values()]
    if not taken:
        return [_ALWAYS]
    return reduce(intersect, map(merge, taken)) if all(taken) else []


# Who and what serves


def assign_provider(
    start: int, shape: VisitShape, days: Sequence[ProviderDay], pools: PoolUnits, rules: BookingRules
) -> int | None:
    """The provider who takes a visit asked of "first available" (S71); None when nobody can.

    Of those free for the whole padded visit: fewest minutes booked that day, then least recently booked
    (never is first), then the lowest id.
    """
    able = (day for day in days if refusal(shape, start, day, pools, rules) is None)
    chosen = min(able, key=_turn, default=None)
    return None if chosen is None else chosen.provider_id


def _turn(day: ProviderDay) -> tuple[int, bool, int, int]:
    return day.booked_minutes, day.last_booked is not None, day.last_booked or 0, day.provider_id


def choose_units(
    shape: VisitShape, start: int, pools: PoolUnits, preferred: Collection[int] = ()
) -> dict[int, int] | None:
    """Pool id → a preferred free unit, else the lowest id of one, for each pool the visit needs; None if any has none
    (P9)."""
    found = _free_units(shape, start, pools, preferred)
    chosen = {pool_id: unit_id for pool_id, unit_id in found.items() if unit_id is not None}
    return chosen if len(chosen) == len(found) else None


def missing_pool(shape: VisitShape, start: int, pools: PoolUnits) -> int | None:
    """The first pool without a free unit, if any: the fact that goes with `Refusal.NO_ROOM_OR_DEVICE`."""
    found = _free_units(shape, start, pools)
    return next((pool_id for pool_id, unit_id in found.items() if unit_id is None), None)


def _free_units(
    shape: VisitShape, start: int, pools: PoolUnits, preferred: Collection[int] = ()
) -> dict[int, int | None]:
    here = start, start + 1
    return {
        pool_id: min(
            (
                unit_id
                for unit_id, blocking in pools.get(pool_id, {}).items()
                if not starts_meeting(blocking, (first, last), here)
            ),
            key=lambda unit_id: (unit_id not in preferred, unit_id),
            default=None,
        )
        for pool_id, first, last in shape.pool_spans
    }


def within(pools: PoolUnits, first: int, last: int) -> PoolUnits:
    """The same pools with only the blocking time that reaches into `[first, last)`.

    Asking for many days, cut the pools once a day: every unit's every interval is looked at for each
    provider. Leave room on both sides for how far a visit with its clean-up reaches out of the day.
    """
    return {
        pool_id: {
            unit_id: [span for span in blocking if span[0] < last and first < span[1]]
            for unit_id, blocking in units.items()
        }
        for pool_id, units in pools.items()
    }


def merged_starts(per_provider: Mapping[int, Sequence[int]]) -> dict[int, tuple[int, ...]]:
    """Start → the providers free then, both ascending: what "first available" offers (S71)."""
    merged: dict[int, tuple[int, ...]] = {}
    for provider_id in sorted(per_provider):
        for start in per_provider[provider_id]:
            merged[start] = (*merged.get(start, ()), provider_id)
    return dict(sorted(merged.items()))

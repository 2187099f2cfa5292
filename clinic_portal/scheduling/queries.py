"""What is free: hours and occupied time from the database, the decision from `availability`."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.scheduling import availability, models
from clinic_portal.scheduling.availability import BookingRules, Interval, ProviderDay, Shift, VisitShape, WallShift
from clinic_portal.scheduling.types import FreeTime, Hours, Placement, Search

LONGEST_VISIT_MINUTES = 24 * 60
Busy = tuple[int, int, int]
"""Start, end, and the appointment's id."""
_OCCUPANCY = table(models.Occupancy)
_CHANGE = table(models.ScheduleChange)
_place = lru_cache(maxsize=4096)(availability.place_shift)


@dataclass(frozen=True)
class Calendar:
    """All that decides about a search over a range of dates: one bulk read, then arithmetic."""

    shape: VisitShape
    rules: BookingRules
    zone: ZoneInfo
    days: dict[date, tuple[ProviderDay, ...]]
    pools: dict[int, dict[int, list[Interval]]]
    prefers_unit_ids: frozenset[int] = frozenset()

    def free_times(self, on: date) -> list[FreeTime]:
        """The starts offered on a date, ascending, with the providers free for each (S73)."""
        per_provider = {
            day.provider_id: availability.free_starts(self.shape, day, self.pools_on(on), self.rules)
            for day in self.days.get(on, ())
        }
        return [FreeTime(*pair) for pair in availability.merged_starts(per_provider).items()]

    def free_days(self) -> list[date]:
        """The dates on which anything is offered, ascending."""
        return [
            on
            for on, days in sorted(self.days.items())
            if any(availability.has_free_start(self.shape, day, self.pools_on(on), self.rules) for day in days)
        ]

    def place(self, start: int, last_booked: Mapping[int, int | None]) -> Placement | None:
        """Who and what would serve a visit at `start`; None when it is not offered. The same predicate as listing.

        `last_booked` breaks ties between providers: the one with the lowest number, or none, comes first.
        """
        on = availability.local_date(start, self.zone)
        pools = self.pools_on(on)
        days = [replace(day, last_booked=last_booked.get(day.provider_id)) for day in self.days.get(on, ())]
        provider_id = availability.assign_provider(start, self.shape, days, pools, self.rules)
        units = availability.choose_units(self.shape, start, pools, self.prefers_unit_ids)
        if provider_id is None or units is None:
            return None
        return Placement(
            provider_id=provider_id,
            start=start,
            end=start + self.shape.duration_minutes,
            provider_spans=tuple((start + first, start + last) for first, last in self.shape.provider_spans),
            unit_spans=tuple(
                (units[pool_id], start + first, start + last) for pool_id, first, last in self.shape.pool_spans
            ),
        )

    def pools_on(self, on: date) -> availability.PoolUnits:
        """The rooms and devices of a date; cut to it, so that a month's bookings are not walked once a day."""
        if not self.shape.pool_spans:
            return {}
        first = availability.wall_to_minute(on, 0, self.zone) - LONGEST_VISIT_MINUTES
        return availability.within(self.pools, first, first + 3 * LONGEST_VISIT_MINUTES)


def hours(read: Reading, version: int) -> Hours:
    """Everyone's hours; read anew only when the clinic's version rose."""
    return read.kept("hours", version, lambda: _hours(read))


def calendar(
    read: Reading, search: Search, first_on: date, last_on: date, rules: BookingRules | None = None
) -> Calendar:
    """The calendar of a search from one date to another, inclusive, cut to the booking window (P2).

    With `rules` of their own, which are those of staff, dates outside of them, closed ones and days off are in it too:
    so that it can be said why nothing is offered.
    """
    clinic = catalogue(read)
    zone = location_zone(read, search.location_id)
    is_whole = rules is not None
    rules = rules or usual_rules(read, zone)
    dates = (
        _dates(first_on, last_on) if is_whole else _dates(max(first_on, rules.first_on), min(last_on, rules.last_on))
    )
    open_dates = [on for on in dates if is_whole or not is_holiday(clinic, search.location_id, on)]
    written = hours(read, clinic.version)
    pools: dict[int, dict[int, list[Interval]]] = defaultdict(dict)
    for unit in clinic.units:
        if unit.location_id == search.location_id:
            pools[unit.pool_id][unit.id] = []
    busy: dict[int, list[Busy]] = {provider_id: [] for provider_id in search.provider_ids}
    if open_dates:
        _occupied(read, search, zone, open_dates[0], open_dates[-1], busy, pools)
    shape = availability.visit_shape(search.services)
    reach = max(0, -shape.padded[0], shape.padded[1] - shape.duration_minutes)
    return Calendar(
        shape=shape,
        rules=rules,
        zone=zone,
        days={on: _provider_days(clinic, written, search, zone, on, busy, reach, is_whole) for on in open_dates},
        pools=dict(pools),
        prefers_unit_ids=search.prefers_unit_ids,
    )


def placement(read: Reading, search: Search, start: int) -> Placement | None:
    """Who and what would serve a visit at `start` (epoch minute); None when it is not offered (B1)."""
    on = availability.local_date(start, location_zone(read, search.location_id))
    turns = last_booked(read, search.provider_ids) if len(search.provider_ids) > 1 else {}
    return calendar(read, search, on, on).place(start, turns)


def location_zone(read: Reading, location_id: int) -> ZoneInfo:
    """The zone of a location, retired ones too: visits booked there stand. Raises NotAllowed."""
    location = catalogue(read).place(location_id)
    if location is None:
        raise NotAllowed()
    return ZoneInfo(location.time_zone)


def appointments_in_unit(read: Reading, unit_id: int) -> list[int]:
    """The appointments and holds that keep a room or device from now on, clean-up included."""
    mine = and_(
        _OCCUPANCY.c.subject_kind == models.UNIT,
        _OCCUPANCY.c.subject_id == unit_id,
        _OCCUPANCY.c.is_blocking,
        _OCCUPANCY.c.end_minute > availability.epoch_minute(read.now),
    )
    return sorted(set(read.execute(select(_OCCUPANCY.c.appointment_id).where(mine)).scalars()))


def latest_change(read: Reading) -> int:
    """The number of the newest change of the schedule; 0 when there is none."""
    return read.execute(select(func.max(_CHANGE.c.id))).scalar() or 0


def changes_since(read: Reading, change_id: int) -> list[tuple[int, int, int, int]]:
    """Changes after a number: (id, location id, first minute, last minute)."""
    columns = select(_CHANGE.c.id, _CHANGE.c.location_id, _CHANGE.c.start_minute, _CHANGE.c.end_minute)
    newer = columns.where(_CHANGE.c.id > change_id).order_by(_CHANGE.c.id)
    return [(row.id, row.location_id, row.start_minute, row.end_minute) for row in read.execute(newer)]


def is_holiday(clinic: Catalogue, location_id: int, on: date) -> bool:
    """Whether a place is closed on a date."""
    return bool({(None, on), (location_id, on)} & clinic.holidays)


def usual_rules(read: Reading, zone: ZoneInfo) -> BookingRules:
    """The clinic's rules for patients, now."""
    clinic, today = catalogue(read), read.now.astimezone(zone).date()
    return BookingRules(
        interval_minutes=clinic.clinic.start_interval_minutes,
        earliest=availability.ceil_minute(read.now) + clinic.clinic.minimum_notice_minutes,
        first_on=today,
        last_on=today + timedelta(days=clinic.clinic.booking_window_days),
        buffers_must_fit=clinic.clinic.buffers_must_fit,
    )


def _occupied(
    read: Reading,
    search: Search,
    zone: ZoneInfo,
    first_on: date,
    last_on: date,
    busy: dict[int, list[Busy]],
    pools: dict[int, dict[int, list[Interval]]],
) -> None:
    """Sort blocking time of the range into `busy` (by provider) and `pools` (by unit), ascending."""
    first = availability.wall_to_minute(first_on, 0, zone) - LONGEST_VISIT_MINUTES
    last = availability.wall_to_minute(last_on, 1440, zone) + LONGEST_VISIT_MINUTES
    blocking = and_(
        _OCCUPANCY.c.is_blocking,
        _OCCUPANCY.c.start_minute >= first - LONGEST_VISIT_MINUTES,
        _OCCUPANCY.c.start_minute < last,
        or_(_OCCUPANCY.c.hold_expires_at.is_(None), _OCCUPANCY.c.hold_expires_at > read.now),
    )
    if search.without_appointment_id is not None:
        blocking = and_(blocking, _OCCUPANCY.c.appointment_id != search.without_appointment_id)
    units = {unit_id: spans for by_unit in pools.values() for unit_id, spans in by_unit.items()}
    columns = select(
        _OCCUPANCY.c.subject_kind,
        _OCCUPANCY.c.subject_id,
        _OCCUPANCY.c.start_minute,
        _OCCUPANCY.c.end_minute,
        _OCCUPANCY.c.appointment_id,
    )
    for kind, subject, start, end, appointment_id in read.execute(
        columns.where(blocking).order_by(_OCCUPANCY.c.start_minute)
    ):
        if kind != models.PROVIDER:
            if (spans := units.get(subject)) is not None:
                spans.append((start, end))
        elif (whole := busy.get(subject)) is not None:
            whole.append((start, end, appointment_id))


def last_booked(read: Reading, provider_ids: Sequence[int]) -> dict[int, int]:
    """By provider, the number of their newest appointment: the higher, the more recently booked. One statement."""
    newest = [
        select(func.max(_OCCUPANCY.c.appointment_id))
        .where(and_(_OCCUPANCY.c.subject_kind == models.PROVIDER, _OCCUPANCY.c.subject_id == provider_id))
        .scalar_subquery()
        .label(f"p{provider_id}")
        for provider_id in provider_ids
    ]
    return dict(zip(provider_ids, read.execute(select(*newest)).one(), strict=True))


def _provider_days(
    clinic: Catalogue,
    written: Hours,
    search: Search,
    zone: ZoneInfo,
    on: date,
    busy: dict[int, list[Busy]],
    reach: int,
    is_whole: bool,
) -> tuple[ProviderDay, ...]:
    """Everyone's hours on a date with what occupies them; `reach` is how far a visit's buffers go beyond a shift.

    `is_whole`: those who do not work then are there too.
    """
    first = availability.wall_to_minute(on, 0, zone)
    last = availability.wall_to_minute(on, 1440, zone)
    begins, ends = first - reach, last + reach
    found = []
    for provider_id in search.provider_ids:
        shifts = written.on(provider_id, search.location_id, on)
        if not shifts and not is_whole:
            continue
        rows = _near(busy[provider_id], begins - LONGEST_VISIT_MINUTES, ends)
        near = [(start, end) for start, end, _ in rows if end > begins]
        today = [row for row in rows if first <= row[0] < last]
        found.append(
            ProviderDay(
                provider_id=provider_id,
                on=on,
                shifts=tuple(placed(on, shift, zone, written.pauses.get(provider_id, ())) for shift in shifts),
                busy=tuple(near),
                away=written.time_off.get(provider_id, ()),
                is_closed=is_holiday(clinic, search.location_id, on),
                booked_minutes=sum(end - start for start, end, _ in today),
                booked_count=len({appointment_id for *_, appointment_id in today}),
                daily_limit=who.daily_limit if (who := clinic.providers.get(provider_id)) else None,
            )
        )
    return tuple(found)


def placed(on: date, shift: WallShift, zone: ZoneInfo, pauses: Sequence[Interval]) -> Shift:
    """A shift on a date, the breaks of that one day among its own."""
    usual = _place(on, shift, zone)
    more = [one for one in pauses if one[0] < usual.end and usual.start < one[1]]
    return replace(usual, breaks=tuple(sorted([*usual.breaks, *more]))) if more else usual


def _near(spans: list[Busy], first: int, last: int) -> list[Busy]:
    return spans[bisect_left(spans, (first, 0, 0)) : bisect_left(spans, (last, 0, 0))]


def _hours(read: Reading) -> Hours:
    breaks: dict[int, list[Interval]] = defaultdict(list)
    for row in read.session.execute(
        select(models.WeeklyBreak).order_by(table(models.WeeklyBreak).c.start_minute)
    ).scalars():
        breaks[row.shift_id].append((row.start_minute, row.end_minute))
    weekly: dict[tuple[int, int, int], list[WallShift]] = defaultdict(list)
    for row in read.session.execute(
        select(models.WeeklyShift).order_by(table(models.WeeklyShift).c.start_minute)
    ).scalars():
        shift = WallShift(row.start_minute, row.end_minute, tuple(breaks[row.id]))
        weekly[row.provider_id, row.location_id, row.weekday].append(shift)
    dated: dict[tuple[int, int, date], list[WallShift]] = defaultdict(list)
    for row in read.session.execute(
        select(models.DateHours).order_by(table(models.DateHours).c.start_minute)
    ).scalars():
        there = dated[row.provider_id, row.location_id, row.on]
        if row.start_minute is not None and row.end_minute is not None:
            there.append(WallShift(row.start_minute, row.end_minute))
    away: dict[str, dict[int, list[Interval]]] = {kind: defaultdict(list) for kind in ("time_off", "break")}
    for row in read.session.execute(select(models.TimeOff)).scalars():
        span = (availability.epoch_minute(row.start_at), availability.ceil_minute(row.end_at))
        away[row.kind][row.provider_id].append(span)
    return Hours(
        weekly={key: tuple(value) for key, value in weekly.items()},
        dated={key: tuple(value) for key, value in dated.items()},
        time_off={key: tuple(sorted(value)) for key, value in away["time_off"].items()},
        pauses={key: tuple(sorted(value)) for key, value in away["break"].items()},
    )


def _dates(first_on: date, last_on: date) -> Iterable[date]:
    return (first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1))


def time_off_of(
    read: Reading, provider_id: int, since: datetime, until: datetime
) -> list[tuple[int, datetime, datetime]]:
    """When a provider is away between two instants: id, start, end."""
    away = table(models.TimeOff)
    theirs = and_(away.c.provider_id == provider_id, away.c.end_at > since, away.c.start_at < until)
    rows = read.execute(select(away.c.id, away.c.start_at, away.c.end_at).where(theirs).order_by(away.c.start_at))
    return [(row.id, row.start_at, row.end_at) for row in rows]


def overlapping(read: Reading) -> list[tuple[int, int]]:
    """Pairs of appointments that block the same provider, room or device at the same time; there must be none."""
    columns = select(
        _OCCUPANCY.c.subject_kind,
        _OCCUPANCY.c.subject_id,
        _OCCUPANCY.c.start_minute,
        _OCCUPANCY.c.end_minute,
        _OCCUPANCY.c.appointment_id,
    ).where(_OCCUPANCY.c.is_blocking)
    found, before = [], None
    for row in read.execute(columns.order_by(*columns.selected_columns[:3])):
        if before and tuple(before[:2]) == tuple(row[:2]) and row.start_minute < before.end_minute:
            found.append((before.appointment_id, row.appointment_id))
        before = row
    return found

"""What is free for whoever books at the desk: the decision that patients meet, asked with the staff's rules (P15).

Staff are bound by neither the notice, the booking window nor the grid. An override takes hours, breaks, time off,
holidays and daily limits off the day, and the same decision is asked once more: an occupied provider, room or device
stays occupied.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import among, table
from clinic_portal.core.work import Reading
from clinic_portal.scheduling import availability, models, queries
from clinic_portal.scheduling.availability import BookingRules, ProviderDay, Refusal, Shift
from clinic_portal.scheduling.queries import Calendar
from clinic_portal.scheduling.types import FreeTime, Placement, Search

EVERY_MINUTES = 5
FURTHEST = timedelta(days=3 * 366)
_OCCUPANCY = table(models.Occupancy)
_OFF = table(models.TimeOff)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether staff may have a start: who and what would serve it, or why not.

    `bent` is who and what would serve it if the rules were overridden; None where no override helps. `pool_id` is the
    kind of room or device that is not free.
    """

    placement: Placement | None
    reason: Refusal | None = None
    bent: Placement | None = None
    pool_id: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Time off or a break of one day."""

    id: int
    provider_id: int
    kind: str  # time_off | break
    start_at: datetime
    end_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What keeps a provider at a time; held: somebody is booking it online just now."""

    appointment_id: int
    start_at: datetime
    end_at: datetime
    is_held: bool


def ask(read: Reading, search: Search, start: int, *, is_any_minute: bool = False) -> Answer:
    """Whether a visit may start at an epoch minute. `is_any_minute`: it stood there already, on no grid."""
    found = _calendar(read, search, start, 1 if is_any_minute else EVERY_MINUTES)
    turns = queries.last_booked(read, search.provider_ids) if len(search.provider_ids) > 1 else {}
    placement = found.place(start, turns)
    if placement is not None:
        return Answer(placement)
    bent = whole_day(found)
    might = bent.place(start, turns)
    told = found if might else bent  # named is what no override helps against, where there is such
    pools = told.pools_on(availability.local_date(start, told.zone))
    reason = _why(told, start, pools) or _why(found, start, pools)
    missing = availability.missing_pool(told.shape, start, pools) if reason is Refusal.NO_ROOM_OR_DEVICE else None
    return Answer(None, reason, might, missing)


def free_times(read: Reading, search: Search, on: date) -> list[FreeTime]:
    """The starts offered to staff on a date, on the clinic's own grid, from now on."""
    zone = queries.location_zone(read, search.location_id)
    rules = replace(
        _rules(read, search, EVERY_MINUTES),
        interval_minutes=catalogue(read).clinic.start_interval_minutes,
        anchor=None,
        earliest=availability.ceil_minute(read.now),
    )
    if not _today(read, zone) <= on <= rules.last_on:
        return []
    return queries.calendar(read, search, on, on, rules).free_times(on)


def in_the_way(
    read: Reading, provider_ids: Collection[int], start: int, end: int, *, but: int | None
) -> list[InTheWay]:
    """What keeps these providers between two epoch minutes, buffers included; one appointment left out."""
    keeps = and_(
        _OCCUPANCY.c.subject_kind == models.PROVIDER,
        _OCCUPANCY.c.subject_id.in_(provider_ids),
        _OCCUPANCY.c.is_blocking,
        _OCCUPANCY.c.start_minute > start - queries.LONGEST_VISIT_MINUTES,  # so that no index is read from its start
        _OCCUPANCY.c.start_minute < end,
        _OCCUPANCY.c.end_minute > start,
        or_(_OCCUPANCY.c.hold_expires_at.is_(None), _OCCUPANCY.c.hold_expires_at > read.now),
    )
    if but is not None:
        keeps = and_(keeps, _OCCUPANCY.c.appointment_id != but)
    return [
        InTheWay(
            row.appointment_id,
            availability.instant(row.start_minute),
            availability.instant(row.end_minute),
            row.hold_expires_at is not None,
        )
        for row in read.execute(select(_OCCUPANCY).where(keeps).order_by(_OCCUPANCY.c.start_minute))
    ]


def units_of(read: Reading, appointment_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The rooms and devices that appointments keep, by appointment. One statement."""
    columns = select(_OCCUPANCY.c.appointment_id, _OCCUPANCY.c.subject_kind, _OCCUPANCY.c.subject_id)
    # Not by kind too: then SQLite reads all there are.
    theirs = columns.where(among(_OCCUPANCY.c.appointment_id, appointment_ids))
    found: dict[int, tuple[int, ...]] = {}
    for appointment_id, kind, unit_id in read.execute(theirs.order_by(_OCCUPANCY.c.subject_id)):
        if kind == models.UNIT:
            found[appointment_id] = (*found.get(appointment_id, ()), unit_id)
    return found


def absences(read: Reading, since: datetime, until: datetime) -> list[Absence]:
    """Everyone's time off and breaks of one day between two instants, the earliest first. One statement."""
    meets = and_(_OFF.c.end_at > since, _OFF.c.start_at < until)
    return [
        Absence(row.id, row.provider_id, row.kind, row.start_at, row.end_at, row.reason)
        for row in read.execute(select(_OFF).where(meets).order_by(_OFF.c.start_at, _OFF.c.id))
    ]


def _calendar(read: Reading, search: Search, start: int, every_minutes: int) -> Calendar:
    on = availability.local_date(start, queries.location_zone(read, search.location_id))
    return queries.calendar(read, search, on, on, _rules(read, search, every_minutes))


def _rules(read: Reading, search: Search, every_minutes: int) -> BookingRules:
    zone = queries.location_zone(read, search.location_id)
    today = _today(read, zone)
    return replace(
        queries.usual_rules(read, zone),
        interval_minutes=every_minutes,
        earliest=availability.wall_to_minute(today, 0, zone),
        last_on=today + FURTHEST,
        anchor=0,
    )


def whole_day(found: Calendar) -> Calendar:
    """The same calendar without what an override bends."""
    days = {on: tuple(_whole(found, day) for day in days) for on, days in found.days.items()}
    return replace(found, days=days, rules=replace(found.rules, buffers_must_fit=False))


def _whole(found: Calendar, day: ProviderDay) -> ProviderDay:
    first, last = (availability.wall_to_minute(day.on, minute, found.zone) for minute in (0, 1440))
    return replace(day, shifts=(Shift(first, last),), away=(), is_closed=False, daily_limit=None)


def _why(found: Calendar, start: int, pools: availability.PoolUnits) -> Refusal | None:
    """Why nobody can; of several providers, the answer of the one who came nearest to it."""
    days: Sequence[ProviderDay] = found.days.get(availability.local_date(start, found.zone), ())
    answers = [availability.refusal(found.shape, start, day, pools, found.rules) for day in days]
    ranked = list(Refusal)
    return max((one for one in answers if one is not None), key=ranked.index, default=None)


def _today(read: Reading, zone: ZoneInfo) -> date:
    return read.now.astimezone(zone).date()

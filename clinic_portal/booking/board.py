"""What a calendar shows of a location: its visits, its people, and when nobody can be booked (P15).

As many statements for a week of three hundred visits as for an empty day.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import beside, models
from clinic_portal.booking.firsts import is_first
from clinic_portal.booking.types import KEPT, STANDING
from clinic_portal.booking.visit_rows import service_names
from clinic_portal.clinic.queries import catalogue, provider_names
from clinic_portal.clinic.types import Catalogue, UnitInfo
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients.access import seen_among
from clinic_portal.patients.queries import names
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling import staffing
from clinic_portal.scheduling.availability import instant, wall_to_minute
from clinic_portal.scheduling.intervals import Interval, merge, subtract
from clinic_portal.scheduling.types import Hours

SHOWN = (*KEPT, "noshow")
_APPOINTMENT = table(models.Appointment)


@dataclass(frozen=True, slots=True)
class BoardVisit:
    """A visit in the calendar. Of a patient they may not see it is only time taken: no name, no patient (0), nothing
    of what is done.

    `is_unpaid`: a fee of the patient's could not be charged. `is_untold` is for the page to add: messages know it.
    """

    appointment_id: int
    reference: str
    sequence: int
    status: str  # booked | arrived | fulfilled | noshow
    provider_id: int
    patient_id: int
    patient_name: str
    service_names: tuple[str, ...]
    start_at: datetime
    end_at: datetime
    unit_ids: tuple[int, ...]  # rooms and devices it keeps
    total_minor: int
    currency: str
    forms_missing: int
    is_unpaid: bool
    is_untold: bool
    is_first: bool
    is_override: bool
    has_alert: bool


@dataclass(frozen=True, slots=True)
class BoardBlock:
    """Time in which a provider cannot be booked without an override."""

    kind: str  # off (outside hours) | break | time_off | holiday
    provider_id: int
    start_at: datetime
    end_at: datetime
    time_off_id: int | None = None  # of time off, and of a break of that one day
    reason: str = ""  # for those who may change it


@dataclass(frozen=True, slots=True)
class BoardProvider:
    """A column of the calendar."""

    id: int
    name: str
    title: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Board:
    """Some days of one location."""

    location_id: int
    time_zone: str
    first_on: date
    days: int
    providers: tuple[BoardProvider, ...]
    units: tuple[UnitInfo, ...]
    visits: tuple[BoardVisit, ...]
    blocks: tuple[BoardBlock, ...]


def board(
    read: Reading, actor: StaffActor, location_id: int, first_on: date, *, days: int = 1, provider_id: int | None = None
) -> Board:
    """The visits of some days at a location, cancelled ones left out, and everyone who works there then or has a visit.

    A retired location shows what stands there. `provider_id` narrows it to one; whoever sees only their own calendar
    gets only that. Raises NotAllowed for a role that may not see it, another's calendar, or no such location.
    """
    actor.must(Permission.SEE_DAY)
    clinic = catalogue(read)
    place = clinic.place(location_id)
    if place is None:
        raise NotAllowed()
    only = _only(actor, provider_id)
    zone = ZoneInfo(place.time_zone)
    dates = [first_on + timedelta(days=n) for n in range(days)]
    span = wall_to_minute(dates[0], 0, zone), wall_to_minute(dates[-1], 1440, zone)
    visits = _visits(read, actor, location_id, span, only)
    hours = scheduling.hours(read, clinic.version)
    shown = _providers(read, clinic, hours, location_id, dates, {one.provider_id for one in visits}, only)
    return Board(
        location_id=location_id,
        time_zone=place.time_zone,
        first_on=first_on,
        days=days,
        providers=shown,
        units=tuple(one for one in clinic.units if one.location_id == location_id),
        visits=visits,
        blocks=tuple(_blocks(read, actor, clinic, hours, location_id, zone, dates, [one.id for one in shown])),
    )


def _only(actor: StaffActor, provider_id: int | None) -> int | None:
    only = actor.only_calendar_of
    if only is None:
        return provider_id
    if provider_id not in (None, only):
        raise NotAllowed()
    return only


def _visits(
    read: Reading, actor: StaffActor, location_id: int, span: Interval, only: int | None
) -> tuple[BoardVisit, ...]:
    shown = and_(
        _APPOINTMENT.c.location_id == location_id,
        _APPOINTMENT.c.start_at >= instant(span[0]),
        _APPOINTMENT.c.start_at < instant(span[1]),
        _APPOINTMENT.c.status.in_(SHOWN),
    )
    if only is not None:
        shown = and_(shown, _APPOINTMENT.c.provider_id == only)
    columns = (*(_APPOINTMENT.c[name] for name in _COLUMNS), is_first().label("is_first"))
    rows = read.execute(select(*columns).where(shown).order_by(_APPOINTMENT.c.start_at, _APPOINTMENT.c.id)).all()
    if not rows:
        return ()
    numbers, people = [row.id for row in rows], {row.patient_id for row in rows}
    done = service_names(read, numbers)
    seen = seen_among(read, actor, people)
    known = names(read, seen)
    units = staffing.units_of(read, numbers)
    missing = _missing(read, actor, rows)
    owing = beside.fees_owed(read, people) if actor.may(Permission.SEE_PAYMENTS) else {}
    alerts = beside.alerted(read, people) if actor.may(Permission.WRITE_NOTES) else frozenset()

    def visit(row: Row[Any]) -> BoardVisit:
        is_seen = row.patient_id in seen
        mine = {one.appointment_id for one in owing.get(row.patient_id, ())}
        return BoardVisit(
            appointment_id=row.id,
            reference=row.reference if is_seen else "",
            sequence=row.sequence,
            status=row.status,
            provider_id=row.provider_id,
            patient_id=row.patient_id if is_seen else 0,
            patient_name=known[row.patient_id] if is_seen else "",
            service_names=done[row.id] if is_seen else (),
            start_at=row.start_at,
            end_at=row.end_at,
            unit_ids=units.get(row.id, ()),
            total_minor=row.total_minor if is_seen else 0,
            currency=row.currency,
            forms_missing=missing.get(row.id, 0) if is_seen else 0,
            is_unpaid=is_seen and bool(mine) and (row.id in mine or row.status in STANDING),
            is_untold=False,
            is_first=is_seen and row.is_first,
            is_override=row.is_overridden,
            has_alert=is_seen and row.patient_id in alerts,
        )

    return tuple(visit(row) for row in rows)


_COLUMNS = (
    "id",
    "reference",
    "sequence",
    "status",
    "provider_id",
    "patient_id",
    "start_at",
    "end_at",
    "total_minor",
    "currency",
    "is_overridden",
)


def _missing(read: Reading, actor: StaffActor, rows: Collection[Row[Any]]) -> dict[int, int]:
    """How many forms are missing for each visit still to come, for those who handle forms."""
    if not actor.may(Permission.HANDLE_FORMS):
        return {}
    coming = {row.id: row.start_at for row in rows if row.status in STANDING and row.end_at > read.now}
    return {number: len(listed) for number, listed in beside.forms_missing(read, coming).items()}


def _providers(
    read: Reading,
    clinic: Catalogue,
    hours: Hours,
    location_id: int,
    dates: Collection[date],
    busy: Collection[int],
    only: int | None,
) -> tuple[BoardProvider, ...]:
    """In the clinic's order; those switched off since, whose visits stand, at the end."""

    def is_shown(number: int) -> bool:
        works = any(hours.on(number, location_id, on) for on in dates)
        return number == only if only is not None else works or number in busy

    here = [BoardProvider(one.id, one.name, one.title, True) for one in clinic.providers.values() if is_shown(one.id)]
    gone = provider_names(read, set(busy) - clinic.providers.keys())
    return (*here, *(BoardProvider(number, *gone[number], False) for number in sorted(gone)))


def _blocks(
    read: Reading,
    actor: StaffActor,
    clinic: Catalogue,
    hours: Hours,
    location_id: int,
    zone: ZoneInfo,
    dates: Collection[date],
    providers: Collection[int],
) -> Iterator[BoardBlock]:
    edges = [(on, (wall_to_minute(on, 0, zone), wall_to_minute(on, 1440, zone))) for on in dates]
    first, last = instant(edges[0][1][0]), instant(edges[-1][1][1])

    def block(kind: str, provider_id: int, span: Interval) -> BoardBlock:
        return BoardBlock(kind, provider_id, instant(span[0]), instant(span[1]))

    for provider_id in providers:
        for on, whole in edges:
            if scheduling.is_holiday(clinic, location_id, on):
                yield block("holiday", provider_id, whole)
                continue
            shifts = [scheduling.placed(on, one, zone, ()) for one in hours.on(provider_id, location_id, on)]
            for span in subtract(whole, [(one.start, one.end) for one in shifts]):
                yield block("off", provider_id, span)
            for span in merge(pause for one in shifts for pause in one.breaks):
                yield block("break", provider_id, span)
    may_know = actor.may(Permission.CHANGE_HOURS)
    for one in staffing.absences(read, first, last):
        if one.provider_id in providers:
            start_at, end_at = max(one.start_at, first), min(one.end_at, last)
            reason = one.reason if may_know or one.provider_id == actor.provider_id else ""
            yield BoardBlock(one.kind, one.provider_id, start_at, end_at, one.id, reason)

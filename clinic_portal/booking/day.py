"""A location's day as staff see it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models, queries
from clinic_portal.booking.access import visits_seen_by
from clinic_portal.booking.types import Visits
from clinic_portal.clinic.queries import catalogue, provider_name
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients.access import must_see
from clinic_portal.patients.queries import names
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import instant, place_shift, wall_to_minute

_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class DayVisit:
    """A visit of the day."""

    appointment_id: int
    provider_id: int
    patient_id: int
    patient_name: str
    service_names: tuple[str, ...]
    status: str
    start_at: datetime
    end_at: datetime
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of one location: who works when (instants), and all visits."""

    on: date
    time_zone: str
    providers: tuple[tuple[int, str, tuple[tuple[datetime, datetime], ...]], ...]  # id, name, working stretches
    visits: tuple[DayVisit, ...]


def day(read: Reading, actor: StaffActor, location_id: int, on: date) -> Day:
    """The visits of a day, cancelled ones left out, and everyone who works there then or has a visit.

    Raises NotAllowed for a role that may not see it, or no such location.
    """
    actor.must(Permission.SEE_DAY)
    clinic = catalogue(read)
    place = clinic.locations.get(location_id)
    if place is None:
        raise NotAllowed()
    zone = ZoneInfo(place.time_zone)
    first, last = instant(wall_to_minute(on, 0, zone)), instant(wall_to_minute(on, 1440, zone))
    shown = and_(
        _APPOINTMENT.c.location_id == location_id,
        _APPOINTMENT.c.start_at >= first,
        _APPOINTMENT.c.start_at < last,
        _APPOINTMENT.c.status.not_in((queries.HELD, "expired", "cancelled")),
        visits_seen_by(actor),
    )
    rows = read.execute(select(_APPOINTMENT).where(shown).order_by(_APPOINTMENT.c.start_at)).all()
    told: dict[int, list[str]] = {row.id: [] for row in rows}
    ids = select(_APPOINTMENT.c.id).where(shown)
    for service in read.execute(select(_SERVICE).where(_SERVICE.c.appointment_id.in_(ids)).order_by(_SERVICE.c.id)):
        told[service.appointment_id].append(service.name)
    known = names(read, {row.patient_id for row in rows})
    visits = tuple(
        DayVisit(
            appointment_id=row.id,
            provider_id=row.provider_id,
            patient_id=row.patient_id,
            patient_name=known[row.patient_id],
            service_names=tuple(told[row.id]),
            status=row.status,
            start_at=row.start_at,
            end_at=row.end_at,
            total_minor=row.total_minor,
            currency=row.currency,
        )
        for row in rows
    )
    hours = scheduling.hours(read, clinic.version)
    busy = {one.provider_id for one in visits}
    providers = []
    for provider in clinic.providers.values():
        if actor.only_calendar_of not in (None, provider.id):
            continue
        stretches: list[tuple[datetime, datetime]] = []
        for wall in hours.on(provider.id, location_id, on):
            shift = place_shift(on, wall, zone)
            edges = [shift.start, *(edge for pause in shift.breaks for edge in pause), shift.end]
            stretches += [(instant(a), instant(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        if stretches or provider.id in busy:
            providers.append((provider.id, provider.name, tuple(stretches)))
    for provider_id in sorted(busy - clinic.providers.keys()):  # switched off since; their visits stand
        providers.append((provider_id, provider_name(read, provider_id)[0], ()))
    return Day(on, place.time_zone, tuple(providers), visits)


def visits_of_patient(read: Reading, actor: StaffActor, patient_id: int) -> Visits:
    """All visits of a patient they may see, in whose calendar ever: a patient's story is whole. Raises NotAllowed."""
    actor.must(Permission.SEE_DAY)
    must_see(read, actor, patient_id)
    return queries.visits_of(read, patient_id)

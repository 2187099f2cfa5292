"""Hours, people, places and services change under visits: whoever changes them sees which, and says that they stay.

Nothing booked is cancelled or moved by it. A verb here does what its namesake does, and is refused while it would
leave visits outside that were not shown yet: Conflict "visits_stay" with their `appointment_ids`. Asked again with
those as `seen`, it is done; a visit that was booked meanwhile is asked about once more.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models, queries
from clinic_portal.booking.access import visits_seen_by
from clinic_portal.booking.types import STANDING
from clinic_portal.booking.visit_rows import service_names
from clinic_portal.clinic import editing as clinic
from clinic_portal.clinic import sheets
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients.queries import names
from clinic_portal.scheduling import editing
from clinic_portal.scheduling.fitting import Stay, misfits
from clinic_portal.scheduling.queries import appointments_in_unit

VISITS_STAY = "visits_stay"
_DAY = timedelta(days=1)
_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)
Seen = Collection[int]
"""The ids of visits that were shown."""


@dataclass(frozen=True, slots=True)
class StrandedVisit:
    """A visit that a change leaves where it is; while a patient is only choosing the time, it has no patient."""

    appointment_id: int
    patient_name: str
    provider_name: str
    location_name: str
    time_zone: str
    start_at: datetime
    end_at: datetime
    service_names: tuple[str, ...]


def stranded(
    read: Reading,
    *,
    provider_id: int | None = None,
    location_id: int | None = None,
    near: tuple[date, date] | None = None,
) -> frozenset[int]:
    """The visits to come, of a provider or at a location, that lie outside the hours written now.

    `near` narrows them to those of some dates, wherever on earth it is that date.
    """
    which = [_coming(read)]
    if provider_id is not None:
        which.append(_APPOINTMENT.c.provider_id == provider_id)
    if location_id is not None:
        which.append(_APPOINTMENT.c.location_id == location_id)
    if near is not None:
        first, last = (datetime.combine(on, time(), UTC) for on in near)
        which += [_APPOINTMENT.c.start_at >= first - _DAY, _APPOINTMENT.c.start_at < last + 2 * _DAY]
    zones = {one.id: str(one.values["time_zone"]) for one in sheets.sheets(read, "location")}
    return misfits(read, _stays(read, which), zones)


def stays_of(read: Reading, provider_id: int, *, since: datetime, until: datetime) -> list[Stay]:
    """The visits to come of a provider about two instants, a day before and after included; for the domain's own
    use."""
    near = [_APPOINTMENT.c.start_at > since - _DAY, _APPOINTMENT.c.start_at < until + _DAY]
    return _stays(read, [_coming(read), _APPOINTMENT.c.provider_id == provider_id, *near])


def _stays(read: Reading, which: Sequence[ColumnElement[bool]]) -> list[Stay]:
    columns = [_APPOINTMENT.c[name] for name in Stay.__dataclass_fields__ if name != "appointment_id"]
    rows = read.execute(select(_APPOINTMENT.c.id.label("appointment_id"), *columns).where(*which))
    return [Stay(**row._mapping) for row in rows]


def standing_on(read: Reading, kind: str, row_id: int) -> frozenset[int]:
    """The visits to come with a provider, at a location, in a unit or any of a pool, or of a service."""
    if kind == "unit":
        which: ColumnElement[bool] = _APPOINTMENT.c.id.in_(appointments_in_unit(read, row_id))
    elif kind == "pool":
        units = [one.id for one in sheets.sheets(read, "unit") if one.values["pool_id"] == row_id]
        which = _APPOINTMENT.c.id.in_([found for unit in units for found in appointments_in_unit(read, unit)])
    elif kind == "service":
        which = _APPOINTMENT.c.id.in_(select(_SERVICE.c.appointment_id).where(_SERVICE.c.service_id == row_id))
    elif kind in ("provider", "location"):
        which = _APPOINTMENT.c[f"{kind}_id"] == row_id
    else:
        return frozenset()
    return _ids(read, which)


def told(read: Reading, actor: StaffActor, appointment_ids: Collection[int], *, most: int = 100) -> list[StrandedVisit]:
    """Some visits in words, the soonest first. Raises NotAllowed for a role that may not see patients."""
    actor.must(Permission.SEE_PATIENTS)
    which = select(_APPOINTMENT).where(_APPOINTMENT.c.id.in_(appointment_ids), visits_seen_by(actor))
    rows = read.execute(which.order_by(_APPOINTMENT.c.start_at, _APPOINTMENT.c.id).limit(most)).all()
    services = service_names(read, [row.id for row in rows])
    known = names(read, {row.patient_id for row in rows if row.patient_id is not None})
    places = {one.id: one for one in sheets.sheets(read, "location")}
    providers = {one.id: one.name for one in sheets.sheets(read, "provider")}
    return [
        StrandedVisit(
            appointment_id=row.id,
            patient_name=known.get(row.patient_id, ""),
            provider_name=providers[row.provider_id],
            location_name=places[row.location_id].name,
            time_zone=str(places[row.location_id].values["time_zone"]),
            start_at=row.start_at,
            end_at=row.end_at,
            service_names=services[row.id],
        )
        for row in rows
    ]


def set_week(
    work: UnitOfWork,
    actor: StaffActor,
    provider_id: int,
    location_id: int,
    typed: Mapping[str, str],
    *,
    opened: Mapping[str, str] | None = None,
    seen: Seen = (),
) -> None:
    """A provider's weekly hours at a location; see `scheduling.editing.set_week`.

    `opened` is the week as it was shown: where it is another by now, it is not written over (`editing.still_as`).
    """
    actor.must(Permission.CHANGE_HOURS)
    if opened is not None:
        editing.still_as(work, provider_id, location_id, opened)
    with _asking(work, seen, lambda: stranded(work, provider_id=provider_id)):
        editing.set_week(work, actor, provider_id, location_id, typed)


def set_date(
    work: UnitOfWork,
    actor: StaffActor,
    provider_id: int,
    location_id: int,
    on: date,
    typed: str,
    *,
    seen: Seen = (),
) -> None:
    """Other hours on one date; see `scheduling.editing.set_date`."""
    with _asking(work, seen, lambda: stranded(work, provider_id=provider_id, near=(on, on))):
        editing.set_date(work, actor, provider_id, location_id, on, typed)


def clear_date(
    work: UnitOfWork, actor: StaffActor, provider_id: int, location_id: int, on: date, *, seen: Seen = ()
) -> None:
    """The weekly hours on that date again; see `scheduling.editing.clear_date`."""
    with _asking(work, seen, lambda: stranded(work, provider_id=provider_id, near=(on, on))):
        editing.clear_date(work, actor, provider_id, location_id, on)


def add_holiday(
    work: UnitOfWork, actor: StaffActor, *, on: date, name: str, location_id: int | None, seen: Seen = ()
) -> int:
    """A closed date; see `clinic.editing.add_holiday`."""
    with _asking(work, seen, lambda: stranded(work, location_id=location_id, near=(on, on))):
        return clinic.add_holiday(work, actor, on=on, name=name, location_id=location_id)


def switch(work: UnitOfWork, actor: StaffActor, kind: str, row_id: int, *, is_active: bool, seen: Seen = ()) -> None:
    """Offer something no more, or again; see `clinic.editing.switch`. Asks about the visits that stand on it."""
    clinic.switch(work, actor, kind, row_id, is_active=is_active)
    if not is_active:
        _ask(standing_on(work, kind, row_id), seen)


def link(
    work: UnitOfWork, actor: StaffActor, kind: str, service_id: int, others: Collection[int], *, seen: Seen = ()
) -> None:
    """Who performs a service, or what it needs; see `clinic.editing.link`. Asks about visits of whoever is left out."""
    is_who = kind == "service_provider"
    before = sheets.linked(work, "provider", service_id) if is_who else frozenset()
    clinic.link(work, actor, kind, service_id, others)
    if is_who and (gone := before - sheets.linked(work, "provider", service_id)):
        of_it = select(_SERVICE.c.appointment_id).where(_SERVICE.c.service_id == service_id)
        _ask(_ids(work, and_(_APPOINTMENT.c.provider_id.in_(gone), _APPOINTMENT.c.id.in_(of_it))), seen)


def performs(
    work: UnitOfWork, actor: StaffActor, provider_id: int, service_ids: Collection[int], *, seen: Seen = ()
) -> None:
    """A provider performs these services and no others (S69). Asks about their visits of what they are taken off.

    Services that are switched off are not asked about and stay as they were. Raises NotAllowed.
    """
    actor.must(Permission.CHANGE_CLINIC)
    offered = {one.id for one in sheets.sheets(work, "service") if one.is_active}
    before = sheets.performed(work, provider_id)
    if not set(service_ids) <= offered:
        raise NotAllowed()
    taken = (before & offered) - set(service_ids)
    for service_id in sorted(taken | (set(service_ids) - before)):
        who = sheets.linked(work, "provider", service_id)
        active = who & {one.id for one in sheets.sheets(work, "provider") if one.is_active}
        clinic.link(work, actor, "service_provider", service_id, active ^ {provider_id})
    if taken:
        of_them = select(_SERVICE.c.appointment_id).where(_SERVICE.c.service_id.in_(taken))
        _ask(_ids(work, and_(_APPOINTMENT.c.provider_id == provider_id, _APPOINTMENT.c.id.in_(of_them))), seen)


@contextmanager
def _asking(work: UnitOfWork, seen: Seen, lying: Callable[[], frozenset[int]]) -> Iterator[None]:
    """Do what is inside, unless it newly strands visits nobody was shown: then nothing of it is kept."""
    before = lying()
    yield
    _ask(lying() - before, seen)


def _ask(found: frozenset[int], seen: Seen) -> None:
    if not found <= set(seen):
        raise Conflict(VISITS_STAY, visits=len(found), appointment_ids=tuple(sorted(found)))


def _ids(read: Reading, which: ColumnElement[bool]) -> frozenset[int]:
    return frozenset(read.execute(select(_APPOINTMENT.c.id).where(_coming(read), which)).scalars())


def _coming(read: Reading) -> ColumnElement[bool]:
    """Booked and not over; or a time that a patient holds just now."""
    is_held = and_(_APPOINTMENT.c.status == queries.HELD, _APPOINTMENT.c.hold_expires_at > read.now)
    is_booked = _APPOINTMENT.c.status.in_(STANDING)
    is_not_over = and_(_APPOINTMENT.c.end_at > read.now, _APPOINTMENT.c.start_at > read.now - _DAY)  # none lasts longer
    return and_(is_not_over, or_(is_booked, is_held))

"""The rows of visits that staff book and move. What may be written is decided in `desk`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, insert, select, update

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import desk_rules, models, prices
from clinic_portal.booking.actions import Booked
from clinic_portal.booking.types import BookedService, Visit
from clinic_portal.booking.visit_rows import change_as_read
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import ServiceInfo
from clinic_portal.core import ids
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.scheduling import guard
from clinic_portal.scheduling.availability import epoch_minute, instant
from clinic_portal.scheduling.types import Placement

_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


def already(
    read: Reading,
    patient_id: int,
    location_id: int,
    provider_id: int | None,
    services: Sequence[ServiceInfo],
    start: int,
) -> Booked | None:
    """The same visit, booked before: a second click, or a colleague who was told the same on the phone."""
    same = and_(
        _APPOINTMENT.c.patient_id == patient_id,
        _APPOINTMENT.c.location_id == location_id,
        _APPOINTMENT.c.start_at == instant(start),
        _APPOINTMENT.c.status == "booked",
    )
    wanted = {one.id for one in services}
    for row in read.execute(select(_APPOINTMENT).where(same)).all():
        booked = select(_SERVICE.c.service_id).where(_SERVICE.c.appointment_id == row.id)
        if provider_id in (None, row.provider_id) and set(read.execute(booked).scalars()) == wanted:
            return Booked(row.id, row.reference, patient_id)
    return None


def insert_visit(
    work: UnitOfWork,
    actor: StaffActor,
    patient_id: int,
    location_id: int,
    placement: Placement,
    services: Sequence[ServiceInfo],
    bent: str,
) -> Booked:
    """A visit with its services, at the patient's prices; no policy is accepted on their behalf. `bent`: the rule that
    would not have it there, if one is."""
    clinic = catalogue(work).clinic
    mine = prices.purse(work, patient_id, at=instant(placement.start))
    costs = [prices.price_minor(one, mine) for one in services]
    reference = ids.reference(clinic.reference_prefix)
    appointment_id = int(
        work.execute(
            insert(_APPOINTMENT).returning(_APPOINTMENT.c.id),
            {
                "reference": reference,
                "uid": f"appt-{ids.nonce()}",
                "sequence": 0,
                "status": "booked",
                "location_id": location_id,
                "provider_id": placement.provider_id,
                "patient_id": patient_id,
                "start_at": instant(placement.start),
                "end_at": instant(placement.end),
                "currency": clinic.currency,
                "total_minor": sum(costs),
                "covered_minor": 0,
                "created_at": work.now,
                "booked_at": work.now,
                "booked_by": actor.tag,
                "is_overridden": bool(bent),
            },
        ).scalar_one()
    )
    work.execute(
        insert(_SERVICE),
        [
            {
                "appointment_id": appointment_id,
                "service_id": one.id,
                "position": position,
                "name": one.name,
                "duration_minutes": one.duration_minutes,
                "price_minor": cost,
                "list_price_minor": one.price_minor if one.price_minor > cost else None,
            }
            for position, (one, cost) in enumerate(zip(services, costs, strict=True))
        ],
    )
    return Booked(appointment_id, reference, patient_id)


def place_anew(
    work: UnitOfWork, visit: Visit, placement: Placement, change: desk_rules.Change, bent: str, *, is_told: bool
) -> None:
    """The time a visit takes, and whose: another one. `is_told`: the patient will hear of it. Raises Conflict where it
    was changed, SlotTaken."""
    moved: dict[str, Any] = {}
    if change.is_later_or_earlier:
        moved |= {"moved_at": work.now, "remind_at": None}
    if is_told:
        moved |= {"told_sequence": visit.sequence + 1}
    start_at, end_at = instant(placement.start), instant(placement.end)
    change_as_read(
        work,
        visit,
        start_at=start_at,
        end_at=end_at,
        provider_id=placement.provider_id,
        is_overridden=bool(bent),
        **moved,
    )
    start, end = epoch_minute(visit.start_at), epoch_minute(visit.end_at)
    number, place = visit.appointment_id, visit.location.id
    guard.vacate(work, appointment_id=number, location_id=place, start=start, end=end)
    guard.occupy(work, appointment_id=number, location_id=place, placement=placement)


def write_length(work: UnitOfWork, visit: Visit, last: BookedService) -> None:
    """The last service of a visit takes longer, or not so long."""
    theirs = _SERVICE.c.appointment_id == visit.appointment_id
    which = select(_SERVICE.c.id).where(theirs).order_by(_SERVICE.c.position.desc(), _SERVICE.c.id.desc()).limit(1)
    row_id = work.execute(which).scalar_one()
    work.execute(update(_SERVICE).where(_SERVICE.c.id == row_id).values(duration_minutes=last.duration_minutes))


def is_bound(read: Reading, patient_id: int, provider_id: int) -> bool:
    """Whether a visit of this patient, of any time and also one that was cancelled or missed, is this provider's."""
    theirs = and_(
        _APPOINTMENT.c.patient_id == patient_id,
        _APPOINTMENT.c.provider_id == provider_id,
        _APPOINTMENT.c.status.not_in(("held", "expired")),
    )
    return read.execute(select(_APPOINTMENT.c.id).where(theirs).limit(1)).first() is not None

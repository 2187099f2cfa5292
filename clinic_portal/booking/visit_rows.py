"""The rows of visits: changed only as they were read, and what was booked, for many of them at once."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update

from clinic_portal.booking import models
from clinic_portal.booking.types import Visit
from clinic_portal.core.db import among, table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork

_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


def change_as_read(work: UnitOfWork, visit: Visit, *, refusal: str = "visit_moved_on", **values: Any) -> int:
    """Change a visit if it is as it was read, and still that patient's; the number of this change.

    Raises Conflict (`refusal`).
    """
    turn = visit.sequence + 1
    changed = update(_APPOINTMENT).where(_as_read(visit)).values(sequence=turn, **values)
    if work.execute(changed).rowcount != 1:
        raise Conflict(refusal)
    return turn


def service_names(read: Reading, appointment_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """What visits are booked for, in order, by visit. One statement."""
    told: dict[int, list[str]] = {number: [] for number in appointment_ids}
    if not told:
        return {}
    theirs = select(_SERVICE.c.appointment_id, _SERVICE.c.name).where(among(_SERVICE.c.appointment_id, told))
    for number, name in read.execute(theirs.order_by(_SERVICE.c.appointment_id, _SERVICE.c.position)):
        told[number].append(name)
    return {number: tuple(names) for number, names in told.items()}


def _as_read(visit: Visit) -> ColumnElement[bool]:
    return and_(
        _APPOINTMENT.c.id == visit.appointment_id,
        _APPOINTMENT.c.patient_id == visit.patient_id,
        _APPOINTMENT.c.status == visit.status,
        _APPOINTMENT.c.sequence == visit.sequence,
    )

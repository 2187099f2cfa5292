"""When patients were here last and come next, for lists and charts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.patients.access import seen_among

CAME = ("arrived", "fulfilled")
_APPOINTMENT = table(models.Appointment)


@dataclass(frozen=True, slots=True)
class Around:
    """The last visit a patient came to, and the next that is booked."""

    last_at: datetime | None = None
    next_at: datetime | None = None


def around(read: Reading, actor: StaffActor, patient_ids: Collection[int]) -> dict[int, Around]:
    """By id, of those they may see: two statements for a whole page. Raises NotAllowed."""
    actor.must(Permission.SEE_DAY)
    patient_ids = seen_among(read, actor, patient_ids)
    last = _by_patient(
        read,
        func.max(_APPOINTMENT.c.start_at),
        and_(_APPOINTMENT.c.status.in_(CAME), _APPOINTMENT.c.start_at <= read.now),
        patient_ids,
    )
    coming = and_(_APPOINTMENT.c.status == "booked", _APPOINTMENT.c.start_at > read.now)
    soonest = _by_patient(read, func.min(_APPOINTMENT.c.start_at), coming, patient_ids)
    return {one: Around(last.get(one), soonest.get(one)) for one in patient_ids}


def last_came_at(read: Reading, patient_id: int, before: datetime) -> datetime | None:
    """When the last visit began that a patient came to, before an instant."""
    came = and_(_APPOINTMENT.c.status.in_(CAME), _APPOINTMENT.c.start_at < before)
    return _by_patient(read, func.max(_APPOINTMENT.c.start_at), came, [patient_id]).get(patient_id)


def _by_patient(
    read: Reading, start: Any, which: ColumnElement[bool], patient_ids: Collection[int]
) -> dict[int, datetime]:
    theirs = and_(_APPOINTMENT.c.patient_id.in_(patient_ids), which)
    found = select(_APPOINTMENT.c.patient_id, start.label("at")).where(theirs).group_by(_APPOINTMENT.c.patient_id)
    return {row.patient_id: row.at for row in read.execute(found)}

"""Visits to come that may be reminded of (P14). When, and of what, is decided where messages are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, update

from clinic_portal.booking import models
from clinic_portal.clinic.queries import location
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork

LOOKS_AGAIN = timedelta(hours=1)
"""What changed about a visit, its patient or the clinic's rules is found at the latest so long after."""
_APPOINTMENT = table(models.Appointment)


@dataclass(frozen=True, slots=True)
class Coming:
    """A booked visit. `known_at`: when its patient was told of the time it has."""

    appointment_id: int
    patient_id: int
    location_id: int
    start_at: datetime
    known_at: datetime | None


def coming(read: Reading, *, until: datetime, most: int) -> list[Coming]:
    """Some booked visits that start by `until` and are to be looked at now, soonest first."""
    return [
        Coming(row.id, row.patient_id, row.location_id, row.start_at, row.moved_at or row.booked_at)
        for row in read.execute(to_look_at(read.now, until, most))
    ]


def to_look_at(now: datetime, until: datetime, most: int) -> Select[Any]:
    """The statement of `coming`: over the index of starts alone, however many visits there were and will be."""
    which = and_(
        _APPOINTMENT.c.start_at > now,
        _APPOINTMENT.c.start_at <= until,
        _APPOINTMENT.c.status.concat("") == "booked",  # else SQLite reads all that ever were by another index
        _APPOINTMENT.c.patient_id.is_not(None),
        or_(
            _APPOINTMENT.c.remind_at.is_(None),
            _APPOINTMENT.c.remind_at <= now,
            _APPOINTMENT.c.remind_at > now + LOOKS_AGAIN,  # the clock was set back
        ),
    )
    return select(_APPOINTMENT).where(which).order_by(_APPOINTMENT.c.start_at, _APPOINTMENT.c.id).limit(most)


def look_again(work: UnitOfWork, when: Mapping[int, datetime]) -> None:
    """These visits were looked at, and are to be again at their instants."""
    statement = update(_APPOINTMENT).where(_APPOINTMENT.c.id == bindparam("visit")).values(remind_at=bindparam("at"))
    work.execute(statement, [{"visit": key, "at": at} for key, at in when.items()])


def look_anew(work: UnitOfWork) -> None:
    """What is reminded of has changed: every visit to come is looked at again."""
    is_to_come = and_(_APPOINTMENT.c.start_at > work.now, _APPOINTMENT.c.remind_at.is_not(None))
    work.execute(update(_APPOINTMENT).where(is_to_come).values(remind_at=None))


def zone_of_visit(read: Reading, appointment_id: int) -> str:
    """The time zone of the place a visit is at."""
    wanted = select(_APPOINTMENT.c.location_id).where(_APPOINTMENT.c.id == appointment_id)
    return location(read, read.execute(wanted).scalar_one()).time_zone

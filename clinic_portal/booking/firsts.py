"""Which visits are their patient's first, for the calendar and the reports alike."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from clinic_portal.booking import models
from clinic_portal.booking.types import KEPT
from clinic_portal.core.db import table

_APPOINTMENT = table(models.Appointment)
_BEFORE = table(models.Appointment).alias("before")


def is_first() -> ColumnElement[bool]:
    """That no visit of an appointment's patient came before it, at whichever location: none that they came to or are to
    come to. One called off or missed is none; of two that begin at once, one is first."""
    earlier = and_(
        _BEFORE.c.start_at <= _APPOINTMENT.c.start_at,  # by the index; of the same instant, by number
        or_(_BEFORE.c.start_at < _APPOINTMENT.c.start_at, _BEFORE.c.id < _APPOINTMENT.c.id),
    )
    theirs = and_(_BEFORE.c.patient_id == _APPOINTMENT.c.patient_id, _BEFORE.c.status.in_(KEPT))
    return ~exists(select(_BEFORE.c.id).where(theirs, earlier))

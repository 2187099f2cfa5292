"""Instructions that travel by e-mail: before a visit with its booking (S42), after it at their delay (S45, P12)."""

from datetime import timedelta

from sqlalchemy import and_, select

from clinic_portal.booking import models
from clinic_portal.booking import queries as booking
from clinic_portal.booking.types import KEPT, Visit
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms import queries, requests
from clinic_portal.forms.definition import Instruction, Kind
from clinic_portal.forms.types import Request

LOOKS_BACK = timedelta(days=60)
"""An e-mail that is later than that has lost its sense: nobody worked here for two months."""
_APPOINTMENT = table(models.Appointment)


def before(read: Reading, appointment_id: int) -> list[Instruction]:
    """The pre-treatment instructions of a visit, in the clinic's order."""
    asked = requests.of_appointments(read, [appointment_id]).get(appointment_id, [])
    return [text for one in asked if one.kind is Kind.BEFORE and (text := _text(read, one)) is not None]


def after_due(read: Reading) -> list[Request]:
    """Post-treatment instructions whose time has come by the clock; of no visit that was called off or missed."""
    over = and_(
        _APPOINTMENT.c.status.in_(KEPT),
        _APPOINTMENT.c.end_at <= read.now,
        _APPOINTMENT.c.end_at > read.now - LOOKS_BACK - _longest_delay(read),
    )
    ended = {row.id: row.end_at for row in read.execute(select(_APPOINTMENT.c.id, _APPOINTMENT.c.end_at).where(over))}
    waiting = requests.unmailed(read, Kind.AFTER, select(_APPOINTMENT.c.id).where(over))
    return [
        one
        for one in waiting
        if one.appointment_id in ended
        and read.now - LOOKS_BACK < ended[one.appointment_id] + timedelta(minutes=one.delay_minutes) <= read.now
    ]


def after(read: Reading, request_id: int) -> tuple[Visit, Instruction] | None:
    """A visit and its instructions; None when it did not take place, or they were withdrawn."""
    try:
        asked = requests.get(read, request_id)
    except NotAllowed:
        return None
    if asked.appointment_id is None:
        return None
    visit, text = booking.visit(read, asked.appointment_id), _text(read, asked)
    return (visit, text) if text is not None and visit.status in KEPT and visit.end_at <= read.now else None


def _longest_delay(read: Reading) -> timedelta:
    delays = [one.delay_minutes for one in queries.forms(read).values() if one.kind is Kind.AFTER]
    return timedelta(minutes=max(delays, default=0))


def _text(read: Reading, asked: Request) -> Instruction | None:
    form = queries.form(read, asked.template_id)
    content = queries.version(read, form.version_id).content if form.version_id else None
    return content if isinstance(content, Instruction) else None

"""The only way to an appointment, and to a payment: for a patient, and for staff."""

from sqlalchemy import ColumnElement, and_, select, true

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models, queries
from clinic_portal.booking.types import Visit, Visits
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients.access import must_see, seen_by
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo

_APPOINTMENT = table(models.Appointment)


def visit_of(read: Reading, patient_id: int, reference: str) -> Visit:
    """A patient's own visit. Raises NotAllowed alike for an unknown one, another's, and a mere hold (rule 8)."""
    mine = and_(
        _APPOINTMENT.c.reference == reference,
        _APPOINTMENT.c.patient_id == patient_id,
        _APPOINTMENT.c.status.not_in((queries.HELD, "expired")),
    )
    found = read.execute(select(_APPOINTMENT.c.id).where(mine)).scalar()
    if found is None:
        raise NotAllowed()
    return queries.visit(read, found)


def payment_of(read: Reading, patient_id: int, payment_id: int) -> PaymentInfo:
    """A patient's own payment. Raises NotAllowed alike for an unknown one and another's (rule 8)."""
    found = payments.payment(read, payment_id)
    if found.patient_id != patient_id:
        raise NotAllowed()
    return found


def visit_for_staff(read: Reading, actor: StaffActor, appointment_id: int) -> Visit:
    """A visit of a calendar and a patient they may see (P15). Raises NotAllowed alike for any other and none."""
    actor.must(Permission.SEE_DAY)
    wanted = and_(_APPOINTMENT.c.id == appointment_id, visits_seen_by(actor))
    if read.execute(select(_APPOINTMENT.c.id).where(wanted)).first() is None:
        raise NotAllowed()
    return queries.visit(read, appointment_id)


def visit_in_turn_for_staff(work: UnitOfWork, actor: StaffActor, appointment_id: int) -> Visit:
    """The same, while everyone else at a desk waits: two who do the same with it do it once."""
    work.in_turn("visit", str(appointment_id))
    return visit_for_staff(work, actor, appointment_id)


def visits_of_patient(read: Reading, actor: StaffActor, patient_id: int) -> Visits:
    """All visits of a patient they may see, in whose calendar ever: a patient's story is whole. Raises NotAllowed."""
    actor.must(Permission.SEE_DAY)
    must_see(read, actor, patient_id)
    return queries.visits_of(read, patient_id)


def visits_seen_by(actor: StaffActor) -> ColumnElement[bool]:
    """The condition under which an appointment is one they may see; for statements that list."""
    only = actor.only_calendar_of
    in_calendar = true() if only is None else _APPOINTMENT.c.provider_id == only
    return and_(in_calendar, seen_by(actor, _APPOINTMENT.c.patient_id))

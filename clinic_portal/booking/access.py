"""The only way to an appointment, and to a payment, for a patient."""

from sqlalchemy import and_, select

from clinic_portal.booking import models, queries
from clinic_portal.booking.types import Visit
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
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

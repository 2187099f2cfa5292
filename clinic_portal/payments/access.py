"""The one way to a payment for staff: theirs to see as far as its patient is (P15)."""

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients.access import must_see
from clinic_portal.payments import queries
from clinic_portal.payments.types import PaymentInfo


def payment_for_staff(read: Reading, actor: StaffActor, payment_id: int) -> PaymentInfo:
    """A payment; the caller asked for the permission that what it does needs.

    Raises NotAllowed alike for an unknown one and one of a patient they may not see; of nobody yet, it is for those who
    see every patient.
    """
    found = queries.payment(read, payment_id)
    if found.patient_id is not None:
        must_see(read, actor, found.patient_id)
    elif actor.only_patients_of is not None:
        raise NotAllowed()
    return found

"""What the activity log calls a patient's visits and payments, and those of one visit: `kind:id` for each."""

from collections.abc import Collection

from sqlalchemy import select

from clinic_portal.booking import models, queries
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.payments import queries as payments

MOST = 400
"""How many visits, and payments, of a patient are looked for; the newest."""
_APPOINTMENT = table(models.Appointment)


def of_patients(read: Reading, patient_ids: Collection[int]) -> list[str]:
    """Some patients, their visits and what they paid. The caller may read the log."""
    paid = [one.id for patient_id in patient_ids for one in payments.of_patient(read, patient_id)][:MOST]
    return [
        *(f"patient:{one}" for one in patient_ids),
        *visits_of(read, patient_ids),
        *(f"payment:{one}" for one in paid),
    ]


def visits_of(read: Reading, patient_ids: Collection[int]) -> list[str]:
    """The visits of some patients."""
    mine = select(_APPOINTMENT.c.id).where(_APPOINTMENT.c.patient_id.in_(patient_ids))
    return [f"appointment:{one}" for one in read.execute(mine.order_by(_APPOINTMENT.c.id.desc()).limit(MOST)).scalars()]


def of_visit(read: Reading, reference: str) -> list[str]:
    """The visit of a reference, and what was paid for it; nothing for none."""
    found = read.execute(queries.called(reference)).scalar()
    if found is None:
        return []
    return [f"appointment:{found}", *(f"payment:{one.id}" for one in payments.of_appointment(read, found))]

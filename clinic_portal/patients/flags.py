"""What must stand on every page about a patient, for many of them at once."""

from collections.abc import Collection

from sqlalchemy import and_, select

from clinic_portal.core.db import among, table
from clinic_portal.core.work import Reading
from clinic_portal.patients import models

_NOTE = table(models.PatientNote)
_PATIENT = table(models.Patient)


def with_alert(read: Reading, patient_ids: Collection[int]) -> frozenset[int]:
    """Those who have an alert that was not ended. One statement."""
    stands = and_(among(_NOTE.c.patient_id, patient_ids), _NOTE.c.kind == "alert", _NOTE.c.ended_at.is_(None))
    return frozenset(read.execute(select(_NOTE.c.patient_id).where(stands)).scalars())


def stands_alone(read: Reading, patient_id: int) -> bool:
    """Whether a profile is one, and was not found to be another's (P16): only then is anything booked under it."""
    mine = select(_PATIENT.c.id).where(_PATIENT.c.id == patient_id, _PATIENT.c.merged_into_id.is_(None))
    return read.execute(mine).first() is not None

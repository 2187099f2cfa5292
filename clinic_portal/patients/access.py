"""Who is signed in, as a patient: the only way from a cookie to a profile."""

from sqlalchemy import and_, select

from clinic_portal.accounts import sessions
from clinic_portal.accounts.roles import PatientActor
from clinic_portal.accounts.types import Kind, SessionInfo
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.patients import models

_PATIENT = table(models.Patient)


def signed_in(read: Reading, digest: str) -> tuple[PatientActor, SessionInfo] | None:
    """The patient behind a session cookie's digest; None when the session ended or belongs to nobody."""
    session = sessions.find(read, Kind.PATIENT, digest)
    if session is None:
        return None
    mine = and_(_PATIENT.c.account_id == session.subject_id, _PATIENT.c.merged_into_id.is_(None))
    row = read.execute(select(_PATIENT.c.id, _PATIENT.c.given_name, _PATIENT.c.family_name).where(mine)).first()
    if row is None:
        return None
    return PatientActor(session.subject_id, session.id, row.id, row.given_name, row.family_name), session


def profile_of(read: Reading, account_id: int) -> int | None:
    """The id of the profile an account opens."""
    found: int | None = read.execute(
        select(_PATIENT.c.id).where(_PATIENT.c.account_id == account_id, _PATIENT.c.merged_into_id.is_(None))
    ).scalar()
    return found

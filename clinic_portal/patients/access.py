"""Who is signed in, as a patient: the only way from a cookie to a profile; and whom of the patients staff may see."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, delete, select, true
from sqlalchemy.dialects import postgresql, sqlite

from clinic_portal.accounts import sessions
from clinic_portal.accounts.roles import PatientActor, Permission, StaffActor
from clinic_portal.accounts.types import Kind, SessionInfo
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients import models

_PATIENT = table(models.Patient)
_CARE = table(models.CareTeam)


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


def stands_alone(read: Reading, patient_id: int) -> bool:
    """Whether a profile is one, and was not found to be another's (P16): only then is anything booked under it."""
    mine = select(_PATIENT.c.id).where(_PATIENT.c.id == patient_id, _PATIENT.c.merged_into_id.is_(None))
    return read.execute(mine).first() is not None


def must_see(read: Reading, actor: StaffActor, patient_id: int) -> None:
    """Raises NotAllowed, alike for a patient staff may not see and one who does not exist (P15)."""
    actor.must(Permission.SEE_PATIENTS)
    if read.execute(select(_PATIENT.c.id).where(_PATIENT.c.id == patient_id, seen_by(actor))).first() is None:
        raise NotAllowed()


def seen_by(actor: StaffActor, patient_id: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """The condition under which a row's patient is one they may see; for statements that list."""
    only = actor.only_patients_of
    whose = _PATIENT.c.id if patient_id is None else patient_id
    return true() if only is None else whose.in_(select(_CARE.c.patient_id).where(_CARE.c.provider_id == only))


def joins_care_team(work: UnitOfWork, patient_id: int, provider_id: int) -> None:
    """A provider has a visit of this patient: from now on they are one of theirs. Again is harmless, also at once."""
    insert = sqlite.insert if work.session.connection().dialect.name == "sqlite" else postgresql.insert
    row = {"patient_id": patient_id, "provider_id": provider_id, "since_at": work.now}
    work.execute(insert(_CARE).values(row).on_conflict_do_nothing())


def leaves_care_team(work: UnitOfWork, patient_id: int, provider_id: int) -> None:
    """No visit of this patient is a provider's any more: they are not one of theirs. Nobody there is harmless."""
    theirs = and_(_CARE.c.patient_id == patient_id, _CARE.c.provider_id == provider_id)
    work.execute(delete(_CARE).where(theirs))


def care_of(read: Reading, patient_id: int) -> list[int]:
    """The providers who treat a patient."""
    return list(read.execute(select(_CARE.c.provider_id).where(_CARE.c.patient_id == patient_id)).scalars())


def seen_among(read: Reading, actor: StaffActor, patient_ids: Collection[int]) -> frozenset[int]:
    """Those of some patients they may see."""
    if actor.only_patients_of is None:
        return frozenset(patient_ids)
    theirs = select(_PATIENT.c.id).where(_PATIENT.c.id.in_(patient_ids), seen_by(actor))
    return frozenset(read.execute(theirs).scalars())

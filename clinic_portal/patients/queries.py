"""Reads of profiles."""

from sqlalchemy import select

from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients import models
from clinic_portal.patients.actions import claim_token
from clinic_portal.patients.types import ClaimSheet, Contact

_PATIENT = table(models.Patient)
_CLAIM = table(models.ProfileClaim)


def contact(read: Reading, patient_id: int) -> Contact:
    """How to reach a patient. Raises NotAllowed."""
    row = read.execute(select(_PATIENT).where(_PATIENT.c.id == patient_id)).first()
    if row is None:
        raise NotAllowed()
    return Contact(row.given_name, row.family_name, row.email, row.phone)


def language_of(read: Reading, patient_id: int) -> str:
    """The language a patient is written to in."""
    return str(read.execute(select(_PATIENT.c.language).where(_PATIENT.c.id == patient_id)).scalar() or "en")


def known_contact(read: Reading, patient_id: int) -> tuple[Contact, bool]:
    """How to reach a patient, and whether the phone was proved by a code. Raises NotAllowed."""
    row = read.execute(select(_PATIENT).where(_PATIENT.c.id == patient_id)).first()
    if row is None:
        raise NotAllowed()
    return Contact(row.given_name, row.family_name, row.email, row.phone), row.phone_verified_at is not None


def claim(read: Reading, claim_id: int) -> ClaimSheet:
    """A claim as its e-mail to the known profile needs it. Raises NotAllowed."""
    joined = select(_CLAIM, _PATIENT.c.email, _PATIENT.c.given_name).join(_PATIENT, _PATIENT.c.id == _CLAIM.c.claims_id)
    row = read.execute(joined.where(_CLAIM.c.id == claim_id)).first()
    if row is None:
        raise NotAllowed()
    return ClaimSheet(
        email=row.email,
        given_name=row.given_name,
        token=claim_token(read.settings.key, row.nonce),
        expires_at=row.expires_at,
        is_open=row.answered_at is None and row.expires_at > read.now,
    )


def claimed_profile(read: Reading, token: str) -> int | None:
    """The profile kept apart that an open claim's link is about; None when the link has ended."""
    row = read.execute(select(_CLAIM).where(_CLAIM.c.token_digest == crypto.digest(token))).first()
    if row is None or row.answered_at is not None or row.expires_at <= read.now:
        return None
    return int(row.patient_id)

"""Reads of profiles."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, select

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core import crypto
from clinic_portal.core.db import among, table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients import models
from clinic_portal.patients.access import seen_by
from clinic_portal.patients.actions import claim_token
from clinic_portal.patients.searching import ids_holding, search
from clinic_portal.patients.types import ClaimSheet, Contact, Reminded

__all__ = [
    "by_phone", "claim", "claimed_profile", "contact", "ids_holding", "initials", "known_contact", "language_of",
    "names", "numbers_of", "reminded", "search", "time_zone_of",
]  # fmt: skip

_PATIENT = table(models.Patient)
_CLAIM = table(models.ProfileClaim)


def contact(read: Reading, patient_id: int) -> Contact:
    """How to reach a patient. Raises NotAllowed."""
    row = read.execute(select(_PATIENT).where(_PATIENT.c.id == patient_id)).first()
    if row is None:
        raise NotAllowed()
    return Contact(row.given_name, row.family_name, row.email, row.phone)


def names(read: Reading, patient_ids: Collection[int]) -> dict[int, str]:
    """Full names by id."""
    columns = select(_PATIENT.c.id, _PATIENT.c.given_name, _PATIENT.c.family_name)
    rows = read.execute(columns.where(among(_PATIENT.c.id, patient_ids)))
    return {row.id: f"{row.given_name} {row.family_name}" for row in rows}


def phones(read: Reading, patient_ids: Collection[int]) -> dict[int, str]:
    """Telephone numbers by id."""
    rows = read.execute(select(_PATIENT.c.id, _PATIENT.c.phone).where(_PATIENT.c.id.in_(patient_ids)))
    return {row.id: row.phone for row in rows}


def initials(read: Reading, patient_ids: Collection[int]) -> dict[int, str]:
    """The first letters of names by id, for where a whole name would tell too much."""
    rows = read.execute(select(_PATIENT).where(_PATIENT.c.id.in_(patient_ids)))
    return {row.id: f"{row.given_name[:1]}. {row.family_name[:1]}." for row in rows}


def by_phone(read: Reading, numbers: Collection[str]) -> dict[str, tuple[tuple[int, str], ...]]:
    """Whose numbers these are: ids and full names by number; one may be that of several."""
    known = and_(_PATIENT.c.phone.in_(numbers), _PATIENT.c.merged_into_id.is_(None))
    found: dict[str, tuple[tuple[int, str], ...]] = {}
    for row in read.execute(select(_PATIENT).where(known).order_by(_PATIENT.c.id)):
        found[row.phone] = (*found.get(row.phone, ()), (row.id, f"{row.given_name} {row.family_name}"))
    return found


def numbers_of(patient_id: int) -> Select[Any]:
    """A patient's number, as a part of another domain's statement."""
    return select(_PATIENT.c.phone).where(_PATIENT.c.id == patient_id)


def numbers_seen_by(actor: StaffActor) -> Select[Any]:
    """The numbers of the patients they may see, as a part of another domain's statement."""
    return select(_PATIENT.c.phone).where(seen_by(actor))


def language_of(read: Reading, patient_id: int) -> str:
    """The language a patient is written to in."""
    return str(read.execute(select(_PATIENT.c.language).where(_PATIENT.c.id == patient_id)).scalar() or "en")


def time_zone_of(read: Reading, patient_id: int) -> str | None:
    """The time zone a patient lives in, as far as it is known."""
    found: str | None = read.execute(select(_PATIENT.c.time_zone).where(_PATIENT.c.id == patient_id)).scalar()
    return found


def reminded(read: Reading, patient_ids: Collection[int]) -> dict[int, Reminded]:
    """How patients want to be reminded, by id."""
    return {
        row.id: Reminded(row.email, row.phone, row.time_zone, row.wants_email_reminders, row.wants_sms_reminders)
        for row in read.execute(select(_PATIENT).where(_PATIENT.c.id.in_(patient_ids)))
    }


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

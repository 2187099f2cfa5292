"""Tables of patients."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from clinic_portal.core.db import UtcDateTime


class Patient(SQLModel, table=True):
    """A person who is treated. `merged_into_id` is set once this profile turned out to be another's (P16)."""

    __tablename__ = "patient"

    id: int | None = Field(default=None, primary_key=True)
    given_name: str
    family_name: str
    email: str  # as typed
    email_key: str = Field(index=True)  # folded for comparing
    phone: str = Field(index=True)  # E.164
    phone_verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    language: str = "en"
    created_at: datetime = Field(sa_type=UtcDateTime)
    merged_into_id: int | None = Field(default=None, foreign_key="patient.id")


class ProfileClaim(SQLModel, table=True):
    """A booking made under a known e-mail with an unknown phone: kept apart until the e-mail's owner says it is theirs.

    (Security rule 10a.) The link is single-purpose, single-use and expires; only its digest is kept. The token itself
    is worked out from `nonce` and the installation's key when the e-mail is written.
    """

    __tablename__ = "profile_claim"

    id: int | None = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", unique=True)  # the profile kept apart
    claims_id: int = Field(foreign_key="patient.id", index=True)  # the profile that has the e-mail
    nonce: str
    token_digest: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str | None = None  # mine | not_mine

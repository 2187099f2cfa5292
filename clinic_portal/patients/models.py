"""Tables of patients."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime


class Patient(SQLModel, table=True):
    """A person who is treated. `merged_into_id` is set once this profile turned out to be another's (P16)."""

    __tablename__ = "patient"

    id: int | None = Field(default=None, primary_key=True)
    given_name: str
    family_name: str
    search_key: str = ""  # `  elodie  nandu `: both names without case and accents, two blanks before each word
    email: str  # as typed
    email_key: str = Field(index=True)  # folded for comparing
    phone: str = Field(index=True)  # E.164
    phone_verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    language: str = "en"
    created_at: datetime = Field(sa_type=UtcDateTime)
    merged_into_id: int | None = Field(default=None, foreign_key="patient.id")
    account_id: int | None = Field(default=None, foreign_key="account.id", unique=True, index=True)
    welcomed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the Welcome Email was asked for (S13)
    birth_on: date | None = Field(default=None, index=True)
    pronouns: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""  # E.164
    time_zone: str | None = None  # IANA, as their browser told or they chose; None: that of the visit's location
    wants_email_reminders: bool = True
    wants_sms_reminders: bool = True
    wants_news: bool = False
    feed_nonce: str | None = None  # the private calendar feed's address follows from it and the installation's key
    feed_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when a calendar last looked, by the hour
    feed_digest: str | None = Field(default=None, unique=True, index=True)


class CareTeam(SQLModel, table=True):
    """A provider treats a patient, or will: a visit of theirs was booked with them (FHIR's CareTeam).

    Who sees only their own patients sees these. Taken back only where a visit was given to another provider before it
    began, and no other binds the two.
    """

    __tablename__ = "care_team"

    patient_id: int = Field(foreign_key="patient.id", primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", primary_key=True, index=True)
    since_at: datetime = Field(sa_type=UtcDateTime)


class PatientNote(SQLModel, table=True):
    """What staff note about a patient; an alert stands on each page about them until it is ended.

    Append-only but for its end: a change is a new one in place of the old. `body` is sealed (`core.sealing`).
    """

    __tablename__ = "patient_note"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    patient_id: int = Field(foreign_key="patient.id", index=True)
    nonce: str = Field(unique=True)  # names its place when it is sealed
    kind: str  # note | alert
    body: str = Field(sa_column=Column(Text, nullable=False))
    written_at: datetime = Field(sa_type=UtcDateTime)
    written_by: str  # staff:2
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str = ""


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
    answer: str | None = None  # mine | not_mine | withdrawn: the address is not that profile's any more


class Registration(SQLModel, table=True):
    """Someone has filled in the registration page and not yet proved the e-mail address (S18, S19).

    It ties to nothing and lets nobody in. Deleted when its link ends.
    """

    __tablename__ = "registration"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    email: str
    email_key: str = Field(index=True)
    password_hash: str
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # what else was typed
    owner: str  # digest of the registering browser's pre-session cookie
    created_at: datetime = Field(sa_type=UtcDateTime)


class HistoryEntry(SQLModel, table=True):
    """One version of one item of a medical history (S31): a condition, an allergy, a medication, …

    Append-only: a change writes a new version of the item and takes `is_current` from the old one, so that who said
    what and when stays. `body` is sealed (`core.sealing`): nothing of a person's health is readable in the database.
    """

    __tablename__ = "history_entry"
    __table_args__ = (Index("ix_history_entry_patient_id", "patient_id", "is_current"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    patient_id: int = Field(foreign_key="patient.id")
    item: str = Field(index=True)  # the same for every version of one item
    version: int
    kind: str  # condition | allergy | medication | surgery | pregnancy | habit | note
    body: str = Field(sa_column=Column(Text, nullable=False))
    is_current: bool = True
    is_removed: bool = False  # this version takes the item out of the history
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str  # patient:7, staff:2

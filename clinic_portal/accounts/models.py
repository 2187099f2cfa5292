"""Tables of accounts and proofs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime


class Staff(SQLModel, table=True):
    """Someone who runs the clinic's pages. `role` is owner, front_desk, provider or read_only (P15)."""

    __tablename__ = "staff"

    id: int | None = Field(default=None, primary_key=True)
    email_key: str = Field(unique=True)
    name: str
    role: str
    email: str = ""  # as typed
    password_hash: str  # empty until an invitation is taken up
    is_active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
    provider_id: int | None = Field(default=None, foreign_key="provider.id")  # whose calendar is theirs
    sees_every_calendar: bool = True  # of a provider: else only their own
    sees_every_patient: bool = True  # of a provider: else only those who have a visit with them
    last_signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    second_factor: str | None = None  # the authenticator's secret, sealed; in force once confirmed
    second_factor_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    second_factor_step: int = 0  # the last time step used: a code works once (RFC 6238, 5.2)


class RecoveryCode(SQLModel, table=True):
    """Lets someone of the staff in once without their authenticator; only its keyed digest is kept."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    digest: str = Field(unique=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Account(SQLModel, table=True):
    """A patient's way in. It exists only once its e-mail address was proved (S19, S20); whose it is, `patient` says."""

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    email: str  # as typed
    email_key: str = Field(unique=True)
    password_hash: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    first_signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Link(SQLModel, table=True):
    """A link sent by e-mail: single-purpose, single-use, expiring (S11). Its token follows from `nonce` and the key."""

    __tablename__ = "link"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    purpose: str  # activate | register | reset | change_email | invite | staff_reset
    subject_id: int = Field(sa_column=Column(BigId, nullable=False, index=True))  # of the purpose's own table
    email: str  # where it goes, and what it proves
    nonce: str
    token_digest: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccountSession(SQLModel, table=True):
    """A browser someone is signed in with. Only the token's SHA-256 is here (rule 4).

    It ends at `expires_at`, after `idle_minutes` without a sign of life, or when revoked. `stage` is `password` while
    a member of staff still owes the second factor, then `full`.
    """

    __tablename__ = "account_session"
    __table_args__ = (Index("ix_account_session_who", "kind", "subject_id"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    token_digest: str = Field(unique=True)
    kind: str  # patient | staff
    subject_id: int  # account or staff id
    stage: str = "full"
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    idle_minutes: int
    device: str  # "Firefox on Android"
    address: str  # network address
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SpentCaptcha(SQLModel, table=True):
    """A solved challenge that was used: its second use is refused."""

    __tablename__ = "spent_captcha"

    digest: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class FormNote(SQLModel, table=True):
    """What a form that was refused is to say when its page opens again, and what was typed in it; never a password."""

    __tablename__ = "form_note"

    owner: str = Field(primary_key=True)  # digest of the browser's pre-session cookie
    form: str
    problem: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    typed: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class OneTimeCode(SQLModel, table=True):
    """A code sent by SMS. The digits are not here: they follow from `nonce` and the installation's key (rule 10)."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_owner", "purpose", "owner", "phone"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    purpose: str
    owner: str  # digest of the browser's pre-session cookie
    phone: str  # E.164
    nonce: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    state: str = "open"  # open | used | void


class Attempt(SQLModel, table=True):
    """Something that may be done only so often, done once more. `key` is a digest: no number or address is kept."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    key: str
    at: datetime = Field(sa_type=UtcDateTime)

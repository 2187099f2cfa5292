"""Tables of accounts and proofs."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime


class Staff(SQLModel, table=True):
    """Someone who runs the clinic's pages. `role` is owner, front_desk, provider or read_only (P15)."""

    __tablename__ = "staff"

    id: int | None = Field(default=None, primary_key=True)
    email_key: str = Field(unique=True)
    name: str
    role: str
    password_hash: str
    is_active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


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

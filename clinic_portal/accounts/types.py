"""Proofs and limits as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """A one-time code as its SMS needs it. `is_open`: neither used, voided nor expired."""

    phone: str
    digits: str
    purpose: str
    expires_at: datetime
    is_open: bool


class CodeAnswer(StrEnum):
    """What became of a typed code (S67)."""

    RIGHT = "right"
    WRONG = "code_wrong"
    EXPIRED = "code_expired"
    SPENT = "code_spent"  # five wrong tries
    MISSING = "code_missing"  # none was asked for, or it was used or replaced


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within so long."""

    name: str
    times: int
    within: timedelta


class Purpose(StrEnum):
    """What a link is for; about whom or what its subject is."""

    ACTIVATE = "activate"  # the Welcome Email; a patient
    REGISTER = "register"  # prove the address of a registration; a registration
    KNOWN = "known"  # someone registered with an address that has an account; an account
    RESET = "reset"  # forgotten password; an account
    NOBODY = "nobody"  # a password forgotten by nobody we know: nothing is sent
    CHANGE_EMAIL = "change_email"  # prove a new address; an account
    EMAIL_CHANGED = "email_changed"  # tells the old address; an account
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - tells its owner, in case it was not them; an account
    INVITE = "invite"  # join the staff; someone of the staff
    PAY_FEE = "pay_fee"  # pay a fee that could not be charged, usable until it is settled; a payment
    STAFF_RESET = "staff_reset"  # forgotten password; someone of the staff
    STAFF_PASSWORD_CHANGED = "staff_password_changed"  # noqa: S105 - tells its owner; someone of the staff


@dataclass(frozen=True, slots=True)
class LinkSheet:
    """A link as its e-mail and its page need it. `is_open`: neither used nor expired."""

    id: int
    purpose: Purpose
    subject_id: int
    email: str
    token: str
    expires_at: datetime
    is_open: bool


class Kind(StrEnum):
    """Whose session it is."""

    PATIENT = "patient"
    STAFF = "staff"


class Stage(StrEnum):
    """How far a sign-in has come."""

    CODE = "code"  # the password was right; the authenticator's code is due
    ENROL = "enrol"  # the password was right; the clinic wants an authenticator set up first
    FULL = "full"


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A live session. It ends by itself at `idle_at` unless there is a sign of life."""

    id: int
    kind: Kind
    subject_id: int
    stage: Stage
    seen_at: datetime
    idle_at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that is signed in."""

    session_id: int
    name: str
    address: str
    since_at: datetime
    seen_at: datetime
    is_here: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is compared with; for the sign-in alone."""

    subject_id: int
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What a form that was refused says: one sentence for all, or one by field; and what was typed."""

    code: str
    facts: Mapping[str, Any]
    fields: Mapping[str, tuple[str, Mapping[str, Any]]]
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Someone of the staff, as the team page shows them."""

    id: int
    name: str
    email: str
    role: str
    provider_id: int | None
    sees_every_calendar: bool
    sees_every_patient: bool
    is_active: bool
    has_password: bool
    has_second_factor: bool
    last_signed_in_at: datetime | None

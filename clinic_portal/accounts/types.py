"""Proofs and limits as frozen values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


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

"""The wallet as others may know it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """Why an entry was made."""

    DEPOSIT = "deposit"  # paid when booked, kept for the visit
    FEE = "fee"  # the clinic keeps it: a late cancellation, a visit missed
    TO_CARD = "to_card"  # goes back to the card it came from
    TO_CREDIT = "to_credit"  # a visit's deposit becomes free credit
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class EntryInfo:
    """An entry, newest first in lists; `amount_minor` is signed."""

    id: int
    kind: EntryKind
    appointment_id: int | None
    amount_minor: int
    currency: str
    made_at: datetime

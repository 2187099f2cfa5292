"""Messages as others may know them: frozen values, never rows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a message is about."""

    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_MOVED = "appointment_moved"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    BEFORE_VISIT = "before_visit"  # pre-treatment instructions, with the booking
    AFTER_VISIT = "after_visit"  # post-treatment instructions, at their delay
    PAYMENT_RECEIPT = "payment_receipt"  # a deposit or a fee was taken
    FEE_FAILED = "fee_failed"  # a fee could not be charged: why, and the page on which it is paid
    FEE_WAIVED = "fee_waived"
    REFUND_DONE = "refund_done"
    PACKAGE_BOUGHT = "package_bought"  # what is in it, how it is used, and its receipt
    NOT_BOOKED = "not_booked"  # a card was given and nothing could be booked
    PHONE_CODE = "phone_code"
    PROFILE_CLAIM = "profile_claim"
    ACCOUNT_LINK = "account_link"  # a link of `accounts.links`; which one, its purpose says
    VISIT_REMINDER = "visit_reminder"
    FORMS_REMINDER = "forms_reminder"  # forms of a visit are still to be filled in
    MEMBERSHIP_STARTED = "membership_started"
    MEMBERSHIP_RENEWED = "membership_renewed"  # a period was paid: its receipt
    MEMBERSHIP_FAILED = "membership_failed"  # a renewal was refused: what to do, and until when
    MEMBERSHIP_UNPAID = "membership_unpaid"  # it has ended since its renewal was not paid
    MEMBERSHIP_PAUSED = "membership_paused"
    MEMBERSHIP_RESUMED = "membership_resumed"
    MEMBERSHIP_CHANGED = "membership_changed"  # another plan
    MEMBERSHIP_ENDING = "membership_ending"
    MEMBERSHIP_KEPT = "membership_kept"
    MEMBERSHIP_ENDED = "membership_ended"
    TRIAL = "trial"  # staff look at a text before it holds


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"

    @property
    def other(self) -> "Channel":
        """The one that makes up for this one (B6)."""
        return Channel.SMS if self is Channel.EMAIL else Channel.EMAIL


class State(StrEnum):
    """What became of a message (B6)."""

    QUEUED = "queued"
    SENT = "sent"  # taken by the relay or the SMS service
    DELIVERED = "delivered"  # it reached the phone, as the SMS service says
    FAILED = "failed"  # given up, or told to have come back
    DROPPED = "dropped"  # no longer made sense when its turn came


class Fate(StrEnum):
    """What the SMS service says of a message."""

    TAKEN = "taken"  # on its way
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message that is not to be sent any more, and why: a code, never personal data."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """A message that is to wait until this instant: quiet hours, by the patient's own clock."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """Why nothing is sent to an address any more: `stop`, `bounced` or `invalid`."""

    reason: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a message said; the subject is empty for an SMS."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A message and what became of it; `last_error` is a code."""

    id: int
    kind: str
    channel: str
    to_address: str
    appointment_id: int | None
    state: str
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activation:
    """How far an "Activate now" has come (S15)."""

    run_id: int
    total: int
    done: int
    started_at: datetime
    finished_at: datetime | None
    is_running: bool  # neither finished nor stopped by a fault


@dataclass(frozen=True, slots=True)
class SandboxLetter:
    """What the sandbox "sent", for the rehearsal's mailbox (B7)."""

    id: int
    channel: str
    to_address: str
    subject: str
    text: str
    html: str
    attachment_name: str
    attachment: str
    sent_at: datetime
    state: str | None  # of the ledger


GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Statuses (RFC 3463) of a mailbox or a domain that is not there; a full mailbox or a suspicion of spam is none."""


def bounced(status: str) -> str:
    """Why an e-mail came back, as a code: `bounced_5.1.1`."""
    return f"bounced_{status}"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says later of an e-mail it took: our Message-ID, a status of RFC 3463, and what it did."""

    message_id: str
    status: str
    action: str  # failed | delayed | delivered | relayed | expanded

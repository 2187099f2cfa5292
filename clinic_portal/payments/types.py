"""Payments as others may know them: frozen values, never rows. Money in minor units of its currency."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Purpose(StrEnum):
    """What a payment is for."""

    HOLD = "hold"  # a small authorisation that proves and saves the card; released, never captured (S78-S80)
    DEPOSIT = "deposit"  # paid when booked; returned, kept for a fee, or counted at the visit (P6)
    CANCELLATION_FEE = "cancellation_fee"  # charged to the card on file (S56)
    NOSHOW_FEE = "noshow_fee"  # the same for a visit missed (P5)
    CARD = "card"  # no money: a patient adds a card
    PACKAGE = "package"  # prepaid treatments (P8)
    MEMBERSHIP = "membership"  # joining one, and each period of it (P8)


AT_BOOKING = (Purpose.HOLD, Purpose.DEPOSIT)
FEES = (Purpose.CANCELLATION_FEE, Purpose.NOSHOW_FEE)


class State(StrEnum):
    """How far a payment has come."""

    PREPARED = "prepared"  # written here; the gateway may or may not know of it
    OPEN = "open"  # the patient is on the gateway's page
    AUTHORISED = "authorised"  # money is reserved; what is `wanted` of it is still to be done
    PAID = "paid"
    RELEASED = "released"  # the authorisation was given back: nothing was taken
    SAVED = "saved"  # a card was added
    FAILED = "failed"  # a fee was refused; `failure_code` says why
    EXPIRED = "expired"  # the page was left, or its time ended, with nothing taken
    WAIVED = "waived"  # staff forgave a fee that had not been paid


UNSETTLED = (State.PREPARED, State.OPEN, State.AUTHORISED)
"""States that do not last: something is still to be done or heard."""


class Wanted(StrEnum):
    """What is to become of an authorisation."""

    CAPTURE = "capture"
    RELEASE = "release"


class RefundState(StrEnum):
    """How far a refund has come."""

    PREPARED = "prepared"
    PENDING = "pending"  # the gateway has it; the bank takes its time
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Tended:
    """What a round of looking at what is unsettled found."""

    looked_at: int
    is_away: bool  # the gateway does not answer: the rest waits


@dataclass(frozen=True, slots=True)
class PaymentInfo:
    """A payment as it stands."""

    id: int
    account: str
    purpose: Purpose
    state: State
    wanted: Wanted | None
    appointment_id: int | None
    patient_id: int | None
    owner: str | None  # the browser that pays at booking, as drafts know it
    card_id: int | None
    amount_minor: int  # what is asked of the card
    from_deposit_minor: int  # of a fee: what the deposit paid of it, before the card
    currency: str
    captured_minor: int
    refunded_minor: int
    credited_minor: int  # given back into the wallet instead
    attempt: int
    nonce: str
    session_id: str | None
    intent_id: str | None
    page_url: str | None  # where the patient pays
    expires_at: datetime | None  # when that page ends
    failure_code: str | None  # why a fee was refused; at booking: why what was authorised became no booking
    item: str
    consent: str
    email: str
    language: str
    reference: str
    accepted_policy_id: int | None
    accepted_at: datetime | None
    accepted_from: str
    accepted_device: str
    phone: str
    phone_verified_at: datetime | None
    created_at: datetime
    updated_at: datetime
    disputed_at: datetime | None
    package_id: int | None
    membership_id: int | None
    sold: dict[str, Any] | None  # what was offered, as it was then

    @property
    def refundable_minor(self) -> int:
        """What can still be given back; nothing where the gateway gave back what is in the wallet by now."""
        return max(0, self.captured_minor - self.refunded_minor - self.credited_minor)

    @property
    def is_booked(self) -> bool:
        """Of a payment at booking: whether it became an appointment."""
        return self.wanted is not None and self.failure_code is None

    @property
    def awaits_page(self) -> bool:
        """Whether a page is to be opened for it, and none is known yet."""
        is_open = self.state is State.OPEN and self.session_id is None
        return is_open or (self.state is State.PREPARED and self.purpose not in FEES)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be done or heard any more."""
        return self.state not in UNSETTLED


@dataclass(frozen=True, slots=True)
class RefundInfo:
    """A refund, whole or in part."""

    id: int
    payment_id: int
    amount_minor: int
    currency: str
    reason: str
    state: RefundState
    attempt: int
    nonce: str
    gateway_id: str | None
    failure_code: str | None
    asked_by: str  # `kind:id` of who asked
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class CardInfo:
    """A card on file: what may be shown of it, never its number, and the gateway's ids to charge it by."""

    id: int
    account: str
    patient_id: int
    customer_id: str
    method_id: str
    brand: str  # visa, mastercard, amex…
    last_four: str
    exp_month: int
    exp_year: int
    is_default: bool
    created_at: datetime

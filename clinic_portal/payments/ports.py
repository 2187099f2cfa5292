"""What payments need of the outside: a gateway that takes cards on a page of its own.

Card data never passes through here. Every call that moves money carries an idempotency key that is made of our row's
id: repeated, it does nothing twice. Instants are aware and UTC, money in minor units.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from clinic_portal.payments.types import Purpose


class GatewayAway(Exception):
    """No answer, or none that says what happened: down, slow, too busy. Ask again later, under the same key."""

    def __init__(self, reason: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class GatewayRefused(Exception):
    """The gateway will not do it and never will as it was asked; nothing was moved. `code` is the gateway's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Declined(Exception):
    """The bank said no. `code` is card_declined, insufficient_funds, expired_card, authentication_required, …

    `may_try_again` is False for a card that will never do (lost, stolen, closed).
    """

    def __init__(self, code: str, *, intent_id: str | None = None, may_try_again: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.intent_id = intent_id
        self.may_try_again = may_try_again


class NoticeRefused(Exception):
    """A notice that was not signed by the gateway, is too old, or cannot be read."""


class CheckoutStatus(StrEnum):
    """Where a hosted page stands."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class IntentStatus(StrEnum):
    """Where an intended payment stands."""

    UNFINISHED = "unfinished"  # nothing reserved or taken so far
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SubscriptionTerms:
    """What is charged each period from the day it begins, and once when it begins. `version_id` is our row's: the
    terms stand under it at the gateway. `plan` is what its pages and invoices call it."""

    membership_id: int
    version_id: int
    plan: str
    period: str  # month | year
    fee_minor: int
    setup_fee_minor: int


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """A hosted page to be opened for one payment.

    `purpose` HOLD and DEPOSIT authorise `amount_minor` and save the card for later charges; CARD saves it alone; a
    fee and a package are taken at once. MEMBERSHIP begins a `subscription`: `amount_minor` is its first period and what
    is charged once. `item` is what the page calls it, `consent` the sentence by which the card may be charged later.
    The gateway's page ends at `expires_at` (Stripe: 30 minutes to 24 hours ahead). In `back_url`
    a literal `{CHECKOUT_SESSION_ID}` becomes the page's id; booking needs none, since the browser's cookie says whose
    page it was.
    """

    payment_id: int
    purpose: Purpose
    amount_minor: int
    currency: str
    item: str
    consent: str
    reference: str  # the visit's or the receipt's, so that people find it in the gateway's pages; empty for CARD
    email: str
    customer_id: str | None  # a known customer, or None: the gateway makes one
    language: str
    expires_at: datetime
    back_url: str
    cancel_url: str
    key: str
    subscription: SubscriptionTerms | None = None


@dataclass(frozen=True, slots=True)
class GatewayCard:
    """A card as the gateway keeps it. `fingerprint` is the same whenever the same card is saved."""

    method_id: str
    customer_id: str
    fingerprint: str
    brand: str
    last_four: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment as the gateway keeps it; `payment_id` is what we wrote into it, None if it is none of ours."""

    id: str
    status: IntentStatus
    amount_minor: int
    currency: str
    captured_minor: int
    refunded_minor: int
    payment_id: int | None
    created_at: datetime
    failure_code: str | None = None
    card: GatewayCard | None = None
    is_disputed: bool = False


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted page as it stands. `intent` where money is meant, `card` where one was saved without, `subscription_id`
    where one began."""

    id: str
    url: str | None
    status: CheckoutStatus
    payment_id: int | None
    intent: Intent | None = None
    card: GatewayCard | None = None
    subscription_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A charge to a saved card while its owner is away."""

    payment_id: int
    purpose: Purpose
    amount_minor: int
    currency: str
    customer_id: str
    method_id: str
    item: str
    reference: str
    policy_version: int | None
    key: str


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to be given back. `refund_id` is our row's."""

    refund_id: int
    payment_id: int
    intent_id: str
    amount_minor: int
    key: str


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """A refund as the gateway keeps it."""

    id: str
    intent_id: str
    amount_minor: int
    status: RefundStatus
    refund_id: int | None
    failure_code: str | None = None


class SubscriptionStatus(StrEnum):
    """Where a subscription stands."""

    INCOMPLETE = "incomplete"  # its first period is not paid
    ACTIVE = "active"
    OVERDUE = "overdue"  # a renewal was refused
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as the gateway keeps it. `membership_id` and `version_id` are what we wrote into it; the period
    is the one under way; `anchor_at` is the instant whose day of the month every period begins on."""

    id: str
    status: SubscriptionStatus
    membership_id: int | None
    version_id: int | None
    customer_id: str
    period_from_at: datetime
    period_until_at: datetime
    anchor_at: datetime
    is_ending: bool = False  # with the period under way
    is_paused: bool = False  # periods that begin now cost nothing
    resumes_at: datetime | None = None
    ended_at: datetime | None = None
    card: GatewayCard | None = None


class InvoiceStatus(StrEnum):
    """Where an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"  # nothing is asked any more


@dataclass(frozen=True, slots=True)
class Invoice:
    """A period of a subscription as the gateway bills it. `version_id` is of the terms it was made under."""

    id: str
    subscription_id: str
    status: InvoiceStatus
    amount_minor: int
    paid_minor: int
    currency: str
    from_at: datetime
    until_at: datetime
    version_id: int | None = None
    is_first: bool = False  # the one the subscription began with
    attempts: int = 0  # how often a card was tried
    next_try_at: datetime | None = None
    failure_code: str | None = None
    intent_id: str | None = None
    page_url: str | None = None  # the gateway's page on which its patient pays it
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionWishes:
    """How a subscription is to stand, whole: asked twice, it stands so once.

    `is_paused` until `resumes_at` (None: until told otherwise): periods that begin meanwhile cost nothing.
    `restarts`: a pause that ends now, so that a new period begins and is charged. `terms` are charged from the next
    period on, whatever is paid for already. `method_id` is the card that is charged; None leaves it.
    """

    subscription_id: str
    is_ending: bool
    is_paused: bool
    resumes_at: datetime | None
    restarts: bool
    terms: SubscriptionTerms
    currency: str
    method_id: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the gateway tells by itself. What it says is never believed: the object is looked up afresh."""

    id: str
    kind: str  # the gateway's name, such as checkout.session.completed
    object_id: str
    payment_id: int | None
    intent_id: str | None
    occurred_at: datetime
    session_id: str | None = None
    refund_id: str | None = None
    method_id: str | None = None
    subscription_id: str | None = None
    facts: dict[str, str] = field(default_factory=dict)


class SubscriptionGateway(Protocol):
    """Takes money period by period. Each method may raise GatewayAway and GatewayRefused."""

    def subscription(self, subscription_id: str) -> Subscription:
        """How a subscription stands now."""

    def invoices_of(self, subscription_id: str) -> tuple[Invoice, ...]:
        """The invoices of a subscription, the oldest first."""

    def invoice_of(self, intent_id: str) -> Invoice | None:
        """The invoice a payment is for; None where it is for none."""

    def change_subscription(self, wishes: SubscriptionWishes) -> Subscription:
        """Have a subscription stand as it is wished; how it stands then. Nothing is paid in part, or back."""

    def end_subscription(self, subscription_id: str) -> Subscription:
        """End a subscription now; what it asks for still is asked no more. One that has ended stays so."""

    def pay_invoice(self, invoice_id: str, *, method_id: str | None, key: str) -> Invoice:
        """Charge an open invoice now, to this card or to the subscription's; how it stands then. Raises Declined."""


class PaymentGateway(SubscriptionGateway, Protocol):
    """Takes and gives back money. Each method may raise GatewayAway and GatewayRefused."""

    account: str
    """Whose money it is: `sandbox`, `stripe:test` or `stripe:live`. Ids of one account mean nothing in another."""

    def open_checkout(self, asked: CheckoutRequest) -> Checkout:
        """Open a hosted page; asked again under the same key, the same page."""

    def checkout(self, session_id: str) -> Checkout:
        """How a hosted page stands now, with what was paid or saved there."""

    def expire_checkout(self, session_id: str) -> Checkout:
        """End a hosted page now; how it stands then. One that is complete stays complete."""

    def charge(self, asked: ChargeRequest) -> Intent:
        """Charge a saved card. Raises Declined."""

    def intent(self, intent_id: str) -> Intent:
        """How a payment stands now."""

    def capture(self, intent_id: str, *, key: str) -> Intent:
        """Take what is reserved; how it stands then, also when it was taken or given back before."""

    def release(self, intent_id: str, *, key: str) -> Intent:
        """Give back what is reserved; how it stands then, also when it was given back or taken before."""

    def refund(self, asked: RefundRequest) -> GatewayRefund:
        """Give back money that was taken."""

    def refund_of(self, gateway_id: str) -> GatewayRefund:
        """How a refund stands now."""

    def open_customer(self, *, email: str, name: str, patient_id: int, key: str) -> str:
        """A customer whose cards are kept; its id."""

    def forget_card(self, method_id: str) -> None:
        """Keep a card no longer; one that is gone already is no fault."""

    def recent(self, since: datetime) -> Iterable[Intent]:
        """Every payment made since then, ours or not, newest first."""

    def read_notice(self, body: bytes, signature: str) -> Notice | None:
        """A notice, once its signature is proved; None for a kind that concerns nothing here. Raises NoticeRefused."""

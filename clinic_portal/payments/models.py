"""Tables of payments. Private to this domain: others read them through `queries`.

No column holds a card's number, its code, or anything else that could be charged without the gateway's own keys.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime

_LIVE_AT_BOOKING = text("purpose IN ('hold', 'deposit') AND state IN ('prepared', 'open', 'authorised')")
_DISPUTED = text("disputed_at IS NOT NULL")
_FEE = text("purpose IN ('cancellation_fee', 'noshow_fee')")


class GatewayCustomer(SQLModel, table=True):
    """Who a patient is to the gateway; one who booked as a guest may be several."""

    __tablename__ = "gateway_customer"

    customer_id: str = Field(primary_key=True)
    account: str
    patient_id: int = Field(foreign_key="patient.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Card(SQLModel, table=True):
    """A card on file: what may be shown of it, and the gateway's ids to charge it by."""

    __tablename__ = "card"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    account: str
    patient_id: int = Field(foreign_key="patient.id", index=True)
    customer_id: str
    method_id: str = Field(unique=True)
    fingerprint: str
    brand: str
    last_four: str
    exp_month: int
    exp_year: int
    is_default: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Payment(SQLModel, table=True):
    """Money asked of a patient once: its id is the gateway's idempotency key (`types.State` says how far it is).

    At booking there is no patient yet (S64): `owner` is the browser, `appointment_id` the held time. A visit has one
    live payment at booking and one fee of a kind: the database refuses a second.
    """

    __tablename__ = "payment"
    __table_args__ = (
        Index(
            "uq_payment_live_at_booking",
            "appointment_id",
            unique=True,
            sqlite_where=_LIVE_AT_BOOKING,
            postgresql_where=_LIVE_AT_BOOKING,
        ),
        Index(
            "uq_payment_fee",
            "appointment_id",
            "purpose",
            unique=True,
            sqlite_where=_FEE,
            postgresql_where=_FEE,
        ),
        Index("ix_payment_state_updated_at", "state", "updated_at"),
        Index("ix_payment_purpose_id", "purpose", "id"),
        Index("ix_payment_disputed_at", "disputed_at", sqlite_where=_DISPUTED, postgresql_where=_DISPUTED),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("captured_minor BETWEEN 0 AND amount_minor", name="captured_within_amount"),
        CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name="refunded_within_captured"),
        CheckConstraint("credited_minor BETWEEN 0 AND captured_minor", name="credited_within_captured"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    account: str
    purpose: str
    state: str
    wanted: str | None = None
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", index=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    owner: str | None = None
    card_id: int | None = Field(default=None, foreign_key="card.id")
    amount_minor: int
    currency: str
    captured_minor: int = 0
    refunded_minor: int = 0
    credited_minor: int = 0  # given back into the wallet instead of to the card
    from_deposit_minor: int = 0  # of a fee: what the deposit paid of it
    attempt: int = 1  # rises after a definite refusal only: an unknown outcome is asked for again under the same key
    nonce: str  # with the id, the key: an id may be given out again by books restored from a copy
    session_id: str | None = Field(default=None, unique=True)
    intent_id: str | None = Field(default=None, unique=True)
    page_url: str | None = Field(default=None, sa_column=Column(Text))
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure_code: str | None = None
    item: str = ""  # what the gateway's page and the card's statement call it
    consent: str = Field(default="", sa_column=Column(Text, nullable=False))  # as read on the gateway's page
    email: str = ""
    language: str = "en"
    reference: str = ""
    accepted_policy_id: int | None = Field(default=None, foreign_key="policy_version.id")
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_from: str = ""  # the address it was accepted from, for a dispute
    accepted_device: str = ""
    phone: str = ""
    phone_verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    disputed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    package_id: int | None = Field(default=None, foreign_key="package.id")
    membership_id: int | None = Field(default=None, foreign_key="membership.id", index=True)
    sold: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))  # what was offered, as it was then
    attended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # staff dealt with what it asked of them


class Refund(SQLModel, table=True):
    """Money given back; its id is the gateway's idempotency key."""

    __tablename__ = "refund"
    __table_args__ = (
        Index("ix_refund_state", "state"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    payment_id: int = Field(foreign_key="payment.id", index=True)
    amount_minor: int
    currency: str
    reason: str
    state: str
    attempt: int = 1
    nonce: str
    gateway_id: str | None = Field(default=None, unique=True)
    failure_code: str | None = None
    asked_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GatewayNotice(SQLModel, table=True):
    """A notice of the gateway, stored once (rule 12); what came of it is in the payment."""

    __tablename__ = "gateway_notice"

    id: str = Field(primary_key=True)
    account: str
    kind: str
    object_id: str
    payment_id: int | None = None
    intent_id: str | None = None
    session_id: str | None = None
    refund_id: str | None = None
    method_id: str | None = None
    subscription_id: str | None = None
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Difference(SQLModel, table=True):
    """Where the gateway's books and ours differ, as reconciliation found and mended it, or could not."""

    __tablename__ = "payment_difference"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    dedupe_key: str = Field(unique=True)
    kind: str
    payment_id: int | None = None
    intent_id: str | None = None
    found_at: datetime = Field(sa_type=UtcDateTime, index=True)
    mended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SandboxObject(SQLModel, table=True):
    """What the sandbox gateway keeps, as the true one would: pages, payments, refunds, cards (B7)."""

    __tablename__ = "sandbox_object"

    id: str = Field(primary_key=True)
    kind: str  # checkout | intent | refund | customer | card | subscription | invoice
    key: str | None = Field(default=None, unique=True)  # the idempotency key it was made under
    data: str = Field(sa_column=Column(Text, nullable=False))  # JSON
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)

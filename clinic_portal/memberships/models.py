"""Tables of memberships. Private to this domain."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime

_LIVE = text("ended_at IS NULL")


class MembershipPlan(SQLModel, table=True):
    """A plan patients may join (P8). What it costs and brings is in versions; members keep the one they agreed to."""

    __tablename__ = "membership_plan"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    description: str = Field(default="", sa_column=Column(Text, nullable=False))
    agreement_id: int | None = Field(default=None, foreign_key="form_template.id")  # a consent, signed to join
    is_active: bool = False  # patients may join it
    position: int = 0
    revision: int = 0  # rises with each change, so that two editors notice each other
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PlanVersion(SQLModel, table=True):
    """What a plan costs and brings, from one change to the next. Never changed once a patient is on it.

    `brings`: what goes into the wallet each period, a list of {"service_id" | "category_id" | "product" |
    "credit_minor": …, "count": n}. `is_banked`: what is left stays for later periods, else it ends with its own.
    """

    __tablename__ = "membership_plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "version"),
        CheckConstraint("fee_minor > 0 AND setup_fee_minor >= 0", name="costs"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="percent"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="membership_plan.id")
    version: int
    period: str  # month | year
    fee_minor: int
    setup_fee_minor: int = 0
    currency: str
    discount_percent: int = 0  # on every service
    brings: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    is_banked: bool = True
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str


class Membership(SQLModel, table=True):
    """A patient's membership; at most one that has not ended.

    `state`: joining (agreement or payment outstanding: no member yet), active, overdue (a renewal was refused; a member
    until `grace_until_at`), paused (no fee, no benefits, still enrolled), ended. Enrolled by staff without a plan: no
    version, no subscription, for nothing. What the patient or staff wants (`is_ending`, `next_version_id`, `pauses`) is
    written first and then told the gateway; what the gateway answers is written beside it.
    """

    __tablename__ = "membership"
    __table_args__ = (
        Index("uq_membership_live", "patient_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_membership_state", "state", "looked_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    patient_id: int = Field(foreign_key="patient.id")
    state: str = "active"
    version_id: int | None = Field(default=None, foreign_key="membership_plan_version.id")
    next_version_id: int | None = Field(default=None, foreign_key="membership_plan_version.id")  # from the next period
    request_id: int | None = Field(default=None, foreign_key="form_request.id")  # the agreement, asked for
    document_id: int | None = Field(default=None, foreign_key="form_document.id")  # and signed
    next_document_id: int | None = Field(default=None, foreign_key="form_document.id")  # of the plan that follows
    account: str | None = None  # the gateway's, as on payments
    subscription_id: str | None = Field(default=None, unique=True)
    nonce: str = ""  # of the gateway's idempotency keys
    attempt: int = 1  # of what is told the gateway; rises with each wish
    wish: str = ""  # the events of those that the gateway does not know of
    revision: int = 0  # rises with each change, so that what was asked of the gateway before one is not believed
    begun_at: datetime = Field(sa_type=UtcDateTime)  # the row
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # a member since
    anchor_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # whose day of the month periods begin on
    period_from_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    period_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_ending: bool = False  # ends with this period
    is_pausing: bool = False
    resumes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of a pause: when it ends by itself
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    overdue_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    grace_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_told: bool = True  # the gateway knows what is wanted
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str | None = None  # asked, by_staff, unpaid, gateway, left, never_joined, moved


class MembershipPeriod(SQLModel, table=True):
    """A period of a membership as the gateway bills it, an invoice. What it brings is granted once, when it is paid."""

    __tablename__ = "membership_period"
    __table_args__ = (Index("ix_membership_period_membership_id", "membership_id", "from_at"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    membership_id: int = Field(sa_column=Column(BigId, ForeignKey("membership.id"), nullable=False))
    version_id: int = Field(foreign_key="membership_plan_version.id")
    invoice_id: str = Field(unique=True)
    state: str  # open, paid, failed, void, returned (paid for a membership that had ended)
    from_at: datetime = Field(sa_type=UtcDateTime)
    until_at: datetime = Field(sa_type=UtcDateTime)
    amount_minor: int
    currency: str
    attempts: int = 0
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure_code: str | None = None
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

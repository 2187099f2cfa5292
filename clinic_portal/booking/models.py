"""Tables of drafts and appointments."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime


class BookingDraft(SQLModel, table=True):
    """What one browser has filled in so far; it belongs to the digest of the browser's pre-session cookie.

    A row, not page state, so that a reload, a restart or another worker changes nothing for the patient (rule 6a).
    A guest's holds no patient: none exists until the booking is confirmed (S64). Deleted a day after its last change.
    """

    __tablename__ = "booking_draft"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    owner: str = Field(unique=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id")  # who is signed in here, if anyone
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime, index=True)
    location_id: int | None = None
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""  # E.164 once it parsed
    phone_typed: str = ""
    time_zone: str | None = None  # the browser's
    verified_phone: str = ""  # E.164 proved by a code in this browser
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    has_reviewed_visit: bool = False
    has_chosen_provider: bool = False
    provider_id: int | None = None  # None with has_chosen_provider: first available
    looking_at_on: date | None = None
    hold_id: int | None = None  # the appointment kept for this draft
    booked_id: int | None = None  # the last appointment booked from this browser


class DraftItem(SQLModel, table=True):
    """A service in the cart, with the price its patient was shown. `is_later` sets it aside for a visit of its own."""

    __tablename__ = "draft_item"
    __table_args__ = (UniqueConstraint("draft_id", "service_id"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    draft_id: int = Field(foreign_key="booking_draft.id", index=True, ondelete="CASCADE")
    service_id: int = Field(foreign_key="service.id")
    seen_price_minor: int
    seen_currency: str
    position: int = 0
    is_later: bool = False
    lot_id: int | None = Field(default=None, foreign_key="wallet_lot.id")  # to be paid for with one of these


class Appointment(SQLModel, table=True):
    """A visit: one patient, one provider, one location, one contiguous stretch of time.

    `status`: held (a time kept for a draft until `hold_expires_at`), booked, arrived, fulfilled, cancelled, noshow,
    expired (a hold that ran out or was let go). A held one has no patient. `uid` and `sequence` are the calendar
    entry's for life (RFC 5545).
    """

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_provider_id_start_at", "provider_id", "start_at"),
        Index("ix_appointment_location_id_start_at", "location_id", "start_at"),
        Index("ix_appointment_status_hold", "status", "hold_expires_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    reference: str = Field(unique=True)
    uid: str = Field(unique=True)
    sequence: int = 0
    status: str
    location_id: int = Field(foreign_key="location.id")
    provider_id: int = Field(foreign_key="provider.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    start_at: datetime = Field(sa_type=UtcDateTime, index=True)
    end_at: datetime = Field(sa_type=UtcDateTime)
    hold_owner: str | None = Field(default=None, index=True)
    hold_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    policy_version_id: int | None = Field(default=None, foreign_key="policy_version.id")
    covered_minor: int | None = None  # the part of the price that policy is about; None: all of it
    policy_accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    currency: str
    total_minor: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    booked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    moved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when it got the time it has
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # looked at for reminders; again then
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fulfilled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    late_fee_minor: int | None = None  # what the policy asks for a cancellation that came too late (B4)
    waived_fee_minor: int | None = None  # what it would have asked for, where staff did not
    booked_by: str = ""  # staff:2, where it was not the patient (P15)
    cancelled_by: str = ""  # staff:2, where it was not the patient
    is_overridden: bool = False  # it stands where the rules would not have it; why is a reason of its own
    told_sequence: int = 0  # the newest change of which its patient is to be told


class AppointmentService(SQLModel, table=True):
    """A service of a visit as it was booked: name, length and price are frozen."""

    __tablename__ = "appointment_service"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    appointment_id: int = Field(foreign_key="appointment.id", index=True)
    service_id: int = Field(foreign_key="service.id")
    position: int
    name: str
    duration_minutes: int
    price_minor: int  # what it costs this patient
    list_price_minor: int | None = None  # what it costs without their membership, where that is more
    lot_id: int | None = Field(default=None, foreign_key="wallet_lot.id")  # paid for with one of these


class VisitReason(SQLModel, table=True):
    """Why staff went beyond a rule for a visit, or cancelled it, in their words, sealed: it may tell of somebody's
    health. Never changed, and never taken away by what is done with the visit later."""

    __tablename__ = "visit_reason"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    appointment_id: int = Field(foreign_key="appointment.id", index=True)
    nonce: str = Field(unique=True)  # what the words are sealed for, besides the visit
    kind: str  # override | cancelled
    body: str = Field(sa_column=Column(Text, nullable=False))
    written_at: datetime = Field(sa_type=UtcDateTime)
    written_by: str  # staff:2


class VisitBill(SQLModel, table=True):
    """How a visit was paid for when the patient checked out; one a visit, never changed.

    `lines`: what it is for, a list of {"service_id", "name", "amount_minor", "lot_id", "is_done"}; an extra has no
    service, what was not done counts for nothing.
    """

    __tablename__ = "visit_bill"
    __table_args__ = (
        CheckConstraint(
            "total_minor = from_wallet_items_minor + from_deposit_minor + from_credit_minor + at_desk_minor",
            name="parts_sum_to_total",
        ),
        CheckConstraint(
            "from_wallet_items_minor >= 0 AND from_deposit_minor >= 0 AND from_credit_minor >= 0 "
            "AND at_desk_minor >= 0 AND deposit_back_minor >= 0",
            name="nothing_below_nothing",
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    appointment_id: int = Field(foreign_key="appointment.id", unique=True)
    currency: str
    total_minor: int  # of what was done, at the patient's prices
    from_wallet_items_minor: int  # of it: paid with packages and what a membership brings
    from_deposit_minor: int
    from_credit_minor: int
    at_desk_minor: int  # of it: paid at the clinic
    desk_how: str = ""  # card, cash, other; empty where nothing was
    deposit_back_minor: int = 0  # of the deposit: what was left over and went back
    deposit_back_to: str = ""  # card, wallet; empty where nothing did
    lines: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str

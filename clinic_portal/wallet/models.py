"""The wallet's entries: written once, never changed; balances are their sums."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime


class WalletEntry(SQLModel, table=True):
    """Money put in (+) or taken out (-); with an `appointment_id` kept for that visit, without one free credit."""

    __tablename__ = "wallet_entry"
    __table_args__ = (CheckConstraint("amount_minor <> 0", name="amount_not_nothing"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    dedupe_key: str = Field(unique=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", index=True)
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    kind: str  # types.EntryKind
    amount_minor: int
    currency: str
    actor: str
    made_at: datetime = Field(sa_type=UtcDateTime)

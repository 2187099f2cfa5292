"""The ledger's tables. Entries and postings are written once, never changed: the database refuses (P7)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime

_OURS = text("patient_id IS NULL")
_HELD = text("balance > 0")


class WalletLot(SQLModel, table=True):
    """What came into a wallet at once, for one thing and until one day: six facials of a package, a gift of credit.

    One of `service_id` (that service), `category_id` (any service of it), `product` (handed over at the clinic), or
    none: money. `worth_minor` is what all of it together counts for in what the clinic owes.
    """

    __tablename__ = "wallet_lot"
    __table_args__ = (CheckConstraint("granted > 0 AND worth_minor >= 0", name="something"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    origin: str  # types.Origin
    name: str  # what it is for, as it was called then
    service_id: int | None = Field(default=None, foreign_key="service.id")
    category_id: int | None = Field(default=None, foreign_key="service_category.id")
    product: str = ""
    granted: int  # how many, or how much money
    worth_minor: int
    currency: str
    payment_id: int | None = Field(default=None, foreign_key="payment.id", index=True)
    granted_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class WalletAccount(SQLModel, table=True):
    """One side of postings: something a patient has, or, without a patient, where it comes from and goes to.

    `balance` is kept by the database with each posting, for a patient's accounts; it is never below nothing.
    """

    __tablename__ = "wallet_account"
    __table_args__ = (
        CheckConstraint("patient_id IS NULL OR balance >= 0", name="never_below_nothing"),
        Index("uq_wallet_account_ours", "kind", "unit", unique=True, sqlite_where=_OURS, postgresql_where=_OURS),
        Index("ix_wallet_account_held", "patient_id", "id", sqlite_where=_HELD, postgresql_where=_HELD),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    kind: str  # types.Account
    unit: str  # a currency, or types.ITEM
    balance: int = Field(default=0, sa_column=Column(BigId, nullable=False))
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", index=True)
    lot_id: int | None = Field(default=None, foreign_key="wallet_lot.id", index=True)


class WalletEntry(SQLModel, table=True):
    """Something that happened to wallets: who did it, when, why, and what it belongs to. Its postings sum to none."""

    __tablename__ = "wallet_entry"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    dedupe_key: str = Field(unique=True)
    kind: str  # types.EntryKind
    actor: str
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))  # in staff's words
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", index=True)
    payment_id: int | None = Field(default=None, foreign_key="payment.id", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime, index=True)


class WalletPosting(SQLModel, table=True):
    """What an entry put into an account (+) or took out of it (-), in the account's unit."""

    __tablename__ = "wallet_posting"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_nothing"),
        Index("ix_wallet_posting_account_id", "account_id", "id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    entry_id: int = Field(sa_column=Column(BigId, ForeignKey("wallet_entry.id"), nullable=False, index=True))
    account_id: int = Field(sa_column=Column(BigId, ForeignKey("wallet_account.id"), nullable=False))
    amount: int = Field(sa_column=Column(BigId, nullable=False))

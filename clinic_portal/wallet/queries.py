"""Reads of the wallet: balances are sums, never stored."""

from sqlalchemy import func, select

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.wallet import models
from clinic_portal.wallet.types import EntryInfo, EntryKind

_ENTRY = table(models.WalletEntry)


def kept_for(read: Reading, appointment_id: int) -> int:
    """What is kept in the wallet for a visit, in the visit's currency."""
    mine = select(func.coalesce(func.sum(_ENTRY.c.amount_minor), 0)).where(_ENTRY.c.appointment_id == appointment_id)
    return int(read.execute(mine).scalar_one())


def credit(read: Reading, patient_id: int) -> dict[str, int]:
    """A patient's free credit, by currency; what is kept for visits is not among it."""
    mine = (_ENTRY.c.patient_id == patient_id) & _ENTRY.c.appointment_id.is_(None)
    sums = select(_ENTRY.c.currency, func.sum(_ENTRY.c.amount_minor)).where(mine).group_by(_ENTRY.c.currency)
    return {currency: int(amount) for currency, amount in read.execute(sums) if amount}


def credit_from(read: Reading, payment_id: int) -> int:
    """The free credit that a payment became, less what of it went back to its card."""
    mine = (_ENTRY.c.payment_id == payment_id) & _ENTRY.c.appointment_id.is_(None)
    return int(read.execute(select(func.coalesce(func.sum(_ENTRY.c.amount_minor), 0)).where(mine)).scalar_one())


def entries(read: Reading, patient_id: int) -> tuple[EntryInfo, ...]:
    """Every entry of a patient, newest first."""
    found = read.execute(select(_ENTRY).where(_ENTRY.c.patient_id == patient_id).order_by(_ENTRY.c.id.desc()))
    return tuple(
        EntryInfo(row.id, EntryKind(row.kind), row.appointment_id, row.amount_minor, row.currency, row.made_at)
        for row in found
    )


def negative(read: Reading) -> list[int]:
    """Visits for which less than nothing is kept: that must never be."""
    sums = select(_ENTRY.c.appointment_id).where(_ENTRY.c.appointment_id.is_not(None)).group_by(_ENTRY.c.appointment_id)
    return [int(one) for one in read.execute(sums.having(func.sum(_ENTRY.c.amount_minor) < 0)).scalars()]


def overdrawn(read: Reading) -> list[int]:
    """Patients whose free credit is less than nothing: that must never be."""
    free = select(_ENTRY.c.patient_id).where(_ENTRY.c.appointment_id.is_(None))
    sums = free.group_by(_ENTRY.c.patient_id, _ENTRY.c.currency).having(func.sum(_ENTRY.c.amount_minor) < 0)
    return [int(one) for one in read.execute(sums).scalars()]

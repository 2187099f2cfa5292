"""What nobody used in time leaves the wallet, found from the data by the worker. Done twice or late is harmless:
nothing expired is offered or counted meanwhile."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.wallet import ledger
from clinic_portal.wallet.ledger import ACCOUNT, LOT, POSTING
from clinic_portal.wallet.types import CONTRA, Account, EntryKind

PORTION = 50
_FREE = (Account.ITEMS.value, Account.CREDIT.value)


def is_due(read: Reading) -> bool:
    """Whether anything has expired and is in a wallet still: asked first, so that no writer waits for the look."""
    return read.execute(over(read.now)).first() is not None


def over(now: datetime) -> Select[Any]:
    """A portion of the accounts that hold what has expired."""
    gone = and_(ledger.HELD, ACCOUNT.c.kind.in_(_FREE), LOT.c.expires_at <= now)
    mine = select(ACCOUNT.c.id, ACCOUNT.c.patient_id).join(LOT, LOT.c.id == ACCOUNT.c.lot_id).where(gone)
    return mine.order_by(ACCOUNT.c.patient_id, ACCOUNT.c.id).limit(PORTION)


def expire(work: UnitOfWork) -> int:
    """Take out some of what has expired; how many accounts that were, 0 for nothing. What is reserved for a visit
    stays reserved; given back after its day, it expires then."""
    found = work.execute(over(work.now)).all()
    for patient_id in sorted({row.patient_id for row in found}):
        ledger.in_turn(work, patient_id)
    for row in found:
        _expire(work, row.id)
    return len(found)


def _expire(work: UnitOfWork, account_id: int) -> None:
    one = work.execute(select(ACCOUNT.c.balance, ACCOUNT.c.unit).where(ACCOUNT.c.id == account_id)).one()
    if not one.balance:
        return
    newest = work.execute(select(func.max(POSTING.c.id)).where(POSTING.c.account_id == account_id)).scalar_one()
    contra = ledger.ours(work, CONTRA[EntryKind.EXPIRED], one.unit)
    postings = [(account_id, -one.balance), (contra, one.balance)]
    ledger.post(work, EntryKind.EXPIRED, postings, key=f"{account_id}:{newest}", actor="calendar")

"""What nobody used in time leaves the wallet, found from the data by the worker. Done twice or late is harmless:
nothing expired is offered or counted meanwhile."""

from sqlalchemy import and_, func, select

from clinic_portal.core.work import UnitOfWork
from clinic_portal.wallet import ledger
from clinic_portal.wallet.ledger import ACCOUNT, LOT, POSTING
from clinic_portal.wallet.types import CONTRA, Account, EntryKind

PORTION = 50
_FREE = (Account.ITEMS.value, Account.CREDIT.value)


def expire(work: UnitOfWork) -> int:
    """Take out some of what has expired; how many accounts that were, 0 for nothing. What is reserved for a visit
    stays reserved; given back after its day, it expires then."""
    over = and_(LOT.c.expires_at <= work.now, ACCOUNT.c.kind.in_(_FREE), ACCOUNT.c.balance > 0)
    mine = select(ACCOUNT.c.id, ACCOUNT.c.patient_id).join(LOT, LOT.c.id == ACCOUNT.c.lot_id).where(over)
    found = work.execute(mine.order_by(ACCOUNT.c.patient_id, ACCOUNT.c.id).limit(PORTION)).all()
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

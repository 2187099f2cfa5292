"""Verbs of money in wallets. Each entry has a key of its own: asked twice, it is written once."""

from typing import Any

from sqlalchemy import select, update

from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import UnitOfWork
from clinic_portal.wallet import ledger, queries
from clinic_portal.wallet.ledger import ACCOUNT, ENTRY, POSTING
from clinic_portal.wallet.types import CONTRA, Account, EntryKind


def enter(
    work: UnitOfWork,
    kind: EntryKind,
    *,
    key: str,
    patient_id: int,
    amount_minor: int,
    currency: str,
    actor: str,
    reason: str = "",
    appointment_id: int | None = None,
    payment_id: int | None = None,
    visit_id: int | None = None,
) -> bool:
    """Put money in, or take it out (`amount_minor` signed): of what is kept for a visit, or without one of free credit.

    `visit_id` is the visit that free credit is used for. Whether that is new; nothing is written for nothing. Raises
    Conflict ("wallet_short") where it is not there.
    """
    if not amount_minor or is_entered(work, kind, key):
        return False
    ledger.in_turn(work, patient_id)
    if amount_minor < 0 and appointment_id is None:
        mine = _from_credit(work, patient_id, currency, -amount_minor)
    else:
        account = Account.DEPOSIT if appointment_id is not None else Account.CREDIT
        mine = [(ledger.of_patient(work, patient_id, account, currency, appointment_id=appointment_id), amount_minor)]
    contra = (ledger.ours(work, CONTRA[kind], currency), -amount_minor)
    told: dict[str, Any] = {
        "key": key,
        "actor": actor,
        "reason": reason,
        "appointment_id": appointment_id if appointment_id is not None else visit_id,
        "payment_id": payment_id,
    }
    return ledger.post(work, kind, [*mine, contra], **told)


def to_credit(
    work: UnitOfWork,
    *,
    key: str,
    patient_id: int,
    amount_minor: int,
    currency: str,
    actor: str,
    appointment_id: int,
    payment_id: int | None,
    reason: str = "",
) -> None:
    """What is kept for a visit becomes free credit (P6)."""
    if not amount_minor:
        return
    ledger.in_turn(work, patient_id)
    kept = ledger.of_patient(work, patient_id, Account.DEPOSIT, currency, appointment_id=appointment_id)
    free = ledger.of_patient(work, patient_id, Account.CREDIT, currency)
    postings = [(kept, -amount_minor), (free, amount_minor)]
    about: dict[str, Any] = {"appointment_id": appointment_id, "payment_id": payment_id}
    ledger.post(work, EntryKind.TO_CREDIT, postings, key=key, actor=actor, reason=reason, **about)


def undo(work: UnitOfWork, kind: EntryKind, key: str, *, actor: str) -> None:
    """Write the opposite of an entry, where it was made."""
    row = work.execute(select(ENTRY).where(ENTRY.c.dedupe_key == f"{kind}:{key}")).first()
    if row is None:
        return
    made = work.execute(select(POSTING.c.account_id, POSTING.c.amount).where(POSTING.c.entry_id == row.id))
    postings = [(one.account_id, -one.amount) for one in made]
    told: dict[str, Any] = {
        "key": f"{key}:undone",
        "actor": actor,
        "appointment_id": row.appointment_id,
        "payment_id": row.payment_id,
    }
    ledger.post(work, kind, postings, **told)


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile kept apart turned out to be another's: what is in its wallet goes over, with its history."""
    for patient_id in sorted((apart, known)):
        ledger.in_turn(work, patient_id)
    work.execute(update(ACCOUNT).where(ACCOUNT.c.patient_id == apart).values(patient_id=known))


def is_entered(work: UnitOfWork, kind: EntryKind, key: str) -> bool:
    """Whether an entry was made."""
    return work.execute(select(ENTRY.c.id).where(ENTRY.c.dedupe_key == f"{kind}:{key}")).first() is not None


def _from_credit(work: UnitOfWork, patient_id: int, currency: str, amount_minor: int) -> list[tuple[int, int]]:
    """Postings that take free credit, first what expires soonest. Raises Conflict where there is less."""
    taken, left = [], amount_minor
    for account_id, balance in queries.credit_accounts(work, patient_id, currency):
        part = min(balance, left)
        if part:
            taken.append((account_id, -part))
            left -= part
    if left:
        raise Conflict("wallet_short")
    return taken

"""Verbs of what is counted: treatments and products in wallets, and credit with an expiry.

A lot's items are free, then reserved for a visit when it is booked, used when the patient is checked in, given back
when the visit is cancelled in time, and count as used when it is cancelled late or missed.
"""

from typing import Any

from sqlalchemy import and_, insert, select

from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import UnitOfWork
from clinic_portal.wallet import actions, ledger, queries
from clinic_portal.wallet.ledger import ACCOUNT, LOT
from clinic_portal.wallet.types import CONTRA, ITEM, MOST, MOST_ITEMS, Account, EntryKind, LotInfo, NewLot


def grant(
    work: UnitOfWork, kind: EntryKind, new: NewLot, *, key: str, patient_id: int, actor: str, reason: str = ""
) -> int | None:
    """Put a lot into a wallet; its id, None where that was done under this key before. Raises Conflict for too much."""
    ledger.in_turn(work, patient_id)
    if actions.is_entered(work, kind, key):
        return None
    if not 0 < new.count <= (MOST_ITEMS if new.is_counted else MOST) or not 0 <= new.worth_minor <= MOST:
        raise Conflict("wallet_amount")
    row = {
        "origin": new.origin.value,
        "name": new.name,
        "service_id": new.service_id,
        "category_id": new.category_id,
        "product": new.product,
        "granted": new.count,
        "worth_minor": new.worth_minor,
        "currency": new.currency,
        "payment_id": new.payment_id,
        "granted_at": work.now,
        "expires_at": new.expires_at,
    }
    lot_id = int(work.execute(insert(LOT).returning(LOT.c.id), row).scalar_one())
    account, unit = (Account.ITEMS, ITEM) if new.is_counted else (Account.CREDIT, new.currency)
    mine = ledger.of_patient(work, patient_id, account, unit, lot_id=lot_id)
    postings = [(mine, new.count), (ledger.ours(work, CONTRA[kind], unit), -new.count)]
    told: dict[str, Any] = {"key": key, "actor": actor, "reason": reason, "payment_id": new.payment_id}
    return lot_id if ledger.post(work, kind, postings, **told) else None


def reserve(work: UnitOfWork, patient_id: int, lot_id: int, appointment_id: int, *, key: str, actor: str) -> None:
    """Keep one of a lot for a visit. Raises NotAllowed for another's; Conflict ("item_gone") where none is left."""
    ledger.in_turn(work, patient_id)
    found = _own(work, patient_id, lot_id)
    if not found.left or (found.expires_at is not None and found.expires_at <= work.now):
        raise Conflict("item_gone")
    free = ledger.of_patient(work, patient_id, Account.ITEMS, ITEM, lot_id=lot_id)
    kept = ledger.of_patient(work, patient_id, Account.RESERVED, ITEM, lot_id=lot_id, appointment_id=appointment_id)
    told: dict[str, Any] = {
        "key": key,
        "actor": actor,
        "appointment_id": appointment_id,
        "payment_id": found.payment_id,
    }
    ledger.post(work, EntryKind.RESERVED, [(free, -1), (kept, 1)], **told)


def settle_reserved(work: UnitOfWork, appointment_id: int, kind: EntryKind, *, actor: str) -> int:
    """The visit is not to be: what is reserved for it is FREED, or FORFEITED; how many that were."""
    mine = and_(ACCOUNT.c.appointment_id == appointment_id, ACCOUNT.c.kind == Account.RESERVED.value)
    owners = {row.patient_id for row in work.execute(select(ACCOUNT.c.patient_id).where(mine))}
    for patient_id in sorted(owners):
        ledger.in_turn(work, patient_id)
    settled = 0
    for row in work.execute(select(ACCOUNT).where(mine, ACCOUNT.c.balance > 0).order_by(ACCOUNT.c.id)).all():
        if kind is EntryKind.FREED:
            other = ledger.of_patient(work, row.patient_id, Account.ITEMS, ITEM, lot_id=row.lot_id)
        else:
            other = ledger.ours(work, CONTRA[kind], ITEM)
        postings = [(row.id, -row.balance), (other, row.balance)]
        key = f"{appointment_id}:{row.lot_id}"
        if ledger.post(work, kind, postings, key=key, actor=actor, appointment_id=appointment_id):
            settled += row.balance
    return settled


def take(
    work: UnitOfWork,
    kind: EntryKind,
    patient_id: int,
    lot_id: int,
    count: int,
    *,
    key: str,
    actor: str,
    reason: str = "",
) -> None:
    """Take free ones out of a lot: used, handed over, expired, taken by staff. Raises NotAllowed for another's,
    Conflict ("wallet_short") where there are fewer."""
    ledger.in_turn(work, patient_id)
    found = _own(work, patient_id, lot_id)
    if not 0 < count <= found.left:
        raise Conflict("wallet_short")
    account = Account.ITEMS if found.unit == ITEM else Account.CREDIT
    mine = ledger.of_patient(work, patient_id, account, found.unit, lot_id=lot_id)
    postings = [(mine, -count), (ledger.ours(work, CONTRA[kind], found.unit), count)]
    ledger.post(work, kind, postings, key=key, actor=actor, reason=reason, payment_id=found.payment_id)


def put_back(
    work: UnitOfWork, kind: EntryKind, patient_id: int, lot_id: int, count: int, *, key: str, actor: str
) -> None:
    """Of what `take` took out of a lot, so many are free in it again. Raises NotAllowed for another's lot."""
    ledger.in_turn(work, patient_id)
    found = _own(work, patient_id, lot_id)
    account = Account.ITEMS if found.unit == ITEM else Account.CREDIT
    mine = ledger.of_patient(work, patient_id, account, found.unit, lot_id=lot_id)
    postings = [(mine, count), (ledger.ours(work, CONTRA[kind], found.unit), -count)]
    ledger.post(work, kind, postings, key=key, actor=actor, payment_id=found.payment_id)


def _own(work: UnitOfWork, patient_id: int, lot_id: int) -> LotInfo:
    found = queries.lot(work, lot_id)
    if found is None or found.patient_id != patient_id:
        raise NotAllowed()
    return found

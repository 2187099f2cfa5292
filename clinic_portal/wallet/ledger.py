"""The ledger: an entry and the postings that balance it. Every verb of the wallet ends here.

The database keeps a patient's balances as postings are written, refuses one below nothing, and refuses to change or
delete what was written.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.wallet import models
from clinic_portal.wallet.types import Account, EntryKind

ACCOUNT = table(models.WalletAccount)
ENTRY = table(models.WalletEntry)
LOT = table(models.WalletLot)
POSTING = table(models.WalletPosting)
HELD = ACCOUNT.c.balance > literal_column("0")
"""Accounts with something in them; as the index of those says it, which an argument would not match."""


def in_turn(work: UnitOfWork, patient_id: int) -> None:
    """Wait for every other change of this patient's wallet."""
    work.in_turn("wallet", str(patient_id))


def post(
    work: UnitOfWork,
    kind: EntryKind,
    postings: Sequence[tuple[int, int]],
    *,
    key: str,
    actor: str,
    reason: str = "",
    appointment_id: int | None = None,
    payment_id: int | None = None,
) -> bool:
    """Write an entry once under its key, with postings of (account id, signed amount); whether that is new.

    Raises ValueError where they do not balance, Conflict ("wallet_short") where an account would fall below nothing:
    then nothing of the transaction is kept.
    """
    _must_balance(work, postings)
    values = {
        "dedupe_key": f"{kind}:{key}",
        "kind": kind.value,
        "actor": actor,
        "reason": reason,
        "appointment_id": appointment_id,
        "payment_id": payment_id,
        "made_at": work.now,
    }
    made = _insert(work)(ENTRY).values(values).on_conflict_do_nothing().returning(ENTRY.c.id)
    entry_id = work.execute(made).scalar()
    if entry_id is None:
        return False
    rows = [{"entry_id": entry_id, "account_id": one, "amount": amount} for one, amount in sorted(postings)]
    try:
        work.execute(insert(POSTING), rows)
    except IntegrityError:
        raise Conflict("wallet_short") from None
    return True


def of_patient(
    work: UnitOfWork,
    patient_id: int,
    kind: Account,
    unit: str,
    *,
    appointment_id: int | None = None,
    lot_id: int | None = None,
) -> int:
    """The id of a patient's account, opened at its first use. The caller has its turn."""
    mine = and_(
        ACCOUNT.c.patient_id == patient_id,
        ACCOUNT.c.kind == kind.value,
        ACCOUNT.c.unit == unit,
        _is(ACCOUNT.c.appointment_id, appointment_id),
        _is(ACCOUNT.c.lot_id, lot_id),
    )
    found = work.execute(select(ACCOUNT.c.id).where(mine).order_by(ACCOUNT.c.id)).scalar()
    if found is not None:
        return int(found)
    row = {"patient_id": patient_id, "kind": kind.value, "unit": unit, "balance": 0}
    more = {"appointment_id": appointment_id, "lot_id": lot_id}
    return int(work.execute(insert(ACCOUNT).returning(ACCOUNT.c.id), row | more).scalar_one())


def ours(work: UnitOfWork, kind: Account, unit: str) -> int:
    """The id of one of the clinic's own accounts, opened at its first use."""
    mine = and_(ACCOUNT.c.patient_id.is_(None), ACCOUNT.c.kind == kind.value, ACCOUNT.c.unit == unit)
    found = work.execute(select(ACCOUNT.c.id).where(mine)).scalar()
    if found is None:
        values = {"kind": kind.value, "unit": unit, "balance": 0}
        work.execute(_insert(work)(ACCOUNT).values(values).on_conflict_do_nothing())
        found = work.execute(select(ACCOUNT.c.id).where(mine)).scalar_one()
    return int(found)


def unbalanced(read: Reading, *, most: int = 20) -> list[str]:
    """A sentence for every entry whose postings do not sum to nothing, and every balance that is none of their sums."""
    grouped = (
        select(POSTING.c.entry_id)
        .join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id)
        .group_by(POSTING.c.entry_id, ACCOUNT.c.unit)
        .having(func.sum(POSTING.c.amount) != 0)
    )
    found = [f"Wallet entry {one} does not balance." for one in read.execute(grouped.limit(most)).scalars()]
    posted = (
        select(POSTING.c.account_id, func.sum(POSTING.c.amount).label("sum")).group_by(POSTING.c.account_id).subquery()
    )
    differs = (
        select(ACCOUNT.c.id)
        .outerjoin(posted, posted.c.account_id == ACCOUNT.c.id)
        .where(ACCOUNT.c.patient_id.is_not(None), ACCOUNT.c.balance != func.coalesce(posted.c.sum, 0))
    )
    found += [f"Wallet account {one} is not what was posted." for one in read.execute(differs.limit(most)).scalars()]
    return found


def _must_balance(work: UnitOfWork, postings: Sequence[tuple[int, int]]) -> None:
    units = dict(
        work.execute(select(ACCOUNT.c.id, ACCOUNT.c.unit).where(ACCOUNT.c.id.in_([one for one, _ in postings]))).all()
    )
    sums: dict[str, int] = defaultdict(int)
    for account_id, amount in postings:
        sums[units[account_id]] += amount
    if not postings or any(sums.values()):
        raise ValueError("postings that do not balance")


def _is(column: Any, value: int | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value  # type: ignore[no-any-return]


def _insert(work: UnitOfWork) -> Any:
    is_postgres = work.session.connection().dialect.name == "postgresql"
    return (postgresql if is_postgres else sqlite).insert

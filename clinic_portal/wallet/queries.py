"""Reads of wallets. Balances are what the postings sum to; the database keeps them (`ledger.unbalanced` looks)."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, case, func, literal, or_, select

from clinic_portal.core.work import Reading
from clinic_portal.wallet.ledger import ACCOUNT, ENTRY, LOT, POSTING
from clinic_portal.wallet.types import ITEM, Account, EntryInfo, EntryKind, LotInfo, Origin

MOST_GRANTED = 50
"""Things that a membership's period may bring."""
_CREDIT = ACCOUNT.c.kind == Account.CREDIT.value


def kept_for(read: Reading, appointment_id: int) -> int:
    """What is kept in the wallet for a visit, in the visit's currency."""
    mine = and_(ACCOUNT.c.appointment_id == appointment_id, ACCOUNT.c.kind == Account.DEPOSIT.value)
    return int(read.execute(select(func.coalesce(func.sum(ACCOUNT.c.balance), 0)).where(mine)).scalar_one())


def kept_for_each(read: Reading, appointment_ids: Collection[int]) -> dict[int, int]:
    """The same for many visits, by visit; those for which nothing is kept are left out."""
    mine = and_(ACCOUNT.c.appointment_id.in_(appointment_ids), ACCOUNT.c.kind == Account.DEPOSIT.value)
    sums = select(ACCOUNT.c.appointment_id, func.sum(ACCOUNT.c.balance)).where(mine, ACCOUNT.c.balance > 0)
    return {number: int(amount) for number, amount in read.execute(sums.group_by(ACCOUNT.c.appointment_id))}


def credit(read: Reading, patient_id: int) -> dict[str, int]:
    """A patient's free credit, by currency; neither what is kept for visits nor what has expired."""
    mine = and_(ACCOUNT.c.patient_id == patient_id, _CREDIT, ACCOUNT.c.balance > 0, _unexpired(read))
    sums = select(ACCOUNT.c.unit, func.sum(ACCOUNT.c.balance)).outerjoin(LOT, LOT.c.id == ACCOUNT.c.lot_id)
    return {unit: int(amount) for unit, amount in read.execute(sums.where(mine).group_by(ACCOUNT.c.unit))}


def credit_accounts(read: Reading, patient_id: int, currency: str) -> list[tuple[int, int]]:
    """Accounts of free credit with what is in each, first what expires soonest."""
    mine = and_(ACCOUNT.c.patient_id == patient_id, _CREDIT, ACCOUNT.c.unit == currency, _unexpired(read))
    rows = select(ACCOUNT.c.id, ACCOUNT.c.balance).outerjoin(LOT, LOT.c.id == ACCOUNT.c.lot_id).where(mine)
    soonest = case((LOT.c.expires_at.is_(None), 1), else_=0)
    return [(row.id, row.balance) for row in read.execute(rows.order_by(soonest, LOT.c.expires_at, ACCOUNT.c.id))]


def credit_from(read: Reading, payment_id: int) -> int:
    """The free credit that a payment became when its visit ended, less what of it went back to its card."""
    joined = select(func.coalesce(func.sum(POSTING.c.amount), 0)).select_from(
        POSTING.join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id).join(ENTRY, ENTRY.c.id == POSTING.c.entry_id)
    )
    became = ENTRY.c.kind.in_((EntryKind.TO_CREDIT.value, EntryKind.TO_CARD.value))
    mine = and_(ENTRY.c.payment_id == payment_id, became, _CREDIT, ACCOUNT.c.patient_id.is_not(None))
    return int(read.execute(joined.where(mine)).scalar_one())


def entries(read: Reading, patient_id: int) -> tuple[EntryInfo, ...]:
    """What happened to a patient's wallet, newest first: one line for each account an entry touched."""
    rows = _lines().where(ACCOUNT.c.patient_id == patient_id).order_by(ENTRY.c.id.desc(), POSTING.c.id)
    return tuple(_entry(row) for row in read.execute(rows))


def came_as_credit(read: Reading, kind: EntryKind, key: str) -> list[tuple[str, int]]:
    """The keys of entries of a kind that begin so, and what each brought of free credit."""
    begins = f"{kind.value}:{key}"
    mine = and_(ENTRY.c.dedupe_key.startswith(begins, autoescape=True), _CREDIT, ACCOUNT.c.patient_id.is_not(None))
    joined = ENTRY.join(POSTING, POSTING.c.entry_id == ENTRY.c.id).join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id)
    sums = select(ENTRY.c.dedupe_key, func.sum(POSTING.c.amount).label("came")).select_from(joined).where(mine)
    rows = read.execute(sums.group_by(ENTRY.c.dedupe_key))
    return [(row.dedupe_key.removeprefix(f"{kind.value}:"), int(row.came)) for row in rows]


def happened(read: Reading, patient_id: int, *, most: int = 20) -> tuple[tuple[EntryInfo, ...], ...]:
    """What happened to a patient's wallet, newest first: for each entry, what it did to each of their accounts."""
    mine = ACCOUNT.c.patient_id == patient_id
    ids = select(POSTING.c.entry_id).join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id).where(mine).distinct()
    wanted = read.execute(ids.order_by(POSTING.c.entry_id.desc()).limit(most)).scalars().all()
    found: dict[int, list[EntryInfo]] = {one: [] for one in wanted}
    for row in read.execute(_lines().where(mine, ENTRY.c.id.in_(wanted)).order_by(POSTING.c.id)):
        found[row.id].append(_entry(row))
    return tuple(tuple(lines) for lines in found.values())


def deposits(read: Reading, patient_id: int) -> tuple[tuple[int, str, int], ...]:
    """What is kept for a patient's visits: the visit's id, the currency, the amount."""
    mine = and_(ACCOUNT.c.patient_id == patient_id, ACCOUNT.c.kind == Account.DEPOSIT.value, ACCOUNT.c.balance > 0)
    rows = select(ACCOUNT.c.appointment_id, ACCOUNT.c.unit, ACCOUNT.c.balance).where(mine).order_by(ACCOUNT.c.id)
    return tuple((row.appointment_id, row.unit, row.balance) for row in read.execute(rows))


def of_visit(read: Reading, appointment_id: int) -> tuple[EntryInfo, ...]:
    """What happened to what is kept or reserved for a visit, newest first."""
    rows = _lines().where(ACCOUNT.c.appointment_id == appointment_id).order_by(ENTRY.c.id.desc(), POSTING.c.id)
    return tuple(_entry(row) for row in read.execute(rows))


def lots(read: Reading, patient_id: int, *, with_gone: bool = False) -> tuple[LotInfo, ...]:
    """What a patient has of treatments, products and credit with an expiry; what expires soonest first.

    What is used up or expired only where asked for.
    """
    mine = ACCOUNT.c.patient_id == patient_id
    found = _lots(read, mine)
    return found if with_gone else unspent(read, found)


def unspent(read: Reading, found: tuple[LotInfo, ...]) -> tuple[LotInfo, ...]:
    """Those of which something is left. Of what has expired that is what is reserved for visits."""
    still = (replace(one, left=0) if _is_over(read, one) else one for one in found)
    return tuple(one for one in still if one.left + one.reserved)


def lot(read: Reading, lot_id: int) -> LotInfo | None:
    """A lot, whosever it is: for the domain's own use."""
    return next(iter(_lots(read, ACCOUNT.c.lot_id == lot_id)), None)


def lots_by_id(read: Reading, lot_ids: Collection[int]) -> dict[int, LotInfo]:
    """Lots by their ids, whosever they are: for the domain's own use."""
    return {one.id: one for one in _lots(read, ACCOUNT.c.lot_id.in_(lot_ids))} if lot_ids else {}


def names_category(read: Reading, category_id: int) -> bool:
    """Whether anything that was ever in a wallet is of a category."""
    return read.execute(select(LOT.c.id).where(LOT.c.category_id == category_id).limit(1)).first() is not None


def lots_of_payment(read: Reading, payment_id: int) -> tuple[LotInfo, ...]:
    """What came into a wallet by a payment."""
    return _lots(read, LOT.c.payment_id == payment_id)


def taken_back(read: Reading, lot_id: int) -> int:
    """How much was taken out of a lot since its payment was given back, less what was put back into it."""
    joined = POSTING.join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id).join(ENTRY, ENTRY.c.id == POSTING.c.entry_id)
    mine = and_(
        ACCOUNT.c.lot_id == lot_id, ACCOUNT.c.patient_id.is_not(None), ENTRY.c.kind == EntryKind.TAKEN_BACK.value
    )
    sums = select(func.coalesce(func.sum(POSTING.c.amount), 0)).select_from(joined).where(mine)
    return -int(read.execute(sums).scalar_one())


def granted_under(key: ColumnElement[str]) -> ScalarSelect[int]:
    """How many entries of the first fifty that a membership's period may make there are: a part of a statement."""
    first = literal(f"{EntryKind.GRANTED}:") + key
    found = ENTRY.c.dedupe_key.in_([first + literal(str(number)) for number in range(MOST_GRANTED)])
    return select(func.count()).select_from(ENTRY).where(found).scalar_subquery()


def reserved_for(read: Reading, appointment_ids: Collection[int]) -> dict[int, list[int]]:
    """Ids of the lots of which one or more are reserved for visits, by visit."""
    mine = and_(
        ACCOUNT.c.appointment_id.in_(appointment_ids),
        ACCOUNT.c.kind == Account.RESERVED.value,
        ACCOUNT.c.balance > 0,
    )
    found: dict[int, list[int]] = {}
    for row in read.execute(select(ACCOUNT.c.appointment_id, ACCOUNT.c.lot_id, ACCOUNT.c.balance).where(mine)):
        found.setdefault(row.appointment_id, []).extend([row.lot_id] * row.balance)
    return found


def _is_over(read: Reading, one: LotInfo) -> bool:
    return one.expires_at is not None and one.expires_at <= read.now


def _unexpired(read: Reading) -> Any:
    return or_(ACCOUNT.c.lot_id.is_(None), LOT.c.expires_at.is_(None), LOT.c.expires_at > read.now)


def _lots(read: Reading, which: Any) -> tuple[LotInfo, ...]:
    def held(kind: Account) -> Any:
        return func.coalesce(func.sum(case((ACCOUNT.c.kind == kind.value, ACCOUNT.c.balance), else_=0)), 0)

    free = (held(Account.ITEMS) + held(Account.CREDIT)).label("free")
    rows = (
        select(LOT, ACCOUNT.c.patient_id, free, held(Account.RESERVED).label("reserved"))
        .join(ACCOUNT, ACCOUNT.c.lot_id == LOT.c.id)
        .where(which)
        .group_by(*LOT.c, ACCOUNT.c.patient_id)
        .order_by(case((LOT.c.expires_at.is_(None), 1), else_=0), LOT.c.expires_at, LOT.c.id)
    )
    return tuple(_lot(row) for row in read.execute(rows))


def _lot(row: Row[Any]) -> LotInfo:
    is_counted = row.service_id is not None or row.category_id is not None or row.product
    return LotInfo(
        id=row.id,
        patient_id=row.patient_id,
        origin=Origin(row.origin),
        name=row.name,
        service_id=row.service_id,
        category_id=row.category_id,
        product=row.product,
        unit=ITEM if is_counted else row.currency,
        granted=row.granted,
        left=int(row.free),
        reserved=int(row.reserved),
        worth_minor=row.worth_minor,
        currency=row.currency,
        payment_id=row.payment_id,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
    )


def _lines() -> Select[Any]:
    return (
        select(
            ENTRY,
            POSTING.c.amount,
            ACCOUNT.c.kind.label("account"),
            ACCOUNT.c.unit,
            ACCOUNT.c.lot_id,
            ACCOUNT.c.appointment_id.label("kept_for_id"),
        )
        .join(POSTING, POSTING.c.entry_id == ENTRY.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id)
    )


def _entry(row: Row[Any]) -> EntryInfo:
    return EntryInfo(
        id=row.id,
        kind=EntryKind(row.kind),
        account=Account(row.account),
        appointment_id=row.kept_for_id,
        visit_id=row.appointment_id,
        payment_id=row.payment_id,
        lot_id=row.lot_id,
        amount=row.amount,
        unit=row.unit,
        reason=row.reason,
        actor=row.actor,
        made_at=row.made_at,
    )

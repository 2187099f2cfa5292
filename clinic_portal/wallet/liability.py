"""What the clinic owes in all wallets together, now or at any instant before (P7, P18).

Balances are what the database keeps; what was posted since an instant is taken off again to know how they stood then.
Of treatments and products counts what they are worth; nothing counts that had expired by then.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, RowMapping, Select, case, cast, func, or_, select, true

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.stretches import whole
from clinic_portal.core.work import Reading
from clinic_portal.wallet.ledger import ACCOUNT, ENTRY, HELD, LOT, POSTING
from clinic_portal.wallet.types import ITEM, Account

SOON, LATER = timedelta(days=30), timedelta(days=90)
DEPOSIT, PAID = "deposit", "paid"
"""Beside the origins of lots: what is kept for visits; credit that was paid for: deposits, payments given back."""
_RESERVED = Account.RESERVED.value


@dataclass(frozen=True, slots=True)
class Owed:
    """A part of what is owed: `kind` is credit, deposit or items; `origin` where it came from."""

    currency: str
    kind: str
    origin: str
    minor: int
    count: int  # of treatments and products
    wallets: int
    in_30_days_minor: int  # of it: expires within 30 days
    in_90_days_minor: int  # and within 90, those of 30 among them
    never_minor: int  # has no expiry


@dataclass(frozen=True, slots=True)
class Held:
    """What one wallet holds of one thing."""

    patient_id: int
    kind: str
    origin: str
    name: str
    currency: str
    minor: int
    count: int
    since: datetime | None
    expires_at: datetime | None


def owed(read: Reading, actor: StaffActor, *, at: datetime | None = None) -> tuple[Owed, ...]:
    """What the clinic owes, by currency, kind and origin. Raises NotAllowed."""
    actor.must(Permission.SEE_SALES)
    actor.must_see_everyone()
    instant = at or read.now
    held = each(at, instant).subquery()
    by = (held.c.currency, held.c.kind, held.c.origin)

    def until(last: datetime) -> Any:
        return whole(case((held.c.expires_at <= last, held.c.minor), else_=0))

    sums = select(
        *by,
        whole(held.c.minor).label("minor"),
        whole(held.c.count).label("count"),
        func.count(held.c.patient_id.distinct()).label("wallets"),
        until(instant + SOON).label("in_30_days_minor"),
        until(instant + LATER).label("in_90_days_minor"),
        whole(case((held.c.expires_at.is_(None), held.c.minor), else_=0)).label("never_minor"),
    ).group_by(*by)
    return tuple(Owed(**row) for row in read.execute(sums.order_by(*by)).mappings())


def holdings(read: Reading, actor: StaffActor, *, at: datetime | None = None) -> Iterable[Held]:
    """What each wallet holds, one line for each thing. Raises NotAllowed."""
    actor.must(Permission.SEE_SALES)
    actor.must_see_everyone()
    rows = read.execute(each(at, at or read.now))
    return sorted((_line(row) for row in rows.mappings()), key=lambda one: (one.patient_id, one.kind, one.name))


def totals(parts: Iterable[Owed]) -> dict[str, int]:
    """All of it, by currency."""
    found: dict[str, int] = defaultdict(int)
    for one in parts:
        found[one.currency] += one.minor
    return dict(found)


def each(at: datetime | None, instant: datetime) -> Select[Any]:
    """What each patient holds of each thing at an instant, in one row: currency, kind, origin, worth, expiry.

    `at` is none for now: then what is empty is left out; before, it may have held something.
    """
    balance: Any = ACCOUNT.c.balance
    source: Any = ACCOUNT.outerjoin(LOT, LOT.c.id == ACCOUNT.c.lot_id)
    if at is not None:
        since = (
            select(POSTING.c.account_id, func.sum(POSTING.c.amount).label("amount"))
            .join(ENTRY, ENTRY.c.id == POSTING.c.entry_id)
            .where(ENTRY.c.made_at > at)
            .group_by(POSTING.c.account_id)
            .subquery()
        )
        source = source.outerjoin(since, since.c.account_id == ACCOUNT.c.id)
        balance = balance - cast(func.coalesce(since.c.amount, 0), BigInteger)
    is_valid = or_(ACCOUNT.c.lot_id.is_(None), LOT.c.expires_at.is_(None), LOT.c.expires_at > instant)
    counts = or_(is_valid, ACCOUNT.c.kind == _RESERVED)
    is_item = ACCOUNT.c.unit == ITEM
    per_thing = (
        select(
            ACCOUNT.c.patient_id,
            ACCOUNT.c.lot_id,
            case((is_item, "items"), else_=ACCOUNT.c.kind).label("what"),
            case((is_item, LOT.c.currency), else_=ACCOUNT.c.unit).label("money"),
            whole(case((counts, balance), else_=0)).label("left"),
        )
        .select_from(source)
        .where(ACCOUNT.c.patient_id.is_not(None), HELD if at is None else true())
        .group_by(ACCOUNT.c.patient_id, ACCOUNT.c.lot_id, "what", "money")
        .subquery()
    )
    one = per_thing.c
    items = one.what == "items"
    worth = cast(LOT.c.worth_minor, BigInteger) * one.left // func.coalesce(LOT.c.granted, 1)
    origin = case((one.what == Account.DEPOSIT.value, DEPOSIT), (one.lot_id.is_(None), PAID), else_=LOT.c.origin)
    return (
        select(
            one.patient_id,
            one.what.label("kind"),
            one.money.label("currency"),
            origin.label("origin"),
            func.coalesce(LOT.c.name, "").label("name"),
            case((items, worth), else_=one.left).label("minor"),
            case((items, one.left), else_=0).label("count"),
            LOT.c.granted_at.label("since"),
            LOT.c.expires_at,
        )
        .select_from(per_thing.outerjoin(LOT, LOT.c.id == one.lot_id))
        .where(one.left > 0)
    )


def _line(row: RowMapping) -> Held:
    numbers = {"minor": int(row["minor"]), "count": int(row["count"])}
    return Held(**{**row, **numbers})

"""Payments as staff look through them: by kind, by patient or visit, the newest first; and what asks for attention.

Every read is one statement for a whole page, along an index.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.payments import models, queries
from clinic_portal.payments.types import FEES, PaymentInfo, Purpose, RefundState, State

_PAYMENT = table(models.Payment)
_REFUND = table(models.Refund)
_DIFFERENCE = table(models.Difference)
_CARD = table(models.Card)
_OF_REFUND = _DIFFERENCE.c.kind.startswith("refund_failed", autoescape=True)  # the refund itself says so
_UNDER_WAY = (RefundState.PREPARED.value, RefundState.PENDING.value)


class Show(StrEnum):
    """Which payments a list shows."""

    ALL = "all"
    ATTENTION = "attention"
    FEES = "fees"
    DEPOSITS = "deposits"
    HOLDS = "holds"
    PACKAGES = "packages"
    MEMBERSHIPS = "memberships"
    REFUNDS = "refunds"


class Attention(StrEnum):
    """Why somebody has to look at a payment."""

    FEE_FAILED = "fee_failed"
    DISPUTED = "disputed"
    REFUND_FAILED = "refund_failed"
    DIFFERENCE = "difference"  # the gateway's books say otherwise, and nothing could mend it


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment in a list."""

    payment: PaymentInfo
    attention: tuple[Attention, ...]
    returning_minor: int  # on its way back


@dataclass(frozen=True, slots=True)
class Among:
    """Whose payments are looked for: some patients', some visits', or one by its number; 0 is none's."""

    patients: Select[Any]
    appointments: Select[Any]
    payment_id: int


@dataclass(frozen=True, slots=True)
class DifferenceInfo:
    """Where the gateway's books and ours differed."""

    kind: str
    payment_id: int | None
    intent_id: str | None
    found_at: datetime
    mended_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsedCard:
    """The card of a payment, kept still or not: what may be shown of it."""

    brand: str
    last_four: str
    is_removed: bool


def lines(
    read: Reading,
    show: Show,
    *,
    among: Among | None = None,
    before_id: int | None = None,
    most: int = 30,
) -> list[PaymentLine]:
    """Payments of this account, the newest first, older than an id; where given, only those that are looked for."""
    wanted = [_mine(read), _shown(read, show)]
    if before_id is not None:
        wanted.append(_PAYMENT.c.id < before_id)
    if among is not None:
        theirs = _PAYMENT.c.patient_id.in_(among.patients), _PAYMENT.c.appointment_id.in_(among.appointments)
        wanted.append(or_(*theirs, _PAYMENT.c.id == among.payment_id))
    found = select(_PAYMENT.c.id).where(and_(*wanted)).order_by(_PAYMENT.c.id.desc()).limit(most)
    ids = [int(one) for one in read.execute(found).scalars()]
    known, why, returning = queries.of_ids(read, ids), attention(read, ids), _returning(read, ids)
    return [PaymentLine(known[one], why.get(one, ()), returning.get(one, 0)) for one in ids]


def attention_count(read: Reading) -> int:
    """How many payments ask for somebody's attention."""
    return int(read.execute(select(func.count()).select_from(_asking(read).subquery())).scalar_one())


def attention(read: Reading, payment_ids: Collection[int]) -> dict[int, tuple[Attention, ...]]:
    """Why each of some payments asks for attention; those that do not are missing."""
    found: dict[int, list[Attention]] = defaultdict(list)
    for why, ids in _reasons(read).items():
        column = ids.selected_columns[0]
        for one in read.execute(ids.where(column.in_(payment_ids)).distinct()).scalars():
            found[int(one)].append(why)
    return {one: tuple(why) for one, why in found.items()}


def differences_of(read: Reading, payment_id: int) -> tuple[DifferenceInfo, ...]:
    """Where the gateway's books differed from ours about a payment, the oldest first."""
    return _differences(read, _DIFFERENCE.c.payment_id == payment_id)


def nobodys_differences(read: Reading) -> tuple[DifferenceInfo, ...]:
    """What is not mended and belongs to no payment of ours, so that it stands in no list of them."""
    known = select(_PAYMENT.c.id).where(_PAYMENT.c.id == _DIFFERENCE.c.payment_id).exists()
    return _differences(read, and_(_DIFFERENCE.c.mended_at.is_(None), ~known))


def used_card(read: Reading, card_id: int | None) -> UsedCard | None:
    """The card of a payment, also one that is on file no longer."""
    row = read.execute(select(_CARD).where(_CARD.c.id == card_id)).first() if card_id is not None else None
    return UsedCard(row.brand, row.last_four, row.removed_at is not None) if row else None


def _mine(read: Reading) -> ColumnElement[bool]:
    return _PAYMENT.c.account == read.settings.payment_account


def _shown(read: Reading, show: Show) -> ColumnElement[bool]:
    """A card that is added moves no money: it is no payment to those who look for some."""
    if show is Show.ATTENTION:
        return _PAYMENT.c.id.in_(select(_asking(read).subquery()))
    if show is Show.REFUNDS:
        return _PAYMENT.c.id.in_(select(_REFUND.c.payment_id))
    purposes = {
        Show.FEES: FEES,
        Show.DEPOSITS: (Purpose.DEPOSIT,),
        Show.HOLDS: (Purpose.HOLD,),
        Show.PACKAGES: (Purpose.PACKAGE,),
        Show.MEMBERSHIPS: (Purpose.MEMBERSHIP,),
    }.get(show)
    if purposes is None:
        return _PAYMENT.c.purpose != Purpose.CARD.value
    return _PAYMENT.c.purpose.in_([one.value for one in purposes])


def _asking(read: Reading) -> Any:
    return union(*_reasons(read).values())


def _reasons(read: Reading) -> dict[Attention, Select[Any]]:
    mine = _mine(read)
    payments = select(_PAYMENT.c.id)
    attended = _PAYMENT.c.attended_at
    failed = and_(_PAYMENT.c.state == State.FAILED.value, _PAYMENT.c.purpose.in_([one.value for one in FEES]))
    disputed = and_(_PAYMENT.c.disputed_at.is_not(None), or_(attended.is_(None), attended < _PAYMENT.c.disputed_at))
    unreturned = and_(
        _REFUND.c.state == RefundState.FAILED.value, or_(attended.is_(None), attended < _REFUND.c.updated_at)
    )
    of_refund = payments.join(_REFUND, _REFUND.c.payment_id == _PAYMENT.c.id)
    of_difference = payments.join(_DIFFERENCE, _DIFFERENCE.c.payment_id == _PAYMENT.c.id)
    return {
        Attention.FEE_FAILED: payments.where(mine, failed),
        Attention.DISPUTED: payments.where(mine, disputed),
        Attention.REFUND_FAILED: of_refund.where(mine, unreturned),
        Attention.DIFFERENCE: of_difference.where(mine, _DIFFERENCE.c.mended_at.is_(None), ~_OF_REFUND),
    }


def _returning(read: Reading, payment_ids: Collection[int]) -> dict[int, int]:
    under_way = and_(_REFUND.c.payment_id.in_(payment_ids), _REFUND.c.state.in_(_UNDER_WAY))
    sums = select(_REFUND.c.payment_id, func.sum(_REFUND.c.amount_minor)).where(under_way)
    return {int(one): int(amount) for one, amount in read.execute(sums.group_by(_REFUND.c.payment_id))}


def _differences(read: Reading, which: ColumnElement[bool]) -> tuple[DifferenceInfo, ...]:
    rows = read.execute(select(_DIFFERENCE).where(which).order_by(_DIFFERENCE.c.id))
    return tuple(
        DifferenceInfo(**{name: getattr(row, name) for name in DifferenceInfo.__dataclass_fields__}) for row in rows
    )

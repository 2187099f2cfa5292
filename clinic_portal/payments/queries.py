"""Reads of payments, refunds and cards."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from clinic_portal.core.db import among, table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.payments import models
from clinic_portal.payments.types import (
    AT_BOOKING,
    FEES,
    UNSETTLED,
    CardInfo,
    PaymentInfo,
    Purpose,
    RefundInfo,
    RefundState,
    State,
    Wanted,
)

_PAYMENT = table(models.Payment)
_REFUND = table(models.Refund)
_CARD = table(models.Card)
_CUSTOMER = table(models.GatewayCustomer)


def payment(read: Reading, payment_id: int) -> PaymentInfo:
    """A payment as it stands. Raises NotAllowed for an unknown one."""
    found = _first(read, _PAYMENT.c.id == payment_id)
    if found is None:
        raise NotAllowed()
    return found


def of_ids(read: Reading, payment_ids: Collection[int]) -> dict[int, PaymentInfo]:
    """Payments by their ids."""
    rows = read.execute(select(_PAYMENT).where(_PAYMENT.c.id.in_(payment_ids)))
    return {row.id: _payment(row) for row in rows}


def live_at_booking(read: Reading, appointment_id: int) -> PaymentInfo | None:
    """The payment under way for a held time, if there is one."""
    purposes, states = _values(AT_BOOKING), _values(UNSETTLED)
    mine = and_(_PAYMENT.c.appointment_id == appointment_id, _PAYMENT.c.purpose.in_(purposes))
    return _first(read, and_(mine, _PAYMENT.c.state.in_(states)))


def newest_of_owner(read: Reading, owner: str) -> PaymentInfo | None:
    """What a browser paid or was to pay last, at booking."""
    return _first(read, and_(_PAYMENT.c.owner == owner, _PAYMENT.c.purpose.in_(_values(AT_BOOKING))))


def fee_of_owner(read: Reading, owner: str) -> PaymentInfo | None:
    """The fee a browser went to pay last."""
    return _first(read, and_(_PAYMENT.c.owner == owner, _PAYMENT.c.purpose.in_(_values(FEES))))


def newest_card_page(read: Reading, patient_id: int) -> int | None:
    """The payment behind the page a patient was sent to last to add a card."""
    found = _first(read, and_(_PAYMENT.c.patient_id == patient_id, _PAYMENT.c.purpose == Purpose.CARD.value))
    return found.id if found else None


def packages_of(read: Reading, *, patient_id: int | None, owner: str) -> tuple[PaymentInfo, ...]:
    """What a patient went to buy of packages, the newest first; of one who is not signed in, what their browser did."""
    whose = _PAYMENT.c.patient_id == patient_id if patient_id is not None else _PAYMENT.c.owner == owner
    if patient_id is None and not owner:
        return ()
    mine = and_(whose, _PAYMENT.c.purpose == Purpose.PACKAGE.value)
    return tuple(_payment(row) for row in read.execute(select(_PAYMENT).where(mine).order_by(_PAYMENT.c.id.desc())))


def packages_sold(read: Reading) -> dict[int, int]:
    """How often each package was bought."""
    taken = and_(_PAYMENT.c.purpose == Purpose.PACKAGE.value, _PAYMENT.c.captured_minor > 0)
    counted = select(_PAYMENT.c.package_id, func.count()).where(taken).group_by(_PAYMENT.c.package_id)
    return {int(one): int(many) for one, many in read.execute(counted)}


def packages_taken(read: Reading) -> set[int]:
    """Ids of the payments by which packages were bought."""
    taken = and_(_PAYMENT.c.purpose == Purpose.PACKAGE.value, _PAYMENT.c.captured_minor > 0)
    return {int(one) for one in read.execute(select(_PAYMENT.c.id).where(taken)).scalars()}


def newest_membership_page(read: Reading, patient_id: int) -> int | None:
    """The payment behind the page a patient was sent to last to join a plan."""
    mine = and_(_PAYMENT.c.patient_id == patient_id, _PAYMENT.c.purpose == Purpose.MEMBERSHIP.value)
    found = _first(read, and_(mine, _PAYMENT.c.session_id.is_not(None)))
    return found.id if found else None


def of_membership(read: Reading, membership_id: int) -> tuple[PaymentInfo, ...]:
    """Every payment of a membership, the newest first."""
    mine = select(_PAYMENT).where(_PAYMENT.c.membership_id == membership_id).order_by(_PAYMENT.c.id.desc())
    return tuple(_payment(row) for row in read.execute(mine))


def of_appointment(read: Reading, appointment_id: int) -> tuple[PaymentInfo, ...]:
    """Every payment of a visit, the oldest first."""
    mine = select(_PAYMENT).where(_PAYMENT.c.appointment_id == appointment_id).order_by(_PAYMENT.c.id)
    return tuple(_payment(row) for row in read.execute(mine))


def of_patient(read: Reading, patient_id: int) -> tuple[PaymentInfo, ...]:
    """Every payment of a patient, the newest first."""
    mine = select(_PAYMENT).where(_PAYMENT.c.patient_id == patient_id).order_by(_PAYMENT.c.id.desc())
    return tuple(_payment(row) for row in read.execute(mine))


def owed_by(read: Reading, patient_ids: Collection[int]) -> dict[int, tuple[PaymentInfo, ...]]:
    """The fees of patients that could not be charged and stand open, by patient, the oldest first."""
    found: dict[int, tuple[PaymentInfo, ...]] = {}
    owed = select(_PAYMENT).where(_is_owed(read), among(_PAYMENT.c.patient_id, patient_ids)).order_by(_PAYMENT.c.id)
    for one in map(_payment, read.execute(owed)):
        if one.patient_id is not None:
            found[one.patient_id] = (*found.get(one.patient_id, ()), one)
    return found


def booked_with(read: Reading, appointment_id: int) -> PaymentInfo | None:
    """The hold or deposit a visit was booked with; None where no card was asked for."""
    return next(
        (one for one in of_appointment(read, appointment_id) if one.purpose in AT_BOOKING and one.is_booked), None
    )


def fee_of(read: Reading, appointment_id: int, purpose: Purpose) -> PaymentInfo | None:
    """The fee of a kind that a visit was charged, if it was."""
    return next((one for one in of_appointment(read, appointment_id) if one.purpose is purpose), None)


def _is_owed(read: Reading) -> ColumnElement[bool]:
    """A fee that could not be charged, of the account money goes to now: another's nobody could charge any more."""
    is_fee = _PAYMENT.c.purpose.in_(_values(FEES))
    return and_(_PAYMENT.c.account == read.settings.payment_account, is_fee, _PAYMENT.c.state == State.FAILED.value)


def by_session(read: Reading, session_id: str) -> PaymentInfo | None:
    """The payment a gateway's page is for."""
    return _first(read, _PAYMENT.c.session_id == session_id)


def by_intent(read: Reading, intent_id: str) -> PaymentInfo | None:
    """The payment the gateway knows by that id."""
    return _first(read, _PAYMENT.c.intent_id == intent_id)


def unsettled(read: Reading, before: datetime, *, account: str, limit: int = 50) -> list[int]:
    """Payments at which nobody looked since `before` and that do not stay as they are, the longest waiting first."""
    waiting = and_(_PAYMENT.c.state.in_(_values(UNSETTLED)), _PAYMENT.c.updated_at <= before)
    mine = and_(waiting, _PAYMENT.c.account == account)
    found = read.execute(select(_PAYMENT.c.id).where(mine).order_by(_PAYMENT.c.updated_at).limit(limit))
    return [int(one) for one in found.scalars()]


def taken_since(read: Reading, since: datetime, *, account: str) -> tuple[PaymentInfo, ...]:
    """Payments that were taken, by our books, and that changed since then."""
    mine = and_(_PAYMENT.c.account == account, _PAYMENT.c.state == State.PAID.value, _PAYMENT.c.captured_minor > 0)
    found = read.execute(select(_PAYMENT).where(mine, _PAYMENT.c.updated_at >= since).order_by(_PAYMENT.c.id))
    return tuple(_payment(row) for row in found)


def any_before(read: Reading, instant: datetime) -> bool:
    """Whether these books go back beyond an instant: what is from before they were begun is not theirs."""
    return read.execute(select(_PAYMENT.c.id).where(_PAYMENT.c.created_at <= instant).limit(1)).first() is not None


def refund(read: Reading, refund_id: int) -> RefundInfo:
    """A refund as it stands. Raises NotAllowed for an unknown one."""
    row = read.execute(select(_REFUND).where(_REFUND.c.id == refund_id)).first()
    if row is None:
        raise NotAllowed()
    return _refund(row)


def refund_by_gateway_id(read: Reading, gateway_id: str) -> RefundInfo | None:
    """The refund the gateway knows by that id."""
    row = read.execute(select(_REFUND).where(_REFUND.c.gateway_id == gateway_id)).first()
    return _refund(row) if row else None


def refunds_of(read: Reading, payment_id: int) -> tuple[RefundInfo, ...]:
    """Every refund of a payment, the oldest first."""
    mine = select(_REFUND).where(_REFUND.c.payment_id == payment_id).order_by(_REFUND.c.id)
    return tuple(_refund(row) for row in read.execute(mine))


def unsettled_refunds(read: Reading, before: datetime, *, limit: int = 50) -> list[int]:
    """Refunds under way at which nobody looked since `before`."""
    waiting = _REFUND.c.state.in_((RefundState.PREPARED.value, RefundState.PENDING.value))
    mine = select(_REFUND.c.id).where(and_(waiting, _REFUND.c.updated_at <= before))
    return [int(one) for one in read.execute(mine.order_by(_REFUND.c.updated_at).limit(limit)).scalars()]


def returnable_minor(read: Reading, paid: PaymentInfo) -> int:
    """What of a payment can still be given back: not what is on its way back already."""
    under_way = (RefundState.PREPARED, RefundState.PENDING)
    return paid.refundable_minor - sum(one.amount_minor for one in refunds_of(read, paid.id) if one.state in under_way)


def card(read: Reading, card_id: int) -> CardInfo | None:
    """A card on file, by its id. One that was saved again since, as every booking does, is its newer entry."""
    row = _card_row(read, card_id)
    if row is None or row.removed_at is None:
        return _card(row) if row else None
    same = and_(_CARD.c.patient_id == row.patient_id, _CARD.c.fingerprint == row.fingerprint)
    kept = and_(same, _CARD.c.account == row.account, _CARD.c.removed_at.is_(None))
    again = read.execute(select(_CARD).where(kept).order_by(_CARD.c.id.desc())).first()
    return _card(again) if again else None


def card_used(read: Reading, card_id: int) -> CardInfo | None:
    """That very card, on file still or not: what a payment was made with, or is asked again to be made with."""
    row = _card_row(read, card_id)
    return _card(row) if row else None


def cards_of(read: Reading, patient_id: int, *, account: str) -> tuple[CardInfo, ...]:
    """The cards on file of a patient: the default one first, then the newest."""
    mine = and_(_CARD.c.patient_id == patient_id, _CARD.c.account == account, _CARD.c.removed_at.is_(None))
    found = read.execute(select(_CARD).where(mine).order_by(_CARD.c.is_default.desc(), _CARD.c.id.desc()))
    return tuple(_card(row) for row in found)


def customer_of(read: Reading, patient_id: int, *, account: str) -> str | None:
    """Who a patient is to the gateway, if they are anybody yet: the newest, whom their next card joins."""
    mine = and_(_CUSTOMER.c.patient_id == patient_id, _CUSTOMER.c.account == account)
    statement = (
        select(_CUSTOMER.c.customer_id).where(mine).order_by(_CUSTOMER.c.created_at.desc(), _CUSTOMER.c.customer_id)
    )
    found: str | None = read.execute(statement.limit(1)).scalar()
    return found


def _card_row(read: Reading, card_id: int) -> Any:
    return read.execute(select(_CARD).where(_CARD.c.id == card_id)).first()


def _values(some: Sequence[Any]) -> list[str]:
    return [one.value for one in some]


def _first(read: Reading, which: Any) -> PaymentInfo | None:
    row = read.execute(select(_PAYMENT).where(which).order_by(_PAYMENT.c.id.desc()).limit(1)).first()
    return _payment(row) if row else None


def _payment(row: Any) -> PaymentInfo:
    values = {name: getattr(row, name) for name in PaymentInfo.__dataclass_fields__}
    kinds = {"purpose": Purpose(row.purpose), "state": State(row.state)}
    return PaymentInfo(**values | kinds | {"wanted": Wanted(row.wanted) if row.wanted else None})


def _refund(row: Any) -> RefundInfo:
    values = {name: getattr(row, name) for name in RefundInfo.__dataclass_fields__}
    return RefundInfo(**values | {"state": RefundState(row.state)})


def _card(row: Any) -> CardInfo:
    return CardInfo(**{name: getattr(row, name) for name in CardInfo.__dataclass_fields__})

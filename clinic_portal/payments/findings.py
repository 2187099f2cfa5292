"""What must hold of all payments at any time, as sentences for what does not; and selections for who looks further."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, select

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.payments import models
from clinic_portal.payments.types import AT_BOOKING, FEES, RefundState, State

RESERVED_WITHIN, CHARGED_WITHIN = timedelta(hours=1), timedelta(days=1)
MOST = 20
_PAYMENT = table(models.Payment)
_REFUND = table(models.Refund)
_AT_BOOKING = _PAYMENT.c.purpose.in_([one.value for one in AT_BOOKING])
_FEE = _PAYMENT.c.purpose.in_([one.value for one in FEES])
_BOOKED = and_(_AT_BOOKING, _PAYMENT.c.wanted.is_not(None), _PAYMENT.c.failure_code.is_(None))


def findings(read: Reading) -> list[str]:
    """A sentence for everything that should never be of payments alone."""
    state = _PAYMENT.c.state
    reserved = and_(state == State.AUTHORISED.value, _PAYMENT.c.expires_at < read.now - RESERVED_WITHIN)
    waiting = and_(state == State.PREPARED.value, _FEE, _PAYMENT.c.updated_at < read.now - CHARGED_WITHIN)
    why = "the worker or the payment gateway is away"
    return [
        *_told(read, f"reserves money that should be taken or let go by now: {why}?", reserved),
        *_told(read, f"is a fee that waits for more than a day: {why}?", waiting),
        *_twice(read),
    ]


def credited(read: Reading) -> dict[int, int]:
    """What was given back of payments into a wallet, by payment."""
    rows = read.execute(select(_PAYMENT.c.id, _PAYMENT.c.credited_minor).where(_PAYMENT.c.credited_minor > 0))
    return {row.id: row.credited_minor for row in rows}


def with_card() -> Select[tuple[int]]:
    """The visits that were booked with a card."""
    return select(_PAYMENT.c.appointment_id).where(_BOOKED, _PAYMENT.c.appointment_id.is_not(None))


def with_fee() -> Select[tuple[int]]:
    """The visits that a fee was asked for."""
    return select(_PAYMENT.c.appointment_id).where(_FEE, _PAYMENT.c.appointment_id.is_not(None))


def with_failed_refund() -> Select[tuple[int]]:
    """The visits of whose payments something could not be given back: it is owed still, and staff settles it."""
    failed = select(_REFUND.c.payment_id).where(_REFUND.c.state == RefundState.FAILED.value)
    return select(_PAYMENT.c.appointment_id).where(_PAYMENT.c.id.in_(failed), _PAYMENT.c.appointment_id.is_not(None))


def first_at(read: Reading) -> datetime | None:
    """When these books were begun; None while they are empty."""
    begun: datetime | None = read.execute(select(func.min(_PAYMENT.c.created_at))).scalar()
    return begun


def taken_for_nothing(read: Reading) -> list[str]:
    """Money taken at booking, of which no booking came, and that is not on its way back."""
    under_way = (RefundState.PREPARED.value, RefundState.PENDING.value)
    returning = (
        select(func.coalesce(func.sum(_REFUND.c.amount_minor), 0))
        .where(_REFUND.c.payment_id == _PAYMENT.c.id, _REFUND.c.state.in_(under_way))
        .scalar_subquery()
    )
    kept = _PAYMENT.c.captured_minor - _PAYMENT.c.refunded_minor > returning
    lost = and_(_AT_BOOKING, kept, _PAYMENT.c.wanted != "capture")
    unbooked = and_(_AT_BOOKING, kept, _PAYMENT.c.failure_code.is_not(None))
    return _told(read, "was taken, and no booking came of it", lost | unbooked)


def _twice(read: Reading) -> list[str]:
    taken = and_(_PAYMENT.c.captured_minor > _PAYMENT.c.refunded_minor, _PAYMENT.c.appointment_id.is_not(None))
    columns = (_PAYMENT.c.appointment_id, _PAYMENT.c.purpose)
    many = select(*columns).where(taken).group_by(*columns).having(func.count() > 1).limit(MOST)
    return [f"Appointment {row.appointment_id} was paid for twice: {row.purpose}." for row in read.execute(many)]


def _told(read: Reading, what: str, which: ColumnElement[bool]) -> list[str]:
    rows = read.execute(select(_PAYMENT.c.id).where(which).order_by(_PAYMENT.c.id).limit(MOST)).scalars()
    return [f"Payment {one} {what}" if what.endswith("?") else f"Payment {one} {what}." for one in rows]

"""Money taken and given back as statements for those who count it (P18): what reports join with visits and periods.

A payment has no column that says when it was taken. Whoever joins these gives that instant: a deposit and a package
stood in the wallet then, everything else in the activity log.
"""

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.payments import models
from clinic_portal.payments.types import FEES, RefundState, State

_PAYMENT = table(models.Payment)
_REFUND = table(models.Refund)
_DIFFERENCE = table(models.Difference)
_ELSEWHERE = "refunded_elsewhere"


def taken(read: Reading) -> Subquery:
    """What was taken off cards, whatever went back: payment_id, appointment_id, purpose, currency, minor, created_at,
    and updated_at, after which none of it was taken."""
    columns = (
        _PAYMENT.c.id.label("payment_id"),
        _PAYMENT.c.appointment_id,
        _PAYMENT.c.purpose,
        _PAYMENT.c.currency,
        _PAYMENT.c.captured_minor.label("minor"),
        _PAYMENT.c.created_at,
        _PAYMENT.c.updated_at,
    )
    return select(*columns).where(_is_taken(read)).subquery("taken")


def given_back(read: Reading) -> tuple[Subquery, Subquery]:
    """What went back to cards: by refunds of ours, and what was given back in the gateway's own pages.

    Both have appointment_id, purpose, currency, minor, at.
    """
    of_payment = (_PAYMENT.c.appointment_id, _PAYMENT.c.purpose, _PAYMENT.c.currency)
    ours = (
        select(*of_payment, _REFUND.c.amount_minor.label("minor"), _REFUND.c.settled_at.label("at"))
        .join(_PAYMENT, _PAYMENT.c.id == _REFUND.c.payment_id)
        .where(_is_taken(read), _REFUND.c.state == RefundState.DONE.value)
    )
    done = func.coalesce(
        select(func.sum(_REFUND.c.amount_minor))
        .where(_REFUND.c.payment_id == _PAYMENT.c.id, _REFUND.c.state == RefundState.DONE.value)
        .scalar_subquery(),
        0,
    )
    seen = (
        select(func.max(_DIFFERENCE.c.found_at))
        .where(_DIFFERENCE.c.payment_id == _PAYMENT.c.id, _DIFFERENCE.c.kind.startswith(_ELSEWHERE, autoescape=True))
        .scalar_subquery()
    )
    elsewhere = select(
        *of_payment,
        (_PAYMENT.c.refunded_minor - done).label("minor"),
        func.coalesce(seen, _PAYMENT.c.updated_at).label("at"),
    ).where(_is_taken(read), _PAYMENT.c.refunded_minor > 0, _PAYMENT.c.refunded_minor > done)
    return ours.subquery("returned"), elsewhere.subquery("returned_elsewhere")


def fees(read: Reading) -> Subquery:
    """Fees for late cancellations and missed visits: appointment_id, purpose, currency, asked_minor, deposit_minor,
    card_minor, waived_minor, back_minor. What is left of what was asked is owed still."""
    is_waived = _PAYMENT.c.state == State.WAIVED.value
    columns = (
        _PAYMENT.c.appointment_id,
        _PAYMENT.c.purpose,
        _PAYMENT.c.currency,
        (_PAYMENT.c.amount_minor + _PAYMENT.c.from_deposit_minor).label("asked_minor"),
        _PAYMENT.c.from_deposit_minor.label("deposit_minor"),
        _PAYMENT.c.captured_minor.label("card_minor"),
        case((is_waived, _PAYMENT.c.amount_minor), else_=0).label("waived_minor"),
        (_PAYMENT.c.refunded_minor + _PAYMENT.c.credited_minor).label("back_minor"),
    )
    ours = _PAYMENT.c.account == read.settings.payment_account
    is_fee = _PAYMENT.c.purpose.in_([one.value for one in FEES])
    return select(*columns).where(ours, is_fee).subquery("fees")


def _is_taken(read: Reading) -> ColumnElement[bool]:
    return and_(
        _PAYMENT.c.account == read.settings.payment_account,
        _PAYMENT.c.state == State.PAID.value,
        _PAYMENT.c.captured_minor > 0,
    )

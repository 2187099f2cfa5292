"""Verbs of the rows: what is written of a payment, a refund, a difference. What is decided stands in the caller."""

from typing import Any

from sqlalchemy import and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from clinic_portal.core import ids
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.payments import models, queries
from clinic_portal.payments.types import FEES, PaymentInfo, Purpose, RefundState, State

CHARGE = "payment.charge"
FINISH = "payment.finish"
REFUND = "payment.refund"
"""The outbox's kinds for what the worker is to do at the gateway: charge a fee {payment_id}, capture or release what
was authorised {payment_id}, give money back {refund_id}."""
_PAYMENT = table(models.Payment)
_REFUND = table(models.Refund)
_DIFFERENCE = table(models.Difference)


def prepare(
    work: UnitOfWork, *, account: str, purpose: Purpose, amount_minor: int, currency: str, **values: Any
) -> int:
    """Write down a payment before anything is asked of the gateway; its id. `values` are further columns."""
    row = {
        "account": account,
        "purpose": purpose.value,
        "state": State.PREPARED.value,
        "amount_minor": amount_minor,
        "currency": currency,
        "captured_minor": 0,
        "refunded_minor": 0,
        "credited_minor": 0,
        "from_deposit_minor": 0,
        "attempt": 1,
        "nonce": ids.nonce()[:12],
        "item": "",
        "consent": "",
        "email": "",
        "language": "en",
        "reference": "",
        "accepted_from": "",
        "accepted_device": "",
        "phone": "",
        "created_at": work.now,
        "updated_at": work.now,
    }
    return int(work.execute(insert(_PAYMENT).returning(_PAYMENT.c.id), row | values).scalar_one())


def in_turn(work: UnitOfWork, payment_id: int) -> PaymentInfo:
    """A payment while every other transaction about it waits."""
    work.in_turn("payment", str(payment_id))
    return queries.payment(work, payment_id)


def change(work: UnitOfWork, payment_id: int, **values: Any) -> None:
    """Change a payment; also how it is noted that it was looked at."""
    work.execute(update(_PAYMENT).where(_PAYMENT.c.id == payment_id).values(updated_at=work.now, **values))


def own_fee(work: UnitOfWork, payment_id: int, owner: str) -> None:
    """This browser pays that fee, and no other, until it goes to pay another."""
    disown_fees(work, owner)
    change(work, payment_id, owner=owner)


def disown_fees(work: UnitOfWork, owner: str) -> None:
    """This browser is to know nothing any more of the fees that were paid in it."""
    mine = and_(_PAYMENT.c.owner == owner, _PAYMENT.c.purpose.in_([one.value for one in FEES]))
    work.execute(update(_PAYMENT).where(mine).values(owner=None))


def ask_charge(work: UnitOfWork, payment_id: int, attempt: int = 1) -> None:
    """Ask the worker to charge a fee to the card on file."""
    work.emit(CHARGE, f"{CHARGE}:{payment_id}:{attempt}", payment_id=payment_id)


def ask_finish(work: UnitOfWork, payment_id: int) -> None:
    """Ask the worker to capture or release what was authorised."""
    work.emit(FINISH, f"{FINISH}:{payment_id}:{ids.nonce()}", payment_id=payment_id)


def ask_refund(work: UnitOfWork, paid: PaymentInfo, amount_minor: int, *, reason: str, asked_by: str) -> int:
    """Write down a refund and ask the worker to make it; its id. The caller has looked that it is not too much."""
    row = {
        "payment_id": paid.id,
        "amount_minor": amount_minor,
        "currency": paid.currency,
        "reason": reason,
        "state": RefundState.PREPARED.value,
        "attempt": 1,
        "nonce": ids.nonce()[:12],
        "asked_by": asked_by,
        "created_at": work.now,
        "updated_at": work.now,
    }
    refund_id = int(work.execute(insert(_REFUND).returning(_REFUND.c.id), row).scalar_one())
    work.emit(REFUND, f"{REFUND}:{refund_id}:1", refund_id=refund_id)
    return refund_id


def change_refund(work: UnitOfWork, refund_id: int, **values: Any) -> None:
    """Change a refund; also how it is noted that it was looked at."""
    work.execute(update(_REFUND).where(_REFUND.c.id == refund_id).values(updated_at=work.now, **values))


def note_difference(
    work: UnitOfWork, kind: str, *, payment_id: int | None, intent_id: str | None, mended: bool = False
) -> bool:
    """Keep that the gateway's books and ours differ, once; whether that is new."""
    is_postgres = work.session.connection().dialect.name == "postgresql"
    values = {
        "dedupe_key": f"{kind}:{payment_id}:{intent_id}",
        "kind": kind,
        "payment_id": payment_id,
        "intent_id": intent_id,
        "found_at": work.now,
        "mended_at": work.now if mended else None,
    }
    made = (postgresql if is_postgres else sqlite).insert(_DIFFERENCE).values(values)
    found = work.execute(made.on_conflict_do_nothing().returning(_DIFFERENCE.c.id)).first()
    if found is None and mended:
        same = and_(_DIFFERENCE.c.dedupe_key == values["dedupe_key"], _DIFFERENCE.c.mended_at.is_(None))
        work.execute(update(_DIFFERENCE).where(same).values(mended_at=work.now))
    return found is not None


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile kept apart turned out to be another's: its payments go over to that one."""
    theirs = _PAYMENT.c.patient_id == apart
    for payment_id in work.execute(select(_PAYMENT.c.id).where(theirs).order_by(_PAYMENT.c.id)).scalars().all():
        in_turn(work, payment_id)
    work.execute(update(_PAYMENT).where(theirs).values(patient_id=known))


def change_owner(work: UnitOfWork, old: str, new: str | None) -> None:
    """The browser has a new pre-session cookie: what it pays goes over to it; with None, no browser knows of it."""
    work.execute(update(_PAYMENT).where(_PAYMENT.c.owner == old).values(owner=new))

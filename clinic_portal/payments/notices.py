"""What the gateway tells by itself: kept once, and left to the worker."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments.models import GatewayNotice
from clinic_portal.payments.ports import Notice

HEARD = "payment.notice"
"""The outbox's kind for a notice that is to be acted upon."""
_NOTICE = table(GatewayNotice)


@dataclass(frozen=True, slots=True)
class HeardNotice:
    """A notice as it was kept."""

    account: str
    kind: str
    payment_id: int | None
    intent_id: str | None
    session_id: str | None
    refund_id: str | None
    method_id: str | None
    subscription_id: str | None


def kept(read: Reading, notice_id: str) -> HeardNotice | None:
    """A notice as it was kept."""
    row = read.execute(select(_NOTICE).where(_NOTICE.c.id == notice_id)).first()
    return HeardNotice(**{name: getattr(row, name) for name in HeardNotice.__dataclass_fields__}) if row else None


def done(work: UnitOfWork, notice_id: str) -> None:
    """A notice was acted upon."""
    work.execute(update(_NOTICE).where(_NOTICE.c.id == notice_id).values(settled_at=work.now))


def keep(work: UnitOfWork, account: str, notice: Notice) -> bool:
    """Keep a notice and ask the worker to act upon it; False, and nothing done, for one that is known."""
    values = {
        "id": notice.id,
        "account": account,
        "kind": notice.kind,
        "object_id": notice.object_id,
        "payment_id": notice.payment_id,
        "intent_id": notice.intent_id,
        "session_id": notice.session_id,
        "refund_id": notice.refund_id,
        "method_id": notice.method_id,
        "subscription_id": notice.subscription_id,
        "occurred_at": notice.occurred_at,
        "received_at": work.now,
    }
    is_postgres = work.session.connection().dialect.name == "postgresql"
    insert = (postgresql if is_postgres else sqlite).insert
    added = work.execute(insert(_NOTICE).values(values).on_conflict_do_nothing().returning(_NOTICE.c.id)).first()
    if added is None:
        return False
    work.emit(HEARD, f"{HEARD}:{notice.id}", notice_id=notice.id)
    return True

"""What the gateway tells by itself: kept once, and left to the worker."""

from sqlalchemy.dialects import postgresql, sqlite

from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.payments.models import GatewayNotice
from clinic_portal.payments.ports import Notice

HEARD = "payment.notice"
"""The outbox's kind for a notice that is to be acted upon."""
_NOTICE = table(GatewayNotice)


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

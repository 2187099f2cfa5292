"""Why staff went beyond a rule for a visit, or cancelled it, sealed: kept for good, read on its page (P15)."""

from typing import Any

from sqlalchemy import Row, insert, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models
from clinic_portal.booking.access import visit_for_staff
from clinic_portal.booking.types import Reason
from clinic_portal.core import ids, resealing, sealing
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork

OVERRIDE, CANCELLED = "override", "cancelled"
_REASON = table(models.VisitReason)


def write(work: UnitOfWork, appointment_id: int, kind: str, reason: str, *, by: str) -> None:
    """Keep why something was done with a visit; `by` is the tag of who did it. The log never holds the words."""
    nonce = ids.nonce()
    work.execute(
        insert(_REASON),
        {
            "appointment_id": appointment_id,
            "nonce": nonce,
            "kind": kind,
            "body": sealing.seal(work.settings, _place(appointment_id, nonce), reason),
            "written_at": work.now,
            "written_by": by,
        },
    )


def of_visit(work: UnitOfWork, actor: StaffActor, appointment_id: int) -> list[Reason]:
    """Every reason given about a visit, the newest first, for those who run visits. Raises NotAllowed.

    That they were read is in the log (rule 13), where there are any.
    """
    actor.must(Permission.RUN_VISITS)
    visit_for_staff(work, actor, appointment_id)
    mine = select(_REASON).where(_REASON.c.appointment_id == appointment_id)
    found = [_opened(work, row) for row in work.execute(mine.order_by(_REASON.c.id.desc()))]
    if found:
        work.record(actor.tag, "reasons.read", f"appointment:{appointment_id}")
    return found


def reseal(work: UnitOfWork, *, after_id: int, limit: int = 200) -> tuple[int, int]:
    """Seal a portion anew under the present key; (how many, the last id looked at; 0 at the end)."""
    return resealing.portion(
        work, _REASON, _REASON.c.id, lambda row: _place(row.appointment_id, row.nonce), after=after_id, limit=limit
    )


def _opened(read: Reading, row: Row[Any]) -> Reason:
    body = sealing.open_sealed(read.settings, _place(row.appointment_id, row.nonce), row.body)
    return Reason(row.kind, body, row.written_at, row.written_by)


def _place(appointment_id: int, nonce: str) -> str:
    return f"visit_reason:body:{appointment_id}:{nonce}"

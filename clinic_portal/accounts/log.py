"""The activity log, for those who may read it (P15)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clinic_portal.accounts import models
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import audit
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading

_STAFF = table(models.Staff)
_OTHERS = {"command": "the command line", "booking": "the booking page", "setup": "the first run"}


@dataclass(frozen=True, slots=True)
class LogLine:
    """Who did what to what, when. Staff by name; patients by number alone: a log is read over shoulders."""

    id: int
    at: datetime
    actor: str
    who: str
    action: str
    subject: str
    detail: dict[str, Any]


def lines(
    read: Reading, actor: StaffActor, *, before_id: int | None = None, subject: str = "", most: int = 100
) -> list[LogLine]:
    """The newest lines, older than an id, about subjects that begin so. Raises NotAllowed."""
    actor.must(Permission.SEE_LOG)
    names = {f"staff:{row.id}": row.name for row in read.execute(select(_STAFF.c.id, _STAFF.c.name))}
    return [
        LogLine(row.id, row.at, row.actor, _who(row.actor, names), row.action, row.subject, row.detail)
        for row in audit.newest(read.session, before_id=before_id, subject=subject, most=most)
    ]


def _who(actor: str, names: dict[str, str]) -> str:
    return names.get(actor) or _OTHERS.get(actor, actor.replace(":", " "))

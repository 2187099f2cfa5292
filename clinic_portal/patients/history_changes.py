"""What changed in a medical history since somebody last looked at it with the patient (S31)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.patients import access, history, models
from clinic_portal.patients.types import HistoryChange, HistoryVersion

_ENTRY = table(models.HistoryEntry)


def since(read: Reading, actor: StaffActor, patient_id: int, at: datetime) -> dict[str, HistoryChange]:
    """What is another than it was at an instant, by item, in the order in which it was told.

    What came and went since, or was changed and changed back, is no change. Raises NotAllowed.
    """
    actor.must(Permission.SEE_CHARTS)
    access.must_see(read, actor, patient_id)
    touched = select(_ENTRY.c.item).where(_ENTRY.c.patient_id == patient_id, _ENTRY.c.recorded_at > at)
    mine = select(_ENTRY).where(_ENTRY.c.patient_id == patient_id, _ENTRY.c.item.in_(touched))
    versions: dict[str, list[Any]] = defaultdict(list)
    for row in read.execute(mine.order_by(_ENTRY.c.item, _ENTRY.c.version)):
        versions[row.item].append(row)
    by_last = sorted(versions.items(), key=lambda told: int(told[1][-1].id))
    found = {
        item: _change(item, rows[0].kind, [history.version_of(read, row) for row in rows], at) for item, rows in by_last
    }
    return {item: one for item, one in found.items() if one is not None}


def _change(item: str, kind: str, told: Sequence[HistoryVersion], at: datetime) -> HistoryChange | None:
    known = [one for one in told if one.recorded_at <= at]
    before = known[-1].fields if known and not known[-1].is_removed else None
    last = told[-1]
    now = None if last.is_removed else last.fields
    if before == now:
        return None
    what = "added" if before is None else "removed" if now is None else "changed"
    return HistoryChange(item, kind, what, before or {}, now or {}, last.recorded_at, last.recorded_by)

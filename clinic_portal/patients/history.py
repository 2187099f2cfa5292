"""The medical history (S31): structured, sealed at rest, and every change kept with who and when.

Kinds follow FHIR R4: Condition, AllergyIntolerance, MedicationStatement, Procedure. A change is a new version of an
item; nothing is overwritten and nothing is deleted.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import ids, resealing, sealing
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients import history_rules as rules
from clinic_portal.patients import models
from clinic_portal.patients.access import must_see
from clinic_portal.patients.types import HistoryItem, HistoryVersion

MOST_ITEMS = 300
_ENTRY = table(models.HistoryEntry)


def current(read: Reading, patient_id: int) -> list[HistoryItem]:
    """The history as it stands, in the order of kinds, then as it was told."""
    mine = and_(_ENTRY.c.patient_id == patient_id, _ENTRY.c.is_current, _ENTRY.c.is_removed.is_(False))
    rows = read.execute(select(_ENTRY).where(mine).order_by(_ENTRY.c.id)).all()
    items = [_item(read, row) for row in rows]
    return sorted(items, key=lambda item: list(rules.KINDS).index(item.kind))


def versions(read: Reading, patient_id: int, item: str) -> list[HistoryVersion]:
    """What was said of an item, by whom and when, newest first. Raises NotAllowed for another patient's."""
    mine = and_(_ENTRY.c.patient_id == patient_id, _ENTRY.c.item == item)
    rows = read.execute(select(_ENTRY).where(mine).order_by(_ENTRY.c.version.desc())).all()
    if not rows:
        raise NotAllowed()
    return [version_of(read, row) for row in rows]


def version_of(read: Reading, row: Row[Any]) -> HistoryVersion:
    """A row of the table, opened."""
    return HistoryVersion(row.version, _opened(read, row), row.is_removed, row.recorded_at, row.recorded_by)


def record(work: UnitOfWork, actor_tag: str, patient_id: int, kind: str, typed: Mapping[str, str]) -> str:
    """Add an item; its id. Raises Unusable with every field at fault, Conflict where only one may stand.

    "None known" (`none`) is an item of its own: it says that the question was asked. A first real item takes its place.
    """
    work.in_turn("history", str(patient_id))
    values = rules.read(kind, typed)
    known = current(work, patient_id)
    if len(known) >= MOST_ITEMS:
        raise Conflict("history_full", limit=MOST_ITEMS)
    for other in (one for one in known if one.kind == kind):
        if rules.says_none(values):
            raise Conflict("history_none_taken" if not rules.says_none(other.fields) else "history_known")
        if rules.says_none(other.fields):
            _write(work, actor_tag, patient_id, kind, other.item, other.version + 1, other.fields, is_removed=True)
        elif kind in rules.ONLY_ONE:
            raise Conflict("history_known")
    item = ids.nonce()
    _write(work, actor_tag, patient_id, kind, item, 1, values)
    return item


def amend(
    work: UnitOfWork, actor_tag: str, patient_id: int, item: str, typed: Mapping[str, str], *, seen_version: int
) -> None:
    """Change an item. Raises Unusable, NotAllowed; Conflict when it was changed meanwhile, by staff or another tab."""
    before = _current(work, patient_id, item, seen_version)
    values = rules.read(before.kind, typed)
    if values != before.fields:
        _write(work, actor_tag, patient_id, before.kind, item, seen_version + 1, values)


def remove(work: UnitOfWork, actor_tag: str, patient_id: int, item: str, *, seen_version: int) -> None:
    """Take an item out of the history; that it stood there is kept. Raises like `amend`."""
    before = _current(work, patient_id, item, seen_version)
    _write(work, actor_tag, patient_id, before.kind, item, seen_version + 1, before.fields, is_removed=True)


def open_chart(work: UnitOfWork, actor: StaffActor, patient_id: int) -> list[HistoryItem]:
    """Staff read a history; that they did is in the log (rule 13). Raises NotAllowed."""
    actor.must(Permission.SEE_CHARTS)
    must_see(work, actor, patient_id)
    work.record(actor.tag, "chart.read", f"patient:{patient_id}")
    return current(work, patient_id)


def move(work: UnitOfWork, patient_id: int, to_patient_id: int) -> None:
    """Every version told under a profile is told by the one it turned out to be (P16): sealed anew for its place.

    "None known" holds no more where the other told something; all else stands side by side, for a person to judge.
    """
    for one in sorted((patient_id, to_patient_id)):
        work.in_turn("history", str(one))
    for row in work.execute(select(_ENTRY).where(_ENTRY.c.patient_id == patient_id).order_by(_ENTRY.c.id)).all():
        text = sealing.open_sealed(work.settings, _place(patient_id, row.item, row.version), row.body)
        body = sealing.seal(work.settings, _place(to_patient_id, row.item, row.version), text)
        work.execute(update(_ENTRY).where(_ENTRY.c.id == row.id).values(patient_id=to_patient_id, body=body))
    seen: set[str] = set()
    for item in sorted(current(work, to_patient_id), key=lambda one: rules.says_none(one.fields)):
        if rules.says_none(item.fields) and item.kind in seen:
            tag, kind, version = f"patient:{to_patient_id}", item.kind, item.version + 1
            _write(work, tag, to_patient_id, kind, item.item, version, item.fields, is_removed=True)
        seen.add(item.kind)


def reseal(work: UnitOfWork, *, after_id: int, limit: int = 200) -> tuple[int, int]:
    """Seal a portion anew under the present key; (how many, the last id looked at; 0 at the end)."""
    return resealing.portion(
        work,
        _ENTRY,
        _ENTRY.c.id,
        lambda row: _place(row.patient_id, row.item, row.version),
        after=after_id,
        limit=limit,
    )


def _current(work: UnitOfWork, patient_id: int, item: str, seen_version: int) -> HistoryItem:
    work.in_turn("history", str(patient_id))
    mine = and_(
        _ENTRY.c.patient_id == patient_id, _ENTRY.c.item == item, _ENTRY.c.is_current, _ENTRY.c.is_removed.is_(False)
    )
    row = work.execute(select(_ENTRY).where(mine)).first()
    if row is None:
        raise NotAllowed()
    if row.version != seen_version:
        raise Conflict("history_changed")
    return _item(work, row)


def _write(
    work: UnitOfWork,
    actor_tag: str,
    patient_id: int,
    kind: str,
    item: str,
    version: int,
    values: Mapping[str, str],
    *,
    is_removed: bool = False,
) -> None:
    same = and_(_ENTRY.c.patient_id == patient_id, _ENTRY.c.item == item, _ENTRY.c.is_current)
    work.execute(update(_ENTRY).where(same).values(is_current=False))
    body = sealing.seal(work.settings, _place(patient_id, item, version), json.dumps(values, ensure_ascii=False))
    work.execute(
        insert(_ENTRY),
        {
            "patient_id": patient_id,
            "item": item,
            "version": version,
            "kind": kind,
            "body": body,
            "is_current": True,
            "is_removed": is_removed,
            "recorded_at": work.now,
            "recorded_by": actor_tag,
        },
    )
    did = "removed" if is_removed else "recorded" if version == 1 else "amended"
    work.record(actor_tag, f"history.{did}", f"patient:{patient_id}", item=item, version=version)


def _item(read: Reading, row: Row[Any]) -> HistoryItem:
    return HistoryItem(row.item, row.version, row.kind, _opened(read, row), row.recorded_at, row.recorded_by)


def _opened(read: Reading, row: Row[Any]) -> dict[str, str]:
    told: dict[str, str] = json.loads(
        sealing.open_sealed(read.settings, _place(row.patient_id, row.item, row.version), row.body)
    )
    return told


def _place(patient_id: int, item: str, version: int) -> str:
    return f"history_entry:body:{patient_id}:{item}:{version}"

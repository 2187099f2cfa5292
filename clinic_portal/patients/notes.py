"""What staff note about a patient, sealed at rest; an alert stands on each page about them until it is ended (P15)."""

import re
import unicodedata
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import ids, resealing, sealing
from clinic_portal.core.db import among, table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients import access, models
from clinic_portal.patients.types import NoteInfo

NOTE, ALERT = "note", "alert"
MOST_LETTERS = {NOTE: 4000, ALERT: 200}
MOST_OPEN_ALERTS = 10
MOST_SHOWN = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NOTE = table(models.PatientNote)


def open_notes(work: UnitOfWork, actor: StaffActor, patient_id: int) -> list[NoteInfo]:
    """Everything noted about a patient: what stands, then what was ended, the newest first. Raises NotAllowed.

    That they were read is in the log (rule 13).
    """
    _must(work, actor, patient_id)
    work.record(actor.tag, "notes.read", f"patient:{patient_id}")
    mine = select(_NOTE).where(_NOTE.c.patient_id == patient_id)
    rows = work.execute(mine.order_by(_NOTE.c.ended_at.is_not(None), _NOTE.c.id.desc()).limit(MOST_SHOWN))
    return [_info(work, row) for row in rows]


def alerts_of(read: Reading, actor: StaffActor, patient_id: int) -> list[NoteInfo]:
    """The alerts that stand about a patient, the newest first; none for a role that reads no notes. Raises NotAllowed.

    For the head of any page about them: an alert is meant to be seen, so seeing it is not logged.
    """
    access.must_see(read, actor, patient_id)
    if not actor.may(Permission.WRITE_NOTES):
        return []
    mine = and_(_NOTE.c.patient_id == patient_id, _standing())
    return [_info(read, row) for row in read.execute(select(_NOTE).where(mine).order_by(_NOTE.c.id.desc()))]


def alerts_among(read: Reading, patient_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """What the alerts that stand say, by patient, the newest first: for the domain's own use, which knows who asks."""
    found: dict[int, tuple[str, ...]] = {}
    theirs = and_(_NOTE.c.patient_id.in_(patient_ids), _standing())
    for row in read.execute(select(_NOTE).where(theirs).order_by(_NOTE.c.id.desc())):
        found[row.patient_id] = (*found.get(row.patient_id, ()), _info(read, row).body)
    return found


def with_alert(read: Reading, patient_ids: Collection[int]) -> frozenset[int]:
    """Those about whom an alert stands; what it says stays sealed. One statement."""
    theirs = and_(among(_NOTE.c.patient_id, patient_ids), _standing())
    return frozenset(read.execute(select(_NOTE.c.patient_id).where(theirs)).scalars())


def write(work: UnitOfWork, actor: StaffActor, patient_id: int, kind: str, typed: str) -> int:
    """Note something, or put up an alert; its id.

    Raises NotAllowed, Invalid on `body`, Conflict where as many alerts stand as anybody reads. The log never holds
    what was written.
    """
    _must(work, actor, patient_id)
    if kind not in MOST_LETTERS:
        raise NotAllowed()
    body = _body(typed, MOST_LETTERS[kind])
    work.in_turn("notes", str(patient_id))
    if kind == ALERT and len(alerts_of(work, actor, patient_id)) >= MOST_OPEN_ALERTS:
        raise Conflict("alerts_full", limit=MOST_OPEN_ALERTS)
    nonce = ids.nonce()
    note_id = work.execute(
        insert(_NOTE).returning(_NOTE.c.id),
        {
            "patient_id": patient_id,
            "nonce": nonce,
            "kind": kind,
            "body": sealing.seal(work.settings, _place(patient_id, nonce), body),
            "written_at": work.now,
            "written_by": actor.tag,
            "ended_by": "",
        },
    ).scalar_one()
    work.record(actor.tag, f"{kind}.written", f"patient:{patient_id}", number=note_id)
    return int(note_id)


def end(work: UnitOfWork, actor: StaffActor, patient_id: int, note_id: int) -> None:
    """A note or alert holds no more; that it stood there is kept. Raises NotAllowed; ended already is harmless."""
    _must(work, actor, patient_id)
    mine = and_(_NOTE.c.id == note_id, _NOTE.c.patient_id == patient_id)
    kind = work.execute(select(_NOTE.c.kind).where(mine)).scalar()
    if kind is None:
        raise NotAllowed()
    ended = update(_NOTE).where(mine, _NOTE.c.ended_at.is_(None)).values(ended_at=work.now, ended_by=actor.tag)
    if work.execute(ended).rowcount:
        work.record(actor.tag, f"{kind}.ended", f"patient:{patient_id}", number=note_id)


def move(work: UnitOfWork, patient_id: int, to_patient_id: int) -> None:
    """All that was noted about a profile is about the one it turned out to be (P16): sealed anew for its place."""
    for one in sorted((patient_id, to_patient_id)):
        work.in_turn("notes", str(one))
    for row in work.execute(select(_NOTE).where(_NOTE.c.patient_id == patient_id).order_by(_NOTE.c.id)).all():
        text = sealing.open_sealed(work.settings, _place(patient_id, row.nonce), row.body)
        body = sealing.seal(work.settings, _place(to_patient_id, row.nonce), text)
        work.execute(update(_NOTE).where(_NOTE.c.id == row.id).values(patient_id=to_patient_id, body=body))


def reseal(work: UnitOfWork, *, after_id: int, limit: int = 200) -> tuple[int, int]:
    """Seal a portion anew under the present key; (how many, the last id looked at; 0 at the end)."""
    return resealing.portion(
        work, _NOTE, _NOTE.c.id, lambda row: _place(row.patient_id, row.nonce), after=after_id, limit=limit
    )


def _must(read: Reading, actor: StaffActor, patient_id: int) -> None:
    actor.must(Permission.WRITE_NOTES)
    access.must_see(read, actor, patient_id)


def _standing() -> Any:
    return and_(_NOTE.c.kind == ALERT, _NOTE.c.ended_at.is_(None))


def _body(typed: str, most: int) -> str:
    text = unicodedata.normalize("NFC", typed.replace("\r\n", "\n")).strip()
    if not text:
        raise Invalid("body", "note_missing")
    if _CONTROL.search(text):
        raise Invalid("body", "text_characters")
    if len(text) > most:
        raise Invalid("body", "text_long", limit=most)
    return text


def _info(read: Reading, row: Row[Any]) -> NoteInfo:
    body = sealing.open_sealed(read.settings, _place(row.patient_id, row.nonce), row.body)
    return NoteInfo(row.id, row.kind, body, row.written_at, row.written_by, row.ended_at, row.ended_by)


def _place(patient_id: int, nonce: str) -> str:
    return f"patient_note:body:{patient_id}:{nonce}"

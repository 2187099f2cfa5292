"""The activity log: append-only (the database refuses update and delete) and hash-chained (rule 14).

Entries are written in the transaction they tell of. The chain is sealed afterwards, in order, by the worker: linking
inside every transaction would make all writers of PostgreSQL wait for one another's commit.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, insert, select
from sqlmodel import Field, Session, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime, table

FIRST = "0" * 64


class AuditEntry(SQLModel, table=True):
    """Who did what to what, when. `actor` and `subject` are `kind:id`; `detail` never holds health data."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    action: str
    subject: str = Field(index=True)
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class AuditSeal(SQLModel, table=True):
    """A link of the chain: `hash` covers the entry and the link before."""

    __tablename__ = "audit_seal"

    sequence: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
    entry_id: int = Field(sa_column=Column(BigId, nullable=False, unique=True))
    hash: str


ENTRY = table(AuditEntry)
SEAL = table(AuditSeal)


def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert entries in one statement."""
    session.execute(insert(ENTRY), list(rows))


def newest(session: Session, *, before_id: int | None = None, subject: str = "", most: int = 100) -> list[Any]:
    """The newest entries (rows of ENTRY's columns), older than an id, about subjects that begin so."""
    statement = select(ENTRY).order_by(ENTRY.c.id.desc()).limit(most)
    if before_id is not None:
        statement = statement.where(ENTRY.c.id < before_id)
    if subject:
        statement = statement.where(ENTRY.c.subject.startswith(subject, autoescape=True))
    return list(session.execute(statement))


def about(session: Session, *subjects: str) -> list[Any]:
    """Every entry about these subjects, the oldest first: rows of ENTRY's columns with `sequence` and `hash` of its
    seal, None where it is not sealed yet."""
    sealed = select(ENTRY, SEAL.c.sequence, SEAL.c.hash).outerjoin(SEAL, SEAL.c.entry_id == ENTRY.c.id)
    return list(session.execute(sealed.where(ENTRY.c.subject.in_(subjects)).order_by(ENTRY.c.id)))


def seal(session: Session, *, limit: int = 500) -> int:
    """Link entries not yet linked; how many were. Two sealers at once: one of them fails on the sequence's key."""
    last = session.execute(select(SEAL.c.sequence, SEAL.c.hash).order_by(SEAL.c.sequence.desc()).limit(1)).first()
    sequence, previous = (last.sequence, last.hash) if last else (0, FIRST)
    waiting = select(ENTRY).outerjoin(SEAL, SEAL.c.entry_id == ENTRY.c.id).where(SEAL.c.entry_id.is_(None))
    links = []
    for entry in session.execute(waiting.order_by(ENTRY.c.id).limit(limit)):
        sequence, previous = sequence + 1, _link(previous, entry)
        links.append({"sequence": sequence, "entry_id": entry.id, "hash": previous})
    if links:
        session.execute(insert(SEAL), links)
    return len(links)


def broken_at(session: Session) -> int | None:
    """The id of the first entry that was altered, removed or reordered after sealing; None when all verify."""
    previous, expected = FIRST, 1
    sealed = select(SEAL.c.sequence, SEAL.c.hash, SEAL.c.entry_id, ENTRY).outerjoin(
        ENTRY, SEAL.c.entry_id == ENTRY.c.id
    )
    for link in session.execute(sealed.order_by(SEAL.c.sequence)):
        if link.id is None or link.sequence != expected or _link(previous, link) != link.hash:
            return int(link.entry_id)
        previous, expected = link.hash, expected + 1
    return None


def _link(previous: str, entry: Any) -> str:
    told = [entry.id, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256((previous + json.dumps(told, sort_keys=True, ensure_ascii=False)).encode()).hexdigest()

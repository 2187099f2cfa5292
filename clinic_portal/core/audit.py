"""The activity log: append-only (the database refuses update and delete) and hash-chained (rule 14).

Entries are written in the transaction they tell of. The chain is sealed afterwards, in order, by the worker, within a
second or two: linking inside every transaction would make all writers of PostgreSQL wait for one another's commit.
What the chain proves, and to whom, says `audit_proof`.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, Select, and_, func, insert, or_, select, union
from sqlmodel import Field, Session, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime, table

FIRST = "0" * 64


class AuditEntry(SQLModel, table=True):
    """Who did what to what, when. `actor` and `subject` are `kind:id`; `detail` never holds health data."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_actor", "actor", "at", "id"),
        Index("ix_audit_entry_action", "action", "at", "id"),
    )

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
_NEWEST = select(func.max(ENTRY.c.id)).scalar_subquery()
Span = tuple[int, int]


def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert entries in one statement."""
    session.execute(insert(ENTRY), list(rows))


def newest(
    session: Session,
    legs: Sequence[ColumnElement[bool]] = (),
    *,
    before: tuple[datetime, int] | None = None,
    between: tuple[datetime, datetime] | None = None,
    most: int = 100,
) -> list[Any]:
    """The newest entries (rows of ENTRY's columns) that meet one of the conditions, or any; older than a time and id.

    Each condition is looked along an index of its own, as far as the page is long: neither database does so for an OR.
    """
    bounds: list[ColumnElement[bool]] = []
    if before is not None:
        at, row_id = before
        bounds.append(or_(ENTRY.c.at < at, and_(ENTRY.c.at == at, ENTRY.c.id < row_id)))
        bounds.append(ENTRY.c.at <= at)  # says the same again, so that the index is begun at the right end
    if between is not None:
        bounds += [ENTRY.c.at >= between[0], ENTRY.c.at < between[1]]
    order = (ENTRY.c.at.desc(), ENTRY.c.id.desc())
    if not legs:
        return list(session.execute(select(ENTRY).where(*bounds).order_by(*order).limit(most)))
    parts = [select(ENTRY.c.id).where(leg, *bounds).order_by(*order).limit(most).subquery() for leg in legs]
    ids = union(*(select(part.c.id) for part in parts)).subquery()
    return list(session.execute(select(ENTRY).where(ENTRY.c.id.in_(select(ids.c.id))).order_by(*order).limit(most)))


def about(session: Session, *subjects: str) -> list[Any]:
    """Every entry about these subjects, the oldest first: rows of ENTRY's columns with `sequence` and `hash` of its
    seal, None where it is not sealed yet."""
    sealed = select(ENTRY, SEAL.c.sequence, SEAL.c.hash).outerjoin(SEAL, SEAL.c.entry_id == ENTRY.c.id)
    return list(session.execute(sealed.where(ENTRY.c.subject.in_(subjects)).order_by(ENTRY.c.id)))


def seal(session: Session, *, limit: int = 500, among: Span | None = None) -> int:
    """Link entries not yet linked, the lowest ids first; how many were. `among`: behind one id, up to another.

    Two sealers at once: one of them fails on the sequence's key.
    """
    last = session.execute(select(SEAL.c.sequence, SEAL.c.hash).order_by(SEAL.c.sequence.desc()).limit(1)).first()
    sequence, previous = (last.sequence, last.hash) if last else (0, FIRST)
    links = []
    for entry in session.execute(_waiting(among).order_by(ENTRY.c.id).limit(limit)):
        sequence, previous = sequence + 1, link(previous, entry)
        links.append({"sequence": sequence, "entry_id": entry.id, "hash": previous})
    if links:
        session.execute(insert(SEAL), links)
    return len(links)


def is_waiting(session: Session, *, among: Span | None = None) -> bool:
    """Whether anything is not linked yet. `among`: behind one id, up to another."""
    return session.execute(_waiting(among).limit(1)).first() is not None


def ends(session: Session) -> Span | None:
    """The lowest and the highest id; None of an empty log."""
    first, last = session.execute(select(select(func.min(ENTRY.c.id)).scalar_subquery(), _NEWEST)).one()
    return None if first is None else (int(first), int(last))


def head(session: Session) -> tuple[int, str]:
    """The chain's last link, by which a note elsewhere knows all of it: its number and hash; (0, …) of none."""
    last = session.execute(select(SEAL.c.sequence, SEAL.c.hash).order_by(SEAL.c.sequence.desc()).limit(1)).first()
    return (int(last.sequence), str(last.hash)) if last else (0, FIRST)


def _waiting(among: Span | None) -> Select[Any]:
    same = SEAL.c.entry_id == ENTRY.c.id
    if among is None:
        return select(ENTRY).outerjoin(SEAL, same).where(SEAL.c.entry_id.is_(None))
    after, up_to = among  # told of both tables: the seals, too, are looked at along their index
    theirs = and_(same, SEAL.c.entry_id > after, SEAL.c.entry_id <= up_to)
    waiting = select(ENTRY).outerjoin(SEAL, theirs).where(SEAL.c.entry_id.is_(None))
    return waiting.where(ENTRY.c.id > after, ENTRY.c.id <= up_to)


def link(previous: str, entry: Any) -> str:
    """The hash of an entry (a row of ENTRY's columns) in the chain, behind the hash before it."""
    told = [entry.id, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256((previous + json.dumps(told, sort_keys=True, ensure_ascii=False)).encode()).hexdigest()

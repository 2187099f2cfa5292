"""Effects leave through here: a row written in the transaction that causes it, carried out later by the worker.

Payloads hold ids, never texts or personal data; what is to be sent is rendered when it is sent.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, Text, and_, insert, or_, select, update
from sqlmodel import Field, Session, SQLModel

from clinic_portal.core import ids
from clinic_portal.core.db import BigId, UtcDateTime, table

READY, LEASED, DONE, DEAD, DROPPED = "ready", "leased", "done", "dead", "dropped"
URGENT, USUAL, BULK = 0, 1, 2
"""Who goes first: a code somebody waits for; what follows from what somebody did; what is due for many at once."""
LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)


class OutboxRow(SQLModel, table=True):
    """One thing to do. `dedupe_key` makes asking twice harmless; a lease makes a killed worker harmless."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_priority", "state", "priority", "run_at"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    kind: str
    dedupe_key: str = Field(unique=True)
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str = READY
    priority: int = USUAL
    attempts: int = 0
    max_attempts: int = 8
    created_at: datetime = Field(sa_type=UtcDateTime)
    run_at: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_token: str | None = None
    last_error: str | None = Field(default=None, sa_column=Column(Text))


OUTBOX = table(OutboxRow)


def row(
    kind: str,
    dedupe_key: str,
    payload: dict[str, Any],
    *,
    now: datetime,
    run_at: datetime,
    priority: int = USUAL,
    max_attempts: int = 8,
) -> dict[str, Any]:
    """The columns of one outbox row."""
    return {
        "kind": kind,
        "dedupe_key": dedupe_key,
        "payload": payload,
        "state": READY,
        "priority": priority,
        "attempts": 0,
        "max_attempts": max_attempts,
        "created_at": now,
        "run_at": run_at,
    }


def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows in one statement."""
    session.execute(insert(OUTBOX), list(rows))


def is_pending(session: Session, dedupe_prefix: str) -> bool:
    """Whether anything whose key begins so is still to be carried out."""
    mine = and_(OUTBOX.c.dedupe_key.startswith(dedupe_prefix, autoescape=True), OUTBOX.c.state.in_((READY, LEASED)))
    return session.execute(select(OUTBOX.c.id).where(mine).limit(1)).first() is not None


def claim(
    session: Session, *, now: datetime, limit: int, only: Collection[str] = (), but: Collection[str] = ()
) -> list[OutboxRow]:
    """Lease up to `limit` due rows to this worker, of some kinds or of all but some; rows whose lease ran out are due
    again.

    Several workers may ask at once: PostgreSQL skips what another has locked, SQLite has one writer at a time. A row
    whose workers die again and again is given up.
    """
    due: ColumnElement[bool] = or_(
        and_(OUTBOX.c.state == READY, OUTBOX.c.run_at <= now),
        and_(OUTBOX.c.state == LEASED, OUTBOX.c.lease_until <= now),
    )
    if only:
        due = and_(due, OUTBOX.c.kind.in_(only))
    if but:
        due = and_(due, OUTBOX.c.kind.not_in(but))
    order = (OUTBOX.c.priority, OUTBOX.c.run_at, OUTBOX.c.id)
    statement = select(OUTBOX.c.id).where(due).order_by(*order).limit(limit)
    found = list(session.execute(statement.with_for_update(skip_locked=True)).scalars())
    if not found:
        return []
    token = ids.nonce()
    is_worn_out = and_(OUTBOX.c.state == LEASED, OUTBOX.c.attempts >= 2 * OUTBOX.c.max_attempts)
    session.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id.in_(found), is_worn_out)
        .values(state=DEAD, last_error="worker_died", lease_until=None, lease_token=None)
    )
    session.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id.in_(found), OUTBOX.c.state != DEAD)
        .values(state=LEASED, lease_until=now + LEASE, lease_token=token, attempts=OUTBOX.c.attempts + 1)
    )
    leased = select(OutboxRow).where(OUTBOX.c.lease_token == token).order_by(*order)
    rows = list(session.execute(leased).scalars())
    session.expunge_all()
    return rows


def is_mine(session: Session, row: OutboxRow) -> bool:
    """Whether a leased row has not passed to another worker meanwhile."""
    held = and_(OUTBOX.c.id == row.id, OUTBOX.c.lease_token == row.lease_token)
    return session.execute(select(OUTBOX.c.id).where(held)).first() is not None


def finish(session: Session, row: OutboxRow, *, state: str = DONE, error: str | None = None) -> bool:
    """Close a leased row as done, dropped or dead; False when the lease had passed to another worker."""
    return _settle(session, row, state=state, last_error=error, lease_until=None, lease_token=None)


def retry(session: Session, row: OutboxRow, *, now: datetime, pause: timedelta, error: str) -> bool:
    """Put a leased row back until `now + pause`, or give it up as dead when its attempts are spent."""
    if row.attempts >= row.max_attempts:
        return finish(session, row, state=DEAD, error=error)
    return _settle(session, row, state=READY, run_at=now + pause, last_error=error, lease_until=None, lease_token=None)


def postpone(session: Session, row: OutboxRow, until: datetime) -> bool:
    """Put a leased row back until an instant, as if nothing had been tried yet."""
    return _settle(session, row, state=READY, run_at=until, attempts=0, lease_until=None, lease_token=None)


def _settle(session: Session, row: OutboxRow, **values: object) -> bool:
    fenced = and_(OUTBOX.c.id == row.id, OUTBOX.c.lease_token == row.lease_token)
    return bool(session.execute(update(OUTBOX).where(fenced).values(**values)).rowcount)  # type: ignore[attr-defined]

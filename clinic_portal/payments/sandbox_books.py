"""Verbs of the sandbox gateway's own books (B7): objects as JSON, found by their id or their idempotency key."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments import models

_OBJECT = table(models.SandboxObject)


@dataclass(slots=True)
class Kept:
    """One object of the sandbox gateway; `data` may be changed and kept again."""

    id: str
    kind: str  # checkout | intent | refund | customer | card | call | subscription | invoice
    key: str | None
    data: dict[str, Any]
    created_at: datetime


def in_turn(work: UnitOfWork) -> None:
    """One after the other: a rehearsal needs no speed, and a page, its payment and its cards change together."""
    work.in_turn("sandbox gateway")


def kept(read: Reading, object_id: str) -> Kept | None:
    """The object of that id."""
    return _one(read, _OBJECT.c.id == object_id)


def kept_under(read: Reading, key: str) -> Kept | None:
    """The object that was made under an idempotency key."""
    return _one(read, _OBJECT.c.key == key)


def every(read: Reading, kind: str, *, since: datetime | None = None) -> list[Kept]:
    """The objects of a kind made since then, newest first."""
    statement = select(_OBJECT).where(_OBJECT.c.kind == kind).order_by(_OBJECT.c.created_at.desc(), _OBJECT.c.id)
    if since is not None:
        statement = statement.where(_OBJECT.c.created_at >= since)
    return [_kept(row) for row in read.execute(statement)]


def keep(work: UnitOfWork, kind: str, object_id: str, data: dict[str, Any], *, key: str | None = None) -> Kept:
    """Keep a new object."""
    new = Kept(object_id, kind, key, data, work.now)
    values = {"id": object_id, "kind": kind, "key": key, "data": json.dumps(data), "created_at": work.now}
    work.execute(insert(_OBJECT), values)
    return new


def change(work: UnitOfWork, changed: Kept) -> None:
    """Keep an object as it is now."""
    work.execute(update(_OBJECT).where(_OBJECT.c.id == changed.id).values(data=json.dumps(changed.data)))


def _one(read: Reading, which: Any) -> Kept | None:
    row = read.execute(select(_OBJECT).where(which)).first()
    return _kept(row) if row else None


def _kept(row: Any) -> Kept:
    return Kept(row.id, row.kind, row.key, json.loads(row.data), row.created_at)

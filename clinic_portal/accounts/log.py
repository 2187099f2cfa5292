"""The activity log, for those who may read it (P15): searched by who, what, about what, and when."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import audit
from clinic_portal.core.audit import ENTRY
from clinic_portal.core.work import Reading

SYSTEMS = {
    "booking": "the booking page",
    "cashier": "the clinic’s software",
    "gateway": "the payment service",
    "phone": "a phone",
    "command": "the command line",
    "setup": "the first run",
}
"""Who acts and is nobody: as the log names them, and in words."""
PATIENTS = "patient:"
"""Every patient, as one who acts."""


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are looked for. Nothing narrows nothing; `said` are alternatives, all else holds as well.

    `said_actions` and `said_tags` are what typed words may mean: deeds, and people or things (`kind:id`).
    """

    actor: str = ""  # a tag, or PATIENTS
    actions: tuple[str, ...] = ()
    between: tuple[datetime, datetime] | None = None
    is_said: bool = False
    said_actions: tuple[str, ...] = ()
    said_tags: tuple[str, ...] = ()


def lines(
    read: Reading, actor: StaffActor, wanted: Wanted = Wanted(), *, before_id: int | None = None, most: int = 100
) -> list[LogLine]:
    """The newest lines that are looked for, older than one. Raises NotAllowed."""
    actor.must(Permission.SEE_LOG)
    legs = list(_legs(wanted))
    if wanted.is_said and not legs:
        return []
    return _newest(read, legs, before_id, most, between=wanted.between)


def about(
    read: Reading, actor: StaffActor, subjects: Collection[str], *, before_id: int | None = None, most: int = 100
) -> list[LogLine]:
    """The newest lines about some things (`kind:id`), older than one. Raises NotAllowed."""
    actor.must(Permission.SEE_LOG)
    return _newest(read, [ENTRY.c.subject.in_(subjects)], before_id, most)


def head(read: Reading, actor: StaffActor) -> tuple[int, str]:
    """The last link of the log's chain, to be noted elsewhere: its number and hash. Raises NotAllowed."""
    actor.must(Permission.SEE_LOG)
    return audit.head(read.session)


def _newest(
    read: Reading,
    legs: Sequence[ColumnElement[bool]],
    before_id: int | None,
    most: int,
    *,
    between: tuple[datetime, datetime] | None = None,
) -> list[LogLine]:
    before = None
    if before_id is not None:
        at = read.execute(select(ENTRY.c.at).where(ENTRY.c.id == before_id)).scalar()
        before = (at, before_id) if at is not None else None
    names = staff.names(read)
    return [
        LogLine(row.id, row.at, row.actor, _who(row.actor, names), row.action, row.subject, row.detail)
        for row in audit.newest(read.session, legs, before=before, between=between, most=most)
    ]


def _legs(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Conditions each of which has an index that gives its newest entries first."""
    by = _by(wanted.actor)
    if wanted.is_said:
        did = [ENTRY.c.action.in_(wanted.actions)] if wanted.actions else []
        for tag in (one for one in wanted.said_tags if one.startswith(("patient:", "staff:", "account:"))):
            yield and_(ENTRY.c.actor == tag, *by, *did)
        if wanted.said_tags:
            yield and_(ENTRY.c.subject.in_(wanted.said_tags), *by, *did)
        meant = [one for one in wanted.said_actions if not wanted.actions or one in wanted.actions]
        yield from (and_(ENTRY.c.action == one, *by) for one in meant)
    elif wanted.actor and wanted.actor != PATIENTS:
        yield and_(*by, *([ENTRY.c.action.in_(wanted.actions)] if wanted.actions else []))
    elif wanted.actions:
        yield from (and_(ENTRY.c.action == one, *by) for one in wanted.actions)
    elif by:
        yield by[0]


def _by(actor: str) -> list[ColumnElement[bool]]:
    if not actor:
        return []
    return [ENTRY.c.actor.startswith(PATIENTS) if actor == PATIENTS else ENTRY.c.actor == actor]


def _who(actor: str, names: dict[str, str]) -> str:
    return names.get(actor) or SYSTEMS.get(actor, actor.replace(":", " "))

"""The clinic's members as staff look through them, and what they will bring in (P8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.memberships import models, outlook
from clinic_portal.memberships.outlook import Live, Month, Terms
from clinic_portal.memberships.plan_queries import versions
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.patients import queries as patients

_MEMBERSHIP = table(models.Membership)
_MONTHS = 13
_PORTION = 500
PAGE = 50


class Show(StrEnum):
    """Which members a list shows."""

    ALL = "all"
    ACTIVE = "active"
    OVERDUE = "overdue"
    PAUSED = "paused"
    ENDING = "ending"
    JOINING = "joining"
    ENDED = "ended"


_LIVE = and_(_MEMBERSHIP.c.ended_at.is_(None), _MEMBERSHIP.c.started_at.is_not(None))
_WHICH: dict[Show, ColumnElement[bool]] = {
    Show.ALL: _LIVE,
    Show.ACTIVE: and_(_LIVE, _MEMBERSHIP.c.state == "active"),
    Show.OVERDUE: and_(_LIVE, _MEMBERSHIP.c.state == "overdue"),
    Show.PAUSED: and_(_LIVE, _MEMBERSHIP.c.state == "paused"),
    Show.ENDING: and_(_LIVE, _MEMBERSHIP.c.is_ending),
    Show.JOINING: and_(_MEMBERSHIP.c.ended_at.is_(None), _MEMBERSHIP.c.state == "joining"),
    Show.ENDED: and_(_MEMBERSHIP.c.ended_at.is_not(None), _MEMBERSHIP.c.started_at.is_not(None)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A member in the list."""

    membership_id: int
    patient_id: int
    name: str
    plan: PlanInfo | None
    state: str
    is_ending: bool
    started_at: datetime | None
    period_until_at: datetime | None
    resumes_at: datetime | None
    grace_until_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class Roll:
    """A page of members; `counts` are of all, whatever was looked for."""

    lines: tuple[Line, ...]
    has_more: bool
    counts: dict[Show, int]


@dataclass(frozen=True, slots=True)
class Sales:
    """What memberships will bring in, by currency, and how many came and went."""

    in_30_days: dict[str, int]
    in_12_months: dict[str, int]
    overdue: dict[str, int]
    by_month: dict[str, list[tuple[Any, int]]]
    months: tuple[Month, ...]
    members: int


def roll(
    read: Reading, actor: StaffActor, show: Show, *, wanted: str = "", before_id: int | None = None, most: int = PAGE
) -> Roll:
    """Members of a state, the newest first, of those whose name, e-mail or phone holds what was typed.

    Raises NotAllowed.
    """
    actor.must(Permission.HANDLE_MEMBERSHIPS)
    actor.must_see_everyone()
    which = _WHICH[show]
    if wanted:
        which = and_(which, _MEMBERSHIP.c.patient_id.in_(patients.ids_holding(wanted)))
    lines, has_more = _page(read, which, before_id, most)
    return Roll(lines, has_more, _counts(read))


def everybody(read: Reading, actor: StaffActor, show: Show) -> Iterator[Line]:
    """Every member of a state, for a file. Raises NotAllowed."""
    actor.must(Permission.HANDLE_MEMBERSHIPS)
    actor.must_see_everyone()
    before, has_more = None, True
    while has_more:
        lines, has_more = _page(read, _WHICH[show], before, _PORTION)
        yield from lines
        before = lines[-1].membership_id if lines else None


def sales(read: Reading, actor: StaffActor) -> Sales:
    """What would be charged in the next 30 days and 12 months, and the last year's coming and going.

    Raises NotAllowed.
    """
    actor.must(Permission.SEE_SALES)
    actor.must_see_everyone()
    zone = catalogue(read).time_zone
    rows = list(read.execute(select(_MEMBERSHIP).where(_LIVE, _MEMBERSHIP.c.version_id.is_not(None))))
    known = versions(read, {one.version_id for one in rows} | {one.next_version_id for one in rows} - {None})
    lives = [live for one in rows for live in _live(one, known)]
    year = outlook.later(read.now, 12, read.now.day)
    owed: dict[str, int] = {}
    for one in rows:
        if one.state == "overdue":
            plan = known[one.version_id]
            owed[plan.currency] = owed.get(plan.currency, 0) + plan.fee_minor
    since = read.now - timedelta(days=31 * (_MONTHS + 1))
    spans = select(_MEMBERSHIP.c.started_at, _MEMBERSHIP.c.ended_at).where(
        _MEMBERSHIP.c.started_at.is_not(None), or_(_MEMBERSHIP.c.ended_at.is_(None), _MEMBERSHIP.c.ended_at >= since)
    )
    return Sales(
        in_30_days=outlook.to_come(lives, read.now, read.now + timedelta(days=30)),
        in_12_months=outlook.to_come(lives, read.now, year),
        overdue=owed,
        by_month=outlook.by_month(lives, read.now, zone),
        months=tuple(outlook.churn([(row[0], row[1]) for row in read.execute(spans)], read.now, zone)),
        members=_count(read, _LIVE),
    )


def _page(read: Reading, which: ColumnElement[bool], before_id: int | None, most: int) -> tuple[tuple[Line, ...], bool]:
    if before_id is not None:
        which = and_(which, _MEMBERSHIP.c.id < before_id)
    found = select(_MEMBERSHIP).where(which).order_by(_MEMBERSHIP.c.id.desc()).limit(most + 1)
    rows = list(read.execute(found))
    return tuple(_lines(read, rows[:most])), len(rows) > most


def _live(row: Any, known: dict[int, PlanInfo]) -> Iterator[Live]:
    if row.period_from_at is None or row.period_until_at is None:
        return
    yield Live(
        terms=_terms(known[row.version_id]),
        next_terms=_terms(known[row.next_version_id]) if row.next_version_id in known else None,
        period_from_at=row.period_from_at,
        period_until_at=row.period_until_at,
        is_ending=row.is_ending,
        is_overdue=row.state == "overdue",
        is_resting=row.state == "paused" or row.is_pausing,
        rests_until_at=row.resumes_at,
        anchor=row.anchor_at.day if row.anchor_at else None,
    )


def _terms(plan: PlanInfo) -> Terms:
    return Terms(plan.period, plan.fee_minor, plan.currency)


def _counts(read: Reading) -> dict[Show, int]:
    return {show: _count(read, which) for show, which in _WHICH.items()}


def _count(read: Reading, which: ColumnElement[bool]) -> int:
    return int(read.execute(select(func.count()).select_from(_MEMBERSHIP).where(which)).scalar_one())


def _lines(read: Reading, rows: list[Any]) -> Iterator[Line]:
    names = patients.names(read, {one.patient_id for one in rows})
    plans = versions(read, {one.version_id for one in rows if one.version_id is not None})
    for one in rows:
        yield Line(
            membership_id=one.id,
            patient_id=one.patient_id,
            name=names[one.patient_id],
            plan=plans.get(one.version_id),
            state=one.state,
            is_ending=one.is_ending,
            started_at=one.started_at,
            period_until_at=one.period_until_at,
            resumes_at=one.resumes_at,
            grace_until_at=one.grace_until_at,
            ended_at=one.ended_at,
            end_reason=one.end_reason,
        )

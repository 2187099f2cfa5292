"""Occupying and freeing time. The database refuses what overlaps, whatever the code above thought (B1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError

from clinic_portal.core.db import table
from clinic_portal.core.errors import SlotTaken
from clinic_portal.core.work import UnitOfWork
from clinic_portal.scheduling import models
from clinic_portal.scheduling.queries import LONGEST_VISIT_MINUTES
from clinic_portal.scheduling.types import Placement

CHANGES_KEPT = timedelta(hours=1)
"""How long it is known what became occupied or free."""
_TABLE = table(models.Occupancy)
_CHANGE = table(models.ScheduleChange)
_GUARD = "occupancy_no_overlap"
_DEADLOCK = "40P01"


def occupy(
    work: UnitOfWork,
    *,
    appointment_id: int,
    location_id: int,
    placement: Placement,
    hold_expires_at: datetime | None = None,
) -> None:
    """Take the provider's and the units' time for an appointment, all or nothing. Raises SlotTaken."""
    rows = [(models.PROVIDER, placement.provider_id, start, end) for start, end in placement.provider_spans] + [
        (models.UNIT, unit_id, start, end) for unit_id, start, end in placement.unit_spans
    ]
    _clear_ended_holds(work, rows)
    with refused_as_taken(placement):
        work.execute(
            insert(_TABLE),
            [
                {
                    "appointment_id": appointment_id,
                    "subject_kind": kind,
                    "subject_id": subject_id,
                    "start_minute": start,
                    "end_minute": end,
                    "is_blocking": True,
                    "hold_expires_at": hold_expires_at,
                }
                for kind, subject_id, start, end in rows
            ],
        )
    touch(work, location_id, placement.start, placement.end)


def lengthen(work: UnitOfWork, *, appointment_id: int, hold_expires_at: datetime) -> None:
    """A hold lasts longer."""
    mine = and_(_TABLE.c.appointment_id == appointment_id, _TABLE.c.is_blocking)
    work.execute(update(_TABLE).where(mine).values(hold_expires_at=hold_expires_at))


def keep(work: UnitOfWork, *, appointment_id: int, start: int) -> None:
    """A hold becomes an appointment: its time blocks for good.

    Raises SlotTaken when another visit took any of it in the instant the hold ran out.
    """
    mine = _TABLE.c.appointment_id == appointment_id
    states = update(_TABLE).where(mine).values(hold_expires_at=None).returning(_TABLE.c.is_blocking)
    if not all(work.execute(states).scalars().all()):
        raise SlotTaken(start=start)


def release(work: UnitOfWork, *, appointment_id: int, location_id: int, start: int, end: int) -> None:
    """Free the time of an appointment that was cancelled or a hold that ended."""
    work.execute(update(_TABLE).where(_TABLE.c.appointment_id == appointment_id).values(is_blocking=False))
    touch(work, location_id, start, end)


def vacate(work: UnitOfWork, *, appointment_id: int, location_id: int, start: int, end: int) -> None:
    """Give up the time of an appointment that is about to take another in the same transaction."""
    work.execute(delete(_TABLE).where(_TABLE.c.appointment_id == appointment_id))
    touch(work, location_id, start, end)


def forget_changes(work: UnitOfWork) -> int:
    """Delete notices of change that open pages have long seen; how many.

    The newest stays: SQLite numbers an empty table from the beginning, and listeners ask for what came after a number.
    """
    old = and_(_CHANGE.c.at < work.now - CHANGES_KEPT, _CHANGE.c.id < select(func.max(_CHANGE.c.id)).scalar_subquery())
    return work.execute(delete(_CHANGE).where(old)).rowcount  # type: ignore[no-any-return]


@contextmanager
def refused_as_taken(placement: Placement) -> Iterator[None]:
    """The database's own refusal of an overlap, said as SlotTaken; any other fault stays what it is.

    Two who insert in the same instant wait for one another in PostgreSQL's constraint; it ends one of the two.
    """
    try:
        yield
    except DatabaseError as fault:
        if _GUARD in str(fault.orig) or getattr(fault.orig, "sqlstate", "") == _DEADLOCK:
            raise SlotTaken(start=placement.start) from None
        raise


def _clear_ended_holds(work: UnitOfWork, rows: list[tuple[int, int, int, int]]) -> None:
    """A hold that ran out no longer blocks, even if the worker has not come by yet."""
    first, last = min(start for _, _, start, _ in rows), max(end for *_, end in rows)
    work.execute(
        update(_TABLE)
        .where(
            and_(
                _TABLE.c.is_blocking,
                _TABLE.c.hold_expires_at <= work.now,
                _TABLE.c.subject_id.in_([subject_id for _, subject_id, _, _ in rows]),
                _TABLE.c.start_minute < last,
                _TABLE.c.start_minute > first - LONGEST_VISIT_MINUTES,  # else all that ever were are looked at
                _TABLE.c.end_minute > first,
            )
        )
        .values(is_blocking=False)
    )


def touch(work: UnitOfWork, location_id: int, start: int, end: int) -> None:
    """Something changed between two epoch minutes at a location: pages that show it look again (B3)."""
    work.execute(
        insert(_CHANGE),
        [{"at": work.now, "location_id": location_id, "start_minute": start, "end_minute": end}],
    )

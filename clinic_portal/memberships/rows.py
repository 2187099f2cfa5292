"""Memberships' rows: how they are found, changed and told of. Private to this domain."""

from typing import Any

from sqlalchemy import Row, and_, select, update

from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import events, models
from clinic_portal.memberships.types import ENDED

MEMBERSHIP = table(models.Membership)
PERIOD = table(models.MembershipPeriod)
BLANK: dict[str, Any] = {
    "nonce": "",
    "attempt": 1,
    "wish": "",
    "revision": 0,
    "is_ending": False,
    "is_pausing": False,
    "is_told": True,
}
"""What a new row says of wishes: none."""
_INSTEAD = {
    events.ENDING: events.KEPT,
    events.KEPT: events.ENDING,
    events.PAUSED: events.RESUMED,
    events.RESUMED: events.PAUSED,
}
"""What a wish takes the place of."""


def live(read: Reading, patient_id: int) -> Row[Any] | None:
    """A patient's membership that has not ended, also one they are joining."""
    mine = and_(MEMBERSHIP.c.patient_id == patient_id, MEMBERSHIP.c.ended_at.is_(None))
    found: Row[Any] | None = read.execute(select(MEMBERSHIP).where(mine)).first()
    return found


def by_id(read: Reading, membership_id: int) -> Row[Any]:
    """A membership, ended or not. Raises NotAllowed for none."""
    found: Row[Any] | None = read.execute(select(MEMBERSHIP).where(MEMBERSHIP.c.id == membership_id)).first()
    if found is None:
        raise NotAllowed()
    return found


def in_turn(work: UnitOfWork, patient_id: int) -> Row[Any] | None:
    """A patient's membership that has not ended, while every other transaction about it waits."""
    work.in_turn("membership", str(patient_id))
    return live(work, patient_id)


def in_turn_by_id(work: UnitOfWork, membership_id: int) -> Row[Any]:
    """A membership, ended or not, while every other transaction about it waits."""
    patient_id = by_id(work, membership_id).patient_id
    work.in_turn("membership", str(patient_id))
    return by_id(work, membership_id)


def on_a_plan(work: UnitOfWork, patient_id: int) -> Row[Any]:
    """A patient's membership with a plan that is paid for. Raises Conflict where there is none."""
    row = in_turn(work, patient_id)
    if row is None or row.subscription_id is None or row.started_at is None:
        raise Conflict("membership_none")
    return row


def change(work: UnitOfWork, membership_id: int, **values: Any) -> None:
    """Change a membership; what was asked of the gateway before is not believed any more."""
    values["revision"] = MEMBERSHIP.c.revision + 1
    work.execute(update(MEMBERSHIP).where(MEMBERSHIP.c.id == membership_id).values(**values))


def wish(work: UnitOfWork, row: Row[Any], event: str, **values: Any) -> None:
    """Change what is wanted of a membership, and have the worker tell the gateway; then `event` is told in a letter.

    Nobody needs to be told of one the gateway does not know.
    """
    if row.subscription_id is None:
        change(work, row.id, **values)
        return
    attempt = row.attempt + 1
    untold = [one for one in row.wish.split() if one not in (event, _INSTEAD.get(event))]
    wished = " ".join([*untold, event] if event else untold)
    change(work, row.id, **values, attempt=attempt, is_told=False, wish=wished)
    work.emit(events.TELL, f"{events.TELL}:{row.id}:{attempt}", membership_id=row.id)


def end(work: UnitOfWork, row: Row[Any], why: str, *, at: Any = None, is_told: bool = False) -> None:
    """A membership has ended, `is_told` by the gateway itself; else the worker tells it."""
    values = {"state": ENDED, "ended_at": at or work.now, "end_reason": why}
    values |= {"next_version_id": None, "next_document_id": None}
    if is_told:
        change(work, row.id, **values, is_told=True, wish="")
    else:
        wish(work, row, "", **values)
    if row.started_at is not None and why != "moved":
        event = events.GRACE_ENDED if why == "unpaid" else events.ENDED
        work.emit(event, f"{event}:{row.id}", membership_id=row.id)

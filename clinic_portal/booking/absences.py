"""Time off and breaks of one day. What is booked then is shown before, and stays booked (P3)."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import stranded
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.scheduling import editing, fitting

Kind = Literal["time_off", "break"]


def add(
    work: UnitOfWork,
    actor: StaffActor,
    provider_id: int,
    *,
    kind: Kind,
    start_at: datetime,
    end_at: datetime,
    reason: str = "",
    seen: Collection[int] = (),
) -> int:
    """A provider is away, or has a break of that one day; its id, by which `remove` ends it.

    Raises Conflict ("visits_stay", with `appointment_ids` and their number as `visits`) where visits lie there that are
    not among those `seen`: show them (`stranded.told`) and ask again with their ids. They stay booked. Raises Unusable
    for what it cannot be, NotAllowed.
    """
    actor.must(Permission.CHANGE_HOURS)
    met = under(work, provider_id, kind=kind, start_at=start_at, end_at=end_at)
    if not met <= set(seen):
        raise Conflict(stranded.VISITS_STAY, visits=len(met), appointment_ids=tuple(sorted(met)))
    return editing.add_time_off(work, actor, provider_id, start_at=start_at, end_at=end_at, reason=reason, kind=kind)


def remove(work: UnitOfWork, actor: StaffActor, off_id: int) -> None:
    """They are there after all. Raises NotAllowed."""
    editing.remove_time_off(work, actor, off_id)


def under(read: Reading, provider_id: int, *, kind: Kind, start_at: datetime, end_at: datetime) -> frozenset[int]:
    """The visits to come of a provider over which it would lie, whether or not they lie within hours; for the domain's
    own use. Two statements."""
    if end_at <= start_at:
        return frozenset()
    stays = stranded.stays_of(read, provider_id, since=start_at, until=end_at)
    return fitting.meeting(read, stays, kind=kind, start_at=start_at, end_at=end_at)

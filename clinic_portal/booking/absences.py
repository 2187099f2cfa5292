"""Time off and breaks of one day, clicked into the calendar. What is booked then stays booked (P3)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.queries import visit as visit_by_id
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients.access import seen_among
from clinic_portal.scheduling import editing
from clinic_portal.scheduling.availability import instant, wall_to_minute

Kind = Literal["time_off", "break"]


@dataclass(frozen=True, slots=True)
class Under:
    """A visit that lies under time off; of a patient they may not see, without the name."""

    appointment_id: int
    start_at: datetime
    time_zone: str
    patient_name: str


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

    Raises Conflict ("visits_in_the_way", with `appointment_ids` and their number as `visits`) where visits are booked
    then that are not among those `seen`: show them (`under`) and ask again with their ids. They stay booked. Raises
    Unusable for what it cannot be, NotAllowed.
    """
    actor.must(Permission.CHANGE_HOURS)
    if start_at < end_at:
        met = editing.visits_in_the_way(work, provider_id, start_at, end_at)
        if not set(met) <= set(seen):
            raise Conflict("visits_in_the_way", visits=len(met), appointment_ids=tuple(met))
    return editing.add_time_off(work, actor, provider_id, start_at=start_at, end_at=end_at, reason=reason, kind=kind)


def add_break(
    work: UnitOfWork,
    actor: StaffActor,
    provider_id: int,
    location_id: int,
    on: date,
    start_minute: int,
    end_minute: int,
    *,
    reason: str = "",
    seen: Collection[int] = (),
) -> int:
    """A break of one day between two wall times of a place, as minutes after midnight. Raises like `add`; Invalid where
    they are not of one day."""
    if not 0 <= start_minute < end_minute <= 1440:
        raise Invalid("end_at", "time_off_ends")
    place = catalogue(work).locations.get(location_id)
    if place is None:
        raise NotAllowed()
    start, end = (wall_to_minute(on, minute, ZoneInfo(place.time_zone)) for minute in (start_minute, end_minute))
    span = {"start_at": instant(start), "end_at": instant(end)}
    return add(work, actor, provider_id, kind="break", **span, reason=reason, seen=seen)


def remove(work: UnitOfWork, actor: StaffActor, off_id: int) -> None:
    """They are there after all. Raises NotAllowed."""
    editing.remove_time_off(work, actor, off_id)


def under(read: Reading, actor: StaffActor, provider_id: int, start_at: datetime, end_at: datetime) -> list[Under]:
    """The visits of a provider between two instants, the soonest first: what time off would lie over. Raises
    NotAllowed."""
    actor.must(Permission.CHANGE_HOURS)
    found = [visit_by_id(read, one) for one in editing.visits_in_the_way(read, provider_id, start_at, end_at)]
    seen = seen_among(read, actor, {one.patient_id for one in found})
    told = [
        Under(
            one.appointment_id,
            one.start_at,
            one.location.time_zone,
            f"{one.given_name} {one.family_name}" if one.patient_id in seen else "",
        )
        for one in found
    ]
    return sorted(told, key=lambda one: one.start_at)

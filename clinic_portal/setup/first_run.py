"""From an empty installation to a first service that can be booked, one thing after the other.

Each thing is kept by the verbs of its own domain as soon as it is said, so that there is no second truth: how far the
first run has come is read from what stands there. A step that is said twice, in two windows or after going back,
changes what the first time made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, exists, select

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import standing
from clinic_portal.booking.queries import is_anything_booked
from clinic_portal.clinic import editing, founding, queries, sheets
from clinic_portal.clinic.editing import TABLES
from clinic_portal.clinic.sheets import Sheet
from clinic_portal.clinic.types import ClinicInfo
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.scheduling import editing as hours
from clinic_portal.scheduling.editing import Shift

STEPS = ("you", "clinic", "location", "provider", "hours", "service", "address")
"""In their order; the last only shows what there is to pass on."""
_USUAL_SERVICE = {"is_bookable_online": "yes", "processing_offset_minutes": "0", "processing_minutes": "0"}
_USUAL_SERVICE |= {"buffer_before_minutes": "0", "buffer_after_minutes": "0"}
_NEEDED = ("location", "provider", "service")


@dataclass(frozen=True, slots=True)
class FirstRun:
    """How far it has come: the first of everything, as far as it stands."""

    has_owner: bool
    clinic: ClinicInfo | None
    location: Sheet | None
    provider: Sheet | None
    week: Mapping[int, tuple[Shift, ...]]
    category: Sheet | None
    service: Sheet | None

    @property
    def done(self) -> tuple[str, ...]:
        """The steps that are done, without a gap."""
        stands = (self.has_owner, self.clinic, self.location, self.provider, self.week, self.service)
        first_open = next((n for n, one in enumerate(stands) if not one), len(stands))
        return STEPS[:first_open]

    @property
    def next_step(self) -> str:
        """The first step that is not done; `address` once a service can be booked."""
        return STEPS[len(self.done)]


def look(read: Reading) -> FirstRun:
    """How far the first run has come."""
    place, who = _first(read, "location"), _first(read, "provider")
    return FirstRun(
        has_owner=staff.is_anybody(read),
        clinic=queries.about(read),
        location=place,
        provider=who,
        week=hours.week(read, who.id, place.id) if place and who else {},
        category=_first(read, "category"),
        service=_first(read, "service"),
    )


def is_open(read: Reading) -> bool:
    """Whether there is a clinic with something to book; from then on its pages are open."""
    stands = [exists(select(TABLES[kind].c.id)) for kind in _NEEDED]
    return founding.is_founded(read) and bool(read.execute(select(and_(*stands))).scalar())


def is_over(read: Reading) -> bool:
    """Whether anything was ever booked: from then on changes may concern visits, and Settings ask about them."""
    return is_anything_booked(read)


def keep_clinic(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> None:
    """Found the clinic, or change what it was founded with. Raises Unusable, NotAllowed, Conflict once it is over."""
    _begin(work, actor)
    (founding.correct if founding.is_founded(work) else founding.found)(work, actor, typed)


def keep_location(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> None:
    """The first location. Raises Unusable, NotAllowed, Conflict once it is over."""
    _keep(work, actor, "location", typed)


def keep_provider(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str], *, is_me: bool) -> None:
    """The first provider; `is_me`: the owner, whose calendar theirs is. Raises Unusable, NotAllowed, Conflict."""
    provider_id = _keep(work, actor, "provider", typed, is_bookable_online="yes")
    me = staff.member(work, actor.staff_id)
    mine = provider_id if is_me else None if me.provider_id == provider_id else me.provider_id
    if mine != me.provider_id:
        staff.change(work, actor, me.id, name=me.name, role=me.role, provider_id=mine)


def keep_hours(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> None:
    """When the first provider works at the first location, by weekday.

    Raises Unusable, also for none; NotAllowed, Conflict once it is over.
    """
    _begin(work, actor)
    found = look(work)
    if not any(typed.get(day, "").strip() for day in hours.WEEKDAYS):
        raise Unusable([Invalid(hours.WEEKDAYS[0], "hours_none")])
    if found.provider is None or found.location is None:
        raise NotAllowed()
    hours.set_week(work, actor, found.provider.id, found.location.id, typed)


def keep_service(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> None:
    """The first service, in the first category (`category`: its name), performed by all there are.

    Raises Unusable with everything at fault, NotAllowed, Conflict once it is over.
    """
    _begin(work, actor)
    told = {name: value for name, value in typed.items() if name != "category"}
    faults: list[Invalid] = []
    category_id = service_id = 0
    try:
        category_id = _keep(work, actor, "category", {"name": typed.get("category", "")})
    except Unusable as refusal:
        faults += [Invalid("category", one.code, **_facts(one)) for one in refusal.faults]
    try:
        service_id = _keep_service(work, actor, told, category_id)
    except Unusable as refusal:
        faults += [one for one in refusal.faults if one.field != "category_id"]
    if faults:
        raise Unusable(faults)
    if not sheets.linked(work, "provider", service_id):
        everyone = [one.id for one in sheets.sheets(work, "provider") if one.is_active]
        editing.link(work, actor, "service_provider", service_id, everyone)


def _keep_service(work: UnitOfWork, actor: StaffActor, told: Mapping[str, str], category_id: int) -> int:
    known = _first(work, "service")
    if known is None:
        belongs = {"category_id": category_id} if category_id else {}
        return editing.add(work, actor, "service", {**_USUAL_SERVICE, **told}, **belongs)
    standing.change(work, actor, "service", known.id, told)
    return known.id


def _facts(fault: Invalid) -> dict[str, object]:
    return {name: value for name, value in fault.facts.items() if name != "field"}


def _begin(work: UnitOfWork, actor: StaffActor) -> None:
    editing.begin(work, actor, Permission.CHANGE_CLINIC)
    if is_over(work):
        raise Conflict("first_run_over")


def _keep(work: UnitOfWork, actor: StaffActor, kind: str, typed: Mapping[str, str], **usual: str) -> int:
    """Add the first of a kind, or change it; its id."""
    _begin(work, actor)
    known = _first(work, kind)
    if known is None:
        return editing.add(work, actor, kind, {**usual, **typed})
    standing.change(work, actor, kind, known.id, typed)
    return known.id


def _first(read: Reading, kind: str) -> Sheet | None:
    return next((one for one in sheets.sheets(read, kind) if one.is_active), None)

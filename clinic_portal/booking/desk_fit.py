"""Where a visit fits that staff book or move, and what they are told where it does not."""

from collections.abc import Sequence

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import desk_rules, queries, rules
from clinic_portal.booking.types import BookedService
from clinic_portal.clinic.queries import catalogue, pool_name, retired
from clinic_portal.clinic.types import ServiceInfo
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading
from clinic_portal.scheduling import staffing
from clinic_portal.scheduling.availability import Refusal, ServiceShape, epoch_minute, local_date, visit_shape
from clinic_portal.scheduling.queries import location_zone
from clinic_portal.scheduling.types import Placement, Search

MOST_NEAR = 3


def must_be_near(read: Reading, start: int) -> None:
    """Raises Conflict ("desk_refused") for an epoch minute that no clinic's calendar reaches."""
    if abs(start - epoch_minute(read.now)) > 2 * staffing.FURTHEST.days * 1440:
        raise Conflict("desk_refused", reason=Refusal.OUTSIDE_WINDOW.value, may_override=False, near=())


def able(read: Reading, location_id: int, services: Sequence[ServiceInfo]) -> list[int]:
    """The providers who perform all of these and have hours at a place."""
    clinic = catalogue(read)
    working = queries.working_at(read, clinic, location_id)
    return [one for one in rules.performers(clinic, services) if one in working]


def searched(
    read: Reading,
    location_id: int,
    provider_id: int | None,
    services: Sequence[ServiceInfo],
    *,
    keeps: int | None = None,
) -> Search:
    """What is looked for. `keeps` is the provider a visit has, who serves it also once they are switched off. Raises
    Conflict ("desk_refused") where nobody is there who could."""
    if provider_id is None:
        chosen = able(read, location_id, services)
    else:
        chosen = [provider_id] if provider_id == keeps or provider_id in catalogue(read).providers else []
    if not chosen:
        reason = desk_rules.NOT_PERFORMED if provider_id is None else desk_rules.NOT_HERE
        raise Conflict("desk_refused", reason=reason, may_override=False, near=())
    return Search(location_id, tuple(rules.shape(one) for one in services), tuple(chosen))


def as_booked(read: Reading, services: Sequence[BookedService]) -> tuple[list[ServiceInfo], list[ServiceShape]]:
    """The services of a visit as they are now, and what they need in the length they are to have; retired ones too."""
    clinic = catalogue(read)
    gone = retired(read, [one.service_id for one in services if one.service_id not in clinic.services])
    infos = [clinic.services.get(one.service_id) or gone[one.service_id] for one in services]
    return infos, [rules.shape(info, one.duration_minutes) for info, one in zip(infos, services, strict=True)]


def placed(
    read: Reading,
    actor: StaffActor,
    search: Search,
    services: Sequence[ServiceInfo],
    start: int,
    reason: str,
    *,
    is_any_minute: bool = False,
) -> tuple[Placement, str]:
    """Who and what serves it, and the rule that is bent for it, if one is. Raises Conflict ("desk_refused")."""
    answer = staffing.ask(read, search, start, is_any_minute=is_any_minute)
    against = None
    if len(search.provider_ids) == 1:
        working = queries.working_at(read, catalogue(read), search.location_id)
        against = desk_rules.objection(services, search.provider_ids[0], working)
    if answer.placement and against is None:
        return answer.placement, ""
    might = answer.placement or answer.bent
    rule = against if might and against else str(answer.reason)
    if might and reason:
        return might, rule
    raise _refused(read, actor, search, start, answer, rule, may=might is not None)


def _refused(
    read: Reading, actor: StaffActor, search: Search, start: int, answer: staffing.Answer, rule: str, *, may: bool
) -> Conflict:
    """Why not, whether they may override it, what is in the way, and the starts nearest to it.

    Facts: `reason`; `may_override`; `in_the_way`, a tuple of `staffing.InTheWay`; `pool`, the name of the kind of room
    or device of which none is free; `near`, a tuple of `FreeTime`.
    """
    zone = location_zone(read, search.location_id)
    first, last = visit_shape(search.services).padded
    but = search.without_appointment_id
    blocking = staffing.in_the_way(read, search.provider_ids, start + first, start + last, but=but)
    times = staffing.free_times(read, search, local_date(start, zone)) if rule != desk_rules.NOT_PERFORMED else []
    near = sorted(times, key=lambda one: (abs(one.start - start), one.start))[:MOST_NEAR]
    return Conflict(
        "desk_refused",
        reason=rule,
        may_override=may and actor.may(Permission.OVERRIDE_RULES),
        in_the_way=tuple(blocking) if rule == Refusal.BUSY.value else (),
        pool=pool_name(read, answer.pool_id) if answer.pool_id is not None else "",
        near=tuple(sorted(near, key=lambda one: one.start)),
    )

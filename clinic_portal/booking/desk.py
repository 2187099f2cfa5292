"""Staff book, move and cancel visits for patients (P15).

The predicate that patients meet decides, with the staff's rules (`scheduling.staffing`); those who may override a rule,
with a reason. Nothing overrides an occupied provider, room or device: the database itself refuses that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import and_, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import changes, desk_rules, fees, models, prices, queries, rules
from clinic_portal.booking.actions import Booked
from clinic_portal.booking.types import BookedService, Visit
from clinic_portal.clinic.queries import catalogue, pool_name, retired
from clinic_portal.clinic.types import ServiceInfo
from clinic_portal.core import ids
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.patients.access import joins_care_team, must_see
from clinic_portal.patients.flags import stands_alone
from clinic_portal.payments.types import Purpose
from clinic_portal.scheduling import guard, staffing
from clinic_portal.scheduling.availability import Refusal, ServiceShape, epoch_minute, instant, local_date
from clinic_portal.scheduling.queries import location_zone
from clinic_portal.scheduling.types import FreeTime, Placement, Search

MOST_NEAR = 3
_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class Override:
    """Why staff book or move beyond the rules, in their words: 3 to 500 characters."""

    reason: str


def book(
    work: UnitOfWork,
    actor: StaffActor,
    *,
    patient_id: int,
    location_id: int,
    provider_id: int | None,
    service_ids: Sequence[int],
    start: int,
    override: Override | None = None,
) -> Booked:
    """Book a visit for a patient; `start` is an epoch minute, `provider_id` None whoever is free first.

    At the patient's prices; their forms are asked for, and they are told as if they had booked (S82). No policy is
    accepted and no card asked for on their behalf, so it never costs a fee. The same visit asked for again (patient,
    place, start, services) is booked once. Raises NotAllowed, also for whom they may not see; Invalid without a reason
    for an override; Conflict: "desk_refused" (see `_refused`), or for services that make no visit; SlotTaken.
    """
    actor.must(Permission.BOOK_VISITS)
    provider_id = _own(actor, provider_id)
    reason = _reason(actor, override)
    must_see(work, actor, patient_id)
    if not stands_alone(work, patient_id):
        raise NotAllowed()
    clinic = catalogue(work)
    if location_id not in clinic.locations:
        raise NotAllowed()
    services = desk_rules.cart(clinic, service_ids)
    work.in_turn("visits of", str(patient_id))
    if again := _already(work, patient_id, location_id, provider_id, services, start):
        return again
    search = _search(work, location_id, provider_id, services)
    placement, bent = _placed(work, actor, search, services, start, reason)
    booked = _insert(work, actor, patient_id, location_id, placement, services, reason if bent else "")
    guard.occupy(work, appointment_id=booked.appointment_id, location_id=location_id, placement=placement)
    joins_care_team(work, patient_id, placement.provider_id)
    requests.ask_for_visit(work, patient_id, booked.appointment_id, [one.id for one in services])
    subject = f"appointment:{booked.appointment_id}"
    told = {"rule_overridden": bent} if bent else {}
    work.record(actor.tag, "appointment.booked", subject, reference=booked.reference, **told)
    work.emit("appointment.booked", f"appointment.booked:{booked.appointment_id}", appointment_id=booked.appointment_id)
    return booked


def move(
    work: UnitOfWork,
    actor: StaffActor,
    appointment_id: int,
    *,
    start: int,
    provider_id: int,
    minutes: int | None = None,
    seen_sequence: int,
    override: Override | None = None,
    tells_patient: bool = True,
) -> None:
    """Give a visit another time (`start`, an epoch minute), provider or length (`minutes`, of its last service).

    A booked one moves; one whose patient has arrived gets another provider or length, on its day. The patient is told
    of a new time or provider, unless they heard it already. The same again is harmless; of two at once, one wins.
    `seen_sequence` is the state they decided on. Raises like `book`; Conflict: "visit_moved_on" where it was changed
    meanwhile, "visit_arrived" for a new time of one who is here, "visit_over", and "item_expires" where what the wallet
    pays is not good any more then; Invalid for a length no visit has.
    """
    actor.must(Permission.BOOK_VISITS)
    _own(actor, provider_id)
    reason = _reason(actor, override)
    visit = _theirs(work, actor, appointment_id)
    services = desk_rules.resized(visit.services, minutes)
    change = desk_rules.Change(
        is_later_or_earlier=epoch_minute(visit.start_at) != start,
        is_another_provider=visit.provider_id != provider_id,
        is_another_length=services != visit.services,
    )
    if not change.is_any and visit.sequence in (seen_sequence, seen_sequence + 1):
        return
    _may_change(work, visit, change, seen_sequence)
    infos, shaped = _as_booked(work, services)
    search = replace(
        _search(work, visit.location.id, provider_id, infos),
        services=tuple(shaped),
        without_appointment_id=appointment_id,
    )
    is_any_minute = not change.is_later_or_earlier
    placement, bent = _placed(work, actor, search, infos, start, reason, is_any_minute=is_any_minute)
    if change.is_later_or_earlier:
        changes.stays_paid(work, visit, instant(placement.start))
    _place_anew(work, visit, placement, change, reason if bent else "")
    if change.is_another_length:
        _write_length(work, visit, services[-1])
    if change.is_another_provider:
        joins_care_team(work, visit.patient_id, provider_id)
    _record_move(work, actor, visit, placement, change, bent)
    if change.is_news and tells_patient:
        turn = visit.sequence + 1
        key = f"appointment.moved:{appointment_id}:{turn}"
        work.emit("appointment.moved", key, appointment_id=appointment_id, sequence=turn)


def cancel(
    work: UnitOfWork,
    actor: StaffActor,
    appointment_id: int,
    *,
    seen_sequence: int,
    reason: str,
    waives_fee: bool,
) -> None:
    """Cancel a visit, for a reason; at the fee its policy asks for by now, or at none. Asking twice does it once.

    `waives_fee`: the clinic calls it off, or lets the patient off: no fee, a deposit goes back, and what the wallet was
    to pay is free again. A fee is only for those who may charge one. Raises NotAllowed; Invalid without a reason;
    Conflict "visit_moved_on", "visit_arrived", "visit_over".
    """
    actor.must(Permission.BOOK_VISITS)
    if not waives_fee:
        actor.must(Permission.CHARGE_FEES)
    reason = desk_rules.reason(reason)
    visit = _theirs(work, actor, appointment_id)
    if visit.status == "cancelled" and visit.sequence == seen_sequence + 1:
        return
    _may_change(work, visit, None, seen_sequence)
    due = changes.fee_minor(work, visit)
    fee = 0 if waives_fee else due
    _change(
        work,
        visit,
        status="cancelled",
        cancelled_at=work.now,
        late_fee_minor=fee or None,
        cancelled_by=actor.tag,
        cancel_reason=reason,
    )
    start, end = epoch_minute(visit.start_at), epoch_minute(visit.end_at)
    guard.release(work, appointment_id=appointment_id, location_id=visit.location.id, start=start, end=end)
    told = {"reference": visit.reference, "fee_minor": fee}
    if due and waives_fee:
        told["fee_not_asked_for_minor"] = due
    work.record(actor.tag, "appointment.cancelled", f"appointment:{appointment_id}", **told)
    fees.settle_ended(work, visit, Purpose.CANCELLATION_FEE, fee, actor=actor.tag, forgives=waives_fee)
    work.emit("appointment.cancelled", f"appointment.cancelled:{appointment_id}", appointment_id=appointment_id)


def free_times(
    read: Reading,
    actor: StaffActor,
    *,
    location_id: int,
    service_ids: Sequence[int],
    provider_id: int | None,
    on: date,
) -> list[FreeTime]:
    """The starts to choose from on a date, without notice or booking window, from now on; none where nobody performs
    all of it there. Raises NotAllowed, Conflict for services that make no visit."""
    actor.must(Permission.BOOK_VISITS)
    provider_id = _own(actor, provider_id)
    clinic = catalogue(read)
    services = desk_rules.cart(clinic, service_ids)
    able = desk_rules.performers(clinic, services)
    if location_id not in clinic.locations:
        raise NotAllowed()
    if provider_id is not None and provider_id not in able:
        return []
    return staffing.free_times(read, _search(read, location_id, provider_id, services), on)


# Who may


def _own(actor: StaffActor, provider_id: int | None) -> int | None:
    """Whose calendar is booked: a provider who sees only their own books only there. Raises NotAllowed."""
    only = actor.only_calendar_of
    if only is None:
        return provider_id
    if only == 0 or provider_id not in (None, only):
        raise NotAllowed()
    return only


def _theirs(work: UnitOfWork, actor: StaffActor, appointment_id: int) -> Visit:
    """A visit of a calendar and a patient they may see, while everyone else at a desk waits. Raises NotAllowed."""
    visit = queries.visit_in_turn(work, appointment_id)
    _own(actor, visit.provider_id)
    must_see(work, actor, visit.patient_id)
    return visit


def _reason(actor: StaffActor, override: Override | None) -> str:
    if override is None:
        return ""
    actor.must(Permission.OVERRIDE_RULES)
    return desk_rules.reason(override.reason)


def _may_change(work: UnitOfWork, visit: Visit, change: desk_rules.Change | None, seen_sequence: int) -> None:
    """Whether it is as they saw it, and not over. `change` None: it is called off. Raises Conflict."""
    if visit.sequence != seen_sequence:
        raise Conflict("visit_moved_on")
    if visit.status == "booked":
        return
    if visit.status != "arrived":
        raise Conflict("visit_over")
    zone = location_zone(work, visit.location.id)
    if change is None or change.is_later_or_earlier:
        raise Conflict("visit_arrived")
    if local_date(epoch_minute(visit.start_at), zone) != local_date(epoch_minute(work.now), zone):
        raise Conflict("visit_over")


# Where it fits


def _search(read: Reading, location_id: int, provider_id: int | None, services: Sequence[ServiceInfo]) -> Search:
    """What is looked for. Raises Conflict ("desk_refused") where nobody is there who could."""
    clinic = catalogue(read)
    working = queries.working_at(read, clinic, location_id)
    chosen = [provider_id] if provider_id in clinic.providers else []
    if provider_id is None:
        chosen = [one for one in desk_rules.performers(clinic, services) if one in working]
    if not chosen:
        reason = desk_rules.NOT_PERFORMED if provider_id is None else desk_rules.NOT_HERE
        raise Conflict("desk_refused", reason=reason, may_override=False, near=())
    return Search(location_id, tuple(rules.shape(one) for one in services), tuple(chosen))


def _as_booked(read: Reading, services: Sequence[BookedService]) -> tuple[list[ServiceInfo], list[ServiceShape]]:
    """The services of a visit as they are now, and what they need in the length they are to have; retired ones too."""
    clinic = catalogue(read)
    gone = retired(read, [one.service_id for one in services if one.service_id not in clinic.services])
    infos = [clinic.services.get(one.service_id) or gone[one.service_id] for one in services]
    return infos, [rules.shape(info, one.duration_minutes) for info, one in zip(infos, services, strict=True)]


def _placed(
    work: UnitOfWork,
    actor: StaffActor,
    search: Search,
    services: Sequence[ServiceInfo],
    start: int,
    reason: str,
    *,
    is_any_minute: bool = False,
) -> tuple[Placement, str]:
    """Who and what serves it, and the rule that is bent for it, if one is. Raises Conflict ("desk_refused")."""
    if not abs(start - epoch_minute(work.now)) < 2 * staffing.FURTHEST.days * 1440:
        raise Conflict("desk_refused", reason=Refusal.OUTSIDE_WINDOW.value, may_override=False, near=())
    answer = staffing.ask(work, search, start, is_any_minute=is_any_minute)
    against = None
    if len(search.provider_ids) == 1:
        working = queries.working_at(work, catalogue(work), search.location_id)
        against = desk_rules.objection(services, search.provider_ids[0], working)
    if answer.placement and against is None:
        return answer.placement, ""
    might = answer.placement or answer.bent
    rule = against if might and against else str(answer.reason)
    if might and reason:
        return might, rule
    raise _refused(work, actor, search, start, answer, rule, may=might is not None)


def _refused(
    read: Reading, actor: StaffActor, search: Search, start: int, answer: staffing.Answer, rule: str, *, may: bool
) -> Conflict:
    """Why not, whether they may override it, what is in the way, and the starts nearest to it.

    Facts: `reason`; `may_override`; `in_the_way`, a tuple of `staffing.InTheWay`; `pool`, the name of the kind of room
    or device of which none is free; `near`, a tuple of `FreeTime`.
    """
    zone = location_zone(read, search.location_id)
    minutes = sum(one.duration_minutes for one in search.services)
    blocking = staffing.in_the_way(read, search.provider_ids, start, start + minutes, but=search.without_appointment_id)
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


# Written down


def _already(
    read: Reading,
    patient_id: int,
    location_id: int,
    provider_id: int | None,
    services: Sequence[ServiceInfo],
    start: int,
) -> Booked | None:
    """The same visit, booked before: a second click, or a colleague who was told the same on the phone."""
    same = and_(
        _APPOINTMENT.c.patient_id == patient_id,
        _APPOINTMENT.c.location_id == location_id,
        _APPOINTMENT.c.start_at == instant(start),
        _APPOINTMENT.c.status == "booked",
    )
    wanted = {one.id for one in services}
    for row in read.execute(select(_APPOINTMENT).where(same)).all():
        booked = select(_SERVICE.c.service_id).where(_SERVICE.c.appointment_id == row.id)
        if provider_id in (None, row.provider_id) and set(read.execute(booked).scalars()) == wanted:
            return Booked(row.id, row.reference, patient_id)
    return None


def _insert(
    work: UnitOfWork,
    actor: StaffActor,
    patient_id: int,
    location_id: int,
    placement: Placement,
    services: Sequence[ServiceInfo],
    override_reason: str,
) -> Booked:
    clinic = catalogue(work).clinic
    mine = prices.purse(work, patient_id, at=instant(placement.start))
    costs = [prices.price_minor(one, mine) for one in services]
    reference = ids.reference(clinic.reference_prefix)
    appointment_id = int(
        work.execute(
            insert(_APPOINTMENT).returning(_APPOINTMENT.c.id),
            {
                "reference": reference,
                "uid": f"appt-{ids.nonce()}",
                "sequence": 0,
                "status": "booked",
                "location_id": location_id,
                "provider_id": placement.provider_id,
                "patient_id": patient_id,
                "start_at": instant(placement.start),
                "end_at": instant(placement.end),
                "currency": clinic.currency,
                "total_minor": sum(costs),
                "covered_minor": 0,
                "created_at": work.now,
                "booked_at": work.now,
                "booked_by": actor.tag,
                "override_reason": override_reason,
            },
        ).scalar_one()
    )
    work.execute(
        insert(_SERVICE),
        [
            {
                "appointment_id": appointment_id,
                "service_id": one.id,
                "position": position,
                "name": one.name,
                "duration_minutes": one.duration_minutes,
                "price_minor": cost,
                "list_price_minor": one.price_minor if one.price_minor > cost else None,
            }
            for position, (one, cost) in enumerate(zip(services, costs, strict=True))
        ],
    )
    return Booked(appointment_id, reference, patient_id)


def _place_anew(
    work: UnitOfWork, visit: Visit, placement: Placement, change: desk_rules.Change, override_reason: str
) -> None:
    moved = {"moved_at": work.now, "remind_at": None} if change.is_later_or_earlier else {}
    start_at, end_at = instant(placement.start), instant(placement.end)
    _change(
        work,
        visit,
        start_at=start_at,
        end_at=end_at,
        provider_id=placement.provider_id,
        override_reason=override_reason,
        **moved,
    )
    start, end = epoch_minute(visit.start_at), epoch_minute(visit.end_at)
    number, place = visit.appointment_id, visit.location.id
    guard.vacate(work, appointment_id=number, location_id=place, start=start, end=end)
    guard.occupy(work, appointment_id=number, location_id=place, placement=placement)


def _change(work: UnitOfWork, visit: Visit, **values: datetime | str | int | None) -> None:
    """Change the visit if it is as it was read. Raises Conflict."""
    same = and_(
        _APPOINTMENT.c.id == visit.appointment_id,
        _APPOINTMENT.c.status == visit.status,
        _APPOINTMENT.c.sequence == visit.sequence,
    )
    changed = update(_APPOINTMENT).where(same).values(sequence=visit.sequence + 1, **values)
    if work.execute(changed).rowcount != 1:
        raise Conflict("visit_moved_on")


def _write_length(work: UnitOfWork, visit: Visit, last: BookedService) -> None:
    theirs = _SERVICE.c.appointment_id == visit.appointment_id
    which = select(_SERVICE.c.id).where(theirs).order_by(_SERVICE.c.position.desc(), _SERVICE.c.id.desc()).limit(1)
    row_id = work.execute(which).scalar_one()
    work.execute(update(_SERVICE).where(_SERVICE.c.id == row_id).values(duration_minutes=last.duration_minutes))


def _record_move(
    work: UnitOfWork, actor: StaffActor, visit: Visit, placement: Placement, change: desk_rules.Change, bent: str
) -> None:
    told: dict[str, object] = {"reference": visit.reference}
    if change.is_another_provider:
        told["provider"] = [visit.provider_id, placement.provider_id]
    if change.is_another_length:
        before = epoch_minute(visit.end_at) - epoch_minute(visit.start_at)
        told["minutes"] = [before, placement.end - placement.start]
    if bent:
        told["rule_overridden"] = bent
    action = "appointment.changed"
    if change.is_later_or_earlier:
        action = "appointment.moved"
        told |= {"before": visit.start_at.isoformat(), "after": instant(placement.start).isoformat()}
    work.record(actor.tag, action, f"appointment:{visit.appointment_id}", **told)

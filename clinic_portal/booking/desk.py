"""Staff book, move and cancel visits for patients (P15).

The predicate that patients meet decides, with the staff's rules (`scheduling.staffing`); those who may override a rule,
with a reason. Nothing overrides an occupied provider, room or device: the database itself refuses that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import changes, desk_fit, desk_rules, desk_writing, fees, reasons
from clinic_portal.booking.access import visit_in_turn_for_staff
from clinic_portal.booking.actions import Booked
from clinic_portal.booking.types import Visit
from clinic_portal.booking.visit_rows import change_as_read
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.patients.access import joins_care_team, leaves_care_team, must_see, stands_alone
from clinic_portal.payments.types import Purpose
from clinic_portal.scheduling import guard, staffing
from clinic_portal.scheduling.availability import epoch_minute, instant, local_date
from clinic_portal.scheduling.queries import location_zone
from clinic_portal.scheduling.types import FreeTime, Placement


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
    for an override; Conflict: "desk_refused" (see `desk_fit.placed`), or for services that make no visit; SlotTaken.
    """
    actor.must(Permission.BOOK_VISITS)
    provider_id = _own(actor, provider_id)
    reason = _reason(actor, override)
    desk_fit.must_be_near(work, start)
    must_see(work, actor, patient_id)
    work.in_turn("visits of", str(patient_id))  # also with who finds this profile to be another's
    if not stands_alone(work, patient_id):
        raise NotAllowed()
    clinic = catalogue(work)
    if location_id not in clinic.locations:
        raise NotAllowed()
    services = desk_rules.cart(clinic, service_ids)
    if again := desk_writing.already(work, patient_id, location_id, provider_id, services, start):
        return again
    search = desk_fit.searched(work, location_id, provider_id, services)
    placement, bent = desk_fit.placed(work, actor, search, services, start, reason)
    booked = desk_writing.insert_visit(work, actor, patient_id, location_id, placement, services, bent)
    if bent:
        reasons.write(work, booked.appointment_id, reasons.OVERRIDE, reason, by=actor.tag)
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
    desk_fit.must_be_near(work, start)
    visit = visit_in_turn_for_staff(work, actor, appointment_id)
    services = desk_rules.resized(visit.services, minutes)
    change = desk_rules.Change(
        is_later_or_earlier=epoch_minute(visit.start_at) != start,
        is_another_provider=visit.provider_id != provider_id,
        is_another_length=services != visit.services,
    )
    if not change.is_any and visit.sequence in (seen_sequence, seen_sequence + 1):
        return
    _may_change(work, visit, change, seen_sequence)
    if change.is_another_provider:
        work.in_turn("visits of", str(visit.patient_id))  # before any row is held: the others take it first, too
    infos, shaped = desk_fit.as_booked(work, services)
    search = replace(
        desk_fit.searched(work, visit.location.id, provider_id, infos, keeps=visit.provider_id),
        services=tuple(shaped),
        without_appointment_id=appointment_id,
        prefers_unit_ids=frozenset(staffing.units_of(work, [appointment_id]).get(appointment_id, ())),
    )
    is_any_minute = not change.is_later_or_earlier
    placement, bent = desk_fit.placed(work, actor, search, infos, start, reason, is_any_minute=is_any_minute)
    if change.is_later_or_earlier:
        changes.stays_paid(work, visit, instant(placement.start))
    is_told = change.is_news and tells_patient
    desk_writing.place_anew(work, visit, placement, change, bent, is_told=is_told)
    if bent:
        reasons.write(work, appointment_id, reasons.OVERRIDE, reason, by=actor.tag)
    if change.is_another_length:
        desk_writing.write_length(work, visit, services[-1])
    if change.is_another_provider:
        _changes_hands(work, visit, provider_id)
    _record_move(work, actor, visit, placement, change, bent)
    if is_told:
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
    """Cancel a visit to come, for a reason; at what its policy asks for by now, or at nothing. Twice does it once.

    `waives_fee`: no fee, a deposit goes back, and what the wallet was to pay is free again. Where the policy asks for
    something by now, only those who may give money back waive it, and only those who may charge a fee charge it.
    Raises NotAllowed; Invalid without a reason; Conflict "desk_fee_due" where something is due that they may not waive,
    "visit_moved_on", "visit_arrived", "visit_begun", "visit_over".
    """
    actor.must(Permission.BOOK_VISITS)
    if not waives_fee:
        actor.must(Permission.CHARGE_FEES)
    reason = desk_rules.reason(reason)
    visit = visit_in_turn_for_staff(work, actor, appointment_id)
    if visit.status == "cancelled" and visit.sequence == seen_sequence + 1 and visit.cancelled_by == actor.tag:
        return
    _may_change(work, visit, None, seen_sequence)
    if visit.start_at <= work.now:
        raise Conflict("visit_begun")
    due = changes.fee_minor(work, visit)
    if waives_fee and fees.is_due(work, visit, due) and not actor.may(Permission.GIVE_BACK):
        raise Conflict("desk_fee_due")
    fee = 0 if waives_fee else due
    change_as_read(
        work,
        visit,
        status="cancelled",
        cancelled_at=work.now,
        late_fee_minor=fee or None,
        waived_fee_minor=(due - fee) or None,
        cancelled_by=actor.tag,
    )
    reasons.write(work, appointment_id, reasons.CANCELLED, reason, by=actor.tag)
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
    if location_id not in clinic.locations:
        raise NotAllowed()
    services = desk_rules.cart(clinic, service_ids)
    able = desk_fit.able(read, location_id, services)
    if not able or provider_id not in (None, *able):
        return []
    return staffing.free_times(read, desk_fit.searched(read, location_id, provider_id, services), on)


# Who may


def _own(actor: StaffActor, provider_id: int | None) -> int | None:
    """Whose calendar is booked: a provider who sees only their own books only there. Raises NotAllowed."""
    only = actor.only_calendar_of
    if only is None:
        return provider_id
    if only == 0 or provider_id not in (None, only):
        raise NotAllowed()
    return only


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


def _changes_hands(work: UnitOfWork, visit: Visit, provider_id: int) -> None:
    """The patient is one of the new provider's. They are the old one's no more where the visit had not begun and no
    other binds them: a slip of the hand opens no chart for good. Their visits are waited for before."""
    joins_care_team(work, visit.patient_id, provider_id)
    has_begun = visit.status == "arrived" or visit.start_at <= work.now
    if not has_begun and not desk_writing.is_bound(work, visit.patient_id, visit.provider_id):
        leaves_care_team(work, visit.patient_id, visit.provider_id)


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

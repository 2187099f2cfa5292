"""A patient moves or cancels a visit of their own (S5, S53-S59)."""

from dataclasses import replace
from datetime import datetime

from clinic_portal.booking import fees, prices, rules
from clinic_portal.booking.access import visit_of
from clinic_portal.booking.types import Visit
from clinic_portal.booking.visit_rows import change_as_read
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, SlotTaken
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments.types import Purpose
from clinic_portal.scheduling import guard
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import epoch_minute, instant
from clinic_portal.scheduling.types import Search
from clinic_portal.wallet.queries import lot as wallet_lot
from clinic_portal.wallet.queries import reserved_for


def refusal(read: Reading, visit: Visit, what: rules.Change) -> str | None:
    """Why this visit cannot be changed in the portal; None when it can (S53, S54)."""
    return rules.change_refusal(catalogue(read).clinic, visit, what, read.now)


def fee_minor(read: Reading, visit: Visit) -> int:
    """What cancelling costs at this moment, by the policy the patient accepted (B4, S57)."""
    return rules.cancellation_fee_minor(visit.policy, visit.covered_minor, visit.start_at, read.now)


def cancel(
    work: UnitOfWork, patient_id: int, reference: str, *, shown_fee_minor: int, seen_sequence: int | None = None
) -> Visit:
    """Cancel a visit (S55), at the fee of its policy (S56); the visit as it stands then. Asking twice cancels once.

    `shown_fee_minor` is the fee the patient read, `seen_sequence` the state of the visit they decided on. Raises
    NotAllowed for a visit that is not theirs, Conflict when the clinic does not allow it, the fee is another by now, or
    the visit was moved meanwhile.
    """
    visit = visit_of(work, patient_id, reference)
    if visit.status == "cancelled":
        return visit
    why_not = _overtaken(visit, seen_sequence) or refusal(work, visit, "cancel")
    if why_not:
        raise Conflict(why_not)
    fee = fee_minor(work, visit)
    if fee != shown_fee_minor:
        raise Conflict("fee_changed")
    gone = {"status": "cancelled", "cancelled_at": work.now, "late_fee_minor": fee or None}
    turn = change_as_read(work, visit, refusal="change_ended", **gone)
    guard.release(
        work,
        appointment_id=visit.appointment_id,
        location_id=visit.location.id,
        start=epoch_minute(visit.start_at),
        end=epoch_minute(visit.end_at),
    )
    subject = f"appointment:{visit.appointment_id}"
    work.record(f"patient:{patient_id}", "appointment.cancelled", subject, reference=reference, fee_minor=fee)
    fees.settle_ended(work, visit, Purpose.CANCELLATION_FEE, fee, actor=f"patient:{patient_id}")
    work.emit(
        "appointment.cancelled",
        f"appointment.cancelled:{visit.appointment_id}",
        appointment_id=visit.appointment_id,
    )
    return replace(visit, status="cancelled", sequence=turn)


def move(
    work: UnitOfWork, patient_id: int, reference: str, start: int, *, seen_sequence: int | None = None
) -> datetime:
    """Give a visit a new time, `start` being an epoch minute (S58); services, provider and location stay (S59).

    The new time when it is done; another attempt with the same time is harmless. The same predicate that lists times
    decides; it ignores this visit and only it. `seen_sequence` is the state of the visit the patient decided on. Raises
    NotAllowed for a visit that is not theirs, Conflict when the clinic does not allow it or the visit changed
    meanwhile, SlotTaken when the time is not offered.
    """
    visit = visit_of(work, patient_id, reference)
    if epoch_minute(visit.start_at) == start:
        return visit.start_at
    why_not = _overtaken(visit, seen_sequence) or refusal(work, visit, "reschedule")
    if why_not:
        raise Conflict(why_not)
    placement = scheduling.placement(work, search(work, visit), start)
    if placement is None:
        raise SlotTaken(start=start)
    stays_paid(work, visit, instant(placement.start))
    turn = change_as_read(
        work,
        visit,
        refusal="change_ended",
        start_at=instant(placement.start),
        end_at=instant(placement.end),
        moved_at=work.now,
        remind_at=None,
        is_overridden=False,
        told_sequence=visit.sequence + 1,
    )
    guard.vacate(
        work,
        appointment_id=visit.appointment_id,
        location_id=visit.location.id,
        start=epoch_minute(visit.start_at),
        end=epoch_minute(visit.end_at),
    )
    guard.occupy(work, appointment_id=visit.appointment_id, location_id=visit.location.id, placement=placement)
    work.record(
        f"patient:{patient_id}",
        "appointment.moved",
        f"appointment:{visit.appointment_id}",
        reference=reference,
        before=visit.start_at.isoformat(),
        after=instant(placement.start).isoformat(),
    )
    work.emit(
        "appointment.moved",
        f"appointment.moved:{visit.appointment_id}:{turn}",
        appointment_id=visit.appointment_id,
        sequence=turn,
    )
    return instant(placement.start)


def stays_paid(read: Reading, visit: Visit, start_at: datetime) -> None:
    """What the wallet pays of a visit must be good on its new day too. Raises Conflict."""
    kept = reserved_for(read, [visit.appointment_id]).get(visit.appointment_id, [])
    lots = [found for one in kept if (found := wallet_lot(read, one))]
    prices.must_be_good(lots, start_at, visit.location.time_zone, visit.language)


def search(read: Reading, visit: Visit) -> Search:
    """What a move looks for: the booked services in their booked lengths, with the same provider, at the same place.

    Buffers, rooms and devices are today's. Raises Conflict when the clinic no longer offers one of them.
    """
    clinic = catalogue(read)
    gone = [one for one in visit.services if one.service_id not in clinic.services]
    if gone or visit.provider_id not in clinic.providers or visit.location.id not in clinic.locations:
        raise Conflict("move_by_phone")
    return Search(
        location_id=visit.location.id,
        services=tuple(rules.shape(clinic.services[one.service_id], one.duration_minutes) for one in visit.services),
        provider_ids=(visit.provider_id,),
        without_appointment_id=visit.appointment_id,
    )


def _overtaken(visit: Visit, seen_sequence: int | None) -> str | None:
    """A visit that is not any more what the patient saw is not changed over their head."""
    return "change_ended" if seen_sequence not in (None, visit.sequence) else None

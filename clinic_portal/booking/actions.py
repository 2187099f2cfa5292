"""The verb everything leads to: a held time becomes an appointment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, insert, update

from clinic_portal.booking import holds, models, queries, rules
from clinic_portal.booking.drafts import after_booking, forget_old
from clinic_portal.booking.types import Draft, HoldInfo
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import PolicyInfo, ServiceInfo
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import files, requests
from clinic_portal.memberships import actions as memberships
from clinic_portal.patients import actions as patients
from clinic_portal.patients import wishes
from clinic_portal.patients.access import care_of, joins_care_team
from clinic_portal.patients.types import Contact
from clinic_portal.payments import books, cards
from clinic_portal.payments.types import PaymentInfo
from clinic_portal.scheduling import guard
from clinic_portal.scheduling.availability import epoch_minute
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet import lots

expire_holds = holds.expire
forget_old_drafts = forget_old
_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of booking."""

    appointment_id: int
    reference: str
    patient_id: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A draft whose every step is done and whose policy was accepted as it stands: what would be booked, and how."""

    draft: Draft
    held: HoldInfo
    services: tuple[ServiceInfo, ...]
    terms: rules.Terms
    asked: rules.CardAsked | None


def ready_to_book(
    work: UnitOfWork, owner: str, *, accepted_policy_id: int | None, patient_id: int | None = None
) -> Ready:
    """Look that nothing but the card is missing (S60-S77).

    Raises Conflict when a step is missing, the policy or a price changed, or the hold ran out.
    """
    mine = queries.draft_to_change(work, owner)
    if mine.patient_id != patient_id:
        raise Conflict("signed_out")
    holds.ready(mine)
    held = mine.hold
    if held is None:
        raise Conflict("hold_ran_out" if mine.hold_ran_out else "time_missing")
    clinic = catalogue(work)
    services = queries.cart_services(clinic, mine)
    terms = rules.terms(clinic, services)
    _accepted(terms.policy, accepted_policy_id)
    minutes = sum(service.duration_minutes for service in services)
    if held.start_at + timedelta(minutes=minutes) != held.end_at:
        raise Conflict("visit_changed")
    return Ready(mine, held, tuple(services), terms, rules.card_asked(clinic, services))


def book(
    work: UnitOfWork,
    owner: str,
    *,
    accepted_policy_id: int | None,
    patient_id: int | None = None,
    paid: PaymentInfo | None = None,
) -> Booked:
    """Make this browser's held time an appointment, under the patient's profile (S64, S65), and tell them (S82).

    `accepted_policy_id` is the version of the policy the patient read and accepted, where one is in force (S75);
    `patient_id` is who is signed in (S60); `paid` the hold or deposit that was authorised, where one is asked for
    (S76-S78): nothing is booked without it (S81).
    Asking twice books once. Raises Conflict when a step is missing, the policy, a price or what is asked of the card
    changed, or the hold ran out; SlotTaken when it ran out and another took the time in that instant.
    """
    mine = queries.draft_to_change(work, owner)
    if paid is None and mine.booked_reference and not mine.now_lines and mine.hold is None:
        again = queries.booked_here(work, owner)
        return Booked(again.appointment_id, again.reference, again.patient_id)
    ready = ready_to_book(work, owner, accepted_policy_id=accepted_policy_id, patient_id=patient_id)
    mine, held = ready.draft, ready.held
    _is_paid(ready, paid)
    clinic = catalogue(work)
    whose = _profile(work, mine, language=clinic.clinic.language)
    accepted_at = paid.accepted_at if paid and paid.accepted_at else work.now
    reference = _confirm(work, mine, held, whose, ready.terms, accepted_at)
    requests.ask_for_visit(work, whose, held.appointment_id, [one.id for one in ready.services])
    after_booking(work, mine, held.appointment_id)
    return Booked(held.appointment_id, reference, whose)


def _is_paid(ready: Ready, paid: PaymentInfo | None) -> None:
    """The card that is asked for was given, for this very time and amount."""
    asked, currency = ready.asked, ready.draft.now_lines[0].seen_currency
    if asked is None:
        return
    if paid is None:
        raise Conflict("card_needed")
    given = (paid.appointment_id, paid.purpose, paid.amount_minor, paid.currency)
    if given != (ready.held.appointment_id, asked.purpose, asked.amount_minor, currency):
        raise Conflict("payment_overtaken")


def answer_claim(work: UnitOfWork, token: str, *, is_mine: bool) -> None:
    """The owner of an e-mail says whether a booking kept apart is theirs; if so it moves to their profile.

    Raises NotAllowed for a link that has ended.
    """
    joined = patients.answer_claim(work, token, is_mine=is_mine)
    if joined:
        apart, known = joined
        mine = _APPOINTMENT.c.patient_id == apart
        work.execute(update(_APPOINTMENT).where(mine).values(patient_id=known))
        for provider_id in care_of(work, apart):
            joins_care_team(work, known, provider_id)
        for things in (memberships, cards, books, wallet, requests, files):  # they wait in this order elsewhere
            things.move(work, apart, known)


def _profile(work: UnitOfWork, mine: Draft, *, language: str) -> int:
    """The profile it is booked under: that of whoever is signed in, else the one the contact belongs to.

    Others about its visits wait from here on.
    """
    if mine.patient_id is not None:
        work.in_turn("visits of", str(mine.patient_id))  # before any row is held: the others take it first, too
        patients.prove_phone(work, mine.patient_id, mine.phone)
        return mine.patient_id
    contact = Contact(mine.given_name, mine.family_name, mine.email, mine.phone)
    patient_id = patients.profile_for_booking(work, contact, language=language)
    work.in_turn("visits of", str(patient_id))
    if mine.time_zone:
        wishes.note_time_zone(work, patient_id, mine.time_zone)
    return patient_id


def _accepted(policy: PolicyInfo | None, accepted_policy_id: int | None) -> None:
    if policy is None:
        return
    if accepted_policy_id is None:
        raise Conflict("policy_unread")
    if accepted_policy_id != policy.id:
        raise Conflict("policy_changed")


def _confirm(
    work: UnitOfWork, mine: Draft, held: HoldInfo, patient_id: int, terms: rules.Terms, accepted_at: datetime
) -> str:
    clinic = catalogue(work)
    confirmed = work.execute(
        update(_APPOINTMENT)
        .where(
            and_(
                _APPOINTMENT.c.id == held.appointment_id,
                _APPOINTMENT.c.status == queries.HELD,
                _APPOINTMENT.c.hold_expires_at > work.now,
            )
        )
        .values(
            status="booked",
            patient_id=patient_id,
            hold_expires_at=None,
            hold_owner=None,
            policy_version_id=terms.policy.id if terms.policy else None,
            policy_accepted_at=accepted_at if terms.policy else None,
            covered_minor=terms.covered_minor,
            currency=clinic.clinic.currency,
            total_minor=sum(line.price_minor for line in mine.now_lines),
            booked_at=work.now,
        )
        .returning(_APPOINTMENT.c.reference)
    ).scalar()
    if confirmed is None:
        raise Conflict("hold_ran_out")
    start, end = epoch_minute(held.start_at), epoch_minute(held.end_at)
    guard.keep(work, appointment_id=held.appointment_id, start=start)
    guard.touch(work, mine.location_id, start, end)
    joins_care_team(work, patient_id, held.provider_id)
    work.execute(
        insert(_SERVICE),
        [
            {
                "appointment_id": held.appointment_id,
                "service_id": line.service_id,
                "position": position,
                "name": line.name,
                "duration_minutes": clinic.services[line.service_id].duration_minutes,
                "price_minor": line.worth_minor,
                "list_price_minor": line.list_price_minor if line.list_price_minor > line.worth_minor else None,
                "lot_id": line.lot.id if line.lot else None,
            }
            for position, line in enumerate(mine.now_lines)
        ],
    )
    for line in mine.now_lines:
        if line.lot:
            key = f"{held.appointment_id}:{line.service_id}"
            lots.reserve(work, patient_id, line.lot.id, held.appointment_id, key=key, actor=f"patient:{patient_id}")
    work.record(
        f"patient:{patient_id}",
        "appointment.booked",
        f"appointment:{held.appointment_id}",
        reference=confirmed,
    )
    work.emit(
        "appointment.booked",
        f"appointment.booked:{held.appointment_id}",
        appointment_id=held.appointment_id,
    )
    return str(confirmed)

"""A member's cards on file: which there are, which is charged first, and which may go (S32).

For anyone who is no member none of this exists. A card that a fee may yet be charged to is not removed online.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models
from clinic_portal.booking.types import STANDING
from clinic_portal.clinic.queries import location
from clinic_portal.core import wording
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import changing
from clinic_portal.memberships.actions import must_be_member
from clinic_portal.memberships.queries import of_patient
from clinic_portal.patients.access import must_see
from clinic_portal.payments import cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import FEES, CardInfo, State

MAY_BE_MISSED = timedelta(days=1)
"""How long after a visit the clinic has to say that it was missed, and to charge for it."""
_APPOINTMENT = table(models.Appointment)


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a card may not be removed now: a code, and the day of the visit it is kept for."""

    code: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class CardOnFile:
    """A card on file; `kept` says why it may not be removed, None where it may."""

    card: CardInfo
    kept: Kept | None


def of_member(read: Reading, patient_id: int) -> tuple[CardOnFile, ...]:
    """The cards of a member, the one that is charged first leading. Raises NotAllowed for anyone else."""
    must_be_member(read, patient_id)
    mine = payments.cards_of(read, patient_id, account=read.settings.payment_account)
    return tuple(CardOnFile(one, _kept(read, one, len(mine))) for one in mine)


def make_default(work: UnitOfWork, patient_id: int, card_id: int) -> None:
    """Charge this card first from now on. Raises NotAllowed for no member, and for a card that is not theirs."""
    must_be_member(work, patient_id)
    changing.in_turn(work, patient_id)
    cards.make_default(work, work.settings.payment_account, patient_id, card_id)
    changing.card_changed(work, patient_id)


def remove(work: UnitOfWork, patient_id: int, card_id: int) -> None:
    """Take a card off file. Raises NotAllowed for no member, and for a card that is not theirs; Conflict for one that
    a fee may yet be charged to."""
    must_be_member(work, patient_id)
    changing.in_turn(work, patient_id)
    cards.in_turn(work, patient_id)
    kept = next((one.kept for one in of_member(work, patient_id) if one.card.id == card_id), None)
    if kept is not None:
        raise Conflict(kept.code, on=kept.on)
    cards.remove(work, work.settings.payment_account, patient_id, card_id)
    changing.card_changed(work, patient_id)


def detached(work: UnitOfWork, method_id: str) -> None:
    """The gateway keeps a card no longer: it is off file here too, and a membership is charged to another."""
    patient_id = cards.whose(work, method_id)
    if patient_id is None:
        return
    changing.in_turn(work, patient_id)
    if cards.detached(work, method_id) is not None:
        changing.card_changed(work, patient_id)


def for_staff(read: Reading, actor: StaffActor, patient_id: int) -> tuple[CardInfo, ...]:
    """The cards on file of any patient, for staff to see. Raises NotAllowed."""
    actor.must(Permission.SEE_PAYMENTS)
    must_see(read, actor, patient_id)
    return payments.cards_of(read, patient_id, account=read.settings.payment_account)


def _kept(read: Reading, card: CardInfo, count: int) -> Kept | None:
    """A card a visit was booked with is kept for it; the last one for any visit that may cost a fee, and for a
    membership that goes on."""
    for visit in read.once(f"visits under a policy of {card.patient_id}", lambda: _visits(read, card.patient_id)):
        on = wording.local(visit.start_at, location(read, visit.location_id).time_zone).date()
        booked = payments.booked_with(read, visit.id)
        its = payments.card(read, booked.card_id) if booked and booked.card_id else None
        if its and its.id == card.id:
            return Kept("card_kept" if visit.end_at > read.now else "card_kept_after", on)
        if count == 1 and visit.end_at > read.now:
            return Kept("card_kept_last", on)
    mine = read.once(f"membership of {card.patient_id}", lambda: of_patient(read, card.patient_id))
    if count == 1 and mine is not None and mine.period_until_at is not None and not mine.is_ending:
        return Kept("card_kept_membership")
    for fee in payments.of_patient(read, card.patient_id):
        is_under_way = fee.purpose in FEES and fee.state is State.PREPARED and fee.card_id is not None
        asked = payments.card(read, fee.card_id) if is_under_way and fee.card_id else None
        if asked and asked.id == card.id:
            return Kept("card_kept_fee")
    return None


def _visits(read: Reading, patient_id: int) -> list[Any]:
    """The visits of a patient that may yet cost a fee: coming ones, and those just over; latest first."""
    coming = and_(_APPOINTMENT.c.status.in_(STANDING), _APPOINTMENT.c.end_at > read.now)
    just_over = and_(_APPOINTMENT.c.status == "booked", _APPOINTMENT.c.end_at > read.now - MAY_BE_MISSED)
    mine = and_(_APPOINTMENT.c.patient_id == patient_id, _APPOINTMENT.c.policy_version_id.is_not(None))
    found = select(_APPOINTMENT).where(mine, or_(coming, just_over)).order_by(_APPOINTMENT.c.start_at.desc())
    return list(read.execute(found))

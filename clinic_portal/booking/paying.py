"""The card at booking, as transactions: what is asked of it, and what comes of what was given (S75-S81).

Nothing here calls the gateway: the cashier does, between one of these and the next.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from clinic_portal.booking import actions, holds, models, queries
from clinic_portal.booking.types import HoldInfo
from clinic_portal.clinic import policy_rules
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import PolicyInfo
from clinic_portal.core import wording
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments import books, cards, rules
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import Checkout, GatewayCard, Intent
from clinic_portal.payments.types import PaymentInfo, Purpose, State, Wanted

NOT_BOOKED = "payment.not_booked"
"""The outbox's kind for a card that was given and no booking that came of it {payment_id}: the patient is told."""
MOST_CONSENT = 1000  # letters of a sentence on the gateway's page (Stripe's custom_text)
_APPOINTMENT = table(models.Appointment)
_DRAFT = table(models.BookingDraft)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepts a policy, and from where: kept with the payment, for a dispute."""

    policy_id: int | None
    patient_id: int | None
    address: str = ""
    device: str = ""


def standing(read: Reading, owner: str) -> PaymentInfo | None:
    """The payment under way for the time this browser holds or held last."""
    held = read.execute(select(_DRAFT.c.hold_id).where(_DRAFT.c.owner == owner)).scalar()
    return payments.live_at_booking(read, held) if held is not None else None


def begin(work: UnitOfWork, owner: str, by: Acceptance, account: str) -> int | None:
    """Write down what the card is asked for; the payment's id, None where nothing is asked (S77).

    One that is under way for the same time and amount is gone on with, so that two tabs pay one. The time is held
    longer. Raises Conflict as `ready_to_book` does; with "payment_overtaken" where one is under way for other terms:
    it is to be ended first.
    """
    ready = actions.ready_to_book(work, owner, accepted_policy_id=by.policy_id, patient_id=by.patient_id)
    if ready.asked is None:
        return None
    clinic = catalogue(work).clinic
    asked, draft, policy = ready.asked, ready.draft, ready.terms.policy
    policy_id = policy.id if policy else None
    known = payments.live_at_booking(work, ready.held.appointment_id)
    if known is not None:
        terms = (known.purpose, known.amount_minor, known.currency, known.accepted_policy_id, known.email)
        is_for_this = terms == (asked.purpose, asked.amount_minor, clinic.currency, policy_id, draft.email)
        if known.wanted or not is_for_this:  # what is to be given back is not gone on with
            raise Conflict("payment_overtaken")
        holds.lengthen(work, ready.held)
        return known.id
    held = holds.lengthen(work, ready.held)
    amount = wording.money(asked.amount_minor, clinic.currency, clinic.language)
    is_deposit = asked.purpose is Purpose.DEPOSIT
    return books.prepare(
        work,
        account=account,
        purpose=asked.purpose,
        amount_minor=asked.amount_minor,
        currency=clinic.currency,
        appointment_id=held.appointment_id,
        patient_id=by.patient_id,
        owner=owner,
        item="Deposit for your visit" if is_deposit else "Card check, released at once",
        consent=_consent(card_text(policy, clinic.language) if policy else "", is_deposit, amount, clinic.name),
        email=draft.email,
        language=clinic.language,
        reference=_reference(work, held),
        expires_at=work.now + rules.PAGE_LASTS,
        accepted_policy_id=policy_id,
        accepted_at=work.now if policy else None,
        accepted_from=by.address[:64],
        accepted_device=by.device[:300],
        phone=draft.phone,
        phone_verified_at=_proved_at(work, owner),
    )


def authorised(work: UnitOfWork, payment_id: int, told: Checkout) -> PaymentInfo:
    """The card was given: book what it was given for, in this one transaction (S78). The payment as it stands then.

    A time whose hold ran out is taken again if it is still free. Raises Conflict, SlotTaken where nothing can be
    booked: then `give_back` is next.
    """
    paid, intent = books.in_turn(work, payment_id), _intent(told)
    if paid.state not in (State.PREPARED, State.OPEN):
        return paid
    if rules.mismatch(paid, intent):
        raise Conflict("payment_mismatch")
    if paid.owner is None or paid.appointment_id is None:  # the browser was to forget whoever sat at it
        raise Conflict("hold_ran_out")
    if paid.patient_id is not None:  # before their wallet, as whoever changes both
        cards.in_turn(work, paid.patient_id)
    holds.take_again(work, paid.owner, paid.appointment_id)
    booked = actions.book(
        work,
        paid.owner,
        accepted_policy_id=paid.accepted_policy_id,
        patient_id=paid.patient_id,
        paid=paid,
    )
    wanted = Wanted.CAPTURE if paid.purpose is Purpose.DEPOSIT else Wanted.RELEASE
    values = _given(intent, told.id) | {"state": State.AUTHORISED.value, "wanted": wanted.value}
    card_id = cards.keep(work, paid.account, booked.patient_id, intent.card) if intent.card else None
    books.change(work, paid.id, **values, patient_id=booked.patient_id, card_id=card_id, failure_code=None)
    books.ask_finish(work, paid.id)
    return payments.payment(work, paid.id)


def give_back(work: UnitOfWork, payment_id: int, told: Checkout, why: str) -> PaymentInfo:
    """The card was given and nothing can be booked: what is reserved goes back, and the patient is told (S81)."""
    paid, intent = books.in_turn(work, payment_id), _intent(told)
    if paid.state not in (State.PREPARED, State.OPEN):
        return paid
    differs = rules.mismatch(paid, intent)
    if differs:
        books.note_difference(work, f"another_{differs}", payment_id=paid.id, intent_id=intent.id)
    values = _given(intent, told.id) | {"state": State.AUTHORISED.value, "wanted": Wanted.RELEASE.value}
    books.change(work, paid.id, **values, failure_code=why)
    books.ask_finish(work, paid.id)
    work.emit(NOT_BOOKED, f"{NOT_BOOKED}:{paid.id}", payment_id=paid.id)
    work.record("booking", "payment.not_booked", f"payment:{paid.id}", why=why)
    return payments.payment(work, paid.id)


def left(work: UnitOfWork, payment_id: int) -> PaymentInfo:
    """The page was left, or its time ended, with nothing taken."""
    paid = books.in_turn(work, payment_id)
    if paid.state in (State.PREPARED, State.OPEN):
        books.change(work, paid.id, state=State.EXPIRED.value, page_url=None)
    return payments.payment(work, paid.id)


def is_hold_over(read: Reading, paid: PaymentInfo) -> bool:
    """Whether the time a payment is for is not held any more."""
    row = read.execute(select(_APPOINTMENT).where(_APPOINTMENT.c.id == paid.appointment_id)).first()
    return row is None or row.status != queries.HELD or row.hold_expires_at <= read.now


def _intent(told: Checkout) -> Intent:
    if told.intent is None:
        raise ValueError("a page that is complete and holds no payment")
    return told.intent


def _given(intent: Intent, session_id: str) -> dict[str, Any]:
    return {"intent_id": intent.id, "session_id": session_id, "page_url": None}


def card_of(told: Checkout) -> GatewayCard | None:
    """The card that was given on a page."""
    return told.card or (told.intent.card if told.intent else None)


def card_text(policy: PolicyInfo, language: str) -> str:
    """What a patient allows their card to be used for: the clinic's own words, else those its numbers make."""
    return policy.card_text.strip() or policy_rules.card_text(asdict(policy), policy.currency, language)


def _consent(card_text: str, is_deposit: bool, amount: str, clinic: str) -> str:
    """What is read beside the button of the gateway's page: never longer than it allows."""
    purpose = (
        f"{amount} is taken as a deposit once your visit is booked."
        if is_deposit
        else f"{amount} is reserved to check the card and released at once: it is never taken."
    )
    kept = f"{clinic} keeps the card for fees under the cancellation policy you accepted."
    whole = " ".join(part for part in (purpose, card_text or kept) if part)
    return whole if len(whole) <= MOST_CONSENT else f"{purpose} {kept}"[:MOST_CONSENT]


def _reference(read: Reading, held: HoldInfo) -> str:
    found = read.execute(select(_APPOINTMENT.c.reference).where(_APPOINTMENT.c.id == held.appointment_id))
    return str(found.scalar_one())


def _proved_at(read: Reading, owner: str) -> Any:
    return read.execute(select(_DRAFT.c.verified_at).where(_DRAFT.c.owner == owner)).scalar()

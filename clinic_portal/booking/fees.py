"""What becomes of money when a visit is cancelled or missed, as transactions (S56, S57, P5, P6).

A fee is paid by the deposit first; what the deposit does not pay is charged to the card the visit was booked with.
What is left of a deposit goes back to its card, or becomes credit, as the clinic set. Nothing here calls the gateway.
"""

from dataclasses import dataclass

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import givable, models, rules, selling
from clinic_portal.booking.access import visit_in_turn_for_staff
from clinic_portal.booking.types import Visit
from clinic_portal.booking.visit_rows import change_as_read
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.payments import books
from clinic_portal.payments import queries as payments
from clinic_portal.payments.access import payment_for_staff
from clinic_portal.payments.rules import least_minor
from clinic_portal.payments.rules import reason as given
from clinic_portal.payments.types import FEES, CardInfo, PaymentInfo, Purpose, RefundState, State, Wanted
from clinic_portal.scheduling import guard
from clinic_portal.scheduling.availability import epoch_minute
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet import lots
from clinic_portal.wallet.queries import credit, credit_from, kept_for, of_visit, reserved_for
from clinic_portal.wallet.types import EntryKind

WAIVED = "fee.waived"
"""The outbox's kind for a fee that was forgiven {payment_id}: the patient is told."""
VISIT_ENDED = "visit_ended"
"""The reason of a refund that nobody typed: the visit ended, and what its fee left of the deposit goes back."""
_APPOINTMENT = table(models.Appointment)


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of the money when a visit ends at a fee, which may be nothing."""

    currency: str
    from_deposit_minor: int  # of the fee: kept of the deposit
    charged_minor: int  # of the fee: charged to the card
    forgiven_minor: int  # of the fee: what is left of it is too little for any card
    back_minor: int  # of the deposit: goes back
    back_to: str  # card | wallet
    let_go_minor: int  # a deposit that was only reserved, never taken
    card: CardInfo | None  # what is charged; None: the patient is written to
    items_back: int = 0  # of the wallet: what was to pay for it can be used again
    items_kept: int = 0  # counts as used


def ending(read: Reading, visit: Visit, fee_minor: int, *, forgives: bool = False) -> Ending:
    """What would become of the money if the visit ended now at that fee: said before it is done, and then done.

    `forgives`: however late it is, what the wallet was to pay is free again.
    """
    booked = payments.booked_with(read, visit.appointment_id)
    deposit = booked if booked and booked.purpose is Purpose.DEPOSIT else None
    left_minor = payments.returnable_minor(read, deposit) if deposit and deposit.state is State.PAID else 0
    from_deposit = min(fee_minor, left_minor)
    rest = fee_minor - from_deposit
    is_too_small = rest < least_minor(visit.currency)
    reserved = len(reserved_for(read, [visit.appointment_id]).get(visit.appointment_id, ()))
    is_late = visit.free_until_at is not None and read.now > visit.free_until_at and not forgives
    return Ending(
        currency=visit.currency,
        from_deposit_minor=from_deposit,
        charged_minor=0 if is_too_small else rest,
        forgiven_minor=rest if is_too_small else 0,
        back_minor=left_minor - from_deposit,
        back_to=catalogue(read).clinic.deposit_returns_to,
        let_go_minor=deposit.amount_minor if deposit and deposit.state is State.AUTHORISED else 0,
        card=_card_of_visit(read, booked, visit.patient_id, read.settings.payment_account),
        items_back=0 if is_late else reserved,
        items_kept=reserved if is_late else 0,
    )


def is_due(read: Reading, visit: Visit, fee_minor: int) -> bool:
    """Whether ending it now at that fee costs the patient anything: money, or what the wallet was to pay with."""
    return fee_minor > 0 or ending(read, visit, fee_minor).items_kept > 0


def ended(read: Reading, visit: Visit) -> Ending:
    """What became of the money of a visit that was cancelled, by the books, in the shape it was told beforehand.

    A fee that could not be charged so far is not among what is charged.
    """
    booked = payments.booked_with(read, visit.appointment_id)
    deposit = booked if booked and booked.purpose is Purpose.DEPOSIT else None
    fee = payments.fee_of(read, visit.appointment_id, Purpose.CANCELLATION_FEE)
    refunds = payments.refunds_of(read, deposit.id) if deposit else ()
    back = sum(one.amount_minor for one in refunds if one.reason == VISIT_ENDED and one.state is not RefundState.FAILED)
    mine = of_visit(read, visit.appointment_id)
    credit = -sum(one.amount for one in mine if one.kind is EntryKind.TO_CREDIT)
    is_let_go = deposit is not None and deposit.wanted is Wanted.RELEASE and not refunds
    return Ending(
        currency=visit.currency,
        from_deposit_minor=fee.from_deposit_minor if fee else 0,
        charged_minor=fee.amount_minor if fee and fee.state in (State.PREPARED, State.PAID) else 0,
        forgiven_minor=0,
        back_minor=back + credit,
        back_to="wallet" if credit else "card",
        let_go_minor=deposit.amount_minor if deposit and is_let_go else 0,
        card=payments.card_used(read, fee.card_id) if fee and fee.card_id else None,
        items_back=-sum(one.amount for one in mine if one.kind is EntryKind.FREED),
        items_kept=-sum(one.amount for one in mine if one.kind is EntryKind.FORFEITED),
    )


def settle_ended(
    work: UnitOfWork, visit: Visit, purpose: Purpose, fee_minor: int, *, actor: str, forgives: bool = False
) -> None:
    """A visit was cancelled or missed at a fee of `fee_minor`, which may be nothing: what its deposit pays, what the
    card is charged, and what goes back. A deposit that is only reserved is let go instead of taken."""
    booked = payments.booked_with(work, visit.appointment_id)
    deposit = books.in_turn(work, booked.id) if booked and booked.purpose is Purpose.DEPOSIT else None
    plan = ending(work, visit, fee_minor, forgives=forgives)
    if plan.items_back or plan.items_kept:
        fate = EntryKind.FREED if plan.items_back else EntryKind.FORFEITED
        lots.settle_reserved(work, visit.appointment_id, fate, actor=actor)
    if deposit and plan.let_go_minor:
        books.change(work, deposit.id, wanted=Wanted.RELEASE.value)
        books.ask_finish(work, deposit.id)
    if deposit:
        key = f"{purpose}:{visit.appointment_id}"
        _enter(work, EntryKind.FEE, key, deposit, -plan.from_deposit_minor, actor, visit.appointment_id)
        _give_back_deposit(work, visit, deposit, plan, actor)
    if fee_minor:
        _ask_fee(work, visit, purpose, plan)


def charge_noshow(
    work: UnitOfWork,
    actor: StaffActor,
    appointment_id: int,
    *,
    shown_fee_minor: int,
    seen_sequence: int | None = None,
) -> None:
    """Staff says that a patient did not come, and charges what the policy asks for it (P5).

    `shown_fee_minor` is the fee they read, `seen_sequence` the state of the visit they decided on. Raises NotAllowed;
    Conflict for a visit that has not begun, was attended, cancelled, marked before or changed meanwhile
    ("change_ended"), and where the fee is another ("fee_changed").
    """
    actor.must(Permission.CHARGE_FEES)
    visit = visit_in_turn_for_staff(work, actor, appointment_id)
    if visit.status != "booked" or visit.start_at > work.now or seen_sequence not in (None, visit.sequence):
        raise Conflict("change_ended")
    fee = rules.noshow_fee_minor(visit.policy, visit.covered_minor)
    if fee != shown_fee_minor:
        raise Conflict("fee_changed")
    change_as_read(work, visit, refusal="change_ended", status="noshow")
    start, end = epoch_minute(visit.start_at), epoch_minute(visit.end_at)
    guard.release(work, appointment_id=visit.appointment_id, location_id=visit.location.id, start=start, end=end)
    subject = f"appointment:{visit.appointment_id}"
    work.record(actor.tag, "appointment.missed", subject, reference=visit.reference, fee_minor=fee)
    settle_ended(work, visit, Purpose.NOSHOW_FEE, fee, actor=actor.tag)


def retry(work: UnitOfWork, actor: StaffActor, payment_id: int) -> None:
    """Try a fee that failed once more, on the card that is on file now. Raises NotAllowed; Conflict for any other."""
    actor.must(Permission.CHARGE_FEES)
    payment_for_staff(work, actor, payment_id)
    fee = books.in_turn(work, payment_id)
    if fee.purpose not in FEES or fee.state is not State.FAILED:
        raise Conflict("payment_moved_on")
    found = _card_for(work, fee)
    values = {"state": State.PREPARED.value, "attempt": fee.attempt + 1, "intent_id": None, "failure_code": None}
    books.change(work, fee.id, **values, card_id=found.id if found else None)
    books.ask_charge(work, fee.id, fee.attempt + 1)
    work.record(actor.tag, "payment.retried", f"payment:{fee.id}")


def waive(work: UnitOfWork, actor: StaffActor, payment_id: int, *, reason: str) -> None:
    """Forgive a fee that was not paid. Raises NotAllowed, Invalid without a reason, Conflict for any other payment."""
    actor.must(Permission.GIVE_BACK)
    payment_for_staff(work, actor, payment_id)
    reason = given(reason)
    fee = books.in_turn(work, payment_id)
    if fee.purpose not in FEES or fee.state is not State.FAILED:
        raise Conflict("payment_moved_on")
    books.change(work, fee.id, state=State.WAIVED.value)
    work.record(actor.tag, "payment.waived", f"payment:{fee.id}", reason=reason)
    work.emit(WAIVED, f"{WAIVED}:{fee.id}", payment_id=fee.id)


def refund(
    work: UnitOfWork,
    actor: StaffActor,
    payment_id: int,
    amount_minor: int,
    *,
    reason: str,
    seen_left_minor: int | None = None,
) -> int:
    """Give back a payment, whole or in part; the refund's id.

    `seen_left_minor` is what could still be given back when they decided: two who give back the same do it once.
    Raises NotAllowed; Invalid for an amount that is none or more than is left, of a package more than what is not used
    is worth, of a deposit more than is unspent, and without a reason; Conflict where nothing was taken, or more was
    given back meanwhile ("payment_moved_on").
    """
    actor.must(Permission.GIVE_BACK)
    payment_for_staff(work, actor, payment_id)
    reason = given(reason)
    paid = books.in_turn(work, payment_id)
    if paid.state is not State.PAID or paid.intent_id is None:
        raise Conflict("payment_moved_on")
    givable.in_turn(work, paid)
    left_minor = givable.givable_minor(work, paid)
    if seen_left_minor not in (None, left_minor):
        raise Conflict("payment_moved_on")
    if not 0 < amount_minor <= left_minor:
        raise givable.too_much(work, paid, left_minor)
    refund_id = books.ask_refund(work, paid, amount_minor, reason=reason, asked_by=actor.tag)
    leaves_wallet(work, paid, amount_minor, key=f"refund:{refund_id}", actor=actor.tag)
    work.record(actor.tag, "payment.refunded", f"payment:{paid.id}", amount_minor=amount_minor, reason=reason)
    return refund_id


def deposit_paid(work: UnitOfWork, paid: PaymentInfo) -> None:
    """A deposit was taken: it stands in the patient's wallet until the treatment (P6)."""
    _enter(work, EntryKind.DEPOSIT, str(paid.id), paid, paid.captured_minor, "gateway", paid.appointment_id)


def leaves_wallet(work: UnitOfWork, paid: PaymentInfo, amount_minor: int, *, key: str, actor: str) -> None:
    """What goes back to its card stands in the wallet no longer: not for the visit, nor as the credit it became, nor
    the items of a package it pays for."""
    if paid.purpose is Purpose.PACKAGE:
        selling.level(work, paid.id, key=key, actor=actor)
    if paid.purpose is not Purpose.DEPOSIT or paid.patient_id is None:
        return
    kept = min(amount_minor, _kept_for(work, paid))
    _enter(work, EntryKind.TO_CARD, key, paid, -kept, actor, paid.appointment_id)
    became = min(amount_minor - kept, credit_from(work, paid.id), credit(work, paid.patient_id).get(paid.currency, 0))
    _enter(work, EntryKind.TO_CARD, f"{key}:credit", paid, -became, actor, None)


def stays_in_wallet(work: UnitOfWork, refund_id: int) -> None:
    """A refund will not be: what left the wallet for it is owed there again."""
    of = payments.payment(work, payments.refund(work, refund_id).payment_id)
    if of.purpose is Purpose.PACKAGE:
        selling.level(work, of.id, key=f"refund:{refund_id}:failed", actor="gateway")
    for key in (f"refund:{refund_id}", f"refund:{refund_id}:credit"):
        wallet.undo(work, EntryKind.TO_CARD, key, actor="gateway")


def _give_back_deposit(work: UnitOfWork, visit: Visit, deposit: PaymentInfo, plan: Ending, actor: str) -> None:
    if not plan.back_minor:
        return
    key = f"visit:{visit.appointment_id}"
    if plan.back_to == "wallet":
        wallet.to_credit(
            work,
            key=key,
            patient_id=visit.patient_id,
            amount_minor=plan.back_minor,
            currency=visit.currency,
            actor=actor,
            appointment_id=visit.appointment_id,
            payment_id=deposit.id,
        )
        return
    refund_id = books.ask_refund(work, deposit, plan.back_minor, reason=VISIT_ENDED, asked_by=actor)
    leaves_wallet(work, deposit, plan.back_minor, key=f"refund:{refund_id}", actor=actor)


def _ask_fee(work: UnitOfWork, visit: Visit, purpose: Purpose, plan: Ending) -> None:
    state = State.PREPARED if plan.charged_minor else State.WAIVED if plan.forgiven_minor else State.PAID
    fee_id = books.prepare(
        work,
        account=work.settings.payment_account,
        purpose=purpose,
        amount_minor=plan.charged_minor or plan.forgiven_minor,
        from_deposit_minor=plan.from_deposit_minor,
        currency=visit.currency,
        state=state.value,
        failure_code="too_small" if plan.forgiven_minor else None,
        appointment_id=visit.appointment_id,
        patient_id=visit.patient_id,
        card_id=plan.card.id if plan.card else None,
        item="Late cancellation" if purpose is Purpose.CANCELLATION_FEE else "Missed visit",
        email=visit.email,
        language=visit.language,
        reference=visit.reference,
        accepted_policy_id=visit.policy.id if visit.policy else None,
    )
    if state is State.PREPARED:
        books.ask_charge(work, fee_id)
    elif state is State.PAID:
        work.emit("payment.paid", f"payment.paid:{fee_id}", payment_id=fee_id)


def _card_of_visit(read: Reading, booked: PaymentInfo | None, patient_id: int, account: str) -> CardInfo | None:
    """The card the visit was booked with; where it is gone, the patient's default one."""
    found = payments.card(read, booked.card_id) if booked and booked.card_id else None
    if found and found.account == account and found.patient_id == patient_id:
        return found
    return next(iter(payments.cards_of(read, patient_id, account=account)), None)


def _card_for(read: Reading, fee: PaymentInfo) -> CardInfo | None:
    """The card to try next: the default one, which may have been added since."""
    assert fee.patient_id is not None
    return next(iter(payments.cards_of(read, fee.patient_id, account=fee.account)), None)


def _kept_for(read: Reading, paid: PaymentInfo) -> int:
    return max(0, kept_for(read, paid.appointment_id)) if paid.appointment_id is not None else 0


def _enter(
    work: UnitOfWork,
    kind: EntryKind,
    key: str,
    paid: PaymentInfo,
    amount_minor: int,
    actor: str,
    appointment_id: int | None,
) -> None:
    assert paid.patient_id is not None
    wallet.enter(
        work,
        kind,
        key=key,
        patient_id=paid.patient_id,
        amount_minor=amount_minor,
        currency=paid.currency,
        actor=actor,
        appointment_id=appointment_id,
        payment_id=paid.id,
    )

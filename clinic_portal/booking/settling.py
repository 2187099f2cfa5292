"""What is written down once the gateway has answered: each a transaction of its own, harmless when repeated."""

from datetime import timedelta

from clinic_portal.booking import fees, paying, returning
from clinic_portal.clinic import queries as clinic
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships.actions import must_be_member
from clinic_portal.patients.queries import contact, language_of
from clinic_portal.payments import books, cards, rules
from clinic_portal.payments import queries as payments
from clinic_portal.payments.notices import HeardNotice
from clinic_portal.payments.ports import Checkout, GatewayRefund, Intent, IntentStatus, RefundStatus
from clinic_portal.payments.types import AT_BOOKING, FEES, PaymentInfo, Purpose, RefundState, State, Wanted

PAID = "payment.paid"
FEE_FAILED = "fee.failed"
REFUNDED = "refund.done"
"""The outbox's kinds by which the patient is told: money was taken {payment_id}, a fee could not be {payment_id,
attempt}, money was given back {refund_id}."""
TAKEN, TAKEN_SUM = "taken_and_not_ours", "another_sum_taken"
CLOCKS_DIFFER = timedelta(minutes=1)
"""A payment of the gateway's from before ours was written down is another's: books were restored from a copy."""


# ---- pages -----------------------------------------------------------------------------------------------------------


def looked_at(work: UnitOfWork, payment_id: int) -> None:
    """A payment was looked at and stands as it did: it waits its turn again."""
    books.change(work, payment_id)


def is_over(read: Reading, paid: PaymentInfo) -> bool:
    """Whether nobody can pay on a page any more, or nothing would come of it: its time has ended, or that of what is
    held."""
    is_late = paid.expires_at is not None and paid.expires_at <= read.now
    return is_late or (paid.purpose in AT_BOOKING and paying.is_hold_over(read, paid))


def page_over(work: UnitOfWork, asked: PaymentInfo) -> PaymentInfo:
    """A page ended with nothing taken: a fee is owed still, everything else is over."""
    paid = books.in_turn(work, asked.id)
    if paid.state not in (State.PREPARED, State.OPEN) or paid.session_id != asked.session_id:
        return paid
    if paid.purpose in FEES:
        if paid.state is State.PREPARED:
            return paid
        books.change(work, paid.id, state=State.FAILED.value, page_url=None)
        return payments.payment(work, paid.id)
    return paying.left(work, paid.id)


# ---- holds and deposits ----------------------------------------------------------------------------------------------


def finished(work: UnitOfWork, payment_id: int, told: Intent) -> PaymentInfo:
    """What was authorised is taken or let go now. A deposit taken although its visit had ended goes back."""
    paid = books.in_turn(work, payment_id)
    if paid.state is not State.AUTHORISED:
        return paid
    if told.status is IntentStatus.CANCELLED:
        books.change(work, paid.id, state=State.RELEASED.value)
        if paid.wanted is Wanted.CAPTURE:
            books.note_difference(work, "deposit_not_taken", payment_id=paid.id, intent_id=told.id)
    elif told.status is IntentStatus.PAID:
        books.change(work, paid.id, state=State.PAID.value, captured_minor=min(told.captured_minor, paid.amount_minor))
        taken = payments.payment(work, paid.id)
        if paid.wanted is Wanted.CAPTURE:
            fees.deposit_paid(work, taken)
            work.emit(PAID, f"{PAID}:{paid.id}", payment_id=paid.id)
        else:
            books.note_difference(work, "taken_instead_of_released", payment_id=paid.id, intent_id=told.id, mended=True)
            books.ask_refund(work, taken, taken.captured_minor, reason="visit_ended", asked_by="cashier")
    else:
        books.change(work, paid.id)
    return payments.payment(work, paid.id)


# ---- fees ------------------------------------------------------------------------------------------------------------


def fee_charged(work: UnitOfWork, payment_id: int, told: Intent) -> PaymentInfo:
    """A fee was taken off the card."""
    fee = books.in_turn(work, payment_id)
    if fee.state is not State.PREPARED:
        return fee
    differs = rules.mismatch(fee, told)
    if differs:
        books.note_difference(work, f"another_{differs}", payment_id=fee.id, intent_id=told.id)
    elif told.status is IntentStatus.PAID:
        return _fee_paid(work, fee, told)
    books.change(work, fee.id)
    return fee


def fee_failed(work: UnitOfWork, asked: PaymentInfo, why: str) -> PaymentInfo:
    """The bank said no, or there is no card: the fee is owed, and its patient is told how to pay it."""
    fee = books.in_turn(work, asked.id)
    if fee.state is not State.PREPARED or fee.attempt != asked.attempt:
        return fee
    books.change(work, fee.id, state=State.FAILED.value, failure_code=why[:60])
    key = f"{FEE_FAILED}:{fee.id}:{fee.attempt}"
    work.emit(FEE_FAILED, key, payment_id=fee.id, attempt=fee.attempt)
    work.record("cashier", "payment.failed", f"payment:{fee.id}", why=why[:60])
    return payments.payment(work, fee.id)


def fee_to_page(work: UnitOfWork, payment_id: int, account: str, owner: str | None = None) -> None:
    """A patient wants to pay a fee that failed on the gateway's page. Raises Conflict when it is not owed.

    One who has a page open already goes on with it. `owner` is the browser they do it in; it pays one fee at a time.
    """
    fee = books.in_turn(work, payment_id)
    if fee.purpose not in FEES or fee.account != account:
        raise NotAllowed()
    if owner and fee.state in (State.OPEN, State.FAILED):
        books.own_fee(work, fee.id, owner)
    if fee.state is State.OPEN:
        return
    if fee.state is not State.FAILED:
        raise Conflict("payment_moved_on")
    values = {"state": State.OPEN.value, "attempt": fee.attempt + 1, "session_id": None, "intent_id": None}
    books.change(work, fee.id, **values, page_url=None, expires_at=work.now + rules.PAGE_LASTS)


def fee_paid_on_page(work: UnitOfWork, payment_id: int, told: Checkout) -> PaymentInfo:
    """A patient paid a fee on the gateway's page."""
    fee = books.in_turn(work, payment_id)
    if fee.state is not State.OPEN or told.intent is None:
        return fee
    differs = rules.mismatch(fee, told.intent)
    if differs:
        books.note_difference(work, f"another_{differs}", payment_id=fee.id, intent_id=told.intent.id)
        books.change(work, fee.id)
        return fee
    if told.intent.status is not IntentStatus.PAID:
        books.change(work, fee.id)
        return fee
    if told.intent.card and fee.patient_id is not None:
        books.change(work, fee.id, card_id=cards.note_used(work, fee.account, fee.patient_id, told.intent.card))
    return _fee_paid(work, fee, told.intent)


def _fee_paid(work: UnitOfWork, fee: PaymentInfo, told: Intent) -> PaymentInfo:
    values = {"state": State.PAID.value, "intent_id": told.id, "captured_minor": fee.amount_minor}
    books.change(work, fee.id, **values, page_url=None, failure_code=None)
    work.emit(PAID, f"{PAID}:{fee.id}", payment_id=fee.id)
    work.record("cashier", "payment.paid", f"payment:{fee.id}", amount_minor=fee.amount_minor)
    return payments.payment(work, fee.id)


def policy_version(read: Reading, policy_id: int | None) -> int | None:
    """The number of a policy's version, as it stands on a charge."""
    return clinic.policy(read, policy_id).version if policy_id is not None else None


# ---- refunds ---------------------------------------------------------------------------------------------------------


def refund_told(work: UnitOfWork, refund_id: int, told: GatewayRefund) -> None:
    """How far a refund is, by the gateway."""
    asked = payments.refund(work, refund_id)
    paid = books.in_turn(work, asked.payment_id)
    asked = payments.refund(work, refund_id)
    if asked.state not in (RefundState.PREPARED, RefundState.PENDING):
        return
    if told.status is RefundStatus.FAILED:
        refund_failed(work, refund_id, told.failure_code or "refund_failed")
    elif told.status is RefundStatus.PENDING:
        books.change_refund(work, refund_id, state=RefundState.PENDING.value, gateway_id=told.id)
    else:
        books.change_refund(
            work, refund_id, state=RefundState.DONE.value, gateway_id=told.id, settled_at=work.now, failure_code=None
        )
        books.change(work, paid.id, refunded_minor=min(paid.captured_minor, paid.refunded_minor + asked.amount_minor))
        work.emit(REFUNDED, f"{REFUNDED}:{refund_id}", refund_id=refund_id)


def refund_failed(work: UnitOfWork, refund_id: int, why: str) -> None:
    """A refund will not be: what it was of is owed still, and staff sees it and settles it with the patient."""
    books.in_turn(work, payments.refund(work, refund_id).payment_id)
    asked = payments.refund(work, refund_id)
    if asked.state not in (RefundState.PREPARED, RefundState.PENDING):
        return
    books.change_refund(work, refund_id, state=RefundState.FAILED.value, failure_code=why[:60], settled_at=work.now)
    fees.stays_in_wallet(work, refund_id)
    books.note_difference(work, f"refund_failed:{refund_id}", payment_id=asked.payment_id, intent_id=asked.gateway_id)


# ---- cards -----------------------------------------------------------------------------------------------------------


def card_to_page(work: UnitOfWork, patient_id: int, account: str) -> int:
    """A member wants to add a card; the payment, of nothing, that stands for it. Raises NotAllowed for anyone else.

    One who has a page open already goes on with it.
    """
    must_be_member(work, patient_id)
    cards.in_turn(work, patient_id)
    latest = payments.newest_card_page(work, patient_id)
    before = payments.payment(work, latest) if latest is not None else None
    if before and before.account == account and not before.is_settled and not is_over(work, before):
        return before.id
    who, known = contact(work, patient_id), catalogue(work).clinic
    return books.prepare(
        work,
        account=account,
        purpose=Purpose.CARD,
        amount_minor=0,
        currency=known.currency,
        patient_id=patient_id,
        item="A card on file",
        consent="",
        email=who.email,
        language=language_of(work, patient_id),
        expires_at=work.now + rules.PAGE_LASTS,
    )


def card_saved(work: UnitOfWork, payment_id: int, told: Checkout) -> PaymentInfo:
    """A card was added."""
    paid = books.in_turn(work, payment_id)
    given = paying.card_of(told)
    if paid.state not in (State.PREPARED, State.OPEN) or paid.patient_id is None or given is None:
        return paid
    if told.payment_id != paid.id:
        books.note_difference(work, "another_payment", payment_id=paid.id, intent_id=None)
        return paid
    card_id = cards.keep(work, paid.account, paid.patient_id, given)
    books.change(work, paid.id, state=State.SAVED.value, card_id=card_id, page_url=None)
    work.record(f"patient:{paid.patient_id}", "card.added", f"card:{card_id}")
    return payments.payment(work, paid.id)


# ---- notices and differences -----------------------------------------------------------------------------------------


def concerned(read: Reading, told: HeardNotice) -> PaymentInfo | None:
    """The payment of ours a notice is about: by its page, else by the gateway's id, else by what we wrote into it."""
    found = payments.by_session(read, told.session_id) if told.session_id else None
    if found is None and told.intent_id:
        found = payments.by_intent(read, told.intent_id)
    if found is None and told.payment_id is not None:
        found = next((one for one in [_known(read, told.payment_id)] if one and one.account == told.account), None)
    return found


def compared(work: UnitOfWork, told: Intent) -> str | None:
    """Hold a payment of the gateway's against ours. "let_go" for money that is reserved and of which our books say
    that nothing is to be had; what cannot be mended is noted."""
    ours = payments.by_intent(work, told.id)
    if ours is None:
        return _stray(work, told)
    paid = books.in_turn(work, ours.id)
    if told.is_disputed and paid.disputed_at is None:
        books.change(work, paid.id, disputed_at=work.now)
        work.record("gateway", "payment.disputed", f"payment:{paid.id}")
    if told.refunded_minor > paid.refunded_minor and not _refund_under_way(work, paid):
        books.change(work, paid.id, refunded_minor=min(told.refunded_minor, paid.captured_minor))
        more = told.refunded_minor - paid.refunded_minor
        fees.leaves_wallet(work, paid, more, key=f"elsewhere:{paid.id}:{told.refunded_minor}", actor="gateway")
        books.note_difference(
            work, f"refunded_elsewhere:{told.refunded_minor}", payment_id=paid.id, intent_id=told.id, mended=True
        )
        if told.refunded_minor + paid.credited_minor > paid.captured_minor:
            kind = f"{returning.TWICE}:{told.refunded_minor}"
            books.note_difference(work, kind, payment_id=paid.id, intent_id=told.id)
    if told.status is IntentStatus.AUTHORISED and paid.state in (State.RELEASED, State.EXPIRED):
        return "let_go"
    is_taken = told.status is IntentStatus.PAID
    if is_taken and paid.state in (State.RELEASED, State.EXPIRED, State.FAILED, State.WAIVED):
        books.note_difference(work, TAKEN, payment_id=paid.id, intent_id=told.id)
    if is_taken and paid.state is State.PAID:
        if told.captured_minor != paid.captured_minor:
            books.note_difference(work, TAKEN_SUM, payment_id=paid.id, intent_id=told.id)
        if told.refunded_minor < payments.payment(work, paid.id).refunded_minor:
            books.note_difference(work, "refund_came_back", payment_id=paid.id, intent_id=told.id)
    if told.status is IntentStatus.CANCELLED and paid.state is State.PAID:
        books.note_difference(work, "ours_and_not_taken", payment_id=paid.id, intent_id=told.id)
    return None


def _stray(work: UnitOfWork, told: Intent) -> str | None:
    """A payment that names one of ours, which knows another or none. What is reserved is let go; what was taken pays
    the fee it was for where that is owed still, and else goes back ("give_back"): it was taken twice."""
    ours = _known(work, told.payment_id) if told.payment_id is not None else None
    is_taken = told.captured_minor > told.refunded_minor
    if ours is None and told.payment_id is not None and is_taken and payments.any_before(work, told.created_at):
        books.note_difference(work, "taken_and_unknown", payment_id=told.payment_id, intent_id=told.id)
    if ours is None or ours.account != work.settings.payment_account:
        return None
    ours = books.in_turn(work, ours.id)
    differs = rules.mismatch(ours, told)
    if not (differs or ours.is_settled):
        return None  # its own way through `settle` is open still
    if told.status is IntentStatus.AUTHORISED:
        return "let_go"
    if told.status is not IntentStatus.PAID or told.captured_minor <= told.refunded_minor:
        return None
    is_believed = differs in (None, "intent") and told.created_at > ours.created_at - CLOCKS_DIFFER
    if is_believed and (differs or ours.state is not State.FAILED):
        return "give_back"
    if is_believed:
        _fee_paid(work, ours, told)
    books.note_difference(work, TAKEN, payment_id=ours.id, intent_id=told.id, mended=is_believed)
    return None


def stray_returned(work: UnitOfWork, told: Intent) -> None:
    """What was taken a second time went back."""
    books.note_difference(work, TAKEN, payment_id=told.payment_id, intent_id=told.id, mended=True)
    back = told.captured_minor - told.refunded_minor
    work.record("cashier", "payment.refunded", f"payment:{told.payment_id}", amount_minor=back, reason="taken twice")


def stray_released(work: UnitOfWork, told: Intent) -> None:
    """What was reserved and nobody's is let go."""
    books.note_difference(work, "reserved_and_not_ours", payment_id=told.payment_id, intent_id=told.id, mended=True)


def stuck(work: UnitOfWork, kind: str, row_id: int, why: str) -> None:
    """The gateway will not do what has to be done: noted for staff, and looked at again later."""
    payment_id = row_id if kind == "payment" else payments.refund(work, row_id).payment_id
    books.note_difference(work, f"{kind}_refused:{why}"[:80], payment_id=payment_id, intent_id=None)
    (books.change if kind == "payment" else books.change_refund)(work, row_id)


def _refund_under_way(read: Reading, paid: PaymentInfo) -> bool:
    under_way = (RefundState.PREPARED, RefundState.PENDING)
    return any(one.state in under_way for one in payments.refunds_of(read, paid.id))


def _known(read: Reading, payment_id: int) -> PaymentInfo | None:
    try:
        return payments.payment(read, payment_id)
    except NotAllowed:
        return None

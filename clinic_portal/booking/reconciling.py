"""The gateway's books are held against ours, and ours against the gateway's: what differs is mended, or told.

By hand with `clinic-portal reconcile`; the worker does it once a night.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from clinic_portal.booking import queries
from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.settling import TAKEN_SUM
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import Reading, Services, UnitOfWork
from clinic_portal.memberships.telling import is_untold
from clinic_portal.payments import books, differences
from clinic_portal.payments import queries as payments
from clinic_portal.payments.differences import OpenDifference
from clinic_portal.payments.ports import GatewayAway, GatewayRefused, Intent, IntentStatus, PaymentGateway
from clinic_portal.payments.types import PaymentInfo, RefundState, State

RECONCILE = "payment.reconcile"
"""The outbox's kind for a night's reconciliation, one a night."""
NIGHTLY_AT = time(3)  # by the clock of the clinic's first location
NIGHTLY_DAYS = 3
ROUNDS, IN_A_ROUND = 20, 200
OF_SUBSCRIPTIONS = ("subscription_refused", "another_membership")
"""What differs of a subscription, whose id stands in the place of the payment's."""

WORDS = {
    "another_payment": "The gateway answered about another payment.",
    "another_currency": "The gateway answered in another currency.",
    "another_amount": "The gateway answered with another amount.",
    "another_intent": "The gateway answered about another payment.",
    "another_sum_taken": "The gateway took another sum than our books say.",
    "deposit_not_taken": "The visit is booked, and its deposit could not be taken: the reservation had ended.",
    "taken_and_not_ours": "The gateway took money that our books do not expect.",
    "taken_and_unknown": "The gateway took money for a payment that our books do not have.",
    "ours_and_not_taken": "Our books say paid, the gateway says not.",
    "ours_and_not_there": "Our books say paid, and the gateway does not know the payment.",
    "refund_failed": "Money could not be given back to the card.",
    "package_used": "More of a package's price went back than was left of it to be taken out of the wallet.",
    "returned_twice": "More went back than was taken: into the wallet, and at the gateway's own pages.",
    "refund_came_back": "The gateway gave back less than our books say.",
    "payment_refused": "The gateway refuses to go on with a payment.",
    "refund_refused": "The gateway refuses to give money back.",
    "subscription_refused": "The gateway refuses to go on with a membership.",
    "another_membership": "The gateway answered about another membership.",
}
"""What differs, in words for whoever runs the clinic's machine."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it: how many payments were looked at, and of the differences how many are mended and which are
    left."""

    looked_at: int
    mended: int
    left: tuple[OpenDifference, ...]


def words(difference: OpenDifference) -> str:
    """A difference as a sentence."""
    return WORDS.get(_base(difference), difference.kind)


def reconcile(services: Services, cashier: Cashier, since: datetime) -> Report:
    """Settle what is unsettled; hold the gateway's payments since then against our books, and our books against the
    gateway; look again at what differed before. Raises GatewayAway."""
    mended = services.ask(differences.mended_count)
    looked_at = _settle_all(cashier)
    seen: dict[str, Intent] = {}
    for told in cashier.gateway.recent(since):
        seen[told.id] = told
        _compare(services, cashier, told)
    for paid in services.ask(payments.taken_since, since, account=cashier.gateway.account):
        if paid.intent_id is not None and paid.intent_id not in seen:
            found = _intent(cashier.gateway, paid.intent_id)
            if found is None:
                services.do(_note_missing, paid)
            else:
                seen[found.id] = found
                _compare(services, cashier, found)
    _look_again(services, cashier.gateway)
    left = services.ask(differences.still_open)
    return Report(looked_at + len(seen), services.ask(differences.mended_count) - mended, left)


def plan(work: UnitOfWork) -> None:
    """Ask for the night's reconciliation, once; found from the outbox, so that it is neither forgotten nor doubled."""
    clinic = catalogue(work)
    zone = ZoneInfo(clinic.time_zone)
    local = work.now.astimezone(zone)
    night = local.date() - timedelta(days=local.time() < NIGHTLY_AT)
    key = f"{RECONCILE}:{night}"
    work.in_turn(RECONCILE)
    if work.execute(select(OUTBOX.c.id).where(OUTBOX.c.dedupe_key == key)).first() is None:
        work.emit(RECONCILE, key)


def nightly(services: Services, cashier: Cashier) -> Report:
    """What the worker does at night. Raises GatewayAway."""
    return reconcile(services, cashier, services.clock.now() - timedelta(days=NIGHTLY_DAYS))


def _settle_all(cashier: Cashier) -> int:
    looked_at = 0
    for _ in range(ROUNDS):
        tended = cashier.tend(limit=IN_A_ROUND)
        if tended.is_away:
            raise GatewayAway("away")
        if not tended.looked_at:
            break
        looked_at += tended.looked_at
    return looked_at


def _compare(services: Services, cashier: Cashier, told: Intent) -> None:
    try:
        cashier.compare(told)
    except GatewayRefused as refusal:
        services.do(_note_refused, told, refusal.code)


def _note_refused(work: UnitOfWork, told: Intent, why: str) -> None:
    books.note_difference(work, f"payment_refused:{why}"[:80], payment_id=told.payment_id, intent_id=told.id)


def _note_missing(work: UnitOfWork, paid: PaymentInfo) -> None:
    books.note_difference(work, "ours_and_not_there", payment_id=paid.id, intent_id=paid.intent_id)


def _look_again(services: Services, gateway: PaymentGateway) -> None:
    """What differed before and does so no longer is mended, be it by staff, by the gateway or by time."""
    for one in services.ask(differences.still_open):
        is_refund = _base(one) == "refund_failed"
        is_intent = one.intent_id and not is_refund and _base(one) not in OF_SUBSCRIPTIONS
        told = _intent(gateway, one.intent_id) if one.intent_id and is_intent else None
        if not services.ask(_is_true, one, told):
            services.do(differences.mend, one.id)


def _intent(gateway: PaymentGateway, intent_id: str) -> Intent | None:
    """None for one the gateway does not know."""
    try:
        return gateway.intent(intent_id)
    except GatewayRefused:
        return None


def _base(one: OpenDifference) -> str:
    return one.kind.partition(":")[0]


def _is_true(read: Reading, one: OpenDifference, told: Intent | None) -> bool:
    """Whether a difference is one still."""
    paid, kind = _known(read, one.payment_id), _base(one)
    if kind in OF_SUBSCRIPTIONS:
        return kind != "subscription_refused" or is_untold(read, one.intent_id)
    if kind in ("taken_and_not_ours", "taken_and_unknown") or (kind.startswith("another_") and kind != TAKEN_SUM):
        is_ours = paid is not None and told is not None and (paid.intent_id, paid.state) == (told.id, State.PAID)
        return told is not None and _has_money(told) and not is_ours
    if paid is None:
        return True
    if kind == "deposit_not_taken":
        visit = queries.visit(read, paid.appointment_id) if paid.appointment_id else None
        return visit is not None and visit.status == "booked"
    if kind in ("ours_and_not_taken", "ours_and_not_there"):
        return paid.state is State.PAID and (told is None or told.status is not IntentStatus.PAID)
    if kind == TAKEN_SUM:
        return told is None or told.captured_minor != paid.captured_minor
    if kind == "refund_came_back":
        return told is None or told.refunded_minor < paid.refunded_minor
    refunds = payments.refunds_of(read, paid.id)
    if kind == "refund_failed":
        failed = int(one.kind.partition(":")[2])
        return not any(other.id > failed and other.state is not RefundState.FAILED for other in refunds)
    if kind == "payment_refused":
        return not paid.is_settled
    if kind == "refund_refused":
        return any(other.state in (RefundState.PREPARED, RefundState.PENDING) for other in refunds)
    return True


def _has_money(told: Intent) -> bool:
    """Whether money of the patient's is there: reserved, or taken and not given back."""
    is_kept = told.status is IntentStatus.PAID and told.captured_minor > told.refunded_minor
    return is_kept or told.status is IntentStatus.AUTHORISED


def _known(read: Reading, payment_id: int | None) -> PaymentInfo | None:
    try:
        return payments.payment(read, payment_id) if payment_id is not None else None
    except NotAllowed:
        return None

"""What the gateway is told of memberships, as reads; and what is noted when it will not hear it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import crypto
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import changing, joining, plan_queries, rows
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.rows import MEMBERSHIP, PERIOD
from clinic_portal.memberships.types import PAUSED
from clinic_portal.patients import profile
from clinic_portal.payments import books, cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import SubscriptionTerms, SubscriptionWishes
from clinic_portal.payments.types import PaymentInfo

AHEAD = timedelta(hours=1)
"""How long before a period begins its pause ends at the gateway, so that the period itself is charged."""
REFUSED = "subscription_refused"


@dataclass(frozen=True, slots=True)
class Known:
    """What our books know of a subscription, before the gateway is asked."""

    subscription_id: str | None
    account: str | None
    revision: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the gateway is to be told; without `wishes` it is to end the subscription."""

    attempt: int
    account: str | None
    subscription_id: str
    wishes: SubscriptionWishes | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A period that was refused, and the card to try next."""

    membership_id: int
    subscription_id: str
    invoice_id: str
    attempts: int
    method_id: str | None


def known(read: Reading, membership_id: int) -> Known:
    """What our books know of a membership's subscription. Raises NotAllowed for no membership."""
    row = rows.by_id(read, membership_id)
    return Known(row.subscription_id, row.account, row.revision)


def wanted(read: Reading, membership_id: int) -> Wanted | None:
    """What the gateway does not know yet of a membership; None where there is nothing. Raises NotAllowed for none."""
    row = rows.by_id(read, membership_id)
    if row.is_told or row.subscription_id is None:
        return None
    if row.ended_at is not None or _version(row) is None:
        return Wanted(row.attempt, row.account, row.subscription_id, None)
    return Wanted(row.attempt, row.account, row.subscription_id, _wishes(read, row))


def is_live(read: Reading, membership_id: int) -> bool:
    """Whether a membership has not ended."""
    return rows.by_id(read, membership_id).ended_at is None


def of_subscription(read: Reading, subscription_id: str) -> int | None:
    """The membership that a subscription is of."""
    mine = select(MEMBERSHIP.c.id).where(MEMBERSHIP.c.subscription_id == subscription_id)
    found: int | None = read.execute(mine).scalar()
    return found


def is_untold(read: Reading, subscription_id: str | None) -> bool:
    """Whether the gateway does not know what is wanted of a subscription."""
    mine = and_(MEMBERSHIP.c.subscription_id == subscription_id, MEMBERSHIP.c.is_told.is_(False))
    return read.execute(select(MEMBERSHIP.c.id).where(mine)).first() is not None


def page_of(read: Reading, membership_id: int) -> PaymentInfo | None:
    """The payment by which a membership is being joined now."""
    return joining.under_way(read, membership_id)


def terms_of_page(read: Reading, paid: PaymentInfo) -> SubscriptionTerms:
    """What a page begins: as it was offered when it was asked for."""
    assert paid.membership_id is not None
    assert paid.sold is not None
    plan = plan_queries.plan_version(read, paid.sold["version_id"])
    return _terms(paid.membership_id, plan, called=paid.item)


def owed(read: Reading, patient_id: int) -> Owed | None:
    """What a patient owes for their membership now; None where nothing is overdue."""
    row = rows.live(read, patient_id)
    if row is None or row.subscription_id is None:
        return None
    failed = and_(PERIOD.c.membership_id == row.id, PERIOD.c.state == "failed")
    period = read.execute(select(PERIOD).where(failed).order_by(PERIOD.c.from_at.desc()).limit(1)).first()
    if period is None:
        return None
    return Owed(row.id, row.subscription_id, period.invoice_id, period.attempts, _method(read, row))


def tries_again(work: UnitOfWork, actor: StaffActor, patient_id: int) -> None:
    """Staff have what is overdue charged once more. Raises NotAllowed, for no such patient too; Conflict
    ("membership_not_overdue")."""
    actor.must(Permission.CHARGE_FEES)
    profile.for_staff(work, actor, patient_id)
    if owed(work, patient_id) is None:
        raise Conflict("membership_not_overdue")
    work.record(actor.tag, "membership.retried", f"patient:{patient_id}")


def use_card(work: UnitOfWork, patient_id: int, account: str, card_id: int) -> None:
    """A card is charged first from now on, and the membership to it. Raises NotAllowed for one that is not theirs."""
    changing.in_turn(work, patient_id)
    cards.make_default(work, account, patient_id, card_id)
    changing.card_changed(work, patient_id)


def stuck(work: UnitOfWork, membership_id: int, why: str) -> None:
    """The gateway will not do what has to be done: noted for staff, and looked at again later."""
    row = rows.by_id(work, membership_id)
    books.note_difference(work, f"{REFUSED}:{why}"[:80], payment_id=None, intent_id=row.subscription_id)
    work.execute(update(MEMBERSHIP).where(MEMBERSHIP.c.id == membership_id).values(looked_at=work.now))


def _wishes(read: Reading, row: Row[Any]) -> SubscriptionWishes:
    plan = plan_queries.plan_version(read, _version(row))
    told: dict[str, Any] = {
        "subscription_id": row.subscription_id,
        "is_ending": row.is_ending,
        "is_paused": row.is_pausing,
        "resumes_at": row.resumes_at - AHEAD if row.is_pausing and row.resumes_at else None,
        "restarts": row.state == PAUSED and not row.is_pausing,
        "terms": _terms(row.id, plan, called=plan_queries.outside(read, plan)),
        "method_id": _method(read, row),
    }
    told["currency"] = plan_queries.plan_version(read, row.version_id or _version(row)).currency
    same = crypto.digest(repr(sorted(told.items(), key=lambda one: one[0])))[:12]
    return SubscriptionWishes(**told, key=f"membership:{row.id}:{row.nonce}:{row.attempt}:{same}")


def _version(row: Row[Any]) -> Any:
    """The version that is charged from the next period on; where the first was paid a moment ago, that one's."""
    return row.next_version_id or row.version_id


def _terms(membership_id: int, plan: PlanInfo, *, called: str) -> SubscriptionTerms:
    return SubscriptionTerms(
        membership_id=membership_id,
        version_id=plan.version_id,
        plan=called,
        period=plan.period,
        fee_minor=plan.fee_minor,
        setup_fee_minor=plan.setup_fee_minor,
    )


def _method(read: Reading, row: Row[Any]) -> str | None:
    """The card that is charged first."""
    mine = payments.cards_of(read, row.patient_id, account=row.account)
    return next((one.method_id for one in mine), None)

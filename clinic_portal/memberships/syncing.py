"""What is written once the gateway has told of a subscription: one transaction, harmless when repeated (P8).

Periods say how a membership stands: what was paid stays paid, whatever is heard later. What was asked of the gateway
before another transaction changed the membership is not believed; it is asked again.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import events, granting, plan_queries, rows, taking
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.memberships.rows import MEMBERSHIP, PERIOD
from clinic_portal.memberships.types import ACTIVE, JOINING, OVERDUE, PAUSED
from clinic_portal.payments import books
from clinic_portal.payments.ports import Invoice, InvoiceStatus, Subscription, SubscriptionStatus

PAID, FAILED, OPEN, VOID, RETURNED = "paid", "failed", "open", "void", "returned"
ANOTHER = "another_membership"
"""A difference: the gateway's subscription names another membership."""
LEAST_GRACE = timedelta(days=3)
"""To pay in, from when a refused payment is heard of; less where the clinic's whole grace is less."""


def heard(
    work: UnitOfWork, membership_id: int, revision: int, told: Subscription, invoices: tuple[Invoice, ...]
) -> bool:
    """Write down how a subscription stands; False, and nothing written, for what is not the newest any more."""
    row = rows.in_turn_by_id(work, membership_id)
    if row.revision != revision or row.subscription_id != told.id:
        return False
    if told.membership_id != row.id:
        books.note_difference(work, ANOTHER, payment_id=None, intent_id=told.id)
        _looked(work, row.id)
        return True
    of_it = select(PERIOD).where(PERIOD.c.membership_id == row.id)
    known = {one.invoice_id: one for one in work.execute(of_it)}
    for invoice in sorted(invoices, key=lambda one: one.from_at):
        before = known.get(invoice.id)
        if before is None or before.state not in (PAID, RETURNED):
            _invoice(work, rows.by_id(work, row.id), told, invoice, before)
    row = rows.by_id(work, row.id)
    if row.ended_at is None:
        _stand(work, row, told, invoices)
    _looked(work, row.id)
    return True


def _looked(work: UnitOfWork, membership_id: int) -> None:
    rows.change(work, membership_id, looked_at=work.now)


# ---- periods ---------------------------------------------------------------------------------------------------------


def _invoice(work: UnitOfWork, row: Row[Any], told: Subscription, invoice: Invoice, known: Row[Any] | None) -> None:
    """Write down one invoice: its period, its money, what it brings."""
    if not invoice.amount_minor or invoice.status is InvoiceStatus.DRAFT:
        return
    plan = _plan_of(work, row, invoice, known)
    if plan is None:
        return
    if invoice.status is InvoiceStatus.PAID:
        _paid(
            work, row, told, invoice, _period(work, row, invoice, plan, known, RETURNED if row.ended_at else PAID), plan
        )
    elif invoice.status is InvoiceStatus.VOID:
        if known is not None or invoice.attempts:
            _period(work, row, invoice, plan, known, VOID)
    elif row.started_at is not None and row.ended_at is None:
        period_id = _period(work, row, invoice, plan, known, FAILED if invoice.attempts else OPEN)
        if invoice.attempts > (known.attempts if known is not None else 0):
            key = f"{events.PAYMENT_FAILED}:{period_id}:{invoice.attempts}"
            about = {"membership_id": row.id, "period_id": period_id, "attempt": invoice.attempts}
            work.emit(events.PAYMENT_FAILED, key, **about)


def _plan_of(work: UnitOfWork, row: Row[Any], invoice: Invoice, known: Row[Any] | None) -> PlanInfo | None:
    """The version an invoice was made under: what it says, where the amount agrees, else one whose fee it is."""
    if known is not None:
        return plan_queries.plan_version(work, known.version_id)
    wanted = [one for one in (invoice.version_id, row.version_id, row.next_version_id) if one is not None]
    plans = plan_queries.versions(work, wanted)
    found = [plans[one] for one in wanted if one in plans]
    once = [one.setup_fee_minor if invoice.is_first else 0 for one in found]
    agree = [one for one, more in zip(found, once, strict=True) if one.fee_minor + more == invoice.amount_minor]
    return next(iter([*agree, *found]), None)


def _period(
    work: UnitOfWork, row: Row[Any], invoice: Invoice, plan: PlanInfo, known: Row[Any] | None, state: str
) -> int:
    """The period of an invoice, new or as it stands now; its id."""
    values = {
        "state": state,
        "attempts": max(invoice.attempts, known.attempts if known is not None else 0),
        "next_try_at": invoice.next_try_at if state == FAILED else None,
        "failure_code": (invoice.failure_code or "")[:60] or None if state == FAILED else None,
        "paid_at": (invoice.paid_at or work.now) if state in (PAID, RETURNED) else None,
    }
    if known is not None:
        work.execute(update(PERIOD).where(PERIOD.c.id == known.id).values(**values))
        return int(known.id)
    new = {
        "membership_id": row.id,
        "version_id": plan.version_id,
        "invoice_id": invoice.id,
        "from_at": invoice.from_at,
        "until_at": invoice.until_at,
        "amount_minor": invoice.amount_minor,
        "currency": invoice.currency,
    }
    return int(work.execute(insert(PERIOD).returning(PERIOD.c.id), new | values).scalar_one())


def _paid(
    work: UnitOfWork, row: Row[Any], told: Subscription, invoice: Invoice, period_id: int, plan: PlanInfo
) -> None:
    """A period was paid: its money is in our books, what it brings in the wallet; once. For one who is no member any
    more it goes back."""
    paid = taking.taken(work, row, told, invoice, plan)
    work.execute(update(PERIOD).where(PERIOD.c.id == period_id).values(payment_id=paid.id))
    if row.ended_at is not None:
        taking.give_back(work, paid)
        return
    granting.grant(work, row.patient_id, period_id, plan, invoice.until_at, paid.id)
    is_first = row.version_id is None or row.state == JOINING
    is_newest = row.period_from_at is None or invoice.from_at >= row.period_from_at
    if is_newest:
        _begin_period(work, row, told, invoice, plan, paid.sold)
    event = events.STARTED if is_first else events.RENEWED
    if _is_after_pause(row, invoice):
        event = events.RESUMED
    work.emit(event, f"{event}:{row.id}:{period_id}", membership_id=row.id, period_id=period_id)
    if is_first:
        work.record(f"patient:{row.patient_id}", "membership.joined", f"patient:{row.patient_id}", plan=plan.name)


def _begin_period(
    work: UnitOfWork,
    row: Row[Any],
    told: Subscription,
    invoice: Invoice,
    plan: PlanInfo,
    sold: dict[str, Any] | None,
) -> None:
    values: dict[str, Any] = {
        "version_id": plan.version_id,
        "period_from_at": invoice.from_at,
        "period_until_at": invoice.until_at,
        "anchor_at": told.anchor_at,
    }
    if row.started_at is None:
        values |= {"started_at": work.now}
    if row.state != OVERDUE:
        values["state"] = ACTIVE
    if row.version_id is None or row.state == JOINING:
        values |= {"document_id": (sold or {}).get("document_id")}
    if plan.version_id == row.next_version_id:
        values |= {"next_version_id": None, "next_document_id": None}
        if row.next_document_id is not None:
            values |= {"document_id": row.next_document_id}
    if _is_after_pause(row, invoice):
        values |= {"paused_at": None, "is_pausing": False, "resumes_at": None}
    rows.change(work, row.id, **values)


def _is_after_pause(row: Row[Any], invoice: Invoice) -> bool:
    """Whether a period is the first after a pause, be the pause noticed already or not."""
    if row.paused_at is not None:
        return bool(invoice.from_at >= row.paused_at)
    return bool(row.is_pausing and row.period_until_at is not None and invoice.from_at > row.period_until_at)


# ---- standing --------------------------------------------------------------------------------------------------------


def _stand(work: UnitOfWork, row: Row[Any], told: Subscription, invoices: tuple[Invoice, ...]) -> None:
    """How a membership stands by its periods, the clock, and whether the gateway goes on with it."""
    if row.started_at is None or row.period_until_at is None:
        if told.status is SubscriptionStatus.ENDED and row.started_at is None:  # its first period was never paid
            rows.end(work, row, "never_joined", at=told.ended_at, is_told=True)
        elif told.status is SubscriptionStatus.ENDED:
            rows.change(work, row.id, subscription_id=None, next_version_id=None, is_told=True)
        return
    row = _owing(work, row)
    if told.status is SubscriptionStatus.ENDED:
        rows.end(work, row, _why(row, invoices), at=told.ended_at, is_told=True)
    elif row.state == OVERDUE and row.grace_until_at <= work.now:
        rows.end(work, row, "unpaid")
    else:
        _pausing(work, row)
        if row.is_told and told.is_ending != row.is_ending:  # arranged in the gateway's own pages
            rows.change(work, row.id, is_ending=told.is_ending)
            event = events.ENDING if told.is_ending else events.KEPT
            work.emit(event, f"{event}:{row.id}:{row.revision}", membership_id=row.id)


def _owing(work: UnitOfWork, row: Row[Any]) -> Row[Any]:
    """Overdue while a period after the one paid for was refused; else not.

    Grace counts from the period's beginning; where that is heard of late, there are some days to pay all the same.
    """
    later = and_(PERIOD.c.membership_id == row.id, PERIOD.c.state == FAILED, PERIOD.c.from_at > row.period_from_at)
    failed = work.execute(select(PERIOD).where(later).order_by(PERIOD.c.from_at).limit(1)).first()
    if failed is not None and row.state != OVERDUE:
        grace = timedelta(days=catalogue(work).clinic.grace_days)
        until = max(failed.from_at + grace, work.now + min(grace, LEAST_GRACE))
        values = {"state": OVERDUE, "overdue_at": failed.from_at, "grace_until_at": until}
        if row.paused_at is not None:
            values |= {"paused_at": None, "is_pausing": False, "resumes_at": None}
        rows.change(work, row.id, **values)
    elif failed is None and row.state == OVERDUE:
        rows.change(work, row.id, state=ACTIVE, overdue_at=None, grace_until_at=None)
    return rows.by_id(work, row.id)


def _pausing(work: UnitOfWork, row: Row[Any]) -> None:
    """A pause begins when the period paid for ends; one that another period has reached is none any more."""
    if not row.is_pausing or row.state != ACTIVE:
        return
    if row.resumes_at is not None and row.period_until_at >= row.resumes_at:
        rows.change(work, row.id, is_pausing=False, resumes_at=None)
    elif row.period_until_at <= work.now:
        rows.change(work, row.id, state=PAUSED, paused_at=row.period_until_at)


def _why(row: Row[Any], invoices: tuple[Invoice, ...]) -> str:
    """Why the gateway ended it: the last period was refused again and again, it was asked for, or neither."""
    newest = max(invoices, key=lambda one: one.from_at, default=None)
    is_unpaid = newest is not None and newest.status is not InvoiceStatus.PAID and newest.attempts > 0
    return "unpaid" if is_unpaid else "asked" if row.is_ending else "gateway"


def told(work: UnitOfWork, membership_id: int, attempt: int) -> None:
    """The gateway knows what was wanted: letters may say so."""
    row = rows.in_turn_by_id(work, membership_id)
    if row.attempt != attempt or row.is_told:
        return
    for event in row.wish.split() if row.ended_at is None else ():
        work.emit(event, f"{event}:{row.id}:{attempt}", membership_id=row.id, wish=attempt)
    rows.change(work, row.id, is_told=True, wish="")


def due(read: Reading, account: str, limit: int) -> list[tuple[int, bool]]:
    """Memberships to be looked at, the longest waiting first, and whether the gateway is to be told of each.

    Those whose period has passed or whose wishes nobody told: after a minute. One that is overdue: each hour, since a
    notice tells of it too; one that is paused: each day, until its pause is over.
    """
    now, looked = read.now, MEMBERSHIP.c.looked_at
    live = MEMBERSHIP.c.ended_at.is_(None)
    untold = MEMBERSHIP.c.is_told.is_(False)
    passed = and_(live, MEMBERSHIP.c.period_until_at <= now, MEMBERSHIP.c.state == ACTIVE)
    grace = and_(live, MEMBERSHIP.c.state == OVERDUE, MEMBERSHIP.c.grace_until_at <= now)
    resuming = and_(live, MEMBERSHIP.c.state == PAUSED, MEMBERSHIP.c.resumes_at <= now)
    at_once = untold | passed | grace | resuming
    overdue = and_(live, MEMBERSHIP.c.state == OVERDUE)
    paused = and_(live, MEMBERSHIP.c.state == PAUSED)
    joined = and_(live, MEMBERSHIP.c.state == JOINING)
    waiting = (
        looked.is_(None)
        | (looked > now)  # the clock was set back (B7)
        | (at_once & (looked <= now - timedelta(minutes=1)))
        | (overdue & (looked <= now - timedelta(hours=1)))
        | (paused & (looked <= now - timedelta(days=1)))
    )
    mine = and_(MEMBERSHIP.c.account == account, MEMBERSHIP.c.subscription_id.is_not(None))
    wanted = and_(mine, at_once | overdue | paused | joined, waiting)
    columns = select(MEMBERSHIP.c.id, MEMBERSHIP.c.is_told, looked).where(wanted)
    found = read.execute(columns.order_by(looked.is_not(None), looked, MEMBERSHIP.c.id).limit(limit))
    return [(int(one.id), not one.is_told) for one in found]

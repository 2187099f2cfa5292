"""The money of membership periods in our books: a payment for each, PAID when the gateway says so (P8)."""

from typing import Any

from sqlalchemy import Row

from clinic_portal.core.work import UnitOfWork
from clinic_portal.memberships import joining, plan_queries
from clinic_portal.memberships.plan_types import PlanInfo
from clinic_portal.patients.queries import contact, language_of
from clinic_portal.payments import books, cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import Invoice, Subscription
from clinic_portal.payments.types import PaymentInfo, Purpose, State

ENDED = "membership_ended"
"""The reason of a refund that nobody typed: a period was paid when the membership had ended."""


def taken(work: UnitOfWork, row: Row[Any], told: Subscription, invoice: Invoice, plan: PlanInfo) -> PaymentInfo:
    """The payment of an invoice that was paid: the one a page was opened for, where it is the first, else a new one."""
    known = payments.by_intent(work, invoice.intent_id) if invoice.intent_id else None
    if known is not None:
        return known
    page = joining.under_way(work, row.id) if invoice.is_first else None
    card_id = _card(work, row, told, is_first=invoice.is_first)
    values = {
        "state": State.PAID.value,
        "intent_id": invoice.intent_id,
        "captured_minor": invoice.paid_minor,
        "card_id": card_id,
    }
    if page is not None and (page.amount_minor, page.currency) == (invoice.paid_minor, invoice.currency):
        books.change(work, page.id, **values, page_url=None)
        payment_id = page.id
    else:
        payment_id = books.prepare(
            work,
            account=row.account,
            purpose=Purpose.MEMBERSHIP,
            amount_minor=invoice.paid_minor,
            currency=invoice.currency,
            patient_id=row.patient_id,
            membership_id=row.id,
            item=plan_queries.outside(work, plan),
            email=contact(work, row.patient_id).email,
            language=language_of(work, row.patient_id),
            sold={"version_id": plan.version_id, "plan": plan.name},
        )
        books.change(work, payment_id, **values)
    if page is not None and payment_id != page.id:
        books.note_difference(work, "another_amount", payment_id=page.id, intent_id=invoice.intent_id)
        books.change(work, page.id, state=State.EXPIRED.value, page_url=None)
    work.record("gateway", "payment.paid", f"payment:{payment_id}", amount_minor=invoice.paid_minor)
    return payments.payment(work, payment_id)


def give_back(work: UnitOfWork, paid: PaymentInfo) -> None:
    """What was paid for a membership that had ended goes back, whole."""
    left = payments.returnable_minor(work, paid)
    if paid.intent_id is not None and left > 0:
        books.ask_refund(work, paid, left, reason=ENDED, asked_by="cashier")
        work.record("cashier", "payment.refunded", f"payment:{paid.id}", amount_minor=left, reason=ENDED)


def _card(work: UnitOfWork, row: Row[Any], told: Subscription, *, is_first: bool) -> int | None:
    """The card a subscription is charged to; of a new member it is kept, and charged first from then on."""
    if told.card is None:
        return None
    if not is_first or row.ended_at is not None:
        return cards.note_used(work, row.account, row.patient_id, told.card)
    card_id = cards.keep(work, row.account, row.patient_id, told.card)
    if not any(one.id == card_id and one.is_default for one in _cards(work, row)):
        cards.make_default(work, row.account, row.patient_id, card_id)
    return card_id


def _cards(work: UnitOfWork, row: Row[Any]) -> Any:
    return payments.cards_of(work, row.patient_id, account=row.account)

"""What every gateway must do with subscriptions: Stripe's client against a Stripe of our own, and the sandbox (P8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_portal.core.clock import FixedClock
from clinic_portal.payments.ports import (
    CheckoutStatus,
    Declined,
    GatewayRefused,
    IntentStatus,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionStatus,
    SubscriptionTerms,
    SubscriptionWishes,
)
from clinic_portal.payments.types import Purpose
from tests import stripe_refusals as cards
from tests.contracts.gateway_kit import Side, back, page

pytestmark = pytest.mark.req("P8")
GLOW = SubscriptionTerms(3, 5, "Glow", "month", 9900, 5000)
SHINE = SubscriptionTerms(3, 6, "Shine", "month", 14900, 0)
A_YEAR = SubscriptionTerms(3, 7, "Glow, a year", "year", 99000, 0)
MONTH = timedelta(days=31)


def opened(side: Side, terms: SubscriptionTerms = GLOW) -> str:
    amount = terms.fee_minor + terms.setup_fee_minor
    asked = page(purpose=Purpose.MEMBERSHIP, amount_minor=amount, item=terms.plan, reference="", subscription=terms)
    return side.gateway.open_checkout(asked).id


def begun(side: Side, number: str = cards.GOOD, terms: SubscriptionTerms = GLOW) -> str:
    session_id = opened(side, terms)
    assert side.pay(session_id, number) is None
    found = side.gateway.checkout(session_id)
    assert (found.status, found.payment_id) == (CheckoutStatus.COMPLETE, 7)
    assert found.subscription_id is not None
    return found.subscription_id


def wish(side: Side, subscription_id: str, key: str = "membership:3:1", **values: Any) -> Subscription:
    given: dict[str, Any] = {
        "subscription_id": subscription_id,
        "is_ending": False,
        "is_paused": False,
        "resumes_at": None,
        "restarts": False,
        "terms": GLOW,
        "currency": "USD",
        "method_id": None,
        "key": key,
    }
    return side.gateway.change_subscription(SubscriptionWishes(**given | values))


def invoices(side: Side, subscription_id: str) -> list[tuple[InvoiceStatus, int]]:
    return [(one.status, one.amount_minor) for one in side.gateway.invoices_of(subscription_id)]


def newest(side: Side, subscription_id: str) -> Invoice:
    return side.gateway.invoices_of(subscription_id)[-1]


def test_a_page_begins_a_subscription_with_its_first_period_paid(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side)
    found = side.gateway.subscription(subscription_id)
    assert (found.status, found.membership_id, found.version_id) == (SubscriptionStatus.ACTIVE, 3, 5)
    assert (found.period_from_at, found.anchor_at) == (clock.now(), clock.now())
    assert found.period_until_at == datetime(2026, 12, 23, 15, tzinfo=UTC)
    assert found.card is not None
    assert found.card.last_four == "4242"
    (first,) = side.gateway.invoices_of(subscription_id)
    assert (first.status, first.amount_minor, first.paid_minor) == (InvoiceStatus.PAID, 14900, 14900)
    assert (first.currency, first.is_first, first.version_id, first.attempts) == ("USD", True, 5, 1)
    assert (first.from_at, first.until_at) == (found.period_from_at, found.period_until_at)
    assert first.intent_id is not None
    assert side.gateway.intent(first.intent_id).status is IntentStatus.PAID
    told = side.gateway.invoice_of(first.intent_id)
    assert told is not None
    assert (told.id, told.subscription_id) == (first.id, subscription_id)


def test_a_card_that_is_declined_begins_nothing(side: Side) -> None:
    session_id = opened(side)
    assert side.pay(session_id, cards.DECLINED) is not None
    found = side.gateway.checkout(session_id)
    assert (found.status, found.subscription_id) == (CheckoutStatus.OPEN, None)


def test_a_payment_of_another_kind_is_of_no_invoice(side: Side) -> None:
    session_id = side.gateway.open_checkout(page()).id
    side.pay(session_id)
    intent = side.gateway.checkout(session_id).intent
    assert intent is not None
    assert side.gateway.invoice_of(intent.id) is None


def test_it_renews_when_its_period_has_passed_and_the_joining_fee_is_asked_once(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side)
    clock.advance(2 * MONTH)
    assert invoices(side, subscription_id) == [
        (InvoiceStatus.PAID, 14900),
        (InvoiceStatus.PAID, 9900),
        (InvoiceStatus.PAID, 9900),
    ]
    assert side.gateway.subscription(subscription_id).period_from_at == datetime(2027, 1, 23, 15, tzinfo=UTC)


def test_a_card_that_fails_later_leaves_an_invoice_open_that_says_why(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side, cards.ATTACHES_THEN_DECLINES)
    clock.advance(timedelta(days=30, hours=1))
    assert side.gateway.subscription(subscription_id).status is SubscriptionStatus.OVERDUE
    found = newest(side, subscription_id)
    assert (found.status, found.attempts, found.failure_code) == (InvoiceStatus.OPEN, 1, "card_declined")
    assert found.page_url is not None
    assert found.next_try_at == found.from_at + timedelta(days=1)


def test_an_open_invoice_is_paid_with_another_card_once(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side, cards.ATTACHES_THEN_DECLINES)
    clock.advance(timedelta(days=30, hours=1))
    found = newest(side, subscription_id)
    with pytest.raises(Declined) as no:
        side.gateway.pay_invoice(found.id, method_id=None, key="pay:1")
    assert no.value.code == "card_declined"
    better = side.save_card(side.gateway.subscription(subscription_id).customer_id)
    paid = side.gateway.pay_invoice(found.id, method_id=better, key="pay:2")
    assert paid.status is InvoiceStatus.PAID
    assert side.gateway.pay_invoice(found.id, method_id=better, key="pay:2").status is InvoiceStatus.PAID
    with pytest.raises(GatewayRefused):
        side.gateway.pay_invoice(found.id, method_id=better, key="pay:3")
    assert side.gateway.subscription(subscription_id).status is SubscriptionStatus.ACTIVE


def test_it_ends_with_its_period_unless_it_is_kept(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side)
    assert wish(side, subscription_id, is_ending=True).is_ending
    assert not wish(side, subscription_id, "membership:3:2").is_ending
    assert wish(side, subscription_id, "membership:3:3", is_ending=True).is_ending
    clock.advance(MONTH)
    found = side.gateway.subscription(subscription_id)
    assert (found.status, found.ended_at) == (SubscriptionStatus.ENDED, datetime(2026, 12, 23, 15, tzinfo=UTC))
    assert invoices(side, subscription_id) == [(InvoiceStatus.PAID, 14900)]
    with pytest.raises(GatewayRefused):
        wish(side, subscription_id, "membership:3:4")


def test_periods_that_begin_in_a_pause_cost_nothing(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side)
    until = datetime(2027, 1, 23, 14, tzinfo=UTC)
    found = wish(side, subscription_id, is_paused=True, resumes_at=until)
    assert (found.is_paused, found.resumes_at, found.status) == (True, until, SubscriptionStatus.ACTIVE)
    clock.advance(2 * MONTH)
    assert [status for status, _ in invoices(side, subscription_id)] == [
        InvoiceStatus.PAID,
        InvoiceStatus.VOID,
        InvoiceStatus.PAID,
    ]
    assert not side.gateway.subscription(subscription_id).is_paused


def test_a_pause_that_ends_now_begins_a_period_now(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side)
    wish(side, subscription_id, is_paused=True)
    clock.advance(timedelta(days=40))
    for _ in range(2):  # asked again after its answer was lost
        found = wish(side, subscription_id, "membership:3:2", restarts=True)
        assert (found.is_paused, found.period_from_at, found.anchor_at) == (False, clock.now(), clock.now())
    assert [status for status, _ in invoices(side, subscription_id)] == [
        InvoiceStatus.PAID,
        InvoiceStatus.VOID,
        InvoiceStatus.PAID,
    ]


def test_other_terms_are_charged_from_the_next_period_on(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side)
    found = wish(side, subscription_id, terms=SHINE)
    assert (found.version_id, found.period_until_at) == (6, datetime(2026, 12, 23, 15, tzinfo=UTC))
    assert len(invoices(side, subscription_id)) == 1
    clock.advance(MONTH)
    assert invoices(side, subscription_id)[1:] == [(InvoiceStatus.PAID, 14900)]
    assert newest(side, subscription_id).version_id == 6


def test_from_months_to_a_year_nothing_is_charged_before_the_month_is_over(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side)
    found = wish(side, subscription_id, terms=A_YEAR)
    assert (found.status, len(invoices(side, subscription_id))) == (SubscriptionStatus.ACTIVE, 1)
    clock.advance(MONTH)
    assert invoices(side, subscription_id)[1:] == [(InvoiceStatus.PAID, 99000)]
    assert side.gateway.subscription(subscription_id).period_until_at == datetime(2027, 12, 23, 15, tzinfo=UTC)


def test_it_is_charged_to_another_card_from_now_on(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side, cards.ATTACHES_THEN_DECLINES)
    better = side.save_card(side.gateway.subscription(subscription_id).customer_id, cards.MASTERCARD)
    found = wish(side, subscription_id, method_id=better)
    assert found.card is not None
    assert found.card.last_four == "4444"
    clock.advance(MONTH)
    assert newest(side, subscription_id).status is InvoiceStatus.PAID


def test_somebody_elses_card_is_not_taken(side: Side) -> None:
    subscription_id = begun(side)
    stranger = side.gateway.open_customer(email="b@example.org", name="Bob", patient_id=2, key="customer:2")
    with pytest.raises(GatewayRefused):
        wish(side, subscription_id, method_id=side.save_card(stranger))


def test_what_ends_now_asks_for_nothing_more(side: Side, clock: FixedClock) -> None:
    subscription_id = begun(side, cards.ATTACHES_THEN_DECLINES)
    clock.advance(timedelta(days=30, hours=1))
    assert newest(side, subscription_id).status is InvoiceStatus.OPEN
    for _ in range(2):
        assert side.gateway.end_subscription(subscription_id).status is SubscriptionStatus.ENDED
    assert newest(side, subscription_id).status is InvoiceStatus.VOID
    clock.advance(2 * MONTH)
    assert len(invoices(side, subscription_id)) == 2


def test_a_period_is_given_back(side: Side) -> None:
    intent_id = newest(side, begun(side)).intent_id
    assert intent_id is not None
    side.gateway.refund(back(intent_id, 14900))
    assert side.gateway.intent(intent_id).refunded_minor == 14900


def test_an_unknown_subscription_is_refused(side: Side) -> None:
    for ask in (side.gateway.subscription, side.gateway.end_subscription):
        with pytest.raises(GatewayRefused):
            ask("sub_unknown")

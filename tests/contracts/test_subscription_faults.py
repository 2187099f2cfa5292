"""Subscriptions at a Stripe that falters: what is wished stands once, and nothing is charged twice (P8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.settings import Settings
from clinic_portal.integrations.stripe_gateway import StripeGateway
from clinic_portal.payments.ports import GatewayAway, InvoiceStatus, SubscriptionStatus
from tests import stripe_refusals as cards
from tests.contracts.gateway_kit import to
from tests.contracts.sides import StripeSide
from tests.contracts.test_subscriptions import A_YEAR, SHINE, begun, newest, wish
from tests.stripe_books import StandIn

pytestmark = pytest.mark.req("P8")
FAULTS = ["drop_before", "drop_after", "500", "500_after", "503", "429", "409", "nonsense"]


@pytest.fixture
def stripe(standin: StandIn, plain_settings: Settings, clock: FixedClock) -> StripeSide:
    return StripeSide(standin, StripeGateway(to(plain_settings, standin.base), clock, retries=0))


def updates(stripe: StripeSide) -> list[str | None]:
    return [
        one["key"]
        for one in stripe.standin.requests
        if one["method"] == "POST" and one["path"].startswith("/v1/subscriptions/")
    ]


@pytest.mark.parametrize("mode", FAULTS)
def test_a_wish_whose_answer_was_lost_is_asked_again_and_stands_once(stripe: StripeSide, mode: str) -> None:
    subscription_id = begun(stripe)
    stripe.gateway.subscription(subscription_id)
    stripe.standin.fail("/products", mode)
    with pytest.raises(GatewayAway):
        wish(stripe, subscription_id, terms=SHINE, is_ending=True)
    found = wish(stripe, subscription_id, terms=SHINE, is_ending=True)
    assert (found.version_id, found.is_ending) == (6, True)
    assert wish(stripe, subscription_id, terms=SHINE, is_ending=True) == found
    assert len(updates(stripe)) == 1


@pytest.mark.parametrize("mode", FAULTS)
def test_an_update_whose_outcome_is_unknown_is_made_once(stripe: StripeSide, mode: str) -> None:
    subscription_id = begun(stripe)
    stripe.standin.fail("POST /v1/subscriptions/", mode)
    with pytest.raises(GatewayAway):
        wish(stripe, subscription_id, is_ending=True)
    assert wish(stripe, subscription_id, is_ending=True).is_ending
    # A fault that Stripe remembers under its key, with nothing done, is asked for again under another one.
    assert len(set(updates(stripe))) == (2 if mode == "500" else 1)


@pytest.mark.parametrize("mode", FAULTS)
def test_where_nothing_can_be_read_nothing_is_changed(stripe: StripeSide, mode: str) -> None:
    subscription_id = begun(stripe)
    stripe.standin.fail("GET /v1/subscriptions/", mode)
    with pytest.raises(GatewayAway):
        wish(stripe, subscription_id, is_ending=True)
    assert updates(stripe) == []


def test_what_stands_already_is_not_asked_for(stripe: StripeSide, clock: FixedClock) -> None:
    subscription_id = begun(stripe)
    wish(stripe, subscription_id, terms=A_YEAR)
    wish(stripe, subscription_id, "membership:3:2", terms=A_YEAR)
    assert len(updates(stripe)) == 1
    clock.advance(timedelta(days=31))
    assert [one.amount_minor for one in stripe.gateway.invoices_of(subscription_id)] == [14900, 99000]


@pytest.mark.parametrize("mode", ["drop_after", "drop_before", "503", "409"])
def test_an_invoice_paid_while_the_answer_was_lost_is_paid_once(
    stripe: StripeSide, clock: FixedClock, mode: str
) -> None:
    subscription_id = begun(stripe, cards.ATTACHES_THEN_DECLINES)
    clock.advance(timedelta(days=30, hours=1))
    owed = newest(stripe, subscription_id)
    better = stripe.save_card(stripe.gateway.subscription(subscription_id).customer_id)
    stripe.standin.fail("/pay", mode)
    with pytest.raises(GatewayAway):
        stripe.gateway.pay_invoice(owed.id, method_id=better, key="pay:1")
    assert stripe.gateway.pay_invoice(owed.id, method_id=better, key="pay:1").status is InvoiceStatus.PAID
    assert len(stripe.standin.of_kind("charge")) == 2


@pytest.mark.parametrize("mode", ["drop_after", "drop_before", "503"])
def test_an_end_whose_answer_was_lost_is_an_end(stripe: StripeSide, mode: str) -> None:
    subscription_id = begun(stripe)
    stripe.standin.fail("/v1/subscriptions/", mode)
    with pytest.raises(GatewayAway):
        stripe.gateway.end_subscription(subscription_id)
    assert stripe.gateway.end_subscription(subscription_id).status is SubscriptionStatus.ENDED


def test_a_long_history_is_turned_page_by_page(stripe: StripeSide, clock: FixedClock) -> None:
    subscription_id = begun(stripe)
    clock.advance(timedelta(days=250))
    found = stripe.gateway.invoices_of(subscription_id)
    assert [one.from_at for one in found] == sorted(one.from_at for one in found)
    assert len(found) == 9

"""Every call we make to Stripe, checked against Stripe's published API by a strict counterpart.

The counterpart is a script named by CONTRACT_COUNTERPART. Its file of the API is older than the version our SDK is
pinned to; what is newer is named in NEWER, and nothing else may be refused.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import pytest

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.settings import Settings
from clinic_portal.integrations.stripe_gateway import StripeGateway
from clinic_portal.payments.ports import (
    Declined,
    GatewayAway,
    GatewayRefused,
    IntentStatus,
    SubscriptionTerms,
    SubscriptionWishes,
)
from clinic_portal.payments.types import Purpose
from tests.contracts.counterpart_log import Log
from tests.contracts.gateway_kit import back, fee, page, to
from tests.contracts.test_subscriptions import A_YEAR, GLOW, SHINE

NEWER = {"Received unknown parameter: allowed_payment_method_types"}
"""Since API 2026-07-29; what it replaces, `payment_method_types`, is refused since 2026-09-30."""


@dataclass
class Checked(Log):
    """A gateway to the counterpart, and what the counterpart thought of it."""

    gateway: StripeGateway


@pytest.fixture
def checked(counterpart: str, plain_settings: Settings, clock: FixedClock) -> Checked:
    return Checked(counterpart, StripeGateway(to(plain_settings, counterpart), clock, retries=0))


@pytest.mark.parametrize("customer_id", [None, "cus_1"])
@pytest.mark.parametrize(
    ("purpose", "mode", "capture"),
    [
        (Purpose.HOLD, "payment", "manual"),
        (Purpose.DEPOSIT, "payment", "manual"),
        (Purpose.CANCELLATION_FEE, "payment", "automatic"),
        (Purpose.PACKAGE, "payment", "automatic"),
        (Purpose.CARD, "setup", None),
    ],
)
def test_a_page_is_asked_for_as_stripe_documents_it(
    checked: Checked, purpose: Purpose, mode: str, capture: str | None, customer_id: str | None
) -> None:
    asked = page(purpose=purpose, customer_id=customer_id)
    try:
        checked.gateway.open_checkout(asked)
    except GatewayRefused:
        assert set(checked.only()["errors"]) == NEWER
    sent = checked.only()
    assert set(sent["errors"]) <= NEWER
    assert (sent["path"], sent["idempotency_key"]) == ("/v1/checkout/sessions", asked.key)
    given = sent["params"]
    assert (given["mode"], given["allowed_payment_method_types"]) == (mode, ["card"])
    assert given["metadata"]["payment_id"] == "7"
    assert given["custom_text"]["submit"]["message"] == asked.consent
    inner = given["payment_intent_data" if capture else "setup_intent_data"]
    assert inner["metadata"] == given["metadata"]
    kept = "off_session" if capture == "manual" else None  # a fee's card, and a package's, is used once
    assert (inner.get("capture_method"), inner.get("setup_future_usage")) == (capture, kept)
    assert ("customer" in given, "customer_email" in given) == (bool(customer_id), not customer_id)


def test_every_other_call_is_accepted_and_what_moves_money_has_its_key(checked: Checked, clock: FixedClock) -> None:
    gateway = checked.gateway
    gateway.open_customer(email="amara@example.org", name="Amara Reed", patient_id=1, key="customer:1")
    gateway.checkout("cs_test_1")
    gateway.expire_checkout("cs_test_1")
    assert gateway.charge(fee("cus_1", "pm_1")).status is IntentStatus.PAID
    gateway.intent("pi_1")
    gateway.capture("pi_1", key="capture:7")
    gateway.release("pi_1", key="release:7")
    gateway.refund(back("pi_1", 1000))
    gateway.refund_of("re_1")
    gateway.forget_card("pm_1")
    list(gateway.recent(clock.now()))
    made = checked.requests()
    assert [one["errors"] for one in made] == [[]] * 11
    keys = {one["path"]: one["idempotency_key"] for one in made if one["method"] == "POST"}
    assert keys.pop("/v1/checkout/sessions/cs_test_1/expire")
    assert keys.pop("/v1/payment_methods/pm_1/detach")  # the SDK's own: these two move nothing
    assert keys == {
        "/v1/customers": "customer:1",
        "/v1/payment_intents": "charge:8:1",
        "/v1/payment_intents/pi_1/capture": "capture:7",
        "/v1/payment_intents/pi_1/cancel": "release:7",
        "/v1/refunds": "refund:9:1",
    }


@pytest.mark.req("P8")
@pytest.mark.parametrize("customer_id", [None, "cus_1"])
def test_a_page_that_begins_a_subscription_is_asked_for_as_stripe_documents_it(
    checked: Checked, customer_id: str | None
) -> None:
    asked = page(purpose=Purpose.MEMBERSHIP, amount_minor=14900, customer_id=customer_id, subscription=GLOW)
    with suppress(GatewayRefused):
        checked.gateway.open_checkout(asked)
    sent = checked.only()
    assert set(sent["errors"]) <= NEWER
    given = sent["params"]
    assert (given["mode"], given["subscription_data"]["metadata"]["membership_id"]) == ("subscription", "3")
    assert [one["price_data"]["unit_amount"] for one in given["line_items"]] == ["9900", "5000"]
    assert ("customer" in given, "customer_email" in given) == (bool(customer_id), not customer_id)


@pytest.mark.req("P8")
@pytest.mark.parametrize("terms", [SHINE, A_YEAR])
@pytest.mark.parametrize("is_paused", [False, True])
def test_what_is_wished_of_a_subscription_is_asked_for_as_stripe_documents_it(
    checked: Checked, clock: FixedClock, terms: SubscriptionTerms, is_paused: bool
) -> None:
    item = {"id": "si_1", "price": {"recurring": {"interval": "month"}}, "current_period_end": 1798038000}
    told = {
        "id": "sub_1",
        "status": "active",
        "items": {"data": [item | {"current_period_start": 1795446000}]},
        "billing_cycle_anchor": 1795446000,
        "pause_collection": None if is_paused else {"behavior": "void"},
    }
    wishes = SubscriptionWishes("sub_1", True, is_paused, clock.now(), False, terms, "USD", "pm_1", "membership:3:1")
    params = checked.gateway._changes(told, wishes)
    checked.gateway._api.subscriptions.update("sub_1", params, {"idempotency_key": wishes.key})
    with suppress(GatewayAway):  # its answer is no subscription
        checked.gateway.subscription("sub_1")
    with suppress(GatewayAway):
        checked.gateway.end_subscription("sub_1")
    checked.gateway.invoices_of("sub_1")
    made = checked.requests()
    assert [one["errors"] for one in made] == [[]] * len(made)
    assert {one["path"] for one in made} == {"/v1/products", "/v1/subscriptions/sub_1", "/v1/invoices"}


@pytest.mark.parametrize(("amount", "code"), [(402, "card_declined"), (403, "authentication_required")])
def test_the_bank_says_no(checked: Checked, amount: int, code: str) -> None:
    with pytest.raises(Declined) as refusal:
        checked.gateway.charge(fee("cus_1", "pm_1", amount_minor=amount))
    assert refusal.value.code == code


@pytest.mark.parametrize(("amount", "reason"), [(500, "status_500"), (429, "too_many")])
def test_stripe_is_away(checked: Checked, amount: int, reason: str) -> None:
    with pytest.raises(GatewayAway) as absence:
        checked.gateway.charge(fee("cus_1", "pm_1", amount_minor=amount))
    assert absence.value.reason == reason

"""Stripe's notices: who signed them, when, for which account, and what they concern."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import stripe
from pydantic import SecretStr

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.settings import Settings
from clinic_portal.integrations.notice_seals import seal
from clinic_portal.integrations.stripe_gateway import StripeGateway
from clinic_portal.payments.ports import NoticeRefused
from tests.contracts.gateway_kit import OLD_SECRET, SECRET, to

PAGE = {"id": "cs_test_1", "object": "checkout.session", "payment_intent": "pi_1", "metadata": {"payment_id": "7"}}


@pytest.fixture
def gateway(plain_settings: Settings, clock: FixedClock) -> StripeGateway:
    return StripeGateway(to(plain_settings, "http://127.0.0.1:1"), clock)


def event(clock: FixedClock, kind: str = "checkout.session.completed", told: Any = PAGE, **values: Any) -> bytes:
    given = {"id": "evt_1", "object": "event", "type": kind, "created": int(clock.now().timestamp())}
    return json.dumps({**given, "livemode": False, "data": {"object": told}, **values}).encode()


def test_a_notice_of_stripe_is_believed_to_be_one(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock)
    notice = gateway.read_notice(body, seal(body, SECRET, clock.now()))
    assert notice is not None
    assert (notice.id, notice.kind, notice.object_id) == ("evt_1", "checkout.session.completed", "cs_test_1")
    assert (notice.payment_id, notice.intent_id, notice.session_id) == (7, "pi_1", "cs_test_1")
    assert notice.occurred_at == clock.now()


def test_what_the_sdk_signs_is_accepted(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock)
    made = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET, int(clock.now().timestamp()))
    assert gateway.read_notice(body, made) is not None


def test_while_one_secret_replaces_the_other_both_are_good(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock)
    assert gateway.read_notice(body, seal(body, OLD_SECRET, clock.now())) is not None
    both = f"{seal(body, 'whsec_other', clock.now())},{seal(body, SECRET, clock.now()).partition(',')[2]}"
    assert gateway.read_notice(body, both) is not None


@pytest.mark.parametrize("header", ["", "t=,v1=", "nonsense", "t=1,t=2,v1=00", "t=²,v1=é", "t=-5,v1=00", "v1=00", "t"])
def test_a_notice_without_a_true_signature_is_refused(gateway: StripeGateway, clock: FixedClock, header: str) -> None:
    with pytest.raises(NoticeRefused, match="not_signed"):
        gateway.read_notice(event(clock), header)


def test_a_forged_notice_is_refused(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock)
    with pytest.raises(NoticeRefused, match="not_signed"):
        gateway.read_notice(body, seal(body, "whsec_guessed", clock.now()))


def test_a_notice_changed_on_its_way_is_refused(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock)
    with pytest.raises(NoticeRefused, match="not_signed"):
        gateway.read_notice(body.replace(b'"7"', b'"8"'), seal(body, SECRET, clock.now()))


def test_the_time_of_a_notice_cannot_be_changed(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock)
    old = seal(body, SECRET, clock.now() - timedelta(days=1))
    fresh = f"t={int(clock.now().timestamp())},{old.partition(',')[2]}"
    with pytest.raises(NoticeRefused, match="not_signed"):
        gateway.read_notice(body, fresh)


@pytest.mark.parametrize(("seconds", "is_good"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_notice_is_good_for_five_minutes(
    gateway: StripeGateway, clock: FixedClock, seconds: int, is_good: bool
) -> None:
    body = event(clock)
    signature = seal(body, SECRET, clock.now() + timedelta(seconds=seconds))
    if is_good:
        assert gateway.read_notice(body, signature) is not None
        return
    with pytest.raises(NoticeRefused, match="too_old"):
        gateway.read_notice(body, signature)


@pytest.mark.parametrize(("key", "is_live"), [("sk_test_1", True), ("sk_live_1", False), ("rk_live_1", False)])
def test_a_notice_of_another_account_is_refused(
    plain_settings: Settings, clock: FixedClock, key: str, is_live: bool
) -> None:
    gateway = StripeGateway(to(plain_settings, "", stripe_secret_key=SecretStr(key)), clock)
    body = event(clock, livemode=is_live)
    with pytest.raises(NoticeRefused, match="another_account"):
        gateway.read_notice(body, seal(body, SECRET, clock.now()))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"null", b'{"object":"event"}', b"[" * 20000])
def test_a_signed_notice_that_makes_no_sense_is_refused(gateway: StripeGateway, clock: FixedClock, body: bytes) -> None:
    with pytest.raises(NoticeRefused):
        gateway.read_notice(body, seal(body, SECRET, clock.now()))


def test_without_a_secret_every_notice_is_refused(plain_settings: Settings, clock: FixedClock) -> None:
    body = event(clock)
    for secrets in ([], [SecretStr("")]):
        gateway = StripeGateway(to(plain_settings, "", stripe_webhook_secrets=secrets), clock)
        with pytest.raises(NoticeRefused, match="not_signed"):
            gateway.read_notice(body, seal(body, "", clock.now()))


def test_a_notice_that_concerns_nothing_here_is_none(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock, "customer.created", {"id": "cus_1"})
    assert gateway.read_notice(body, seal(body, SECRET, clock.now())) is None


NONE = [None] * 3
OURS = {"metadata": {"payment_id": "7"}}


@pytest.mark.parametrize(
    ("kind", "told", "expected"),
    [
        ("checkout.session.expired", PAGE, ("cs_test_1", 7, "pi_1", "cs_test_1", None, None)),
        ("payment_intent.amount_capturable_updated", {"id": "pi_1"} | OURS, ("pi_1", 7, "pi_1", None, None, None)),
        ("payment_intent.succeeded", {"id": "pi_1", "metadata": {}}, ("pi_1", None, "pi_1", None, None, None)),
        ("payment_intent.payment_failed", {"id": "pi_1"} | OURS, ("pi_1", 7, "pi_1", None, None, None)),
        ("payment_intent.canceled", {"id": "pi_1"} | OURS, ("pi_1", 7, "pi_1", None, None, None)),
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1"} | OURS, ("ch_1", 7, "pi_1", None, None, None)),
        ("refund.created", {"id": "re_1", "payment_intent": "pi_1"}, ("re_1", None, "pi_1", None, "re_1", None)),
        ("refund.updated", {"id": "re_1", "payment_intent": "pi_1"}, ("re_1", None, "pi_1", None, "re_1", None)),
        ("refund.failed", {"id": "re_1", "payment_intent": "pi_1"}, ("re_1", None, "pi_1", None, "re_1", None)),
        ("charge.dispute.created", {"id": "du_1", "payment_intent": "pi_1"}, ("du_1", None, "pi_1", None, None, None)),
        ("charge.dispute.closed", {"id": "du_1", "payment_intent": "pi_1"}, ("du_1", None, "pi_1", None, None, None)),
        ("setup_intent.succeeded", {"id": "seti_1", "payment_method": "pm_1"} | OURS, ("seti_1", 7, *NONE, "pm_1")),
        ("payment_method.detached", {"id": "pm_1", "metadata": None}, ("pm_1", *[None] * 4, "pm_1")),
        ("refund.failed", {"id": "re_1", "metadata": {"payment_id": "x"}}, ("re_1", *NONE, "re_1", None)),
    ],
)  # fmt: skip
def test_each_kind_says_what_it_concerns(
    gateway: StripeGateway, clock: FixedClock, kind: str, told: Any, expected: tuple[Any, ...]
) -> None:
    body = event(clock, kind, told)
    notice = gateway.read_notice(body, seal(body, SECRET, clock.now()))
    assert notice is not None
    found = (notice.object_id, notice.payment_id, notice.intent_id, notice.session_id, notice.refund_id)
    assert (*found, notice.method_id) == expected


OF_IT = {"parent": {"subscription_details": {"subscription": "sub_1"}}}


@pytest.mark.req("P8")
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("customer.subscription.created", {"id": "sub_1"}),
        ("customer.subscription.updated", {"id": "sub_1"}),
        ("customer.subscription.deleted", {"id": "sub_1"}),
        ("invoice.paid", {"id": "in_1"} | OF_IT),
        ("invoice.payment_failed", {"id": "in_1"} | OF_IT),
        ("invoice.payment_action_required", {"id": "in_1"} | OF_IT),
    ],
)
def test_what_is_told_of_a_subscription_says_which(
    gateway: StripeGateway, clock: FixedClock, kind: str, told: Any
) -> None:
    body = event(clock, kind, told)
    notice = gateway.read_notice(body, seal(body, SECRET, clock.now()))
    assert notice is not None
    assert (notice.subscription_id, notice.payment_id, notice.intent_id) == ("sub_1", None, None)


@pytest.mark.req("P8")
def test_an_invoice_of_no_subscription_concerns_none(gateway: StripeGateway, clock: FixedClock) -> None:
    body = event(clock, "invoice.paid", {"id": "in_1", "parent": None})
    notice = gateway.read_notice(body, seal(body, SECRET, clock.now()))
    assert notice is not None
    assert notice.subscription_id is None

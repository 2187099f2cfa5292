"""Stripe on a bad day: no reply, a late one, a lost one, too many requests, faults of its own."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType

import pytest
from pydantic import SecretStr
from stripe.params import _payment_intent_create_params, _refund_create_params
from stripe.params.checkout import _session_create_params

from clinic_portal import bootstrap
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.integrations.stripe_gateway import StripeGateway
from clinic_portal.payments.ports import Declined, GatewayAway, GatewayRefused, IntentStatus
from clinic_portal.payments.types import Purpose
from tests import stripe_refusals as cards
from tests.contracts.gateway_kit import back, fee, page, to
from tests.stripe_books import StandIn
from tests.stripe_standin import KEY, running

Make = Callable[..., StripeGateway]


@pytest.fixture
def standin(clock: FixedClock) -> Iterator[StandIn]:
    with running(clock) as made:
        yield made


@pytest.fixture
def make(standin: StandIn, plain_settings: Settings, clock: FixedClock) -> Make:
    """Makes a gateway to the stand-in; without retries unless told."""

    def made(retries: int = 0, **values: object) -> StripeGateway:
        return StripeGateway(to(plain_settings, standin.base, **values), clock, retries=retries)

    return made


def with_card(gateway: StripeGateway, standin: StandIn, number: str = cards.GOOD) -> tuple[str, str]:
    owner = gateway.open_customer(email="amara@example.org", name="Amara Reed", patient_id=1, key="customer:1")
    return owner, standin.save_card(owner, number)


@pytest.mark.parametrize(
    ("mode", "reason", "wait"),
    [
        ("drop_before", "unreachable", None),
        ("drop_after", "unreachable", None),
        ("429", "too_many", 7),
        ("503", "status_503", None),
        ("500", "status_500", None),
        ("409", "status_409", None),
        ("nonsense", "status_200", None),
    ],
)
def test_when_nobody_knows_what_happened_the_gateway_is_away_and_asked_again_charges_once_at_most(
    make: Make, standin: StandIn, mode: str, reason: str, wait: int | None
) -> None:
    gateway = make()
    asked = fee(*with_card(gateway, standin))
    standin.fail("payment_intents", mode)
    with pytest.raises(GatewayAway) as absence:
        gateway.charge(asked)
    assert (absence.value.reason, absence.value.retry_after_seconds) == (reason, wait)
    if mode != "500":  # remembered under the key: nothing comes of it until Stripe forgets
        assert gateway.charge(asked).status is IntentStatus.PAID
    assert len(standin.of_kind("charge")) == (mode != "500")


def test_an_answer_that_comes_too_late_is_none(make: Make, standin: StandIn) -> None:
    gateway = make(stripe_timeout_seconds=1)
    standin.fail("checkout", "slow")
    with pytest.raises(GatewayAway, match="unreachable"):
        gateway.open_checkout(page())


def test_where_nobody_listens_the_gateway_is_away(plain_settings: Settings, clock: FixedClock, free_port: int) -> None:
    gateway = StripeGateway(to(plain_settings, f"http://127.0.0.1:{free_port}"), clock, retries=0)
    with pytest.raises(GatewayAway, match="unreachable"):
        gateway.intent("pi_1")
    with pytest.raises(GatewayAway, match="unreachable"):
        list(gateway.recent(clock.now()))


def test_a_lost_reply_is_asked_for_again_under_the_same_key_by_itself(make: Make, standin: StandIn) -> None:
    gateway = make(retries=2)
    asked = fee(*with_card(gateway, standin))
    standin.fail("payment_intents", "drop_after")
    assert gateway.charge(asked).status is IntentStatus.PAID
    assert [one["key"] for one in standin.requests if one["path"] == "/v1/payment_intents"] == [asked.key] * 2
    assert len(standin.of_kind("charge")) == 1


def test_a_charge_that_was_made_before_stripe_faltered_is_found(make: Make, standin: StandIn) -> None:
    gateway = make()
    asked = fee(*with_card(gateway, standin))
    standin.fail("payment_intents", "500_after")
    with pytest.raises(GatewayAway):
        gateway.charge(asked)
    assert gateway.charge(asked).status is IntentStatus.PAID
    assert len(standin.of_kind("charge")) == 1


def test_a_refund_that_was_made_before_stripe_faltered_is_found(make: Make, standin: StandIn) -> None:
    gateway = make()
    paid = gateway.charge(fee(*with_card(gateway, standin)))
    standin.fail("refunds", "500_after")
    with pytest.raises(GatewayAway):
        gateway.refund(back(paid.id, 1000))
    assert gateway.refund(back(paid.id, 1000)).amount_minor == 1000
    assert gateway.intent(paid.id).refunded_minor == 1000


@pytest.mark.parametrize("mode", ["drop_before", "429", "503", "500"])
def test_what_could_not_be_released_now_is_released_under_the_same_key_later(
    make: Make, standin: StandIn, mode: str
) -> None:
    gateway = make()
    opened = gateway.open_checkout(page())
    standin.pay(opened.id)
    reserved = gateway.checkout(opened.id).intent
    assert reserved is not None
    standin.fail("cancel", mode)
    with pytest.raises(GatewayAway):
        gateway.release(reserved.id, key="release:7")
    assert gateway.release(reserved.id, key="release:7").status is IntentStatus.CANCELLED


@pytest.mark.parametrize("mode", ["drop_after", "500_after"])
def test_what_was_taken_though_the_reply_was_lost_is_known_at_once(make: Make, standin: StandIn, mode: str) -> None:
    gateway = make()
    opened = gateway.open_checkout(page())
    standin.pay(opened.id)
    reserved = gateway.checkout(opened.id).intent
    assert reserved is not None
    standin.fail("capture", mode)
    assert gateway.capture(reserved.id, key="capture:7").captured_minor == 50


def test_a_page_whose_opening_is_remembered_as_a_fault_is_asked_for_anew(make: Make, standin: StandIn) -> None:
    gateway = make()
    standin.fail("checkout", "500")
    with pytest.raises(GatewayAway):
        gateway.open_checkout(page())
    with pytest.raises(GatewayRefused, match="fault_remembered"):
        gateway.open_checkout(page())
    assert gateway.open_checkout(page(key="checkout:7:2")).url


def test_a_refusal_of_the_bank_is_the_same_under_the_same_key_and_another_attempt_is_another_charge(
    make: Make, standin: StandIn
) -> None:
    gateway = make()
    owner, poor = with_card(gateway, standin, cards.POOR)
    for _ in range(2):
        with pytest.raises(Declined, match="insufficient_funds"):
            gateway.charge(fee(owner, poor))
    assert len(standin.of_kind("payment_intent")) == 1
    good = standin.save_card(owner)
    assert gateway.charge(fee(owner, good, key="charge:8:2")).status is IntentStatus.PAID


def test_a_wrong_key_is_refused_and_not_told(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayRefused) as refusal:
        make(stripe_secret_key=SecretStr("sk_test_wrong")).open_checkout(page())
    assert refusal.value.code == "key_not_accepted"
    assert refusal.value.__cause__ is None
    assert "sk_test_wrong" not in caplog.text


def test_neither_key_nor_patient_is_logged(make: Make, standin: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        gateway = make()
        gateway.charge(fee(*with_card(gateway, standin)))
        with pytest.raises(GatewayRefused):
            gateway.open_checkout(replace(page(), amount_minor=1))
    assert KEY not in caplog.text
    assert "amara@example.org" not in caplog.text


def test_a_currency_that_stripe_counts_otherwise_is_refused_before_it_is_asked(make: Make, standin: StandIn) -> None:
    with pytest.raises(GatewayRefused, match="currency_units_differ"):
        make().open_checkout(page(currency="ISK"))
    assert standin.requests == []


def test_yen_have_no_smaller_unit(make: Make, standin: StandIn) -> None:
    gateway = make()
    opened = gateway.open_checkout(page(currency="JPY", amount_minor=50))
    standin.pay(opened.id)
    reserved = gateway.checkout(opened.id).intent
    assert reserved is not None
    assert (reserved.amount_minor, reserved.currency) == (50, "JPY")


@pytest.mark.parametrize("purpose", [Purpose.HOLD, Purpose.CANCELLATION_FEE, Purpose.PACKAGE, Purpose.CARD])
@pytest.mark.parametrize("is_known", [True, False])
def test_every_parameter_is_one_of_the_version_the_sdk_is_pinned_to(
    make: Make, standin: StandIn, purpose: Purpose, is_known: bool
) -> None:
    gateway = make()
    owner, method = with_card(gateway, standin)
    gateway.open_checkout(page(purpose=purpose, customer_id=owner if is_known else None))
    gateway.refund(back(gateway.charge(fee(owner, method)).id, 100))
    known = {
        "/v1/checkout/sessions": _session_create_params,
        "/v1/payment_intents": _payment_intent_create_params,
        "/v1/refunds": _refund_create_params,
    }
    sent = [one for one in standin.requests if one["path"] in known]
    assert len(sent) == 3
    for one in sent:
        for name in one["form"]:
            assert is_documented(known[one["path"]], name), name


def is_documented(module: ModuleType, name: str) -> bool:
    """Whether a form's `a[b][0][c]` is found in the SDK's typed parameters of a call."""
    kinds = {found: kind for found, kind in vars(module).items() if "CreateParams" in found}
    at = kinds[min(kinds, key=len)]
    for step in (one for one in re.findall(r"[^\[\]]+", name) if not one.isdecimal()):
        if step not in at.__annotations__:
            return False
        told = str(at.__annotations__[step])
        inner = re.search(r"\w+CreateParams\w+", told)
        if inner is None:
            return True  # a plain value, or a list or dict of them
        at = kinds[inner[0]]
    return True


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("sk_test_1", "stripe:test"),
        ("rk_test_1", "stripe:test"),
        ("sk_live_1", "stripe:live"),
        ("rk_live_1", "stripe:live"),
    ],
)
def test_the_account_is_told_by_the_key(make: Make, key: str, account: str) -> None:
    assert make(stripe_secret_key=SecretStr(key)).account == account


def test_the_settings_choose_the_gateway(services: Services, standin: StandIn) -> None:
    chosen = replace_settings(services, to(services.settings, standin.base))
    assert isinstance(bootstrap.gateway(chosen), StripeGateway)
    unknown = replace_settings(services, to(services.settings, "", payment_gateway="cash"))
    with pytest.raises(ValueError, match="CLINIC_PAYMENT_GATEWAY"):
        bootstrap.gateway(unknown)


def test_a_demo_never_holds_a_live_key(services: Services) -> None:
    live = to(services.settings, "", stripe_secret_key=SecretStr("sk_live_1"))
    with pytest.raises(ValueError, match="live key") as refusal:
        bootstrap.gateway(replace_settings(services, live))
    assert "sk_live_1" not in str(refusal.value)


def replace_settings(services: Services, settings: Settings) -> Services:
    return Services(services.database, services.clock, settings)

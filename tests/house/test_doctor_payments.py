"""What `clinic-portal doctor` says of cards: nothing that is not wanted, and what to do about what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.settings import Mode
from clinic_portal.core.work import Services
from clinic_portal.doctor import examine
from tests.contracts.gateway_kit import to
from tests.factories import small_clinic
from tests.stripe_books import StandIn
from tests.stripe_standin import running

Told = Callable[..., tuple[str, str]]


@pytest.fixture
def standin(clock: FixedClock) -> Iterator[StandIn]:
    with running(clock) as made:
        yield made


@pytest.fixture
def told(services: Services) -> Told:
    """What doctor says of cards under these settings."""

    def of(base: str = "", **values: Any) -> tuple[str, str]:
        settings = to(services.settings, base, **values)
        found = examine(Services(services.database, services.clock, settings))
        (one,) = [one for one in found if one.text.startswith(("Cards", "Stripe"))]
        return one.level, one.text

    return of


def test_a_demo_takes_test_cards_in_the_sandbox(told: Told) -> None:
    assert told(payment_gateway="sandbox")[0] == "ok"


def test_a_clinic_that_asks_for_no_card_runs_without_stripe(told: Told) -> None:
    level, text = told(payment_gateway="sandbox", mode=Mode.PRODUCTION)
    assert (level, "none is asked for" in text) == ("ok", True)


def test_a_policy_in_force_wants_a_true_gateway(told: Told, services: Services) -> None:
    small_clinic(services)
    level, text = told(payment_gateway="sandbox", mode=Mode.PRODUCTION)
    assert (level, "connect Stripe" in text) == ("fault", True)


@pytest.mark.parametrize("missing", [{"stripe_secret_key": SecretStr("")}, {"stripe_webhook_secrets": []}])
def test_stripe_wants_its_key_and_its_webhook_secret(told: Told, missing: dict[str, Any]) -> None:
    level, text = told(**missing)
    assert (level, "CLINIC_STRIPE_SECRET_KEY" in text) == ("fault", True)


def test_stripe_answers_under_its_key(told: Told, standin: StandIn) -> None:
    assert told(standin.base) == ("ok", "Stripe answers (test mode).")


def test_a_key_that_stripe_refuses_is_a_fault(told: Told, standin: StandIn) -> None:
    level, text = told(standin.base, stripe_secret_key=SecretStr("sk_test_wrong"))
    assert (level, "key_not_accepted" in text, "sk_test_wrong" in text) == ("fault", True, False)


def test_a_live_key_is_never_used_by_a_demo(told: Told, standin: StandIn) -> None:
    level, text = told(standin.base, stripe_secret_key=SecretStr("sk_live_1"))
    assert (level, "true cards" in text) == ("fault", True)
    assert standin.requests == []


def test_a_test_key_in_production_is_told(services: Services, standin: StandIn) -> None:
    settings = to(services.settings, standin.base, mode=Mode.PRODUCTION)
    found = examine(Services(services.database, services.clock, settings))
    stripe = [(one.level, one.text) for one in found if one.text.startswith("Stripe")]
    assert [level for level, _ in stripe] == ["warn", "ok"]
    assert "test mode" in stripe[0][1]

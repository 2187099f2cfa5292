"""The card at booking: given, taken back, too late, in two tabs, and when the gateway does not answer (S75-S81)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking import actions, drafts, holds, queries
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Services
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import CheckoutStatus, GatewayAway, IntentStatus
from clinic_portal.payments.types import Purpose, State
from tests import factories
from tests.card_kit import VISA, Till, till
from tests.factories import SmallClinic, minute

FRIDAY = date(2026, 12, 4)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def holding(made: SmallClinic, owner: str = "browser", clock: str = "10:00") -> str:
    """A visitor who holds a time and is about to accept the policy."""
    factories.visitor(made, owner, "botox")
    made.services.do(holds.hold, owner, minute(FRIDAY, clock))
    return owner


@pytest.mark.req("S81")
def test_nothing_is_booked_without_the_card_that_is_asked_for(made: SmallClinic, services: Services) -> None:
    owner = holding(made)
    with pytest.raises(Conflict, match="card_needed"):
        services.do(actions.book, owner, accepted_policy_id=made["policy"])


@pytest.mark.req("S78")
@pytest.mark.req("S79")
@pytest.mark.req("S80")
def test_a_card_that_is_given_books_the_visit_and_its_hold_of_fifty_cents_is_released(
    made: SmallClinic, desk: Till
) -> None:
    owner = holding(made)
    paid = desk.pays(owner, made["policy"])
    done = desk.cashier.finish(paid.id)
    assert (done.purpose, done.amount_minor, done.state, done.captured_minor) == (Purpose.HOLD, 50, State.RELEASED, 0)
    assert done.intent_id is not None
    assert desk.gateway.intent(done.intent_id).status is IntentStatus.CANCELLED
    assert desk.services.ask(queries.booked_here, owner).status == "booked"


def test_a_hold_that_ran_out_books_all_the_same_while_the_time_is_free(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    owner = holding(made)
    page = desk.goes_to_page(owner, made["policy"])
    clock.advance(timedelta(minutes=25))
    assert desk.services.ask(queries.draft, owner).hold is None
    desk.gateway.pay(page, VISA)
    paid = desk.cashier.returned(owner)
    assert paid is not None
    assert paid.is_booked


@pytest.mark.req("S81")
def test_a_card_given_when_the_time_is_anothers_books_nothing_and_is_let_go(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    owner = holding(made)
    page = desk.goes_to_page(owner, made["policy"])
    clock.advance(timedelta(minutes=25))
    factories.booked(made, "faster", FRIDAY, "10:00", "botox", email="f@example.org", phone="+15125550143")
    desk.gateway.pay(page, VISA)
    paid = desk.cashier.returned(owner)
    assert paid is not None
    assert not paid.is_booked
    done = desk.cashier.finish(paid.id)
    assert (done.state, done.captured_minor, done.failure_code) == (State.RELEASED, 0, "slot_taken")


def test_two_tabs_are_sent_to_one_page(made: SmallClinic, desk: Till) -> None:
    owner = holding(made)
    assert desk.goes_to_page(owner, made["policy"]) == desk.goes_to_page(owner, made["policy"])


def test_a_page_whose_hold_ran_out_is_ended_by_the_worker(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    page = desk.goes_to_page(holding(made), made["policy"])
    clock.advance(timedelta(minutes=25))
    desk.cashier.tend()
    assert desk.gateway.checkout(page).status is CheckoutStatus.EXPIRED


@pytest.mark.req("S81")
def test_a_card_of_whom_the_browser_was_to_forget_books_nothing(made: SmallClinic, desk: Till) -> None:
    owner = holding(made)
    page = desk.goes_to_page(owner, made["policy"])
    payment_id = desk.services.ask(payments.newest_of_owner, owner).id
    desk.services.do(drafts.forget, owner)
    desk.gateway.pay(page, VISA)
    desk.cashier.settle(payment_id)
    done = desk.cashier.finish(payment_id)
    assert (done.is_booked, done.state, desk.cashier.returned(owner)) == (False, State.RELEASED, None)


@pytest.mark.req("S78")
def test_who_comes_back_booked_already_is_told_so_though_the_gateway_is_silent(
    made: SmallClinic, desk: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice was first; what is left to do with the card is the worker's, and nothing to wait for."""
    owner = holding(made)
    desk.gives(owner, made["policy"])
    assert desk.cashier.returned(owner) is not None

    def silent(*_: object, **__: object) -> None:
        raise GatewayAway("silent")

    monkeypatch.setattr(desk.gateway, "release", silent)
    again = desk.cashier.returned(owner)
    assert again is not None
    assert again.is_booked

"""A fee that failed is paid on the gateway's page: the payment names the card it was paid with."""

from __future__ import annotations

from datetime import timedelta

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import State
from tests import factories
from tests.card_kit import till
from tests.fees_kit import owes_fee

MASTERCARD = "5555555555554444"


def test_a_fee_paid_on_the_page_names_the_card_it_was_paid_with(services: Services, clock: FixedClock) -> None:
    desk = till(services)
    fee = owes_fee(factories.small_clinic(services), desk, clock)
    assert fee.state is State.FAILED
    page = desk.cashier.pay_fee(fee.id).rpartition("/")[2]
    desk.gateway.pay(page, MASTERCARD, authenticated=True)
    paid = desk.cashier.settle(fee.id)
    assert paid.state is State.PAID
    assert paid.card_id is not None
    used = services.ask(payments.card_used, paid.card_id)
    assert used is not None
    assert used.last_four == "4444"


def test_a_fee_whose_page_has_ended_gets_another_at_the_first_click(services: Services, clock: FixedClock) -> None:
    desk = till(services)
    fee = owes_fee(factories.small_clinic(services), desk, clock)
    first = desk.cashier.pay_fee(fee.id)
    clock.advance(timedelta(minutes=40))
    second = desk.cashier.pay_fee(fee.id)
    assert second != first
    desk.gateway.pay(second.rpartition("/")[2], MASTERCARD, authenticated=True)
    assert desk.cashier.settle(fee.id).state is State.PAID


def test_a_fee_whose_page_is_open_is_gone_on_with(services: Services, clock: FixedClock) -> None:
    desk = till(services)
    fee = owes_fee(factories.small_clinic(services), desk, clock)
    assert desk.cashier.pay_fee(fee.id) == desk.cashier.pay_fee(fee.id)

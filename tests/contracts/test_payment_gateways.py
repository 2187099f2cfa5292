"""What every payment gateway must do: Stripe's client against a Stripe of our own (tests/stripe_standin.py), and the
sandbox that takes its place in demo and tests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal import tables as tables
from clinic_portal.core.clock import FixedClock
from clinic_portal.payments.ports import (
    CheckoutStatus,
    Declined,
    GatewayRefused,
    IntentStatus,
    RefundStatus,
)
from clinic_portal.payments.types import Purpose
from tests import stripe_refusals as cards
from tests.contracts.gateway_kit import Side, back, customer, fee, page, paid_page

# The page


def test_a_hold_is_authorised_on_the_page_and_released_without_taking_anything(side: Side) -> None:
    opened = side.gateway.open_checkout(page())
    assert (opened.status, opened.payment_id, opened.intent) == (CheckoutStatus.OPEN, 7, None)
    assert opened.url
    side.pay(opened.id)
    stands = side.gateway.checkout(opened.id)
    assert stands.status is CheckoutStatus.COMPLETE
    assert stands.intent is not None
    assert (stands.intent.status, stands.intent.payment_id) == (IntentStatus.AUTHORISED, 7)
    assert (stands.intent.amount_minor, stands.intent.currency, stands.intent.captured_minor) == (50, "USD", 0)
    released = side.gateway.release(stands.intent.id, key="release:7")
    assert (released.status, released.captured_minor) == (IntentStatus.CANCELLED, 0)


def test_a_deposit_is_authorised_on_the_page_and_captured_later(side: Side) -> None:
    stands = paid_page(side, purpose=Purpose.DEPOSIT, amount_minor=4000)
    assert stands.intent is not None
    assert stands.intent.captured_minor == 0
    taken = side.gateway.capture(stands.intent.id, key="capture:7")
    assert (taken.status, taken.captured_minor) == (IntentStatus.PAID, 4000)


def test_the_page_saves_the_card_for_later(side: Side) -> None:
    stands = paid_page(side)
    assert stands.intent is not None
    card = stands.intent.card
    assert card is not None
    assert (card.brand, card.last_four, card.exp_month) == ("visa", "4242", 12)
    assert card.fingerprint
    charged = side.gateway.charge(fee(card.customer_id, card.method_id))
    assert (charged.status, charged.captured_minor) == (IntentStatus.PAID, 5000)


def test_a_page_may_save_a_card_alone(side: Side) -> None:
    owner = customer(side)
    stands = paid_page(side, purpose=Purpose.CARD, amount_minor=0, reference="", customer_id=owner)
    assert stands.intent is None
    assert stands.card is not None
    assert (stands.card.customer_id, stands.card.last_four) == (owner, "4242")
    assert side.money_moved() == 0


@pytest.mark.parametrize("purpose", [Purpose.CANCELLATION_FEE, Purpose.PACKAGE])
def test_a_fee_or_a_package_paid_on_the_page_is_taken_at_once(side: Side, purpose: Purpose) -> None:
    stands = paid_page(side, purpose=purpose, amount_minor=5000)
    assert stands.intent is not None
    assert (stands.intent.status, stands.intent.captured_minor) == (IntentStatus.PAID, 5000)


def test_asked_again_under_the_same_key_it_is_the_same_page(side: Side) -> None:
    assert side.gateway.open_checkout(page()).id == side.gateway.open_checkout(page()).id


def test_a_key_is_not_good_for_another_page(side: Side) -> None:
    side.gateway.open_checkout(page())
    with pytest.raises(GatewayRefused) as refusal:
        side.gateway.open_checkout(page(amount_minor=60))
    assert refusal.value.code == "idempotency_error"


@pytest.mark.parametrize("number", [cards.DECLINED, cards.POOR, cards.EXPIRED, cards.LOST])
def test_a_card_declined_on_the_page_leaves_it_open_with_nothing_reserved(side: Side, number: str) -> None:
    opened = side.gateway.open_checkout(page())
    assert side.pay(opened.id, number)
    stands = side.gateway.checkout(opened.id)
    assert stands.status is CheckoutStatus.OPEN
    assert stands.intent is None or stands.intent.status is IntentStatus.UNFINISHED
    assert side.money_moved() == 0


def test_after_a_declined_card_another_does(side: Side) -> None:
    opened = side.gateway.open_checkout(page())
    side.pay(opened.id, cards.DECLINED)
    side.pay(opened.id, cards.MASTERCARD)
    stands = side.gateway.checkout(opened.id)
    assert stands.intent is not None
    assert stands.intent.status is IntentStatus.AUTHORISED
    assert stands.intent.card is not None
    assert stands.intent.card.brand == "mastercard"


def test_a_page_that_is_ended_stays_ended(side: Side) -> None:
    opened = side.gateway.open_checkout(page())
    assert side.gateway.expire_checkout(opened.id).status is CheckoutStatus.EXPIRED
    assert side.gateway.expire_checkout(opened.id).status is CheckoutStatus.EXPIRED


def test_a_page_that_is_paid_cannot_be_ended_and_says_so(side: Side) -> None:
    stands = side.gateway.expire_checkout(paid_page(side).id)
    assert stands.status is CheckoutStatus.COMPLETE
    assert stands.intent is not None
    assert stands.intent.status is IntentStatus.AUTHORISED


def test_an_unknown_page_is_refused(side: Side) -> None:
    for ask in (side.gateway.checkout, side.gateway.expire_checkout):
        with pytest.raises(GatewayRefused):
            ask("cs_test_unknown")


# What is reserved


def test_what_is_released_is_released_once_and_cannot_be_taken(side: Side) -> None:
    stands = paid_page(side)
    assert stands.intent is not None
    side.gateway.release(stands.intent.id, key="release:7")
    assert side.gateway.release(stands.intent.id, key="release:7:2").status is IntentStatus.CANCELLED
    assert side.gateway.capture(stands.intent.id, key="capture:7").status is IntentStatus.CANCELLED


def test_what_is_taken_is_taken_once_and_cannot_be_released(side: Side) -> None:
    stands = paid_page(side, purpose=Purpose.DEPOSIT, amount_minor=4000)
    assert stands.intent is not None
    side.gateway.capture(stands.intent.id, key="capture:7")
    again = side.gateway.capture(stands.intent.id, key="capture:7:2")
    assert (again.status, again.captured_minor) == (IntentStatus.PAID, 4000)
    assert side.gateway.release(stands.intent.id, key="release:7").status is IntentStatus.PAID


# A saved card


@pytest.mark.parametrize("number", [cards.GOOD, cards.MASTERCARD, cards.ASKS_ONCE])
def test_a_good_card_is_charged_while_its_owner_is_away(side: Side, number: str) -> None:
    owner = customer(side)
    charged = side.gateway.charge(fee(owner, side.save_card(owner, number)))
    assert (charged.status, charged.payment_id, charged.captured_minor) == (IntentStatus.PAID, 8, 5000)


@pytest.mark.parametrize(
    ("number", "code", "may_try_again"),
    [
        (cards.DECLINED, "card_declined", True),
        (cards.ATTACHES_THEN_DECLINES, "card_declined", True),
        (cards.POOR, "insufficient_funds", True),
        (cards.ASKS_ALWAYS, "authentication_required", True),
        (cards.EXPIRED, "expired_card", False),
        (cards.LOST, "lost_card", False),
        (cards.STOLEN, "stolen_card", False),
    ],
)
def test_the_bank_says_no_and_why(side: Side, number: str, code: str, may_try_again: bool) -> None:
    owner = customer(side)
    with pytest.raises(Declined) as refusal:
        side.gateway.charge(fee(owner, side.save_card(owner, number)))
    assert (refusal.value.code, refusal.value.may_try_again) == (code, may_try_again)
    assert refusal.value.intent_id
    refused = side.gateway.intent(refusal.value.intent_id)
    assert (refused.status, refused.captured_minor, refused.failure_code) == (IntentStatus.UNFINISHED, 0, code)


def test_one_key_is_one_charge(side: Side) -> None:
    owner = customer(side)
    asked = fee(owner, side.save_card(owner))
    assert side.gateway.charge(asked).id == side.gateway.charge(asked).id
    assert side.money_moved() == 1


def test_a_card_that_is_forgotten_cannot_be_charged(side: Side) -> None:
    owner = customer(side)
    method = side.save_card(owner)
    side.gateway.forget_card(method)
    side.gateway.forget_card(method)
    side.gateway.forget_card("pm_unknown")
    with pytest.raises(GatewayRefused):
        side.gateway.charge(fee(owner, method))
    assert side.money_moved() == 0


def test_one_key_is_one_customer(side: Side) -> None:
    assert customer(side) == customer(side)


# Money back


def taken(side: Side) -> str:
    owner = customer(side)
    return side.gateway.charge(fee(owner, side.save_card(owner))).id


def test_all_of_it_is_given_back(side: Side) -> None:
    paid = taken(side)
    returned = side.gateway.refund(back(paid, 5000))
    assert (returned.status, returned.amount_minor, returned.refund_id) == (RefundStatus.DONE, 5000, 9)
    assert returned.intent_id == paid
    assert side.gateway.intent(paid).refunded_minor == 5000
    assert side.gateway.refund_of(returned.id) == returned


def test_a_part_of_it_is_given_back_and_never_more_than_was_taken(side: Side) -> None:
    paid = taken(side)
    side.gateway.refund(back(paid, 3000))
    with pytest.raises(GatewayRefused):
        side.gateway.refund(back(paid, 2001, refund_id=10, key="refund:10:1"))
    side.gateway.refund(back(paid, 2000, refund_id=11, key="refund:11:1"))
    assert side.gateway.intent(paid).refunded_minor == 5000


def test_one_key_is_one_refund(side: Side) -> None:
    paid = taken(side)
    assert side.gateway.refund(back(paid, 1000)).id == side.gateway.refund(back(paid, 1000)).id
    assert side.gateway.intent(paid).refunded_minor == 1000


def test_what_was_only_reserved_cannot_be_refunded(side: Side) -> None:
    stands = paid_page(side)
    assert stands.intent is not None
    with pytest.raises(GatewayRefused):
        side.gateway.refund(back(stands.intent.id, 50))


# The gateway's books


def test_every_payment_since_then_is_listed_newest_first(side: Side, clock: FixedClock) -> None:
    owner = customer(side)
    method = side.save_card(owner)
    side.gateway.charge(fee(owner, method, payment_id=1, key="charge:1:1"))
    clock.advance(timedelta(hours=1))
    since = clock.now()
    for number in range(2, 10):
        side.gateway.charge(fee(owner, method, payment_id=number, key=f"charge:{number}:1"))
        clock.advance(timedelta(seconds=1))
    assert [one.payment_id for one in side.gateway.recent(since)] == list(range(9, 1, -1))

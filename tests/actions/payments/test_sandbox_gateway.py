"""The sandbox gateway behaves as the true one does: keys, pages, holds, cards, refunds, notices (B7)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import text

from clinic_portal.bootstrap import cashier, senders
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.integrations.notice_seals import seal
from clinic_portal.integrations.sandbox import notices
from clinic_portal.integrations.sandbox.cards import PUBLISHED
from clinic_portal.integrations.sandbox.gateway import Outcome, SandboxGateway, Step
from clinic_portal.payments.ports import (
    ChargeRequest,
    Checkout,
    CheckoutRequest,
    CheckoutStatus,
    Declined,
    GatewayRefused,
    IntentStatus,
    NoticeRefused,
    RefundRequest,
    RefundStatus,
)
from clinic_portal.payments.types import FEES, Purpose
from clinic_portal.worker import Worker

VISA, ALWAYS_ASKS, LATER_DECLINED = "4242424242424242", "4000002760003184", "4000000000000341"
pytestmark = pytest.mark.req("B7")


class Rehearsal:
    """A gateway whose notices are gathered, and short ways to ask it for things."""

    def __init__(self, services: Services) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.services = services
        self.gateway = SandboxGateway(services, deliver=lambda body, signature: self.heard.append((body, signature)))

    @property
    def kinds(self) -> list[str]:
        read = [self.gateway.read_notice(*one) for one in self.heard]
        return [one.kind for one in read if one]

    def asked(self, purpose: Purpose = Purpose.HOLD, **other: Any) -> CheckoutRequest:
        whole = CheckoutRequest(
            payment_id=7,
            purpose=purpose,
            amount_minor=0 if purpose is Purpose.CARD else 5000,
            currency="USD",
            item="Card check",
            consent="Lumen may charge this card.",
            reference="LMN-7Q4KXT",
            email="ana@example.com",
            customer_id=None,
            language="en",
            expires_at=self.services.clock.now() + timedelta(minutes=31),
            back_url="https://lumen.example/book/card?session_id={CHECKOUT_SESSION_ID}",
            cancel_url="https://lumen.example/book/card",
            key="checkout:7:1",
        )
        return replace(whole, **other)

    def open(self, purpose: Purpose = Purpose.HOLD, **other: Any) -> Checkout:
        return self.gateway.open_checkout(self.asked(purpose, **other))

    def paid(self, purpose: Purpose = Purpose.HOLD, number: str = VISA, **other: Any) -> Checkout:
        page = self.open(purpose, **other)
        assert self.gateway.pay(page.id, number, authenticated=True) == Outcome(Step.PAID)
        return self.gateway.checkout(page.id)

    def fee(self, page: Checkout, **other: Any) -> ChargeRequest:
        assert page.card is not None
        whole = ChargeRequest(
            payment_id=8,
            purpose=Purpose.CANCELLATION_FEE,
            amount_minor=2500,
            currency="USD",
            customer_id=page.card.customer_id,
            method_id=page.card.method_id,
            item="Late cancellation",
            reference="LMN-7Q4KXT",
            policy_version=1,
            key="charge:8:1",
        )
        return replace(whole, **other)


@pytest.fixture
def rehearsal(services: Services) -> Rehearsal:
    return Rehearsal(services)


@pytest.mark.parametrize("purpose", [Purpose.HOLD, Purpose.DEPOSIT])
def test_a_card_at_booking_is_reserved_and_saved_but_nothing_is_taken(rehearsal: Rehearsal, purpose: Purpose) -> None:
    page = rehearsal.paid(purpose)
    assert page.status is CheckoutStatus.COMPLETE
    assert page.url is None
    assert page.intent
    assert page.intent.status is IntentStatus.AUTHORISED
    assert (page.intent.amount_minor, page.intent.captured_minor) == (5000, 0)
    assert page.card
    assert (page.card.brand, page.card.last_four) == ("visa", "4242")
    assert rehearsal.kinds == ["payment_intent.amount_capturable_updated", "checkout.session.completed"]


@pytest.mark.parametrize("purpose", FEES)
def test_a_fee_paid_on_a_page_is_taken_at_once(rehearsal: Rehearsal, purpose: Purpose) -> None:
    page = rehearsal.paid(purpose)
    assert page.intent
    assert page.intent.status is IntentStatus.PAID
    assert page.intent.captured_minor == 5000


def test_a_card_is_added_without_any_money(rehearsal: Rehearsal) -> None:
    page = rehearsal.paid(Purpose.CARD)
    assert page.intent is None
    assert page.card is not None
    assert rehearsal.kinds == ["setup_intent.succeeded", "checkout.session.completed"]


@pytest.mark.parametrize("card", PUBLISHED, ids=lambda card: card.number)
def test_every_published_card_does_on_the_page_what_is_said_of_it(rehearsal: Rehearsal, card: Any) -> None:
    page = rehearsal.open()
    first = rehearsal.gateway.pay(page.id, card.spaced)
    if card.now:
        assert first == Outcome(Step.DECLINED, card.now)
    elif card.asks:
        assert first == Outcome(Step.ASKS)
        assert rehearsal.gateway.pay(page.id, card.number, authenticated=True) == Outcome(Step.PAID)
    else:
        assert first == Outcome(Step.PAID)


@pytest.mark.parametrize("card", [card for card in PUBLISHED if not card.now], ids=lambda card: card.number)
def test_every_saved_card_does_later_what_is_said_of_it(rehearsal: Rehearsal, card: Any) -> None:
    asked = rehearsal.fee(rehearsal.paid(number=card.number))
    if card.later:
        with pytest.raises(Declined, match=card.later):
            rehearsal.gateway.charge(asked)
    else:
        assert rehearsal.gateway.charge(asked).status is IntentStatus.PAID


def test_a_declined_card_leaves_the_page_open_for_another(rehearsal: Rehearsal) -> None:
    page = rehearsal.open()
    rehearsal.gateway.pay(page.id, "4000000000000002")
    declined = rehearsal.gateway.checkout(page.id)
    assert declined.status is CheckoutStatus.OPEN
    assert declined.intent
    assert (declined.intent.status, declined.intent.failure_code) == (IntentStatus.UNFINISHED, "card_declined")
    rehearsal.gateway.pay(page.id, VISA)
    paid = rehearsal.gateway.checkout(page.id)
    assert paid.intent
    assert (paid.intent.id, paid.intent.failure_code) == (declined.intent.id, None)


def test_who_says_no_to_the_bank_has_paid_nothing(rehearsal: Rehearsal) -> None:
    page = rehearsal.open()
    told = rehearsal.gateway.refuse_authentication(page.id)
    assert told == Outcome(Step.DECLINED, "payment_intent_authentication_failure")
    assert rehearsal.gateway.checkout(page.id).status is CheckoutStatus.OPEN


@pytest.mark.parametrize("number", ["4111111111111111", "4242424242424241", "", "4242", "4000000000000010", "x" * 5000])
def test_any_other_number_is_refused_and_kept_nowhere(rehearsal: Rehearsal, number: str) -> None:
    page = rehearsal.open()
    with pytest.raises(GatewayRefused, match="test_cards_only"):
        rehearsal.gateway.pay(page.id, number)
    assert rehearsal.kinds == []
    assert rehearsal.gateway.checkout(page.id).intent is None


def test_no_number_is_kept_whole_not_even_a_published_one(rehearsal: Rehearsal) -> None:
    rehearsal.paid()
    with rehearsal.services.database.reading() as session:
        kept = " ".join(session.execute(text("SELECT data FROM sandbox_object")).scalars())
    assert "4242" in kept
    assert VISA not in kept
    assert VISA[:6] not in kept


def test_the_same_key_gives_the_same_page(rehearsal: Rehearsal) -> None:
    asked = rehearsal.asked()
    assert rehearsal.gateway.open_checkout(asked).id == rehearsal.gateway.open_checkout(asked).id


def test_the_same_key_for_something_else_is_refused(rehearsal: Rehearsal) -> None:
    page = rehearsal.paid()
    assert page.intent is not None
    rehearsal.gateway.charge(rehearsal.fee(page))
    rehearsal.gateway.release(page.intent.id, key="release:7")
    for again in (
        lambda: rehearsal.open(amount_minor=5001),
        lambda: rehearsal.gateway.charge(rehearsal.fee(page, amount_minor=2501)),
        lambda: rehearsal.gateway.charge(rehearsal.fee(page, key="checkout:7:1")),
        lambda: rehearsal.gateway.open_customer(email="a@b.c", name="A", patient_id=1, key="charge:8:1"),
        lambda: rehearsal.gateway.release(rehearsal.gateway.charge(rehearsal.fee(page)).id, key="release:7"),
    ):
        with pytest.raises(GatewayRefused, match="idempotency_error"):
            again()


def test_a_charge_asked_twice_under_its_key_is_made_once(rehearsal: Rehearsal) -> None:
    asked = rehearsal.fee(rehearsal.paid())
    assert rehearsal.gateway.charge(asked) == rehearsal.gateway.charge(asked)
    assert rehearsal.kinds.count("payment_intent.succeeded") == 1


def test_a_declined_charge_is_declined_again_under_its_key_and_tried_anew_under_another(rehearsal: Rehearsal) -> None:
    asked = rehearsal.fee(rehearsal.paid(number=LATER_DECLINED))
    intents = []
    for key in ("charge:8:1", "charge:8:1", "charge:8:2"):
        with pytest.raises(Declined) as refusal:
            rehearsal.gateway.charge(replace(asked, key=key))
        intents.append(refusal.value.intent_id)
    assert intents[0] == intents[1] != intents[2]


@pytest.mark.parametrize("minutes", [29, 24 * 60 + 1])
def test_a_page_ends_between_half_an_hour_and_a_day_from_now(rehearsal: Rehearsal, minutes: int) -> None:
    with pytest.raises(GatewayRefused, match="expires_at"):
        rehearsal.open(expires_at=rehearsal.services.clock.now() + timedelta(minutes=minutes))


def test_less_than_the_least_amount_is_refused(rehearsal: Rehearsal) -> None:
    with pytest.raises(GatewayRefused, match="amount_too_small"):
        rehearsal.open(amount_minor=49)


def test_a_page_ends_by_the_clock_and_takes_nothing_after(rehearsal: Rehearsal, clock: FixedClock) -> None:
    page = rehearsal.open()
    clock.advance(timedelta(minutes=30, seconds=59))
    assert rehearsal.gateway.checkout(page.id).status is CheckoutStatus.OPEN
    clock.advance(timedelta(seconds=1))
    assert rehearsal.gateway.pay(page.id, VISA) == Outcome(Step.EXPIRED)
    assert rehearsal.gateway.checkout(page.id).status is CheckoutStatus.EXPIRED
    assert rehearsal.kinds == ["checkout.session.expired"]


def test_a_page_ended_by_us_takes_nothing_and_its_payment_is_cancelled(rehearsal: Rehearsal) -> None:
    page = rehearsal.open()
    rehearsal.gateway.pay(page.id, "4000000000009995")
    ended = rehearsal.gateway.expire_checkout(page.id)
    assert ended.status is CheckoutStatus.EXPIRED
    assert ended.intent
    assert ended.intent.status is IntentStatus.CANCELLED
    assert rehearsal.gateway.pay(page.id, VISA) == Outcome(Step.EXPIRED)


def test_a_page_that_is_complete_stays_so_when_it_is_ended(rehearsal: Rehearsal) -> None:
    page = rehearsal.paid()
    assert rehearsal.gateway.expire_checkout(page.id).status is CheckoutStatus.COMPLETE


def test_what_was_released_is_never_taken(rehearsal: Rehearsal) -> None:
    intent = rehearsal.paid().intent
    assert intent is not None
    assert rehearsal.gateway.release(intent.id, key="release:7").status is IntentStatus.CANCELLED
    late = rehearsal.gateway.capture(intent.id, key="capture:7")
    assert (late.status, late.captured_minor) == (IntentStatus.CANCELLED, 0)


def test_what_was_taken_is_not_released_but_told(rehearsal: Rehearsal) -> None:
    intent = rehearsal.paid(Purpose.DEPOSIT).intent
    assert intent is not None
    for _ in range(2):
        assert rehearsal.gateway.capture(intent.id, key="capture:7").captured_minor == 5000
    assert rehearsal.gateway.release(intent.id, key="release:7").status is IntentStatus.PAID


def test_an_authorisation_lapses_after_a_week(rehearsal: Rehearsal, clock: FixedClock) -> None:
    intent = rehearsal.paid().intent
    assert intent is not None
    clock.advance(timedelta(days=7))
    assert rehearsal.gateway.capture(intent.id, key="capture:7").status is IntentStatus.CANCELLED


def test_an_unpaid_payment_of_an_open_page_is_neither_taken_nor_cancelled(rehearsal: Rehearsal) -> None:
    page = rehearsal.open()
    rehearsal.gateway.pay(page.id, "4000000000000002")
    intent = rehearsal.gateway.checkout(page.id).intent
    assert intent is not None
    for call in (rehearsal.gateway.capture, rehearsal.gateway.release):
        with pytest.raises(GatewayRefused, match="unexpected_state"):
            call(intent.id, key=f"any:{call.__name__}")


def test_money_is_given_back_in_parts_but_never_more_than_was_taken(rehearsal: Rehearsal) -> None:
    intent = rehearsal.paid(Purpose.NOSHOW_FEE).intent
    assert intent is not None
    part = RefundRequest(refund_id=1, payment_id=7, intent_id=intent.id, amount_minor=3000, key="refund:1:1")
    first = rehearsal.gateway.refund(part)
    assert first.status is RefundStatus.DONE
    assert first == rehearsal.gateway.refund(part)
    assert rehearsal.gateway.refund_of(first.id) == first
    with pytest.raises(GatewayRefused, match="amount_too_large"):
        rehearsal.gateway.refund(replace(part, refund_id=2, amount_minor=2001, key="refund:2:1"))
    rehearsal.gateway.refund(replace(part, refund_id=3, amount_minor=2000, key="refund:3:1"))
    assert rehearsal.gateway.intent(intent.id).refunded_minor == 5000
    with pytest.raises(GatewayRefused, match="charge_already_refunded"):
        rehearsal.gateway.refund(replace(part, refund_id=4, amount_minor=1, key="refund:4:1"))


def test_what_is_only_reserved_cannot_be_refunded(rehearsal: Rehearsal) -> None:
    intent = rehearsal.paid().intent
    assert intent is not None
    with pytest.raises(GatewayRefused):
        rehearsal.gateway.refund(RefundRequest(1, 7, intent.id, 100, "refund:1:1"))


def test_a_forgotten_card_is_charged_no_more_and_forgetting_it_twice_is_no_fault(rehearsal: Rehearsal) -> None:
    page = rehearsal.paid()
    assert page.card is not None
    for _ in range(2):
        rehearsal.gateway.forget_card(page.card.method_id)
    rehearsal.gateway.forget_card("pm_sandbox_unknown")
    with pytest.raises(GatewayRefused, match="resource_missing"):
        rehearsal.gateway.charge(rehearsal.fee(page))
    assert rehearsal.kinds.count("payment_method.detached") == 1


def test_a_card_is_not_charged_for_another_customer(rehearsal: Rehearsal) -> None:
    page = rehearsal.paid()
    other = rehearsal.gateway.open_customer(email="bo@example.com", name="Bo", patient_id=2, key="customer:2")
    with pytest.raises(GatewayRefused, match="resource_missing"):
        rehearsal.gateway.charge(rehearsal.fee(page, customer_id=other))


def test_a_card_used_for_a_fee_on_a_page_is_not_saved(rehearsal: Rehearsal) -> None:
    page = rehearsal.paid(Purpose.CANCELLATION_FEE)
    with pytest.raises(GatewayRefused, match="resource_missing"):
        rehearsal.gateway.charge(rehearsal.fee(page))


def test_the_same_card_saved_twice_has_one_fingerprint_and_is_offered_once(rehearsal: Rehearsal) -> None:
    customer = rehearsal.gateway.open_customer(email="ana@example.com", name="Ana", patient_id=1, key="customer:1")
    cards = [rehearsal.paid(customer_id=customer, key=f"checkout:7:{n}").card for n in (1, 2)]
    assert cards[0]
    assert cards[1]
    assert cards[0].fingerprint == cards[1].fingerprint
    page = rehearsal.open(customer_id=customer, key="checkout:7:3")
    assert len(rehearsal.gateway.saved_cards(page.id)) == 1


def test_a_saved_card_pays_with_one_click_for_its_own_customer_alone(rehearsal: Rehearsal) -> None:
    customer = rehearsal.gateway.open_customer(email="ana@example.com", name="Ana", patient_id=1, key="customer:1")
    card = rehearsal.paid(customer_id=customer).card
    assert card is not None
    page = rehearsal.open(customer_id=customer, key="checkout:7:2")
    stranger = rehearsal.open(key="checkout:9:1")
    assert rehearsal.gateway.pay_with_saved(page.id, card.method_id) == Outcome(Step.PAID)
    with pytest.raises(GatewayRefused):
        rehearsal.gateway.pay_with_saved(stranger.id, card.method_id)


def test_a_card_that_always_asks_asks_again_when_it_is_chosen(rehearsal: Rehearsal) -> None:
    customer = rehearsal.gateway.open_customer(email="ana@example.com", name="Ana", patient_id=1, key="customer:1")
    card = rehearsal.paid(number=ALWAYS_ASKS, customer_id=customer).card
    page = rehearsal.open(customer_id=customer, key="checkout:7:2")
    assert card
    assert rehearsal.gateway.pay_with_saved(page.id, card.method_id) == Outcome(Step.ASKS)


def test_recent_payments_are_told_newest_first(rehearsal: Rehearsal, clock: FixedClock) -> None:
    start = clock.now()
    made = []
    for number in range(3):
        made.append(rehearsal.paid(key=f"checkout:{number}:1", payment_id=number).intent)
        clock.advance(timedelta(minutes=5))
    told = list(rehearsal.gateway.recent(start + timedelta(minutes=1)))
    assert [one.id for one in told] == [one.id for one in reversed(made[1:]) if one]


def test_two_submits_at_once_pay_once(rehearsal: Rehearsal) -> None:
    page = rehearsal.open(Purpose.CANCELLATION_FEE)
    with ThreadPoolExecutor(6) as at_once:
        told = list(at_once.map(lambda _: rehearsal.gateway.pay(page.id, VISA), range(6)))
    assert told == [Outcome(Step.PAID)] * 6
    assert len(list(rehearsal.gateway.recent(rehearsal.services.clock.now()))) == 1
    assert rehearsal.kinds.count("payment_intent.succeeded") == 1


def test_charges_asked_at_once_under_one_key_are_one(rehearsal: Rehearsal) -> None:
    asked = rehearsal.fee(rehearsal.paid())
    with ThreadPoolExecutor(6) as at_once:
        told = {one.id for one in at_once.map(lambda _: rehearsal.gateway.charge(asked), range(6))}
    assert len(told) == 1


def test_unknown_things_are_missing(rehearsal: Rehearsal) -> None:
    card = rehearsal.paid().card
    assert card is not None
    for call in (
        lambda: rehearsal.gateway.checkout("cs_sandbox_no"),
        lambda: rehearsal.gateway.checkout(card.method_id),
        lambda: rehearsal.gateway.intent("pi_sandbox_no"),
        lambda: rehearsal.gateway.refund_of("re_sandbox_no"),
        lambda: rehearsal.open(customer_id="cus_sandbox_no", key="checkout:9:1"),
    ):
        with pytest.raises(GatewayRefused, match="resource_missing"):
            call()


def test_a_notice_names_the_payment_and_what_it_is_about(rehearsal: Rehearsal) -> None:
    page = rehearsal.paid()
    intent, session = (rehearsal.gateway.read_notice(*one) for one in rehearsal.heard)
    assert page.intent
    assert intent
    assert session
    assert (intent.payment_id, intent.intent_id, intent.session_id) == (7, page.intent.id, None)
    assert (session.payment_id, session.session_id, session.intent_id) == (7, page.id, page.intent.id)
    assert session.occurred_at == rehearsal.services.clock.now()
    assert session.id != intent.id


def test_a_notice_that_concerns_nothing_here_is_no_fault(rehearsal: Rehearsal) -> None:
    body = b'{"id":"evt_1","type":"customer.created","created":1,"data":{"object":{"id":"cus_1","object":"customer"}}}'
    signature = seal(body, notices.secret(rehearsal.services.settings), rehearsal.services.clock.now())
    assert rehearsal.gateway.read_notice(body, signature) is None


def test_a_notice_that_was_touched_or_is_unsigned_is_refused(rehearsal: Rehearsal) -> None:
    rehearsal.paid()
    body, signature = rehearsal.heard[0]
    stamp, _, mac = signature.partition(",")
    for other_body, header in (
        (body + b" ", signature),
        (body, ""),
        (body, stamp),
        (body, mac),
        (body, f"{stamp},v1={'0' * 64}"),
        (body, f"{stamp},v0={mac[3:]}"),
        (body, f"t=1,{mac}"),
        (body, f"{stamp},{stamp},{mac}"),
        (body, f"t=²,{mac}"),
        (body, f"t=-1,{mac}"),
        (body, f"{stamp},v1=é"),
    ):
        with pytest.raises(NoticeRefused):
            rehearsal.gateway.read_notice(other_body, header)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"id":1,"type":"refund.updated","created":"x"}'])
def test_a_signed_notice_that_cannot_be_read_is_refused(rehearsal: Rehearsal, body: bytes) -> None:
    signature = seal(body, notices.secret(rehearsal.services.settings), rehearsal.services.clock.now())
    with pytest.raises(NoticeRefused):
        rehearsal.gateway.read_notice(body, signature)


def test_a_notice_is_good_for_five_minutes(rehearsal: Rehearsal, clock: FixedClock) -> None:
    rehearsal.paid()
    clock.advance(timedelta(seconds=300))
    assert rehearsal.gateway.read_notice(*rehearsal.heard[0]) is not None
    clock.advance(timedelta(seconds=1))
    with pytest.raises(NoticeRefused, match="old"):
        rehearsal.gateway.read_notice(*rehearsal.heard[0])


def test_without_a_listener_notices_wait_for_the_worker(services: Services) -> None:
    gateway = SandboxGateway(services)
    rehearsal = Rehearsal(services)
    page = gateway.open_checkout(rehearsal.asked())
    gateway.pay(page.id, VISA)
    with services.database.reading() as session:
        kinds = session.execute(text("SELECT kind FROM outbox")).scalars().all()
    assert kinds == [notices.SEND] * 2


class Door(BaseHTTPRequestHandler):
    """Answers every post with one status."""

    status = 500

    def do_POST(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("status", "state"), [(200, "done"), (400, "ready"), (500, "ready"), (None, "ready")])
def test_a_notice_is_sent_until_it_is_taken(services: Services, status: int | None, state: str) -> None:
    with HTTPServer(("127.0.0.1", 0), type("Answers", (Door,), {"status": status})) as door:
        services.settings.port = door.server_port
        if status is None:
            door.server_close()  # nobody is at home
        else:
            threading.Thread(target=door.handle_request, daemon=True).start()
        gateway = SandboxGateway(services)
        gateway.expire_checkout(gateway.open_checkout(Rehearsal(services).asked()).id)
        assert Worker(services, senders(services), cashier(services)).run_once() == 1
    with services.database.reading() as session:
        row = session.execute(text("SELECT state, attempts FROM outbox")).one()
    assert (row.state, row.attempts) == (state, 1)

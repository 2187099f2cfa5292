"""Faults of fees and deposits that random stories found, or could have: each tried by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.booking import changes, drafts, fees, holds, queries, settling
from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.payments import books, cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import GatewayAway, Intent, IntentStatus
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet.queries import credit, kept_for
from tests import factories
from tests.card_kit import LATER_DECLINED, VISA, Till, till
from tests.factories import SmallClinic, minute

FRIDAY = date(2026, 12, 4)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def staff(services: Services) -> Any:
    return factories.staff(services).actor


def booked(made: SmallClinic, desk: Till, service: str = "botox", number: str = VISA, clock: str = "10:00") -> Visit:
    """A visit on Friday that was booked with a card."""
    owner = factories.visitor(made, f"browser {clock}", service)
    made.services.do(holds.hold, owner, minute(FRIDAY, clock))
    done = desk.books(owner, made["policy"], number)
    return made.services.ask(queries.visit, done.appointment_id)


def cancelled_late(visit: Visit, clock: FixedClock, services: Services) -> PaymentInfo:
    """Its fee, which is not charged yet."""
    clock.advance(visit.start_at - timedelta(hours=1) - clock.now())
    fee = services.ask(changes.fee_minor, visit)
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)
    found = services.ask(payments.fee_of, visit.appointment_id, Purpose.CANCELLATION_FEE)
    assert found is not None
    return found


def cancelled_in_time(visit: Visit, services: Services) -> None:
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)


def taken(desk: Till) -> list[int]:
    """What the gateway ever took and did not give back, a payment each."""
    all_of_them = desk.gateway.recent(desk.services.clock.now() - timedelta(days=30))
    return [one.captured_minor - one.refunded_minor for one in all_of_them if one.status is IntentStatus.PAID]


class LostAnswer:
    """A line that breaks once after a charge was carried out."""

    def __init__(self, desk: Till) -> None:
        self._inner = desk.gateway
        self._breaks = True

    def charge(self, asked: Any) -> Any:
        told = self._inner.charge(asked)
        if self._breaks:
            self._breaks = False
            raise GatewayAway("lost")
        return told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def charged_and_answer_lost(desk: Till, fee: PaymentInfo) -> Cashier:
    cashier = Cashier(desk.services, LostAnswer(desk))  # type: ignore[arg-type]
    with pytest.raises(GatewayAway):
        cashier.charge(fee.id)
    return cashier


def test_a_fee_that_was_taken_is_paid_though_its_card_was_taken_off_before_the_answer_came(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = booked(made, desk)
    fee = cancelled_late(visit, clock, desk.services)
    cashier = charged_and_answer_lost(desk, fee)
    assert fee.card_id is not None
    desk.services.do(cards.remove, "sandbox", visit.patient_id, fee.card_id)
    assert cashier.charge(fee.id).state is State.PAID
    assert taken(desk) == [fee.amount_minor]


def test_a_fee_is_charged_though_its_card_was_given_once_more_meanwhile(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    fee = cancelled_late(booked(made, desk), clock, desk.services)
    made.settings(minimum_notice_minutes=0)
    booked(made, desk, clock="14:00")
    assert desk.cashier.charge(fee.id).state is State.PAID


def deposits(made: SmallClinic, to: str) -> None:
    made.change(clinic.Service, "peel", deposit_minor=4000)
    made.settings(deposit_returns_to=to)


@pytest.mark.req("P6")
def test_a_deposit_that_became_credit_leaves_the_credit_when_it_is_refunded(
    made: SmallClinic, desk: Till, staff: Any
) -> None:
    deposits(made, "wallet")
    visit = booked(made, desk, "peel")
    cancelled_in_time(visit, desk.services)
    paid = desk.services.ask(payments.booked_with, visit.appointment_id)
    assert paid is not None
    assert desk.services.ask(credit, visit.patient_id) == {"USD": 4000}
    desk.services.do(fees.refund, staff, paid.id, 2500, reason="asked for it")
    assert desk.services.ask(credit, visit.patient_id) == {"USD": 1500}
    desk.services.do(fees.refund, staff, paid.id, 1500, reason="asked for it")
    assert desk.services.ask(credit, visit.patient_id) == {}


@pytest.mark.req("P6")
def test_a_refund_that_failed_puts_the_deposit_back_where_it_stood(made: SmallClinic, desk: Till, staff: Any) -> None:
    deposits(made, "card")
    visit = booked(made, desk, "peel")
    paid = desk.services.ask(payments.booked_with, visit.appointment_id)
    assert paid is not None
    refund = desk.services.do(fees.refund, staff, paid.id, 1000, reason="asked for it")
    assert desk.services.ask(kept_for, visit.appointment_id) == 3000
    desk.services.do(settling.refund_failed, refund, "card_closed")
    assert desk.services.ask(kept_for, visit.appointment_id) == 4000
    cancelled_in_time(visit, desk.services)
    assert desk.services.ask(kept_for, visit.appointment_id) == 0


@pytest.mark.req("S75")
def test_a_card_that_was_given_back_does_not_stand_in_the_way_of_the_next(made: SmallClinic, desk: Till) -> None:
    owner = factories.visitor(made, "browser", "botox")
    desk.services.do(holds.hold, owner, minute(FRIDAY, "10:00"))
    page = desk.goes_to_page(owner, made["policy"])
    made.change(clinic.Service, "botox", price_minor=30000)
    desk.gateway.pay(page, VISA)
    refused = desk.cashier.returned(owner)
    assert refused is not None
    assert refused.failure_code == "price_changed"
    desk.services.do(drafts.agree_to_visit, owner)
    paid = desk.pays(owner, made["policy"])
    assert paid.is_booked
    assert paid.id != refused.id


@pytest.mark.req("S56")
def test_money_of_which_the_fee_it_was_for_knows_nothing_pays_that_fee(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    fee = owed(made, desk, clock)
    stray = paid_unheard(desk, fee)
    desk.cashier.compare(stray)
    known = desk.services.ask(payments.payment, fee.id)
    assert (known.state, known.intent_id, taken(desk)) == (State.PAID, stray.id, [fee.amount_minor])


@pytest.mark.req("S56")
def test_money_taken_twice_for_one_fee_goes_back_once(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = owed(made, desk, clock)
    stray = paid_unheard(desk, fee)
    page = desk.cashier.pay_fee(fee.id).rpartition("/")[2]
    desk.gateway.pay(page, VISA)
    assert desk.cashier.settle(fee.id).state is State.PAID
    assert sum(taken(desk)) == 2 * fee.amount_minor
    for _ in range(2):
        desk.cashier.compare(desk.gateway.intent(stray.id))
    assert sum(taken(desk)) == fee.amount_minor


@pytest.mark.req("S56")
def test_money_taken_for_a_fee_that_was_waived_goes_back(
    made: SmallClinic, desk: Till, clock: FixedClock, staff: Any
) -> None:
    fee = owed(made, desk, clock)
    stray = paid_unheard(desk, fee)
    desk.services.do(fees.waive, staff, fee.id, reason="a kindness")
    desk.cashier.compare(stray)
    assert sum(taken(desk)) == 0


def test_money_taken_before_ours_was_written_down_is_left_alone(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    """Books restored from a copy give out ids once more."""
    fee = owed(made, desk, clock)
    stray = paid_unheard(desk, fee)
    desk.services.do(lambda work: books.change(work, fee.id, created_at=clock.now() + timedelta(hours=1)))
    desk.cashier.compare(stray)
    assert desk.services.ask(payments.payment, fee.id).state is State.FAILED
    assert sum(taken(desk)) == fee.amount_minor


def owed(made: SmallClinic, desk: Till, clock: FixedClock) -> PaymentInfo:
    """A fee that the bank did not give."""
    fee = cancelled_late(booked(made, desk, number=LATER_DECLINED), clock, desk.services)
    failed = desk.cashier.charge(fee.id)
    assert failed.state is State.FAILED
    return failed


def paid_unheard(desk: Till, fee: PaymentInfo) -> Intent:
    """A payment of a fee on a page that our row forgot."""
    page = desk.cashier.pay_fee(fee.id).rpartition("/")[2]
    desk.gateway.pay(page, VISA)
    forgotten = {"state": State.FAILED.value, "session_id": None, "page_url": None}
    desk.services.do(lambda work: books.change(work, fee.id, **forgotten))
    made = desk.gateway.checkout(page).intent
    assert made is not None
    return made

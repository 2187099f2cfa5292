"""What a visit costs that is cancelled late or missed, and what becomes of its deposit (S56, S57, P5, P6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.booking import actions, changes, fees, models, queries
from clinic_portal.booking.actions import Booked
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.payments import cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Refund
from clinic_portal.payments.ports import CheckoutStatus
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet import queries as wallet
from tests import factories
from tests.card_kit import LATER_DECLINED, VISA, Till, till
from tests.factories import SmallClinic, minute

FRIDAY = date(2026, 12, 4)
UNTIL_FREE = timedelta(days=9, hours=1)
"""From the clock's beginning, Monday at 9:00, to two days before Friday of next week at 10:00."""


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def booked(made: SmallClinic, desk: Till, number: str = VISA) -> Booked:
    """A visit of $240.00 on Friday at 10:00, under the policy: half the price from two days before on."""
    factories.visitor(made, "browser", "botox")
    made.services.do(actions.holds.hold, "browser", minute(FRIDAY, "10:00"))
    return desk.books("browser", made["policy"], number)


def cancels(made: SmallClinic, visit: Booked, fee_minor: int) -> None:
    made.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee_minor)


def works(desk: Till, clock: FixedClock) -> None:
    """The worker does all that waits."""
    clock.advance(timedelta(minutes=2))
    desk.cashier.tend()


def fee(desk: Till, visit: Booked, purpose: Purpose = Purpose.CANCELLATION_FEE) -> PaymentInfo:
    found = desk.services.ask(payments.fee_of, visit.appointment_id, purpose)
    assert found is not None
    return found


def told(paid: PaymentInfo) -> tuple[State, int, int]:
    return paid.state, paid.from_deposit_minor, paid.captured_minor


def given_back(services: Services) -> list[tuple[int, str]]:
    return [(one.amount_minor, one.state) for one in factories.rows(services, Refund)]


def owner(services: Services) -> Any:
    return factories.staff(services).actor


def begins(clock: FixedClock) -> None:
    """It is Friday, a minute past the visit's start."""
    clock.advance(timedelta(days=11, hours=1, minutes=1))


# ---- cancelled -------------------------------------------------------------------------------------------------------


@pytest.mark.req("S57")
def test_a_visit_cancelled_to_the_second_in_time_costs_nothing(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE)
    cancels(made, visit, 0)
    works(desk, clock)
    assert desk.services.ask(payments.fee_of, visit.appointment_id, Purpose.CANCELLATION_FEE) is None


@pytest.mark.req("S57")
def test_a_visit_without_a_policy_costs_nothing_however_late_it_is_cancelled(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.change(clinic.Service, "botox", policy_rule="none")
    factories.visitor(made, "browser", "botox")
    made.services.do(actions.holds.hold, "browser", minute(FRIDAY, "10:00"))
    visit = desk.books("browser", None)
    clock.advance(UNTIL_FREE + timedelta(days=1))
    cancels(made, visit, 0)
    assert desk.of_visit(visit.appointment_id) == ()


@pytest.mark.req("S56")
def test_a_visit_cancelled_a_second_too_late_is_charged_to_its_card(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(seconds=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    assert told(fee(desk, visit)) == (State.PAID, 0, 12000)


def test_who_read_no_fee_and_cancels_a_second_too_late_is_asked_again(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(seconds=1))
    with pytest.raises(Conflict, match="fee_changed"):
        cancels(made, visit, 0)
    assert desk.services.ask(queries.visit, visit.appointment_id).status == "booked"


def test_a_visit_cancelled_twice_is_charged_once(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    cancels(made, visit, 12000)
    works(desk, clock)
    works(desk, clock)
    assert [one.purpose for one in desk.of_visit(visit.appointment_id)] == [Purpose.HOLD, Purpose.CANCELLATION_FEE]


# ---- deposits --------------------------------------------------------------------------------------------------------


@pytest.mark.req("P6")
def test_a_deposit_of_a_visit_cancelled_in_time_goes_back_to_its_card(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.change(clinic.Service, "botox", deposit_minor=6000)
    visit = booked(made, desk)
    assert desk.services.ask(wallet.kept_for, visit.appointment_id) == 6000
    cancels(made, visit, 0)
    works(desk, clock)
    assert given_back(desk.services) == [(6000, "done")]
    assert desk.services.ask(wallet.kept_for, visit.appointment_id) == 0
    assert desk.of_visit(visit.appointment_id)[0].refunded_minor == 6000


@pytest.mark.req("P6")
def test_a_deposit_stays_in_the_wallet_where_the_clinic_keeps_it_there(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.change(clinic.Service, "botox", deposit_minor=6000)
    made.settings(deposit_returns_to="wallet")
    visit = booked(made, desk)
    cancels(made, visit, 0)
    works(desk, clock)
    assert given_back(desk.services) == []
    assert desk.services.ask(wallet.credit, visit.patient_id) == {"USD": 6000}
    assert desk.services.ask(wallet.kept_for, visit.appointment_id) == 0


def test_the_deposit_pays_the_fee_first_and_the_card_the_rest(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    made.change(clinic.Service, "botox", deposit_minor=6000)
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    assert told(fee(desk, visit)) == (State.PAID, 6000, 6000)
    assert given_back(desk.services) == []


def test_of_a_deposit_higher_than_the_fee_the_rest_goes_back(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    made.change(clinic.Service, "botox", deposit_minor=20000)
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    assert told(fee(desk, visit)) == (State.PAID, 12000, 0)
    assert given_back(desk.services) == [(8000, "done")]


def test_the_rest_of_a_deposit_becomes_credit_where_the_clinic_keeps_it(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.change(clinic.Service, "botox", deposit_minor=20000)
    made.settings(deposit_returns_to="wallet")
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    assert given_back(desk.services) == []
    assert desk.services.ask(wallet.credit, visit.patient_id) == {"USD": 8000}


def test_what_a_deposit_leaves_of_a_fee_is_not_charged_where_no_card_takes_so_little(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.change(clinic.Service, "botox", deposit_minor=6000)
    made.change(clinic.PolicyVersion, "policy", fee_percent=None, fee_minor=6030)
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 6030)
    works(desk, clock)
    assert told(fee(desk, visit)) == (State.WAIVED, 6000, 0)


# ---- fees that fail --------------------------------------------------------------------------------------------------


def owes(made: SmallClinic, desk: Till, clock: FixedClock) -> Booked:
    """A visit whose fee the bank declined."""
    visit = booked(made, desk, LATER_DECLINED)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    return visit


def test_a_fee_the_bank_declines_is_owed_and_says_why(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    owed = fee(desk, owes(made, desk, clock))
    assert (owed.state, owed.failure_code, owed.captured_minor) == (State.FAILED, "card_declined", 0)


def test_a_fee_without_a_card_on_file_is_owed(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = booked(made, desk)
    card = desk.services.ask(payments.cards_of, visit.patient_id, account="sandbox")[0]
    desk.services.do(cards.remove, "sandbox", visit.patient_id, card.id)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    owed = fee(desk, visit)
    assert (owed.state, owed.failure_code) == (State.FAILED, "no_card")


def test_a_fee_that_failed_is_tried_again_on_the_card_that_is_charged_first_now(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = owes(made, desk, clock)
    desk.adds_card(visit.patient_id, VISA)
    desk.cashier.card_returned(visit.patient_id)
    added = max(one.id for one in desk.services.ask(payments.cards_of, visit.patient_id, account="sandbox"))
    desk.services.do(cards.make_default, "sandbox", visit.patient_id, added)
    desk.cashier.retry(owner(desk.services), fee(desk, visit).id)
    works(desk, clock)
    assert told(fee(desk, visit)) == (State.PAID, 0, 12000)


def test_a_fee_that_fails_again_is_owed_still(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = owes(made, desk, clock)
    desk.cashier.retry(factories.staff(desk.services, "front_desk").actor, fee(desk, visit).id)
    works(desk, clock)
    owed = fee(desk, visit)
    assert (owed.state, owed.attempt, owed.failure_code) == (State.FAILED, 2, "card_declined")


def test_a_waived_fee_is_neither_tried_nor_waived_again(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    owed = fee(desk, owes(made, desk, clock))
    desk.cashier.waive(owner(desk.services), owed.id, reason="Was in hospital")
    for verb, more in ((desk.cashier.retry, {}), (desk.cashier.waive, {"reason": "Once more"})):
        with pytest.raises(Conflict, match="payment_moved_on"):
            verb(owner(desk.services), owed.id, **more)
    assert desk.services.ask(payments.payment, owed.id).state is State.WAIVED


def test_nothing_is_waived_without_a_reason(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    owed = fee(desk, owes(made, desk, clock))
    with pytest.raises(Invalid, match="reason_missing"):
        desk.cashier.waive(owner(desk.services), owed.id, reason="  . ")
    assert desk.services.ask(payments.payment, owed.id).state is State.FAILED


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_gives_money_back_waives_a_fee(made: SmallClinic, desk: Till, clock: FixedClock, role: str) -> None:
    owed = fee(desk, owes(made, desk, clock))
    with pytest.raises(NotAllowed):
        desk.cashier.waive(factories.staff(desk.services, role).actor, owed.id, reason="Was in hospital")
    assert desk.services.ask(payments.payment, owed.id).state is State.FAILED


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_only_who_charges_fees_tries_one_again(made: SmallClinic, desk: Till, clock: FixedClock, role: str) -> None:
    owed = fee(desk, owes(made, desk, clock))
    with pytest.raises(NotAllowed):
        desk.cashier.retry(factories.staff(desk.services, role).actor, owed.id)
    assert desk.services.ask(payments.payment, owed.id).state is State.FAILED


def test_a_fee_that_was_paid_is_neither_tried_again_nor_waived(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    for verb, more in ((desk.cashier.retry, {}), (desk.cashier.waive, {"reason": "A mistake"})):
        with pytest.raises(Conflict, match="payment_moved_on"):
            verb(owner(desk.services), fee(desk, visit).id, **more)
    assert told(fee(desk, visit)) == (State.PAID, 0, 12000)


def test_a_page_on_which_a_fee_could_be_paid_ends_before_it_is_waived(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    owed = fee(desk, owes(made, desk, clock))
    opened = desk.cashier.pay_fee(owed.id).rpartition("/")[2]
    desk.cashier.waive(owner(desk.services), owed.id, reason="Was in hospital")
    assert desk.gateway.checkout(opened).status is CheckoutStatus.EXPIRED
    assert desk.services.ask(payments.payment, owed.id).state is State.WAIVED


def test_a_page_on_which_a_fee_could_be_paid_ends_before_it_is_tried_again(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    owed = fee(desk, owes(made, desk, clock))
    opened = desk.cashier.pay_fee(owed.id).rpartition("/")[2]
    desk.cashier.retry(owner(desk.services), owed.id)
    assert desk.gateway.checkout(opened).status is CheckoutStatus.EXPIRED
    works(desk, clock)
    assert desk.services.ask(payments.payment, owed.id).state is State.FAILED


def test_a_fee_that_was_paid_online_meanwhile_is_neither_waived_nor_charged(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = owes(made, desk, clock)
    owed = fee(desk, visit)
    desk.gateway.pay(desk.cashier.pay_fee(owed.id).rpartition("/")[2], VISA)
    for verb, more in ((desk.cashier.retry, {}), (desk.cashier.waive, {"reason": "Was in hospital"})):
        with pytest.raises(Conflict, match="payment_moved_on"):
            verb(owner(desk.services), owed.id, **more)
    assert told(fee(desk, visit)) == (State.PAID, 0, 12000)


# ---- refunds ---------------------------------------------------------------------------------------------------------


def paid_deposit(made: SmallClinic, desk: Till) -> PaymentInfo:
    made.change(clinic.Service, "botox", deposit_minor=6000)
    return desk.of_visit(booked(made, desk).appointment_id)[0]


def test_a_payment_is_given_back_in_parts_and_never_more_than_was_taken(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    paid, boss = paid_deposit(made, desk), owner(desk.services)
    desk.services.do(fees.refund, boss, paid.id, 2000, reason="Goodwill")
    works(desk, clock)
    with pytest.raises(Invalid, match="refund_too_much"):
        desk.services.do(fees.refund, boss, paid.id, 4001, reason="Goodwill")
    desk.services.do(fees.refund, boss, paid.id, 4000, reason="Goodwill")
    works(desk, clock)
    assert given_back(desk.services) == [(2000, "done"), (4000, "done")]
    assert desk.services.ask(payments.payment, paid.id).refunded_minor == 6000


def test_what_is_on_its_way_back_is_not_given_back_twice(made: SmallClinic, desk: Till) -> None:
    paid, boss = paid_deposit(made, desk), owner(desk.services)
    desk.services.do(fees.refund, boss, paid.id, 6000, reason="Goodwill")
    with pytest.raises(Invalid, match="refund_too_much"):
        desk.services.do(fees.refund, boss, paid.id, 1, reason="Goodwill")


def test_two_who_give_the_same_back_at_once_do_it_once(made: SmallClinic, desk: Till) -> None:
    paid, boss = paid_deposit(made, desk), owner(desk.services)
    desk.services.do(fees.refund, boss, paid.id, 2000, reason="Goodwill", seen_left_minor=6000)
    with pytest.raises(Conflict, match="payment_moved_on"):
        desk.services.do(fees.refund, boss, paid.id, 2000, reason="Goodwill", seen_left_minor=6000)
    assert given_back(desk.services) == [(2000, "prepared")]


@pytest.mark.parametrize("amount", [0, -1, 6001])
def test_no_amount_and_too_much_are_refused(made: SmallClinic, desk: Till, amount: int) -> None:
    paid = paid_deposit(made, desk)
    with pytest.raises(Invalid, match="refund_too_much"):
        desk.services.do(fees.refund, owner(desk.services), paid.id, amount, reason="Goodwill")
    assert given_back(desk.services) == []


def test_nothing_is_given_back_without_a_reason(made: SmallClinic, desk: Till) -> None:
    paid = paid_deposit(made, desk)
    with pytest.raises(Invalid, match="reason_missing"):
        desk.services.do(fees.refund, owner(desk.services), paid.id, 1000, reason=" ")
    assert given_back(desk.services) == []


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_may_gives_money_back(made: SmallClinic, desk: Till, role: str) -> None:
    paid = paid_deposit(made, desk)
    with pytest.raises(NotAllowed):
        desk.services.do(fees.refund, factories.staff(desk.services, role).actor, paid.id, 1000, reason="Goodwill")
    assert given_back(desk.services) == []


def test_a_hold_that_was_released_cannot_be_given_back(made: SmallClinic, desk: Till) -> None:
    hold = desk.of_visit(booked(made, desk).appointment_id)[0]
    with pytest.raises(Conflict, match="payment_moved_on"):
        desk.services.do(fees.refund, owner(desk.services), hold.id, 50, reason="Goodwill")


def test_a_deposit_given_back_by_staff_stands_in_the_wallet_no_longer(made: SmallClinic, desk: Till) -> None:
    paid = paid_deposit(made, desk)
    desk.services.do(fees.refund, owner(desk.services), paid.id, 2500, reason="Goodwill")
    assert paid.appointment_id is not None
    assert desk.services.ask(wallet.kept_for, paid.appointment_id) == 3500


# ---- missed visits ---------------------------------------------------------------------------------------------------


def misses(desk: Till, visit: Booked, fee_minor: int, role: str = "front_desk") -> None:
    actor = factories.staff(desk.services, role).actor
    desk.services.do(fees.charge_noshow, actor, visit.appointment_id, shown_fee_minor=fee_minor)


@pytest.mark.req("P5")
def test_a_visit_nobody_came_to_is_charged_to_its_card(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = booked(made, desk)
    begins(clock)
    misses(desk, visit, 12000)
    works(desk, clock)
    assert told(fee(desk, visit, Purpose.NOSHOW_FEE)) == (State.PAID, 0, 12000)
    assert desk.services.ask(queries.visit, visit.appointment_id).status == "noshow"


@pytest.mark.req("P5")
def test_a_missed_visit_costs_what_its_policy_says_of_those(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    made.change(clinic.PolicyVersion, "policy", noshow_fee_percent=100)
    made.change(clinic.Service, "botox", deposit_minor=6000)
    visit = booked(made, desk)
    begins(clock)
    misses(desk, visit, 24000)
    works(desk, clock)
    assert told(fee(desk, visit, Purpose.NOSHOW_FEE)) == (State.PAID, 6000, 18000)


@pytest.mark.req("P5")
def test_a_missed_visit_of_which_the_policy_asks_nothing_is_marked_and_not_charged(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.change(clinic.PolicyVersion, "policy", noshow_fee_minor=0)
    visit = booked(made, desk)
    begins(clock)
    misses(desk, visit, 0)
    assert desk.services.ask(payments.fee_of, visit.appointment_id, Purpose.NOSHOW_FEE) is None
    assert desk.services.ask(queries.visit, visit.appointment_id).status == "noshow"


def test_a_visit_that_has_not_begun_cannot_be_missed(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = booked(made, desk)
    clock.advance(timedelta(days=11, minutes=59))
    with pytest.raises(Conflict, match="change_ended"):
        misses(desk, visit, 12000)


@pytest.mark.parametrize("status", ["arrived", "fulfilled", "cancelled", "noshow"])
def test_a_visit_that_was_attended_cancelled_or_marked_before_cannot_be_missed(
    made: SmallClinic, desk: Till, clock: FixedClock, status: str
) -> None:
    visit = booked(made, desk)
    appointments = table(models.Appointment)
    is_this = appointments.c.id == visit.appointment_id
    desk.services.do(lambda work: work.execute(appointments.update().where(is_this).values(status=status)) and None)
    begins(clock)
    with pytest.raises(Conflict, match="change_ended"):
        misses(desk, visit, 12000)
    assert desk.services.ask(payments.fee_of, visit.appointment_id, Purpose.NOSHOW_FEE) is None


def test_a_missed_visit_is_charged_once_however_often_it_is_said(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = booked(made, desk)
    begins(clock)
    misses(desk, visit, 12000)
    with pytest.raises(Conflict, match="change_ended"):
        misses(desk, visit, 12000)
    works(desk, clock)
    assert [one.purpose for one in desk.of_visit(visit.appointment_id)] == [Purpose.HOLD, Purpose.NOSHOW_FEE]


def test_another_fee_than_the_policys_is_never_charged(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = booked(made, desk)
    begins(clock)
    with pytest.raises(Conflict, match="fee_changed"):
        misses(desk, visit, 24000)
    assert desk.services.ask(queries.visit, visit.appointment_id).status == "booked"


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_only_who_charges_fees_says_that_nobody_came(
    made: SmallClinic, desk: Till, clock: FixedClock, role: str
) -> None:
    visit = booked(made, desk)
    begins(clock)
    with pytest.raises(NotAllowed):
        misses(desk, visit, 12000, role)
    assert desk.services.ask(queries.visit, visit.appointment_id).status == "booked"


# ---- money without minor units ---------------------------------------------------------------------------------------


def test_a_currency_without_minor_units_is_charged_and_given_back_in_its_own_units(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.settings(currency="JPY")
    made.change(clinic.PolicyVersion, "policy", currency="JPY")
    visit = booked(made, desk)
    clock.advance(UNTIL_FREE + timedelta(hours=1))
    cancels(made, visit, 12000)
    works(desk, clock)
    charged = fee(desk, visit)
    assert (charged.currency, *told(charged)) == ("JPY", State.PAID, 0, 12000)
    assert charged.intent_id is not None
    assert desk.gateway.intent(charged.intent_id).captured_minor == 12000
    desk.services.do(fees.refund, owner(desk.services), charged.id, 1, reason="Goodwill")
    works(desk, clock)
    assert desk.gateway.intent(charged.intent_id).refunded_minor == 1

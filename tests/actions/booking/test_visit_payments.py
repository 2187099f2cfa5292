"""What the page of a visit says of its payments, in each state they can stand in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.booking import fees, holds, queries
from clinic_portal.booking.types import Visit
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.payments import books
from clinic_portal.web.portal import visit_payments
from clinic_portal.web.portal.visit_payments import PaymentView
from tests import factories
from tests.card_kit import LATER_DECLINED, Till, till
from tests.factories import SmallClinic
from tests.fees_kit import FRIDAY, asks_deposit, cancels, cancels_late, deposit_of, has_booked, owes_fee, refunded


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def shown(desk: Till, visit: Visit) -> list[PaymentView]:
    now = desk.services.ask(queries.visit, visit.appointment_id)
    return desk.services.ask(visit_payments.of_visit, now, "en")


def reserved(made: SmallClinic, desk: Till) -> Visit:
    """A visit whose deposit is authorised and not taken yet."""
    asks_deposit(made)
    factories.visitor(made, "quick", "botox")
    made.services.do(holds.hold, "quick", factories.minute(FRIDAY, "10:00"))
    paid = desk.pays("quick", made["policy"])
    assert paid.appointment_id is not None
    return desk.services.ask(queries.visit, paid.appointment_id)


@pytest.mark.req("P6")
def test_a_deposit_that_is_being_taken_is_on_its_way_and_has_no_receipt_yet(made: SmallClinic, desk: Till) -> None:
    (deposit,) = shown(desk, reserved(made, desk))
    assert (deposit.title, deposit.amount, deposit.status, deposit.receipt) == ("Deposit", "$50.00", "On its way", "")


@pytest.mark.req("P6")
def test_a_deposit_let_go_before_it_was_taken_says_so(made: SmallClinic, desk: Till) -> None:
    visit = reserved(made, desk)
    cancels(desk, visit)
    assert [one.status for one in shown(desk, visit)] == ["Let go"]
    desk.cashier.finish(deposit_of(desk, visit).id)
    assert [(one.status, one.told) for one in shown(desk, visit)] == [("Let go", "Nothing was taken from your card.")]


@pytest.mark.req("S56")
def test_a_fee_that_the_worker_is_about_to_charge_offers_no_button(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = has_booked(made, desk)
    clock.advance(visit.start_at - timedelta(days=1) - clock.now())
    cancels(desk, visit)
    (fee,) = shown(desk, visit)
    assert (fee.title, fee.status, fee.pay_id) == ("Late cancellation", "On its way", 0)


@pytest.mark.req("S56")
def test_a_fee_that_was_refused_says_why_and_asks_for_what_is_left_of_it(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk, number=LATER_DECLINED)
    paid = cancels_late(desk, clock, visit)
    fee = shown(desk, visit)[-1]
    assert (fee.kind, fee.amount, fee.pay, fee.pay_id) == ("owed", "$120.00", "$70.00", paid.id)
    assert fee.told == "The bank did not let it through."
    assert fee.more == ["$50.00 of it was paid from your deposit."]


def test_a_fee_whose_page_was_opened_can_be_gone_on_with(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = owes_fee(made, desk, clock)
    desk.cashier.pay_fee(fee.id)
    assert fee.appointment_id is not None
    (found,) = shown(desk, desk.services.ask(queries.visit, fee.appointment_id))
    assert (found.kind, found.pay_id) == ("owed", fee.id)


def test_a_rest_too_small_for_a_card_is_waived(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    asks_deposit(made, 11980)
    visit = has_booked(made, desk)
    cancels_late(desk, clock, visit)
    fee = shown(desk, visit)[-1]
    assert (fee.status, fee.told) == ("Waived", "It is too small for a card: you owe nothing.")
    assert fee.more == ["$119.80 of it was paid from your deposit."]
    assert fee.receipt


@pytest.mark.req("P6")
def test_a_refund_is_on_its_way_then_done_and_one_that_fails_asks_for_a_call(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    paid = deposit_of(desk, visit)
    owner = factories.staff(desk.services).actor
    asked = desk.services.do(fees.refund, owner, paid.id, 1000, reason="A kindness.")
    assert shown(desk, visit)[0].more == ["$10.00 is on its way back to your card."]
    desk.cashier.refund(asked)
    refunded(desk, paid, 500)
    lost = desk.services.do(fees.refund, owner, paid.id, 700, reason="A kindness.")
    desk.services.do(books.change_refund, lost, state="failed")
    done = "went back to your card on Mon, Nov 23, 2026. Your bank may take a few days to show it."
    assert shown(desk, visit)[0].more == [
        f"$10.00 {done}",
        f"$5.00 {done}",
        "$7.00 could not be sent back to your card. Please call us, and we will settle it with you.",
    ]


def test_a_card_that_was_only_checked_is_not_mentioned(made: SmallClinic, desk: Till) -> None:
    assert shown(desk, has_booked(made, desk)) == []

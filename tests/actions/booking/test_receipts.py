"""Receipts: who may read them, and what stands in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.booking import receipt_words, receipts, visit_receipts
from clinic_portal.booking.bills import Extra, Wish
from clinic_portal.booking.receipts import Receipt
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.forms.ports import Amount
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from tests import factories
from tests.card_kit import LATER_DECLINED, Till, till
from tests.factories import SmallClinic
from tests.fees_kit import (
    asks_deposit,
    cancels,
    cancels_late,
    deposit_of,
    has_booked,
    misses,
    owes_fee,
    refunded,
    refunds_made,
)
from tests.visits_kit import begins, checks_out, has_items, reserves


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def receipt_of(desk: Till, paid: PaymentInfo) -> Receipt:
    assert paid.patient_id is not None
    return desk.services.ask(receipts.own, paid.patient_id, paid.id)


def lines_of(desk: Till, paid: PaymentInfo) -> list[tuple[str, str]]:
    return [(one.what, one.amount) for one in receipt_words.told(receipt_of(desk, paid)).lines]


def notes_of(desk: Till, paid: PaymentInfo) -> str:
    return " ".join(receipt_words.told(receipt_of(desk, paid)).notes)


# ---- what stands in it


@pytest.mark.req("P6")
def test_a_deposit_names_clinic_patient_visit_card_and_what_was_paid(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    paid = deposit_of(desk, visit)
    told = receipt_words.told(receipt_of(desk, paid))
    assert told.number == f"R-{paid.id:06}"
    assert (told.clinic, told.phone) == ("Lumen Aesthetics", "+1 512-555-0100")
    assert told.place == "Lumen Downtown, 214 Congress Ave, Austin, TX 78701"
    assert told.patient == "Amara Reed"
    assert told.about == (
        ("Confirmation", visit.reference),
        ("Day of the visit", "Friday, December 4, 2026"),
        ("Services", "Botox — forehead"),
        ("With", "Dr. Maya Osei"),
    )
    assert told.lines == (
        Amount("Deposit", "$50.00"),
        Amount("Paid with Visa ending in 4242", "$50.00"),
        Amount("Paid", "$50.00", is_total=True),
    )
    assert told.notes == ()


@pytest.mark.req("S56")
def test_a_late_cancellation_says_what_of_it_the_deposit_paid(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    fee = cancels_late(desk, clock, visit)
    deposit = deposit_of(desk, visit)
    assert lines_of(desk, fee) == [
        ("Late cancellation", "$120.00"),
        (f"Paid from the deposit (receipt R-{deposit.id:06})", "$50.00"),
        ("Paid with Visa ending in 4242", "$70.00"),
        ("Paid", "$120.00"),
    ]
    assert "$50.00 of this deposit paid a fee under the cancellation policy." in notes_of(desk, deposit)


@pytest.mark.req("S56")
def test_a_fee_that_the_deposit_paid_alone_names_no_card(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    asks_deposit(made, 20000)
    fee = cancels_late(desk, clock, has_booked(made, desk))
    found = receipt_of(desk, fee)
    assert found.card is None
    assert [what.partition(" (")[0] for what, _ in lines_of(desk, fee)] == [
        "Late cancellation",
        "Paid from the deposit",
        "Paid",
    ]


@pytest.mark.req("P5")
def test_a_missed_visit_is_called_so(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = misses(desk, clock, has_booked(made, desk), fee_minor=12000)
    assert lines_of(desk, fee)[0] == ("Missed visit", "$120.00")


@pytest.mark.req("P6")
def test_refunds_stand_with_their_days_and_what_remains(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    asks_deposit(made)
    paid = deposit_of(desk, has_booked(made, desk))
    clock.advance(timedelta(days=1))
    refunded(desk, paid, 1500)
    clock.advance(timedelta(days=1))
    refunded(desk, paid, 500)
    assert lines_of(desk, paid)[2:] == [
        ("Refunded on Tuesday, November 24, 2026", "-$15.00"),
        ("Refunded on Wednesday, November 25, 2026", "-$5.00"),
        ("Paid after refunds", "$30.00"),
    ]


@pytest.mark.req("P6")
def test_a_refund_that_is_on_its_way_is_said_and_not_yet_taken_off(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    cancels(desk, visit)
    paid = deposit_of(desk, visit)
    assert "$50.00 is on its way to the card" in notes_of(desk, paid)
    assert lines_of(desk, paid)[-1] == ("Paid", "$50.00")
    refunds_made(desk, visit)
    assert notes_of(desk, paid) == ""
    assert lines_of(desk, paid)[-1] == ("Paid after refunds", "$0.00")


@pytest.mark.req("P6")
def test_a_deposit_that_became_credit_says_so(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    made.settings(deposit_returns_to="wallet")
    visit = has_booked(made, desk)
    cancels(desk, visit)
    assert notes_of(desk, deposit_of(desk, visit)) == "$50.00 of this deposit became credit at the clinic."


@pytest.mark.req("P6")
def test_credit_that_was_given_back_to_the_card_is_credit_no_longer(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    made.settings(deposit_returns_to="wallet")
    visit = has_booked(made, desk)
    cancels(desk, visit)
    paid = deposit_of(desk, visit)
    refunded(desk, paid, 2000)
    assert notes_of(desk, paid) == "$30.00 of this deposit became credit at the clinic."
    refunded(desk, paid, 3000)
    assert notes_of(desk, paid) == ""


def test_the_day_is_that_of_the_locations_clock(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=14))  # 23:00 in Chicago, and the next day in UTC already
    asks_deposit(made)
    paid = deposit_of(desk, has_booked(made, desk))
    assert receipt_words.told(receipt_of(desk, paid)).paid_on == "Monday, November 23, 2026"


def test_a_fee_paid_later_is_dated_when_it_was_paid(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = owes_fee(made, desk, clock)
    page = desk.cashier.pay_fee(fee.id).rpartition("/")[2]
    clock.advance(timedelta(minutes=20))
    desk.gateway.pay(page, "5555555555554444", authenticated=True)
    paid = desk.cashier.settle(fee.id)
    found = receipt_of(desk, paid)
    assert found.paid_at == clock.now()
    assert lines_of(desk, paid)[1] == ("Paid with Mastercard ending in 4444", "$120.00")


def test_yen_have_no_decimals(made: SmallClinic, desk: Till) -> None:
    made.settings(currency="JPY")
    made.change(clinic.PolicyVersion, "policy", currency="JPY")
    asks_deposit(made)
    paid = deposit_of(desk, has_booked(made, desk))
    assert lines_of(desk, paid)[-1] == ("Paid", "¥5,000")


def test_what_the_deposit_paid_of_a_fee_that_failed_has_a_receipt_with_what_is_owed(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    asks_deposit(made)
    fee = cancels_late(desk, clock, has_booked(made, desk, number=LATER_DECLINED))
    assert fee.state is State.FAILED
    assert lines_of(desk, fee)[-2:] == [("Paid", "$50.00"), ("Still to be paid", "$70.00")]


# ---- who may read it


def refuses(desk: Till, patient_id: int, payment_id: int) -> str:
    with pytest.raises(NotAllowed) as refusal:
        desk.services.ask(receipts.own, patient_id, payment_id)
    return refusal.value.code


def test_a_hold_that_was_released_has_no_receipt(made: SmallClinic, desk: Till) -> None:
    visit = has_booked(made, desk)
    (hold,) = desk.of_visit(visit.appointment_id)
    assert hold.state is State.RELEASED
    assert refuses(desk, visit.patient_id, hold.id) == "not_found"


def test_a_fee_that_nobody_paid_has_no_receipt(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = owes_fee(made, desk, clock)
    assert fee.patient_id is not None
    assert refuses(desk, fee.patient_id, fee.id) == "not_found"


def test_anothers_receipt_looks_like_one_that_does_not_exist(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    paid = deposit_of(desk, has_booked(made, desk))
    thief = factories.patient(desk.services, "thief@example.org", phone="+15125550199").actor.patient_id
    assert refuses(desk, thief, paid.id) == refuses(desk, thief, 987654) == refuses(desk, thief, 0) == "not_found"


@pytest.mark.req("P15")
@pytest.mark.parametrize(
    ("role", "may"), [("owner", True), ("front_desk", True), ("provider", False), ("read_only", False)]
)
def test_of_the_staff_those_who_see_payments_read_receipts(made: SmallClinic, desk: Till, role: str, may: bool) -> None:
    asks_deposit(made)
    paid = deposit_of(desk, has_booked(made, desk))
    actor = factories.staff(desk.services, role).actor
    if may:
        assert desk.services.ask(receipts.for_staff, actor, paid.id).payment.purpose is Purpose.DEPOSIT
        return
    with pytest.raises(NotAllowed):
        desk.services.ask(receipts.for_staff, actor, paid.id)


# ---- of a visit


@pytest.mark.req("P6")
def test_a_deposit_says_what_of_it_paid_for_the_visit_and_what_became_credit(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.settings(deposit_returns_to="wallet")
    asks_deposit(made)
    visit = has_booked(made, desk)
    begins(clock, visit)
    checks_out(desk.services, visit, Wish(extras=(Extra("For the wait", -22000),)))
    paid = deposit_of(desk, visit)
    assert notes_of(desk, paid) == (
        "$20.00 of this deposit paid for the visit. $30.00 of this deposit became credit at the clinic."
    )


@pytest.mark.req("P6", "P8")
def test_a_visits_receipt_says_what_it_came_to_and_what_paid_it(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk, "botox", "facial")
    package = has_items(desk.services, visit.patient_id, service_id=made["facial"], name="Hydrating facial")
    reserves(desk.services, visit, package, 1)
    begins(clock, visit)
    checks_out(desk.services, visit, how="cash")
    told = visit_receipts.told(desk.services.ask(visit_receipts.own, visit.patient_id, visit.reference))
    assert (told.number, told.patient, told.paid_on) == (
        f"V-{visit.reference}",
        "Amara Reed",
        "Friday, December 4, 2026",
    )
    assert [(one.what, one.amount) for one in told.lines] == [
        ("Botox — forehead", "$240.00"),
        ("Hydrating facial", "$95.00"),
        ("Total", "$335.00"),
        ("Prepaid treatments", "$95.00"),
        ("Deposit used", "$50.00"),
        ("Paid at the clinic in cash", "$190.00"),
    ]
    assert told.notes == ("Hydrating facial: Paid with your package: 1 Hydrating facial.",)


def test_a_visits_receipt_is_nobody_elses_and_there_is_none_before_it_is_paid(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    visit = has_booked(made, desk)
    begins(clock, visit)
    boss = factories.staff(desk.services, "owner").actor
    for who in (visit.patient_id, visit.patient_id + 1):
        with pytest.raises(NotAllowed):
            desk.services.ask(visit_receipts.own, who, visit.reference)
    with pytest.raises(NotAllowed):
        desk.services.ask(visit_receipts.for_staff, boss, visit.reference)
    checks_out(desk.services, visit)
    assert desk.services.ask(visit_receipts.for_staff, boss, visit.reference).bill.sums.desk_minor == 24000
    with pytest.raises(NotAllowed):
        desk.services.ask(visit_receipts.own, visit.patient_id + 1, visit.reference)
    with pytest.raises(NotAllowed):
        desk.services.ask(visit_receipts.for_staff, boss, "LMN-NOSUCH")
    provider = factories.staff(desk.services, "provider").actor
    with pytest.raises(NotAllowed):
        desk.services.ask(visit_receipts.for_staff, provider, visit.reference)

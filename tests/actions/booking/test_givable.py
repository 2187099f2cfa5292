"""What of a payment can still be given back: not what is spent already (P6, P7)."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.booking import fees, returning, till
from clinic_portal.booking.bills import Extra, Wish
from clinic_portal.booking.types import Visit
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid
from clinic_portal.core.work import Services
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet.types import EntryKind
from clinic_portal.web.admin.payments import views
from clinic_portal.web.problems import problem
from tests import factories
from tests.card_kit import Till
from tests.card_kit import till as stands
from tests.factories import SmallClinic
from tests.fees_kit import asks_deposit, cancels, deposit_of, has_booked, refunded
from tests.visits_kit import begins, checks_out
from tests.wallet_kit import credit, is_whole

pytestmark = pytest.mark.req("P6", "P7")
DEPOSIT = 5000


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = factories.small_clinic(services)
    made.settings(deposit_returns_to="wallet")
    asks_deposit(made, DEPOSIT)
    return made


@pytest.fixture
def desk(services: Services) -> Till:
    return stands(services)


@pytest.fixture
def visit(made: SmallClinic, desk: Till) -> Visit:
    return has_booked(made, desk)


@pytest.fixture
def returned(desk: Till, visit: Visit) -> PaymentInfo:
    """A deposit that became credit, as its visit was cancelled in time."""
    cancels(desk, visit)
    return deposit_of(desk, visit)


def spends(desk: Till, visit: Visit, minor: int) -> None:
    """Credit is used for another visit of theirs."""
    told: dict[str, Any] = {"key": "another visit", "patient_id": visit.patient_id, "currency": "USD"}
    desk.services.do(wallet.enter, EntryKind.USED, amount_minor=-minor, actor="staff:1", **told)


def pays_part(desk: Till, clock: FixedClock, visit: Visit, minor: int) -> PaymentInfo:
    """The visit costs so much of its deposit, and the rest of it becomes credit."""
    begins(clock, visit)
    checks_out(desk.services, visit, Wish(extras=(Extra("A kindness", minor - visit.total_minor),)))
    return deposit_of(desk, visit)


def sheet(desk: Till, paid: PaymentInfo) -> till.Sheet:
    return desk.services.ask(till.sheet, factories.staff(desk.services, "owner").actor, paid.id)


@pytest.mark.parametrize("spent", [1, 2000, DEPOSIT])
def test_a_deposit_that_became_credit_goes_to_its_card_only_as_far_as_that_is_unspent(
    desk: Till, visit: Visit, returned: PaymentInfo, spent: int
) -> None:
    spends(desk, visit, spent)
    unspent = DEPOSIT - spent
    assert (sheet(desk, returned).left_minor, sheet(desk, returned).spent_minor) == (unspent, spent)
    with pytest.raises(Invalid, match="refund_spent") as refusal:
        refunded(desk, returned, unspent + 1)
    assert (refusal.value.facts["amount_minor"], refusal.value.facts["most_minor"]) == (spent, unspent)
    if unspent:
        refunded(desk, returned, unspent)
    assert desk.services.ask(payments.payment, returned.id).refunded_minor == unspent
    assert credit(desk.services, visit.patient_id) == 0
    is_whole(desk.services)


def test_the_refusal_says_what_is_spent_and_what_can_be_given_back(
    desk: Till, visit: Visit, returned: PaymentInfo
) -> None:
    spends(desk, visit, 2000)
    with pytest.raises(Invalid) as refusal:
        refunded(desk, returned, DEPOSIT)
    told = problem(refusal.value).sentence
    assert told == "$20.00 of it became credit and is spent, so no more than $30.00 can be given back."


def test_what_paid_a_visit_can_be_given_back_though_the_rest_became_credit_and_is_spent(
    desk: Till, clock: FixedClock, visit: Visit
) -> None:
    paid = pays_part(desk, clock, visit, 3000)
    spends(desk, visit, 2000)
    assert (sheet(desk, paid).left_minor, sheet(desk, paid).creditable_minor) == (3000, 3000)
    with pytest.raises(Invalid, match="refund_spent"):
        refunded(desk, paid, 3001)
    refunded(desk, paid, 3000)
    assert (sheet(desk, paid).left_minor, credit(desk.services, visit.patient_id)) == (0, 0)
    is_whole(desk.services)


def test_staff_read_what_of_a_deposit_paid_its_visit_and_what_is_spent_of_the_rest(
    desk: Till, clock: FixedClock, visit: Visit
) -> None:
    paid = pays_part(desk, clock, visit, 3000)
    spends(desk, visit, 500)
    told = {one.name: one.told for one in views.facts(sheet(desk, paid), "America/Chicago", "en")}
    assert told["Used for the visit or its fee"] == "$30.00"
    assert told["Became credit, and is spent"] == "$5.00"


def test_a_deposit_that_paid_nothing_yet_says_nothing_of_it(desk: Till, visit: Visit) -> None:
    told = {one.name for one in views.facts(sheet(desk, deposit_of(desk, visit)), "America/Chicago", "en")}
    assert not told & {"Used for the visit or its fee", "Became credit, and is spent"}


def test_what_paid_a_visit_is_given_back_into_the_wallet_only_once(desk: Till, clock: FixedClock, visit: Visit) -> None:
    paid = pays_part(desk, clock, visit, 3000)
    spends(desk, visit, 2000)
    owner = factories.staff(desk.services, "owner").actor
    with pytest.raises(Invalid):
        desk.services.do(returning.into_wallet, owner, paid.id, 3001, reason="A kindness")
    desk.services.do(returning.into_wallet, owner, paid.id, 3000, reason="A kindness")
    refunded(desk, paid, 2000)  # out of what has just become credit
    assert (sheet(desk, paid).left_minor, credit(desk.services, visit.patient_id)) == (0, 1000)
    is_whole(desk.services)


def test_a_refund_that_was_decided_before_the_credit_was_spent_is_looked_at_anew(
    desk: Till, visit: Visit, returned: PaymentInfo
) -> None:
    seen = sheet(desk, returned).left_minor
    spends(desk, visit, 2000)
    owner = factories.staff(desk.services, "owner").actor
    with pytest.raises(Conflict, match="payment_moved_on"):
        desk.services.do(fees.refund, owner, returned.id, 1000, reason="A kindness", seen_left_minor=seen)

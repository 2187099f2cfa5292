"""A payment given back into its patient's wallet instead of to its card (P7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.booking import changes, fees, givable, reconciling, returning
from clinic_portal.booking.invariants import broken
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.payments import books, differences
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import RefundRequest
from clinic_portal.payments.types import PaymentInfo
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import EntryKind
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic
from tests.fees_kit import (
    asks_deposit,
    cancels,
    cancels_late,
    charged,
    deposit_of,
    has_booked,
    owes_fee,
    refunded,
    refunds_made,
)
from tests.wallet_kit import credit, is_whole

pytestmark = pytest.mark.req("P7")
FEE = 12000


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def fee(made: SmallClinic, desk: Till, clock: FixedClock) -> PaymentInfo:
    """A fee of 120.00 that was charged."""
    return cancels_late(desk, clock, has_booked(made, desk))


def gives_back(desk: Till, paid: PaymentInfo, minor: int, *, role: str = "owner", **more: int) -> PaymentInfo:
    actor = factories.staff(desk.services, role).actor
    desk.services.do(returning.into_wallet, actor, paid.id, minor, reason="A kindness", **more)
    return desk.services.ask(payments.payment, paid.id)


def left(desk: Till, paid: PaymentInfo) -> int:
    return desk.services.ask(lambda read: givable.creditable_minor(read, payments.payment(read, paid.id)))


def test_a_fee_becomes_credit_and_goes_to_no_card_any_more(desk: Till, fee: PaymentInfo) -> None:
    now = gives_back(desk, fee, FEE)
    assert fee.patient_id is not None
    assert (now.credited_minor, now.refunded_minor, now.refundable_minor) == (FEE, 0, 0)
    assert credit(desk.services, fee.patient_id) == FEE
    with pytest.raises(Invalid):
        refunded(desk, fee, 1)
    is_whole(desk.services)


def test_the_entry_says_who_why_and_of_which_payment(desk: Till, fee: PaymentInfo) -> None:
    gives_back(desk, fee, FEE)
    assert fee.patient_id is not None
    entry = desk.services.ask(wallet.entries, fee.patient_id)[0]
    assert (entry.kind, entry.reason, entry.payment_id) == (EntryKind.RETURNED, "A kindness", fee.id)
    assert entry.actor.startswith("staff:")


def test_a_part_becomes_credit_and_the_rest_goes_to_the_card(desk: Till, fee: PaymentInfo) -> None:
    gives_back(desk, fee, 5000)
    refunded(desk, fee, 7000)
    now = desk.services.ask(payments.payment, fee.id)
    assert fee.patient_id is not None
    assert (now.credited_minor, now.refunded_minor, left(desk, now)) == (5000, 7000, 0)
    assert credit(desk.services, fee.patient_id) == 5000


@pytest.mark.parametrize("minor", [0, -1, FEE + 1, 10**12])
def test_nothing_negative_or_more_than_is_left_is_given_back(desk: Till, fee: PaymentInfo, minor: int) -> None:
    with pytest.raises(Invalid):
        gives_back(desk, fee, minor)


def test_what_is_on_its_way_to_the_card_is_not_given_back_again(desk: Till, fee: PaymentInfo) -> None:
    owner = factories.staff(desk.services, "owner").actor
    desk.services.do(fees.refund, owner, fee.id, 7000, reason="A kindness")
    with pytest.raises(Invalid):
        gives_back(desk, fee, 5001)
    gives_back(desk, fee, 5000)


def test_two_who_give_back_the_same_do_it_once(desk: Till, fee: PaymentInfo) -> None:
    gives_back(desk, fee, 5000, seen_left_minor=FEE)
    with pytest.raises(Conflict):
        gives_back(desk, fee, 5000, seen_left_minor=FEE)
    assert fee.patient_id is not None
    assert credit(desk.services, fee.patient_id) == 5000


def test_without_a_reason_nothing_is_given_back(desk: Till, fee: PaymentInfo) -> None:
    owner = factories.staff(desk.services, "owner").actor
    with pytest.raises(Invalid):
        desk.services.do(returning.into_wallet, owner, fee.id, 100, reason="  ")


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_may_give_back_does(desk: Till, fee: PaymentInfo, role: str) -> None:
    with pytest.raises(NotAllowed):
        gives_back(desk, fee, 100, role=role)


def test_a_fee_that_was_not_paid_is_not_given_back(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    with pytest.raises(Conflict):
        gives_back(desk, owes_fee(made, desk, clock), 100)


def test_a_deposit_kept_for_a_visit_becomes_credit_first(made: SmallClinic, desk: Till) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    paid = gives_back(desk, deposit_of(desk, visit), 5000)
    assert desk.services.ask(wallet.kept_for, visit.appointment_id) == 0
    assert (credit(desk.services, visit.patient_id), paid.credited_minor) == (5000, 5000)
    assert desk.services.ask(wallet.entries, visit.patient_id)[0].kind is EntryKind.TO_CREDIT
    is_whole(desk.services)


@pytest.mark.parametrize("part", [2000, 5000])
def test_a_visit_whose_deposit_became_credit_is_cancelled_late_all_the_same(
    made: SmallClinic, desk: Till, clock: FixedClock, part: int
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    gives_back(desk, deposit_of(desk, visit), part)
    fee = cancels_late(desk, clock, visit)
    assert (fee.from_deposit_minor, fee.captured_minor) == (5000 - part, FEE - 5000 + part)
    assert credit(desk.services, visit.patient_id) == part
    is_whole(desk.services)


def test_a_visit_cancelled_in_time_returns_only_the_rest_of_its_deposit_to_the_card(
    made: SmallClinic, desk: Till
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    gives_back(desk, deposit_of(desk, visit), 2000)
    cancels(desk, visit)
    refunds_made(desk, visit)
    paid = deposit_of(desk, visit)
    assert (paid.refunded_minor, paid.credited_minor, credit(desk.services, visit.patient_id)) == (3000, 2000, 2000)
    assert [one for one in desk.services.ask(broken) if "allet" in one] == []


def test_a_deposit_that_is_credit_already_is_not_given_back_a_second_time(made: SmallClinic, desk: Till) -> None:
    made.settings(deposit_returns_to="wallet")
    asks_deposit(made)
    visit = has_booked(made, desk)
    cancels(desk, visit)
    paid = deposit_of(desk, visit)
    assert left(desk, paid) == 0
    with pytest.raises(Invalid):
        gives_back(desk, paid, 1)
    refunded(desk, paid, 5000)  # it may still go to the card, out of the wallet
    assert credit(desk.services, visit.patient_id) == 0


def test_a_deposit_that_paid_a_fee_can_be_given_back_as_credit(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    asks_deposit(made)
    visit = has_booked(made, desk)
    clock.advance(visit.start_at - timedelta(days=1) - clock.now())
    cancels(desk, visit)
    charged(desk, visit, changes.Purpose.CANCELLATION_FEE)
    gives_back(desk, deposit_of(desk, visit), 5000)
    assert credit(desk.services, visit.patient_id) == 5000
    refunded_again = left(desk, deposit_of(desk, visit))
    assert refunded_again == 0
    is_whole(desk.services)


def test_what_goes_back_at_the_gateway_as_well_asks_for_attention(desk: Till, fee: PaymentInfo) -> None:
    gives_back(desk, fee, 5000)
    assert fee.intent_id is not None
    desk.gateway.refund(RefundRequest(0, fee.id, fee.intent_id, FEE, "elsewhere"))
    desk.cashier.compare(desk.gateway.intent(fee.intent_id))
    (differs,) = desk.services.ask(differences.still_open)
    assert differs.kind == f"returned_twice:{FEE}"
    assert reconciling.words(differs).startswith("More went back than was taken")
    assert left(desk, fee) == 0


def test_credit_that_does_not_fit_the_books_of_its_payment_is_found(desk: Till, fee: PaymentInfo) -> None:
    gives_back(desk, fee, 5000)
    assert desk.services.ask(returning.findings) == []
    desk.services.do(books.change, fee.id, credited_minor=4999)
    assert desk.services.ask(broken) == [f"Payment {fee.id} was not given back into a wallet as its books say."]

"""Money of a package goes back as far as it is unused, and takes out of the wallet what it pays for."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from clinic_portal.booking import fees, invariants, receipt_words, receipts, reconciling, returning, till
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.messaging import dispute_sheet, disputes
from clinic_portal.payments import attending, differences
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import RefundRequest
from clinic_portal.payments.types import PaymentInfo, RefundState, State
from clinic_portal.wallet import lots
from clinic_portal.wallet import queries as wallet
from tests import factories
from tests.card_kit import Till
from tests.card_kit import till as a_till
from tests.packages_kit import bought, lot_of, standing, uses

pytestmark = pytest.mark.req("P8")


@pytest.fixture
def made(services: Services) -> factories.SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return a_till(services)


def gives(made: factories.SmallClinic, paid: PaymentInfo, minor: int, *, seen: int | None = None) -> int:
    actor = factories.staff(made.services, "owner").actor
    return made.services.do(fees.refund, actor, paid.id, minor, reason="As agreed.", seen_left_minor=seen)


def left(made: factories.SmallClinic, paid: PaymentInfo) -> int:
    return lot_of(made.services, paid).left


def keeps(made: factories.SmallClinic, paid: PaymentInfo, *days: int) -> list[int]:
    """Visits for each of which one of the package is kept."""
    lot, visits = lot_of(made.services, paid), []
    for day in days:
        on = (made.services.clock.now() + timedelta(days=day)).date()
        visit = factories.booked(made, f"visit {day}", on, "10:00", "facial").appointment_id
        told = {"key": f"visit {visit}", "actor": "patient:1"}
        made.services.do(lots.reserve, lot.patient_id, lot.id, visit, **told)
        visits.append(visit)
    return visits


def is_well(services: Services) -> bool:
    return services.ask(invariants.broken) == []


def test_the_whole_of_an_unused_package_goes_back_with_all_that_is_in_it(
    made: factories.SmallClinic, desk: Till
) -> None:
    paid = bought(made, desk)
    refund = gives(made, paid, 48000)
    assert left(made, paid) == 0
    desk.cashier.refund(refund)
    assert made.services.ask(payments.payment, paid.id).refunded_minor == 48000
    assert made.services.ask(wallet.lots, lot_of(made.services, paid).patient_id) == ()
    assert is_well(made.services)


@pytest.mark.parametrize(("minor", "items"), [(1, 1), (8000, 1), (8001, 2), (16000, 2), (47999, 6)])
def test_a_part_takes_what_it_pays_for_a_part_of_one_takes_it_whole(
    made: factories.SmallClinic, desk: Till, minor: int, items: int
) -> None:
    paid = bought(made, desk)
    gives(made, paid, minor)
    assert left(made, paid) == 6 - items


def test_parts_add_up_and_none_is_taken_twice(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    for minor, rest in ((4000, 5), (4000, 5), (8000, 4), (1, 3)):
        gives(made, paid, minor)
        assert left(made, paid) == rest


def test_what_was_used_is_not_given_back_and_the_refusal_says_how_much_can_be(
    made: factories.SmallClinic, desk: Till
) -> None:
    paid = bought(made, desk)
    uses(made, paid, 2)
    with pytest.raises(Invalid, match="package_refund") as refusal:
        gives(made, paid, 32001)
    facts = refusal.value.facts
    assert (facts["used"], facts["kept"], facts["count"], facts["amount_minor"]) == (2, 0, 6, 32000)
    gives(made, paid, 32000)
    assert left(made, paid) == 0
    assert standing(made.services, paid).givable_minor == 0
    with pytest.raises(Invalid, match="package_refund"):
        gives(made, paid, 1)
    assert is_well(made.services)


def test_what_is_kept_for_a_visit_is_not_given_back_before_the_visit_is_cancelled(
    made: factories.SmallClinic, desk: Till
) -> None:
    from clinic_portal.wallet.types import EntryKind

    paid = bought(made, desk)
    visits = keeps(made, paid, 7, 8)
    with pytest.raises(Invalid, match="package_refund_kept") as refusal:
        gives(made, paid, 48000)
    assert (refusal.value.facts["kept"], refusal.value.facts["amount_minor"]) == (2, 32000)
    for visit in visits:
        made.services.do(lots.settle_reserved, visit, EntryKind.FREED, actor="patient:1")
    gives(made, paid, 48000)
    assert left(made, paid) == 0


def test_what_has_expired_is_not_given_back(made: factories.SmallClinic, desk: Till, clock: FixedClock) -> None:
    paid = bought(made, desk)
    clock.advance(timedelta(days=370))
    with pytest.raises(Invalid, match="package_refund"):
        gives(made, paid, 1)
    assert standing(made.services, paid).used == 6


@pytest.mark.parametrize("minor", [0, -1, 48001, 10**12])
def test_an_amount_that_is_none_or_too_much_is_refused(made: factories.SmallClinic, desk: Till, minor: int) -> None:
    paid = bought(made, desk)
    with pytest.raises(Invalid):
        gives(made, paid, minor)
    assert left(made, paid) == 6


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_who_may_not_give_back_gives_nothing_back(made: factories.SmallClinic, desk: Till, role: str) -> None:
    paid, actor = bought(made, desk), factories.staff(made.services, role).actor
    with pytest.raises(NotAllowed):
        made.services.do(fees.refund, actor, paid.id, 100, reason="As agreed.")


def test_two_who_give_back_the_same_do_it_once(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    uses(made, paid, 1)
    gives(made, paid, 40000, seen=40000)
    with pytest.raises(Conflict, match="payment_moved_on"):
        gives(made, paid, 8000, seen=40000)


def test_one_used_since_it_was_looked_at_is_noticed(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    uses(made, paid, 1)
    with pytest.raises(Conflict, match="payment_moved_on"):
        gives(made, paid, 8000, seen=48000)


def test_a_refund_that_fails_puts_back_what_it_took(made: factories.SmallClinic, desk: Till) -> None:
    from clinic_portal.booking import settling

    paid = bought(made, desk)
    first, second = gives(made, paid, 10000), gives(made, paid, 6000)
    assert left(made, paid) == 4
    made.services.do(settling.refund_failed, first, "card_gone")
    assert left(made, paid) == 5  # the second still pays for one
    made.services.do(settling.refund_failed, first, "card_gone")
    made.services.do(settling.refund_failed, second, "card_gone")
    assert left(made, paid) == 6
    assert [one.state for one in made.services.ask(payments.refunds_of, paid.id)] == [RefundState.FAILED] * 2
    assert standing(made.services, paid).givable_minor == 48000
    assert is_well(made.services)


def elsewhere(desk: Till, paid: PaymentInfo, minor: int) -> None:
    """A refund made in the gateway's own pages, and the notice of it."""
    assert paid.intent_id is not None
    desk.gateway.refund(RefundRequest(0, paid.id, paid.intent_id, minor, f"elsewhere {minor}"))
    desk.cashier.compare(desk.gateway.intent(paid.intent_id))


def test_a_refund_made_at_the_gateway_takes_out_what_it_pays_for(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    elsewhere(desk, paid, 9000)
    assert left(made, paid) == 4
    desk.cashier.compare(desk.gateway.intent(str(paid.intent_id)))
    assert left(made, paid) == 4
    assert made.services.ask(differences.still_open) == ()


def test_one_for_what_is_used_already_takes_the_rest_and_asks_for_attention(
    made: factories.SmallClinic, desk: Till
) -> None:
    paid = bought(made, desk)
    uses(made, paid, 4)
    elsewhere(desk, paid, 48000)
    assert left(made, paid) == 0
    (differs,) = made.services.ask(differences.still_open)
    assert differs.kind == "package_used:48000"
    assert reconciling.words(differs).startswith("More of a package")
    actor = factories.staff(made.services, "owner").actor
    made.services.do(attending.attended, actor, paid.id, how="Agreed with the patient.")
    assert made.services.ask(differences.still_open) == ()
    assert is_well(made.services)


def test_money_taken_for_a_page_that_had_ended_here_goes_back(
    made: factories.SmallClinic, desk: Till, clock: FixedClock
) -> None:
    from clinic_portal.booking import settling
    from tests.packages_kit import on_sale, order

    patient = factories.patient(made.services).actor.patient_id
    page = desk.cashier.buy(order(on_sale(made), patient)).rpartition("/")[2]
    mine = made.services.ask(payments.by_session, page)
    assert mine is not None
    made.services.do(settling.page_over, mine)
    desk.gateway.pay(page, "4242424242424242", authenticated=True)
    reconciling.reconcile(made.services, desk.cashier, clock.now() - timedelta(days=1))
    told = desk.gateway.checkout(page).intent
    assert told is not None
    assert (told.captured_minor, told.refunded_minor) == (48000, 48000)
    assert made.services.ask(wallet.lots, patient) == ()
    assert made.services.ask(payments.payment, mine.id).state is State.EXPIRED


def test_staff_sees_how_much_of_it_is_used_and_what_can_be_given_back(made: factories.SmallClinic, desk: Till) -> None:
    paid, actor = bought(made, desk), factories.staff(made.services, "owner").actor
    uses(made, paid, 1)
    sheet = made.services.ask(till.sheet, actor, paid.id)
    assert sheet.package is not None
    assert (sheet.package.used, sheet.package.left, sheet.left_minor, sheet.returning_minor) == (1, 5, 40000, 0)
    gives(made, paid, 8000)
    sheet = made.services.ask(till.sheet, actor, paid.id)
    assert (sheet.left_minor, sheet.returning_minor) == (32000, 8000)


def test_its_receipt_says_what_was_bought_until_when_and_what_went_back(
    made: factories.SmallClinic, desk: Till
) -> None:
    paid = bought(made, desk)
    desk.cashier.refund(gives(made, paid, 8000))
    found = made.services.ask(receipts.own, paid.patient_id, paid.id)
    told = receipt_words.told(found)
    assert dict(told.about) == {
        "Package": "Glow package",
        "In it": "6 × Hydrating facial",
        "To be used by": "Tuesday, November 23, 2027",
    }
    assert [(one.what, one.amount) for one in told.lines] == [
        ("Package", "$480.00"),
        ("Paid with Visa ending in 4242", "$480.00"),
        ("Refunded on Monday, November 23, 2026", "-$80.00"),
        ("Paid after refunds", "$400.00"),
    ]
    assert told.notes == ("1 treatment of this package went back with the money.",)
    assert receipt_words.sheet(found).title == "Receipt"


def test_nobody_else_has_the_receipt(made: factories.SmallClinic, desk: Till) -> None:
    paid = bought(made, desk)
    other = factories.patient(made.services, "other@example.org", phone="+15125550188").actor
    with pytest.raises(NotAllowed):
        made.services.ask(receipts.own, other.patient_id, paid.id)


@pytest.mark.req("P7")
def test_given_back_into_the_wallet_its_items_leave_and_no_more_than_is_unused_is_credit(
    made: factories.SmallClinic, desk: Till
) -> None:
    paid, actor = bought(made, desk), factories.staff(made.services, "owner").actor
    uses(made, paid, 2)
    with pytest.raises(Invalid, match="package_refund"):
        made.services.do(returning.into_wallet, actor, paid.id, 32001, reason="Too much.")
    made.services.do(returning.into_wallet, actor, paid.id, 16000, reason="They would rather have credit.")
    assert left(made, paid) == 2
    made.services.do(returning.into_wallet, actor, paid.id, 16000, reason="And the rest.")
    lot = lot_of(made.services, paid)
    assert (lot.left, made.services.ask(wallet.credit, lot.patient_id)) == (0, {"USD": 32000})
    assert is_well(made.services)


def test_the_dispute_file_says_what_was_bought_by_whom_and_what_became_of_it(
    made: factories.SmallClinic, desk: Till
) -> None:
    paid = bought(made, desk)
    uses(made, paid, 2)
    desk.cashier.refund(gives(made, paid, 8000))
    actor = factories.staff(made.services, "front_desk").actor
    sheet = dispute_sheet.sheet(made.services.do(disputes.for_staff, actor, paid.id))
    told = json.dumps(asdict(sheet), ensure_ascii=False)
    for word in (
        "Glow package",
        "6 × Hydrating facial",
        "$480.00 is taken now. Use within a year.",
        "3 left, 0 kept for visits, 2 used or expired, 1 taken back",
        "Package bought",
        "Refund asked for",
    ):
        assert word in told, word
    assert "As agreed" not in told  # nothing that staff typed
    assert "cancellation policy" not in told.lower()

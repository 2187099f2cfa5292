"""Payments as staff look through them: by kind, by patient, by what asks for attention; visits nobody came to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from clinic_portal.booking import changes, fees, holds, queries, till
from clinic_portal.booking.actions import Booked
from clinic_portal.booking.till import TillPage
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.payments import attending, books
from clinic_portal.payments import queries as payments
from clinic_portal.payments.listing import Attention, Show
from clinic_portal.payments.types import PaymentInfo, Purpose, RefundState
from tests import factories
from tests.card_kit import LATER_DECLINED, VISA, Till
from tests.card_kit import till as opened
from tests.factories import SmallClinic, minute

FRIDAY = date(2026, 12, 4)
NAMES = (("Amara", "Reed"), ("Élodie", "Haddad"), ("Wei", "Chen"))


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = factories.small_clinic(services)
    made.change(clinic.Service, "peel", deposit_minor=6000)
    return made


@pytest.fixture
def desk(services: Services) -> Till:
    return opened(services)


def booked(made: SmallClinic, desk: Till, n: int, service: str = "botox", number: str = VISA) -> Booked:
    """The visit of one of three patients, an hour after that of the one before."""
    owner = f"browser {n}"
    factories.visitor(
        made, owner, service, name=NAMES[n], email=f"p{n}@example.org", phone=f"+1512555014{n}", provider=None
    )
    made.services.do(holds.hold, owner, minute(FRIDAY, f"{10 + n}:00"))
    return desk.books(owner, made["policy"], number)


def owner(services: Services) -> Any:
    return factories.staff(services).actor


def page(services: Services, show: Show = Show.ALL, **more: Any) -> TillPage:
    return services.ask(till.page, owner(services), show, **more)


def told(found: TillPage) -> list[tuple[str, str]]:
    return [(one.who, one.payment.purpose.value) for one in found.lines]


def owing(made: SmallClinic, desk: Till, clock: FixedClock) -> PaymentInfo:
    """A fee the bank declined."""
    visit = booked(made, desk, 0, number=LATER_DECLINED)
    clock.advance(timedelta(days=10))
    made.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=12000)
    desk.cashier.tend()
    return desk.cashier.settle(desk.of_visit(visit.appointment_id)[-1].id)


# ---- lists -----------------------------------------------------------------------------------------------------------


def test_payments_are_listed_the_newest_first_and_a_page_at_a_time(made: SmallClinic, desk: Till) -> None:
    for n in range(3):
        booked(made, desk, n)
    first = page(desk.services, most=2)
    assert told(first) == [("Wei Chen", "hold"), ("Élodie Haddad", "hold")]
    assert first.has_more
    second = page(desk.services, most=2, before_id=first.lines[-1].payment.id)
    assert told(second) == [("Amara Reed", "hold")]
    assert not second.has_more


def test_each_kind_is_listed_alone(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    deposit = booked(made, desk, 1, "peel")
    owing(made, desk, clock)
    paid = desk.of_visit(deposit.appointment_id)[0]
    desk.services.do(fees.refund, owner(desk.services), paid.id, 1000, reason="Goodwill")
    kinds = {show: [purpose for _, purpose in told(page(desk.services, show))] for show in Show}
    assert kinds == {
        Show.ALL: ["cancellation_fee", "hold", "deposit"],
        Show.ATTENTION: ["cancellation_fee"],
        Show.FEES: ["cancellation_fee"],
        Show.DEPOSITS: ["deposit"],
        Show.HOLDS: ["hold"],
        Show.PACKAGES: [],
        Show.MEMBERSHIPS: [],
        Show.REFUNDS: ["deposit"],
    }


def test_a_card_that_was_added_is_no_payment(made: SmallClinic, desk: Till) -> None:
    visit = booked(made, desk, 0)
    desk.adds_card(visit.patient_id)
    assert told(page(desk.services)) == [("Amara Reed", "hold")]


@pytest.mark.parametrize("wanted", ["elodie", "HADDAD", "p1@example"])
def test_payments_are_found_by_their_patient(made: SmallClinic, desk: Till, wanted: str) -> None:
    for n in range(3):
        booked(made, desk, n)
    assert told(page(desk.services, wanted=wanted)) == [("Élodie Haddad", "hold")]


def test_payments_are_found_by_the_reference_of_their_visit(made: SmallClinic, desk: Till) -> None:
    booked(made, desk, 0)
    visit = booked(made, desk, 1)
    assert told(page(desk.services, wanted=visit.reference.lower())) == [("Élodie Haddad", "hold")]
    assert told(page(desk.services, wanted="LMN-NOBODY")) == []


@pytest.mark.parametrize("written", ["R-{:06}", "r-{}"])
def test_a_payment_is_found_by_the_number_of_its_receipt(made: SmallClinic, desk: Till, written: str) -> None:
    booked(made, desk, 0)
    paid = desk.of_visit(booked(made, desk, 1).appointment_id)[0]
    assert [one.payment.id for one in page(desk.services, wanted=written.format(paid.id)).lines] == [paid.id]


def test_the_books_of_another_account_are_not_shown(made: SmallClinic, desk: Till) -> None:
    visit = booked(made, desk, 0)
    paid = desk.of_visit(visit.appointment_id)[0]
    desk.services.do(books.change, paid.id, account="stripe:test")
    assert told(page(desk.services)) == []
    with pytest.raises(NotAllowed):
        desk.services.ask(till.sheet, owner(desk.services), paid.id)


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_only_who_sees_payments_reads_any(made: SmallClinic, desk: Till, role: str) -> None:
    visit = booked(made, desk, 0)
    actor = factories.staff(desk.services, role).actor
    for query, about in ((till.page, Show.ALL), (till.sheet, desk.of_visit(visit.appointment_id)[0].id)):
        with pytest.raises(NotAllowed):
            desk.services.ask(query, actor, about)
    for query, *more in ((till.unattended,), (till.noshow, visit.appointment_id)):
        with pytest.raises(NotAllowed):
            desk.services.ask(query, actor, *more)


@contextmanager
def statements(services: Services) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(services.database.engine, "before_cursor_execute", note)


def test_a_longer_list_asks_the_database_no_more_often(made: SmallClinic, desk: Till) -> None:
    actor = owner(desk.services)
    counts = []
    for n in (0, 1, 2):
        booked(made, desk, n)
        with statements(desk.services) as asked:
            desk.services.ask(till.page, actor, Show.ALL)
        counts.append(len(asked))
    assert counts[0] == counts[2]


# ---- attention -------------------------------------------------------------------------------------------------------


def test_a_fee_that_failed_asks_for_attention_until_it_is_waived(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    owed = owing(made, desk, clock)
    found = page(desk.services)
    assert (found.attention_count, [one.attention for one in found.asking]) == (1, [(Attention.FEE_FAILED,)])
    desk.cashier.waive(owner(desk.services), owed.id, reason="Was ill")
    assert page(desk.services).attention_count == 0


def test_disputes_failed_refunds_and_differences_ask_for_attention(made: SmallClinic, desk: Till) -> None:
    first, second, third = (desk.of_visit(booked(made, desk, n, "peel").appointment_id)[0] for n in range(3))
    desk.services.do(books.change, first.id, disputed_at=desk.services.clock.now())
    refund = desk.services.do(fees.refund, owner(desk.services), second.id, 1000, reason="Goodwill")
    desk.services.do(books.change_refund, refund, state=RefundState.FAILED.value)
    desk.services.do(books.note_difference, "ours_and_not_taken", payment_id=third.id, intent_id="pi_1")
    found = page(desk.services, Show.ATTENTION)
    assert [one.attention for one in found.lines] == [
        (Attention.DIFFERENCE,),
        (Attention.REFUND_FAILED,),
        (Attention.DISPUTED,),
    ]
    assert found.attention_count == 3


def test_what_was_mended_by_itself_asks_for_nobodys_attention(made: SmallClinic, desk: Till) -> None:
    paid = desk.of_visit(booked(made, desk, 0).appointment_id)[0]
    desk.services.do(books.note_difference, "refunded_elsewhere:5", payment_id=paid.id, intent_id="pi_1", mended=True)
    assert page(desk.services).attention_count == 0


def test_a_difference_of_no_payment_of_ours_is_shown_too(made: SmallClinic, desk: Till) -> None:
    booked(made, desk, 0)
    desk.services.do(books.note_difference, "taken_and_not_ours", payment_id=None, intent_id="pi_9")
    assert [one.intent_id for one in page(desk.services).nobodys] == ["pi_9"]


def disputed(made: SmallClinic, desk: Till) -> PaymentInfo:
    paid = desk.of_visit(booked(made, desk, 0, "peel").appointment_id)[0]
    desk.services.do(books.change, paid.id, disputed_at=desk.services.clock.now())
    desk.services.do(books.note_difference, "ours_and_not_taken", payment_id=paid.id, intent_id="pi_1")
    return paid


def test_what_is_dealt_with_asks_no_more_and_changes_no_money(made: SmallClinic, desk: Till) -> None:
    paid = disputed(made, desk)
    desk.services.do(attending.attended, owner(desk.services), paid.id, how="Evidence sent to the bank")
    assert page(desk.services).attention_count == 0
    assert desk.services.ask(payments.payment, paid.id).captured_minor == 6000
    with pytest.raises(Conflict, match="payment_moved_on"):
        desk.services.do(attending.attended, owner(desk.services), paid.id, how="Once more")


def test_what_comes_after_asks_for_attention_again(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    paid = disputed(made, desk)
    desk.services.do(attending.attended, owner(desk.services), paid.id, how="Evidence sent to the bank")
    clock.advance(timedelta(hours=1))
    refund = desk.services.do(fees.refund, owner(desk.services), paid.id, 1000, reason="Goodwill")
    desk.services.do(books.change_refund, refund, state=RefundState.FAILED.value)
    assert [one.attention for one in page(desk.services).asking] == [(Attention.REFUND_FAILED,)]


def test_a_fee_that_failed_is_not_dealt_with_by_words(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    owed = owing(made, desk, clock)
    with pytest.raises(Conflict, match="payment_moved_on"):
        desk.services.do(attending.attended, owner(desk.services), owed.id, how="Called them")
    assert page(desk.services).attention_count == 1


def test_how_something_was_dealt_with_has_to_be_said(made: SmallClinic, desk: Till) -> None:
    paid = disputed(made, desk)
    with pytest.raises(Invalid, match="reason_missing"):
        desk.services.do(attending.attended, owner(desk.services), paid.id, how=" ")
    front = factories.staff(desk.services, "front_desk").actor
    with pytest.raises(NotAllowed):
        desk.services.do(attending.attended, front, paid.id, how="Evidence sent to the bank")
    assert page(desk.services).attention_count == 1


# ---- one payment -----------------------------------------------------------------------------------------------------


def test_a_payment_stands_beside_its_visit_its_policy_its_card_and_its_refunds(made: SmallClinic, desk: Till) -> None:
    visit = booked(made, desk, 0, "peel")
    paid = desk.of_visit(visit.appointment_id)[0]
    desk.services.do(fees.refund, owner(desk.services), paid.id, 1000, reason="Goodwill")
    found = desk.services.ask(till.sheet, owner(desk.services), paid.id)
    assert found.visit is not None
    assert found.card is not None
    assert (found.visit.reference, found.card.last_four, found.left_minor) == (visit.reference, "4242", 5000)
    assert found.policy is not None
    assert (found.policy.id, [one.amount_minor for one in found.refunds]) == (made["policy"], [1000])
    assert found.returning_minor == 1000
    assert [one.action for one in found.log] == ["appointment.booked", "payment.refunded"]


def test_a_card_that_was_only_added_has_no_sheet(made: SmallClinic, desk: Till) -> None:
    visit = booked(made, desk, 0)
    desk.adds_card(visit.patient_id)
    added = desk.services.ask(payments.newest_card_page, visit.patient_id)
    assert added is not None
    with pytest.raises(NotAllowed):
        desk.services.ask(till.sheet, owner(desk.services), added)


def test_a_card_that_booked_nothing_still_says_which_policy_was_accepted(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    factories.visitor(made, "late", "botox")
    desk.services.do(holds.hold, "late", minute(FRIDAY, "10:00"))
    desk.goes_to_page("late", made["policy"])
    clock.advance(timedelta(hours=1))
    desk.cashier.tend()
    left = page(desk.services).lines[0].payment
    found = desk.services.ask(till.sheet, owner(desk.services), left.id)
    assert found.visit is None
    assert found.policy is not None
    assert found.policy.id == made["policy"]


# ---- visits nobody came to -------------------------------------------------------------------------------------------


def unattended(services: Services) -> list[tuple[str, int]]:
    found, _ = services.ask(till.unattended, owner(services))
    return [(one.who, one.fee_minor) for one in found]


@pytest.mark.req("P5")
def test_a_visit_that_has_begun_without_a_check_in_is_listed_with_what_its_policy_asks(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    booked(made, desk, 0)
    booked(made, desk, 1, "peel")
    assert unattended(desk.services) == []
    clock.advance(timedelta(days=11, hours=1))
    assert unattended(desk.services) == [("Amara Reed", 12000)]
    clock.advance(timedelta(hours=2))
    assert unattended(desk.services) == [("Élodie Haddad", 9000), ("Amara Reed", 12000)]


def test_a_visit_that_was_marked_or_is_long_ago_is_not_listed(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    first = booked(made, desk, 0)
    booked(made, desk, 1)
    clock.advance(timedelta(days=12))
    desk.services.do(fees.charge_noshow, owner(desk.services), first.appointment_id, shown_fee_minor=12000)
    assert unattended(desk.services) == [("Élodie Haddad", 12000)]
    clock.advance(timedelta(days=30))
    assert unattended(desk.services) == []


def test_what_it_would_do_is_told_before_it_is_done(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = booked(made, desk, 0, "peel")
    clock.advance(timedelta(days=12))
    before = desk.services.ask(till.noshow, owner(desk.services), visit.appointment_id)
    assert (before.fee_minor, before.plan.from_deposit_minor, before.plan.charged_minor) == (9000, 6000, 3000)
    assert before.plan.card is not None
    desk.services.do(fees.charge_noshow, owner(desk.services), visit.appointment_id, shown_fee_minor=9000)
    fee = desk.services.ask(payments.fee_of, visit.appointment_id, Purpose.NOSHOW_FEE)
    assert fee is not None
    assert (fee.from_deposit_minor, fee.amount_minor, fee.card_id) == (6000, 3000, before.plan.card.id)


def test_nothing_is_told_of_a_visit_that_cannot_be_missed(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    visit = booked(made, desk, 0)
    with pytest.raises(NotAllowed):
        desk.services.ask(till.noshow, owner(desk.services), visit.appointment_id)
    clock.advance(timedelta(days=12))
    desk.services.do(fees.charge_noshow, owner(desk.services), visit.appointment_id, shown_fee_minor=12000)
    with pytest.raises(NotAllowed):
        desk.services.ask(till.noshow, owner(desk.services), visit.appointment_id)


@pytest.mark.req("P15")
def test_a_patients_own_payments_come_newest_first_and_no_other(made: SmallClinic, desk: Till) -> None:
    first, _, third = (booked(made, desk, n) for n in (0, 1, 2))
    who = owner(made.services)
    for one in (first, third):
        patient_id = made.services.ask(queries.visit, one.appointment_id).patient_id
        lines, has_more = made.services.ask(till.of_patient, who, patient_id)
        assert not has_more
        assert {line.payment.patient_id for line in lines} == {patient_id}

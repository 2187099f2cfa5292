"""What must hold of money at any time: each sentence is said where it is true, and only there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from clinic_portal.booking import holds, queries, settling
from clinic_portal.booking.bills import Wish
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.models import Appointment, VisitBill
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.work import Services
from clinic_portal.payments import books
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import Purpose, State
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet.models import WalletAccount
from clinic_portal.wallet.queries import kept_for
from clinic_portal.wallet.types import EntryKind
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic, minute
from tests.visits_kit import at_desk, begins, checks_out, has_items, reserves

FRIDAY = date(2026, 12, 4)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def visit(made: SmallClinic) -> int:
    """A visit booked with a deposit."""
    made.change(clinic.Service, "peel", deposit_minor=4000)
    return factories.booked(made, "browser", FRIDAY, "10:00", "peel").appointment_id


def prepared(services: Services, visit: int | None, **values: Any) -> int:
    given: dict[str, Any] = {"purpose": Purpose.CANCELLATION_FEE, "amount_minor": 5000, "currency": "USD"}
    return services.do(books.prepare, account="sandbox", appointment_id=visit, **{**given, **values})


def said(services: Services, about: str) -> list[str]:
    return [one for one in services.ask(broken) if about in one]


def test_nothing_is_said_of_a_visit_booked_with_a_deposit(services: Services, visit: int) -> None:
    assert services.ask(broken) == []


def test_a_visit_booked_under_a_policy_without_a_card_is_told_of(services: Services, visit: int, desk: Till) -> None:
    (paid,) = desk.of_visit(visit)
    services.do(lambda work: books.change(work, paid.id, appointment_id=None))
    assert said(services, "without a card") == [f"Appointment {visit} is booked under a policy without a card."]


def test_visits_from_before_cards_were_asked_for_need_none(
    services: Services, made: SmallClinic, visit: int, desk: Till, clock: FixedClock
) -> None:
    (paid,) = desk.of_visit(visit)
    later = {"appointment_id": None, "created_at": clock.now() + timedelta(hours=1)}
    services.do(lambda work: books.change(work, paid.id, **later))
    assert said(services, "without a card") == []


def test_money_that_stays_reserved_is_told_of_after_an_hour(
    services: Services, made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    owner = factories.visitor(made, "browser", "botox")
    services.do(holds.hold, owner, minute(FRIDAY, "10:00"))
    paid = desk.pays(owner, made["policy"])
    clock.advance(timedelta(minutes=50))
    assert services.ask(broken) == []
    clock.advance(timedelta(hours=1))
    (told,) = said(services, f"Payment {paid.id} reserves money")
    desk.cashier.tend()
    assert services.ask(broken) == [], told


def test_a_fee_that_waits_for_more_than_a_day_is_told_of(services: Services, visit: int, clock: FixedClock) -> None:
    services.do(lambda work: work.execute(table(Appointment).update().values(status="cancelled")))
    fee = prepared(services, visit)
    clock.advance(timedelta(hours=23))
    assert said(services, f"Payment {fee}") == []
    clock.advance(timedelta(hours=2))
    assert len(said(services, f"Payment {fee} is a fee that waits")) == 1


def test_a_fee_for_a_visit_that_takes_place_is_told_of(services: Services, visit: int) -> None:
    prepared(services, visit)
    assert said(services, "takes place") == [f"Appointment {visit} takes place, and a fee was asked for it."]


@pytest.mark.parametrize("values", [{"wanted": "release"}, {"wanted": "capture", "failure_code": "slot_taken"}])
def test_money_taken_without_a_booking_is_told_of_until_it_is_on_its_way_back(
    services: Services, visit: int, desk: Till, values: dict[str, str]
) -> None:
    taken = prepared(services, None, purpose=Purpose.DEPOSIT, state="paid", captured_minor=5000, **values)
    assert said(services, "no booking came of it") == [f"Payment {taken} was taken, and no booking came of it."]
    paid = desk.services.ask(desk_payment, taken)
    services.do(books.ask_refund, paid, 5000, reason="a fault", asked_by="staff:1")
    assert said(services, "no booking came of it") == []


def desk_payment(read: Any, payment_id: int) -> Any:
    from clinic_portal.payments import queries

    return queries.payment(read, payment_id)


def test_a_visit_paid_for_twice_is_told_of(services: Services, visit: int) -> None:
    prepared(services, visit, purpose=Purpose.DEPOSIT, state=State.PAID.value, captured_minor=5000, wanted="capture")
    assert said(services, "twice") == [f"Appointment {visit} was paid for twice: deposit."]


def test_a_balance_that_is_not_what_was_posted_is_told_of(services: Services, visit: int) -> None:
    (who,) = factories.rows(services, factories.patients.Patient)
    values: dict[str, Any] = {"patient_id": who.id, "amount_minor": 9000, "currency": "USD", "actor": "test"}
    services.do(lambda work: wallet.enter(work, EntryKind.ADDED, key="x", **values))
    account = table(WalletAccount)
    services.do(lambda work: work.execute(update(account).where(account.c.kind == "credit").values(balance=1)))
    assert len(said(services, "is not what was posted")) == 1


def test_a_deposit_kept_after_the_treatment_is_told_of(services: Services, visit: int) -> None:
    services.do(lambda work: work.execute(table(Appointment).update().values(status="fulfilled")))
    assert said(services, "kept still") == [f"Appointment {visit} took place, and its deposit is kept still."]


@pytest.mark.parametrize("status", ["fulfilled", "cancelled", "noshow"])
def test_an_item_reserved_for_a_visit_that_is_over_is_told_of(
    services: Services, made: SmallClinic, visit: int, status: str
) -> None:
    known = services.ask(queries.visit, visit)
    reserves(services, known, has_items(services, known.patient_id, service_id=made["peel"]))
    assert services.ask(broken) == []
    services.do(lambda work: work.execute(table(Appointment).update().values(status=status)))
    assert len(said(services, f"Appointment {visit} is over, and something of a wallet is reserved for it.")) == 1


def test_a_bill_of_a_visit_that_did_not_take_place_is_told_of(
    services: Services, visit: int, clock: FixedClock
) -> None:
    known = services.ask(queries.visit, visit)
    begins(clock, known)
    checks_out(services, known)
    assert services.ask(broken) == []
    services.do(lambda work: work.execute(table(Appointment).update().values(status="booked")))
    assert said(services, "billed") == [f"Appointment {visit} is billed and did not take place."]


def test_no_bill_is_kept_whose_parts_are_not_its_total(services: Services, visit: int, clock: FixedClock) -> None:
    known = services.ask(queries.visit, visit)
    begins(clock, known)
    checks_out(services, known)
    for values in ({"total_minor": 1}, {"at_desk_minor": -1, "total_minor": 3999}):
        with pytest.raises(IntegrityError):
            services.do(lambda work, values=values: work.execute(table(VisitBill).update().values(**values)))


def test_a_deposit_that_could_not_be_given_back_is_owed_still_and_broken_is_nothing(
    services: Services, made: SmallClinic, visit: int, desk: Till, clock: FixedClock
) -> None:
    known = services.ask(queries.visit, visit)
    begins(clock, known)
    line = at_desk(services, known).lines[0].id
    checks_out(services, known, Wish(frozenset({line})))
    (refund,) = services.ask(payments.refunds_of, desk.of_visit(visit)[0].id)
    services.do(settling.refund_failed, refund.id, "expired_or_canceled_card")
    assert services.ask(kept_for, visit) == 4000
    assert said(services, "kept still") == []

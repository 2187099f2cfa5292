"""Money in several hands in the same instant: tabs, returns, notices, workers, staff and patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.booking import changes, fees, holds, queries
from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.paying import Acceptance
from clinic_portal.booking.reconciling import reconcile
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.memberships import actions as memberships
from clinic_portal.messaging.ports import Senders
from clinic_portal.payments import cards, notices
from clinic_portal.payments import queries as payments
from clinic_portal.payments.models import Payment
from clinic_portal.payments.ports import Notice
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet.queries import kept_for
from clinic_portal.worker import Worker
from tests import factories
from tests.card_kit import LATER_DECLINED, VISA, Till, till
from tests.factories import SmallClinic, minute, rows
from tests.races.racing import at_once

FRIDAY = date(2026, 12, 4)
OWNER, MANY, TIMES = "browser", 4, range(3)
Act = Callable[[Till], str]


@pytest.fixture
def made(services: Services) -> SmallClinic:
    found = factories.small_clinic(services)
    found.change(clinic.Service, "peel", deposit_minor=4000)
    return found


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def together(desk: Till, *acts: Act) -> Counter[str]:
    """Each in a process of its own, all at once; what came of each."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        mine = till(own)
        ready.wait()
        return acts[number](mine)

    return at_once(desk.services, len(acts), attempt)


def settled(desk: Till, clock: FixedClock) -> None:
    """Whoever looks after money has done so; nothing differs, nothing is broken."""
    worker = Worker(desk.services, Senders(None, None), desk.cashier)  # type: ignore[arg-type]
    for _ in range(3):
        clock.advance(timedelta(minutes=3))
        worker.tend()
        worker.tend_money()
        for _ in range(10):
            worker.run_once()
    assert reconcile(desk.services, desk.cashier, clock.now() - timedelta(days=30)).left == ()
    assert desk.services.ask(broken) == []


def kept(desk: Till) -> int:
    """What the gateway took and did not give back."""
    found = desk.gateway.recent(desk.services.clock.now() - timedelta(days=30))
    return sum(one.captured_minor - one.refunded_minor for one in found)


def holding(made: SmallClinic, service: str = "botox", owner: str = OWNER, **more: str) -> str:
    factories.visitor(made, owner, service, **more)
    made.services.do(holds.hold, owner, minute(FRIDAY, "10:00"))
    return owner


def goes(policy_id: int) -> Act:
    def act(mine: Till) -> str:
        return mine.cashier.begin(OWNER, Acceptance(policy_id, None)) or ""

    return act


def comes_back(mine: Till) -> str:
    paid = mine.cashier.returned(OWNER)
    return "booked" if paid and paid.is_booked else "not booked"


@pytest.mark.req("S76")
def test_many_tabs_that_go_to_the_page_at_once_are_sent_to_one(made: SmallClinic, desk: Till) -> None:
    holding(made)
    outcome = together(desk, *[goes(made["policy"])] * MANY)
    (page,) = outcome
    assert page.startswith("http")
    assert len(rows(desk.services, Payment)) == 1


@pytest.mark.req("S78")
def test_two_tabs_that_pay_for_one_cart_at_once_reserve_once_and_book_once(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    holding(made, "peel")
    page = desk.goes_to_page(OWNER, made["policy"])

    def pays(mine: Till) -> str:
        mine.gateway.pay(page, VISA)
        return comes_back(mine)

    assert together(desk, pays, pays) == {"booked": 2}
    settled(desk, clock)
    assert kept(desk) == 4000
    booked = [row for row in rows(desk.services, OutboxRow) if row.kind == "appointment.booked"]
    assert len(booked) == 1


@pytest.mark.req("S81")
@pytest.mark.parametrize("times", TIMES)
def test_the_return_the_notice_and_the_worker_at_once_book_once(
    made: SmallClinic, desk: Till, clock: FixedClock, times: int
) -> None:
    holding(made, "peel")
    page = desk.goes_to_page(OWNER, made["policy"])
    desk.gateway.pay(page, VISA)
    told = Notice("evt_1", "checkout.session.completed", page, None, None, clock.now(), session_id=page)
    desk.services.do(notices.keep, "sandbox", told)
    clock.advance(timedelta(minutes=2))

    def hears(mine: Till) -> str:
        mine.cashier.hear("evt_1")
        return "heard"

    def tends(mine: Till) -> str:
        mine.cashier.tend()
        return "tended"

    outcome = together(desk, comes_back, comes_back, hears, tends)
    assert outcome == {"booked": 2, "heard": 1, "tended": 1}
    settled(desk, clock)
    assert kept(desk) == 4000


@pytest.mark.req("S81")
@pytest.mark.parametrize("times", TIMES)
def test_two_cards_given_for_one_time_at_once_book_one_and_let_the_other_go(
    made: SmallClinic, desk: Till, clock: FixedClock, times: int
) -> None:
    """Each held the time, one after the other, and both holds ran out while the card was typed."""
    owners = []
    for n in range(2):
        owner = holding(made, "peel", f"browser {n}", phone=f"+1512555010{n}", email=f"p{n}@example.org")
        desk.gives(owner, made["policy"])
        clock.advance(timedelta(minutes=25))
        owners.append(owner)

    def back(owner: str) -> Act:
        def act(mine: Till) -> str:
            paid = mine.cashier.returned(owner)
            return (paid.failure_code or "booked") if paid else "nothing"

        return act

    assert together(desk, *[back(one) for one in owners]) == {"booked": 1, "slot_taken": 1}
    settled(desk, clock)
    assert kept(desk) == 4000


def failed_fee(made: SmallClinic, desk: Till, clock: FixedClock) -> PaymentInfo:
    """A late cancellation whose card the bank refused; another card is on file by now."""
    made.settings(minimum_notice_minutes=0)
    owner = holding(made)
    visit = visit_of(desk, desk.books(owner, made["policy"], LATER_DECLINED).appointment_id)
    clock.advance(visit.start_at - timedelta(hours=1) - clock.now())
    cancel(desk, visit)
    fee = desk.services.ask(payments.fee_of, visit.appointment_id, Purpose.CANCELLATION_FEE)
    assert fee is not None
    assert desk.cashier.charge(fee.id).state is State.FAILED
    desk.services.do(memberships.enrol, factories.staff(desk.services).actor, visit.patient_id)
    page = desk.cashier.add_card(visit.patient_id).rpartition("/")[2]
    desk.gateway.pay(page, VISA)
    added = desk.cashier.card_returned(visit.patient_id)
    assert added is not None
    assert added.card_id is not None
    desk.services.do(cards.make_default, "sandbox", visit.patient_id, added.card_id)
    return fee


def visit_of(desk: Till, appointment_id: int) -> Visit:
    return desk.services.ask(queries.visit, appointment_id)


def cancel(desk: Till, visit: Visit) -> str:
    fee = desk.services.ask(changes.fee_minor, visit)
    desk.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)
    return "cancelled"


@pytest.mark.req("S56")
@pytest.mark.parametrize("times", TIMES)
def test_a_fee_tried_again_by_staff_and_paid_on_a_page_at_once_is_taken_once(
    made: SmallClinic, desk: Till, clock: FixedClock, times: int
) -> None:
    fee = failed_fee(made, desk, clock)
    staff = factories.staff(desk.services).actor

    def retries(mine: Till) -> str:
        mine.cashier.retry(staff, fee.id)
        mine.cashier.charge(fee.id)
        return "tried again"

    def pays(mine: Till) -> str:
        mine.gateway.pay(mine.cashier.pay_fee(fee.id).rpartition("/")[2], VISA)
        mine.cashier.settle(fee.id)
        return "paid"

    together(desk, retries, pays)
    settled(desk, clock)
    now = desk.services.ask(payments.payment, fee.id)
    assert (now.state, kept(desk)) in ((State.PAID, fee.amount_minor), (State.FAILED, 0))


@pytest.mark.req("S56")
def test_a_fee_that_many_workers_charge_at_once_is_taken_once(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    fee = failed_fee(made, desk, clock)
    desk.cashier.retry(factories.staff(desk.services).actor, fee.id)

    def charges(mine: Till) -> str:
        return mine.cashier.charge(fee.id).state

    assert together(desk, *[charges] * MANY) == {"paid": MANY}
    settled(desk, clock)
    assert kept(desk) == fee.amount_minor


def with_deposit(made: SmallClinic, desk: Till) -> tuple[Visit, PaymentInfo]:
    """A visit booked with a deposit that is reserved and not yet taken."""
    owner = holding(made, "peel")
    paid = desk.pays(owner, made["policy"])
    return desk.services.ask(queries.booked_here, owner), paid


@pytest.mark.req("P6")
@pytest.mark.parametrize("times", TIMES)
def test_cancelled_while_the_deposit_is_being_taken_all_of_it_goes_back(
    made: SmallClinic, desk: Till, clock: FixedClock, times: int
) -> None:
    visit, paid = with_deposit(made, desk)

    def takes(mine: Till) -> str:
        mine.cashier.finish(paid.id)
        return "finished"

    assert together(desk, takes, lambda mine: cancel(mine, visit), takes) == {"finished": 2, "cancelled": 1}
    settled(desk, clock)
    assert kept(desk) == 0
    assert desk.services.ask(kept_for, visit.appointment_id) == 0
    (deposit,) = desk.of_visit(visit.appointment_id)
    assert deposit.state is State.RELEASED or deposit.refunded_minor == deposit.captured_minor


@pytest.mark.req("P6")
@pytest.mark.parametrize("times", TIMES)
def test_a_deposit_refunded_by_staff_while_its_visit_is_cancelled_goes_back_once(
    made: SmallClinic, desk: Till, clock: FixedClock, times: int
) -> None:
    visit, paid = with_deposit(made, desk)
    desk.cashier.finish(paid.id)
    staff = factories.staff(desk.services).actor

    def refunds(mine: Till) -> str:
        mine.services.do(fees.refund, staff, paid.id, 4000, reason="a kindness")
        return "refunded"

    outcome = together(desk, refunds, refunds, lambda mine: cancel(mine, visit))
    assert outcome["cancelled"] == 1
    settled(desk, clock)
    assert kept(desk) == 0
    assert desk.services.ask(kept_for, visit.appointment_id) == 0


def test_many_who_reconcile_at_once_let_go_once_and_tell_once(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    holding(made)
    page = desk.goes_to_page(OWNER, made["policy"])
    desk.gateway.pay(page, VISA)
    clock.advance(timedelta(minutes=2))
    since = clock.now() - timedelta(days=1)

    def compares(mine: Till) -> str:
        return str(len(reconcile(mine.services, Cashier(mine.services, mine.gateway), since).left))

    assert together(desk, *[compares] * MANY) == {"0": MANY}
    settled(desk, clock)
    assert kept(desk) == 0
    assert desk.services.ask(queries.booked_here, OWNER).status == "booked"

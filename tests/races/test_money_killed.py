"""The process killed where money is half way: between the card and the booking, between a cancellation and its fee.

Each is killed by SIGKILL at every line between two transactions in turn; then another process takes over.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic_portal.booking import changes, holds, queries
from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.paying import Acceptance
from clinic_portal.booking.reconciling import reconcile
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.messaging.ports import Senders
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import IntentStatus
from clinic_portal.payments.types import Purpose, State
from clinic_portal.worker import Worker
from tests import factories
from tests.card_kit import VISA, Till, till
from tests.factories import SmallClinic, minute
from tests.races.killing import killed

FRIDAY = date(2026, 12, 4)
OWNER = "browser"


@pytest.fixture
def made(services: Services) -> SmallClinic:
    found = factories.small_clinic(services)
    found.change(clinic.Service, "peel", deposit_minor=4000)
    return found


def taken_over(desk: Till, clock: FixedClock) -> None:
    """What the next process does by itself, until nothing is left to do."""
    worker = Worker(desk.services, Senders(None, None), desk.cashier)  # type: ignore[arg-type]
    for _ in range(3):
        clock.advance(timedelta(minutes=3))
        worker.tend()
        worker.tend_money()
        for _ in range(10):
            worker.run_once()
    assert reconcile(desk.services, desk.cashier, clock.now() - timedelta(days=30)).left == ()
    assert desk.services.ask(broken) == []


def intents(desk: Till) -> list[tuple[IntentStatus, int]]:
    """What the gateway has, each as it stands and what was taken of it and kept."""
    found = desk.gateway.recent(desk.services.clock.now() - timedelta(days=30))
    return [(one.status, one.captured_minor - one.refunded_minor) for one in found]


@pytest.mark.req("S81")
@pytest.mark.parametrize("service", ["botox", "peel"])
@pytest.mark.parametrize("after", range(7))
def test_killed_between_the_card_and_the_booking_it_is_booked_and_what_was_asked_is_taken_once(
    made: SmallClinic, clock: FixedClock, service: str, after: int
) -> None:
    services, desk = made.services, till(made.services)
    factories.visitor(made, OWNER, service)
    services.do(holds.hold, OWNER, minute(FRIDAY, "10:00"))
    page = desk.goes_to_page(OWNER, made["policy"])
    desk.gateway.pay(page, VISA)

    def comes_back(doomed: Services) -> None:
        cashier = Cashier(doomed, till(services).gateway)
        paid = cashier.returned(OWNER)
        assert paid is not None
        cashier.finish(paid.id)
        Worker(doomed, Senders(None, None), cashier).run_once()  # type: ignore[arg-type]

    was_killed = killed(services, after, comes_back)
    assert was_killed or after > 1, "nothing was killed in the middle: the test shows nothing"
    taken_over(desk, clock)
    visit = services.ask(queries.booked_here, OWNER)
    (paid,) = desk.of_visit(visit.appointment_id)
    assert visit.status == "booked"
    expected = (
        (State.PAID, IntentStatus.PAID, 4000) if service == "peel" else (State.RELEASED, IntentStatus.CANCELLED, 0)
    )
    assert [(paid.state, *one) for one in intents(desk)] == [expected]


@pytest.mark.req("S81")
@pytest.mark.parametrize("after", range(4))
def test_killed_on_the_way_to_the_page_the_same_page_is_found_again(
    made: SmallClinic, clock: FixedClock, after: int
) -> None:
    services, desk = made.services, till(made.services)
    factories.visitor(made, OWNER, "botox")
    services.do(holds.hold, OWNER, minute(FRIDAY, "10:00"))

    def goes(doomed: Services) -> None:
        Cashier(doomed, till(services).gateway).begin(OWNER, Acceptance(made["policy"], None))

    killed(services, after, goes)
    assert desk.goes_to_page(OWNER, made["policy"]) == desk.goes_to_page(OWNER, made["policy"])
    desk.gateway.pay(desk.goes_to_page(OWNER, made["policy"]), VISA)
    taken_over(desk, clock)
    assert services.ask(queries.booked_here, OWNER).status == "booked"
    assert intents(desk) == [(IntentStatus.CANCELLED, 0)]


@pytest.mark.req("S56")
@pytest.mark.parametrize("service", ["botox", "peel"])
@pytest.mark.parametrize("after", range(6))
def test_killed_between_the_cancellation_and_its_fee_the_fee_is_taken_once(
    made: SmallClinic, clock: FixedClock, service: str, after: int
) -> None:
    services, desk = made.services, till(made.services)
    made.settings(minimum_notice_minutes=0)
    booked = factories.booked(made, OWNER, FRIDAY, "10:00", service)
    visit = services.ask(queries.visit, booked.appointment_id)
    clock.advance(visit.start_at - timedelta(hours=1) - clock.now())
    fee = services.ask(changes.fee_minor, visit)

    def cancels(doomed: Services) -> None:
        doomed.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)
        worker = Worker(doomed, Senders(None, None), Cashier(doomed, till(services).gateway))  # type: ignore[arg-type]
        for _ in range(3):
            worker.run_once()

    was_killed = killed(services, after, cancels)
    assert was_killed or after > 1, "nothing was killed in the middle: the test shows nothing"
    taken_over(desk, clock)
    now = services.ask(queries.visit, visit.appointment_id)
    asked = services.ask(payments.fee_of, visit.appointment_id, Purpose.CANCELLATION_FEE)
    if now.status == "booked":
        assert (after, asked) == (0, None), "cancelled, and nobody remembers"
        return
    assert asked is not None
    assert (asked.state, asked.amount_minor + asked.from_deposit_minor) == (State.PAID, fee)
    assert sum(kept for _, kept in intents(desk)) == fee

"""Where the gateway's books and ours differ: found, mended where that can be, told of for as long as it is true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_portal.booking import changes, holds, queries, reconciling
from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.models import Appointment
from clinic_portal.booking.reconciling import Report, reconcile
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.outbox import OUTBOX
from clinic_portal.core.work import Services
from clinic_portal.messaging.ports import Senders
from clinic_portal.payments import books
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import ChargeRequest, GatewayAway, IntentStatus, RefundRequest
from clinic_portal.payments.types import PaymentInfo, Purpose, State
from clinic_portal.wallet.queries import kept_for
from clinic_portal.worker import Worker
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic, minute

FRIDAY = date(2026, 12, 4)
_APPOINTMENT = table(Appointment)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


def compared(desk: Till) -> Report:
    return reconcile(desk.services, desk.cashier, desk.services.clock.now() - timedelta(days=30))


def left(desk: Till) -> list[str]:
    return [one.kind for one in compared(desk).left]


def with_deposit(made: SmallClinic, desk: Till) -> PaymentInfo:
    """The deposit of a visit on Friday, taken."""
    made.change(clinic.Service, "peel", deposit_minor=4000)
    visit = factories.booked(made, "browser", FRIDAY, "10:00", "peel").appointment_id
    (paid,) = desk.of_visit(visit)
    assert paid.state is State.PAID
    return paid


def changed(desk: Till, paid: PaymentInfo, **values: Any) -> None:
    desk.services.do(lambda work: books.change(work, paid.id, **values))


def given_back_there(desk: Till, paid: PaymentInfo, amount_minor: int) -> None:
    """Somebody gives money back in the gateway's own dashboard."""
    assert paid.intent_id is not None
    key = f"dashboard:{amount_minor}"
    desk.gateway.refund(RefundRequest(999, paid.id, paid.intent_id, amount_minor, key))


def test_books_that_agree_leave_nothing(made: SmallClinic, desk: Till) -> None:
    with_deposit(made, desk)
    report = compared(desk)
    assert (report.looked_at, report.mended, report.left) == (1, 0, ())


def test_what_nobody_heard_of_is_settled(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    owner = factories.visitor(made, "browser", "botox")
    desk.services.do(holds.hold, owner, minute(FRIDAY, "10:00"))
    desk.gives(owner, made["policy"])
    clock.advance(timedelta(minutes=2))
    for _ in range(2):
        assert compared(desk).left == ()
        clock.advance(timedelta(minutes=2))
    visit = desk.services.ask(queries.booked_here, owner)
    (paid,) = desk.of_visit(visit.appointment_id)
    assert (visit.status, paid.state) == ("booked", State.RELEASED)


def test_money_reserved_for_what_is_over_is_let_go(made: SmallClinic, desk: Till) -> None:
    owner = factories.visitor(made, "browser", "botox")
    desk.services.do(holds.hold, owner, minute(FRIDAY, "10:00"))
    page = desk.goes_to_page(owner, made["policy"])
    desk.gateway.pay(page, "4242424242424242")
    known = desk.services.ask(payments.newest_of_owner, owner)
    assert known is not None
    changed(desk, known, state=State.EXPIRED.value)
    report = compared(desk)
    assert (report.mended, report.left) == (1, ())
    (told,) = desk.gateway.recent(desk.services.clock.now())
    assert told.status is IntentStatus.CANCELLED


@pytest.mark.req("P6")
def test_money_given_back_at_the_gateway_is_given_back_here_and_leaves_the_wallet(
    made: SmallClinic, desk: Till
) -> None:
    paid = with_deposit(made, desk)
    given_back_there(desk, paid, 1500)
    report = compared(desk)
    assert (report.mended, report.left) == (1, ())
    assert desk.services.ask(payments.payment, paid.id).refunded_minor == 1500
    assert paid.appointment_id is not None
    assert desk.services.ask(kept_for, paid.appointment_id) == 2500


Break = Callable[[Till, PaymentInfo], None]
Mend = Callable[[Till, PaymentInfo], None]


def ours_says_more_is_back(desk: Till, paid: PaymentInfo) -> None:
    changed(desk, paid, refunded_minor=1000)


def ours_says_less_was_taken(desk: Till, paid: PaymentInfo) -> None:
    changed(desk, paid, captured_minor=3000)


def ours_knows_another_payment(desk: Till, paid: PaymentInfo) -> None:
    changed(desk, paid, intent_id="pi_nobody_knows")


def as_it_was(desk: Till, paid: PaymentInfo) -> None:
    changed(desk, paid, intent_id=paid.intent_id, captured_minor=4000, refunded_minor=0)


@pytest.mark.parametrize(
    ("broken", "kind"),
    [(ours_says_more_is_back, "refund_came_back"), (ours_says_less_was_taken, "another_sum_taken")],
)
def test_what_differs_is_told_again_until_it_is_mended(
    made: SmallClinic, desk: Till, clock: FixedClock, broken: Break, kind: str
) -> None:
    paid = with_deposit(made, desk)
    broken(desk, paid)
    for _ in range(2):
        assert left(desk) == [kind]
        clock.advance(timedelta(days=1))
    as_it_was(desk, paid)
    report = compared(desk)
    assert (report.mended, report.left) == (1, ())


def test_a_payment_that_the_gateway_does_not_know_is_told_of(made: SmallClinic, desk: Till) -> None:
    paid = with_deposit(made, desk)
    ours_knows_another_payment(desk, paid)
    assert "ours_and_not_there" in left(desk)


def taken_for_an_unknown_payment(desk: Till, paid: PaymentInfo) -> str:
    """The gateway's id of money taken for a payment that our books do not have."""
    card = desk.services.ask(payments.card, paid.card_id)
    asked = ChargeRequest(
        payment_id=4711,
        purpose=Purpose.CANCELLATION_FEE,
        amount_minor=5000,
        currency="USD",
        customer_id=card.customer_id,
        method_id=card.method_id,
        item="Late cancellation",
        reference="LMN-1",
        policy_version=None,
        key="charge:4711",
    )
    return desk.gateway.charge(asked).id


def test_money_taken_for_a_payment_we_do_not_have_is_told_of_until_it_is_given_back(
    made: SmallClinic, desk: Till
) -> None:
    """Books restored from a copy that is older than the payment."""
    stray = taken_for_an_unknown_payment(desk, with_deposit(made, desk))
    assert left(desk) == ["taken_and_unknown"]
    desk.gateway.refund(RefundRequest(999, 4711, stray, 5000, "dashboard"))
    assert left(desk) == []


def test_money_of_before_these_books_were_begun_is_not_theirs(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    paid = with_deposit(made, desk)
    taken_for_an_unknown_payment(desk, paid)
    changed(desk, paid, created_at=clock.now() + timedelta(hours=1))
    assert left(desk) == []


def test_a_deposit_that_could_not_be_taken_is_told_of_while_its_visit_stands(
    made: SmallClinic, desk: Till, clock: FixedClock
) -> None:
    made.change(clinic.Service, "peel", deposit_minor=4000)
    made.settings(minimum_notice_minutes=0)
    owner = factories.visitor(made, "browser", "peel")
    desk.services.do(holds.hold, owner, minute(date(2026, 12, 11), "10:00"))
    desk.pays(owner, made["policy"])
    clock.advance(timedelta(days=8))  # nobody took it for a week: the bank's reservation ended
    assert left(desk) == ["deposit_not_taken"]
    visit = desk.services.ask(queries.booked_here, owner)
    desk.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    report = compared(desk)
    assert (report.mended, report.left) == (1, ())


class Away:
    """A gateway that does not answer."""

    account = "sandbox"

    def __getattr__(self, name: str) -> Any:
        raise GatewayAway("down")


def test_nothing_is_said_of_books_that_could_not_be_compared(services: Services, made: SmallClinic) -> None:
    with pytest.raises(GatewayAway):
        reconcile(services, Cashier(services, Away()), services.clock.now())  # type: ignore[arg-type]


# Once a night


def nights(services: Services) -> list[tuple[str, str]]:
    mine = select(OUTBOX.c.dedupe_key, OUTBOX.c.state).where(OUTBOX.c.kind == reconciling.RECONCILE)
    return services.ask(lambda read: [tuple(one) for one in read.execute(mine.order_by(OUTBOX.c.id))])


def test_the_worker_compares_once_a_night(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    worker = Worker(desk.services, Senders(None, None), desk.cashier)  # type: ignore[arg-type]
    clock.advance(datetime(2026, 11, 24, 8, 59, tzinfo=clock.now().tzinfo) - clock.now())  # 2:59 in Chicago
    for _ in range(2):
        worker.tend()
    assert [key for key, _ in nights(desk.services)] == ["payment.reconcile:2026-11-23"]
    clock.advance(timedelta(minutes=1))
    worker.tend()
    worker.run_once()
    assert nights(desk.services)[1:] == [("payment.reconcile:2026-11-24", "done")]


def test_a_night_on_which_the_gateway_is_away_is_made_up_for(made: SmallClinic, desk: Till, clock: FixedClock) -> None:
    services = desk.services
    worker = Worker(services, Senders(None, None), Cashier(services, Away()))  # type: ignore[arg-type]
    services.do(reconciling.plan)
    worker.run_once()
    assert [state for _, state in nights(services)] == ["ready"]
    clock.advance(timedelta(hours=1))
    Worker(services, Senders(None, None), desk.cashier).run_once()  # type: ignore[arg-type]
    assert [state for _, state in nights(services)] == ["done"]

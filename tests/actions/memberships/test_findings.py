"""What must hold of memberships is looked for, and found where it does not (P8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.memberships import changing, queries
from clinic_portal.memberships.findings import findings
from clinic_portal.memberships.models import Membership, MembershipPeriod
from tests.factories import patient, small_clinic
from tests.membership_kit import Desk, desk, plan

pytestmark = pytest.mark.req("P8")
_MEMBERSHIP, _PERIOD = table(Membership), table(MembershipPeriod)


@pytest.fixture
def front(services: Services, clock: FixedClock) -> Desk:
    return desk(small_clinic(services), clock)


@pytest.fixture
def mine(front: Desk) -> int:
    return front.joins(patient(front.services).actor.patient_id, plan(front.made)).id


def spoil(front: Desk, of: object, **values: object) -> list[str]:
    front.services.do(lambda work: work.execute(update(of).values(**values)))  # type: ignore[call-overload]
    return front.services.ask(findings)


def test_all_is_well_with_a_member(front: Desk, mine: int) -> None:
    assert front.services.ask(findings) == []


def test_a_member_without_a_subscription_is_found(front: Desk, mine: int) -> None:
    assert spoil(front, _MEMBERSHIP, subscription_id=None) == [
        f"Membership {mine} is on a plan and has no subscription."
    ]


def test_one_that_has_ended_and_says_otherwise_is_found(front: Desk, mine: int) -> None:
    assert spoil(front, _MEMBERSHIP, ended_at=front.clock.now()) == [
        f"Membership {mine} is of two minds whether it has ended."
    ]


def test_one_that_is_overdue_for_ever_is_found(front: Desk, mine: int) -> None:
    assert spoil(front, _MEMBERSHIP, state="overdue") == [f"Membership {mine} is overdue without an end of its grace."]


def test_wishes_that_nobody_tells_the_gateway_are_found_after_a_day(front: Desk, mine: int) -> None:
    front.services.do(changing.cancel, front.services.ask(queries.membership, mine).patient_id)
    assert front.services.ask(findings) == []
    front.clock.advance(timedelta(days=2))
    assert front.services.ask(findings) == [f"Membership {mine} waits to be told the gateway: is the worker running?"]
    ended = {"state": "ended", "ended_at": front.clock.now()}
    assert spoil(front, _MEMBERSHIP, **ended) == [
        f"Membership {mine} has ended, and its subscription goes on: is the worker running?"
    ]


def test_a_period_whose_money_or_things_are_missing_is_found(front: Desk, mine: int) -> None:
    (paid,) = front.services.ask(queries.periods, mine)
    assert spoil(front, _PERIOD, payment_id=None) == [f"Period {paid.id} is paid, and no payment is in our books."]

    def another(work: UnitOfWork) -> None:
        values = {name: getattr(paid, name) for name in ("membership_id", "version_id", "from_at", "until_at")}
        values |= {"invoice_id": "in_2", "state": "paid", "amount_minor": 1, "currency": "USD", "attempts": 1}
        work.execute(insert(_PERIOD), values | {"payment_id": paid.payment_id})
        work.execute(update(_PERIOD).values(payment_id=paid.payment_id))

    front.services.do(another)
    assert front.services.ask(findings) == [
        f"Payment {paid.payment_id} pays several periods.",
        f"Period {paid.id + 1} should have brought 1 things, and brought 0.",
    ]
    assert spoil(front, _PERIOD, state="void") == [
        f"Payment {paid.payment_id} pays several periods.",
        f"Period {paid.id} should have brought 0 things, and brought 1.",
    ]


def test_benefits_do_not_outlast_what_is_paid_for_where_nobody_hears_of_it(front: Desk, mine: int) -> None:
    patient_id = front.services.ask(queries.membership, mine).patient_id
    front.clock.advance(timedelta(days=43))  # the gateway is away, and so is the worker
    assert front.services.ask(queries.benefits, patient_id) is not None
    front.clock.advance(timedelta(days=2))
    assert front.services.ask(queries.benefits, patient_id) is None

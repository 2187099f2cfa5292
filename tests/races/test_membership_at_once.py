"""A membership in several hands in the same instant: notices, the return, the worker, two tabs, staff (P8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.invariants import broken
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services
from clinic_portal.memberships import changing, joining, queries
from clinic_portal.memberships.models import Membership
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import GatewayAway
from clinic_portal.wallet import queries as wallet
from tests.card_kit import VISA, till
from tests.factories import patient, rows, small_clinic, staff
from tests.membership_kit import MONTH, Desk, desk, plan
from tests.races.racing import at_once

pytestmark = pytest.mark.req("P8")
MANY = 4
Act = Callable[[Services, Cashier], Any]


@pytest.fixture
def front(services: Services, clock: FixedClock) -> Desk:
    return desk(small_clinic(services), clock)


@pytest.fixture
def amara(front: Desk) -> int:
    found: int = patient(front.services).actor.patient_id
    return found


def together(front: Desk, *acts: Act) -> Counter[str]:
    """Each in a process of its own, all at once; what came of each."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        cashier = Cashier(own, till(own).gateway)
        ready.wait()
        try:
            acts[number](own, cashier)
        except DomainError as refusal:
            return refusal.code
        except GatewayAway:
            return "away"
        return "done"

    return Counter(at_once(front.services, len(acts), attempt))


def kept(front: Desk, membership_id: int) -> int:
    found = front.services.ask(payments.of_membership, membership_id)
    return sum(one.captured_minor - one.refunded_minor for one in found)


def test_the_return_notices_and_the_worker_make_one_member_of_one_payment(front: Desk, amara: int) -> None:
    membership_id = front.begins(amara, plan(front.made))
    front.gateway.pay(front.goes_to_page(amara), VISA)
    payment_id = front.services.ask(payments.of_membership, membership_id)[0].id
    returns: Act = lambda _own, cashier: cashier.subscriptions.returned(amara)  # noqa: E731
    settles: Act = lambda _own, cashier: cashier.settle(payment_id)  # noqa: E731
    together(front, returns, settles, returns, settles)
    assert (kept(front, membership_id), len(front.services.ask(wallet.lots, amara))) == (9900, 1)
    assert front.events(membership_id) == ["membership.started"]
    assert front.services.ask(broken) == []


def test_a_renewal_heard_by_many_at_once_is_granted_once(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.clock.advance(MONTH)
    syncs: Act = lambda _own, cashier: cashier.subscriptions.sync(mine.id)  # noqa: E731
    together(front, *[syncs] * MANY)
    front.passes(timedelta(minutes=2))
    assert (kept(front, mine.id), len(front.services.ask(wallet.lots, amara))) == (2 * 9900, 2)
    assert front.events(mine.id) == ["membership.started", "membership.renewed"]
    assert front.services.ask(broken) == []


def test_two_tabs_join_one_plan_once(front: Desk, amara: int) -> None:
    glow, shine = plan(front.made), plan(front.made, "Shine")
    together(
        front,
        *(lambda own, _, chosen=chosen: own.do(joining.begin, amara, chosen) for chosen in (glow, shine, glow, shine)),
    )
    assert len(rows(front.services, Membership)) == 1
    pages: Act = lambda _own, cashier: cashier.subscriptions.open_page(amara)  # noqa: E731
    assert together(front, *[pages] * MANY) == {"done": MANY}
    found = front.services.ask(payments.of_membership, front.of(amara).id)
    assert len([one for one in found if not one.is_settled]) == 1


def test_wishes_told_by_many_at_once_stand_as_the_last_one(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    cancels: Act = lambda own, _: own.do(changing.cancel, amara)  # noqa: E731
    keeps: Act = lambda own, _: own.do(changing.keep, amara)  # noqa: E731
    tells: Act = lambda _own, cashier: cashier.subscriptions.tell(mine.id)  # noqa: E731
    together(front, cancels, tells, keeps, tells)
    for _ in range(2):
        front.passes(timedelta(minutes=2))
    now = front.of(amara)
    assert now.is_told
    front.passes(MONTH)
    ended = front.services.ask(queries.membership, mine.id).state == "ended"
    assert ended == now.is_ending
    assert kept(front, mine.id) == (9900 if ended else 2 * 9900)


def test_staff_ends_it_as_it_renews_and_nobody_pays_for_nothing(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    owner = staff(front.services).actor
    front.clock.advance(MONTH)
    ends: Act = lambda own, _: own.do(changing.end_now, owner, amara, reason="Moved abroad")  # noqa: E731
    syncs: Act = lambda _own, cashier: cashier.subscriptions.sync(mine.id)  # noqa: E731
    together(front, ends, syncs, syncs)
    for _ in range(3):
        front.passes(timedelta(minutes=2))
    lots = len(front.services.ask(wallet.lots, amara, with_gone=True))
    assert front.services.ask(queries.membership, mine.id).state == "ended"
    assert kept(front, mine.id) == lots * 9900  # granted where it was kept, given back where not
    assert front.services.ask(broken) == []

"""The process killed where a membership is half way: after the page, at a renewal, while the gateway is told (P8).

Each is killed by SIGKILL at every line between two transactions in turn; then another process takes over.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.reconciling import reconcile
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.memberships import changing, queries, telling
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import SubscriptionStatus
from clinic_portal.wallet import queries as wallet
from tests.card_kit import LATER_DECLINED, VISA, till
from tests.factories import patient, small_clinic, staff
from tests.membership_kit import MONTH, Desk, agreement, desk, plan
from tests.races.killing import killed

pytestmark = pytest.mark.req("P8")


@pytest.fixture
def front(services: Services, clock: FixedClock) -> Desk:
    return desk(small_clinic(services), clock)


@pytest.fixture
def amara(front: Desk) -> int:
    found: int = patient(front.services).actor.patient_id
    return found


def at_the_desk(doomed: Services, front: Desk) -> Cashier:
    """The cashier of a process that is about to be killed; the gateway is another machine's."""
    return Cashier(doomed, till(front.services).gateway)


def taken_over(front: Desk) -> None:
    for _ in range(3):
        front.passes(timedelta(minutes=2))
    began = front.clock.now() - timedelta(days=90)
    assert reconcile(front.services, front.cashier, began).left == ()
    assert front.services.ask(broken) == []


def kept(front: Desk, membership_id: int) -> int:
    found = front.services.ask(payments.of_membership, membership_id)
    at_gateway = front.gateway.recent(front.clock.now() - timedelta(days=90))
    ours = sum(one.captured_minor - one.refunded_minor for one in found)
    assert ours == sum(one.captured_minor - one.refunded_minor for one in at_gateway)
    return ours


def granted(front: Desk, patient_id: int) -> int:
    return sum(one.granted for one in front.services.ask(wallet.lots, patient_id, with_gone=True))


@pytest.mark.parametrize("after", range(4))
def test_killed_on_the_way_to_the_page_the_same_page_is_found(front: Desk, amara: int, after: int) -> None:
    front.begins(amara, plan(front.made, agreement_id=agreement(front.made)))
    killed(front.services, after, lambda doomed: at_the_desk(doomed, front).subscriptions.open_page(amara) and None)
    assert front.goes_to_page(amara) == front.goes_to_page(amara)
    front.gateway.pay(front.goes_to_page(amara), VISA)
    taken_over(front)
    mine = front.of(amara)
    assert (mine.state, kept(front, mine.id), granted(front, amara)) == ("active", 9900, 1)


@pytest.mark.parametrize("after", range(4))
def test_killed_on_the_way_back_one_is_a_member_once(front: Desk, amara: int, after: int) -> None:
    membership_id = front.begins(amara, plan(front.made))
    front.gateway.pay(front.goes_to_page(amara), VISA)
    was_killed = killed(
        front.services, after, lambda doomed: at_the_desk(doomed, front).subscriptions.returned(amara) and None
    )
    assert was_killed or after > 1, "nothing was killed in the middle: the test shows nothing"
    taken_over(front)
    assert (front.of(amara).state, kept(front, membership_id), granted(front, amara)) == ("active", 9900, 1)
    assert front.events(membership_id) == ["membership.started"]


@pytest.mark.parametrize("after", range(2))
def test_killed_at_a_renewal_it_is_paid_and_granted_once(front: Desk, amara: int, after: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.clock.advance(MONTH)
    killed(front.services, after, lambda doomed: at_the_desk(doomed, front).subscriptions.sync(mine.id))
    taken_over(front)
    assert (kept(front, mine.id), granted(front, amara)) == (2 * 9900, 2)
    assert front.events(mine.id) == ["membership.started", "membership.renewed"]


@pytest.mark.parametrize("verb", ["cancel", "pause", "change", "end"])
@pytest.mark.parametrize("after", range(4))
def test_killed_while_the_gateway_is_told_it_is_told_once(front: Desk, amara: int, verb: str, after: int) -> None:
    shine = plan(front.made, "Shine", fee_minor=14900)
    mine = front.joins(amara, plan(front.made))
    owner = staff(front.services).actor

    def acts(doomed: Services) -> None:
        if verb == "cancel":
            doomed.do(changing.cancel, amara)
        elif verb == "pause":
            doomed.do(changing.pause, amara, front.services.ask(changing.pause_ends, amara)[0])
        elif verb == "change":
            doomed.do(changing.change_plan, amara, shine)
        else:
            doomed.do(changing.end_now, owner, amara, reason="It was asked for")
        at_the_desk(doomed, front).subscriptions.tell(mine.id)

    was_killed = killed(front.services, after, acts)
    assert was_killed or after > 1, "nothing was killed in the middle: the test shows nothing"
    taken_over(front)
    if after:
        now = front.services.ask(queries.membership, mine.id)
        known = front.services.ask(telling.known, mine.id)
        assert known.subscription_id is not None
        there = front.gateway.subscription(known.subscription_id)
        assert (now.is_told, now.is_ending, now.is_pausing) == (True, there.is_ending, there.is_paused)
        assert (there.status is SubscriptionStatus.ENDED) == (verb == "end")
        letters = {
            "cancel": "membership.ending",
            "pause": "membership.paused",
            "change": "membership.plan_changed",
            "end": "membership.ended",
        }
        assert front.events(mine.id) == ["membership.started", letters[verb]]
    assert kept(front, mine.id) == 9900


@pytest.mark.parametrize("after", range(3))
def test_killed_while_an_overdue_period_is_paid_it_is_paid_once(front: Desk, amara: int, after: int) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    front.gateway.pay(front.cashier.add_card(amara).rpartition("/")[2], VISA)
    front.cashier.card_returned(amara)
    better = max(one.id for one in front.services.ask(payments.cards_of, amara, account="sandbox"))

    def pays(doomed: Services) -> None:
        desk = at_the_desk(doomed, front)
        desk.subscriptions.use_card(mine.id, better)
        desk.subscriptions.pay_now(amara)

    killed(front.services, after, pays)
    front.passes(timedelta(days=3))  # the gateway's own next attempt, with whichever card it knows
    front.subscriptions.use_card(mine.id, better)
    if front.of(amara).state == "overdue":
        front.subscriptions.pay_now(amara)
    taken_over(front)
    assert (front.of(amara).state, kept(front, mine.id), granted(front, amara)) == ("active", 2 * 9900, 2)

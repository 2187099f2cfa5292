"""Renewals: paid, refused, retried, given up; heard late, twice and out of order (P8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinic_portal.booking import fees, on_file
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.reconciling import reconcile
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.memberships import queries, syncing, telling
from clinic_portal.payments import cards
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import SubscriptionStatus
from clinic_portal.wallet import queries as wallet
from tests.card_kit import LATER_DECLINED, VISA
from tests.factories import patient, rows, small_clinic, staff
from tests.membership_kit import MONTH, Desk, desk, plan

pytestmark = pytest.mark.req("P8")


@pytest.fixture
def front(services: Services, clock: FixedClock) -> Desk:
    return desk(small_clinic(services), clock)


@pytest.fixture
def amara(front: Desk) -> int:
    found: int = patient(front.services).actor.patient_id
    return found


def facials(front: Desk, patient_id: int) -> int:
    return sum(one.granted for one in front.services.ask(wallet.lots, patient_id, with_gone=True))


def taken(front: Desk, membership_id: int) -> int:
    return sum(
        one.captured_minor - one.refunded_minor for one in front.services.ask(payments.of_membership, membership_id)
    )


def test_each_period_is_paid_and_granted_once(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made, setup_fee_minor=5000))
    for _ in range(3):
        front.passes(MONTH)
    assert [one.state for one in front.services.ask(queries.periods, mine.id)] == ["paid"] * 4
    assert (taken(front, mine.id), facials(front, amara)) == (5000 + 4 * 9900, 4)
    assert front.events(mine.id) == ["membership.started", *["membership.renewed"] * 3]
    assert front.services.ask(broken) == []


def test_periods_missed_while_nobody_looked_are_made_up_one_after_another(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.passes(timedelta(days=200))
    found = front.services.ask(queries.periods, mine.id)
    assert [one.from_at.strftime("%m-%d") for one in reversed(found)] == [
        "11-23", "12-23", "01-23", "02-23", "03-23", "04-23", "05-23"
    ]  # fmt: skip
    assert (taken(front, mine.id), facials(front, amara)) == (7 * 9900, 7)


def test_a_period_begins_on_the_same_day_of_each_month_that_has_it(front: Desk, amara: int) -> None:
    front.clock.advance(datetime.fromisoformat("2027-01-31T15:00:00+00:00") - front.clock.now())
    mine = front.joins(amara, plan(front.made))
    front.passes(timedelta(days=100))
    found = front.services.ask(queries.periods, mine.id)
    assert [one.from_at.strftime("%m-%d") for one in reversed(found)] == ["01-31", "02-28", "03-31", "04-30"]


def test_a_year_lasts_a_year(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made, period="year", fee_minor=99000))
    front.passes(timedelta(days=364))
    assert taken(front, mine.id) == 99000
    front.passes(timedelta(days=1))
    assert taken(front, mine.id) == 198000


def test_a_renewal_that_is_refused_leaves_a_member_with_grace(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    mine = front.of(amara)
    assert (mine.state, mine.failure_code) == ("overdue", "card_declined")
    assert mine.overdue_at == mine.period_until_at
    assert mine.grace_until_at == mine.overdue_at + timedelta(days=14)
    assert front.services.ask(queries.benefits, amara) is not None
    assert (facials(front, amara), front.events(mine.id)[-1]) == (1, "membership.payment_failed")


def test_it_is_tried_again_after_1_3_5_and_7_days_and_then_given_up(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(timedelta(days=30, hours=1))
    told = []
    for _ in range(8):
        told.append(front.events(mine.id).count("membership.payment_failed"))
        front.passes(timedelta(days=1))
    assert told == [1, 2, 2, 3, 3, 4, 4, 4]
    ended = front.services.ask(queries.membership, mine.id)
    assert (ended.state, ended.end_reason) == ("ended", "unpaid")
    assert ended.ended_at == mine.period_until_at + timedelta(days=7)
    assert front.events(mine.id)[-1] == "membership.grace_ended"
    assert (taken(front, mine.id), front.services.ask(broken)) == (9900, [])


def test_the_clinics_grace_ends_it_where_that_is_shorter(front: Desk, amara: int) -> None:
    front.made.settings(grace_days=2)
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(timedelta(days=30, hours=1))
    assert front.services.ask(queries.benefits, amara) is not None
    front.clock.advance(timedelta(days=2))
    assert front.services.ask(queries.benefits, amara) is None  # by the clock, whether anybody looked or not
    front.works()
    ended = front.services.ask(queries.membership, mine.id)
    assert (ended.state, ended.end_reason, ended.is_told) == ("ended", "unpaid", True)
    known = front.services.ask(telling.known, mine.id)
    assert known.subscription_id is not None
    assert front.gateway.subscription(known.subscription_id).status is SubscriptionStatus.ENDED


def test_one_who_is_told_late_has_days_to_pay_all_the_same(front: Desk, amara: int) -> None:
    front.made.settings(grace_days=4)
    front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(timedelta(days=35))  # nobody looked for longer than the grace
    mine = front.of(amara)
    assert (mine.state, mine.grace_until_at) == ("overdue", front.clock.now() + timedelta(days=3))
    assert front.services.ask(queries.benefits, amara) is not None
    assert front.events(mine.id)[-1] == "membership.payment_failed"
    front.passes(timedelta(hours=2))
    assert front.of(amara).grace_until_at == mine.grace_until_at
    front.passes(timedelta(days=3))
    assert front.services.ask(queries.membership, mine.id).end_reason == "unpaid"


def test_without_any_grace_it_ends_as_soon_as_it_is_heard_of(front: Desk, amara: int) -> None:
    front.made.settings(grace_days=0)
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    assert front.services.ask(queries.membership, mine.id).end_reason == "unpaid"


def test_a_better_card_pays_what_is_overdue(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    url = front.subscriptions.pay_now(amara)
    assert url is not None  # the card is refused again: the gateway's page is next
    front.gateway.pay(url.rpartition("/")[2], VISA)
    front.subscriptions.returned(amara)
    mine = front.of(amara)
    assert (mine.state, mine.overdue_at, mine.failure_code) == ("active", None, None)
    assert (taken(front, mine.id), facials(front, amara)) == (2 * 9900, 2)
    front.passes(MONTH)
    assert (front.of(amara).state, taken(front, mine.id)) == ("active", 3 * 9900)
    assert front.services.ask(broken) == []


def test_another_card_on_file_pays_what_is_overdue_at_once(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    page = front.cashier.add_card(amara).rpartition("/")[2]
    front.gateway.pay(page, VISA)
    front.cashier.card_returned(amara)
    newest = front.services.ask(payments.cards_of, amara, account="sandbox")[-1]
    front.subscriptions.use_card(mine.id, newest.id)
    assert front.subscriptions.pay_now(amara) is None
    assert front.of(amara).state == "active"
    assert taken(front, mine.id) == 2 * 9900


def test_staff_have_it_tried_once_more_and_the_log_says_who(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    actor = staff(front.services, "front_desk").actor
    assert front.subscriptions.pay_now(amara, actor=actor) is not None
    (said,) = [one for one in rows(front.services, AuditEntry) if one.action == "membership.retried"]
    assert (said.actor, said.subject) == (actor.tag, f"patient:{amara}")


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_staff_who_charge_nothing_try_no_card(front: Desk, amara: int, role: str) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    (before,) = [one.attempts for one in front.services.ask(queries.periods, mine.id) if one.state == "failed"]
    with pytest.raises(NotAllowed):
        front.subscriptions.pay_now(amara, actor=staff(front.services, role).actor)
    front.works()
    (after,) = [one.attempts for one in front.services.ask(queries.periods, mine.id) if one.state == "failed"]
    assert (after, "membership.retried" in {one.action for one in rows(front.services, AuditEntry)}) == (before, False)


def test_staff_try_nothing_where_nothing_is_owed(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made))
    with pytest.raises(Conflict, match="membership_not_overdue"):
        front.subscriptions.pay_now(amara, actor=staff(front.services, "owner").actor)
    assert "membership.retried" not in {one.action for one in rows(front.services, AuditEntry)}


def test_nothing_is_paid_where_nothing_is_owed(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    with pytest.raises(Conflict, match="membership_not_overdue"):
        front.subscriptions.pay_now(amara)
    assert taken(front, mine.id) == 9900


@pytest.mark.req("S32")
def test_the_card_that_is_charged_first_is_the_memberships(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.gateway.pay(front.cashier.add_card(amara).rpartition("/")[2], VISA)
    front.cashier.card_returned(amara)
    better = front.services.ask(payments.cards_of, amara, account="sandbox")[-1]
    front.services.do(on_file.make_default, amara, better.id)
    front.works()
    front.passes(MONTH)
    assert (front.of(amara).state, taken(front, mine.id)) == ("active", 2 * 9900)


@pytest.mark.req("S32")
def test_the_last_card_is_kept_while_a_membership_is_paid_with_it(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made))
    (card,) = front.services.ask(payments.cards_of, amara, account="sandbox")
    with pytest.raises(Conflict, match="card_kept_membership"):
        front.services.do(on_file.remove, amara, card.id)
    front.gateway.pay(front.cashier.add_card(amara).rpartition("/")[2], "5555555555554444")
    front.cashier.card_returned(amara)
    front.services.do(on_file.remove, amara, card.id)
    front.works()
    front.passes(MONTH)
    assert front.of(amara).state == "active"


def test_a_card_the_gateway_lost_fails_the_renewal(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made))
    (card,) = front.services.ask(payments.cards_of, amara, account="sandbox")
    front.gateway.forget_card(card.method_id)
    front.services.do(cards.detached, card.method_id)
    front.passes(MONTH)
    assert (front.of(amara).state, front.of(amara).failure_code) == ("overdue", "no_card")


def test_what_was_asked_before_something_changed_is_not_believed(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    known = front.services.ask(telling.known, mine.id)
    assert known.subscription_id is not None
    old = front.gateway.subscription(known.subscription_id), front.gateway.invoices_of(known.subscription_id)
    url = front.subscriptions.pay_now(amara)
    assert url is not None
    front.gateway.pay(url.rpartition("/")[2], VISA)
    front.subscriptions.returned(amara)
    assert front.services.do(syncing.heard, mine.id, known.revision, *old) is False
    assert front.of(amara).state == "active"


def test_hearing_of_it_again_and_again_changes_nothing(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.passes(MONTH)
    known = front.services.ask(telling.known, mine.id)
    assert known.subscription_id is not None
    before = front.services.ask(queries.periods, mine.id), front.events(mine.id)
    for _ in range(3):
        front.subscriptions.heard(known.subscription_id)
        front.subscriptions.sync(mine.id)
    assert (front.services.ask(queries.periods, mine.id), front.events(mine.id)) == before


def test_a_period_is_given_back_like_any_payment(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    (paid,) = front.services.ask(payments.of_membership, mine.id)
    front.services.do(fees.refund, staff(front.services).actor, paid.id, 9900, reason="They moved away")
    front.works()
    assert taken(front, mine.id) == 0
    assert reconcile(front.services, front.cashier, front.clock.now() - timedelta(days=1)).left == ()


def test_reconciliation_finds_a_period_nobody_told_of(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.clock.advance(MONTH)
    list(front.gateway.recent(front.clock.now()))  # the gateway renews it, and no notice comes
    report = reconcile(front.services, front.cashier, front.clock.now() - timedelta(days=3))
    assert (report.left, taken(front, mine.id)) == ((), 2 * 9900)
    for one in front.gateway.recent(front.clock.now() - timedelta(days=1)):
        front.cashier.compare(one)
    assert taken(front, mine.id) == 2 * 9900

"""Pause, resume, another plan, cancel, keep, end: what is wanted, and what the gateway makes of it (P8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.booking.invariants import broken
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.forms import requests
from clinic_portal.memberships import actions, changing, joining, plan_queries, queries, telling
from clinic_portal.memberships.models import PlanVersion
from clinic_portal.memberships.types import MembershipInfo
from clinic_portal.payments import queries as payments
from clinic_portal.payments.ports import Subscription, SubscriptionStatus
from clinic_portal.wallet import queries as wallet
from tests.card_kit import LATER_DECLINED
from tests.factories import patient, small_clinic, staff
from tests.membership_kit import MONTH, Desk, agreement, desk, next_version, plan, sign

pytestmark = pytest.mark.req("P8")
JOINED = date(2026, 11, 23)


@pytest.fixture
def front(services: Services, clock: FixedClock) -> Desk:
    return desk(small_clinic(services), clock)


@pytest.fixture
def amara(front: Desk) -> int:
    found: int = patient(front.services).actor.patient_id
    return found


def ended(front: Desk, membership_id: int) -> MembershipInfo:
    return front.services.ask(queries.membership, membership_id)


def at_gateway(front: Desk, membership_id: int) -> Subscription:
    known = front.services.ask(telling.known, membership_id)
    assert known.subscription_id is not None
    return front.gateway.subscription(known.subscription_id)


def taken(front: Desk, membership_id: int) -> int:
    return sum(
        one.captured_minor - one.refunded_minor for one in front.services.ask(payments.of_membership, membership_id)
    )


# Cancel and keep


def test_a_cancelled_membership_goes_on_to_the_end_of_its_period(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.cancel, amara)
    assert (front.of(amara).is_ending, front.of(amara).is_told) == (True, False)
    front.works()
    assert (front.of(amara).is_told, at_gateway(front, mine.id).is_ending) == (True, True)
    assert front.services.ask(queries.benefits, amara) is not None
    front.clock.advance(timedelta(days=30))
    assert front.services.ask(queries.benefits, amara) is None
    front.works()
    over = ended(front, mine.id)
    assert (over.state, over.end_reason, over.ended_at) == ("ended", "asked", mine.period_until_at)
    assert front.events(mine.id) == ["membership.started", "membership.ending", "membership.ended"]
    assert (taken(front, mine.id), front.services.ask(broken)) == (9900, [])


def test_one_who_thinks_again_keeps_it(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.cancel, amara)
    front.works()
    front.services.do(changing.keep, amara)
    front.works()
    front.passes(MONTH)
    assert (front.of(amara).state, taken(front, mine.id)) == ("active", 2 * 9900)
    assert front.events(mine.id)[1:3] == ["membership.ending", "membership.kept"]


def test_cancelling_as_it_renews_ends_the_new_period_and_says_so(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.clock.advance(timedelta(days=30))  # the very instant at which the period ends
    front.services.do(changing.cancel, amara)
    front.works()
    found = front.of(amara)
    assert (found.is_ending, found.period_until_at.month if found.period_until_at else 0) == (True, 1)
    assert (taken(front, mine.id), len(front.services.ask(wallet.lots, amara))) == (2 * 9900, 2)
    assert front.events(mine.id) == ["membership.started", "membership.renewed", "membership.ending"]
    front.passes(MONTH)
    assert (ended(front, mine.id).end_reason, taken(front, mine.id)) == ("asked", 2 * 9900)


def test_keeping_what_has_ended_meanwhile_ends_it_here_too(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.cancel, amara)
    front.works()
    front.clock.advance(timedelta(days=31))
    front.services.do(changing.keep, amara)
    front.works()
    assert ended(front, mine.id).state == "ended"
    assert front.services.ask(broken) == []


# Pause and resume


def test_a_pause_begins_with_the_next_period_and_costs_nothing(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.pause, amara, JOINED + timedelta(days=80))
    front.works()
    paused = front.of(amara)
    assert (paused.state, paused.is_pausing, paused.resumes_at and paused.resumes_at.date()) == (
        "active",
        True,
        date(2027, 2, 23),
    )
    assert front.services.ask(queries.benefits, amara) is not None
    front.passes(timedelta(days=31))
    assert (front.of(amara).state, front.services.ask(queries.benefits, amara)) == ("paused", None)
    assert front.services.ask(actions.is_member, amara)  # still enrolled: their cards are shown
    front.passes(timedelta(days=60))
    assert (front.of(amara).state, taken(front, mine.id)) == ("paused", 9900)
    front.passes(timedelta(days=2))
    back = front.of(amara)
    assert (back.state, back.is_pausing, back.paused_at, taken(front, mine.id)) == ("active", False, None, 2 * 9900)
    assert front.events(mine.id) == ["membership.started", "membership.paused", "membership.resumed"]
    assert (len(front.services.ask(wallet.lots, amara)), front.services.ask(broken)) == (2, [])


def test_a_pause_over_which_nobody_looked_is_made_up_too(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.pause, amara, JOINED + timedelta(days=80))
    front.works()
    front.passes(timedelta(days=130))
    assert (front.of(amara).state, taken(front, mine.id)) == ("active", 3 * 9900)
    assert front.events(mine.id)[1:] == ["membership.paused", "membership.resumed", "membership.renewed"]


def test_resuming_early_begins_a_period_now(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.pause, amara, JOINED + timedelta(days=80))
    front.works()
    front.passes(timedelta(days=40))
    front.services.do(changing.resume, amara)
    front.works()
    back = front.of(amara)
    assert (back.state, back.period_from_at, taken(front, mine.id)) == ("active", front.clock.now(), 2 * 9900)
    assert front.events(mine.id)[-1] == "membership.resumed"
    front.passes(timedelta(days=32))
    assert taken(front, mine.id) == 3 * 9900


def test_a_pause_that_has_not_begun_is_called_off(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.pause, amara, JOINED + timedelta(days=80))
    front.works()
    front.services.do(changing.resume, amara)
    front.works()
    front.passes(MONTH)
    assert (front.of(amara).state, taken(front, mine.id)) == ("active", 2 * 9900)


def test_cancelling_a_pause_ends_it_at_once(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.services.do(changing.pause, amara, JOINED + timedelta(days=80))
    front.works()
    front.passes(MONTH)
    front.services.do(changing.cancel, amara)
    front.works()
    assert ended(front, mine.id).end_reason == "asked"
    assert at_gateway(front, mine.id).status is SubscriptionStatus.ENDED


@pytest.mark.parametrize(("days", "code"), [(10, "pause_short"), (30, "pause_short"), (200, "pause_long")])
def test_a_pause_is_neither_nothing_nor_longer_than_the_clinic_allows(
    front: Desk, amara: int, days: int, code: str
) -> None:
    front.joins(amara, plan(front.made))
    with pytest.raises(Invalid) as refusal:
        front.services.do(changing.pause, amara, JOINED + timedelta(days=days))
    assert refusal.value.code == code


def test_the_days_a_pause_may_end_on_are_those_that_are_taken(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made))
    offered = front.services.ask(changing.pause_ends, amara)
    assert [one.strftime("%m-%d") for one in offered] == ["01-23", "02-23", "03-23"]
    front.services.do(changing.pause, amara, offered[-1])
    resumes_at = front.of(amara).resumes_at
    assert resumes_at is not None
    assert resumes_at.date() == offered[-1]


def test_where_members_do_not_pause_by_themselves_staff_does(front: Desk, amara: int) -> None:
    front.made.settings(longest_pause_months=0)
    front.joins(amara, plan(front.made))
    with pytest.raises(Conflict, match="pause_by_staff"):
        front.services.do(changing.pause, amara, JOINED + timedelta(days=60))
    desk = staff(front.services, "front_desk").actor
    front.services.do(changing.pause, amara, JOINED + timedelta(days=200), actor=desk)
    assert front.of(amara).is_pausing


def test_a_plan_paid_by_the_year_is_not_paused(front: Desk, amara: int) -> None:
    front.joins(amara, plan(front.made, period="year"))
    assert front.services.ask(changing.pause_ends, amara) == ()
    with pytest.raises(Conflict, match="pause_yearly"):
        front.services.do(changing.pause, amara, JOINED + timedelta(days=400))


# Another plan


def test_another_plan_follows_with_the_next_period(front: Desk, amara: int) -> None:
    glow, shine = plan(front.made), plan(front.made, "Shine", fee_minor=14900, discount_percent=20)
    mine = front.joins(amara, glow)
    front.services.do(changing.change_plan, amara, shine)
    front.works()
    found, has = front.of(amara), front.services.ask(queries.benefits, amara)
    assert (found.plan and found.plan.name, found.next_plan and found.next_plan.name) == ("Glow", "Shine")
    assert has is not None
    assert has.discount_percent == 10
    front.passes(MONTH)
    found, has = front.of(amara), front.services.ask(queries.benefits, amara)
    assert (found.plan and found.plan.name, found.next_plan) == ("Shine", None)
    assert has is not None
    assert (has.discount_percent, taken(front, mine.id)) == (20, 9900 + 14900)
    assert front.events(mine.id) == ["membership.started", "membership.plan_changed", "membership.renewed"]


def test_one_may_go_back_before_it_does(front: Desk, amara: int) -> None:
    glow, shine = plan(front.made), plan(front.made, "Shine", fee_minor=14900)
    mine = front.joins(amara, glow)
    front.services.do(changing.change_plan, amara, shine)
    front.works()
    front.services.do(changing.change_plan, amara, glow)
    front.works()
    front.passes(MONTH)
    assert (front.of(amara).next_plan, taken(front, mine.id)) == (None, 2 * 9900)


def test_from_months_to_a_year_and_back(front: Desk, amara: int) -> None:
    glow, year = plan(front.made), plan(front.made, "Glow, a year", period="year", fee_minor=99000)
    mine = front.joins(amara, glow)
    front.services.do(changing.change_plan, amara, year)
    front.works()
    assert taken(front, mine.id) == 9900
    front.passes(MONTH)
    found = front.of(amara)
    assert (found.period_until_at and found.period_until_at.year, taken(front, mine.id)) == (2027, 9900 + 99000)
    front.services.do(changing.change_plan, amara, glow)
    front.works()
    front.passes(timedelta(days=366))
    assert taken(front, mine.id) == 9900 + 99000 + 9900


def test_another_agreement_is_signed_first(front: Desk, amara: int) -> None:
    glow = plan(front.made, agreement_id=agreement(front.made))
    shine = plan(front.made, "Shine", agreement_id=agreement(front.made, "other"))
    mine = front.joins(amara, glow)
    with pytest.raises(Conflict, match="agreement_unsigned"):
        front.services.do(changing.change_plan, amara, shine)
    standing = front.services.do(changing.ask_for_plan, amara, shine)
    assert standing is not None
    assert front.services.do(changing.ask_for_plan, amara, shine) == standing
    document = sign(front.services, amara, standing.request.id)
    front.services.do(changing.change_plan, amara, shine)
    front.works()
    assert front.of(amara).document_id == mine.document_id
    front.passes(MONTH)
    assert front.of(amara).document_id == document


def test_to_look_at_another_plan_asks_for_nothing(front: Desk, amara: int) -> None:
    shine = plan(front.made, "Shine", agreement_id=agreement(front.made, "other"))
    mine = front.joins(amara, plan(front.made, agreement_id=agreement(front.made)))
    before = front.services.ask(requests.of_patient, amara)
    assert front.services.ask(changing.to_sign, amara, shine) == "to_ask"
    assert (front.of(amara), front.services.ask(requests.of_patient, amara)) == (mine, before)


def test_what_is_asked_for_is_signed_or_taken_back(front: Desk, amara: int) -> None:
    shine = plan(front.made, "Shine", agreement_id=agreement(front.made, "other"))
    front.joins(amara, plan(front.made, agreement_id=agreement(front.made)))
    before = front.services.ask(requests.of_patient, amara)
    front.services.do(changing.ask_for_plan, amara, shine)
    assert front.services.ask(changing.to_sign, amara, shine) == "asked"
    front.services.do(changing.unask_for_plan, amara)
    assert front.services.ask(requests.of_patient, amara) == before
    standing = front.services.do(changing.ask_for_plan, amara, shine)
    assert standing is not None
    sign(front.services, amara, standing.request.id)
    front.services.do(changing.unask_for_plan, amara)
    assert front.services.ask(changing.to_sign, amara, shine) == ""


def test_what_was_signed_for_the_plan_that_follows_stays_so_whatever_is_looked_at(front: Desk, amara: int) -> None:
    shine = plan(front.made, "Shine", agreement_id=agreement(front.made, "other"))
    third = plan(front.made, "Radiance", agreement_id=agreement(front.made, "third"))
    front.joins(amara, plan(front.made, agreement_id=agreement(front.made)))
    standing = front.services.do(changing.ask_for_plan, amara, shine)
    assert standing is not None
    document = sign(front.services, amara, standing.request.id)
    front.services.do(changing.change_plan, amara, shine)
    front.works()
    front.services.do(changing.ask_for_plan, amara, third)
    front.passes(MONTH)
    assert front.of(amara).document_id == document


def test_one_who_goes_back_stays_with_what_they_signed(front: Desk, amara: int) -> None:
    glow = plan(front.made, agreement_id=agreement(front.made))
    shine = plan(front.made, "Shine", agreement_id=agreement(front.made, "other"))
    mine = front.joins(amara, glow)
    standing = front.services.do(changing.ask_for_plan, amara, shine)
    assert standing is not None
    sign(front.services, amara, standing.request.id)
    front.services.do(changing.change_plan, amara, shine)
    front.services.do(changing.change_plan, amara, glow)
    front.works()
    front.passes(MONTH)
    assert front.of(amara).document_id == mine.document_id


def test_the_same_agreement_is_not_signed_twice(front: Desk, amara: int) -> None:
    form = agreement(front.made)
    shine = plan(front.made, "Shine", agreement_id=form)
    mine = front.joins(amara, plan(front.made, agreement_id=form))
    assert front.services.ask(changing.to_sign, amara, shine) == ""
    assert front.services.do(changing.ask_for_plan, amara, shine) is None
    front.services.do(changing.change_plan, amara, shine)
    front.works()
    front.passes(MONTH)
    assert front.of(amara).document_id == mine.document_id


def test_a_member_may_move_to_what_their_plan_became(front: Desk, amara: int) -> None:
    glow = plan(front.made)
    mine = front.joins(amara, glow)
    with pytest.raises(Conflict, match="plan_same"):
        front.services.do(changing.change_plan, amara, glow)
    next_version(front.made, glow, fee_minor=7900)
    front.services.do(changing.change_plan, amara, glow)
    front.works()
    front.passes(MONTH)
    assert taken(front, mine.id) == 9900 + 7900


def test_nobody_changes_to_other_terms_than_they_read(front: Desk, amara: int) -> None:
    shine = plan(front.made, "Shine", fee_minor=14900)
    mine = front.joins(amara, plan(front.made))
    seen = front.services.ask(plan_queries.plan, shine)
    next_version(front.made, shine, fee_minor=19900)
    with pytest.raises(Conflict, match="plan_other_terms"):
        front.services.do(changing.change_plan, amara, shine, seen=seen)
    assert front.of(amara) == mine
    front.services.do(changing.change_plan, amara, shine, seen=front.services.ask(plan_queries.plan, shine))
    found = front.of(amara).next_plan
    assert found is not None
    assert found.fee_minor == 19900


def test_terms_rewritten_in_place_are_other_terms_too(front: Desk, amara: int) -> None:
    shine = plan(front.made, "Shine", fee_minor=14900)
    front.joins(amara, plan(front.made))
    seen = front.services.ask(plan_queries.plan, shine)
    version = table(PlanVersion)
    dearer = update(version).where(version.c.id == seen.version_id).values(fee_minor=19900)
    front.services.do(lambda work: work.execute(dearer))
    with pytest.raises(Conflict, match="plan_other_terms"):
        front.services.do(changing.change_plan, amara, shine, seen=seen)


def test_one_may_go_back_to_the_terms_they_are_on(front: Desk, amara: int) -> None:
    glow, shine = plan(front.made), plan(front.made, "Shine", fee_minor=14900)
    seen = front.joins(amara, glow).plan
    front.services.do(changing.change_plan, amara, shine)
    next_version(front.made, glow, fee_minor=19900)
    front.services.do(changing.change_plan, amara, glow, seen=seen)
    assert front.of(amara).next_plan is None


# Staff, and who may


def test_staff_ends_it_at_once_with_a_reason(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    owner = staff(front.services).actor
    with pytest.raises(Invalid):
        front.services.do(changing.end_now, owner, amara, reason=" ")
    front.services.do(changing.end_now, owner, amara, reason="Moved abroad")
    assert front.services.ask(queries.of_patient, amara) is None
    front.works()
    assert at_gateway(front, mine.id).status is SubscriptionStatus.ENDED
    assert front.events(mine.id)[-1] == "membership.ended"


def test_a_period_paid_after_the_end_goes_back(front: Desk, amara: int) -> None:
    mine = front.joins(amara, plan(front.made))
    front.clock.advance(MONTH)
    at_gateway(front, mine.id)  # it renews, and nobody here knows
    front.services.do(changing.end_now, staff(front.services).actor, amara, reason="Moved abroad")
    front.works()
    front.passes(timedelta(minutes=2))
    assert taken(front, mine.id) == 9900
    assert [one.state for one in front.services.ask(queries.periods, mine.id)] == ["returned", "paid"]
    assert len(front.services.ask(wallet.lots, amara)) == 1
    assert front.services.ask(broken) == []


VERBS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (changing.pause, (JOINED + timedelta(days=60),)),
    (changing.resume, ()),
    (changing.cancel, ()),
    (changing.keep, ()),
    (changing.change_plan, (1,)),
    (changing.ask_for_plan, (1,)),
]


@pytest.mark.parametrize(("verb", "given"), VERBS)
@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_may_not_handle_memberships_changes_none(
    front: Desk, amara: int, verb: Callable[..., Any], given: tuple[Any, ...], role: str
) -> None:
    front.joins(amara, plan(front.made))
    before = front.of(amara)
    with pytest.raises(NotAllowed):
        front.services.do(verb, amara, *given, actor=staff(front.services, role).actor)
    with pytest.raises(NotAllowed):
        front.services.do(changing.end_now, staff(front.services, role).actor, amara, reason="for no reason")
    assert front.of(amara) == before


@pytest.mark.parametrize(("verb", "given"), VERBS)
def test_there_is_nothing_to_change_without_a_plan(
    front: Desk, amara: int, verb: Callable[..., Any], given: tuple[Any, ...]
) -> None:
    glow = plan(front.made)
    for make in (
        lambda: None,
        lambda: front.services.do(joining.begin, amara, glow),
        lambda: front.services.do(actions.enrol, staff(front.services).actor, amara),
    ):
        make()
        with pytest.raises(Conflict, match="membership_none"):
            front.services.do(verb, amara, *given)


def test_one_who_is_overdue_pays_first(front: Desk, amara: int) -> None:
    shine = plan(front.made, "Shine")
    front.joins(amara, plan(front.made), LATER_DECLINED)
    front.passes(MONTH)
    for verb, given in ((changing.pause, JOINED + timedelta(days=90)), (changing.change_plan, shine)):
        with pytest.raises(Conflict, match="membership_overdue"):
            front.services.do(verb, amara, given)  # type: ignore[operator]
    front.services.do(changing.cancel, amara)
    assert front.of(amara).is_ending

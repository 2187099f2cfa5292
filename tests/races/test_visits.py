"""A visit at several desks in the same instant: checked in and out once, whatever the patient does meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from clinic_portal.booking import bills, changes, fees, models, rules, visiting
from clinic_portal.booking.bills import Wish
from clinic_portal.booking.invariants import broken
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.wallet import actions as wallet
from clinic_portal.wallet.types import EntryKind
from tests import factories
from tests.card_kit import Till, till
from tests.factories import SmallClinic, rows
from tests.fees_kit import has_booked
from tests.races.racing import at_once
from tests.visits_kit import at_desk, begins, free_credit, has_credit, has_items, left, now_of, reserves

MANY, TIMES = 4, range(3)
Act = Callable[[Services], str]


@pytest.fixture
def made(services: Services) -> SmallClinic:
    found = factories.small_clinic(services)
    found.change(clinic.Service, "botox", deposit_minor=4000)
    return found


@pytest.fixture
def desk(services: Services) -> Till:
    return till(services)


@pytest.fixture
def visit(made: SmallClinic, desk: Till) -> Visit:
    """Botox with a deposit and a facial that one of a package is kept for."""
    found = has_booked(made, desk, "botox", "facial")
    package = has_items(desk.services, found.patient_id, 2, service_id=made["facial"])
    reserves(desk.services, found, package, 1)
    made.ids["package"] = package
    return found


def together(services: Services, *acts: Act) -> Counter[str]:
    """Each in a process of its own, all at once; what came of each."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        return acts[number](own)

    return at_once(services, len(acts), attempt)


def said(services: Services, action: str) -> int:
    return [one.action for one in rows(services, AuditEntry)].count(action)


@pytest.mark.parametrize("_", TIMES)
def test_many_who_check_in_at_once_do_it_once(
    services: Services, made: SmallClinic, clock: FixedClock, visit: Visit, _: int
) -> None:
    begins(clock, visit)
    actor = factories.staff(services, "front_desk").actor

    def checks_in(own: Services) -> str:
        own.do(visiting.check_in, actor, visit.appointment_id, seen_sequence=visit.sequence)
        return "in"

    assert together(services, *[checks_in] * MANY) == {"in": MANY}
    assert (said(services, "appointment.arrived"), left(services, made["package"])) == (1, (1, 0))
    assert services.ask(broken) == []


@pytest.mark.req("P5")
@pytest.mark.parametrize("_", TIMES)
def test_who_is_marked_as_missed_while_they_are_checked_in_by_mistake_is_changed_step_by_step(
    services: Services, clock: FixedClock, visit: Visit, _: int
) -> None:
    begins(clock, visit)
    actor = factories.staff(services, "front_desk").actor
    fee = rules.noshow_fee_minor(visit.policy, visit.covered_minor)

    def comes_and_goes(own: Services) -> str:
        own.do(visiting.check_in, actor, visit.appointment_id, seen_sequence=visit.sequence)
        own.do(visiting.undo_check_in, actor, visit.appointment_id, seen_sequence=visit.sequence + 1)
        return "undone"

    def misses(own: Services) -> str:
        own.do(fees.charge_noshow, actor, visit.appointment_id, shown_fee_minor=fee)
        return "missed"

    came, now = together(services, comes_and_goes, misses), now_of(services, visit)
    assert (sorted(came), now.status, now.sequence - visit.sequence) in (
        (["missed", "undone"], "noshow", 3),
        (["missed", "visit_moved_on"], "noshow", 1),
        (["change_ended", "undone"], "booked", 2),
    )
    assert services.ask(broken) == []


@pytest.mark.req("P6", "P7")
@pytest.mark.parametrize("_", TIMES)
def test_many_who_check_out_the_same_way_at_once_do_it_once(
    services: Services, made: SmallClinic, clock: FixedClock, visit: Visit, _: int
) -> None:
    begins(clock, visit)
    has_credit(services, visit.patient_id, 3000)
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    wish = Wish(items=found.wish.items, credit_minor=2000, desk_how="card")
    shown = bills.reckon(found, wish)

    def checks_out(own: Services) -> str:
        more: dict[str, Any] = {"shown": shown, "seen_sequence": visit.sequence}
        return f"paid {own.do(visiting.check_out, actor, visit.appointment_id, wish, **more).sums.desk_minor}"

    assert together(services, *[checks_out] * MANY) == {"paid 18000": MANY}
    assert (len(rows(services, models.VisitBill)), free_credit(services, visit)) == (1, 1000)
    assert left(services, made["package"]) == (1, 0)
    assert services.ask(broken) == []


@pytest.mark.parametrize("_", TIMES)
def test_two_who_check_out_in_two_ways_at_once_make_one_bill(
    services: Services, clock: FixedClock, visit: Visit, _: int
) -> None:
    begins(clock, visit)
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)

    def way(how: str) -> Act:
        wish = Wish(items=found.wish.items, desk_how=how)
        more: dict[str, Any] = {"shown": bills.reckon(found, wish), "seen_sequence": visit.sequence}
        return lambda own: own.do(visiting.check_out, actor, visit.appointment_id, wish, **more).desk_how

    assert sorted(together(services, way("card"), way("cash"))) in (
        ["card", "visit_moved_on"],
        ["cash", "visit_moved_on"],
    )
    assert len(rows(services, models.VisitBill)) == 1
    assert services.ask(broken) == []


@pytest.mark.req("P7")
@pytest.mark.parametrize("_", TIMES)
def test_credit_spent_elsewhere_in_the_same_instant_is_spent_once(
    services: Services, clock: FixedClock, visit: Visit, _: int
) -> None:
    begins(clock, visit)
    has_credit(services, visit.patient_id, 3000)
    actor, found = factories.staff(services, "front_desk").actor, at_desk(services, visit)
    wish = Wish(items=found.wish.items, credit_minor=3000, desk_how="card")
    more: dict[str, Any] = {"shown": bills.reckon(found, wish), "seen_sequence": visit.sequence}
    taking: dict[str, Any] = {"key": "a race", "patient_id": visit.patient_id, "currency": "USD", "actor": actor.tag}

    def checks_out(own: Services) -> str:
        own.do(visiting.check_out, actor, visit.appointment_id, wish, **more)
        return "out"

    def takes(own: Services) -> str:
        own.do(wallet.enter, EntryKind.TAKEN, amount_minor=-3000, **taking)
        return "taken"

    came = together(services, checks_out, takes)
    assert came in ({"out": 1, "wallet_short": 1}, {"taken": 1, "bill_credit_too_much": 1})
    assert free_credit(services, visit) == 0
    assert services.ask(broken) == []


@pytest.mark.req("S55")
@pytest.mark.parametrize("_", TIMES)
def test_a_patient_who_cancels_while_they_are_checked_in_does_one_of_both(
    services: Services, made: SmallClinic, clock: FixedClock, visit: Visit, _: int
) -> None:
    clock.advance(visit.start_at - timedelta(hours=4) - clock.now())  # 06:00 on the day of the visit
    actor, fee = factories.staff(services, "front_desk").actor, services.ask(changes.fee_minor, visit)

    def checks_in(own: Services) -> str:
        own.do(visiting.check_in, actor, visit.appointment_id, seen_sequence=visit.sequence)
        return "in"

    def cancels(own: Services) -> str:
        own.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)
        return "cancelled"

    came = together(services, checks_in, cancels)
    status = now_of(services, visit).status
    assert came in ({"in": 1, "change_ended": 1}, {"cancelled": 1, "visit_moved_on": 1})
    assert status == ("arrived" if "in" in came else "cancelled")
    assert left(services, made["package"]) == (1, 0)  # used, or forfeited by one who cancels so late
    assert services.ask(broken) == []

"""What the front desk is told of the visits of a day: who is here, what is missing, what pays, what is due (P15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.accounts.models import Staff
from clinic_portal.booking import bills, models, queries
from clinic_portal.booking.arrivals import AllLeftOpen, Arrival, arrivals, left_open, next_day
from clinic_portal.booking.board import board
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, Services
from clinic_portal.patients import notes
from clinic_portal.payments import books
from clinic_portal.wallet.types import Origin
from tests import factories
from tests.actions.booking.test_till import statements
from tests.card_kit import till
from tests.factories import SmallClinic, booked
from tests.fees_kit import owes_fee
from tests.forms_kit import INTAKE, put
from tests.member_kit import is_on_plan
from tests.visits_kit import at_desk, begins, checks_in, checks_out, has_credit, has_items, reserves

pytestmark = pytest.mark.req("P15")
ON = date(2026, 12, 3)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return factories.small_clinic(services)


def visit_at(made: SmallClinic, clock: str, *wanted: str, on: date = ON, owner: str = "b", **more: Any) -> Visit:
    made_visit = booked(made, owner, on, clock, *(wanted or ("facial",)), **more)
    return made.services.ask(queries.visit, made_visit.appointment_id)


def told(services: Services, visit: Visit, role: str = "front_desk") -> Arrival:
    """What someone of that role is told of a visit."""
    return services.ask(arrivals, factories.staff(services, role).actor, [visit.appointment_id])[visit.appointment_id]


def test_a_visit_says_what_pays_for_it_and_what_is_due_as_its_page_does(services: Services, made: SmallClinic) -> None:
    made.change(clinic.Service, "botox", deposit_minor=5000)
    visit = visit_at(made, "10:00", "botox", "facial")
    lot = has_items(services, visit.patient_id, 3, service_id=made["facial"], name="Hydrating facial")
    reserves(services, visit, lot, 1)
    has_credit(services, visit.patient_id, 4000)
    found = told(services, visit)
    assert [(one.name, one.origin, one.count, one.left) for one in found.pays] == [
        ("Hydrating facial", Origin.PACKAGE, 1, 2)
    ]
    assert found.deposit_minor == 5000
    sheet = at_desk(services, visit)
    assert found.due_minor == bills.reckon(sheet, sheet.wish).desk_minor == 24000 - 5000


def test_what_was_reserved_is_told_alike_once_the_patient_is_here(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    visit = visit_at(made, "10:00")
    reserves(services, visit, has_items(services, visit.patient_id, 2, service_id=made["facial"]))
    before = told(services, visit)
    begins(clock, visit)
    checks_in(services, visit)
    after = told(services, visit)
    assert (before.pays, before.due_minor) == (after.pays, after.due_minor)
    assert (before.arrived_at, after.arrived_at) == (None, clock.now())


def test_who_left_is_told_with_what_was_paid_at_the_desk(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    visit = visit_at(made, "10:00")
    begins(clock, visit)
    checks_out(services, visit)
    found = told(services, visit)
    assert (found.due_minor, found.paid_minor, found.fulfilled_at) == (0, 9500, clock.now())


def test_a_fee_that_could_not_be_charged_before_stands_beside_the_next_visit(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    owed = owes_fee(made, till(services), clock)
    visit = visit_at(made, "10:00", on=date(2026, 12, 5), phone=factories.MOBILE)
    assert owed.patient_id == visit.patient_id
    assert told(services, visit).owed_minor == owed.amount_minor > 0
    assert told(services, visit, "provider").owed_minor == 0


def test_a_fee_of_another_account_stands_beside_no_visit(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    """Of a test account, say, the clinic had before: nobody could charge it any more."""
    owed = owes_fee(made, till(services), clock)
    visit = visit_at(made, "10:00", on=date(2026, 12, 5), phone=factories.MOBILE)
    services.do(books.change, owed.id, account="stripe:test")
    assert told(services, visit).owed_minor == 0


def test_missing_forms_are_named_to_those_who_handle_forms(services: Services, made: SmallClinic) -> None:
    put(made, "intake", "questionnaire", INTAKE, ["facial"])
    visit = visit_at(made, "10:00")
    assert told(services, visit).forms == ("About your health",)
    assert told(services, visit, "read_only").forms == ()


def test_a_member_is_told_with_their_plan_to_those_who_check_patients_out(
    services: Services, made: SmallClinic
) -> None:
    visit = visit_at(made, "10:00")
    assert told(services, visit).plan == ""
    is_on_plan(services, visit.patient_id)
    assert told(services, visit).plan != ""
    assert told(services, visit, "read_only").plan == ""


@pytest.mark.parametrize(("role", "knows"), [("owner", True), ("provider", True), ("read_only", False)])
def test_money_is_told_to_those_who_check_patients_out(
    services: Services, made: SmallClinic, role: str, knows: bool
) -> None:
    found = told(services, visit_at(made, "10:00"), role)
    assert (found.knows_money, found.due_minor) == (knows, 9500 if knows else 0)


def narrowed(services: Services, *, provider_id: int, **sees: bool) -> Any:
    """A provider whom the owner lets see their own alone."""
    factories.staff(services, "provider")
    mine = table(Staff).c.email == "provider@lumen.example"
    services.do(lambda work: work.execute(update(table(Staff)).where(mine).values(provider_id=provider_id, **sees)))
    return factories.staff(services, "provider").actor


def test_who_sees_their_own_calendar_alone_is_told_of_no_other(services: Services, made: SmallClinic) -> None:
    mine = visit_at(made, "10:00", provider="lena")
    other = visit_at(made, "11:00", provider="maya", owner="c", email="c@example.org", phone="+15125550199")
    actor = narrowed(services, provider_id=made["lena"], sees_every_calendar=False)
    found = services.ask(arrivals, actor, [mine.appointment_id, other.appointment_id])
    assert set(found) == {mine.appointment_id}


def test_of_a_patient_they_may_not_see_nothing_is_told(services: Services, made: SmallClinic) -> None:
    other = visit_at(made, "11:00", provider="maya")
    actor = narrowed(services, provider_id=made["lena"], sees_every_patient=False)
    assert services.ask(arrivals, actor, [other.appointment_id]) == {}


def test_what_an_alert_says_is_told_to_those_who_read_notes(services: Services, made: SmallClinic) -> None:
    visit = visit_at(made, "10:00")
    desk = factories.staff(services, "front_desk").actor
    services.do(notes.write, desk, visit.patient_id, "alert", "Faints at needles.")
    services.do(notes.write, desk, visit.patient_id, "note", "Likes the window.")
    assert told(services, visit).alerts == ("Faints at needles.",)
    assert told(services, visit, "read_only").alerts == ()


# ---- visits of earlier days that nobody settled ---------------------------------------------------------------------


def open_now(services: Services, made: SmallClinic, role: str = "front_desk", **more: Any) -> AllLeftOpen:
    return services.ask(left_open, factories.staff(services, role).actor, made["downtown"], **more)


def test_visits_of_earlier_days_nobody_checked_in_or_out_are_listed_with_what_they_keep(
    services: Services, made: SmallClinic, clock: FixedClock
) -> None:
    never_came = visit_at(made, "10:00")
    reserves(services, never_came, has_items(services, never_came.patient_id, 2, service_id=made["facial"]))
    never_left = visit_at(made, "11:00", owner="c")
    settled = visit_at(made, "12:00", owner="d")
    begins(clock, settled)
    checks_in(services, never_left)
    checks_out(services, settled)
    assert open_now(services, made) == AllLeftOpen((), 0)  # their own day is not over
    clock.advance(timedelta(days=1))
    found = open_now(services, made)
    assert [(one.appointment_id, one.status, one.reserved) for one in found.visits] == [
        (never_left.appointment_id, "arrived", 0),
        (never_came.appointment_id, "booked", 1),
    ]
    assert found.count == 2
    assert open_now(services, made, most=1).count == 2
    clock.advance(timedelta(days=60))
    assert open_now(services, made).count == 0


def test_who_checks_nobody_out_is_not_told_what_is_left_open(services: Services, made: SmallClinic) -> None:
    with pytest.raises(NotAllowed):
        open_now(services, made, "read_only")
    with pytest.raises(NotAllowed):
        services.ask(left_open, factories.staff(services).actor, 999)


def expected(
    services: Services, made: SmallClinic, after_on: date, role: str = "front_desk", **more: Any
) -> date | None:
    return services.ask(next_day, factories.staff(services, role).actor, made["downtown"], after_on, **more)


def test_an_empty_day_knows_the_next_on_which_somebody_is_expected(services: Services, made: SmallClinic) -> None:
    visit = visit_at(made, "10:00", "botox")
    assert expected(services, made, ON - timedelta(days=1)) == ON
    assert expected(services, made, ON) is None
    assert expected(services, made, ON - timedelta(days=8), provider_id=made["maya"]) == ON  # she alone does botox
    assert expected(services, made, ON - timedelta(days=8), provider_id=made["lena"]) is None
    set_status = update(table(models.Appointment)).where(table(models.Appointment).c.id == visit.appointment_id)
    services.do(lambda work: work.execute(set_status.values(status="cancelled")))
    assert expected(services, made, ON - timedelta(days=8)) is None


def test_a_provider_with_their_own_calendar_alone_is_told_their_own_next_day(
    services: Services, made: SmallClinic
) -> None:
    visit_at(made, "10:00", "botox")
    lena = replace(factories.staff(services, "provider").actor, provider_id=made["lena"], sees_every_calendar=False)
    assert services.ask(next_day, lena, made["downtown"], ON - timedelta(days=8), provider_id=made["maya"]) is None


def test_what_the_calendar_asked_of_the_same_day_is_not_asked_again(services: Services, made: SmallClinic) -> None:
    put(made, "intake", "questionnaire", INTAKE, ["facial"])
    visit = visit_at(made, "10:00")
    desk = factories.staff(services, "front_desk").actor

    def day(read: Reading) -> int:
        [shown] = board(read, desk, made["downtown"], ON).visits
        with statements(services) as asked:
            found = arrivals(read, desk, [visit.appointment_id])[visit.appointment_id]
        assert len(found.forms) == shown.forms_missing == 1
        return sum("form_request" in one or "patient_note" in one or "FROM payment" in one for one in asked)

    assert services.ask(day) == 0


def test_many_visits_take_as_many_statements_as_one(services: Services, made: SmallClinic) -> None:
    put(made, "intake", "questionnaire", INTAKE, ["facial"])
    visits = [visit_at(made, f"{hour}:00", owner=f"o{hour}") for hour in ("09", "10", "11", "12", "13")]
    for one in visits:
        reserves(services, one, has_items(services, one.patient_id, 1, service_id=made["facial"]))
    actor, counts = factories.staff(services).actor, []
    for many in (1, 1, 5):
        with statements(services) as asked:
            services.ask(arrivals, actor, [one.appointment_id for one in visits[:many]])
        counts.append(len(asked))
    assert counts[1] == counts[2]

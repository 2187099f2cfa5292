"""Which reminders are due, found from the data: once each, to whom wants them, by a way that reaches them (P14)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from clinic_portal.booking import models as booking
from clinic_portal.booking.reminding import to_look_at
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.work import Services
from clinic_portal.messaging import models, reminders, unreachable
from clinic_portal.messaging.types import Channel
from clinic_portal.patients import models as patients
from tests import factories
from tests.forms_kit import put_all
from tests.reminder_kit import person, plan_all, planned, rule, visits

pytestmark = pytest.mark.req("P14")
THURSDAY_NOON = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
"""12:00 in Chicago; the tests begin ten days earlier, on a Monday at 9:00."""
VISIT, FORMS = "visit_reminder", "forms_reminder"


@pytest.fixture
def clinic(services: Services) -> factories.SmallClinic:
    return factories.small_clinic(services)


def go_to(clock: FixedClock, at: datetime) -> None:
    clock.advance(at - clock.now())


def before(clock: FixedClock, **lead: float) -> None:
    go_to(clock, THURSDAY_NOON - timedelta(**lead))


def change(services: Services, model: Any, row_id: int, **values: Any) -> None:
    services.do(lambda work: work.execute(update(table(model)).where(table(model).c.id == row_id).values(**values)))


def test_a_visit_is_reminded_of_when_its_time_has_come_and_not_a_minute_before(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    [visit] = visits(clinic, [person(services)], [THURSDAY_NOON])
    before(clock, hours=24, minutes=1)
    plan_all(services)
    assert planned(services) == []
    before(clock, hours=24)
    plan_all(services)
    assert planned(services) == [(visit, VISIT, "email")]


def test_a_reminder_is_planned_once_however_often_it_is_looked_at(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    before(clock, hours=24)
    for _ in range(4):
        plan_all(services)
        clock.advance(timedelta(hours=1))
    assert len(planned(services)) == 1


def test_it_tells_when_it_was_due_and_which_start_it_is_about(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    before(clock, hours=20)
    plan_all(services)
    [row] = factories.rows(services, models.Message)
    assert (row.due_at, row.about_at) == (THURSDAY_NOON - timedelta(hours=24), THURSDAY_NOON)


def test_without_a_lead_time_nobody_is_reminded(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    visits(clinic, [person(services)], [THURSDAY_NOON])
    before(clock, hours=2)
    assert plan_all(services) == 0
    assert planned(services) == []


def test_a_worker_that_was_down_for_two_days_sends_one_reminder_by_each_channel_not_three(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    for hours in (72, 48, 24):
        rule(services, "email", hours)
    rule(services, "sms", 48)
    [visit] = visits(clinic, [person(services)], [THURSDAY_NOON])
    before(clock, hours=23)
    plan_all(services)
    assert sorted(planned(services)) == [(visit, VISIT, "email"), (visit, VISIT, "sms")]
    [email] = [one for one in factories.rows(services, models.Message) if one.channel == "email"]
    assert email.due_at == THURSDAY_NOON - timedelta(hours=24)


def test_each_lead_time_of_a_worker_that_runs_is_kept(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 72)
    rule(services, "email", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    for hours in (72, 24):
        before(clock, hours=hours)
        plan_all(services)
    assert len(planned(services)) == 2


def test_who_booked_after_a_reminder_was_due_is_not_sent_it(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 72)
    before(clock, hours=60)
    visits(clinic, [person(services)], [THURSDAY_NOON], booked_at=clock.now())
    plan_all(services)
    assert planned(services) == []


def test_who_moved_their_visit_is_reminded_of_the_new_time_anew(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    [visit] = visits(clinic, [person(services)], [THURSDAY_NOON])
    before(clock, hours=24)
    plan_all(services)
    later = THURSDAY_NOON + timedelta(days=2)
    change(services, booking.Appointment, visit, start_at=later, moved_at=clock.now(), remind_at=None)
    plan_all(services)
    assert len(planned(services)) == 1
    go_to(clock, later - timedelta(hours=24))
    plan_all(services)
    assert [one.about_at for one in factories.rows(services, models.Message)] == [THURSDAY_NOON, later]


def test_who_moved_their_visit_to_tomorrow_has_just_read_so(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    before(clock, hours=20)
    visits(clinic, [person(services)], [THURSDAY_NOON], moved_at=clock.now())
    plan_all(services)
    assert planned(services) == []


@pytest.mark.parametrize("status", ["cancelled", "noshow", "fulfilled", "held"])
def test_a_visit_that_does_not_stand_is_not_reminded_of(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock, status: str
) -> None:
    rule(services, "email", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON], status=status)
    before(clock, hours=2)
    plan_all(services)
    assert planned(services) == []


def test_a_visit_that_has_begun_is_not_reminded_of(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    go_to(clock, THURSDAY_NOON)
    plan_all(services)
    assert planned(services) == []


def test_a_lead_time_that_is_new_makes_up_for_nothing(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    before(clock, hours=20)
    rule(services, "email", 24, added=timedelta(0))
    visits(clinic, [person(services)], [THURSDAY_NOON])
    plan_all(services)
    assert planned(services) == []


@pytest.mark.parametrize(
    ("wishes", "channels"),
    [
        ({}, ["email", "sms"]),
        ({"wants_email_reminders": False}, ["sms"]),
        ({"wants_sms_reminders": False}, ["email"]),
        ({"wants_email_reminders": False, "wants_sms_reminders": False}, []),
    ],
)
def test_a_patient_is_reminded_by_the_channels_they_want(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock, wishes: dict[str, bool], channels: list[str]
) -> None:
    rule(services, "email", 24)
    rule(services, "sms", 24)
    visits(clinic, [person(services, **wishes)], [THURSDAY_NOON])
    before(clock, hours=24)
    plan_all(services)
    assert sorted(channel for _, _, channel in planned(services)) == channels


def test_who_replied_stop_is_reminded_by_email_though_only_texts_are_set(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, unreachable.STOP)
    before(clock, hours=24)
    plan_all(services)
    assert [channel for _, _, channel in planned(services)] == ["email"]


def test_who_replied_stop_gets_one_email_not_one_for_each_channel(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    rule(services, "email", 72)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, unreachable.STOP)
    before(clock, hours=23)
    plan_all(services)
    assert [channel for _, _, channel in planned(services)] == ["email"]


def test_who_replied_stop_and_wants_no_email_is_left_alone(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    visits(clinic, [person(services, wants_email_reminders=False)], [THURSDAY_NOON])
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, unreachable.STOP)
    before(clock, hours=24)
    plan_all(services)
    assert planned(services) == []


def test_whose_address_bounces_is_reminded_by_text_however_it_is_written(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    services.do(unreachable.note, Channel.EMAIL, "AMARA@Example.org", unreachable.BOUNCED)
    before(clock, hours=24)
    plan_all(services)
    assert [channel for _, _, channel in planned(services)] == ["sms"]


def test_two_patients_with_one_phone_are_each_reminded_of_their_own_visit(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    two = [person(services), person(services, "Juno")]
    both = visits(clinic, two, [THURSDAY_NOON, THURSDAY_NOON])
    before(clock, hours=24)
    plan_all(services)
    assert sorted(visit or 0 for visit, _, _ in planned(services)) == both


def test_the_quiet_hours_of_the_patients_own_zone_hold_a_reminder_back(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    visits(clinic, [person(services, time_zone="Asia/Tokyo")], [THURSDAY_NOON])  # 3:00 there, the day before
    before(clock, hours=24)
    plan_all(services)
    assert planned(services) == []
    go_to(clock, datetime(2026, 12, 2, 23, 0, tzinfo=UTC))  # 8:00 there
    plan_all(services)
    assert len(planned(services)) == 1


def test_a_wish_that_changed_holds_within_the_hour(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    who = person(services, wants_email_reminders=False)
    visits(clinic, [who], [THURSDAY_NOON])
    before(clock, hours=24)
    plan_all(services)
    change(services, patients.Patient, who, wants_email_reminders=True)
    clock.advance(timedelta(hours=1))
    plan_all(services)
    assert len(planned(services)) == 1


def test_a_clock_that_was_set_back_hides_no_visit(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    visits(clinic, [person(services)], [THURSDAY_NOON])
    before(clock, hours=25)
    plan_all(services)
    before(clock, days=8)
    assert plan_all(services) == 0
    before(clock, hours=27)
    assert plan_all(services) == 1


def test_forms_are_reminded_of_where_some_are_missing_and_nowhere_else(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 48, "forms")
    put_all(clinic)
    told = factories.booked(clinic, "browser", THURSDAY_NOON.date(), "12:00", "botox", provider="maya")
    bare = visits(clinic, [person(services, "Juno")], [THURSDAY_NOON])
    before(clock, hours=47)
    plan_all(services)
    assert planned(services) == [(told.appointment_id, FORMS, "email")]
    assert bare


def test_of_a_visit_and_its_forms_that_are_due_at_once_the_visit_is_told(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    rule(services, "email", 24, "forms")
    put_all(clinic)
    factories.booked(clinic, "browser", THURSDAY_NOON.date(), "12:00", "botox", provider="maya")
    before(clock, hours=23)
    plan_all(services)
    assert [kind for _, kind, _ in planned(services)] == [VISIT]


def test_ten_thousand_due_at_once_are_planned_in_portions_each_with_as_many_looks_as_the_first(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    rule(services, "email", 24, "forms")
    who = [person(services, f"P{n}", phone=f"+1512555{n:04}") for n in range(100)]
    visits(clinic, [who[n % 100] for n in range(10_000)], [THURSDAY_NOON + timedelta(seconds=n) for n in range(10_000)])
    go_to(clock, THURSDAY_NOON - timedelta(hours=20))
    looks: list[int] = []
    count = 0

    def counted(*about: Any) -> None:
        nonlocal count
        count += about[2].lstrip().upper().startswith("SELECT")

    event.listen(services.database.engine, "before_cursor_execute", counted)
    while services.do(reminders.plan_due):
        looks.append(count)
        count = 0
    assert len(looks) == 10_000 // reminders.PORTION
    assert max(looks) <= reminders.PORTION + 30
    assert len(planned(services)) == 10_000


def test_several_workers_at_once_plan_each_reminder_once(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    who = person(services)
    visits(clinic, [who] * 300, [THURSDAY_NOON + timedelta(seconds=n) for n in range(300)])
    go_to(clock, THURSDAY_NOON - timedelta(hours=20))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: plan_all(services), range(4)))
    assert len(planned(services)) == 300


def test_what_is_due_is_found_by_the_index_of_starts(services: Services, clinic: factories.SmallClinic) -> None:
    def plan(work: Any) -> str:
        statement = to_look_at(work.now, work.now + timedelta(days=4), 200)
        dialect = work.session.connection().dialect
        told = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        if dialect.name == "postgresql":
            work.session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
            return str(work.session.connection().exec_driver_sql(f"EXPLAIN {told}").all())
        return str(work.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {told}").all())

    assert "ix_appointment_start_at" in services.do(plan)

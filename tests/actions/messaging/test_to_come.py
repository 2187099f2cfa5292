"""The reminders a profile says are still to come are those the worker then plans (B6, P14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic_portal.booking.models import Appointment
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.messaging import chart, unreachable
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.types import Channel
from tests import factories
from tests.forms_kit import put_all
from tests.reminder_kit import person, plan_all, rule, visits

pytestmark = [pytest.mark.req("B6"), pytest.mark.req("P14")]
THURSDAY_NOON = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
EARLY = datetime(2026, 12, 4, 14, 30, tzinfo=UTC)
"""8:30 in Chicago: two hours before it is quiet."""


@pytest.fixture
def clinic(services: Services) -> factories.SmallClinic:
    return factories.small_clinic(services)


def said(services: Services, patient: int) -> list[tuple[str, str, datetime]]:
    return [(one.kind, one.channel, one.due_at) for one in services.ask(chart.upcoming, patient)]


def came(services: Services) -> list[tuple[str, str, datetime]]:
    found = factories.rows(services, Message)
    return [(one.kind, one.channel, one.due_at) for one in found if one.kind.endswith("_reminder")]


def lets_time_pass(services: Services, clock: FixedClock, until: datetime) -> None:
    while clock.now() < until:
        clock.advance(timedelta(minutes=30))
        plan_all(services)


@pytest.mark.parametrize("start_at", [THURSDAY_NOON, EARLY])
@pytest.mark.parametrize("zone", [None, "America/Los_Angeles"])
def test_what_is_said_to_come_comes_then_and_so(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock, start_at: datetime, zone: str | None
) -> None:
    rule(services, "email", 72)
    rule(services, "sms", 2)
    patient = person(services, time_zone=zone)
    visits(clinic, [patient], [start_at])
    promised = said(services, patient)
    assert [(kind, channel) for kind, channel, _ in promised] == [
        ("visit_reminder", "email"),
        ("visit_reminder", "sms"),
    ]
    lets_time_pass(services, clock, start_at)
    assert came(services) == promised
    assert said(services, patient) == []


def test_who_wants_no_texts_is_not_said_to_get_one(services: Services, clinic: factories.SmallClinic) -> None:
    rule(services, "email", 72)
    rule(services, "sms", 2)
    patient = person(services, wants_sms_reminders=False)
    visits(clinic, [patient], [THURSDAY_NOON])
    assert [channel for _, channel, _ in said(services, patient)] == ["email"]


def test_what_cannot_come_by_one_channel_is_said_to_come_by_the_other(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    rule(services, "sms", 3)
    patient = person(services)
    visits(clinic, [patient], [THURSDAY_NOON])
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, unreachable.STOP)
    promised = said(services, patient)
    assert [channel for _, channel, _ in promised] == ["email"]
    lets_time_pass(services, clock, THURSDAY_NOON)
    assert came(services) == promised


def test_forms_are_said_to_be_reminded_of_only_where_some_are_missing(
    services: Services, clinic: factories.SmallClinic
) -> None:
    rule(services, "email", 48, "forms")
    patient = person(services)
    visits(clinic, [patient], [THURSDAY_NOON])
    assert said(services, patient) == []
    put_all(clinic)
    visit = factories.booked(clinic, "browser", THURSDAY_NOON.date(), "14:00", "botox", email="bo@example.org")
    row = next(one for one in factories.rows(services, Appointment) if one.id == visit.appointment_id)
    assert row.patient_id is not None
    assert [kind for kind, _, _ in said(services, row.patient_id)] == ["forms_reminder"]


@pytest.mark.parametrize("values", [{"status": "cancelled"}, {"status": "noshow"}])
def test_nothing_is_said_to_come_of_a_visit_that_is_off(
    services: Services, clinic: factories.SmallClinic, values: dict[str, str]
) -> None:
    rule(services, "email", 24)
    patient = person(services)
    visits(clinic, [patient], [THURSDAY_NOON], **values)
    assert said(services, patient) == []

"""Staff set when is reminded: who may, what is refused, what the log says (P14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.messaging import lead_times
from clinic_portal.web.admin.settings import reminder_words as words
from tests import factories
from tests.reminder_kit import person, plan_all, planned, visits

pytestmark = pytest.mark.req("P14")
ONE = {"about": "visit", "channel": "email", "amount": "3", "unit": "days"}


@pytest.fixture(autouse=True)
def clinic(services: Services) -> factories.SmallClinic:
    return factories.small_clinic(services)


def known(services: Services) -> list[tuple[str, str, int]]:
    return [(one.about, one.channel.value, one.lead_minutes) for one in services.ask(lead_times.lead_times)]


def add(services: Services, role: str = "owner", **changed: str) -> None:
    services.do(lead_times.add, factories.staff(services, role).actor, **(ONE | changed))


def test_a_lead_time_is_added_and_removed_and_the_log_tells_both(services: Services) -> None:
    add(services)
    assert known(services) == [("visit", "email", 3 * 24 * 60)]
    [one] = services.ask(lead_times.lead_times)
    services.do(lead_times.remove, factories.staff(services).actor, one.id)
    assert known(services) == []
    told = [one.action for one in factories.rows(services, AuditEntry) if one.action.startswith("reminder.")]
    assert told == ["reminder.added", "reminder.removed"]


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_who_does_not_change_the_clinic_adds_and_removes_none(services: Services, role: str) -> None:
    add(services)
    with pytest.raises(NotAllowed):
        add(services, role, amount="1")
    [one] = services.ask(lead_times.lead_times)
    with pytest.raises(NotAllowed):
        services.do(lead_times.remove, factories.staff(services, role).actor, one.id)
    assert len(known(services)) == 1


@pytest.mark.parametrize("amount", ["0", "31", "-1", "1.5", "", "two", "9" * 9, "²"])
def test_a_lead_time_that_is_none_is_refused_at_its_field(services: Services, amount: str) -> None:
    with pytest.raises(Unusable) as refusal:
        add(services, amount=amount)
    assert [one.field for one in refusal.value.faults] == ["amount"]


@pytest.mark.parametrize(("amount", "unit"), [("1", "hours"), ("720", "hours"), ("30", "days")])
def test_an_hour_is_the_least_and_thirty_days_the_most(services: Services, amount: str, unit: str) -> None:
    add(services, amount=amount, unit=unit)
    assert len(known(services)) == 1


@pytest.mark.parametrize("wrong", [{"about": "weather"}, {"channel": "pigeon"}, {"unit": "years"}])
def test_what_no_page_offers_is_not_allowed(services: Services, wrong: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        add(services, **wrong)


def test_the_same_is_not_added_twice(services: Services) -> None:
    add(services)
    with pytest.raises(Conflict, match="reminder_known"):
        add(services, amount="72", unit="hours")


def test_ten_are_as_many_as_can_be(services: Services) -> None:
    for n in range(10):
        add(services, amount=str(n + 1))
    with pytest.raises(Conflict, match="reminders_many"):
        add(services, amount="11")


def test_one_that_is_gone_is_not_removed_again(services: Services) -> None:
    with pytest.raises(NotAllowed):
        services.do(lead_times.remove, factories.staff(services).actor, 7)


def test_a_new_lead_time_holds_at_once_for_visits_looked_at_a_moment_ago(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    add(services, amount="30")
    visits(clinic, [person(services)], [clock.now() + timedelta(days=2, minutes=5)])
    plan_all(services)
    add(services, amount="2")
    clock.advance(timedelta(minutes=5))
    plan_all(services)
    assert len(planned(services)) == 1


@pytest.mark.parametrize(
    ("lead", "told"),
    [
        ({"amount": "1"}, "A visit on Tuesday at 9:00 AM is reminded of on Monday at 9:00 AM."),
        ({"amount": "12", "unit": "hours"}, "A visit on Tuesday at 9:00 AM is reminded of on Tuesday at 8:00 AM."),
        ({"amount": "1", "unit": "hours"}, "A visit on Tuesday at 9:00 AM is reminded of on Tuesday at 8:00 AM."),
        ({"amount": "10"}, "A visit on Tue, Dec 1, 2026 at 9:00 AM is reminded of on Sat, Nov 21, 2026 at 9:00 AM."),
    ],
)
def test_each_is_told_with_an_example(services: Services, clock: FixedClock, lead: dict[str, str], told: str) -> None:
    add(services, **lead)
    [one] = services.ask(lead_times.lead_times)
    shown = words.example(one, services.ask(catalogue), "America/Chicago", clock.now())
    assert " ".join(shown.split()) == told


def test_quiet_hours_that_end_late_send_the_example_to_the_evening_before(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    clinic.settings(quiet_until_minutes=8 * 60 + 30)
    add(services, amount="1", unit="hours")
    [one] = services.ask(lead_times.lead_times)
    shown = words.example(one, services.ask(catalogue), "America/Chicago", clock.now())
    assert " ".join(shown.split()) == "A visit on Tuesday at 9:00 AM is reminded of on Monday at 8:59 PM."


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("21:00", 1260), ("08:30", 510), ("0:00", 0), ("23:59", 1439), ("08:30:00", 510)]
    + [(wrong, None) for wrong in ("", "24:00", "8", "8:60", "noon", "-1:00")],
)
def test_a_time_of_day_is_read_as_browsers_send_it(typed: str, minute: int | None) -> None:
    assert words.minute_of(typed) == minute

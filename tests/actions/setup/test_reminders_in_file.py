"""The reminders of a clinic file: loaded, told back, refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.messaging.lead_times import lead_times
from clinic_portal.setup.demo import FILE, lumen
from clinic_portal.setup.export import export
from clinic_portal.setup.load import load
from clinic_portal.setup.part import ClinicFileError
from clinic_portal.setup.people import seed
from clinic_portal.setup.schema import parse
from tests.reminder_kit import plan_all, planned

pytestmark = pytest.mark.req("P14")
DAYS = timedelta(days=1)
ONE = "  - {about: visit, channel: email, days: 3}\n"


def known(services: Services) -> list[tuple[str, str, int]]:
    return [(one.about, one.channel.value, one.lead_minutes // 60) for one in services.ask(lead_times)]


def test_the_demo_clinic_reminds_of_visits_and_of_forms(services: Services) -> None:
    services.do(load, lumen())
    assert known(services) == [
        ("forms", "email", 120),
        ("visit", "email", 72),
        ("forms", "email", 48),
        ("visit", "sms", 24),
    ]


def test_what_the_file_names_no_more_goes_and_what_stays_is_not_made_anew(services: Services) -> None:
    services.do(load, lumen())
    before = {one.lead_minutes: one.id for one in services.ask(lead_times)}
    report = services.do(load, parse(FILE.read_text().replace(ONE, ONE.replace("days: 3", "hours: 30"))))
    assert (report.added["reminder"], report.switched_off["reminder"]) == (1, 1)
    after = {one.lead_minutes: one.id for one in services.ask(lead_times)}
    assert after[24 * 60] == before[24 * 60]
    assert 30 * 60 in after


def test_a_file_without_reminders_leaves_them_as_they_are(services: Services) -> None:
    services.do(load, lumen())
    text = FILE.read_text()
    start = text.index("reminders:")
    services.do(load, parse(text[:start] + text[text.index("\nlocations:") :]))
    assert len(known(services)) == 4


def test_a_day_and_some_hours_are_told_back(services: Services) -> None:
    services.do(load, parse(FILE.read_text().replace(ONE, ONE.replace("days: 3", "days: 1, hours: 6"))))
    exported = services.ask(export)
    assert "days: 1\n  hours: 6" in exported
    assert services.do(load, parse(exported)).is_empty


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("days: 0", "from 1 hour to 30 days"),
        ("days: 31", "from 1 hour to 30 days"),
        ("days: 1, minutes: 5", "minutes"),
        ("days: 3}\n  - {about: visit, channel: email, hours: 72", "stands there twice"),
    ],
)
def test_a_reminder_that_cannot_be_is_refused_in_words(services: Services, wrong: str, sentence: str) -> None:
    with pytest.raises(ClinicFileError, match=sentence):
        parse(FILE.read_text().replace(ONE, ONE.replace("days: 3", wrong)))


def test_moving_the_clock_of_the_rehearsal_brings_reminders(services: Services, clock: FixedClock) -> None:
    services.do(load, lumen())
    services.do(seed)
    plan_all(services)
    assert planned(services) == []
    clock.advance(DAYS)
    plan_all(services)
    told = planned(services)
    assert {"visit_reminder"} <= {kind for _, kind, _ in told}
    assert {channel for _, _, channel in told} == {"email", "sms"}

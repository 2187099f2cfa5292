"""Quiet hours on the patient's own wall, through both clock changes; when a visit is reminded of (P14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic_portal.messaging.quiet_rules import SLACK, Quiet, is_quiet, outside_quiet, reminder_due

pytestmark = pytest.mark.req("P14")
CHICAGO, WARSAW, LORD_HOWE, KATHMANDU = "America/Chicago", "Europe/Warsaw", "Australia/Lord_Howe", "Asia/Kathmandu"
NIGHT = Quiet(21 * 60, 8 * 60)
ZONES = st.sampled_from([CHICAGO, WARSAW, LORD_HOWE, KATHMANDU, "UTC", "Pacific/Apia"])
HOURS = st.builds(Quiet, st.integers(0, 1439), st.integers(0, 1439))
INSTANTS = st.integers(0, 2 * 365 * 24 * 3600).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))


def at(wall: str, zone: str = CHICAGO, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "quiet", "then"),
    [
        pytest.param(at("2026-12-01T12:00"), NIGHT, at("2026-12-01T12:00"), id="noon is not quiet"),
        pytest.param(at("2026-12-01T20:59"), NIGHT, at("2026-12-01T20:59"), id="the last minute before they begin"),
        pytest.param(at("2026-12-01T21:00"), NIGHT, at("2026-12-02T08:00"), id="they begin"),
        pytest.param(at("2026-12-02T00:00"), NIGHT, at("2026-12-02T08:00"), id="midnight"),
        pytest.param(at("2026-12-02T07:59"), NIGHT, at("2026-12-02T08:00"), id="their last minute"),
        pytest.param(at("2026-12-02T08:00"), NIGHT, at("2026-12-02T08:00"), id="they are over"),
        pytest.param(at("2026-12-01T23:00"), Quiet(480, 480), at("2026-12-01T23:00"), id="none"),
        pytest.param(at("2026-12-01T13:00"), Quiet(720, 840), at("2026-12-01T14:00"), id="within one day"),
        pytest.param(at("2026-12-01T21:00:30"), NIGHT, at("2026-12-02T08:00"), id="seconds"),
        pytest.param(at("2026-03-07T22:00"), NIGHT, at("2026-03-08T08:00"), id="the night an hour is missing"),
        pytest.param(at("2026-10-31T22:00"), NIGHT, at("2026-11-01T08:00"), id="the night an hour comes twice"),
        pytest.param(
            at("2026-03-08T01:00"), Quiet(0, 150), at("2026-03-08T03:00"), id="an end that is skipped is the gap's end"
        ),
        pytest.param(
            at("2026-11-01T00:30"), Quiet(0, 90), at("2026-11-01T01:30"), id="an end that comes twice is the first"
        ),
        pytest.param(
            at("2026-11-01T01:10", fold=1),
            Quiet(0, 90),
            at("2026-11-01T01:30", fold=1),
            id="in the second pass it is the second",
        ),
    ],
)
def test_what_falls_into_the_quiet_hours_waits_for_their_end(now: datetime, quiet: Quiet, then: datetime) -> None:
    assert outside_quiet(now, CHICAGO, quiet) == then


def test_where_half_an_hour_is_skipped_an_end_within_it_is_when_it_is_over() -> None:
    ends = outside_quiet(at("2026-10-04T01:30", LORD_HOWE), LORD_HOWE, Quiet(0, 135))
    assert ends == at("2026-10-04T02:30", LORD_HOWE)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-12-03T14:00", 24, "2026-12-02T14:00", id="a day before"),
        pytest.param("2026-12-03T07:30", 24, "2026-12-02T08:00", id="in quiet hours: when they end"),
        pytest.param("2026-12-03T09:00", 2, "2026-12-03T08:00", id="an hour is left just so"),
        pytest.param("2026-12-03T08:59", 2, "2026-12-02T20:59", id="less than an hour is left: before they begin"),
        pytest.param("2026-12-03T07:00", 1, "2026-12-02T20:59", id="a visit within quiet hours"),
        pytest.param("2026-12-03T22:30", 1, "2026-12-03T20:59", id="a visit late in the evening"),
        pytest.param("2026-12-04T00:30", 3, "2026-12-03T20:59", id="a visit after midnight"),
        pytest.param("2026-03-08T14:00", 24, "2026-03-07T13:00", id="a day is 24 hours on the day the clock is turned"),
    ],
)
def test_a_visit_is_reminded_of_at_an_hour_that_is_not_quiet(start: str, hours: int, due: str) -> None:
    assert reminder_due(at(start), timedelta(hours=hours), CHICAGO, NIGHT) == at(due)


def test_it_is_the_patients_clock_that_counts_not_the_clinics() -> None:
    start, lead = at("2026-12-03T14:00", CHICAGO), timedelta(hours=24)
    assert reminder_due(start, lead, WARSAW, NIGHT) == at("2026-12-03T08:00", WARSAW)
    assert reminder_due(start, lead, CHICAGO, NIGHT) == at("2026-12-02T14:00", CHICAGO)


@given(INSTANTS, ZONES, HOURS)
@example(at("2026-11-01T01:45"), CHICAGO, Quiet(75, 60))
@example(at("2026-03-08T01:59"), CHICAGO, Quiet(130, 125))
def test_the_instant_after_the_quiet_hours_is_never_quiet_never_earlier_and_never_far(
    now: datetime, zone: str, quiet: Quiet
) -> None:
    then = outside_quiet(now, zone, quiet)
    assert not is_quiet(then, zone, quiet)
    assert now <= then <= now + timedelta(hours=49)
    assert outside_quiet(then, zone, quiet) == then


@given(INSTANTS, st.integers(60, 30 * 24 * 60), ZONES, HOURS)
def test_a_reminder_is_due_before_its_visit_outside_the_quiet_hours(
    start: datetime, lead: int, zone: str, quiet: Quiet
) -> None:
    before = timedelta(minutes=lead)
    due = reminder_due(start, before, zone, quiet)
    assert start - before - SLACK <= due <= start - timedelta(hours=1)
    assert not is_quiet(due, zone, quiet)

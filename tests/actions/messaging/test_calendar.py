"""The calendar file means the same to every reader, on both sides of every change of the clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import vobject
from icalendar import Calendar

from clinic_portal.booking.types import BookedService, Visit
from clinic_portal.clinic.types import LocationInfo
from clinic_portal.messaging import calendar, timezone

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
HOST = calendar.Host("Lumen; Aesthetics, Żółć", "hello@lumen.example", "https://lumen.example", "+1 512-555-0100")
ZONES = [
    "America/Chicago",
    "America/New_York",
    "Europe/London",
    "Europe/Warsaw",
    "Europe/Dublin",  # its standard time is the summer's
    "Australia/Sydney",  # summer over the new year
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kolkata",
    "Asia/Tokyo",
    "America/Phoenix",
    "America/Santiago",  # changes at 24:00: no yearly rule tells it
    "Africa/Casablanca",  # follows the moon
    "Africa/Cairo",
    "Asia/Jerusalem",
    "America/Nuuk",
    "UTC",
]


@pytest.fixture
def amaras() -> Visit:
    place = LocationInfo(
        id=1,
        slug="downtown",
        name="Lumen Downtown",
        street="214 Congress Ave",
        city="Austin",
        region="TX",
        postal_code="78701",
        country="US",
        time_zone="America/Chicago",
        phone="",
        directions="",
    )
    return Visit(
        appointment_id=1,
        reference="LMN-7Q4KXT",
        uid="appt-0f3a@lumen.example",
        sequence=0,
        status="booked",
        patient_id=1,
        given_name="Amara",
        family_name="Reed",
        email="amara@example.org",
        phone="+15125550142",
        language="en",
        provider_id=1,
        provider_name="Dr. Maya Osei",
        provider_title="",
        location=place,
        start_at=datetime(2026, 12, 3, 16, 30, tzinfo=UTC),
        end_at=datetime(2026, 12, 3, 17, 45, tzinfo=UTC),
        services=(
            BookedService(1, "Botox", 45, 24000, ""),
            BookedService(2, "Hydrating facial", 30, 9500, ""),
        ),
        currency="USD",
        total_minor=33500,
        covered_minor=0,
        policy=None,
        free_until_at=None,
        booked_at=NOW,
    )


def at(of: Visit, zone: str, start: datetime, minutes: int = 45) -> Visit:
    return replace(
        of,
        location=replace(of.location, time_zone=zone),
        start_at=start,
        end_at=start + timedelta(minutes=minutes),
    )


def read_back(file: bytes) -> list[tuple[datetime, datetime]]:
    """Start and end as the two readers understand them."""
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    theirs = vobject.readOne(file.decode()).vevent
    return [
        (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)),
        (theirs.dtstart.value.astimezone(UTC), theirs.dtend.value.astimezone(UTC)),
    ]


@pytest.mark.req("S83")
@pytest.mark.parametrize("zone", ZONES)
def test_every_reader_finds_the_same_instant_all_through_two_years(amaras: Visit, zone: str) -> None:
    start = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
    for week in range(104):
        planned = at(amaras, zone, start + timedelta(days=7 * week, hours=week % 9))
        expected = (planned.start_at, planned.end_at)
        assert read_back(calendar.invitation(planned, HOST, now=NOW)) == [expected, expected]


@pytest.mark.req("S83")
@pytest.mark.parametrize("zone", ["America/Chicago", "Europe/London", "Australia/Sydney", "Europe/Dublin"])
def test_every_half_hour_around_a_change_of_the_clocks_is_told_rightly(amaras: Visit, zone: str) -> None:
    for month, day, hour in ((3, 7, 20), (3, 28, 20), (10, 24, 20), (10, 31, 20), (10, 3, 10), (4, 4, 10)):
        first = datetime(2026, month, day, hour, tzinfo=UTC)
        for half_hour in range(0, 48, 2):
            planned = at(amaras, zone, first + timedelta(minutes=30 * half_hour), 30)
            expected = (planned.start_at, planned.end_at)
            assert read_back(calendar.download(planned, HOST, now=NOW)) == [expected, expected]


@pytest.mark.req("S83")
def test_wall_time_is_written_where_rules_tell_it_and_utc_where_they_do_not(amaras: Visit) -> None:
    normal = at(amaras, "America/Chicago", datetime(2026, 12, 3, 16, 30, tzinfo=UTC))
    told = calendar.invitation(normal, HOST, now=NOW)
    assert b"DTSTART;TZID=America/Chicago:20261203T103000" in told
    assert b"RRULE:FREQ=YEARLY" in told
    assert b"RDATE" not in told
    ambiguous = at(amaras, "America/Chicago", datetime(2026, 11, 1, 7, 30, tzinfo=UTC))  # 01:30, the second time
    for odd in (
        ambiguous,
        at(amaras, "Africa/Cairo", normal.start_at),
        at(amaras, "America/Santiago", normal.start_at),
    ):
        file = calendar.invitation(odd, HOST, now=NOW)
        assert b"VTIMEZONE" not in file
        assert odd.start_at.strftime("DTSTART:%Y%m%dT%H%M%SZ").encode() in file


@pytest.mark.parametrize(
    "footer",
    ["", "CST6CDT", "CST6CDT,J60,J300", "EET-2EEST,M4.5.5/0,M10.5.4/24", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"],
)
def test_an_odd_footer_is_not_guessed_at(footer: str) -> None:
    rules = timezone.parse(footer)
    assert rules is None


def test_a_plain_footer_is_read() -> None:
    rules = timezone.parse("<+0530>-5:30")
    assert rules is not None
    assert (rules.name, rules.offset, rules.begins) == ("+0530", timedelta(hours=5, minutes=30), None)


@pytest.mark.req("S83")
def test_the_entry_is_private_neutral_and_complete(amaras: Visit) -> None:
    file = calendar.invitation(amaras, HOST, now=NOW)
    parsed = Calendar.from_ical(file)
    (event,) = parsed.walk("VEVENT")
    assert parsed["METHOD"] == "REQUEST"
    assert "UID" not in parsed
    assert str(event["UID"]) == amaras.uid
    assert event["SEQUENCE"] == 0
    assert event["DTSTAMP"].dt == NOW
    assert str(event["SUMMARY"]) == "Appointment at Lumen; Aesthetics, Żółć"
    assert (event["CLASS"], event["STATUS"]) == ("PRIVATE", "CONFIRMED")
    assert str(event["ORGANIZER"]) == "mailto:hello@lumen.example"
    assert str(event["ATTENDEE"]) == "mailto:amara@example.org"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert str(event["LOCATION"]) == "Lumen Downtown, 214 Congress Ave, Austin, TX 78701"
    assert amaras.reference in str(event["DESCRIPTION"])
    unfolded = file.replace(b"\r\n ", b"").decode()
    assert not any(name in unfolded for name in ("Botox", "facial", "Maya"))
    assert max(map(len, file.split(b"\r\n"))) <= 75
    assert vobject.readOne(file.decode()).vevent.summary.value == "Appointment at Lumen; Aesthetics, Żółć"


@pytest.mark.req("S83")
def test_the_file_to_download_does_not_name_the_patient(amaras: Visit) -> None:
    parsed = Calendar.from_ical(calendar.download(amaras, HOST, now=NOW))
    (event,) = parsed.walk("VEVENT")
    assert parsed["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event
    assert str(event["UID"]) == amaras.uid


def test_a_cancellation_takes_the_same_entry_out(amaras: Visit) -> None:
    later = replace(amaras, sequence=2, status="cancelled")
    parsed = Calendar.from_ical(calendar.cancellation(later, HOST, now=NOW))
    (event,) = parsed.walk("VEVENT")
    assert (parsed["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert str(event["UID"]) == amaras.uid


@pytest.mark.req("S83")
def test_links_carry_the_instant_and_survive_every_character(amaras: Visit) -> None:
    made = calendar.links(amaras, HOST, apple="https://lumen.example/file")
    for url in (made.google, made.outlook, made.office, made.yahoo):
        assert "+" not in url
        assert " " not in url
        assert "Botox" not in url
    google = parse_qs(urlsplit(made.google).query)
    assert google["dates"] == ["20261203T163000Z/20261203T174500Z"]
    assert google["text"] == ["Appointment at Lumen; Aesthetics, Żółć"]
    outlook = parse_qs(urlsplit(made.outlook).query)
    assert outlook["startdt"] == ["2026-12-03T16:30:00Z"]
    assert outlook["location"] == ["Lumen Downtown, 214 Congress Ave, Austin, TX 78701"]


def test_wall_time_in_the_file_is_the_locations(amaras: Visit) -> None:
    planned = at(amaras, "Europe/Warsaw", datetime(2026, 7, 1, 8, 0, tzinfo=UTC))
    (event,) = Calendar.from_ical(calendar.invitation(planned, HOST, now=NOW)).walk("VEVENT")
    assert event["DTSTART"].dt.strftime("%Y-%m-%d %H:%M") == "2026-07-01 10:00"
    assert event["DTSTART"].dt.astimezone(UTC) == planned.start_at.astimezone(ZoneInfo("UTC"))

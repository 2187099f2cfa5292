"""Calendars outside: a visit's file by its address, a patient's feed, a provider's feed, as three readers see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import ics
import pytest
import vobject
from icalendar import Calendar
from sqlalchemy import update

from clinic_portal.accounts import staff as people
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import changes
from clinic_portal.booking.queries import visit
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinics
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.messaging import calendar, feeds
from clinic_portal.messaging.queries import letterhead
from clinic_portal.scheduling import models as scheduling
from tests import factories
from tests.actions.messaging.conftest import THURSDAY

pytestmark = pytest.mark.req("S83")
Told = list[tuple[str, datetime, datetime, str]]


def by_icalendar(file: bytes) -> Told:
    events = Calendar.from_ical(file).walk("VEVENT")
    return [
        (str(e["UID"]), e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC), str(e["SUMMARY"]))
        for e in events
    ]


def by_vobject(file: bytes) -> Told:
    events = vobject.readOne(file.decode()).vevent_list
    return [
        (e.uid.value, e.dtstart.value.astimezone(UTC), e.dtend.value.astimezone(UTC), e.summary.value) for e in events
    ]


def by_ics(file: bytes) -> Told:
    events = ics.Calendar(file.decode()).events
    return [(e.uid, e.begin.datetime.astimezone(UTC), e.end.datetime.astimezone(UTC), e.name) for e in events]


READERS: tuple[Callable[[bytes], Told], ...] = (by_icalendar, by_vobject, by_ics)


def agreed(file: bytes) -> Told:
    """What all readers find, which is the same."""
    first, *others = (sorted(read(file)) for read in READERS)
    assert all(other == first for other in others)
    return first


def desk(services: Services, role: str = "provider", provider_id: int | None = None) -> StaffActor:
    """Someone of the staff, whose calendar is a provider's."""
    known = factories.staff(services, role).actor
    row = table(people.models.Staff)
    services.do(
        lambda work: work.execute(update(row).where(row.c.id == known.staff_id).values(provider_id=provider_id))
    )
    return StaffActor(known.staff_id, known.session_id, known.name, role, provider_id)


def token(services: Services, actor: StaffActor, provider_id: int) -> str:
    services.do(feeds.start, actor, provider_id)
    made = next(one.token for one in services.ask(feeds.handled_by, actor) if one.provider_id == provider_id)
    assert made
    return made


def body(services: Services, made: str) -> bytes:
    found = services.ask(feeds.of_provider_by_token, made)
    assert found is not None
    return found[1].body


@pytest.fixture
def amaras(services: Services, booked: int) -> Visit:
    return services.ask(visit, booked)


# ---- the file of one visit -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Żółć; Łódź, \\n 😀" * 3, "A\r\nBcc: x@example.org", "Amara"])
def test_every_file_means_the_same_to_three_readers_whatever_the_name(
    services: Services, amaras: Visit, name: str
) -> None:

    host = services.ask(letterhead).host
    odd = replace(amaras, given_name=name, location=replace(amaras.location, name=name.replace("\r\n", " ")))
    for make in (calendar.invitation, calendar.download, calendar.cancellation):
        ((uid, start, end, _),) = agreed(make(odd, host, now=services.clock.now()))
        assert (uid, start, end) == (amaras.uid, amaras.start_at, amaras.end_at)


def test_the_address_in_an_email_opens_the_file_without_a_word_of_whom_and_what(
    services: Services, amaras: Visit, clock: FixedClock
) -> None:
    url = services.ask(feeds.links_of, amaras).apple
    part = url.split("/")[-2]
    file = services.ask(feeds.file_by_token, part)
    assert file is not None
    ((uid, start, _, _),) = agreed(file)
    assert (uid, start) == (amaras.uid, amaras.start_at)
    for private in (b"Amara", b"Botox", b"amara@example.org"):
        assert private not in file.replace(b"\r\n ", b"")
    clock.advance(timedelta(days=60))
    assert services.ask(feeds.file_by_token, part) is None


@pytest.mark.parametrize(
    "forge", [lambda t: t[:-1] + "0" if t[-1] != "0" else t[:-1] + "1", lambda t: "", lambda t: t[:11]]
)
def test_a_forged_address_opens_nothing(services: Services, amaras: Visit, forge: Callable[[str], str]) -> None:
    part = services.ask(feeds.links_of, amaras).apple.split("/")[-2]
    assert services.ask(feeds.file_by_token, forge(part)) is None
    assert services.ask(feeds.file_by_token, part.replace(amaras.reference, "LMN-AAAAAA")) is None


# ---- the patient's feed ----------------------------------------------------------------------------------------------


def test_a_feed_moves_its_entry_along_and_says_that_it_changed(services: Services, amaras: Visit) -> None:
    before = services.ask(feeds.of_patient, amaras.patient_id)
    assert b"METHOD" not in before.body
    assert services.ask(feeds.of_patient, amaras.patient_id).tag == before.tag
    services.do(changes.move, amaras.patient_id, amaras.reference, factories.minute(THURSDAY, "14:00"))
    after = services.ask(feeds.of_patient, amaras.patient_id)
    ((uid, start, _, _),) = agreed(after.body)
    assert (uid, start) == (amaras.uid, services.ask(visit, amaras.appointment_id).start_at)
    assert b"SEQUENCE:1" in after.body
    assert after.tag != before.tag


def test_a_cancelled_visit_stays_for_a_month_so_that_calendars_take_it_out(
    services: Services, amaras: Visit, clock: FixedClock
) -> None:
    services.do(changes.cancel, amaras.patient_id, amaras.reference, shown_fee_minor=0)
    assert b"STATUS:CANCELLED" in services.ask(feeds.of_patient, amaras.patient_id).body
    clock.advance(timedelta(days=45))
    assert b"VEVENT" not in services.ask(feeds.of_patient, amaras.patient_id).body


# ---- the provider's feed ---------------------------------------------------------------------------------------------


def test_a_provider_follows_visits_and_time_off_with_initials_and_no_treatment(
    services: Services, clinic: factories.SmallClinic, amaras: Visit
) -> None:
    away = {"provider_id": clinic["maya"], "start_at": amaras.end_at, "end_at": amaras.end_at + timedelta(hours=2)}
    services.do(lambda work: work.session.add(scheduling.TimeOff(**away)))
    file = body(services, token(services, desk(services, provider_id=amaras.provider_id), amaras.provider_id))
    told = agreed(file)
    assert min((start, end) for _, start, end, _ in told) == (amaras.start_at, amaras.end_at)
    assert "Visit · A. R." in [title for *_, title in told]
    plain = file.replace(b"\r\n ", b"")
    for private in (b"Amara", b"Reed", b"Botox", b"5125550142", b"amara@example.org"):
        assert private not in plain
    assert amaras.reference.encode() in plain


def test_an_address_ends_with_a_new_one_and_when_it_is_taken_back(services: Services, amaras: Visit) -> None:
    me = desk(services, provider_id=amaras.provider_id)
    first = token(services, me, amaras.provider_id)
    second = token(services, me, amaras.provider_id)
    assert services.ask(feeds.of_provider_by_token, first) is None
    assert services.ask(feeds.of_provider_by_token, second) is not None
    services.do(feeds.stop, me, amaras.provider_id)
    assert services.ask(feeds.of_provider_by_token, second) is None


@pytest.mark.parametrize("role", ["provider", "front_desk", "read_only"])
def test_nobody_makes_or_ends_anothers_address_but_who_runs_the_clinic(
    services: Services, amaras: Visit, role: str
) -> None:
    made = token(services, desk(services, "owner"), amaras.provider_id)
    other = desk(services, role, provider_id=3 - amaras.provider_id)
    for verb in (feeds.start, feeds.stop):
        with pytest.raises(NotAllowed):
            services.do(verb, other, amaras.provider_id)
    assert amaras.provider_id not in [one.provider_id for one in services.ask(feeds.handled_by, other)]
    assert services.ask(feeds.of_provider_by_token, made) is not None


def test_a_provider_who_is_switched_off_is_followed_no_more(
    services: Services, clinic: factories.SmallClinic, amaras: Visit
) -> None:
    made = token(services, desk(services, "owner"), amaras.provider_id)
    slug = "maya" if amaras.provider_id == clinic["maya"] else "lena"
    clinic.change(clinics.Provider, slug, is_active=False)
    assert services.ask(feeds.of_provider_by_token, made) is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"provider_id": None}])
def test_an_address_works_for_as_long_as_whoever_made_it_may_handle_it(
    services: Services, amaras: Visit, change: dict[str, object]
) -> None:
    row = table(people.models.Staff)
    me = desk(services, provider_id=amaras.provider_id)
    made = token(services, me, amaras.provider_id)
    assert services.ask(feeds.of_provider_by_token, made) is not None
    services.do(lambda work: work.execute(update(row).values(**change)))
    assert services.ask(feeds.of_provider_by_token, made) is None


def test_when_a_calendar_looked_is_written_down_once_an_hour(
    services: Services, amaras: Visit, clock: FixedClock
) -> None:
    me = desk(services, provider_id=amaras.provider_id)
    token(services, me, amaras.provider_id)

    def looked() -> datetime | None:
        services.do(feeds.note_read, amaras.provider_id)
        return next(one.read_at for one in services.ask(feeds.handled_by, me))

    first = looked()
    clock.advance(timedelta(minutes=30))
    assert looked() == first
    clock.advance(timedelta(minutes=31))
    assert looked() == clock.now()


@pytest.mark.parametrize("address", ["https://book.example.org/calendar/abc/visits.ics"])
def test_a_calendar_is_made_to_follow_by_one_press(address: str) -> None:
    found = calendar.subscriptions(address, "Lumen, Aesthetics & Co")
    assert found.apple == "webcal://book.example.org/calendar/abc/visits.ics"
    assert found.google.endswith("cid=webcal%3A%2F%2Fbook.example.org%2Fcalendar%2Fabc%2Fvisits.ics")
    assert "name=Lumen%2C%20Aesthetics%20%26%20Co" in found.outlook

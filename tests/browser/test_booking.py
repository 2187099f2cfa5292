"""The whole journey, as new and as known patients take it, on a desktop and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, expect

from clinic_portal.booking.models import Appointment
from clinic_portal.booking.queries import visit
from clinic_portal.booking.types import Visit
from clinic_portal.patients.models import Patient, ProfileClaim
from tests.browser.journey import Visitor
from tests.factories import rows
from tests.site import Site

Make = Callable[..., Visitor]


def booked_as(site: Site, reference: str) -> Visit:
    [found] = [one for one in rows(site.services, Appointment) if one.reference == reference]
    return site.services.ask(visit, found.id)


@pytest.mark.req("S9")
@pytest.mark.req("S60")
@pytest.mark.req("S61")
@pytest.mark.req("S62")
@pytest.mark.req("S63")
@pytest.mark.req("S64")
@pytest.mark.req("S66")
@pytest.mark.req("S68")
@pytest.mark.req("S69")
@pytest.mark.req("S73")
@pytest.mark.req("S74")
@pytest.mark.req("S75")
@pytest.mark.req("S82")
@pytest.mark.req("S83")
@pytest.mark.parametrize(("size", "day"), [("desktop", "Thursday, December 3"), ("phone", "Friday, December 4")])
def test_a_new_patient_books_two_services_and_is_told_so(site: Site, visitor: Make, size: str, day: str) -> None:
    amara = visitor(size)
    amara.reaches_times("Botox — forehead", "Hydrating facial", provider="Dr. Maya Osei")
    amara.picks_day(day).holds("10:30 AM").goes_on("policy")
    expect(amara.page.get_by_text("Free to cancel until").first).to_be_visible()
    amara.button("Continue to your card").click()
    expect(amara.page.get_by_text("tick the box")).to_be_visible()
    amara.accepts_and_confirms()

    reference = amara.page.locator("#reference").inner_text()
    made = booked_as(site, reference)
    assert (made.status, made.email, made.total_minor) == ("booked", amara.email, 33500)
    assert made.provider_name == "Dr. Maya Osei"
    assert amara.page.get_by_text("Come without make-up.").count() == 2
    mail = site.letter_to(amara.email, "email")
    assert reference in mail.text
    assert reference in mail.html
    assert "BEGIN:VCALENDAR" in mail.attachment
    text = site.letter_to(amara.e164, "sms", holding="booked").text
    assert reference in text
    assert "Botox" not in text

    with amara.page.expect_download() as download:
        amara.page.get_by_role("link", name="Download .ics").click()
    [event] = Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")
    assert event.decoded("dtstart").astimezone(UTC) == made.start_at
    google = amara.page.get_by_role("link", name="Google Calendar").get_attribute("href") or ""
    assert google.startswith("https://calendar.google.com/")
    assert made.start_at.strftime("%Y%m%dT%H%M%SZ") in google
    outlook = amara.page.get_by_role("link", name="Outlook").get_attribute("href") or ""
    assert outlook.startswith("https://outlook.live.com/")


@pytest.mark.req("S65")
def test_a_returning_patient_is_booked_under_their_profile(site: Site, visitor: Make) -> None:
    first = visitor()
    one = booked_as(site, first.books("Hydrating facial", day="Wednesday, November 25", time="9:00 AM"))
    again = visitor("phone")
    again.email, again.phone = first.email.upper(), first.phone
    two = booked_as(site, again.books("Hydrating facial", day="Wednesday, November 25", time="1:00 PM"))
    assert one.patient_id == two.patient_id


@pytest.mark.req("S65")
def test_a_known_email_with_another_phone_looks_the_same_and_is_kept_apart_until_its_owner_answers(
    site: Site, visitor: Make
) -> None:
    owner = visitor()
    known = booked_as(site, owner.books("Hydrating facial", day="Wednesday, November 25", time="10:00 AM"))
    other = visitor()
    other.email = owner.email
    apart = booked_as(site, other.books("Hydrating facial", day="Wednesday, November 25", time="11:00 AM"))
    assert known.patient_id != apart.patient_id
    link = re.search(r"http\S+/confirm\?t=[0-9a-f]+", site.letter_to(owner.email, "email", holding="/confirm").text)
    assert link
    owner.page.goto(link[0])
    expect(owner.button("Yes, it is mine")).to_be_visible()
    assert [one.answered_at for one in rows(site.services, ProfileClaim) if one.patient_id == apart.patient_id] == [
        None
    ]
    owner.button("Yes, it is mine").click()
    expect(owner.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert site.services.ask(visit, apart.appointment_id).patient_id == known.patient_id
    owner.page.reload()
    expect(owner.page.get_by_role("heading", name="This link has ended")).to_be_visible()


@pytest.mark.req("S65")
def test_no_page_tells_a_guest_whether_an_email_is_a_patients(site: Site, visitor: Make) -> None:
    owner = visitor()
    owner.books("Hydrating facial", day="Wednesday, December 16", time="9:00 AM")

    def way(guest: Visitor, hour: str) -> list[str]:
        """The words of every step, without what the guest typed and the time they chose."""
        seen: list[str] = []

        def read(when_there: Locator) -> None:
            expect(when_there).to_be_visible()
            told = guest.page.locator("main").inner_text()
            for own in (guest.email, f"+1 {guest.phone[1:4]}-{guest.phone[6:]}"):
                told = told.replace(own, "…")
            seen.append(re.sub(r"LMN-\w+|\d+:\d\d(\s[AP]M)?", "…", told))

        guest.opens().adds("Hydrating facial").goes_on("details")
        read(guest.page.locator("#phone"))
        guest.fills_details().goes_on("code")
        read(guest.page.get_by_text("New code in"))
        guest.proves_phone()
        read(guest.page.get_by_text("Injectables"))
        guest.goes_on("provider")
        read(guest.button(re.compile("Lena Brandt")))
        guest.chooses("Dr. Maya Osei").picks_day("Wednesday, December 16").holds(hour).goes_on("policy")
        read(guest.page.locator("#accept"))
        guest.accepts_and_confirms()
        read(guest.page.locator("#reference"))
        return seen

    unknown, guest = visitor(), visitor()
    guest.email = owner.email
    assert way(guest, "11:00 AM") == way(unknown, "1:00 PM")


@pytest.mark.req("S71")
def test_first_available_offers_what_either_provider_has_free(site: Site, visitor: Make) -> None:
    names = set()
    for _ in range(2):
        made = booked_as(site, visitor().books("Hydrating facial", day="Thursday, November 26", time="9:00 AM"))
        names.add(made.provider_name)
    assert names == {"Dr. Maya Osei", "Lena Brandt RN"}
    late = visitor().reaches_times("Hydrating facial").picks_day("Thursday, November 26")
    expect(late.time("10:00 AM")).to_be_visible()
    expect(late.time("9:00 AM")).to_have_count(0)


@pytest.mark.req("S72")
def test_what_the_clinic_switched_off_is_not_offered(site: Site, visitor: Make) -> None:
    site.clinic.settings(provider_choice="first_available")
    try:
        amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
        amara.proves_phone().goes_on("time")
    finally:
        site.clinic.settings(provider_choice="provider")
    try:
        noor = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
        noor.proves_phone().goes_on("provider")
        expect(noor.button(re.compile("Lena Brandt"))).to_be_visible()
        expect(noor.button(re.compile("First available"))).to_have_count(0)
    finally:
        site.clinic.settings(provider_choice="both")


@pytest.mark.req("S70")
def test_services_that_need_two_providers_are_booked_one_after_the_other(site: Site, visitor: Make) -> None:
    amara = visitor().opens().adds("Botox — forehead", "Chemical peel").goes_on("details").fills_details()
    amara.goes_on("code").proves_phone()
    expect(amara.page.get_by_role("heading", name="These need two visits")).to_be_visible()
    amara.button("Book one after the other").click()
    expect(amara.page.get_by_role("heading", name="To book afterwards")).to_be_visible()
    amara.goes_on("provider").chooses("First available").picks_day("Friday, November 27").holds("9:00 AM")
    amara.goes_on("policy").accepts_and_confirms()
    first = amara.page.locator("#reference").inner_text()
    amara.page.get_by_role("link", name="Book it now").click()
    amara.is_at("visit").goes_on("provider").chooses("First available").picks_day("Friday, November 27")
    amara.holds("9:00 AM").goes_on("policy").accepts_and_confirms()
    second = amara.page.locator("#reference").inner_text()
    visits = [booked_as(site, reference) for reference in (first, second)]
    assert [[one.name for one in made.services] for made in visits] == [["Botox — forehead"], ["Chemical peel"]]
    assert visits[0].patient_id == visits[1].patient_id


@pytest.mark.req("S64")
def test_an_abandoned_wizard_leaves_no_patient(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day("Saturday, November 28").holds("9:00 AM")
    assert amara.email not in {one.email for one in rows(site.services, Patient)}


def test_the_clock_of_the_rehearsal_is_what_the_tests_say(site: Site) -> None:
    assert abs((site.clock.now() - datetime(2026, 11, 23, 15, 0, tzinfo=UTC)).total_seconds()) < 60

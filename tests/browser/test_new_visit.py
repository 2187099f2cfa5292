"""Staff book for a patient: whom, what, when; beyond the rules for a reason; and say what the patient gets (P15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count, cycle

import pytest
from playwright.sync_api import expect

from clinic_portal.booking.models import Appointment
from clinic_portal.clinic import models as clinic
from clinic_portal.patients.actions import profile_for_booking
from clinic_portal.patients.types import Contact
from tests import desk_kit
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.factories import rows
from tests.forms_kit import INTAKE, put
from tests.member_kit import is_on_plan
from tests.site import Site
from tests.visits_kit import has_items

pytestmark = pytest.mark.req("P15")
Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
PATH = "/admin/appointments/new"
_people = count(1)
_days = cycle(date(2026, 11, 24) + timedelta(days=n) for n in range(28))


@pytest.fixture
def on() -> date:
    """Each test has a day of its own."""
    return next(_days)


def knows(site: Site, given: str, family: str) -> int:
    """A patient the clinic knows."""
    n = next(_people)
    contact = Contact(given, family, f"{given.lower()}.{n}@known.example", f"+1512888{n:04}")
    return site.services.do(profile_for_booking, contact, language="en")


def looks_for(desk: Visitor, wanted: str, name: str) -> Visitor:
    """Type a part of a name, and choose whom it finds."""
    desk.page.get_by_label("Name, phone, e-mail or date of birth").press_sequentially(wanted)
    desk.page.locator("#people").get_by_role("button", name=re.compile(name)).click()
    expect(desk.page.locator("#person")).to_contain_text(name)
    return desk


def chooses(desk: Visitor, *services: str) -> Visitor:
    """Tick treatments."""
    for one in services:
        desk.page.locator("#treatments").get_by_role("checkbox", name=re.compile(one)).check()
        expect(desk.page.locator("#facts")).to_contain_text(one)
    return desk


def booked(site: Site) -> list[Appointment]:
    return [one for one in rows(site.services, Appointment) if one.status == "booked" and one.booked_by]


@SIZES
def test_a_known_patient_is_booked_and_what_they_get_is_told(site: Site, visitor: Make, on: date, size: str) -> None:
    put(site.clinic, "intake", "questionnaire", INTAKE, ["facial"])
    family = "Quickstep" if size == "desktop" else "Quillon"
    wanted = knows(site, "Amara", family)
    is_on_plan(site.services, wanted, 10)
    has_items(site.services, wanted, 2, service_id=site.clinic["facial"])
    desk = staff.sits_down(visitor(size), "front_desk")
    desk.page.get_by_role("link", name="New appointment").click()
    expect(desk.heading).to_have_text("New appointment")
    staff.is_open(desk)
    expect(desk.page.locator("#wanted")).to_be_focused()
    expect(desk.page.locator("#lacks")).to_have_text("Choose a patient, a treatment and a time.")
    is_clean_and_fits(desk, "nothing chosen")
    looks_for(desk, family[:5].lower(), f"Amara {family}")
    expect(desk.page.locator("#person")).to_be_focused()
    shelf = desk.page.locator("#treatments li", has_text="Hydrating facial")
    expect(shelf).to_contain_text("2 in the wallet")
    expect(shelf).to_contain_text("$85.50")
    chooses(desk, "Hydrating facial", "Chemical peel")
    expect(desk.page.locator("#facts")).to_contain_text("$247.50")
    expect(desk.page.locator("#facts")).to_contain_text("1 hr 30 min")
    desk.page.locator("#on-day").fill(on.isoformat())
    expect(desk.page.locator("#day")).to_contain_text(f"{on:%A, %B} {on.day}")
    desk.page.locator("#times").get_by_role("button", name="10:00").click()
    expect(desk.page.locator("#facts")).to_contain_text("First available: Lena Brandt RN")
    gets = desk.page.locator("#gets")
    for told in (
        "an e-mail to amara.",
        "an SMS to +1 512-888",
        "About your health",
        "Hydrating facial: choose it",
        "No card is asked for",
    ):
        expect(gets).to_contain_text(told)
    is_clean_and_fits(desk, "all chosen")
    before = len(booked(site))
    desk.page.locator("#book").dblclick()
    expect(desk.notice).to_contain_text("Booked")
    expect(desk.page.locator("#booked")).to_be_focused()
    assert len(booked(site)) == before + 1
    is_clean_and_fits(desk, "booked")
    made = booked(site)[-1]
    assert (made.patient_id, made.total_minor) == (wanted, 24750)
    site.letter_to(_email(site, wanted), "email", holding=made.reference)
    calendar = desk.page.get_by_role("link", name="In the calendar")
    expect(calendar).to_have_attribute("href", f"/admin/calendar?on={on}&location={site.clinic['downtown']}")
    desk.page.get_by_role("link", name="Open the visit").click()
    expect(desk.page.locator("#facts")).to_contain_text(made.reference)


def _email(site: Site, patient_id: int) -> str:
    from clinic_portal.patients.queries import contact

    return site.services.ask(contact, patient_id).email


@SIZES
def test_a_walk_in_is_written_down_and_one_known_already_is_offered_instead(
    site: Site, visitor: Make, on: date, size: str
) -> None:
    n, family = next(_people), "Newcomer" if size == "desktop" else "Neuling"
    desk = staff.sits_down(visitor(size), "front_desk", f"{PATH}?on={on}&at=660&provider={site.clinic['lena']}")
    desk.page.locator("#wanted").fill(f"Walkin {family}")
    expect(desk.page.locator("#who")).to_contain_text(f"Nobody was found for “Walkin {family}”.")
    desk.button("New patient").click()
    expect(desk.page.get_by_label("First name")).to_have_value("Walkin")
    expect(desk.page.get_by_label("Last name")).to_have_value(family)
    is_clean_and_fits(desk, "a new patient")
    desk.button("Add and go on").click()
    expect(desk.page.locator("#phone-error")).not_to_be_empty()
    desk.page.get_by_label("Phone").fill(f"(512) 555-4{n:03}")
    desk.page.get_by_label("E-mail").fill(f"walkin{n}@new.example")
    desk.button("Add and go on").click()
    expect(desk.page.locator("#person")).to_contain_text(f"Walkin {family}")
    chooses(desk, "Hydrating facial")
    expect(desk.page.locator("#facts")).to_contain_text("11:00")
    expect(desk.page.locator("#facts")).to_contain_text("Lena Brandt RN")
    desk.page.locator("#book").click()
    expect(desk.notice).to_contain_text("Booked")
    desk.page.get_by_role("link", name="Book for somebody else").click()
    expect(desk.page.locator("#wanted")).to_be_focused()
    desk.button("New patient").click()
    staff.fills(desk, {"First name": "Sister", "Last name": family, "E-mail": f"walkin{n}@new.example"})
    desk.button("Add and go on").click()
    expect(desk.page.locator("#known")).to_be_focused()
    is_clean_and_fits(desk, "known already")
    known = desk.page.locator("#who").get_by_role("button", name=f"Walkin {family}")
    expect(known).to_be_visible()
    desk.button("It is another person: add them").click()
    expect(desk.page.locator("#person")).to_contain_text(f"Sister {family}")


@pytest.mark.parametrize(
    ("wanted", "field", "value"),
    [
        ("walkin@nobody.example", "E-mail", "walkin@nobody.example"),
        ("(512) 555-4999", "Phone", "(512) 555-4999"),
        ("5/6/1951", "Date of birth", "1951-05-06"),
    ],
)
def test_what_was_looked_for_in_vain_is_the_beginning_of_a_new_patient(
    visitor: Make, wanted: str, field: str, value: str
) -> None:
    desk = staff.sits_down(visitor(), "front_desk", PATH)
    desk.page.locator("#wanted").fill(wanted)
    expect(desk.page.locator("#who")).to_contain_text(f"Nobody was found for “{wanted}”.")
    desk.button("New patient").click()
    expect(desk.page.get_by_label(field)).to_have_value(value)
    expect(desk.page.get_by_label("First name")).to_have_value("")


def test_a_time_that_does_not_fit_says_why_and_what_is_near_and_is_booked_for_a_reason(
    site: Site, visitor: Make, on: date
) -> None:
    wanted = knows(site, "Early", "Bird")
    address = f"{PATH}?patient={wanted}&on={on}&at=480&provider={site.clinic['lena']}"
    desk = staff.sits_down(visitor(), "front_desk", address)
    chooses(desk, "Hydrating facial")
    expect(desk.page.locator("#refused")).to_have_text("This time does not fit")
    expect(desk.page.locator("#near").get_by_role("button").first).to_contain_text("9:00")
    expect(desk.page.locator("#book")).to_have_count(0)
    is_clean_and_fits(desk, "refused")
    desk.button("Book anyway").click()
    staff.is_refused_beside(desk, "reason", "Please")
    desk.page.locator("#reason").fill("She flies at noon.")
    desk.button("Book anyway").click()
    expect(desk.notice).to_contain_text("Booked")
    made = booked(site)[-1]
    assert made.is_overridden
    staff.goes_to(desk, f"/admin/visit?id={made.id}")
    expect(desk.page.locator("#facts")).to_contain_text("Beyond the rules: The front_desk")
    expect(desk.page.locator("#facts")).to_contain_text("She flies at noon.")


def test_an_occupied_time_is_offered_to_nobody_however_they_ask(site: Site, visitor: Make, on: date) -> None:
    there, wanted = knows(site, "First", "Come"), knows(site, "Second", "Come")
    desk_kit.books(site.clinic, there, "10:00", "peel", on=on)
    address = f"{PATH}?patient={wanted}&on={on}&at=600&provider={site.clinic['lena']}"
    desk = staff.sits_down(visitor(), "owner", address)
    chooses(desk, "Chemical peel")
    expect(desk.page.locator("#refused")).to_have_text("The provider is taken then")
    expect(desk.button("Book anyway")).to_have_count(0)
    desk.page.locator("#near").get_by_role("button").first.click()
    expect(desk.page.locator("#refused")).to_have_count(0)
    desk.page.locator("#book").click()
    expect(desk.notice).to_contain_text("Booked")


def test_a_time_somebody_took_meanwhile_is_not_booked_twice(site: Site, visitor: Make, on: date) -> None:
    faster, wanted = knows(site, "Faster", "One"), knows(site, "Slower", "One")
    desk = staff.sits_down(visitor(), "front_desk", f"{PATH}?patient={wanted}&on={on}&provider={site.clinic['lena']}")
    chooses(desk, "Chemical peel")
    desk.page.locator("#times").get_by_role("button", name="10:00").click()
    expect(desk.page.locator("#book")).to_be_visible()
    desk_kit.books(site.clinic, faster, "10:00", "peel", on=on)
    before = len(booked(site))
    desk.page.locator("#book").click()
    expect(desk.page.locator("#refused")).to_be_focused()
    assert len(booked(site)) == before


def test_an_exact_time_off_the_clinics_grid_is_typed(site: Site, visitor: Make, on: date) -> None:
    wanted = knows(site, "Exact", "Lee")
    desk = staff.sits_down(visitor(), "front_desk", f"{PATH}?patient={wanted}&on={on}")
    chooses(desk, "Hydrating facial")
    desk.page.get_by_label("Or exactly at").fill("10:05")
    desk.button("Use this time").click()
    expect(desk.page.locator("#facts")).to_contain_text("10:05")
    desk.page.locator("#book").click()
    expect(desk.notice).to_contain_text("Booked")


def test_a_treatment_retired_meanwhile_is_not_booked(site: Site, visitor: Make, on: date) -> None:
    wanted = knows(site, "Late", "Chooser")
    with staff.clinic_kept(site):
        desk = staff.sits_down(visitor(), "front_desk", f"{PATH}?patient={wanted}&on={on}")
        chooses(desk, "Laser hair removal")
        desk.page.locator("#times").get_by_role("button", name="11:00").click()
        expect(desk.page.locator("#book")).to_be_visible()
        site.clinic.change(clinic.Service, "hair", is_active=False)
        desk.page.locator("#book").click()
        expect(desk.notice).to_contain_text("A treatment is not offered any more")
        expect(desk.page.locator("#lacks")).to_have_text("Choose a treatment.")


def test_everything_is_done_with_the_keyboard(site: Site, visitor: Make, on: date) -> None:
    knows(site, "Keyed", "Inonly")
    desk = staff.sits_down(visitor(), "front_desk", f"{PATH}?on={on}")
    keys = desk.page.keyboard
    expect(desk.page.locator("#wanted")).to_be_focused()
    keys.type("inonly")
    expect(desk.page.locator("#people button")).to_have_count(1)
    keys.press("Enter")
    expect(desk.page.locator("#person")).to_be_focused()

    def tab_to(selector: str) -> None:
        for _ in range(80):
            keys.press("Tab")
            if desk.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"no Tab leads to {selector}")

    tab_to("#treatments input")
    keys.press("Space")
    expect(desk.page.locator("#facts")).to_contain_text("Botox")
    tab_to("#times button")
    keys.press("Enter")
    expect(desk.page.locator("#book")).to_be_visible()
    tab_to("#book")
    keys.press("Enter")
    expect(desk.notice).to_contain_text("Booked")


@pytest.mark.parametrize("wanted", ["%", "'; drop table patient", "🐴", "<b>x</b>", "0" * 100])
def test_odd_searches_find_nobody_and_break_nothing(visitor: Make, wanted: str) -> None:
    desk = staff.sits_down(visitor(), "front_desk", PATH)
    desk.page.locator("#wanted").fill(wanted)
    if len(wanted) > 1:
        expect(desk.page.locator("#who")).to_contain_text("Nobody was found")
    expect(desk.page.locator("#people li")).to_have_count(0)
    expect(desk.notice).to_be_hidden()


def test_an_address_that_names_nobody_and_no_day_is_an_empty_page(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk", f"{PATH}?patient=999999&on=never&at=-4&provider=zzz&location=77")
    expect(desk.page.locator("#lacks")).to_have_text("Choose a patient, a treatment and a time.")
    expect(desk.notice).to_be_hidden()


def test_a_provider_books_but_goes_beyond_no_rule_and_adds_no_patient(site: Site, visitor: Make, on: date) -> None:
    wanted = knows(site, "Provided", "For")
    address = f"{PATH}?patient={wanted}&on={on}&at=480&provider={site.clinic['lena']}"
    lena = staff.sits_down(visitor(), "provider", address)
    chooses(lena, "Hydrating facial")
    expect(lena.page.locator("#refused")).to_be_visible()
    expect(lena.button("Book anyway")).to_have_count(0)
    lena.button("Somebody else").click()
    expect(lena.page.locator("#wanted")).to_be_focused()
    expect(lena.button("New patient")).to_have_count(0)


def test_who_only_reads_is_sent_back_to_the_day(visitor: Make) -> None:
    reader = visitor().works_here("read_only")
    staff.sits_down(reader, "read_only")
    reader.page.goto(reader.site.url + PATH)
    reader.page.wait_for_url(re.compile(r"/admin/?\?why=not_permitted"))
    expect(reader.notice).to_contain_text("Your role does not allow that")

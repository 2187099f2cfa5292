"""A front desk's day from opening to close, as those who sit there live it: the phone, the door, the till."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.booking.board import board
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.work import Services
from clinic_portal.patients.actions import profile_for_booking
from clinic_portal.patients.types import Contact
from clinic_portal.scheduling.availability import instant
from tests import desk_kit, factories
from tests.browser import staff_journey as staff
from tests.browser.forms_journey import picks, sends
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import till
from tests.factories import minute
from tests.fees_kit import has_booked
from tests.forms_kit import put
from tests.site import Site
from tests.visits_kit import has_items, left, now_of, reserves

Make = Callable[..., Visitor]
ON = date(2026, 12, 3)
SKIN = {
    "title": "About your skin",
    "items": [{"link_id": "burns", "type": "yes_no", "text": "Do you burn in the sun?", "is_required": True}],
}


def is_now(desk: Visitor, clock: str, on: date = ON) -> Visitor:
    """The clock on the clinic's wall; whoever was away from the desk so long signs in again, and sees the day."""
    desk.site.clock.set(instant(minute(on, clock)) + timedelta(seconds=10))
    return staff.sits_down(desk, "front_desk")


def knows(site: Site, given: str, family: str, number: int) -> int:
    """A patient who has been here before, or at least is known."""
    contact = Contact(given, family, f"{given.lower()}@story.example", f"+1512666{number:04}")
    return site.services.do(profile_for_booking, contact, language="en")


def row(desk: Visitor, visit: Visit) -> Locator:
    """A visit in the list of the day."""
    return desk.page.locator(f"#visit-{visit.appointment_id}")


def group(desk: Visitor, key: str) -> Locator:
    """The visits that stand alike."""
    return desk.page.locator(f"#group-{key}")


def of_day(services: Services, made: factories.SmallClinic) -> dict[str, str]:
    """How the day's visits stand, by who they are of."""
    owner = factories.staff(services).actor
    return {one.patient_name: one.status for one in services.ask(board, owner, made["downtown"], ON).visits}


@pytest.mark.req("P15", "P3", "P9", "S49", "P5", "P6", "P8")
def test_a_front_desks_day_from_opening_to_close(site: Site, visitor: Make) -> None:
    services, made = site.services, site.clinic
    put(made, "skin", "questionnaire", SKIN, ["peel"])
    site.clock.set(instant(minute(ON - timedelta(days=1), "16:00")))
    amara, wei, ines = (
        knows(site, *name) for name in (("Amara", "Osterley", 1), ("Wei", "Chenoweth", 2), ("Ines", "Costello", 3))
    )
    facial = desk_kit.books(made, amara, "09:00", "facial", on=ON)
    package = has_items(services, amara, 3, service_id=made["facial"], name="Hydrating facial")
    reserves(services, facial, package)
    peel = desk_kit.books(made, ines, "10:00", "peel", on=ON)
    made.change(clinic.Service, "botox", deposit_minor=5000)
    missed = has_booked(
        made, till(services), "botox", on=ON, clock="09:30", email="noor@story.example", phone="+15126660009"
    )

    desk = is_now(visitor(), "08:30")
    opens_the_day(desk)
    caller = books_a_caller(desk, wei)
    checks_in_with_a_package(site, desk, facial)
    calls_who_is_late_and_marks_who_does_not_come(site, desk, missed)
    fills_a_missing_form(site, desk, peel)
    moves_a_visit_by_key(site, desk, caller)
    checks_out_with_the_package(desk, facial)
    assert left(services, package) == (2, 0)
    takes_a_walk_in(site, desk)
    pays_what_is_due(site, desk, peel)
    closes(site, desk)


def opens_the_day(desk: Visitor) -> None:
    """Everything of the day stands there; what earlier days left is nothing."""
    expect(desk.page.locator("#day-subtitle")).to_contain_text("3 appointments")
    expect(desk.page.locator("#left-open")).to_have_count(0)
    expect(group(desk, "coming").get_by_role("listitem").filter(has_text="until")).to_have_count(3)
    is_clean_and_fits(desk, "the morning")


def books_a_caller(desk: Visitor, patient_id: int) -> Visit:
    """Somebody calls: found by their number, booked for noon in a room that is free (P9)."""
    site = desk.site
    desk.page.get_by_role("link", name="New appointment").click()
    expect(desk.page.locator("#wanted")).to_be_focused()
    desk.page.locator("#wanted").press_sequentially("6660002")
    desk.page.locator("#people").get_by_role("button", name=re.compile("Wei Chenoweth")).click()
    desk.page.locator("#treatments").get_by_role("checkbox", name=re.compile("Hydrating facial")).check()
    desk.page.locator("#with-whom").select_option(label="Lena Brandt RN")
    desk.page.locator("#times").get_by_role("button", name="12:00").click()
    expect(desk.page.locator("#facts")).to_contain_text("12:00")
    desk.page.locator("#book").click()
    expect(desk.notice).to_contain_text("Booked")
    desk.page.get_by_role("link", name="Open the visit").click()
    desk.page.wait_for_url(re.compile(r"/admin/visit\?id="))
    made = int(re.search(r"id=(\d+)", desk.page.url)[1])  # type: ignore[index]
    visit = desk_kit.now_of(site.services, made)
    assert visit.patient_id == patient_id
    site.letter_to("wei@story.example", "email", holding=visit.reference)
    return visit


def checks_in_with_a_package(site: Site, desk: Visitor, visit: Visit) -> None:
    """The first one comes; what was reserved for them is used, and said."""
    is_now(desk, "08:55")
    expect(row(desk, visit)).to_contain_text("Package pays 1 Hydrating facial, 2 left")
    row(desk, visit).get_by_role("button", name="Check in").click()
    expect(desk.notice).to_contain_text("Used from the wallet: 1 Hydrating facial (2 left).")
    expect(group(desk, "here")).to_contain_text("Amara Osterley")


def calls_who_is_late_and_marks_who_does_not_come(site: Site, desk: Visitor, visit: Visit) -> None:
    """Ten minutes past the hour they are called; half an hour past it, it is a no-show at the fee they agreed to."""
    is_now(desk, "09:40")
    expect(group(desk, "late")).to_contain_text("10 min late")
    expect(row(desk, visit)).to_contain_text("Deposit $50.00 held")
    call = row(desk, visit).get_by_role("link", name="Call")
    expect(call).to_have_attribute("href", "tel:+15126660009")
    is_now(desk, "10:00")
    row(desk, visit).get_by_role("button", name="No-show").click()
    expect(desk.page.locator("#question")).to_be_focused()
    expect(row(desk, visit)).to_contain_text("$50.00 is kept of the deposit.")
    row(desk, visit).get_by_role("button", name="Did not come: charge $120.00").click()
    expect(desk.notice).to_contain_text("Marked as missed")
    expect(group(desk, "missed")).to_have_count(1)
    assert now_of(site.services, visit).status == "noshow"


def fills_a_missing_form(site: Site, desk: Visitor, visit: Visit) -> None:
    """Who comes without their form fills it in at the desk, and finds it among their documents (S49)."""
    row(desk, visit).get_by_role("link", name="1 form missing").click()
    staff.is_open(desk)
    desk.page.get_by_role("link", name="Fill in with the patient: About your skin").click()
    expect(desk.heading).to_contain_text("With Ines")
    sends(picks(desk, "Do you burn in the sun?", "No"))
    expect(desk.page.locator("#form-done")).to_be_visible()
    staff.goes_to(desk, f"/admin/patient?id={visit.patient_id}&view=more")
    expect(desk.page.locator("main")).to_contain_text("About your skin")
    staff.goes_to(desk, "/admin")
    expect(row(desk, visit)).not_to_contain_text("form missing")
    row(desk, visit).get_by_role("button", name="Check in").click()
    expect(desk.notice).to_contain_text("Ines Costello is here")


def moves_a_visit_by_key(site: Site, desk: Visitor, visit: Visit) -> None:
    """The caller calls again: from the visit's page to the calendar, and moved there by its dialog."""
    staff.goes_to(desk, f"/admin/visit?id={visit.appointment_id}")
    desk.page.get_by_role("link", name="Move", exact=True).click()
    desk.page.wait_for_url(re.compile(r"/admin/calendar\?"))
    staff.is_open(desk)
    mine = desk.page.locator(f'.slot[data-visit="{visit.appointment_id}"]').get_by_role("link")
    mine.focus()
    desk.page.keyboard.press("m")
    dialog = desk.page.locator("dialog.modal")
    staff.fills(desk, {"Time": "14:00"}, dialog)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#news")).to_contain_text(re.compile(r"Moved to 2:00\sPM"))
    assert now_of(site.services, visit).start_at == instant(minute(ON, "14:00"))


def checks_out_with_the_package(desk: Visitor, visit: Visit) -> None:
    """What the package paid costs nothing more."""
    staff.goes_to(desk, "/admin")
    row(desk, visit).get_by_role("link", name="Check out").click()
    desk.button("Check out").click()
    expect(desk.notice).to_contain_text("All is paid.")


def takes_a_walk_in(site: Site, desk: Visitor) -> None:
    """Somebody nobody knows walks in: written down, booked beyond the grid for right now, checked in and out."""
    is_now(desk, "11:10")
    desk.page.get_by_role("link", name="New appointment").click()
    desk.page.locator("#wanted").fill("Zelda Walkinshaw")
    expect(desk.page.locator("#who")).to_contain_text("Nobody was found")
    desk.button("New patient").click()
    staff.fills(desk, {"Phone": "(512) 555-0177", "E-mail": "zelda@story.example"})
    desk.button("Add and go on").click()
    expect(desk.page.locator("#person")).to_contain_text("Zelda Walkinshaw")
    desk.page.locator("#treatments").get_by_role("checkbox", name=re.compile("Laser hair removal")).check()
    desk.page.get_by_label("Or exactly at").fill("11:10")
    desk.button("Use this time").click()
    expect(desk.page.locator("#facts")).to_contain_text("11:10")
    desk.page.locator("#book").click()
    expect(desk.notice).to_contain_text("Booked")
    desk.page.get_by_role("link", name="Open the visit").click()
    desk.button("Check in").click()
    expect(desk.notice).to_contain_text("Checked in")
    desk.page.get_by_label("Cash").click()
    desk.button("Check out, $150.00").click()
    expect(desk.notice).to_contain_text("$150.00 paid at the clinic")


def pays_what_is_due(site: Site, desk: Visitor, visit: Visit) -> None:
    """What is due stands in the row, and is paid."""
    staff.goes_to(desk, "/admin")
    row(desk, visit).get_by_role("link", name="Check out, $180.00 due").click()
    desk.page.get_by_label("Card terminal").click()
    desk.button("Check out, $180.00").click()
    expect(desk.notice).to_contain_text("$180.00 paid at the clinic")


def closes(site: Site, desk: Visitor) -> None:
    """The last one comes and goes; in the evening nothing of the day is open, and the next morning says so too (P3)."""
    is_now(desk, "14:00")
    desk.button(re.compile("Check in.*Wei")).click()
    expect(desk.notice).to_contain_text("Wei Chenoweth is here")
    group(desk, "here").get_by_role("link", name="Check out, $95.00 due").click()
    desk.page.get_by_label("Cash").click()
    desk.button("Check out, $95.00").click()
    expect(desk.notice).to_contain_text("$95.00 paid at the clinic")
    is_now(desk, "17:00")
    for key in ("late", "coming", "later", "here", "open"):
        expect(group(desk, key)).to_have_count(0)
    expect(group(desk, "done").locator("summary")).to_contain_text("4")
    expect(group(desk, "missed").locator("summary")).to_contain_text("1")
    is_clean_and_fits(desk, "the evening")
    assert sorted(of_day(site.services, site.clinic).values()) == ["fulfilled"] * 4 + ["noshow"]
    is_now(desk, "09:00", ON + timedelta(days=1))
    expect(desk.page.locator("#left-open")).to_have_count(0)

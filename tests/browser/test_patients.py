"""Staff find patients as they type, and add one; the one who is known is offered (P15)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from clinic_portal.core.db import table
from clinic_portal.patients import desk, notes
from clinic_portal.patients.models import Patient
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.factories import rows
from tests.factories import staff as someone
from tests.site import Site

pytestmark = pytest.mark.req("P15")
Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
PEOPLE = (
    ("Quillon", "Ashgrove", "quillon@patients.example", "512 555 0801", "1957-02-23"),
    ("Élodie", "Quillfeather", "elodie@patients.example", "512 555 0802", ""),
    ("Wilhelmina-Alexandrina" * 3, "van der Westhuizen-Featherstonehaugh" * 2, "", "512 555 0803", ""),
    ("שרה", "כהן", "sara@patients.example", "", "1984-12-01"),
    ("Zoë 🙂", "Quill", f"{'a' * 60}@patients.example", "512 555 0805", ""),
)


@pytest.fixture
def people(site: Site) -> Iterator[dict[str, int]]:
    """Five people whom nothing else looks for; afterwards they are another's."""
    who = someone(site.services, "front_desk").actor
    made = {}
    for given, family, email, phone, born in PEOPLE:
        typed = {"given_name": given, "family_name": family, "email": email, "phone": phone, "birth_on": born}
        told = {"phone_region": "US", "zone": "America/Chicago", "language": "en"}
        made[given] = site.services.do(desk.add, who, typed, **told)
    yield made
    ids = [one.id for one in rows(site.services, Patient) if one.phone.startswith("+1512555080")]
    gone = table(Patient).c.id.in_([*made.values(), *ids])
    site.services.do(lambda work: work.execute(update(table(Patient)).where(gone).values(merged_into_id=1)))


def types(visitor: Visitor, typed: str, told: str) -> Visitor:
    """Type, wait, and be told."""
    visitor.page.locator("#wanted").fill(typed)
    expect(visitor.page.locator("#told")).to_contain_text(told)
    return visitor


@SIZES
def test_whoever_is_meant_is_shown_as_one_types(visitor: Make, people: dict[str, int], size: str) -> None:
    site = (desk := staff.sits_down(visitor(size), "front_desk", "/admin/patients")).site
    site.services.do(notes.write, someone(site.services).actor, people["Quillon"], "alert", "Faints at needles")
    desk.page.keyboard.press("/")
    expect(desk.page.locator("#wanted")).to_be_focused()
    types(desk, "quill", "Found for “quill”: 3")
    names = desk.page.locator("#found a").all_inner_texts()
    assert names == ["Zoë 🙂 Quill", "Élodie Quillfeather", "Quillon Ashgrove"]
    expect(staff.line_of(desk, "Quillon")).to_contain_text("Alert")
    is_clean_and_fits(desk, "found")
    for typed in ("2/23/1957", "(512) 555-0801", "ashgrove QUILLON"):
        types(desk, typed, f"Found for “{typed}”: 1")
    types(desk, "כהן", "Found for “כהן”: 1")
    types(desk, "wilhelmina", "Found for “wilhelmina”: 1")
    is_clean_and_fits(desk, "a long name")
    for typed in ("%", "_", "' OR 1=1 --", "🙂", "<b>x</b>", "zzyzzx"):
        types(desk, typed, f"Nobody was found for “{typed}”.")
    is_clean_and_fits(desk, "nobody")
    types(desk, "   ", "The newest")
    types(desk, "quillon", "Found for “quillon”: 1")
    desk.page.keyboard.press("Enter")
    expect(desk.heading).to_have_text("Quillon Ashgrove")
    expect(desk.page.locator("#patient-alerts")).to_contain_text("Alert: Faints at needles")


def test_what_was_looked_for_stands_in_no_address_and_pages_go_on(visitor: Make, site: Site) -> None:
    staff.adds_patients(site, 60, "older")
    desk = staff.searches(staff.sits_down(visitor(), "read_only"), "older.example")
    desk.page.reload()
    expect(desk.page.locator("#told")).to_contain_text("the first 50")
    expect(desk.page.get_by_role("link", name="New patient")).to_have_count(0)
    first = set(desk.page.locator("#found a").all_inner_texts())
    desk.page.get_by_role("link", name="Older", exact=True).click()
    desk.page.wait_for_url(re.compile(r"after="))
    expect(desk.page.get_by_role("link", name="Newest", exact=True)).to_be_visible()
    second = set(desk.page.locator("#found a").all_inner_texts())
    assert len(first) == 50
    assert len(second) >= 10
    assert not first & second
    expect(desk.page.locator("#told")).to_have_text(f"Found for “older.example”: {len(second)} more.")
    desk.page.get_by_role("link", name="Newest", exact=True).click()
    expect(desk.page.locator("#told")).to_contain_text("Found for “older.example”: the first 50")
    assert set(desk.page.locator("#found a").all_inner_texts()) == first
    desk.page.get_by_role("link", name="Older", exact=True).click()
    expect(desk.page.locator("#told")).to_contain_text("more.")
    desk.page.locator("#found a").first.click()
    desk.page.go_back()
    expect(desk.page.locator("#told")).to_contain_text("Found for “older.example”")
    staff.searches(staff.goes_to(desk, "/admin"), "a&b#c")
    expect(desk.page.locator("#told")).to_have_text("Nobody was found for “a&b#c”.")
    staff.follows(desk, "Patients")
    expect(desk.page.locator("#told")).to_have_text("The newest")


@SIZES
def test_a_new_patient_is_added_and_the_known_one_offered(visitor: Make, people: dict[str, int], size: str) -> None:
    desk = staff.sits_down(visitor(size), "front_desk", "/admin/patients")
    types(desk, "Ida Ashgrove", "Nobody")
    desk.page.get_by_role("link", name="Add them as a new patient").click()
    expect(desk.heading).to_have_text("New patient")
    expect(desk.page.get_by_label("First name")).to_have_value("Ida")
    is_clean_and_fits(desk, "new patient")
    staff.fills(desk, {"E-mail": "ida", "Phone": "12"}).button("Add the patient").click()
    staff.is_refused_beside(desk, "phone", "does not look like a phone number")
    expect(desk.page.locator("#email-error")).to_contain_text("does not look like an e-mail")
    staff.fills(desk, {"E-mail": "", "Phone": "512 555 0801", "Date of birth": "2018-05-05"})
    desk.button("Add the patient").click()
    expect(desk.page.locator("#known")).to_contain_text("Quillon Ashgrove")
    is_clean_and_fits(desk, "known")
    desk.button("Back to the form").click()
    expect(desk.page.get_by_label("Phone", exact=True)).to_have_value("512 555 0801")
    desk.button("Add the patient").click()
    desk.button("It is another person: save").click()
    expect(desk.heading).to_have_text("Ida Ashgrove")
    expect(desk.page.get_by_text("+1 512-555-0801")).to_be_visible()


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_may_not_add_patients_finds_no_form(visitor: Make, role: str) -> None:
    desk = staff.sits_down(visitor(), role, "/admin/patients")
    expect(desk.page.get_by_role("link", name="New patient")).to_have_count(0)
    desk.page.goto(f"{desk.site.url}/admin/patients/new")
    expect(desk.page.locator("#person-form")).to_have_count(0)

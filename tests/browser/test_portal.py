"""The patient portal: what they see of themselves, of their visits and of their history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from clinic_portal.clinic.queries import catalogue
from clinic_portal.patients import history, profile
from clinic_portal.patients.actions import prove_phone
from tests.browser.journey import Visitor
from tests.browser.portal_journey import (
    Make,
    asks_to_cancel,
    at_home,
    cancels,
    clears_calendar,
    clinic_rules,
    day_of,
    had_visit,
    has_visit,
    listed,
    move_of,
    opens,
    other_browser,
    other_tab,
    page_of,
    picks_new_time,
    time_of,
)
from tests.browser.test_access import is_clean_and_fits
from tests.factories import patient
from tests.site import Site

SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
BLUE, GREEN, GREY = "rgb(31, 95, 191)", "rgb(31, 122, 77)", "rgb(111, 122, 135)"
SAVE = re.compile("^Save$")


@pytest.fixture(autouse=True)
def _calendar(site: Site) -> Iterator[None]:
    yield
    clears_calendar(site)


def identity(made: Visitor) -> int:
    return patient(made.site.services, made.email, phone=made.e164).actor.patient_id


def saves(made: Visitor, inside: str = "main") -> Visitor:
    made.page.locator(inside).get_by_role("button", name=SAVE).click()
    return made


def is_told(made: Visitor, sentence: str) -> None:
    expect(made.notice).to_contain_text(sentence)
    expect(made.notice).to_be_focused()


# --- profile


@pytest.mark.req("S1")
@pytest.mark.req("S26")
@SIZES
def test_the_profile_shows_what_the_clinic_knows(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size).has_portal()
    known = {
        "given_name": "Amara",
        "family_name": "Reed",
        "birth_on": "1990-05-17",
        "pronouns": "she/her",
        "street": "12 Elm St",
        "city": "Austin",
        "region": "TX",
        "postal_code": "78701",
        "country": "USA",
        "emergency_name": "Jo Reed",
        "emergency_phone": "(512) 555-0133",
    }
    site.services.do(profile.change, "staff:1", identity(amara), phone_region="US", zone="America/Chicago", typed=known)
    at_home(amara, "/portal/profile")
    for name, value in {**known, "emergency_phone": "+1 512-555-0133"}.items():
        expect(amara.page.locator(f"#{name}")).to_have_value(value)
    expect(amara.page.locator("#email-shown")).to_have_text(amara.email)
    expect(amara.page.locator("#phone-shown")).to_contain_text(amara.phone[-4:])


@pytest.mark.req("S2")
@pytest.mark.req("S36")
@SIZES
@pytest.mark.parametrize(
    ("given", "family", "initials"),
    [
        ("Łucja", "Øst-Nguyễn", "ŁØ"),
        ("美咲", "田中", "美田"),
        ("Ngozi " + "Adaeze " * 10, "Featherstonehaugh" * 4, "NF"),
    ],
    ids=["accents", "another script", "long"],
)
def test_they_change_their_information(visitor: Make, size: str, given: str, family: str, initials: str) -> None:
    amara = at_home(visitor(size), "/portal/profile")
    typed = {"given_name": given.strip(), "family_name": family, "street": "Calle Mayor 1, " + "piso 2, " * 12}
    for name, value in typed.items():
        amara.page.locator(f"#{name}").fill(value)
    amara.page.locator("#birth_on").fill("1988-02-29")
    saves(amara)
    is_told(amara, "Your details are up to date")
    expect(amara.page.get_by_role("link", name=f"My details: {given.strip()} {family}")).to_have_text(initials)
    opens(amara, "/portal/profile")
    for name, value in typed.items():
        expect(amara.page.locator(f"#{name}")).to_have_value(value.strip())
    expect(amara.page.locator("#birth_on")).to_have_value("1988-02-29")


@pytest.mark.req("S2")
@pytest.mark.req("B9")
@SIZES
def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_typed_is_lost(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size), "/portal/profile")
    typed = {
        "family_name": "https://spam.example",
        "birth_on": "2027-01-01",
        "street": "x" * 200,
        "emergency_phone": "123",
        "city": "Austin",
    }
    for name, value in typed.items():
        amara.page.locator(f"#{name}").fill(value)
    saves(amara)
    for name, sentence in (
        ("family_name", "letters only"),
        ("birth_on", "date of birth"),
        ("street", "shorten this to 120"),
        ("emergency_phone", "phone number"),
    ):
        expect(amara.page.locator(f"#{name}-error")).to_contain_text(sentence)
        expect(amara.page.locator(f"#{name}")).to_have_attribute("aria-invalid", "true")
    expect(amara.page.locator("#family_name")).to_be_focused()
    expect(amara.page.locator("#city-error")).to_be_empty()
    for name, value in typed.items():
        expect(amara.page.locator(f"#{name}")).to_have_value(value)
    opens(amara, "/portal/profile")
    expect(amara.page.locator("#family_name")).to_have_value("Reed")
    expect(amara.page.locator("#city")).to_have_value("")


@pytest.mark.req("S36")
@SIZES
def test_a_new_phone_is_theirs_once_its_code_is_typed(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size), "/portal/profile")
    amara.button("Confirm or change it").click()
    expect(amara.page.locator("#new_phone")).to_be_focused()
    amara.page.locator("#new_phone").fill("12")
    amara.button("Send me a code").click()
    expect(amara.page.locator("#new_phone-error")).to_contain_text("does not look like a phone number")
    old, amara.phone = amara.phone, amara.phone.replace("555-", "556-")
    amara.has_read_all_letters().page.locator("#new_phone").fill(amara.phone)
    amara.button("Send me a code").click()
    expect(amara.page.locator("#code")).to_be_focused()
    code = amara.code()
    for wrong, told in (("", "six digits"), (f"{(int(code) + 1) % 10**6:06}", "not the code we sent")):
        amara.page.locator("#code").fill(wrong)
        amara.button("Confirm").click()
        expect(amara.page.locator("#code-error")).to_contain_text(told)
        expect(amara.page.locator("#phone-shown")).to_contain_text(old[-8:])
    amara.page.locator("#code").fill(f"{code[:3]} {code[3:]}")
    amara.button("Confirm").click()
    is_told(amara, "Texts go to your new number")
    expect(amara.page.locator("#phone-shown")).to_contain_text(f"+1 512-{amara.phone[-8:]} ✓ confirmed")


@pytest.mark.req("S36")
def test_a_new_code_for_the_phone_can_be_asked_for_and_voids_the_old(site: Site, visitor: Make) -> None:
    amara = at_home(visitor(), "/portal/profile")
    amara.button("Confirm or change it").click()
    amara.phone = amara.phone.replace("555-", "556-")
    amara.has_read_all_letters().page.locator("#new_phone").fill(amara.phone)
    amara.button("Send me a code").click()
    expect(amara.page.locator("#code")).to_be_focused()
    first = amara.code()
    amara.button("Send a new code").click()
    expect(amara.page.locator("#code-error")).to_contain_text("You can ask for another in")
    site.clock.advance(timedelta(minutes=1))
    amara.has_read_all_letters().button("Send a new code").click()
    expect(amara.page.get_by_text("six new digits")).to_be_visible()
    second = amara.code()
    amara.page.locator("#code").fill(first)
    amara.button("Confirm").click()
    expect(amara.page.locator("#code-error")).to_contain_text("not the code we sent")
    amara.page.locator("#code").fill(second)
    amara.button("Confirm").click()
    is_told(amara, "Texts go to your new number")


# --- booking, visits


@pytest.mark.req("S4")
@SIZES
def test_they_book_from_the_portal_without_typing_who_they_are(visitor: Make, size: str) -> None:
    amara = visitor(size)
    amara.site.services.do(prove_phone, identity(amara), amara.e164)
    at_home(amara).page.get_by_role("link", name="Book", exact=True).click()
    amara.is_at("").adds("Hydrating facial").goes_on("visit").goes_on("provider").chooses("Lena Brandt")
    amara.picks_day("Wednesday, December 16")
    label = " ".join(amara.page.locator("button.time").last.inner_text().split())
    amara.holds(label).goes_on("policy").accepts_and_confirms()
    reference = amara.page.locator("#reference").inner_text()
    opens(amara, "/portal/appointments")
    expect(listed(amara, "Upcoming")).to_contain_text("Hydrating facial")
    listed(amara, "Upcoming").get_by_role("link").click()
    expect(amara.page.locator("#reference")).to_have_text(reference)


@pytest.mark.req("S4")
@pytest.mark.req("S66")
@SIZES
def test_a_phone_that_was_never_proved_is_proved_once_when_they_book_from_the_portal(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size), "/book").adds("Hydrating facial").goes_on("code").proves_phone()
    amara.goes_on("provider").chooses("Lena Brandt").picks_day("Wednesday, December 16")
    amara.holds(" ".join(amara.page.locator("button.time").last.inner_text().split())).goes_on("policy")
    amara.accepts_and_confirms()
    opens(amara, "/portal/profile")
    expect(amara.page.locator("#phone-shown")).to_contain_text("✓ confirmed")


@pytest.mark.req("S27")
@pytest.mark.req("S51")
@SIZES
def test_the_months_on_the_first_page_show_coming_visits_blue_and_past_ones_green_and_say_so(
    visitor: Make, size: str
) -> None:
    amara = visitor(size)
    past, coming = had_visit(amara, "peel", on=date(2026, 11, 10)), has_visit(amara, "facial")
    at_home(amara)
    cell = amara.page.get_by_role("link", name=f"{day_of(coming)}, 1 upcoming visit")
    expect(cell).to_have_css("background-color", BLUE)
    expect(cell).to_contain_text("•")
    expect(amara.page.get_by_text("• upcoming", exact=True)).to_be_visible()
    amara.button("Month before").click()
    cell = amara.page.get_by_role("link", name=f"{day_of(past)}, 1 past visit")
    expect(cell).to_have_css("background-color", GREEN)
    expect(cell).to_contain_text("✓")
    cell.click()
    expect(amara.heading).to_contain_text(day_of(past))
    expect(amara.page.get_by_text("✓ Past")).to_be_visible()


@pytest.mark.req("S27")
@pytest.mark.req("S50")
@SIZES
def test_the_first_page_shows_the_next_visit_and_the_others_beside_it(visitor: Make, size: str) -> None:
    amara = visitor(size)
    past = had_visit(amara, "peel", on=date(2026, 11, 11))
    coming = has_visit(amara, "facial", "hair", provider="lena", on=date(2026, 12, 16))
    at_home(amara)
    following = amara.page.locator("#next-visit")
    for told in ("Upcoming", day_of(coming), time_of(coming), "Hydrating facial and Laser hair removal"):
        expect(following).to_contain_text(told)
    for told in ("Lena Brandt RN", "Lumen Downtown, 214 Congress Ave", coming.reference):
        expect(following).to_contain_text(told)
    expect(amara.page.get_by_text("Your next visit is in 23 days.")).to_be_visible()
    expect(amara.page.locator("a.visit-entry")).to_have_count(2)
    expect(amara.page.locator("a.visit-entry").last).to_contain_text("Chemical peel")
    expect(amara.page.locator("a.visit-entry").last).to_contain_text(time_of(past))


@pytest.mark.req("S50")
@pytest.mark.req("S51")
@pytest.mark.req("S52")
@SIZES
def test_every_listed_visit_says_where_when_what_with_whom_and_whether_it_is_past(visitor: Make, size: str) -> None:
    amara = visitor(size)
    past = had_visit(amara, "peel", on=date(2026, 11, 12))
    coming = has_visit(amara, "botox", provider="maya", on=date(2026, 12, 18))
    at_home(amara, "/portal/appointments")
    for part, known, colour, words in (
        ("Upcoming", coming, BLUE, "• Upcoming"),
        ("Past and cancelled", past, GREEN, "✓ Past"),
    ):
        expect(listed(amara, part)).to_have_count(1)
        entry = listed(amara, part).get_by_role("link")
        expect(entry).to_have_css("border-left-color", colour)
        for told in (words, time_of(known), "Lumen Downtown, 214 Congress Ave", known.provider_name):
            expect(entry).to_contain_text(told)
        expect(entry).to_contain_text(known.services[0].name)
    expect(listed(amara, "Upcoming")).to_contain_text("Fri, Dec 18, 2026")
    expect(listed(amara, "Past and cancelled")).to_contain_text("Thu, Nov 12, 2026")


@pytest.mark.req("S50")
@SIZES
def test_a_cancelled_visit_stays_listed_neither_blue_nor_green(visitor: Make, size: str) -> None:
    amara = visitor(size)
    cancels(at_home(amara, page_of(has_visit(amara, on=date(2026, 12, 21)))))
    opens(amara, "/portal/appointments")
    expect(amara.notice).to_have_count(0)
    expect(listed(amara, "Upcoming")).to_have_count(0)
    entry = listed(amara, "Past and cancelled").get_by_role("link")
    expect(entry).to_contain_text("✕ Cancelled")
    expect(entry).to_have_css("border-left-color", GREY)
    opens(amara, "/portal")
    expect(amara.page.locator("#next-visit")).to_contain_text("There is none yet")


@pytest.mark.req("S50")
@SIZES
def test_thirty_past_visits_are_all_listed_newest_first(visitor: Make, size: str) -> None:
    amara = visitor(size)
    for number in range(30):
        had_visit(amara, "hair", on=date(2026, 10, 20) + timedelta(days=number), provider="maya")
    at_home(amara, "/portal/appointments")
    expect(listed(amara, "Past and cancelled")).to_have_count(30)
    expect(listed(amara, "Past and cancelled").first).to_contain_text("Nov 18, 2026")
    expect(listed(amara, "Past and cancelled").last).to_contain_text("Oct 20, 2026")
    opens(amara, "/portal")
    expect(amara.page.locator("a.visit-entry")).to_have_count(4)
    amara.page.get_by_role("link", name="All appointments").click()
    expect(listed(amara, "Past and cancelled")).to_have_count(30)


@pytest.mark.req("S27")
@SIZES
def test_a_new_patient_finds_nothing_yet_and_a_way_to_book(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size))
    expect(amara.page.locator("#next-visit")).to_contain_text("There is none yet")
    expect(amara.page.locator("#action-required")).to_contain_text("You are all set")
    amara.page.get_by_role("link", name="All appointments").click()
    expect(amara.page.get_by_text("No visit is booked")).to_be_visible()
    expect(amara.page.get_by_text("No visit lies behind you yet")).to_be_visible()
    amara.page.get_by_role("link", name="Book a visit").click()
    amara.is_at("")


@pytest.mark.req("S83")
@SIZES
def test_a_visit_is_added_to_the_patients_own_calendar(visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara)
    with amara.page.expect_download() as download:
        amara.page.get_by_role("link", name="Add to calendar").click()
    file = Path(download.value.path()).read_text()
    assert download.value.suggested_filename.endswith(".ics")
    assert "METHOD:PUBLISH" in file
    assert f"UID:{coming.uid}" in file
    assert "Hydrating facial" not in file


# --- medical history


def adds_allergy(made: Visitor, name: str, severity: str = "") -> Visitor:
    made.button("Add allergy").click()
    expect(made.page.locator("#name")).to_be_focused()
    made.page.locator("#name").fill(name)
    if severity:
        made.page.locator("#severity").select_option(severity)
    saves(made)
    expect(made.page.get_by_role("region", name="Allergies")).to_contain_text(name)
    return made


@pytest.mark.req("S31")
@SIZES
def test_the_history_is_added_to_changed_and_shortened_and_every_word_is_kept(
    site: Site, visitor: Make, size: str
) -> None:
    amara = at_home(visitor(size), "/portal/history")
    allergies = amara.page.get_by_role("region", name="Allergies")
    expect(allergies).to_contain_text("Nothing told yet")
    adds_allergy(amara, "Latex", "mild")
    is_told(amara, "Saved")
    expect(allergies).to_contain_text("Told by you on Mon, Nov 23, 2026, 9:0")
    site.clock.advance(timedelta(minutes=6))
    amara.button("Change Latex").click()
    amara.page.locator("#severity").select_option("severe")
    amara.page.locator("#note").fill("ラテックス, since childhood")
    saves(amara)
    expect(allergies).to_contain_text("Severe · ラテックス, since childhood")
    amara.button("What was said before of Latex").click()
    said = allergies.get_by_role("list").last.get_by_role("listitem")
    expect(said).to_have_count(2)
    expect(said.first).to_contain_text("Latex · Severe")
    expect(said.last).to_contain_text("Latex · Mild")
    expect(said.last).to_contain_text("Told by you on Mon, Nov 23, 2026, 9:0")
    amara.button("Remove Latex").click()
    is_told(amara, "stays on record")
    expect(allergies).to_contain_text("Nothing told yet")
    assert site.services.ask(history.current, identity(amara)) == []


@pytest.mark.req("S31")
@SIZES
def test_none_known_is_an_answer_until_something_is_known(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size), "/portal/history")
    allergies = amara.page.get_by_role("region", name="Allergies")
    amara.button("No known allergies").click()
    expect(allergies.get_by_role("listitem")).to_contain_text("No known allergies")
    expect(allergies).to_contain_text("Told by you on")
    expect(amara.button("No known allergies")).to_have_count(2)  # change and remove it
    adds_allergy(amara, "Penicillin")
    expect(allergies.get_by_role("listitem")).to_have_count(1)
    expect(allergies).not_to_contain_text("No known allergies")


@pytest.mark.req("S31")
@pytest.mark.req("B9")
@SIZES
def test_a_required_field_of_the_history_is_asked_for_in_place(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size), "/portal/history")
    amara.button("Add surgery or treatment").click()
    amara.page.locator("#year").fill("98")
    amara.page.locator("#note").fill("At St. Mary’s")
    saves(amara)
    expect(amara.page.locator("#name-error")).to_have_text("Please fill this in.")
    expect(amara.page.locator("#year-error")).to_contain_text("four digits")
    expect(amara.page.locator("#name")).to_be_focused()
    expect(amara.page.locator("#note")).to_have_value("At St. Mary’s")
    amara.page.locator("#name").fill("Appendix")
    amara.page.locator("#year").fill("1998")
    saves(amara)
    expect(amara.page.get_by_role("region", name="Surgeries")).to_contain_text("1998 · At St. Mary’s")


@pytest.mark.req("S31")
@pytest.mark.req("B9")
def test_a_form_put_away_saves_nothing_and_gives_the_focus_back(site: Site, visitor: Make) -> None:
    amara = adds_allergy(at_home(visitor(), "/portal/history"), "Latex")
    for opener in ("Add condition", "Change Latex"):
        amara.button(opener).click()
        amara.page.locator("#name").fill("Something else")
        amara.button("Do not save").click()
        expect(amara.button(opener)).to_be_focused()
    opens(amara, "/portal/profile").button("Confirm or change it").click()
    amara.button("Keep the old one").click()
    expect(amara.button("Confirm or change it")).to_be_focused()
    assert [one.fields for one in site.services.ask(history.current, identity(amara))] == [{"name": "Latex"}]


@pytest.mark.req("S31")
@SIZES
def test_a_stale_tab_overwrites_nothing_and_loses_nothing_typed(site: Site, visitor: Make, size: str) -> None:
    amara = adds_allergy(at_home(visitor(size), "/portal/history"), "Latex", "mild")
    amara.button("Change Latex").click()
    amara.page.locator("#note").fill("Only gloves")
    me = identity(amara)
    [item] = site.services.ask(history.current, me)
    said = {"name": "Latex", "severity": "severe"}
    site.services.do(history.amend, "staff:1", me, item.item, said, seen_version=item.version)
    saves(amara)
    is_told(amara, "This was changed meanwhile")
    expect(amara.page.get_by_text("By now it says:")).to_contain_text("Latex. Severe. Told by the clinic on")
    expect(amara.page.locator("#note")).to_have_value("Only gloves")
    assert site.services.ask(history.current, me)[0].fields == said
    saves(amara)
    expect(amara.page.get_by_role("region", name="Allergies")).to_contain_text("Mild · Only gloves")


@pytest.mark.req("S31")
@SIZES
def test_what_another_tab_removed_is_neither_changed_nor_removed_again(visitor: Make, size: str) -> None:
    amara = adds_allergy(at_home(visitor(size), "/portal/history"), "Latex")
    adds_allergy(amara, "Nickel")
    tab = other_tab(amara, "/portal/history")
    amara.button("Change Latex").click()
    for name in ("Latex", "Nickel"):
        tab.button(f"Remove {name}").click()
        expect(tab.button(f"Remove {name}")).to_have_count(0)
    amara.page.locator("#note").fill("Only gloves")
    saves(amara)
    is_told(amara, "It may have gone meanwhile")
    expect(amara.page.get_by_role("region", name="Allergies")).to_contain_text("Nothing told yet")


# --- signed out elsewhere


@pytest.mark.req("S36")
@SIZES
@pytest.mark.parametrize("where", ["profile", "history"])
def test_who_is_signed_out_elsewhere_while_typing_is_told_so_and_nothing_is_saved(
    site: Site, visitor: Make, size: str, where: str
) -> None:
    amara = at_home(visitor(size), f"/portal/{where}")
    if where == "profile":
        amara.page.locator("#city").fill("Elsewhere")
    else:
        amara.button("Add allergy").click()
        amara.page.locator("#name").fill("Latex")
    elsewhere = other_browser(visitor, amara, "/portal/settings")
    elsewhere.button("Sign out everywhere").click()
    elsewhere.page.wait_for_url(re.compile("/sign-in"))
    saves(amara)
    amara.page.wait_for_url(re.compile(rf"/sign-in\?why=signed_out&next=/portal/{where}$"))
    expect(amara.page.get_by_text("You were signed out here")).to_be_visible()
    amara.fills_sign_in().button("Sign in").click()
    amara.page.wait_for_url(f"{site.url}/portal/{where}")
    if where == "profile":
        expect(amara.page.locator("#city")).to_have_value("")
    else:
        expect(amara.page.get_by_role("region", name="Allergies")).to_contain_text("Nothing told yet")


@SIZES
def test_who_was_signed_out_on_a_visit_comes_back_to_that_visit(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara, page_of(coming))
    elsewhere = other_browser(visitor, amara, "/portal/settings")
    elsewhere.button("Sign out everywhere").click()
    elsewhere.page.wait_for_url(re.compile("/sign-in"))
    amara.button("Cancel appointment").click()
    amara.page.wait_for_url(re.compile("/sign-in"))
    amara.fills_sign_in().button("Sign in").click()
    amara.page.wait_for_url(site.url + page_of(coming))
    expect(amara.page.locator("#reference")).to_have_text(coming.reference)


# --- settings


@pytest.mark.req("S35")
@SIZES
def test_a_private_calendar_address_is_made_renewed_and_taken_back(visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara)
    amara.page.get_by_role("link", name="Settings").click()
    amara.button("Make an address").click()
    first = amara.page.locator("#feed").input_value()
    answer = httpx.get(first)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert f"UID:{coming.uid}" in answer.text
    assert "Hydrating facial" not in answer.text
    amara.page.get_by_role("button", name="New address", exact=True).click()
    expect(amara.page.locator("#feed")).not_to_have_value(first)
    second = amara.page.locator("#feed").input_value()
    assert (httpx.get(first).status_code, httpx.get(second).status_code) == (404, 200)
    amara.button("End this address").click()
    is_told(amara, "The address has ended")
    assert httpx.get(second).status_code == 404


@pytest.mark.req("S35")
@SIZES
def test_what_they_want_to_be_written_about_is_kept(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size), "/portal/settings")
    amara.page.get_by_label("Remind me by text message").uncheck()
    amara.page.get_by_label("Send me news and offers").check()
    saves(amara, "#notifications")
    is_told(amara, "Saved")
    opens(amara, "/portal/settings")
    expect(amara.page.get_by_label("Remind me by e-mail")).to_be_checked()
    expect(amara.page.get_by_label("Remind me by text message")).not_to_be_checked()
    expect(amara.page.get_by_label("Send me news and offers")).to_be_checked()


@pytest.mark.req("S35")
@pytest.mark.req("B10")
@SIZES
def test_dates_and_money_follow_the_language_they_chose(visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = has_visit(amara)
    at_home(amara, "/portal/settings").page.locator("#language").select_option("es")
    amara.page.locator("form", has=amara.page.locator("#language")).get_by_role("button").click()
    is_told(amara, "Saved")
    opens(amara, page_of(coming))
    expect(amara.heading).to_contain_text("jueves, 17 de diciembre de 2026")
    expect(amara.page.get_by_text("95,00").first).to_be_visible()
    opens(amara, "/portal")
    expect(amara.page.get_by_text("diciembre de 2026").first).to_be_visible()
    expect(amara.page.get_by_role("link", name="jueves, 17 de diciembre de 2026, 1 upcoming visit")).to_be_visible()


# --- for everyone


@pytest.mark.req("B9")
@pytest.mark.req("S9")
@SIZES
def test_every_page_of_the_portal_is_clean_has_its_title_and_fits_a_small_screen(visitor: Make, size: str) -> None:
    amara = visitor(size)
    had_visit(amara, "peel", on=date(2026, 11, 13))
    coming = has_visit(amara, "botox", "facial", provider="maya")
    at_home(amara)
    titles = []
    for path in ("", "/appointments", "/history", "/profile", "/settings"):
        opens(amara, f"/portal{path}")
        titles.append(amara.page.title())
        is_clean_and_fits(amara, path or "home")
    opens(amara, page_of(coming))
    titles.append(amara.page.title())
    is_clean_and_fits(amara, "visit")
    asks_to_cancel(amara)
    is_clean_and_fits(amara, "asked whether to cancel")
    opens(amara, move_of(coming))
    titles.append(amara.page.title())
    is_clean_and_fits(amara, "move")
    picks_new_time(amara)
    is_clean_and_fits(amara, "move, time chosen")
    cancels(opens(amara, page_of(coming)))
    is_clean_and_fits(amara, "cancelled")
    assert len(set(titles)) == len(titles)


@pytest.mark.req("B9")
@SIZES
def test_empty_faulty_and_refused_states_are_clean_and_fit_too(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    at_home(amara)
    is_clean_and_fits(amara, "home, empty")
    opens(amara, "/portal/appointments")
    is_clean_and_fits(amara, "appointments, empty")
    for path in ("/portal/visit", "/portal/visit/move"):
        opens(amara, f"{path}?ref=LMN-NOSUCH")
        is_clean_and_fits(amara, f"{path}, missing")
    opens(amara, "/portal/history").button("Add allergy").click()
    saves(amara)
    expect(amara.page.locator("#name-error")).not_to_be_empty()
    is_clean_and_fits(amara, "history, fault")
    amara.page.locator("#name").fill("Pneumonoultramicroscopicsilicovolcanoconiosis" * 2)
    saves(amara)
    expect(amara.notice).to_contain_text("Saved")
    is_clean_and_fits(amara, "history, long word")
    opens(amara, "/portal/profile").page.locator("#given_name").fill("")
    saves(amara)
    expect(amara.page.locator("#given_name-error")).not_to_be_empty()
    amara.button("Confirm or change it").click()
    expect(amara.page.locator("#new_phone")).to_be_focused()
    is_clean_and_fits(amara, "profile, faults")
    amara.page.locator("#new_phone").fill(amara.phone)
    amara.button("Send me a code").click()
    expect(amara.page.locator("#code")).to_be_focused()
    is_clean_and_fits(amara, "profile, code")
    opens(amara, "/portal/settings").button("Make an address").click()
    expect(amara.page.locator("#feed")).to_be_visible()
    is_clean_and_fits(amara, "settings, calendar address")
    coming = has_visit(amara, "peel", on=date(2026, 11, 24))
    asks_to_cancel(opens(amara, page_of(coming)))
    expect(amara.page.locator("#ask-title + p")).to_contain_text("$90.00")
    is_clean_and_fits(amara, "asked whether to cancel late")
    opens(amara, move_of(coming))
    expect(amara.page.get_by_text("Free changes are over")).to_be_visible()
    is_clean_and_fits(amara, "move, refused")
    with clinic_rules(site, patients_may_cancel=False, patients_may_reschedule=False):
        opens(amara, page_of(coming))
        expect(amara.page.get_by_text("Please call us to change this visit")).to_be_visible()
        is_clean_and_fits(amara, "visit that cannot be changed online")
    assert site.services.ask(catalogue).clinic.patients_may_cancel

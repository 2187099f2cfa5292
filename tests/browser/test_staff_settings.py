"""What staff set in their pages holds on the patient's side: every test changes it here and looks there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.clinic.queries import version
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.browser.test_staff import NEW_PASSWORD
from tests.factories import booked, patient
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
NEXT_WEEK = {"Tuesday": "Tuesday, December 1", "Wednesday": "Wednesday, December 2", "Thursday": "Thursday, December 3"}


@pytest.fixture(autouse=True)
def _kept(site: Site) -> Iterator[None]:
    with staff.clinic_kept(site):
        yield


def times(visitor: Visitor) -> Locator:
    """The times of the day that is shown."""
    return visitor.page.locator("button.time")


def starts(*labels: str) -> list[re.Pattern[str]]:
    """Times' labels, whatever kind of space stands before AM."""
    return [re.compile(rf"^{label.replace(' ', chr(92) + 's')}$") for label in labels]


def day(visitor: Visitor, label: str) -> Locator:
    """A day of the month that is shown."""
    return visitor.button(re.compile(f"^{label},"))


# Portal access


@pytest.mark.req("S14")
@SIZES
def test_the_count_falls_when_a_patient_logs_in(site: Site, visitor: Make, size: str) -> None:
    (email,) = staff.adds_patients(site, 1, f"count-{size}")
    owner = staff.sits_down(visitor(size), path="/admin/settings/portal")
    expect(owner.page.locator("#never")).to_have_text(str(staff.never_signed_in(site)))
    expect(owner.page.locator("main")).to_contain_text("never logged in to their portal")
    before = staff.never_signed_in(site)
    patient(site.services, email)
    staff.goes_to(owner, "/admin/settings/portal")
    expect(owner.page.locator("#never")).to_have_text(str(before - 1))


@pytest.mark.req("S11")
@pytest.mark.req("S14")
@pytest.mark.req("S15")
@SIZES
def test_activate_now_mails_exactly_those_who_never_logged_in(site: Site, visitor: Make, size: str) -> None:
    site.clinic.settings(activation_email_enabled=True)
    waiting = staff.adds_patients(site, 130, f"activate-{size}")
    there = {f"p{n}@activate-{size}.example" for n in (0, 60, 129)}
    for email in sorted(there):
        patient(site.services, email)
    staff.letters_after(site, 0)
    count, last = staff.never_signed_in(site), staff.last_letter(site)

    desk = staff.sits_down(visitor(size), "front_desk", "/admin/settings/portal")
    expect(desk.page.locator("#never")).to_have_text(str(count))
    desk.button("Activate now").click()
    expect(desk.page.get_by_role("progressbar", name=re.compile(rf"Sending: \d+ of {count}"))).to_be_visible()
    expect(desk.button("Activate now")).to_be_hidden()
    expect(desk.page.locator("main")).to_contain_text(f"{count} Welcome Emails sent", timeout=60_000)

    sent = [one for one in staff.letters_after(site, last) if "/welcome?t=" in one.text]
    told = [one.to_address for one in sent]
    assert len(told) == len(set(told)) == count
    assert {one for one in told if one.endswith(f"@activate-{size}.example")} == waiting - there
    assert not set(told) & staff.entered_emails(site)

    pat = visitor(size)
    link = re.search(r"http\S+/welcome\?t=[0-9a-f]+", next(one.text for one in sent if one.to_address in waiting))
    assert link
    pat.page.goto(link[0])
    expect(pat.page.get_by_text("Next time you sign in with")).to_contain_text("@")
    pat.page.locator("#phone").fill(pat.phone)
    pat.page.locator("#password").fill(NEW_PASSWORD)
    pat.button("Open my portal").click()
    pat.page.wait_for_url(re.compile("/portal"))
    staff.goes_to(desk, "/admin/settings/portal")
    expect(desk.page.locator("#never")).to_have_text(str(count - 1))


@pytest.mark.req("S15")
def test_a_second_press_while_it_runs_sends_nothing_twice(site: Site, visitor: Make) -> None:
    site.clinic.settings(activation_email_enabled=True)
    waiting = staff.adds_patients(site, 160, "twice")
    staff.letters_after(site, 0)
    last = staff.last_letter(site)
    one = staff.sits_down(visitor(), path="/admin/settings/portal")
    other = staff.sits_down(visitor(), "front_desk", "/admin/settings/portal")
    one.button("Activate now").click(no_wait_after=True)
    other.button("Activate now").click(no_wait_after=True)
    expect(other.notice).to_contain_text("It is under way already")
    expect(other.page.get_by_role("progressbar")).to_be_visible()
    for each in (one, other):
        expect(each.page.locator("main")).to_contain_text("Welcome Emails sent", timeout=60_000)
    told = [letter.to_address for letter in staff.letters_after(site, last) if "/welcome?t=" in letter.text]
    assert sorted(told) == sorted(set(told))
    assert waiting <= set(told)


@pytest.mark.req("S10")
@pytest.mark.req("S12")
@pytest.mark.req("S13")
def test_the_switch_decides_whether_a_first_booking_is_welcomed(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/portal")
    switch = owner.page.get_by_role("switch", name="Activation email enabled")
    expect(switch).to_have_attribute("aria-checked", "false")

    def letters_of(amara: Visitor, on: date, clock: str) -> list[str]:
        last = staff.last_letter(site)
        staff.visit_of(amara, on, clock, "hair")
        return [one.text for one in staff.letters_after(site, last) if one.to_address == amara.email]

    quiet, welcomed = visitor(), visitor()
    assert not [one for one in letters_of(quiet, date(2026, 12, 9), "9:00") if "/welcome?t=" in one]
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert [one for one in letters_of(welcomed, date(2026, 12, 9), "10:00") if "/welcome?t=" in one]
    assert not [one for one in letters_of(welcomed, date(2026, 12, 9), "11:00") if "/welcome?t=" in one]
    staff.goes_to(owner, "/admin/settings/portal")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")


# Booking portal


@pytest.mark.req("S16")
@pytest.mark.req("S17")
@SIZES
@pytest.mark.parametrize("role", ["owner", "read_only"])
def test_the_portals_address_is_copied_and_opens_the_log_in_screen(
    site: Site, visitor: Make, role: str, size: str
) -> None:
    someone = visitor(size, permissions=["clipboard-read", "clipboard-write"])
    staff.sits_down(someone, role, "/admin/settings/addresses")
    first = someone.page.locator("main input.field").nth(1)
    expect(first).to_have_value(f"{site.url}/sign-in")
    someone.button("Copy Portal address").click()
    expect(someone.button("Copied Portal address")).to_be_visible()
    copied = someone.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site.url}/sign-in"

    amara = visitor(size)
    amara.page.goto(copied)
    expect(amara.heading).to_have_text("Sign in")
    expect(amara.page.locator("#email")).to_be_visible()
    amara.page.get_by_role("link", name="Sign up").click()
    expect(amara.heading).to_have_text("Sign up")


@pytest.mark.req("S16")
def test_the_address_of_a_treatment_opens_the_booking_page_with_it(visitor: Make) -> None:
    someone = visitor(permissions=["clipboard-read", "clipboard-write"])
    staff.sits_down(someone, "front_desk", "/admin/settings/addresses")
    someone.button("Copy Hydrating facial").click()
    expect(someone.button("Copied Hydrating facial")).to_be_visible()
    amara = visitor()
    amara.page.goto(someone.page.evaluate("navigator.clipboard.readText()"))
    expect(amara.button("Remove Hydrating facial")).to_be_visible()


# Booking rules


@pytest.mark.req("S71")
@pytest.mark.req("S72")
@pytest.mark.parametrize(
    ("choice", "first_available", "by_name"),
    [
        ("A provider by name, or first available", True, True),
        ("Always a provider by name", False, True),
    ],
)
def test_whom_patients_may_choose(visitor: Make, choice: str, first_available: bool, by_name: bool) -> None:
    staff.changes_rules(staff.sits_down(visitor()), {"Whom patients may choose": choice})
    amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    amara.proves_phone().goes_on("provider")
    expect(amara.button(re.compile("Lena Brandt"))).to_be_visible(visible=by_name)
    expect(amara.button(re.compile("First available"))).to_be_visible(visible=first_available)


@pytest.mark.req("S71")
@pytest.mark.req("S72")
def test_where_the_clinic_assigns_nobody_is_asked_for_a_provider(visitor: Make) -> None:
    choice = "The clinic assigns: first available only"
    staff.changes_rules(staff.sits_down(visitor()), {"Whom patients may choose": choice})
    amara = visitor().opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    amara.proves_phone().goes_on("time")
    amara.opens("/book/provider")
    expect(amara.heading).to_be_focused()
    expect(amara.button(re.compile("Lena Brandt"))).to_be_hidden()


@pytest.mark.req("S53")
@pytest.mark.req("S54")
@pytest.mark.parametrize(
    ("setting", "action", "hour"),
    [
        ("Patients may cancel in their portal", "Cancel appointment", "12:00"),
        ("Patients may reschedule in their portal", "Reschedule appointment", "13:00"),
    ],
)
def test_changing_a_visit_is_offered_only_where_the_clinic_allows_it(
    visitor: Make, setting: str, action: str, hour: str
) -> None:
    amara = visitor().has_portal()
    reference = staff.visit_of(amara, date(2026, 12, 9), hour, "peel")
    amara.signs_in(f"/portal/visit?ref={reference}")
    offered = amara.page.get_by_role("button", name=action).or_(amara.page.get_by_role("link", name=action))
    expect(offered).to_be_visible()
    owner = staff.sits_down(visitor())
    staff.changes_rules(owner, {setting: False})

    offered.click()  # on a page that was open before
    expect(amara.page.locator("main")).to_contain_text("Please call us to change this visit")
    expect(amara.page.get_by_role("heading", name="Cancel this visit?")).to_be_hidden()
    amara.opens(f"/portal/visit?ref={reference}")
    expect(amara.page.locator("#reference")).to_have_text(reference)
    expect(offered).to_be_hidden()

    staff.changes_rules(owner, {setting: True})
    amara.page.reload()
    expect(offered).to_be_visible()


@pytest.mark.req("P1")
@SIZES
def test_times_begin_at_the_clinics_interval(visitor: Make, size: str) -> None:
    staff.changes_rules(staff.sits_down(visitor(size)), {"Times every … minutes": "60"})
    amara = visitor(size).reaches_times("Botox — forehead").picks_day("Tuesday, December 8")
    expect(times(amara).first).to_be_visible()
    assert {one.split(":")[1][:2] for one in times(amara).all_inner_texts()} == {"00"}


@pytest.mark.req("P2")
def test_notice_and_window_bound_the_days(visitor: Make) -> None:
    owner = staff.sits_down(visitor())
    notice = "Least notice, minutes"
    staff.changes_rules(owner, {notice: "1500", "How many days ahead": "6"})
    amara = visitor().reaches_times("Chemical peel")
    expect(day(amara, "Monday, November 23")).to_be_disabled()
    amara.picks_day("Tuesday, November 24")
    expect(times(amara).first).to_be_visible()
    assert amara.time("9:00 AM").count() == 0
    expect(amara.time("10:15 AM")).to_be_visible()
    expect(day(amara, "Sunday, November 29")).to_be_enabled()
    expect(day(amara, "Monday, November 30")).to_be_disabled()
    expect(amara.button("Month after")).to_be_disabled()


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"Times every … minutes": "4"}, "start_interval_minutes", "a whole number from 5 to 60"),
        ({"Times every … minutes": "61"}, "start_interval_minutes", "a whole number from 5 to 60"),
        ({"Times every … minutes": "ten"}, "start_interval_minutes", "a whole number from 5 to 60"),
        ({"Times every … minutes": ""}, "start_interval_minutes", "a whole number from 5 to 60"),
        ({"How many days ahead": "0"}, "booking_window_days", "a whole number from 1 to 730"),
        ({"Least notice, minutes": "-1"}, "minimum_notice_minutes", "a whole number from 0"),
        ({"Name": " "}, "name", "Please fill this in"),
        ({"Name": "x" * 81}, "name", "shorten this to 80"),
        ({"E-mail": "no address"}, "email", "does not look like an e-mail address"),
    ],
)
@pytest.mark.req("P1")
@pytest.mark.req("P2")
def test_a_rule_that_cannot_be_is_refused_beside_its_field(
    site: Site, visitor: Make, values: dict[str, str], field: str, sentence: str
) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/booking")
    before = site.services.ask(version)
    staff.fills(owner, {"One line about it": "Typed in the same go", **values})
    owner.button("Save").click()
    staff.is_refused_beside(owner, field, sentence)
    expect(owner.page.locator("#tagline")).to_have_value("Typed in the same go")
    assert site.services.ask(version) == before


@pytest.mark.req("B9")
@SIZES
def test_forms_with_refusals_are_clean_and_fit(visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path="/admin/settings/booking")
    staff.fills(owner, {"Times every … minutes": "4", "E-mail": "no address"})
    owner.button("Save").click()
    staff.is_refused_beside(owner, "start_interval_minutes", "a whole number")
    is_clean_and_fits(owner, "booking rules, refused")
    for path, button in (
        ("services", "Add a service"),
        ("locations", "Change Lumen Downtown"),
        ("providers", "Change Lena Brandt RN"),
        ("team", "Invite someone"),
    ):
        staff.goes_to(owner, f"/admin/settings/{path}").button(button).first.click()
        expect(owner.page.get_by_role("button", name="Do not save")).to_be_visible()
        owner.page.get_by_label("Name", exact=True).fill("")
        owner.page.get_by_role("button", name="Save", exact=True).click()
        expect(owner.page.locator("#name-error")).not_to_be_empty()
        is_clean_and_fits(owner, path)
    staff.goes_to(owner, "/admin/settings/hours")
    staff.sets_hours(owner, "Monday", ("works", "17:00", "09:00"))
    owner.page.locator("#week").get_by_role("button", name="Save").click()
    expect(owner.page.locator("#mon-error")).not_to_be_empty()
    is_clean_and_fits(owner, "hours, refused")


# What is offered


@pytest.mark.req("S61")
@pytest.mark.req("S72")
@SIZES
def test_a_new_service_appears_on_a_new_shelf_and_can_be_hidden(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path="/admin/settings/categories")
    shelf, service = f"Wellness {size}", f"Vitamin drip {size}"
    owner.button("Add a category").click()
    staff.saves(staff.fills(owner, {"Name": shelf, "Description": "From within."}))
    expect(staff.line_of(owner, shelf)).to_contain_text("empty")
    staff.follows(owner, "Services").button("Add a service").click()
    staff.fills(
        owner,
        {
            "Name": service,
            "Category": shelf,
            "Minutes": "40",
            "Price, USD": "120.50",
            "Dr. Maya Osei": False,
            "Lena Brandt RN": True,
            "Treatment room": True,
        },
    )
    staff.saves(owner)
    expect(staff.line_of(owner, service)).to_contain_text(f"{shelf} · 40 min · $120.50")

    amara = visitor(size).opens()
    amara.page.get_by_role("heading", name=shelf).click()
    line = amara.page.locator("li", has=amara.page.get_by_role("heading", name=service))
    expect(line).to_contain_text("40 min")
    expect(line).to_contain_text("$120.50")
    amara.adds(service).goes_on("details").fills_details().goes_on("code").proves_phone().goes_on("provider")
    expect(amara.button(re.compile("Lena Brandt"))).to_be_visible()
    expect(amara.button(re.compile("Maya Osei"))).to_be_hidden()
    amara.chooses("Lena").picks_day("Thursday, December 10")
    expect(times(amara).first).to_be_visible()

    staff.switches_off(owner, service)
    later = visitor(size).opens()
    expect(later.button("Book now: Hydrating facial")).to_be_visible()
    expect(later.page.get_by_role("heading", name=service)).to_be_hidden()
    expect(later.page.get_by_role("heading", name=shelf)).to_be_hidden()


@pytest.mark.req("S72")
def test_a_service_not_booked_online_is_not_offered(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/services")
    owner.button("Change Chemical peel").click()
    staff.saves(staff.fills(owner, {"Patients may book it online": False}))
    expect(staff.line_of(owner, "Chemical peel")).to_contain_text("not bookable online")
    amara = visitor().opens()
    expect(amara.button("Book now: Hydrating facial")).to_be_visible()
    expect(amara.button("Book now: Chemical peel")).to_be_hidden()


@pytest.mark.req("S72")
def test_a_provider_who_is_switched_off_is_not_offered(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/providers")
    staff.switches_off(owner, "Dr. Maya Osei")
    amara = visitor().opens()
    expect(amara.button("Book now: Hydrating facial")).to_be_visible()
    expect(amara.button("Book now: Botox — forehead")).to_be_hidden()
    staff.line_of(owner, "Lena Brandt RN").get_by_role("button", name="Switch off").click()
    expect(owner.notice).to_contain_text("One provider must stay")


@pytest.mark.req("S61")
def test_services_stand_in_the_order_staff_gave_them(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/services")
    staff.line_of(owner, "Hydrating facial").get_by_role("button", name="Up").click()
    expect(owner.page.locator("main section li").first).to_contain_text("Hydrating facial")
    amara = visitor().opens()
    expect(amara.page.locator("details li h3").first).to_have_text("Hydrating facial")


def test_a_category_with_services_stays(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/categories")
    staff.line_of(owner, "Injectables").get_by_role("button", name="Remove").click()
    expect(owner.notice).to_contain_text("Services stand in it")


@pytest.mark.req("P9")
def test_a_device_that_is_switched_off_takes_its_treatment_along(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/rooms")
    staff.switches_off(owner, "Laser 1")
    amara = visitor().opens()
    expect(amara.button("Book now: Hydrating facial")).to_be_visible()
    expect(amara.button("Book now: Laser hair removal")).to_be_hidden()


@pytest.mark.req("P9")
def test_a_second_device_serves_two_patients_at_once(site: Site, visitor: Make) -> None:
    staff.visit_of(visitor(), date(2026, 12, 10), "9:00", "hair", "maya")
    amara = visitor().reaches_times("Laser hair removal", provider="Lena").picks_day("Thursday, December 10")
    expect(amara.time("9:30 AM")).to_be_visible()
    expect(amara.time("9:00 AM")).to_be_hidden()
    owner = staff.sits_down(visitor(), path="/admin/settings/rooms")
    owner.button("Add a room or device").click()
    staff.saves(staff.fills(owner, {"Name": "Laser 2", "Kind": "Laser", "Location": "Lumen Downtown"}))
    amara.page.reload()
    expect(amara.time("9:00 AM")).to_be_visible()


@pytest.mark.req("P9")
def test_a_new_kind_of_device_is_needed_before_its_treatment_is_offered(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/rooms")
    owner.button("Add a kind").click()
    staff.saves(staff.fills(owner, {"Name": "Steamer", "What it is": "Device"}))
    staff.follows(owner, "Services").button("Change Hydrating facial").click()
    staff.saves(staff.fills(owner, {"Steamer": True}))
    amara = visitor().opens()
    expect(amara.button("Book now: Chemical peel")).to_be_visible()
    expect(amara.button("Book now: Hydrating facial")).to_be_hidden()
    staff.follows(owner, "Rooms and devices").button("Add a room or device").click()
    staff.saves(staff.fills(owner, {"Name": "Steamer 1", "Kind": "Steamer", "Location": "Lumen Downtown"}))
    amara.page.reload()
    expect(amara.button("Book now: Hydrating facial")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "line", "values", "field", "sentence"),
    [
        ("services", "Chemical peel", {"Price, USD": "12,5x"}, "price_minor", "an amount such as 240"),
        ("services", "Chemical peel", {"Price, USD": "1e400"}, "price_minor", "an amount such as 240"),
        ("services", "Chemical peel", {"Minutes": "3"}, "duration_minutes", "a whole number from 5 to 480"),
        ("services", "Chemical peel", {"Takes effect for, minutes": "90"}, "processing_minutes", "longer than the"),
        ("services", "Chemical peel", {"Name": ""}, "name", "Please fill this in"),
        ("locations", "Lumen Downtown", {"Time zone": "Mars/Olympus"}, "time_zone", "such as America/Chicago"),
        ("locations", "Lumen Downtown", {"City": ""}, "city", "Please fill this in"),
        ("locations", "Lumen Downtown", {"Country, two letters": "USA"}, "country", "as two letters"),
        ("providers", "Lena Brandt RN", {"Most visits a day": "0"}, "daily_limit", "a whole number from 1 to 100"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_saved(
    site: Site, visitor: Make, path: str, line: str, values: dict[str, str], field: str, sentence: str
) -> None:
    owner = staff.sits_down(visitor(), path=f"/admin/settings/{path}")
    before = site.services.ask(version)
    owner.button(f"Change {line}").click()
    staff.fills(owner, values)
    owner.page.get_by_role("button", name="Save", exact=True).click()
    staff.is_refused_beside(owner, field, sentence)
    assert site.services.ask(version) == before
    owner.button("Do not save").click()
    expect(owner.button(f"Change {line}")).to_be_visible()


@pytest.mark.req("P3")
def test_a_location_has_a_zone_of_its_own_which_stays_while_visits_are_booked_there(site: Site, visitor: Make) -> None:
    booked(site.clinic, "zoned", date(2026, 12, 16), "16:15", "facial", email="zoned@example.org", phone="+15125550136")
    owner = staff.sits_down(visitor(), path="/admin/settings/locations")
    owner.button("Change Lumen Downtown").click()
    staff.fills(owner, {"Time zone": "America/Denver"})
    owner.page.get_by_role("button", name="Save", exact=True).click()
    expect(owner.notice).to_contain_text("Another time zone would shift what is booked, so nothing was changed.")
    owner.button("Do not save").click()
    owner.button("Add a location").click()
    highlands = {"Name": "Lumen Highlands", "Time zone": "America/Denver", "Street and number": "3501 Wyandot St"}
    staff.saves(staff.fills(owner, highlands | {"City": "Denver", "Country, two letters": "US"}))
    expect(staff.line_of(owner, "Lumen Highlands")).to_contain_text("America/Denver")


# Hours


@pytest.mark.req("P3")
@pytest.mark.req("S73")
@SIZES
def test_weekly_hours_and_a_break_make_the_times(visitor: Make, size: str) -> None:
    desk = staff.sits_down(visitor(size), "front_desk", "/admin/settings/hours")
    staff.fills(desk, {"Provider": "Lena Brandt RN"})
    desk.button("Show").click()
    expect(desk.page.locator("#whose")).to_contain_text("Lena Brandt RN")
    staff.sets_hours(
        desk, "Tuesday", ("works", "09:00", "12:00"), ("break", "10:00", "10:30"), ("works", "14:00", "15:15")
    )
    staff.sets_hours(desk, "Wednesday")
    expect(staff.day_part(desk, "Wednesday")).to_contain_text("Not working")
    staff.saves(desk, desk.page.locator("#week"))
    expect(staff.day_part(desk, "Tuesday").get_by_label("Tuesday, break from")).to_have_value("10:00")

    amara = visitor(size).reaches_times("Chemical peel").picks_day("Tuesday, December 15")
    expect(times(amara)).to_have_text(starts("9:00 AM", "10:30 AM", "10:45 AM", "11:00 AM", "2:00 PM", "2:15 PM"))
    expect(day(amara, "Wednesday, December 16")).to_be_disabled()
    expect(day(amara, "Thursday, December 17")).to_be_enabled()


@pytest.mark.req("P3")
@SIZES
def test_one_date_has_other_hours_until_they_are_taken_back(visitor: Make, size: str) -> None:
    desk = staff.sits_down(visitor(size), "front_desk", "/admin/settings/hours")
    staff.fills(desk, {"Provider": "Lena Brandt RN"})
    desk.button("Show").click()
    form = desk.page.locator("#one-date")
    expect(desk.page.locator("#whose")).to_contain_text("Lena Brandt RN")
    form.get_by_label("Date").fill("2026-12-16")
    staff.sets_hours(desk, "Hours", ("works", "13:00", "14:30"), form="#one-date")
    staff.saves(desk, form)
    expect(form).to_contain_text("13:00–14:30")
    form.get_by_label("Date").fill("2026-12-17")
    staff.sets_hours(desk, "Hours", form="#one-date")
    staff.saves(desk, form)
    expect(form.get_by_role("listitem").nth(1)).to_contain_text("not working")

    amara = visitor(size).reaches_times("Chemical peel").picks_day("Wednesday, December 16")
    expect(times(amara)).to_have_text(starts("1:00 PM", "1:15 PM", "1:30 PM"))
    expect(day(amara, "Thursday, December 17")).to_be_disabled()

    form.get_by_role("button", name=re.compile("Weekly hours again.*Dec 16")).click()
    expect(form).not_to_contain_text("13:00–14:30")
    amara.page.reload()
    expect(amara.time("9:00 AM")).to_be_visible()


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([("works", "17:00", "09:00")], "the earlier one first"),
        ([("works", "09:00", "")], "the earlier one first"),
        ([("works", "09:00", "12:00"), ("works", "11:00", "15:00")], "Two of these overlap"),
        ([("works", "09:00", "12:00"), ("break", "11:30", "12:30")], "A break must lie within its hours"),
    ],
)
@pytest.mark.req("P3")
def test_hours_that_cannot_be_are_refused_beside_their_day(
    site: Site, visitor: Make, lines: list[tuple[str, str, str]], sentence: str
) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/hours")
    before = site.services.ask(version)
    staff.sets_hours(desk, "Thursday", *lines)
    desk.page.locator("#week").get_by_role("button", name="Save").click()
    thursday = staff.day_part(desk, "Thursday")
    expect(thursday).to_contain_text(sentence)
    expect(thursday.locator("input").first).to_be_focused()
    expect(thursday.get_by_label("Thursday, works from").first).to_have_value(lines[0][1])
    assert site.services.ask(version) == before


@pytest.mark.req("P3")
def test_another_line_of_hours_keeps_what_was_typed(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/hours")
    friday = staff.day_part(desk, "Friday")
    friday.get_by_label("Friday, works until").fill("13:00")
    friday.get_by_role("button", name="Add hours").click()
    expect(friday.get_by_label("Friday, works from").nth(1)).to_be_focused()
    expect(friday.get_by_label("Friday, works until").first).to_have_value("13:00")
    friday.get_by_label("Friday, works from").nth(1).fill("15:00")
    friday.get_by_label("Friday, works until").nth(1).fill("18:00")
    friday.get_by_role("button", name="Remove").first.click()
    expect(friday.get_by_label("Friday, works from")).to_have_count(1)
    expect(friday.get_by_label("Friday, works from")).to_have_value("15:00")
    staff.saves(desk, desk.page.locator("#week"))
    expect(friday.get_by_label("Friday, works until")).to_have_value("18:00")


@pytest.mark.req("P3")
@pytest.mark.req("S73")
@SIZES
def test_time_off_takes_times_away_and_tells_of_visits_in_it(visitor: Make, size: str) -> None:
    on = date(2026, 12, 18) if size == "desktop" else date(2026, 12, 11)
    staff.visit_of(visitor(), on, "14:00", "peel")
    desk = staff.sits_down(visitor(size), "front_desk", "/admin/settings/time-off")
    form = staff.part(desk, "Someone is away")
    staff.fills(
        desk,
        {"Who": "Lena Brandt RN", "From": f"{on}T13:00", "Until": f"{on}T18:00", "Why (only staff see it)": "Dentist"},
        form,
    )
    staff.saves(desk, form, button="Add")
    expect(desk.notice).to_contain_text("One visit is booked in that time and stays booked")
    expect(form).to_contain_text("Dentist")
    amara = visitor(size).reaches_times("Chemical peel").picks_day(f"Friday, December {on.day}")
    expect(amara.time("12:00 PM")).to_be_visible()
    expect(amara.time("12:15 PM")).to_be_hidden()
    expect(amara.time("4:00 PM")).to_be_hidden()
    form.get_by_role("button", name="Remove Lena Brandt RN").click()
    expect(form).not_to_contain_text("Dentist")
    amara.page.reload()
    expect(amara.time("4:00 PM")).to_be_visible()


@pytest.mark.req("P3")
def test_a_holiday_closes_the_day(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/time-off")
    form = staff.part(desk, "Closed")
    staff.fills(desk, {"Date": "2026-12-14", "What it is": "Founders’ day", "Where": "Everywhere"}, form)
    staff.saves(desk, form, button="Add")
    expect(form).to_contain_text("Mon, Dec 14, 2026 · everywhere")
    amara = visitor().reaches_times("Hydrating facial").picks_day("Tuesday, December 15")
    expect(day(amara, "Monday, December 14")).to_be_disabled()
    form.get_by_role("button", name="Remove Founders’ day").click()
    expect(form).not_to_contain_text("Founders’ day")
    amara.page.reload()
    amara.picks_day("Monday, December 14")


@pytest.mark.parametrize(
    ("heading", "values", "field", "sentence"),
    [
        (
            "Someone is away",
            {"From": "2026-12-03T12:00", "Until": "2026-12-03T11:00"},
            "end_at",
            "It must end after it begins",
        ),
        ("Someone is away", {"Until": "2026-12-03T11:00"}, "start_at", "Please choose a day and a time"),
        ("Closed", {"What it is": "Founders’ day"}, "on", "Please choose a date"),
        ("Closed", {"Date": "2026-12-14"}, "name", "Please fill this in"),
    ],
)
@pytest.mark.req("P3")
def test_time_off_that_cannot_be_is_refused_beside_its_field(
    site: Site, visitor: Make, heading: str, values: dict[str, str], field: str, sentence: str
) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/time-off")
    before = site.services.ask(version)
    form = staff.part(desk, heading)
    staff.fills(desk, values, form)
    form.get_by_role("button", name="Add", exact=True).click()
    staff.is_refused_beside(desk, field, sentence)
    assert site.services.ask(version) == before

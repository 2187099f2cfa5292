"""The owner keeps the catalogue: previewed while it is typed, ordered by keyboard, and nothing booked is touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.booking import queries, stranded
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.models import Location
from clinic_portal.clinic.queries import catalogue, version
from clinic_portal.patients.queries import by_phone
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.factories import booked
from tests.factories import staff as staff_member
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
THURSDAY = date(2026, 12, 3)
_numbers = iter(range(100, 1000))


@pytest.fixture(autouse=True)
def _kept(site: Site) -> Iterator[None]:
    with staff.clinic_kept(site):
        yield


def books(site: Site, clock: str, service: str = "facial", *, on: date = THURSDAY, provider: str = "lena") -> int:
    """Somebody's visit."""
    n = next(_numbers)
    contact = {"email": f"p{n}@example.org", "phone": f"+1512556{n:04}", "name": ("Pat", f"Number {n}")}
    return booked(site.clinic, f"browser {n}", on, clock, service, provider=provider, **contact).appointment_id


def visit(site: Site, appointment_id: int) -> Visit:
    return site.services.ask(queries.visit, appointment_id)


def asked(someone: Visitor) -> Locator:
    """The question about visits."""
    return someone.page.locator(".asked")


def preview(someone: Visitor) -> Locator:
    """What patients will see."""
    return someone.page.get_by_role("complementary", name="What patients will see")


def save(someone: Visitor, within: str = "main") -> None:
    someone.page.locator(within).get_by_role("button", name="Save", exact=True).click()


@pytest.mark.req("P15")
@pytest.mark.req("S61")
@SIZES
def test_a_service_is_seen_as_patients_will_while_it_is_typed_then_copied_and_ordered(
    site: Site, visitor: Make, size: str
) -> None:
    owner = staff.sits_down(visitor(size), path="/admin/settings/services")
    keys, shown = owner.page.keyboard, preview(owner)
    is_clean_and_fits(owner, "services")
    owner.button("Add a service").click()
    expect(shown).to_contain_text("…")
    staff.fills(owner, {"Name": f"Glow {size}", "Price, USD": "129.50", "Minutes": "75"})
    for told in (f"Glow {size}", "1 hr 15 min", "$129.50", "Patients see it and cannot book it anywhere yet."):
        expect(shown).to_contain_text(told)
    staff.fills(owner, {"Lena Brandt RN": True})
    expect(shown).to_contain_text("With Lena Brandt RN")
    expect(shown.get_by_text("Patients see it and cannot")).to_be_hidden()
    staff.fills(owner, {"Patients may book it online": False})
    expect(shown).to_contain_text("they may not book it online")
    is_clean_and_fits(owner, "a service's form")

    staff.fills(owner, {"Patients may book it online": True, "Price, USD": "12,5x", "Takes effect for, minutes": "90"})
    save(owner)
    expect(owner.page.locator("#processing_minutes-error")).to_contain_text("longer than the")
    staff.is_refused_beside(owner, "price_minor", "an amount such as 240")
    expect(owner.page.locator("#price_minor")).to_have_value("12,5x")
    expect(owner.page.locator("#name")).to_have_value(f"Glow {size}")
    staff.saves(staff.fills(owner, {"Price, USD": "130", "Takes effect for, minutes": "0"}))
    line = staff.line_of(owner, f"Glow {size}")
    expect(line).to_contain_text("$130.00")

    line.get_by_role("button", name="Up").focus()
    lines = owner.page.locator("main section li")
    last = lines.count() - 1
    for place in range(last - 1, 0, -1):
        keys.press("Enter")
        expect(lines.nth(place)).to_contain_text(f"Glow {size}")
        expect(line.get_by_role("button", name="Up")).to_be_focused()
        expect(line.get_by_role("button", name="Up")).to_have_attribute(
            "aria-description", f"{place + 1} of {last + 1}"
        )
    keys.press("Enter")
    expect(line.get_by_role("button", name="Down")).to_be_focused()
    expect(line.get_by_role("button", name="Up")).to_have_count(0)
    amara = visitor(size).opens()
    expect(amara.page.locator("details li h3").first).to_have_text(f"Glow {size}")

    line.get_by_role("button", name="Copy").click()
    expect(owner.page.locator("#name")).to_have_value(f"Copy of Glow {size}")
    expect(shown).to_contain_text("they may not book it online")
    staff.saves(staff.fills(owner, {"Name": f"Radiance {size}", "Patients may book it online": True}))
    expect(owner.page.locator("main section li").nth(1)).to_contain_text(f"Radiance {size}")
    expect(owner.button(f"Change Radiance {size}")).to_be_focused()
    owner.button(f"Change Radiance {size}").click()
    with owner.page.expect_popup() as opened:
        shown.get_by_role("link", name="See it as patients do").click()
    expect(opened.value.get_by_role("button", name=f"Remove Radiance {size}")).to_be_visible()


@pytest.mark.req("P15")
@SIZES
def test_people_places_and_shelves_are_previewed_by_the_parts_of_the_booking_page(visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path="/admin/settings/providers")
    owner.button("Change Lena Brandt RN").click()
    shown = preview(owner)
    expect(shown).to_contain_text("Mon–Sun 09:00–17:00")
    staff.fills(owner, {"Name": "Lena Brandt-Vogel", "Title": "Nurse", "About them": "Ten years of peels."})
    for told in ("Lena Brandt-Vogel", "Nurse", "Ten years of peels.", "LB"):
        expect(shown.locator(".preview-drawn")).to_contain_text(told)
    is_clean_and_fits(owner, "a provider's form")
    owner.button("Do not save").click()
    expect(owner.button("Change Lena Brandt RN")).to_be_focused()
    owner.button("Change Lena Brandt RN").click()
    href = shown.get_by_role("link", name="Hours at Lumen Downtown").get_attribute("href")
    staff.goes_to(owner, href or "")
    expect(owner.page.locator("#whose")).to_have_text("Lena Brandt RN, Lumen Downtown")

    staff.goes_to(owner, "/admin/settings/categories").button("Change Injectables").click()
    staff.fills(owner, {"Description": "By needle"})
    expect(shown.locator(".preview-drawn")).to_contain_text("By needle")
    expect(shown.locator(".preview-drawn h3")).to_have_count(4)
    is_clean_and_fits(owner, "a category's form")

    staff.goes_to(owner, "/admin/settings/locations").button("Change Lumen Downtown").click()
    staff.fills(owner, {"Street and number": "9 Elm St"})
    expect(shown.locator(".preview-drawn")).to_contain_text("9 Elm St, Austin, TX 78701")
    is_clean_and_fits(owner, "a location's form")


@pytest.mark.req("P3")
@pytest.mark.req("P15")
@SIZES
def test_hours_shortened_under_visits_are_asked_about_until_all_were_shown(
    site: Site, visitor: Make, size: str
) -> None:
    on, day = (THURSDAY, "Thursday") if size == "desktop" else (date(2026, 12, 11), "Friday")
    first = books(site, "16:00", on=on)
    desk = staff.sits_down(visitor(size), "front_desk", f"/admin/settings/hours?provider={site.clinic['lena']}")
    staff.sets_hours(desk, day, ("works", "09:00", "12:00"))
    before = site.services.ask(version)
    save(desk, "#week")
    expect(asked(desk)).to_contain_text("One visit is booked there")
    expect(asked(desk)).to_contain_text(visit(site, first).family_name)
    expect(asked(desk).get_by_role("link")).to_have_attribute("href", f"/admin/visit?id={first}")
    expect(desk.button("Do not save")).to_be_focused()
    is_clean_and_fits(desk, "hours, asked")
    assert site.services.ask(version) == before

    second = books(site, "15:00", on=on)
    desk.button("Keep the visits and save").click()
    expect(asked(desk)).to_contain_text("2 visits are booked there")
    expect(staff.day_part(desk, day).get_by_label(f"{day}, works until")).to_have_value("12:00")
    desk.button("Keep the visits and save").click()
    expect(desk.notice).to_contain_text("Saved")
    expect(asked(desk)).to_have_count(0)
    assert [visit(site, one).status for one in (first, second)] == ["booked", "booked"]
    staff.goes_to(desk, f"/admin/visit?id={second}")
    expect(desk.page.locator("main")).to_contain_text(visit(site, second).reference)


@pytest.mark.req("P3")
def test_a_closed_day_and_time_off_are_not_saved_before_it_is_said_that_visits_stay(site: Site, visitor: Make) -> None:
    books(site, "10:00", on=date(2026, 12, 17))
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/time-off")
    closed = staff.part(desk, "Closed")
    staff.fills(desk, {"Date": "2026-12-17", "What it is": "Inventory"}, closed)
    closed.get_by_role("button", name="Add", exact=True).click()
    expect(asked(desk)).to_contain_text("One visit is booked there")
    is_clean_and_fits(desk, "a closed day, asked")
    desk.button("Do not save").click()
    expect(asked(desk)).to_have_count(0)
    expect(closed).not_to_contain_text("everywhere")
    away = staff.part(desk, "Someone is away")
    staff.fills(desk, {"Who": "Lena Brandt RN", "From": "2026-12-17T09:00", "Until": "2026-12-17T12:00"}, away)
    away.get_by_role("button", name="Add", exact=True).click()
    expect(asked(desk)).to_contain_text("Thu, Dec 17, 2026")
    expect(away.get_by_label("Until")).to_have_value("2026-12-17T12:00")
    desk.button("Keep the visits and save").click()
    expect(desk.notice).to_contain_text("One visit is booked in that time and stays booked")


@pytest.mark.req("P15")
@pytest.mark.req("S72")
@SIZES
def test_who_is_switched_off_under_visits_keeps_them_and_is_offered_no_more(
    site: Site, visitor: Make, size: str
) -> None:
    found = books(site, "11:00" if size == "desktop" else "13:00", "peel")
    owner = staff.sits_down(visitor(size), path="/admin/settings/providers")
    line = staff.line_of(owner, "Lena Brandt RN")
    line.get_by_role("button", name="Switch off Lena Brandt RN", exact=True).click()
    expect(asked(owner)).to_contain_text(visit(site, found).family_name)
    is_clean_and_fits(owner, "providers, asked")
    owner.button("Do not switch off").click()
    expect(line.get_by_role("button", name="Switch off Lena Brandt RN", exact=True)).to_be_focused()
    staff.switches_off(owner, "Lena Brandt RN")
    assert visit(site, found).status == "booked"
    amara = visitor(size).opens()
    expect(amara.button("Book now: Hydrating facial")).to_be_visible()
    expect(amara.button("Book now: Chemical peel")).to_be_hidden()
    line.get_by_role("button", name="Switch on").click()
    expect(line.get_by_text("switched off")).to_have_count(0)

    owner.button("Change Lena Brandt RN").click()
    owner.page.get_by_label("Chemical peel").uncheck()
    save(owner)
    expect(asked(owner)).to_contain_text("Chemical peel")
    expect(owner.page.get_by_label("Chemical peel")).not_to_be_checked()
    owner.button("Keep the visits and save").click()
    expect(owner.notice).to_contain_text("Saved")
    assert visit(site, found).provider_id == site.clinic["lena"]


@pytest.mark.req("S72")
def test_a_service_retired_while_in_a_cart_is_said_there_and_cannot_be_booked(site: Site, visitor: Make) -> None:
    amara = visitor().reaches_times("Chemical peel").picks_day("Tuesday, December 8").holds("10:00 AM")
    owner = staff.sits_down(visitor(), path="/admin/settings/services")
    staff.switches_off(owner, "Chemical peel")
    amara.button("Continue").first.click()
    amara.is_at("visit")
    expect(amara.page.locator("main")).to_contain_text("One of these is not offered here. Remove it")
    expect(amara.page.locator("aside")).to_contain_text("not offered here")
    is_clean_and_fits(amara, "a visit with a treatment that is gone")
    amara.page.goto(f"{site.url}/book/policy")
    amara.is_at("visit")
    amara.button("Continue").first.click()
    expect(amara.notice).to_contain_text("cannot be booked here. Please remove it.")
    assert not site.services.ask(by_phone, [amara.e164]), "nobody was booked"


@pytest.mark.req("P15")
def test_the_second_of_two_who_change_the_same_is_told_what_the_first_changed(site: Site, visitor: Make) -> None:
    first = staff.sits_down(visitor(), path="/admin/settings/services")
    second = staff.sits_down(visitor(), path="/admin/settings/services", email="second@lumen.example")
    for one in (first, second):
        one.button("Change Chemical peel").click()
        expect(one.page.locator("#name")).to_have_value("Chemical peel")
    staff.saves(staff.fills(first, {"Price, USD": "200", "Minutes": "50", "Dr. Maya Osei": True}))
    staff.fills(second, {"Price, USD": "190", "Description": "Gentle."})
    save(second)
    expect(second.notice).to_contain_text("Someone changed this meanwhile")
    staff.is_refused_beside(second, "price_minor", "Meanwhile this became “200.00”")
    expect(second.page.locator("#duration_minutes-error")).to_have_text("Meanwhile this became what you see.")
    for field, value in (("price_minor", "190"), ("duration_minutes", "50"), ("description", "Gentle.")):
        expect(second.page.locator(f"#{field}")).to_have_value(value)
    expect(second.page.get_by_label("Dr. Maya Osei")).to_be_checked()
    is_clean_and_fits(second, "changed meanwhile")
    staff.saves(second)
    kept = site.services.ask(catalogue).services[site.clinic["peel"]]
    assert (kept.price_minor, kept.duration_minutes, kept.description) == (19000, 50, "Gentle.")
    assert kept.provider_ids == {site.clinic["maya"], site.clinic["lena"]}

    hours = f"/admin/settings/hours?provider={site.clinic['maya']}"
    for one in (first, second):
        staff.goes_to(one, hours)
    staff.sets_hours(first, "Sunday", ("works", "09:00", "16:00"))
    staff.saves(first, first.page.locator("#week"))
    staff.sets_hours(second, "Saturday", ("works", "10:00", "17:00"))
    save(second, "#week")
    expect(second.page.locator("#sun-error")).to_contain_text("Meanwhile this became 09:00–16:00")
    expect(staff.day_part(second, "Saturday").get_by_label("Saturday, works from")).to_have_value("10:00")


@pytest.mark.req("P9")
@pytest.mark.req("S61")
def test_rooms_that_are_needed_stay_and_a_shelf_goes_and_comes_back(visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/rooms")
    staff.line_of(owner, "needed by 1 service").get_by_role("button", name="Switch off").click()
    expect(owner.notice).to_contain_text("Laser hair removal could not be booked any more")
    staff.line_of(owner, "needed by 1 service").get_by_role("button", name="Up").click()
    expect(owner.page.locator("main section li").first).to_contain_text("Laser")

    staff.goes_to(owner, "/admin/settings/categories")
    staff.switches_off(owner, "Injectables")
    amara = visitor().opens()
    expect(amara.page.get_by_text("No treatments can be booked online yet")).to_be_visible()
    staff.line_of(owner, "Injectables").get_by_role("button", name="Switch on").click()
    expect(staff.line_of(owner, "Injectables").get_by_text("switched off")).to_have_count(0)
    amara.opens()
    expect(amara.button("Book now: Hydrating facial")).to_be_visible()
    staff.line_of(owner, "Injectables").get_by_role("button", name="Remove").click()
    expect(owner.notice).to_contain_text("Services stand in it")
    assert re.search("categories", owner.page.url)


@pytest.mark.req("P3")
def test_what_is_booked_at_a_location_that_is_retired_stays_in_sight(site: Site, visitor: Make) -> None:
    number = books(site, "10:00", on=date(2026, 12, 10))
    owner, here = staff.sits_down(visitor(), "owner", "/admin"), site.clinic["downtown"]
    uptown = {"slug": "uptown", "name": "Lumen Uptown", "street": "2 High Street", "city": "Austin", "country": "US"}
    more = {"postal_code": "78702", "time_zone": "America/Chicago", "position": 9}
    site.services.do(lambda work: work.session.add(Location(**uptown, **more)))
    stays = site.services.ask(stranded.standing_on, "location", here)
    actor = staff_member(site.services, "owner").actor
    site.services.do(stranded.switch, actor, "location", here, is_active=False, seen=stays)
    staff.goes_to(owner, f"/admin/calendar?on=2026-12-10&location={here}")
    expect(owner.page.locator("main")).to_contain_text("Lumen Downtown (closed) · ")
    expect(owner.page.locator("main")).to_contain_text(visit(site, number).family_name)
    is_clean_and_fits(owner, "a closed location's calendar")
    staff.goes_to(owner, "/admin?on=2026-12-10")
    owner.page.get_by_label("Location").select_option(label="Lumen Downtown (closed)")
    expect(owner.page.locator("main")).to_contain_text(visit(site, number).family_name)
    is_clean_and_fits(owner, "a closed location's day")

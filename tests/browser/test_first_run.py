"""The first run: from an empty installation to a patient who booked its first service, by clicking (P15)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clinic_portal.accounts import staff as people
from clinic_portal.accounts.models import Staff
from clinic_portal.booking.models import Appointment
from clinic_portal.clinic import models as clinic
from clinic_portal.setup import first_run
from tests.browser.journey import Visitor
from tests.browser.staff_journey import goes_to
from tests.browser.test_access import is_clean_and_fits
from tests.factories import PASSWORD, rows
from tests.site import Site

Make = Callable[..., Visitor]
OWNER = {"#name": "Ada Osei", "#email": "ada@aurora.example", "#password": PASSWORD}
LONG = "Wilhelmina-Alexandrina van der Westhuizen-Featherstonehaugh of Aurora on the Hill"[:80]


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty installation of each test's own, started as its owner starts it."""
    made = Site(tmp_path_factory.mktemp("empty"), clinic=False)
    made.start()
    yield made
    made.kill()


def address(site: Site) -> str:
    """What the server said when it started."""
    found = re.search(r"^Set up your clinic: (\S+)$", site.log.read_text(), re.MULTILINE)
    assert found, site.log.read_text()
    return found[1]


def is_at(page: Page, step: str) -> None:
    """The page shows a step, whose heading has the focus."""
    page.wait_for_url(re.compile(rf"/setup/{step}$"))
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator("#step-title")).to_be_focused()


def claims(ada: Visitor) -> Visitor:
    """Become the owner by the address the server said."""
    ada.page.goto(address(ada.site))
    for field, value in OWNER.items():
        ada.page.locator(field).fill(value)
    ada.button("Continue").click()
    is_at(ada.page, "clinic")
    return ada


def fills(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#{name}").fill(value)


def continues(ada: Visitor, to: str) -> Visitor:
    ada.button("Continue").click()
    is_at(ada.page, to)
    return ada


class Clicks:
    """Counts what a person does with the mouse."""

    def __init__(self, page: Page) -> None:
        self.count, self.begun = 0, time.monotonic()
        page.expose_function("clickCounted", self._one)
        page.add_init_script("addEventListener('click', (e) => e.isTrusted && window.clickCounted(), true)")

    def _one(self) -> None:
        self.count += 1


@pytest.mark.req("P15")
@pytest.mark.req("P3")
@pytest.mark.req("S61")
@pytest.mark.req("B9")
def test_an_owner_clicks_from_an_empty_installation_to_a_patient_who_books(
    visitor: Make, site: Site, record_property: Callable[[str, object], None]
) -> None:
    ada = visitor(timezone_id="America/Chicago")
    page, clicks = ada.page, Clicks(ada.page)
    claims(ada)
    is_clean_and_fits(ada, "clinic")
    fills(page, name="Aurora Skin", email="hello@aurora.example", phone="(512) 555-0100")
    continues(ada, "location")
    expect(page.locator("#name")).to_have_value("Aurora Skin")
    expect(page.locator("#time_zone")).to_have_value("America/Chicago")
    is_clean_and_fits(ada, "location")
    fills(page, street="214 Congress Ave", city="Austin", region="TX", postal_code="78701")
    continues(ada, "provider")
    expect(page.locator("#name")).to_have_value("Ada Osei")
    is_clean_and_fits(ada, "provider")
    continues(ada, "hours")
    expect(page.get_by_label("Friday, works until")).to_have_value("17:00")
    is_clean_and_fits(ada, "hours")
    continues(ada, "service")
    is_clean_and_fits(ada, "service")
    ada.button("Hydrating facial").click()
    expect(page.locator("#duration_minutes")).to_have_value("60")
    fills(page, price_minor="95")
    continues(ada, "address")
    expect(page.locator("#booking")).to_have_value(f"{site.url}/book")
    expect(page.get_by_text("Only this computer or network can open localhost")).to_be_visible()
    expect(page.get_by_text("Patients prove their phone by a code in a text")).to_be_visible()
    expect(page.get_by_alt_text("QR code of your booking address")).to_have_js_property("complete", True)
    assert page.get_by_alt_text("QR code of your booking address").evaluate("one => one.naturalWidth") > 100
    is_clean_and_fits(ada, "address")
    page.get_by_role("link", name="Finish").click()
    is_at(page, "done")
    expect(page.get_by_role("link", name="Write your cancellation policy")).to_be_visible()
    is_clean_and_fits(ada, "done")
    seconds = time.monotonic() - clicks.begun
    record_property("clicks", clicks.count)
    record_property("seconds", round(seconds))
    print(f"first run: {clicks.count} clicks, {seconds:.0f} s, the accessibility checks included")
    assert clicks.count < 30

    amara = visitor("phone")
    amara.page.goto(f"{site.url}/book")
    amara.adds("Hydrating facial").goes_on("details").fills_details().goes_on("code").proves_phone()
    amara.goes_on("provider").chooses("First available").picks_day("Tuesday, November 24").holds("10:00 AM")
    amara.goes_on("policy")
    amara.button(re.compile("^(Confirm|Book)")).click()
    amara.is_at("confirmed")
    reference = amara.page.locator("#reference").inner_text()
    assert reference.startswith("AUR-")
    [visit] = rows(site.services, Appointment)
    assert (visit.status, visit.reference) == ("booked", reference)

    goes_to(ada, "/admin")
    [me] = site.services.ask(people.members)
    assert (me.role, me.provider_id) == ("owner", 1)
    expect(page.locator("#first-steps-title")).to_be_visible()
    expect(page.locator(".first-steps .done")).to_contain_text("Book a test visit")
    is_clean_and_fits(ada, "today with first steps")
    ada.button("Put this list away").click()
    expect(page.locator("#first-steps-title")).to_have_count(0)
    goes_to(ada, "/setup/hours")
    page.wait_for_url(f"{site.url}/admin/settings/hours")
    goes_to(ada, "/admin")
    expect(page.locator("#first-steps-title")).to_have_count(0)


@pytest.mark.req("B9")
def test_the_whole_first_run_by_keyboard_alone(visitor: Make, site: Site) -> None:
    ada = visitor(timezone_id="Europe/London", locale="en-GB")
    page = ada.page

    def tab_to(selector: str, most: int = 90) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    def types(selector: str, text: str) -> None:
        tab_to(selector)
        page.keyboard.type(text)

    def goes_on(to: str) -> None:
        tab_to("button[type=submit]")
        page.keyboard.press("Enter")
        is_at(page, to)

    page.goto(address(site))
    expect(page.locator("#step-title")).to_be_focused()
    for field, value in OWNER.items():
        types(field, value)
    goes_on("clinic")
    types("#name", "Aurora Skin")
    types("#email", "hello@aurora.example")
    types("#phone", "+44 20 7946 0018")
    expect(page.locator("#phone_region")).to_have_value("GB")
    expect(page.locator("#currency")).to_have_value("GBP")
    tab_to("#phone_region")
    page.keyboard.type("Ireland")
    expect(page.locator("#currency")).to_have_value("EUR")
    goes_on("location")
    types("#street", "1 High Street")
    types("#city", "Bath")
    goes_on("provider")
    tab_to("#is_me")
    page.keyboard.press("Space")
    expect(page.locator("#name")).to_have_value("")
    types("#name", "Dr. Grace Moyo")
    goes_on("hours")
    tab_to(".btn.ghost.small")
    page.keyboard.press("Enter")
    goes_on("service")
    goes_on("address")
    tab_to("main a.btn:not(.ghost)")
    page.keyboard.press("Enter")
    is_at(page, "done")
    assert site.services.ask(first_run.is_open)
    assert [one.name for one in rows(site.services, clinic.Provider)] == ["Dr. Grace Moyo"]
    assert site.services.ask(people.members)[0].provider_id is None
    [made] = rows(site.services, clinic.Clinic)
    assert (made.phone_region, made.currency, made.language, made.phone) == ("IE", "EUR", "en-IE", "+442079460018")


@pytest.mark.req("P15")
def test_a_stranger_finds_nothing_and_the_owner_goes_on_wherever_they_were_interrupted(
    visitor: Make, site: Site
) -> None:
    eve = visitor()
    for path in ("/", "/book", "/portal", "/sign-in", "/packages", "/no/such/page"):
        eve.page.goto(site.url + path)
        expect(eve.page.get_by_role("heading")).to_have_text("We are not open for booking yet")
    is_clean_and_fits(eve, "not open yet")
    eve.page.goto(f"{site.url}/admin/settings/team")
    eve.page.wait_for_url(f"{site.url}/setup")
    for field, value in {**OWNER, "#key": "000000-000000"}.items():
        eve.page.locator(field).fill(value)
    eve.button("Continue").click()
    expect(eve.page.locator("#key-error")).to_contain_text("This is not the setup key")
    expect(eve.page.locator("#email")).to_have_value(OWNER["#email"])
    is_clean_and_fits(eve, "wrong key")
    assert rows(site.services, Staff) == []

    ada = visitor(timezone_id="Asia/Kathmandu")
    page = ada.page
    page.goto(address(site))
    for field, value in {**OWNER, "#password": "ada osei ada osei"}.items():
        page.locator(field).fill(value)
    ada.button("Continue").click()
    expect(page.locator("#password-error")).to_contain_text("guess")
    expect(page.locator("#name")).to_have_value("Ada Osei")
    page.locator("#password").fill(PASSWORD)
    ada.button("Continue").click()
    is_at(page, "clinic")

    eve.page.goto(address(site))
    expect(eve.heading).to_have_text("Sign in to go on")
    is_clean_and_fits(eve, "claimed")

    ada.button("Continue").click()
    expect(page.locator("#name-error")).not_to_be_empty()
    expect(page.locator("#name")).to_be_focused()
    is_clean_and_fits(ada, "clinic with errors")
    fills(page, name=LONG, email="hello@aurora.example", phone="(512) 555-0100")
    second = page.context.new_page()
    second.goto(f"{site.url}/setup/service")
    is_at(second, "clinic")
    fills(second, name="Aurora", email="hi@aurora.example", phone="(512) 555-0101")
    second.get_by_role("button", name="Continue").click()
    is_at(second, "location")
    continues(ada, "location")
    assert [one.name for one in rows(site.services, clinic.Clinic)] == [LONG]
    is_clean_and_fits(ada, "long names")

    page.reload()
    is_at(page, "location")
    expect(page.locator("#time_zone")).to_have_value(re.compile("^Asia/Kat"))  # as this browser spells it
    page.get_by_role("link", name="Back").click()
    is_at(page, "clinic")
    expect(page.locator("#name")).to_have_value(LONG)
    page.go_back()
    is_at(page, "location")

    site.clock.advance(timedelta(minutes=site.settings.staff_idle_minutes + 1))
    fills(page, street="1 Durbar Marg", city="Kathmandu")
    ada.button("Continue").click()
    page.wait_for_url(re.compile(r"/admin/sign-in"))
    ada.fills_sign_in(OWNER["#email"]).button("Sign in").click()
    is_at(page, "location")
    fills(page, street="1 Durbar Marg", city="Kathmandu")
    continues(ada, "provider")
    fills(page, name="")
    ada.button("Continue").click()
    expect(page.locator("#name-error")).not_to_be_empty()
    fills(page, name=LONG)
    continues(ada, "hours")
    for line in range(5, 0, -1):
        page.get_by_role("button", name=re.compile("^✕? ?Remove")).first.click()
        expect(page.get_by_role("button", name=re.compile("Remove"))).to_have_count(line - 1)
    ada.button("Continue").click()
    expect(page.locator("#mon-error")).to_contain_text("Without any hours nobody can book")
    is_clean_and_fits(ada, "hours with an error")
    ada.button("Monday to Saturday, 10 to 6").click()
    expect(page.get_by_label("Saturday, works from")).to_have_value("10:00")
    continues(ada, "service")
    fills(page, name="", price_minor="a lot", category="")
    ada.button("Continue").click()
    for field in ("name", "price_minor", "category"):
        expect(page.locator(f"#{field}-error")).not_to_be_empty()
    is_clean_and_fits(ada, "service with errors")
    fills(page, name=LONG, price_minor="0", category="Skin")
    continues(ada, "address")
    page.goto(f"{site.url}/setup")
    is_at(page, "done")
    eve.page.goto(site.url)
    expect(eve.page.get_by_role("heading", name=LONG, level=1)).to_be_visible()

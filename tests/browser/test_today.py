"""The board a front desk lives in: who comes, who is late, who is here; checked in and out from it (P15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count, cycle
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import update

from clinic_portal.accounts.models import Staff
from clinic_portal.booking.types import Visit
from clinic_portal.core.db import table
from clinic_portal.patients.actions import profile_for_booking
from clinic_portal.patients.types import Contact
from clinic_portal.scheduling.availability import instant
from tests import desk_kit, factories
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import till
from tests.fees_kit import has_booked
from tests.forms_kit import INTAKE, put
from tests.site import Site
from tests.visits_kit import checks_in, checks_out, has_items, now_of, reserves

pytestmark = pytest.mark.req("P15")
Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
_people = count(1)
_days = cycle(date(2026, 11, 28) + timedelta(days=n) for n in range(24))
"""Each test has a day of its own."""


@pytest.fixture
def on() -> date:
    return next(_days)


def is_now(site: Site, on: date, clock: str) -> None:
    """The clock on the wall in Chicago."""
    site.clock.set(instant(factories.minute(on, clock)) + timedelta(seconds=10))


def comes(site: Site, name: str, at: str, service: str = "facial", *, on: date, who: str = "lena") -> Visit:
    """Somebody the front desk booked for that day."""
    n = next(_people)
    contact = Contact(name, "Reed", f"{name.lower()}{n}@example.org", f"+1512777{n:04}")
    someone = site.services.do(profile_for_booking, contact, language="en")
    return desk_kit.books(site.clinic, someone, at, service, on=on, who=who)


def row(desk: Visitor, visit: Visit) -> Locator:
    """The visit in the list."""
    return desk.page.locator(f"#visit-{visit.appointment_id}")


def group(desk: Visitor, key: str) -> Locator:
    """A group of the list."""
    return desk.page.locator(f"#group-{key}")


@SIZES
def test_the_day_stands_in_groups_and_a_patient_is_checked_in_and_out_from_it(
    site: Site, visitor: Make, on: date, size: str
) -> None:
    put(site.clinic, "intake", "questionnaire", INTAKE, ["peel"])
    late, next_one = comes(site, "Noor", "09:00", on=on), comes(site, "Amara", "10:00", "botox", on=on, who="maya")
    here, done = comes(site, "Wei", "09:40", on=on), comes(site, "Priya", "09:00", on=on, who="maya")
    lacking = comes(site, "Ines", "13:00", "peel", on=on)
    lot = has_items(site.services, next_one.patient_id, 3, service_id=site.clinic["botox"], name="Botox — forehead")
    reserves(site.services, next_one, lot)
    is_now(site, on, "09:20")
    checks_in(site.services, done)
    checks_out(site.services, done)
    checks_in(site.services, here)
    desk = staff.sits_down(visitor(size), "front_desk")
    for key, visits in (("late", [late]), ("coming", [next_one, lacking]), ("here", [here]), ("done", [done])):
        for one in visits:
            expect(group(desk, key).locator(f"#visit-{one.appointment_id}")).to_have_count(1)
    expect(row(desk, done)).to_be_hidden()  # folded: it is over
    expect(row(desk, late)).to_contain_text("20 min late")
    expect(row(desk, late).get_by_role("link", name="Call +1 512-777")).to_have_attribute(
        "href", f"tel:{_phone(site, late)}"
    )
    expect(row(desk, here)).to_contain_text("Waiting, here since 9:20")
    for told in ("First visit", "Package pays 1 Botox — forehead, 2 left", "Nothing due", "Dr. Maya Osei · Room"):
        expect(row(desk, next_one)).to_contain_text(told)
    expect(row(desk, lacking).get_by_role("link", name="1 form missing")).to_have_attribute(
        "href", f"/admin/patient?id={lacking.patient_id}&view=more"
    )
    expect(row(desk, lacking)).to_contain_text("$180.00 due")
    expect(desk.page.get_by_text("Never logged in")).to_be_visible()
    is_clean_and_fits(desk, "the day")
    desk.button(re.compile("Check in.*Amara")).click()
    expect(desk.notice).to_contain_text("is here")
    expect(desk.notice).to_contain_text("Used from the wallet: 1 Botox — forehead (2 left).")
    expect(desk.notice).to_be_focused()
    expect(group(desk, "here")).to_contain_text("Amara")
    desk.button(re.compile("Undo check-in.*Amara")).click()
    expect(desk.notice).to_contain_text("The check-in is taken back")
    expect(group(desk, "coming")).to_contain_text("Amara")
    row(desk, here).get_by_role("link", name="Check out, $95.00 due").click()
    expect(desk.heading).to_contain_text("Wei")
    desk.page.get_by_label("Cash").click()
    desk.button("Check out, $95.00").click()
    expect(desk.notice).to_contain_text("$95.00 paid at the clinic")
    staff.goes_to(desk, "/admin")
    group(desk, "done").locator("summary").click()
    expect(row(desk, here)).to_contain_text("$95.00 paid here")


def _phone(site: Site, visit: Visit) -> str:
    return now_of(site.services, visit).phone


@pytest.mark.req("P5")
def test_a_no_show_says_what_it_costs_before_it_is_one(site: Site, visitor: Make, on: date) -> None:
    visit = has_booked(site.clinic, till(site.services), on=on, clock="10:00", email=f"missed{on}@example.org")
    is_now(site, on, "10:30")
    desk = staff.sits_down(visitor(), "front_desk")
    desk.button(re.compile("No-show.*Amara")).click()
    asked = row(desk, visit).get_by_role("group")
    expect(asked.get_by_role("heading")).to_be_focused()
    expect(asked).to_contain_text("This cannot be taken back")
    expect(asked).to_contain_text("$120.00 is charged to Visa")
    is_clean_and_fits(desk, "asked")
    asked.get_by_role("button", name="Not yet").click()
    expect(desk.page.locator(f"#missed-{visit.appointment_id}")).to_be_focused()
    desk.button(re.compile("No-show.*Amara")).click()
    desk.button("Did not come: charge $120.00").click()
    expect(desk.notice).to_contain_text("Marked as missed, $120.00 paid")
    expect(group(desk, "missed")).to_have_count(1)
    assert now_of(site.services, visit).status == "noshow"


def test_what_earlier_days_left_open_is_told_and_settled(site: Site, visitor: Make, on: date) -> None:
    visit = comes(site, "Zelda", "09:00", on=on)
    lot = has_items(site.services, visit.patient_id, 1, service_id=site.clinic["facial"])
    reserves(site.services, visit, lot)
    is_now(site, on + timedelta(days=1), "09:00")
    desk = staff.sits_down(visitor(), "front_desk")
    left = desk.page.locator("#left-open")
    left.locator("summary").click()
    line = left.get_by_role("listitem").filter(has_text="Zelda")
    expect(line).to_contain_text("never checked in, 1 treatment of the wallet kept for it")
    is_clean_and_fits(desk, "left open")
    line.get_by_role("link", name="Zelda").click()
    desk.button("Check out").click()
    expect(desk.notice).to_contain_text("All is paid.")
    staff.goes_to(desk, "/admin")
    expect(desk.page.locator("#left-open").get_by_text("Zelda")).to_have_count(0)


def test_the_day_is_narrowed_to_a_provider_and_turned(site: Site, visitor: Make, on: date) -> None:
    with_lena, with_maya = comes(site, "Noor", "09:00", on=on), comes(site, "Wei", "10:00", on=on, who="maya")
    is_now(site, on, "08:30")
    desk = staff.sits_down(visitor(), "front_desk")
    desk.page.get_by_label("Provider", exact=True).select_option(label="Lena Brandt RN")
    expect(row(desk, with_maya)).to_have_count(0)
    expect(row(desk, with_lena)).to_be_visible()
    expect(desk.page.locator(".day-column")).to_have_count(1)
    desk.page.get_by_label("Provider", exact=True).select_option(label="Everyone")
    expect(row(desk, with_maya)).to_be_visible()
    desk.button("Day after").click()
    expect(row(desk, with_maya)).to_have_count(0)
    desk.button("Today").click()
    expect(row(desk, with_maya)).to_be_visible()
    expect(desk.page.get_by_role("link", name="Open in the calendar")).to_have_attribute(
        "href", f"/admin/calendar?on={on}&location={site.clinic['downtown']}"
    )


def test_a_patient_is_not_checked_in_before_their_day(site: Site, visitor: Make, on: date) -> None:
    visit = comes(site, "Early", "09:00", on=on)
    is_now(site, on - timedelta(days=1), "09:00")
    desk = staff.sits_down(visitor(), "front_desk", f"/admin?on={on}")
    expect(row(desk, visit)).to_be_visible()
    expect(desk.button("Check in")).to_have_count(0)


def test_two_desks_see_each_others_check_ins(site: Site, visitor: Make, on: date) -> None:
    visit = comes(site, "Amara", "10:00", on=on)
    is_now(site, on, "09:50")
    one, other = staff.sits_down(visitor(), "front_desk"), staff.sits_down(visitor(), "owner")
    expect(group(other, "coming")).to_contain_text("Amara")
    one.button(re.compile("Check in.*Amara")).click()
    expect(group(other, "here")).to_contain_text("Amara")
    expect(row(other, visit)).to_contain_text("Waiting")
    other.button(re.compile("Undo check-in.*Amara")).click()
    expect(group(one, "coming")).to_contain_text("Amara")
    staff.goes_to(other, "/admin/patients")
    one.button(re.compile("Check in.*Amara")).click()
    expect(one.notice).to_contain_text("is here")
    other.page.wait_for_timeout(1200)  # the listener has been there: what it does not change is told by nothing
    expect(other.heading).to_have_text("Patients")


@pytest.mark.parametrize(("role", "runs"), [("provider", True), ("read_only", False)])
def test_each_role_sees_what_it_may_and_no_button_it_may_not_use(
    site: Site, visitor: Make, on: date, role: str, runs: bool
) -> None:
    visit = comes(site, "Amara", "10:00", on=on)
    is_now(site, on, "10:20")
    someone = staff.sits_down(visitor(), role)
    expect(row(someone, visit)).to_contain_text("20 min late")
    expect(someone.button(re.compile("Check in.*Amara"))).to_have_count(1 if runs else 0)
    expect(someone.button(re.compile("No-show.*Amara"))).to_have_count(0)
    expect(someone.page.get_by_role("link", name="New appointment")).to_have_count(1 if runs else 0)
    expect(someone.page.get_by_text("Never logged in")).to_have_count(0)  # a sum of the whole clinic
    assert ("$95.00 due" in row(someone, visit).inner_text()) is runs


def test_a_provider_who_sees_their_own_calendar_alone_finds_nobody_elses_visits(
    site: Site, visitor: Make, on: date
) -> None:
    mine, other = comes(site, "Noor", "09:00", on=on), comes(site, "Wei", "10:00", on=on, who="maya")
    is_now(site, on, "08:30")
    email = "lena-alone@lumen.example"
    factories.staff(site.services, "provider", email=email)
    alone = {"provider_id": site.clinic["lena"], "sees_every_calendar": False}
    _set(site, email, **alone)
    lena = staff.sits_down(visitor(), "provider", email=email)
    expect(row(lena, mine)).to_be_visible()
    expect(row(lena, other)).to_have_count(0)
    expect(lena.page.get_by_label("Provider", exact=True)).to_have_count(0)


def _set(site: Site, email: str, **values: Any) -> None:
    columns = table(Staff)
    site.services.do(lambda work: work.execute(update(columns).where(columns.c.email == email).values(**values)))


def test_slash_leads_to_the_search_unless_somebody_types(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk")
    search = desk.page.get_by_label("Search patients")
    desk.page.locator("body").press("/")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    desk.page.keyboard.type("a/b")
    expect(search).to_have_value("a/b")


def test_a_day_nobody_is_booked_on_says_so(site: Site, visitor: Make, on: date) -> None:
    is_now(site, on + timedelta(days=60), "09:00")
    desk = staff.sits_down(visitor(), "front_desk")
    expect(desk.page.locator("#nobody")).to_contain_text("Nobody is expected on this day.")
    expect(desk.page.locator("#left-open")).to_have_count(0)
    is_clean_and_fits(desk, "an empty day")


def test_patients_are_checked_in_with_the_keyboard_alone(site: Site, visitor: Make, on: date) -> None:
    visit = comes(site, "Amara", "10:00", on=on)
    is_now(site, on, "09:50")
    desk = staff.sits_down(visitor(), "front_desk")
    button = desk.page.locator(f"#in-{visit.appointment_id}")
    for _ in range(60):
        desk.page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    desk.page.keyboard.press("Enter")
    expect(desk.notice).to_contain_text("is here")

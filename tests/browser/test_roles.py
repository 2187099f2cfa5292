"""Who sees what, changed while they look: the page that stands open closes, in kind words; and the log tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from clinic_portal.accounts.models import Staff
from clinic_portal.booking import queries
from clinic_portal.core.db import table
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.factories import booked
from tests.site import Site

pytestmark = pytest.mark.req("P15")
Make = Callable[..., Visitor]
MONDAY = date(2026, 11, 30)
OWN = "Only their own"


def visit_of(site: Site, service: str, clock: str, family: str, number: int) -> int:
    """A visit of a patient of that name; the patient's id."""
    who = {"email": f"{family.lower()}@example.org", "phone": f"+1512555{number}", "name": ("Zelda", family)}
    done = booked(site.clinic, f"roles {family}", MONDAY, clock, service, **who)
    return site.services.ask(queries.visit, done.appointment_id).patient_id


def has_calendar(site: Site, email: str, provider: str = "maya") -> None:
    """Somebody of the team has a provider's calendar."""
    columns = table(Staff)
    of = update(columns).where(columns.c.email == email).values(provider_id=site.clinic[provider])
    site.services.do(lambda work: work.execute(of))


def changes(owner: Visitor, email: str, **values: str) -> Visitor:
    """The owner changes somebody of the team."""
    staff.goes_to(owner, "/admin/settings/team")
    owner.page.locator("li", has_text=email).get_by_role("button", name=re.compile("^Change ")).click()
    staff.fills(owner, {name.replace("_", " "): value for name, value in values.items()})
    return staff.saves(owner)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_provider_sees_less_from_their_next_click_on(site: Site, visitor: Make, size: str) -> None:
    email, tail = f"maya-{size}@lumen.example", "Q" if size == "desktop" else "P"
    theirs = visit_of(site, "peel", "13:00" if size == "desktop" else "15:00", f"Lenas{tail}", 7301 + len(size))
    own = visit_of(site, "botox", "09:00" if size == "desktop" else "11:00", f"Mayas{tail}", 7321 + len(size))
    maya = staff.sits_down(visitor(size), "provider", f"/admin/patient?id={theirs}", email=email)
    has_calendar(site, email)
    expect(maya.heading).to_have_text(f"Zelda Lenas{tail}")

    owner = staff.sits_down(visitor(size))
    narrowed = {"Which_calendars_a_provider_sees": OWN, "Which_patients_a_provider_sees": OWN}
    changes(owner, email, **narrowed)
    line = owner.page.locator("li", has_text=email)
    expect(line).to_contain_text("sees only their own calendar and patients")

    maya.page.get_by_role("link", name="Appointments", exact=True).click()
    expect(maya.page.get_by_text("There is no such patient")).to_be_visible()
    expect(maya.page.locator("body")).not_to_contain_text(f"Lenas{tail}")
    staff.searches(maya, f"zelda lenas{tail}")
    expect(maya.page.locator("main")).not_to_contain_text(f"Zelda Lenas{tail}")
    staff.goes_to(maya, f"/admin/patient?id={own}")
    expect(maya.heading).to_have_text(f"Zelda Mayas{tail}")
    staff.goes_to(maya, f"/admin/calendar?on={MONDAY.isoformat()}")
    expect(maya.page.locator("main")).to_contain_text(f"Mayas{tail}")
    expect(maya.page.locator("main")).not_to_contain_text(f"Lenas{tail}")

    staff.goes_to(owner, "/admin/log?what=team")
    told = owner.page.locator("#log li").first
    expect(told).to_contain_text("changed someone of the team")
    expect(told).to_contain_text("sees every patient: yes → no")


def test_a_click_on_an_open_page_after_that_shows_what_is_left(site: Site, visitor: Make) -> None:
    """No navigation: a button of the page itself."""
    email = "maya-open@lumen.example"
    theirs = visit_of(site, "peel", "11:00", "Lenaso", 7341)
    maya = staff.sits_down(visitor(), "provider", f"/admin/patient?id={theirs}&view=history", email=email)
    has_calendar(site, email)
    opens = maya.page.get_by_role("button", name=re.compile("Open the (medical )?history|Open it|Read", re.I)).first
    expect(opens).to_be_visible()
    narrowed = {"Which_calendars_a_provider_sees": OWN, "Which_patients_a_provider_sees": OWN}
    changes(staff.sits_down(visitor()), email, **narrowed)
    opens.click()
    expect(maya.page.get_by_text("There is no such patient")).to_be_visible()
    expect(maya.page.locator("body")).not_to_contain_text("Lenaso")


def test_a_role_changed_while_signed_in_ends_at_the_door_and_comes_back_as_what_it_is_now(
    site: Site, visitor: Make
) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/patients", email="desk-role@lumen.example")
    expect(desk.page.locator(".desk-nav")).to_contain_text("Payments")
    changes(staff.sits_down(visitor()), desk.email, Role="Read only")
    desk.page.get_by_role("link", name="Payments", exact=True).click()
    desk.page.wait_for_url(re.compile("/admin/sign-in"))
    expect(desk.page.locator("body")).to_contain_text("signed out")
    staff.is_in(staff.types_password(desk))
    expect(desk.page.locator(".desk-foot")).to_contain_text("Read only")
    expect(desk.page.locator(".desk-nav")).not_to_contain_text("Payments")
    staff.goes_to(desk, "/admin/patients")


def test_who_is_switched_off_while_signed_in_is_out_and_stays_out(site: Site, visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/patients", email="desk-off@lumen.example")
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    owner.page.locator("li", has_text=desk.email).get_by_role("button", name=re.compile("^Switch off")).click()
    expect(owner.page.locator("li", has_text=desk.email)).to_contain_text("not let in")
    desk.page.get_by_role("link", name="Today", exact=True).click()
    desk.page.wait_for_url(re.compile("/admin/sign-in"))
    staff.types_password(desk)
    expect(desk.page.locator("#told")).to_contain_text("do not go together")


def test_the_last_owner_stays_and_is_told_why(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    mine = owner.page.locator("li", has_text="owner@lumen.example")
    mine.get_by_role("button", name=re.compile("^Switch off")).click()
    expect(owner.notice).to_contain_text("One owner must stay")
    mine.get_by_role("button", name=re.compile("^Change ")).click()
    staff.fills(owner, {"Role": "Provider", "Whose calendar is theirs": "Dr. Maya Osei"})
    owner.page.get_by_role("button", name="Save", exact=True).click()
    staff.is_refused_beside(owner, "role", "Nothing was changed")


def test_a_provider_is_invited_to_their_own_and_told_where_that_would_be_nobodys(site: Site, visitor: Make) -> None:
    owner = staff.sits_down(visitor(), path="/admin/settings/team")
    owner.button("Invite someone").click()
    new = {"Name": "Kim Reyes", "E-mail": "kim@lumen.example", "Role": "Provider", "Whose calendar is theirs": "None"}
    staff.fills(owner, new)
    owner.page.get_by_role("button", name="Save", exact=True).click()
    staff.is_refused_beside(owner, "provider_id", "Please choose whose calendar is theirs")
    is_clean_and_fits(owner, "team, refused")
    staff.saves(staff.fills(owner, {"Whose calendar is theirs": "Dr. Maya Osei"}), told="Invited")
    expect(owner.page.locator("li", has_text="kim@lumen.example")).to_contain_text("their own calendar and patients")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_activity_log_is_searched_and_the_address_says_all_but_the_words(
    site: Site, visitor: Make, size: str
) -> None:
    visit_of(site, "hair", "09:00" if size == "desktop" else "10:00", f"Logan{size}", 7361 + len(size))
    owner = staff.sits_down(visitor(size), path="/admin/log")
    expect(owner.page.locator("#log li").first).to_be_visible()
    expect(owner.page.locator("#head")).to_have_text(re.compile(r"[0-9a-f]{64}:\d+"))
    is_clean_and_fits(owner, "log")
    search = owner.page.locator("#log-search")
    staff.fills(owner, {"Words": f"logan{size}", "What about": "Visits"}, search)
    search.get_by_role("button", name="Search").click()
    owner.page.wait_for_url(re.compile(r"\?what=visits&words=kept$"))
    expect(owner.page.locator("#log li")).to_have_count(1)
    expect(owner.page.locator("#log li")).to_contain_text("booked a visit")
    owner.page.reload()
    expect(search.get_by_label("Words")).to_have_value(f"logan{size}")
    expect(search.get_by_label("What about")).to_have_value("visits")
    expect(owner.page.locator("#log li")).to_have_count(1)
    staff.fills(owner, {"Words": "zzzz"}, search)
    search.get_by_role("button", name="Search").click()
    expect(owner.page.locator("#nothing")).to_be_visible()
    staff.fills(owner, {"Words": "", "Who": "The owner", "What about": "The team"}, search)
    search.get_by_role("button", name="Search").click()
    expect(owner.page.locator("#log li").first).to_contain_text("The owner")
    staff.goes_to(owner, "/admin/log?words=kept&first=2026-13-45&who=staff:99999&before=-1")
    expect(owner.page.locator("#log li").first).to_be_visible()
    staff.goes_to(owner, "/admin/log?first=2199-01-01")
    expect(owner.page.locator("#nothing")).to_be_visible()
    is_clean_and_fits(owner, "log, nothing found")
    staff.goes_to(owner, "/admin/log")

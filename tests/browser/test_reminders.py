"""Reminders as staff set them, patients get and end them, and browsers tell their time zone (P14)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from clinic_portal.booking.models import BookingDraft
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.messaging import models, unreachable
from clinic_portal.messaging.types import Channel, SandboxLetter
from clinic_portal.patients.models import Patient
from tests.browser import portal_journey as portal
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.factories import rows
from tests.reminder_kit import rule
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
pytestmark = pytest.mark.req("P14")
PAGE = "/admin/settings/reminders"
TENDS_WITHIN = 40
"""Seconds; the worker looks for what is due every fifteen."""


@pytest.fixture(autouse=True)
def _kept(site: Site) -> Iterator[None]:
    with staff.clinic_kept(site):
        yield
    portal.clears_calendar(site)
    site.services.do(lambda work: work.execute(delete(table(models.Reminder))))
    site.services.do(lambda work: work.execute(delete(table(models.Unreachable))))


def reminded(site: Site, address: str, channel: str, *, holding: str) -> SandboxLetter:
    """The reminder somebody gets, as soon as the worker has found it due."""
    until = time.monotonic() + TENDS_WITHIN
    while time.monotonic() < until:
        found = [one for one in site.letters() if (one.to_address, one.channel) == (address, channel)]
        for one in found:
            if holding in one.text:
                return one
        time.sleep(0.2)
    raise AssertionError(f"no reminder by {channel} arrived")


def known(site: Site, email: str) -> Patient:
    return next(one for one in rows(site.services, Patient) if one.email == email)


@SIZES
def test_staff_set_when_is_reminded_and_read_an_example(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path=PAGE)
    expect(owner.page.locator("#no-reminders")).to_contain_text("Nobody is reminded yet")
    is_clean_and_fits(owner, "reminders, none")
    form = owner.page.locator("#add-reminder")
    staff.fills(owner, {"Of what": "The visit", "How": "Text message", "How long before": "1"}, form)
    staff.saves(owner, form, button="Add")
    lines = owner.page.locator("#reminders li")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("The visit, by text message, 1 day before")
    expect(lines).to_contain_text(re.compile(r"A visit on Tuesday at 9:00\sAM is reminded of on Monday at 9:00\sAM"))
    staff.fills(owner, {"How": "Text message", "How long before": "24", "Days or hours": "Hours"}, form)
    form.get_by_role("button", name="Add", exact=True).click()
    expect(owner.notice).to_contain_text("This reminder is there already")
    staff.fills(owner, {"How long before": "31", "Days or hours": "Days"}, form)
    form.get_by_role("button", name="Add", exact=True).click()
    staff.is_refused_beside(owner, "amount", "from 1 to 30")
    is_clean_and_fits(owner, "reminders, refused")
    lines.get_by_role("button", name="Remove").click()
    expect(owner.page.locator("#no-reminders")).to_be_visible()
    staff.goes_to(owner, "/admin/log")
    expect(owner.page.get_by_text("took back a reminder").first).to_be_visible()


@SIZES
def test_quiet_hours_are_set_and_given_up_in_plain_words(site: Site, visitor: Make, size: str) -> None:
    owner = staff.sits_down(visitor(size), path=PAGE)
    told, form = owner.page.locator("#quiet-told"), owner.page.locator("#quiet-hours")
    expect(told).to_have_text(re.compile(r"No reminder goes out from 9:00\sPM to 8:00\sAM\."))
    form.get_by_label("From").fill("20:30")
    staff.saves(owner, form, button="Save quiet hours")
    expect(told).to_have_text(re.compile(r"from 8:30\sPM to 8:00\sAM"))
    form.get_by_label("Until").fill("")
    form.get_by_role("button", name="Save quiet hours").click()
    staff.is_refused_beside(owner, "quiet_until", "Please give a time of day.")
    form.get_by_label("Until").fill("08:00")
    form.get_by_label("Keep quiet hours").uncheck()
    staff.saves(owner, form, button="Save quiet hours")
    expect(told).to_have_text("Reminders go out at any hour, at night too.")
    clinic = site.services.ask(catalogue).clinic
    assert clinic.quiet_from_minutes == clinic.quiet_until_minutes


def test_the_front_desk_does_not_set_reminders(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "front_desk", "/admin/settings/portal")
    expect(desk.page.get_by_role("link", name="Reminders", exact=True)).to_have_count(0)
    desk.page.goto(desk.site.url + PAGE)
    desk.page.wait_for_url("**/admin?why=not_permitted")


@SIZES
def test_a_patient_is_reminded_the_day_before_and_ends_it_from_the_letter(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    coming = portal.has_visit(amara, "facial")
    rule(site.services, "email", 24)
    rule(site.services, "sms", 24)
    site.clock.set(coming.start_at - timedelta(hours=23))
    text = reminded(site, amara.e164, "sms", holding="see you tomorrow")
    assert coming.reference in text.text or "/portal/visit?ref=" in text.text
    letter = reminded(site, amara.email, "email", holding="No more reminders by e-mail")
    found = re.search(r"http\S+/unsubscribe/\S+", letter.text)
    assert found
    amara.page.goto(found[0])
    expect(amara.page.get_by_role("heading", name="No more reminders by e-mail?")).to_be_visible()
    is_clean_and_fits(amara, "no more reminders?")
    assert known(site, amara.email).wants_email_reminders
    amara.button("Stop these e-mails").click()
    expect(amara.page.get_by_text("Done, at once.")).to_be_visible()
    is_clean_and_fits(amara, "no more reminders")
    assert not known(site, amara.email).wants_email_reminders


@SIZES
def test_a_browser_tells_its_time_zone_when_a_visit_is_booked(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size, timezone_id="Asia/Tokyo")
    amara.opens().adds("Hydrating facial").goes_on("details").fills_details().goes_on("code")
    [draft] = [one for one in rows(site.services, BookingDraft) if one.email == amara.email]
    assert draft.time_zone == "Asia/Tokyo"


@SIZES
def test_the_portal_learns_the_time_zone_and_the_patient_chooses_another(site: Site, visitor: Make, size: str) -> None:
    amara = portal.at_home(visitor(size, timezone_id="Europe/Warsaw"))
    portal.opens(amara, "/portal/settings")
    choice = amara.page.locator("#time_zone")
    expect(choice).to_have_value("Europe/Warsaw")
    choice.select_option("America/Denver")
    amara.page.locator("#zone-form").get_by_role("button", name="Save").click()
    expect(amara.page.get_by_text("We go by this clock when we remind you.")).to_be_visible()
    portal.opens(amara, "/portal")
    portal.opens(amara, "/portal/settings")
    expect(choice).to_have_value("America/Denver")
    assert known(site, amara.email).time_zone == "America/Denver"


@SIZES
def test_a_patient_reads_that_they_replied_stop_or_that_their_letters_come_back(
    site: Site, visitor: Make, size: str
) -> None:
    amara = portal.at_home(visitor(size))
    site.services.do(unreachable.note, Channel.SMS, amara.e164, unreachable.STOP)
    site.services.do(unreachable.note, Channel.EMAIL, amara.email, unreachable.BOUNCED)
    portal.opens(amara, "/portal/settings")
    expect(amara.page.locator("#silent-sms")).to_contain_text("You replied STOP on Mon, Nov 23, 2026")
    expect(amara.page.locator("#silent-sms")).to_contain_text("START")
    expect(amara.page.locator("#silent-email")).to_contain_text("have come back")
    is_clean_and_fits(amara, "settings, silent ways")


@SIZES
def test_the_desk_sees_and_changes_how_a_patient_is_reminded(site: Site, visitor: Make, size: str) -> None:
    amara = portal.at_home(visitor(size))
    site.services.do(unreachable.note, Channel.SMS, amara.e164, unreachable.STOP)
    patient_id = known(site, amara.email).id
    desk = staff.sits_down(visitor(size), "front_desk", f"/admin/patient?id={patient_id}")
    card = desk.page.locator("#reminders")
    expect(card).to_contain_text("Replied STOP on Mon, Nov 23, 2026")
    card.get_by_label("By e-mail").uncheck()
    expect(card.get_by_label("By e-mail")).not_to_be_checked()
    staff.goes_to(desk, f"/admin/patient?id={patient_id}")
    expect(card.get_by_label("By e-mail")).not_to_be_checked()
    expect(card.get_by_label("By text message")).to_be_checked()
    assert not known(site, amara.email).wants_email_reminders
    is_clean_and_fits(desk, "patient, reminders")


def test_who_only_reads_sees_it_and_changes_nothing(site: Site, visitor: Make) -> None:
    amara = portal.at_home(visitor())
    patient_id = known(site, amara.email).id
    reader = staff.sits_down(visitor(), "read_only", f"/admin/patient?id={patient_id}")
    expect(reader.page.locator("#reminders")).to_contain_text("By e-mail: yes")
    expect(reader.page.locator("#reminders input")).to_have_count(0)

"""A patient's messages on their page, who was not told of a visit on the day's, and what the patient is told (B6)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from clinic_portal.booking.models import Appointment
from clinic_portal.core.audit import AuditEntry
from clinic_portal.messaging import delivery, heard, unreachable
from clinic_portal.messaging.models import Message, Reply
from clinic_portal.messaging.ports import Incoming
from clinic_portal.messaging.types import Channel
from clinic_portal.patients.models import Patient
from tests import factories
from tests.browser import portal_journey as home
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
pytestmark = pytest.mark.req("B6")
_days = (date(2026, 11, 27) + timedelta(days=n) for n in range(25))
_sids = (f"SM9{n:031}" for n in itertools.count())


def name_of(who: Visitor) -> str:
    return f"Amara {who.email.partition('@')[0].capitalize()}"


def books(who: Visitor) -> int:
    """Somebody books a visit on a day of its own; what was said of it by both channels went out."""
    owner, name = f"chart of {who.email}", ("Amara", who.email.partition("@")[0].capitalize())
    more: dict[str, Any] = {"name": name, "email": who.email, "phone": who.e164}
    visit = factories.booked(who.site.clinic, owner, next(_days), "11:00", "facial", **more).appointment_id
    staff.until(who.page, lambda: [one.state for one in sent(who.site, visit)] == ["sent", "sent"])
    return visit


def sent(site: Site, visit: int) -> list[Message]:
    found = factories.rows(site.services, Message)
    return [one for one in found if one.appointment_id == visit and one.kind == "appointment_booked"]


def is_lost(site: Site, visit: int, *channels: str) -> None:
    """What was said of a visit did not arrive; nor does what is said instead."""
    for one in sent(site, visit):
        if one.channel in channels:
            site.services.do(delivery.not_delivered, one.id, "bounced_5.1.1" if one.channel == "email" else "sms_30003")


def row_of(site: Site, visit: int) -> Appointment:
    return next(one for one in factories.rows(site.services, Appointment) if one.id == visit)


@SIZES
def test_a_profile_shows_what_was_said_both_ways_by_visit(site: Site, visitor: Make, size: str) -> None:
    amara = visitor()
    visit = row_of(site, books(amara))
    words = f"Is parking free? {amara.e164}"
    site.services.do(heard.replied, Incoming(next(_sids), amara.e164, words))
    desk = staff.sits_down(visitor(size), "front_desk", f"/admin/patient?id={visit.patient_id}")
    desk.page.get_by_role("navigation", name="Patient").get_by_role("link", name="Messages").press("Enter")
    said = desk.page.locator("#said-to-them section", has_text=visit.reference)
    expect(said.locator("li")).to_contain_text(["Reply · SMS", "Booking confirmation", "Booking confirmation"])
    expect(said).not_to_contain_text("parking")
    said.get_by_role("button", name="Read it").press("Enter")
    expect(said).to_contain_text(words)
    is_clean_and_fits(desk, "messages of a patient")
    reply = factories.rows(site.services, Reply)[-1].id
    log = [one.action for one in factories.rows(site.services, AuditEntry) if one.subject == f"reply:{reply}"]
    assert log == ["reply.read"]
    said.get_by_role("link", name="Booking confirmation · E-mail").click()
    expect(desk.page.locator("#story")).to_contain_text("Taken by the mail server")


@SIZES
def test_a_profile_says_what_nothing_arrives_at(site: Site, visitor: Make, size: str) -> None:
    amara = visitor()
    visit = row_of(site, books(amara))
    site.services.do(heard.replied, Incoming(next(_sids), amara.e164, "STOP"))
    site.services.do(unreachable.note, Channel.EMAIL, amara.email, unreachable.BOUNCED)
    desk = staff.sits_down(visitor(size), "owner", f"/admin/patient?id={visit.patient_id}&view=messages")
    reach = desk.page.locator("#reach > li")
    expect(reach.nth(0)).to_contain_text("E-mails have come back since Mon, Nov 23")
    expect(reach.nth(1)).to_contain_text("Replied STOP on Mon, Nov 23")
    expect(desk.page.locator("#said-to-them")).to_contain_text("Replied STOP")
    is_clean_and_fits(desk, "unreachable patient")
    site.services.do(unreachable.lift, Channel.EMAIL, amara.email)


def test_a_profile_without_messages_says_so(site: Site, visitor: Make) -> None:
    (email,) = staff.adds_patients(site, 1, f"quiet{next(_sids)[-4:]}")
    patient = next(one.id for one in factories.rows(site.services, Patient) if one.email == email)
    desk = staff.sits_down(visitor(), "owner", f"/admin/patient?id={patient}&view=messages")
    expect(desk.page.locator("#nothing-said")).to_contain_text("Nothing was sent to them")
    is_clean_and_fits(desk, "no messages")


@SIZES
def test_who_was_not_told_of_a_visit_is_marked_on_the_day_and_in_the_profile(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor()
    number = books(amara)
    is_lost(site, number, "email", "sms")
    visit = row_of(site, number)
    desk = staff.sits_down(visitor(size), "front_desk", f"/admin/patient?id={visit.patient_id}")
    expect(desk.page.locator("#asking")).to_contain_text("need attention")
    mark = desk.page.locator("#upcoming > li", has_text=visit.reference).get_by_role("link", name="Not told")
    expect(mark).to_be_visible()
    is_clean_and_fits(desk, "profile of somebody not told")
    staff.goes_to(desk, "/admin")
    until_day(desk, visit)
    slot = desk.page.locator(".slot a", has_text=name_of(amara))
    expect(slot).to_contain_text("Not told")
    is_clean_and_fits(desk, "day with somebody not told")
    desk.page.locator("#untold").get_by_role("link", name=name_of(amara)).press("Enter")
    expect(desk.page.locator("#standing")).to_contain_text("Did not arrive")
    desk.button("Mark as seen to").click()
    expect(desk.notice).to_contain_text("Seen to")


def until_day(desk: Visitor, visit: Appointment) -> None:
    """Turn the day's pages to that of a visit."""
    wanted = f"{visit.start_at:%B} {visit.start_at.day}"
    for _ in range(30):
        heading = desk.page.get_by_role("heading", level=1)
        if wanted in heading.inner_text():
            return
        before = heading.inner_text()
        desk.page.get_by_role("button", name="Day after").click()
        expect(heading).not_to_have_text(before)
    raise AssertionError("the day never came")


def test_who_handles_no_messages_sees_no_mark_and_no_messages(site: Site, visitor: Make) -> None:
    amara = visitor()
    number = books(amara)
    is_lost(site, number, "email", "sms")
    visit = row_of(site, number)
    reader = staff.sits_down(visitor(), "read_only", f"/admin/patient?id={visit.patient_id}&view=messages")
    expect(reader.page.locator("#upcoming")).to_contain_text(visit.reference)
    expect(reader.page.locator("#said-to-them, #reach, #asking, .lacks")).to_have_count(0)


@SIZES
def test_a_patient_whose_letter_came_back_is_asked_for_their_address(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    number = books(amara)
    visit = row_of(site, number)
    at = f"/portal/visit?ref={visit.reference}"
    home.at_home(amara, at)
    expect(amara.page.locator("#reference")).to_be_visible()
    expect(amara.page.locator("#unreached")).to_have_count(0)
    is_lost(site, number, "email")
    home.opens(amara, at)
    told = amara.page.locator("#unreached")
    expect(told).to_contain_text(f"We could not reach you by e-mail at {amara.email}. Is the address right?")
    is_clean_and_fits(amara, "visit of somebody not reached")
    told.get_by_role("link").press("Enter")
    expect(amara.page.get_by_role("heading", name="E-mail address")).to_be_visible()


@SIZES
def test_messages_are_looked_through_by_kind_channel_and_day(site: Site, visitor: Make, size: str) -> None:
    amara = visitor()
    books(amara)
    desk = staff.sits_down(visitor(size), "front_desk", "/admin/messages/all")
    desk.page.locator("#wanted").fill(amara.email)
    desk.button("Show").press("Enter")
    shown = desk.page.locator("#messages > li")
    expect(shown).to_have_count(2)
    staff.fills(desk, {"What about": "Booking confirmation", "By": "SMS", "Planned on": "2026-11-23"})
    desk.button("Show").press("Enter")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("Booking confirmation · SMS")
    expect(desk.page.get_by_label("Planned on")).to_have_value("2026-11-23")
    is_clean_and_fits(desk, "messages narrowed")
    staff.fills(desk, {"Planned on": "2026-11-22"})
    desk.button("Show").press("Enter")
    expect(desk.page.locator("#nothing")).to_contain_text("No message is like that")


def test_what_comes_in_does_not_move_another_patients_line_under_the_keyboard(site: Site, visitor: Make) -> None:
    amara, bo = visitor(), visitor()
    is_lost(site, books(amara), "email", "sms")
    later = books(bo)
    desk = staff.sits_down(visitor(), "front_desk", "/admin/messages")
    desk.page.clock.install()
    desk.page.reload()
    staff.is_open(desk)
    mine = desk.page.locator("#failed > li", has_text=name_of(amara)).first.get_by_role("button", name="Send again")
    mine.focus()
    is_lost(site, later, "email", "sms")
    desk.page.clock.run_for(31_000)
    expect(desk.page.locator("#failed > li", has_text=name_of(bo)).first).to_be_visible()
    expect(desk.page.locator("*:focus")).to_have_accessible_name(f"Send again to {name_of(amara)}")

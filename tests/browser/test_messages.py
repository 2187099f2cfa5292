"""Staff look after messages: what did not arrive, what patients replied, one message with its story (B6)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from clinic_portal.messaging import delivery, heard
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.ports import Incoming
from tests import factories
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.site import Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
pytestmark = pytest.mark.req("B6")
_days = (date(2026, 11, 27) + timedelta(days=n) for n in range(25))
_sids = (f"SM{n:032}" for n in itertools.count())


def name_of(who: Visitor) -> str:
    return f"Amara {who.email.partition('@')[0].capitalize()}"


def books(who: Visitor) -> int:
    """Somebody books a visit on a day of its own; its confirmation by e-mail went out."""
    owner, name = f"browser of {who.email}", ("Amara", who.email.partition("@")[0].capitalize())
    more: dict[str, Any] = {"name": name, "email": who.email, "phone": who.e164}
    visit = factories.booked(who.site.clinic, owner, next(_days), "14:00", "facial", **more).appointment_id
    staff.until(who.page, lambda: letter(who.site, visit).state == "sent")
    return visit


def letter(site: Site, visit: int) -> Any:
    found = [one for one in factories.rows(site.services, Message) if one.appointment_id == visit]
    wanted = ("appointment_booked", "email")
    return next((one for one in found if (one.kind, one.channel) == wanted), found[0] if found else Message(state=""))


def comes_back(site: Site, visit: int) -> int:
    """The confirmation comes back; its number."""
    lost = letter(site, visit).id
    site.services.do(delivery.not_delivered, lost, "bounced_5.1.1")
    return int(lost)


@SIZES
def test_what_did_not_arrive_is_told_with_what_helps_and_is_sent_again(site: Site, visitor: Make, size: str) -> None:
    amara = visitor()
    visit = books(amara)
    lost = comes_back(site, visit)
    desk = staff.follows(staff.sits_down(visitor(size), "front_desk"), "Messages")
    line = desk.page.locator("#failed > li", has_text=name_of(amara))
    expect(line).to_contain_text("Booking confirmation · E-mail")
    expect(line).to_contain_text("It came back: there is no such mailbox. They were told by SMS instead.")
    expect(line).to_contain_text("Ask the patient for their address")
    is_clean_and_fits(desk, "messages")
    line.get_by_role("link", name=name_of(amara)).click()
    desk.page.wait_for_url(re.compile(rf"/admin/message\?id={lost}$"))
    expect(desk.page.locator("#standing")).to_contain_text("Did not arrive")
    expect(desk.page.locator("#story")).to_contain_text("Taken by the mail server")
    expect(desk.page.locator("#said")).to_contain_text("You’re booked")
    expect(desk.page.locator("#others")).to_contain_text("SMS")
    is_clean_and_fits(desk, "message")
    desk.button("Send it again").press("Enter")
    expect(desk.page.locator("#notice")).to_contain_text("On its way again")
    staff.until(desk.page, lambda: letter(site, visit).state == "sent")


@SIZES
def test_a_reply_is_read_and_seen_to(site: Site, visitor: Make, size: str) -> None:
    amara = visitor()
    books(amara)
    words = f"Running late, {amara.e164}"
    site.services.do(heard.replied, Incoming(next(_sids), amara.e164, words))
    desk = staff.sits_down(visitor(size), "front_desk", "/admin/messages")
    reply = desk.page.locator("#replies > li", has_text=name_of(amara))
    expect(reply).not_to_contain_text("Running late")
    reply.get_by_role("button", name="Read it").press("Enter")
    expect(reply).to_contain_text(words)
    is_clean_and_fits(desk, "replies")
    reply.get_by_role("button", name=re.compile("Mark as seen to")).click()
    expect(desk.page.locator("#notice")).to_contain_text("Seen to")
    expect(desk.page.locator("#replies > li", has_text=name_of(amara))).to_have_count(0)


def test_a_reply_that_comes_in_shows_itself_on_an_open_page(site: Site, visitor: Make) -> None:
    amara = visitor()
    books(amara)
    desk = staff.sits_down(visitor(), "front_desk", "/admin/messages")
    desk.page.clock.install()
    desk.page.reload()
    staff.is_open(desk)
    site.services.do(heard.replied, Incoming(next(_sids), amara.e164, "Hello?"))
    desk.page.clock.run_for(31_000)
    expect(desk.page.locator("#replies > li", has_text=name_of(amara))).to_be_visible()


@SIZES
def test_messages_are_looked_through_by_patient_and_by_how_they_stand(site: Site, visitor: Make, size: str) -> None:
    amara, bo = visitor(), visitor()
    comes_back(site, books(amara))
    books(bo)
    desk = staff.sits_down(visitor(size), "owner", "/admin/messages/all")
    shown = desk.page.locator("#messages")
    expect(shown).to_contain_text(name_of(bo))
    desk.page.locator("#wanted").fill(amara.email)
    desk.page.locator("#show").select_option(label="Did not arrive")
    desk.button("Show").click()
    expect(shown.locator("> li")).to_have_count(1)
    expect(shown).to_contain_text(name_of(amara))
    is_clean_and_fits(desk, "all messages")
    desk.page.locator("#wanted").fill("nobody of that name")
    desk.page.locator("#wanted").press("Enter")
    expect(desk.page.locator("#nothing")).to_contain_text("No message to that patient")


@pytest.mark.parametrize("path", ["/admin/messages", "/admin/messages/all", "/admin/message?id=1"])
def test_who_handles_no_messages_is_sent_away(visitor: Make, path: str) -> None:
    reader = staff.sits_down(visitor(), "read_only", "/admin")
    expect(reader.page.get_by_role("link", name="Messages", exact=True)).to_have_count(0)
    reader.page.goto(reader.site.url + path)
    expect(reader.page.locator("#failed, #replies, #messages, #story")).to_have_count(0)


def test_a_message_that_is_not_there_says_so(visitor: Make) -> None:
    desk = staff.sits_down(visitor(), "owner", "/admin/message?id=987654")
    expect(desk.page.get_by_text("There is no such message.")).to_be_visible()

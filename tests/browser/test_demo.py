"""The rehearsal's mailbox answers: a phone replies, a message does not arrive (B7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.messaging import unreachable
from clinic_portal.messaging.models import Message, Reply
from clinic_portal.messaging.types import Channel
from tests import factories
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits

Make = Callable[..., Visitor]
pytestmark = pytest.mark.req("B7")
_days = (date(2026, 11, 27) + timedelta(days=n) for n in range(25))


def books(who: Visitor) -> None:
    """Somebody books; both confirmations went out, and the text has arrived."""
    name = ("Amara", who.email.partition("@")[0].capitalize())
    more: dict[str, Any] = {"name": name, "email": who.email, "phone": who.e164}
    factories.booked(who.site.clinic, f"browser of {who.email}", next(_days), "14:00", "facial", **more)

    def states() -> dict[str, str]:
        found = [one for one in factories.rows(who.site.services, Message) if one.kind == "appointment_booked"]
        return {one.channel: one.state for one in found if one.to_address in (who.email, who.e164)}

    staff.until(who.page, lambda: states().get("email") == "sent" and states().get("sms") == "delivered")


def letter(who: Visitor, address: str) -> Locator:
    """The newest message to an address."""
    return who.page.get_by_role("article").filter(has_text=f"to {address}").first


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_phone_replies_and_stop_is_heard(visitor: Make, size: str) -> None:
    amara = visitor(size)
    books(amara)
    amara.page.goto(f"{amara.site.url}/demo")
    text = letter(amara, amara.e164)
    expect(text.get_by_text("Delivered")).to_be_visible()
    for body in ("Can I come earlier? 🙂", "STOP"):
        text.get_by_label("Reply as").fill(body)
        text.get_by_role("button", name="Reply").click()
        expect(text.get_by_role("status")).to_contain_text("Staff read it")
        expect(text.get_by_label("Reply as")).to_have_value("")
    is_clean_and_fits(amara, "demo, replied")
    replies = [one.keyword for one in factories.rows(amara.site.services, Reply) if one.from_address == amara.e164]
    assert replies == [None, "stop"]
    assert amara.site.services.ask(unreachable.silence, Channel.SMS, amara.e164) is not None


def test_an_email_is_made_to_come_back(visitor: Make) -> None:
    amara = visitor()
    books(amara)
    amara.page.goto(f"{amara.site.url}/demo")
    mail = letter(amara, amara.email)
    mail.get_by_role("button", name="Let it not arrive").click()
    expect(mail.get_by_text("Did not arrive", exact=True)).to_be_visible()
    expect(mail.get_by_role("button", name="Let it not arrive")).to_have_count(0)
    assert amara.site.services.ask(unreachable.silence, Channel.EMAIL, amara.email) is not None


@pytest.mark.parametrize("body", ["", "   "])
def test_an_empty_reply_is_kept_too(visitor: Make, body: str) -> None:
    amara = visitor()
    books(amara)
    amara.page.goto(f"{amara.site.url}/demo")
    text = letter(amara, amara.e164)
    text.get_by_label("Reply as").fill(body)
    text.get_by_role("button", name="Reply").click()
    expect(text.get_by_role("status")).to_contain_text("Staff read it")

"""Calendars that follow: a provider's private address on one's account, made and ended by the keyboard (S83)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import httpx
import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.site import Site

Make = Callable[..., Visitor]
pytestmark = pytest.mark.req("S83")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_providers_calendar_follows_a_private_address_until_it_ends(site: Site, visitor: Make, size: str) -> None:
    on, hour = date(2026, 12, 8), {"desktop": "10:00", "phone": "13:00"}[size]
    amara = visitor()
    more = {"email": amara.email, "phone": amara.e164}
    factories.booked(site.clinic, f"browser {size}", on, hour, "facial", provider="lena", **more)
    boss = staff.sits_down(visitor(size), "owner", "/admin/account")
    mine = boss.page.locator("#feeds > li", has_text="Lena Brandt")
    mine.get_by_role("button", name=re.compile("address of Lena")).last.press("Enter")
    address = mine.get_by_label(re.compile("^Address of Lena"))
    expect(address).to_be_visible()
    expect(mine.get_by_role("link", name="Google Calendar")).to_have_attribute("href", re.compile("cid=webcal"))
    is_clean_and_fits(boss, "account")
    url = address.input_value()
    file = httpx.get(url, timeout=20)
    assert "Visit · A. R." in file.text
    assert "Amara" not in file.text
    mine.get_by_role("button", name=re.compile("End this address")).click()
    expect(boss.notice).to_contain_text("The address has ended")
    assert httpx.get(url, timeout=20).status_code == 404


def test_who_treats_nobody_has_no_calendar_to_follow(visitor: Make) -> None:
    reader = staff.sits_down(visitor(), "read_only", "/admin/account")
    expect(reader.page.get_by_role("heading", name="Password")).to_be_visible()
    expect(reader.page.locator("#feeds")).to_have_count(0)

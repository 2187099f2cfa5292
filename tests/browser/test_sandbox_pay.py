"""The rehearsal's checkout page in a browser: seen, small, by keyboard, without a script (B7, B9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.payments.ports import CheckoutRequest, CheckoutStatus
from clinic_portal.payments.types import Purpose
from tests.browser.journey import Visitor
from tests.browser.test_access import HIDDEN, is_clean_and_fits
from tests.site import Site

Make = Callable[..., Visitor]
VISA = "4242424242424242"
pytestmark = pytest.mark.req("B7")
_numbers = count(1)


def opened(site: Site, purpose: Purpose = Purpose.HOLD, **other: Any) -> str:
    """A page's id."""
    number = next(_numbers)
    asked: dict[str, Any] = {
        "payment_id": number,
        "purpose": purpose,
        "amount_minor": 50,
        "currency": "USD",
        "item": "Card check, released at once",
        "consent": "You allow Lumen Aesthetics to charge this card up to $50.00 if you cancel late.",
        "reference": "LMN-7Q4KXT",
        "email": "amara.okafor@example.org",
        "customer_id": None,
        "language": "en",
        "expires_at": site.clock.now() + timedelta(minutes=31),
        "back_url": f"{site.url}/healthz?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{site.url}/healthz",
        "key": f"checkout:{number}:1",
    }
    return SandboxGateway(site.services).open_checkout(CheckoutRequest(**asked | other)).id


def with_a_saved_card(site: Site) -> str:
    first = opened(site, Purpose.CARD)
    gateway = SandboxGateway(site.services)
    gateway.pay(first, VISA)
    card = gateway.checkout(first).card
    assert card is not None
    return opened(site, customer_id=card.customer_id)


def shows(who: Visitor, page: str) -> Page:
    who.page.goto(f"{who.site.url}/sandbox/pay/{page}")
    return who.page


@pytest.mark.req("B9")
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_every_face_of_the_page_is_clean_and_fits_a_small_screen(visitor: Make, site: Site, size: str) -> None:
    amara = visitor(size)
    page = shows(amara, opened(site))
    is_clean_and_fits(amara, "empty")
    page.get_by_role("button", name="Confirm card").click()
    expect(page.get_by_label("Card number")).to_have_attribute("aria-invalid", "true")
    is_clean_and_fits(amara, "refused")
    page.get_by_role("link", name="4000 0000 0000 0002").click()
    page.get_by_role("button", name="Confirm card").click()
    expect(page.get_by_text("Your card was declined")).to_be_visible()
    is_clean_and_fits(amara, "declined")
    page.get_by_role("link", name="4000 0027 6000 3184").click()
    page.get_by_role("button", name="Confirm card").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    is_clean_and_fits(amara, "the bank asks")
    shows(amara, with_a_saved_card(site))
    is_clean_and_fits(amara, "a saved card")
    ended = opened(site)
    SandboxGateway(site.services).expire_checkout(ended)
    shows(amara, ended)
    is_clean_and_fits(amara, "ended")
    done = opened(site)
    SandboxGateway(site.services).pay(done, VISA)
    shows(amara, done)
    is_clean_and_fits(amara, "done")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_link_fills_a_card_in_and_the_button_leads_back(visitor: Make, site: Site, size: str) -> None:
    amara, page_id = visitor(size), opened(site)
    page = shows(amara, page_id)
    page.get_by_role("link", name="5555 5555 5555 4444").click()
    expect(page.get_by_label("Card number")).to_have_value("5555 5555 5555 4444")
    page.get_by_role("button", name="Confirm card").click()
    page.wait_for_url(f"**/healthz?session_id={page_id}")
    assert SandboxGateway(site.services).checkout(page_id).status is CheckoutStatus.COMPLETE


@pytest.mark.req("B9")
def test_the_page_is_paid_by_keyboard_and_the_focus_is_always_seen(visitor: Make, site: Site) -> None:
    amara, page_id = visitor("desktop"), opened(site)
    page = shows(amara, page_id)
    keys = page.keyboard

    def on(name: str) -> None:
        keys.press("Tab")
        assert page.evaluate("document.activeElement.id") == name
        assert page.evaluate(HIDDEN) == ""

    keys.press("Tab")
    assert "Back to" in page.evaluate("document.activeElement.textContent")
    on("number")
    keys.type("4242 4242 4242 4242")
    on("expiry")
    keys.type("1299")
    on("cvc")
    keys.type("123")
    on("name")
    keys.press("Enter")
    page.wait_for_url(f"**/healthz?session_id={page_id}")


@pytest.mark.req("B9")
def test_after_a_refusal_the_focus_is_in_the_field_that_is_wrong(visitor: Make, site: Site) -> None:
    page = shows(visitor(), opened(site))
    page.get_by_label("Card number").fill(VISA)
    page.get_by_label("Expiry date").fill("01 / 20")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Confirm card").click()
    expect(page.get_by_label("Expiry date")).to_be_focused()
    expect(page.get_by_label("Expiry date")).to_have_accessible_description("This date has passed.")


def test_the_bank_is_told_no_and_then_yes(visitor: Make, site: Site) -> None:
    page_id = opened(site)
    page = shows(visitor("phone"), page_id)
    for answer in ("No, refuse", "Yes, approve"):
        page.get_by_role("link", name="4000 0025 0000 3155").click()
        page.get_by_role("button", name="Confirm card").click()
        page.get_by_role("button", name=answer).click()
    page.wait_for_url(f"**/healthz?session_id={page_id}")


def test_a_saved_card_is_one_click(visitor: Make, site: Site) -> None:
    page_id = with_a_saved_card(site)
    page = shows(visitor("phone"), page_id)
    page.get_by_role("button", name="Visa ending in 4242").click()
    page.wait_for_url(f"**/healthz?session_id={page_id}")


def test_an_impatient_second_click_pays_no_second_time(visitor: Make, site: Site) -> None:
    page_id = opened(site, Purpose.NOSHOW_FEE, amount_minor=2500)
    page = shows(visitor(), page_id)
    page.get_by_role("link", name="4242 4242 4242 4242").click()
    page.get_by_role("button", name="Pay $25.00").dblclick()
    page.wait_for_url(f"**/healthz?session_id={page_id}")
    intent = SandboxGateway(site.services).checkout(page_id).intent
    assert intent is not None
    assert intent.captured_minor == 2500


def test_who_leaves_is_back_at_the_clinic(visitor: Make, site: Site) -> None:
    page = shows(visitor(), opened(site))
    page.get_by_role("link", name="Back to").click()
    page.wait_for_url("**/healthz")

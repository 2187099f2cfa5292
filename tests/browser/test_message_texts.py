"""Staff write the messages' words: they are checked, looked at and tried before they go out (P13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import staff_journey as steps
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.letters import emails, head
from tests.site import Site

Make = Callable[..., Visitor]
EDITOR = "/admin/messages/text?name=appointment_booked&channel=email"


@pytest.mark.req("P13")
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_owner_writes_words_of_their_own_and_goes_back_to_ours(site: Site, visitor: Make, size: str) -> None:
    owner = steps.sits_down(visitor(size), "owner", "/admin/messages/texts")
    expect(owner.page.locator("#texts")).to_contain_text("Booking confirmed")
    is_clean_and_fits(owner, "texts")
    owner.page.get_by_role("link", name="Booking confirmed, E-mail").click()
    steps.is_open(owner)
    expect(owner.page.locator("#shown-subject")).to_contain_text("Your appointment on")
    is_clean_and_fits(owner, "editor")
    owner.page.locator("#subject").fill("See you soon, {nobody}")
    expect(owner.page.locator("#waits")).to_contain_text("knows no placeholder “nobody”")
    owner.button("Save").click()
    steps.is_refused_beside(owner, "subject", "knows no placeholder “nobody”")
    owner.page.locator("#subject").fill("See you soon, {given_name}")
    expect(owner.page.locator("#shown-subject")).to_have_text("See you soon, Amara")
    expect(owner.page.locator("#whose")).to_contain_text("not saved yet")
    owner.button("Save").click()
    expect(owner.notice).to_contain_text("Saved")
    expect(owner.page.locator("#whose")).to_have_text("Yours")
    owner.page.reload()
    steps.is_open(owner)
    expect(owner.page.locator("#subject")).to_have_value("See you soon, {given_name}")
    owner.button("Back to our words").click()
    expect(owner.page.get_by_role("region", name="Our words")).to_contain_text("Your appointment on {date}")
    is_clean_and_fits(owner, "the difference")
    owner.button("Use our words").click()
    expect(owner.page.locator("#whose")).to_have_text("Ours")


@pytest.mark.req("P13")
def test_a_placeholder_is_put_in_and_what_was_typed_stays(visitor: Make) -> None:
    owner = steps.sits_down(visitor(), "owner", "/admin/messages/text?name=appointment_booked&channel=sms")
    owner.page.locator("#body").fill("Hello, see you at {time}")
    expect(owner.page.locator("#shown-sms")).to_contain_text("Hello, see you at")
    owner.button("{provider}").click()
    expect(owner.page.locator("#body")).to_have_value("Hello, see you at {time} {provider}")
    expect(owner.page.locator("#shown-sms")).to_contain_text("Dr. Maya Osei")
    owner.page.locator("#body").fill("Hello 🌸 at {time}")
    expect(owner.page.locator("#advice")).to_contain_text("🌸")
    expect(owner.page.locator("#count")).to_contain_text("UCS-2")


@pytest.mark.req("P13")
def test_words_are_looked_at_with_a_patients_data_and_sent_to_oneself(site: Site, visitor: Make) -> None:
    someone = visitor()
    who = {"name": ("Ottilie", "Larkspur"), "email": someone.email, "phone": someone.e164}
    factories.booked(site.clinic, "b-ottilie", date(2026, 12, 23), "16:00", "hair", **who)
    owner = steps.sits_down(visitor(), "owner", EDITOR)
    owner.page.locator("#heading").fill("Dear {given_name}, you are booked")
    owner.page.locator("#patient").fill("Larkspur")
    owner.button("Find").click()
    owner.page.get_by_role("button", name="Ottilie Larkspur").click()
    expect(owner.page.locator("#person")).to_contain_text("Ottilie Larkspur")
    expect(owner.page.frame_locator("iframe").locator("h1")).to_have_text("Dear Ottilie, you are booked")
    expect(owner.page.locator("#heading")).to_have_value("Dear {given_name}, you are booked")
    owner.button("Send").click()
    expect(owner.notice).to_contain_text("owner@lumen.example")


@pytest.mark.req("P13")
def test_the_colour_and_what_emails_never_say_are_chosen_beside_the_list(visitor: Make) -> None:
    owner = steps.sits_down(visitor(), "owner", "/admin/messages/texts")
    owner.page.locator("#brand_colour").fill("#ffff00")
    owner.button("Save").click()
    steps.is_refused_beside(owner, "brand_colour", "hard to read")
    owner.page.locator("#brand_colour").fill("#1f5f5b")
    owner.page.locator("#email_names_services").check()
    owner.button("Save").click()
    expect(owner.notice).to_contain_text("Saved")
    owner.page.locator("#brand_colour").fill("#9c4a31")
    owner.page.locator("#email_names_services").uncheck()
    owner.button("Save").click()
    expect(owner.page.locator("#email_names_services")).not_to_be_checked()


@pytest.mark.req("P13")
@pytest.mark.req("B9")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_email_can_be_read_by_everyone_and_fits_a_phone(visitor: Make, scheme: str) -> None:
    reader = visitor("phone", color_scheme=scheme)
    for name, one in emails(head(brand_colour="#1f5f5b")).items():
        reader.page.set_content(one.html)
        is_clean_and_fits(reader, f"{name} in {scheme}")


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_whoever_may_not_change_the_clinic_does_not_get_at_its_words(visitor: Make, role: str) -> None:
    other = steps.sits_down(visitor(), role)
    other.page.goto(other.site.url + EDITOR)
    expect(other.page.locator("#subject")).to_have_count(0)

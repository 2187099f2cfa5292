"""Payment methods: a member's cards, added on the gateway's page, chosen and removed; membership by staff (S32)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from clinic_portal.booking import on_file
from clinic_portal.memberships import actions as memberships
from clinic_portal.payments import cards
from clinic_portal.payments.ports import GatewayCard
from tests.browser.journey import Visitor
from tests.browser.portal_journey import at_home, clears_calendar, day_of, has_visit, opens, other_tab, tabs_to
from tests.browser.staff_journey import is_open, sits_down
from tests.browser.test_access import is_clean_and_fits
from tests.factories import patient, staff
from tests.site import Site

pytestmark = pytest.mark.req("S32")
Make = Callable[..., Visitor]
both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"])
PATH = "/portal/cards"


@pytest.fixture(autouse=True)
def _free(site: Site) -> Iterator[None]:
    yield
    clears_calendar(site)


def who(visitor: Visitor) -> int:
    """The patient's id."""
    found: int = patient(visitor.site.services, visitor.email, phone=visitor.e164).actor.patient_id
    return found


def member(visitor: Visitor, path: str = PATH) -> Visitor:
    """A patient who is enrolled, and opens a page of the portal."""
    visitor.site.services.do(memberships.enrol, staff(visitor.site.services).actor, who(visitor))
    return at_home(visitor, path)


def has_card(visitor: Visitor, brand: str, last_four: str, *, ends: tuple[int, int] = (12, 2030)) -> int:
    """A card that was put on file some other day."""
    name = f"{visitor.email}-{last_four}"
    told = GatewayCard(f"pm_{name}", f"cus_{visitor.email}", name, brand, last_four, *ends)
    return visitor.site.services.do(cards.keep, "sandbox", who(visitor), told)


def adds(visitor: Visitor, number: str = "4242 4242 4242 4242") -> Visitor:
    """Press Add, and give a card on the gateway's page."""
    goes(visitor).gives_card(number, act="Save card")
    visitor.page.wait_for_url(re.compile(PATH))
    return visitor


def goes(visitor: Visitor) -> Visitor:
    """Press Add, and be on the gateway's page."""
    visitor.button("Add a card").click()
    visitor.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    return visitor


def listed(visitor: Visitor, name: str) -> Locator:
    """The entry of a card."""
    return visitor.page.locator("#cards > li", has_text=name)


def on_the_file(visitor: Visitor) -> list[str]:
    """The last digits of the cards as the clinic has them, the one charged first leading."""
    return [one.card.last_four for one in visitor.site.services.ask(on_file.of_member, who(visitor))]


@both_sizes
def test_a_member_adds_a_first_card_on_the_gateways_page(visitor: Make, size: str) -> None:
    amara = member(visitor(size))
    expect(amara.page.get_by_role("heading", name="No card is on file")).to_be_visible()
    is_clean_and_fits(amara, "no cards")
    adds(amara)
    expect(amara.notice).to_contain_text("Your card is saved")
    expect(amara.notice).to_contain_text("Visa ending in 4242 is on file. Nothing was charged.")
    expect(listed(amara, "Visa ending in 4242")).to_contain_text("Charged first")
    is_clean_and_fits(amara, "one card")
    opens(amara, PATH)
    expect(listed(amara, "Visa ending in 4242")).to_be_visible()
    expect(amara.notice).to_have_count(0)


@both_sizes
def test_leaving_the_gateways_page_saves_nothing_and_says_so(visitor: Make, size: str) -> None:
    amara = goes(member(visitor(size)))
    amara.page.get_by_role("link", name="Back to Lumen Aesthetics").click()
    amara.page.wait_for_url(re.compile(r"/portal/cards\?left=1"))
    expect(amara.notice).to_contain_text("No card was added")
    expect(amara.page.locator("#no-cards")).to_be_visible()
    is_clean_and_fits(amara, "left")
    adds(amara)
    expect(amara.notice).to_contain_text("Your card is saved")


def test_a_card_that_is_declined_is_not_on_file_and_another_is(visitor: Make) -> None:
    amara = goes(member(visitor()))
    amara.gives_card("4000 0000 0000 0002", act="Save card")
    expect(amara.page.get_by_text("Your card was declined").first).to_be_visible()
    assert on_the_file(amara) == []
    amara.gives_card(act="Save card")
    expect(amara.notice).to_contain_text("Your card is saved")
    assert on_the_file(amara) == ["4242"]


@both_sizes
def test_cards_say_which_is_charged_first_and_which_end(visitor: Make, size: str) -> None:
    amara = visitor(size)
    has_card(amara, "visa", "4242")
    has_card(amara, "mastercard", "4444", ends=(12, 2026))
    has_card(amara, "amex", "0005", ends=(10, 2026))
    has_card(amara, "a_new_brand", "9999")
    member(amara)
    expect(listed(amara, "Visa ending in 4242")).to_contain_text("Charged first")
    expect(listed(amara, "Mastercard ending in 4444")).to_contain_text("Expires soon")
    expect(listed(amara, "American Express ending in 0005")).to_contain_text("Expired 10 / 2026")
    expect(amara.button("Charge American Express ending in 0005 first")).to_have_count(0)
    expect(listed(amara, "Card ending in 9999")).to_be_visible()
    is_clean_and_fits(amara, "four cards")


@both_sizes
def test_another_card_is_charged_first_and_one_is_removed(visitor: Make, size: str) -> None:
    amara = visitor(size)
    has_card(amara, "visa", "4242")
    has_card(amara, "mastercard", "4444")
    member(amara)
    amara.button("Charge Mastercard ending in 4444 first").click()
    expect(amara.notice).to_contain_text("Mastercard ending in 4444 is charged first from now on.")
    assert on_the_file(amara) == ["4444", "4242"]
    amara.button("Remove Visa ending in 4242").click()
    expect(amara.page.locator("#ask-title")).to_be_focused()
    is_clean_and_fits(amara, "asked whether it may go")
    amara.button("Keep it").click()
    expect(amara.button("Remove Visa ending in 4242")).to_be_focused()
    assert on_the_file(amara) == ["4444", "4242"]
    amara.button("Remove Visa ending in 4242").click()
    amara.button("Yes, remove it").click()
    expect(amara.notice).to_contain_text("Visa ending in 4242 is not on file any more.")
    expect(listed(amara, "Visa ending in 4242")).to_have_count(0)
    assert on_the_file(amara) == ["4444"]


@both_sizes
def test_the_card_a_coming_visit_was_booked_with_is_kept_and_says_until_when(visitor: Make, size: str) -> None:
    amara = visitor(size)
    visit = has_visit(amara)
    has_card(amara, "mastercard", "4444")
    member(amara)
    kept = listed(amara, "Visa ending in 4242")
    expect(kept).to_contain_text(f"We keep this card until your visit on {day_of(visit)}")
    expect(kept.get_by_role("button")).to_have_count(0)
    expect(amara.button("Remove Mastercard ending in 4444")).to_be_visible()
    is_clean_and_fits(amara, "a card that is kept")


def test_a_card_that_is_needed_by_now_is_not_removed_by_a_page_that_is_old(visitor: Make) -> None:
    amara = visitor()
    has_card(amara, "mastercard", "4444")
    member(amara)
    amara.button("Remove Mastercard ending in 4444").click()
    visit = has_visit(amara)
    amara.site.services.do(cards.detached, method_of(amara, "4242"))
    amara.button("Yes, remove it").click()
    expect(amara.notice).to_contain_text("without it a fee for that visit could not be charged")
    expect(listed(amara, "Mastercard ending in 4444")).to_contain_text(day_of(visit))
    assert on_the_file(amara) == ["4444"]


def method_of(visitor: Visitor, last_four: str) -> str:
    """The gateway's id of a card."""
    found = visitor.site.services.ask(on_file.of_member, who(visitor))
    return next(one.card.method_id for one in found if one.card.last_four == last_four)


def test_a_card_removed_in_another_tab_is_gone_here_too(visitor: Make) -> None:
    amara = visitor()
    has_card(amara, "visa", "4242")
    has_card(amara, "mastercard", "4444")
    here = member(amara)
    there = other_tab(amara, PATH)
    here.button("Remove Mastercard ending in 4444").click()
    there.button("Remove Mastercard ending in 4444").click()
    there.button("Yes, remove it").click()
    expect(there.notice).to_contain_text("not on file any more")
    here.button("Yes, remove it").click()
    expect(here.notice).to_contain_text("That card is not on file any more")
    expect(listed(here, "Mastercard")).to_have_count(0)


@both_sizes
def test_one_who_is_no_member_finds_no_such_page_and_no_way_to_it(visitor: Make, size: str) -> None:
    amara = visitor(size)
    has_card(amara, "visa", "4242")
    at_home(amara)
    expect(amara.page.get_by_role("link", name="Payment methods")).to_have_count(0)
    opens(amara, PATH)
    expect(amara.heading).to_have_text("This page does not exist")
    expect(amara.page.get_by_text("4242")).to_have_count(0)
    is_clean_and_fits(amara, "no member")


def test_one_whose_membership_ends_while_they_look_changes_nothing_more(visitor: Make) -> None:
    amara = visitor()
    has_card(amara, "visa", "4242")
    has_card(amara, "mastercard", "4444")
    member(amara)
    expect(amara.page.get_by_role("link", name="Payment methods")).to_be_visible()
    amara.site.services.do(memberships.end, staff(amara.site.services).actor, who(amara))
    amara.button("Charge Mastercard ending in 4444 first").click()
    expect(amara.heading).to_have_text("This page does not exist")
    expect(amara.page.get_by_text("4444")).to_have_count(0)


def test_cards_are_added_chosen_and_removed_by_keyboard(visitor: Make) -> None:
    amara = visitor()
    has_card(amara, "mastercard", "4444")
    member(amara, "/portal")
    keys = amara.page.keyboard
    tabs_to(amara, "Payment methods")
    keys.press("Enter")
    expect(amara.heading).to_be_focused()
    expect(amara.heading).to_have_text("Payment methods")
    tabs_to(amara, "Add a card")
    keys.press("Enter")
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    amara.gives_card(act="Save card")
    expect(amara.notice).to_contain_text("Your card is saved")
    tabs_to(amara, "Charge Visa ending in 4242 first")
    keys.press("Enter")
    expect(amara.notice).to_contain_text("charged first from now on")
    tabs_to(amara, "Remove Mastercard ending in 4444")
    keys.press("Enter")
    expect(amara.page.locator("#ask-title")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(amara.notice).to_contain_text("not on file any more")
    assert on_the_file(amara) == ["4242"]


@both_sizes
def test_staff_enrol_a_patient_see_the_cards_and_end_the_membership(visitor: Make, size: str) -> None:
    amara = visitor()
    has_card(amara, "visa", "4242")
    desk = sits_down(visitor(size), "front_desk", f"/admin/patient?id={who(amara)}")
    part = desk.page.locator("#membership")
    expect(part).to_contain_text("Not a member")
    expect(part).to_contain_text("Visa ending in 4242")
    is_clean_and_fits(desk, "not a member")
    desk.button("Enrol as a member").click()
    expect(part).to_contain_text("Member since Monday, November 23, 2026")
    at_home(amara, PATH)
    expect(listed(amara, "Visa ending in 4242")).to_be_visible()
    desk.button("End membership").click()
    expect(desk.page.locator("#end-title")).to_be_focused()
    is_clean_and_fits(desk, "asked whether it ends")
    desk.button("Keep it").click()
    expect(desk.button("End membership")).to_be_focused()
    desk.button("End membership").click()
    desk.button("Yes, end it").click()
    expect(part).to_contain_text("Not a member")
    opens(amara, PATH)
    expect(amara.heading).to_have_text("This page does not exist")


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_staff_without_the_permissions_see_whether_one_is_a_member_and_no_more(visitor: Make, role: str) -> None:
    amara = visitor()
    has_card(amara, "visa", "4242")
    desk = sits_down(visitor(), role, f"/admin/patient?id={who(amara)}")
    part = desk.page.locator("#membership")
    expect(part).to_contain_text("Not a member")
    expect(part).not_to_contain_text("4242")
    expect(part.get_by_role("button")).to_have_count(0)


def test_one_patients_membership_is_not_shown_at_the_next(visitor: Make) -> None:
    amara, bob = visitor(), visitor()
    has_card(amara, "visa", "4242")
    desk = sits_down(visitor(), "front_desk", f"/admin/patient?id={who(amara)}")
    desk.button("Enrol as a member").click()
    expect(desk.page.locator("#membership")).to_contain_text("Member since")
    desk.page.goto(f"{desk.site.url}/admin/patient?id={who(bob)}")
    is_open(desk)
    expect(desk.page.locator("#membership")).to_contain_text("Not a member")
    expect(desk.page.locator("#membership")).not_to_contain_text("4242")

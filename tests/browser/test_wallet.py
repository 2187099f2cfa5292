"""The wallet in the portal: credit, deposits, what is left, and what happened; only where the clinic shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clinic_portal.clinic import models as clinic
from clinic_portal.wallet import giving
from tests.browser.journey import Visitor
from tests.browser.portal_journey import at_home, clears_calendar, day_of, has_visit, opens
from tests.browser.test_access import is_clean_and_fits
from tests.factories import patient, staff
from tests.site import Site
from tests.wallet_kit import facials, form, gives, key

Make = Callable[..., Visitor]
both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"])
PATH = "/portal/wallet"


@pytest.fixture(autouse=True)
def _free(site: Site) -> Iterator[None]:
    yield
    clears_calendar(site)


@pytest.fixture
def shown(site: Site) -> Iterator[None]:
    """The clinic shows patients their wallets."""
    site.clinic.settings(is_wallet_shown=True)
    yield
    site.clinic.settings(is_wallet_shown=False)


def who(visitor: Visitor) -> int:
    """The patient's id."""
    found: int = patient(visitor.site.services, visitor.email, phone=visitor.e164).actor.patient_id
    return found


@pytest.mark.req("S34")
def test_off_by_default_there_is_no_wallet_on_the_page_or_behind_it(visitor: Make) -> None:
    amara = visitor()
    gives(amara.site.services, who(amara))
    at_home(amara)
    expect(amara.page.get_by_role("link", name="Wallet")).to_have_count(0)
    expect(amara.page.locator("#purse")).to_have_count(0)
    opens(amara, PATH)
    expect(amara.heading).to_have_text("This page does not exist")
    expect(amara.page.locator("main")).not_to_contain_text("$50.00")


@pytest.mark.req("S34")
@pytest.mark.usefixtures("shown")
def test_a_wallet_that_is_switched_off_again_is_gone_at_the_next_click(visitor: Make, site: Site) -> None:
    amara = visitor()
    for _ in range(25):
        gives(site.services, who(amara))
    at_home(amara, PATH)
    site.clinic.settings(is_wallet_shown=False)
    amara.button("Show more").click()
    expect(amara.heading).to_have_text("This page does not exist")
    expect(amara.page.locator("#happened")).to_have_count(0)


@both_sizes
@pytest.mark.req("S33")
@pytest.mark.usefixtures("shown")
def test_a_patient_finds_credit_deposits_and_what_is_left(visitor: Make, site: Site, size: str) -> None:
    amara = visitor(size)
    site.clinic.change(clinic.Service, "facial", deposit_minor=2000)
    try:
        visit = has_visit(amara, "facial")
    finally:
        site.clinic.change(clinic.Service, "facial", deposit_minor=None)
    gives(site.services, who(amara), until=(site.clock.now() + timedelta(days=20)).date().isoformat())
    facials(site.services, who(amara), site.clinic["facial"], 3, expires_at=site.clock.now() + timedelta(days=400))
    gives(site.services, who(amara), what="product", product="Vitamin C serum", count="1")
    at_home(amara)
    expect(amara.page.locator("#purse")).to_contain_text("$50.00 Credit")
    expect(amara.page.locator("#purse")).to_contain_text("3 Hydrating facial left")
    is_clean_and_fits(amara, "home with a wallet")
    amara.page.get_by_role("navigation", name="Portal").get_by_role("link", name="Wallet").click()
    page = amara.page
    expect(page.locator("#credit")).to_have_text("$50.00")
    expect(page.locator("#gifts")).to_contain_text("A gift from Lumen Aesthetics")
    expect(page.locator("#gifts")).to_contain_text("Use by Sun, Dec 13, 2026")
    expect(page.locator("#kept")).to_contain_text("$20.00")
    expect(page.locator("#kept")).to_contain_text("Hydrating facial")
    facial = page.locator("#items > li", has_text="Hydrating facial")
    expect(facial).to_contain_text("3 left")
    expect(facial).to_contain_text("From a package")
    expect(facial).to_contain_text("Use by")
    expect(page.locator("#items > li", has_text="Vitamin C serum")).to_contain_text("Ask for it")
    expect(page.locator("#happened > li").first).to_contain_text("A gift from Lumen Aesthetics")
    expect(page.locator("#happened")).to_contain_text("kept for your visit on")
    expect(page.locator("#happened")).not_to_contain_text("For your birthday")
    assert day_of(visit)
    is_clean_and_fits(amara, "wallet")
    facial.get_by_role("link", name="Book Hydrating facial").click()
    page.wait_for_url(re.compile("/book"))


@both_sizes
@pytest.mark.req("S33")
@pytest.mark.usefixtures("shown")
def test_an_empty_wallet_says_what_it_is(visitor: Make, size: str) -> None:
    amara = at_home(visitor(size), PATH)
    expect(amara.page.get_by_role("heading", name="Nothing is in your wallet yet")).to_be_visible()
    is_clean_and_fits(amara, "empty wallet")


@pytest.mark.req("S33")
@pytest.mark.usefixtures("shown")
def test_nobody_sees_what_is_in_anothers_wallet(visitor: Make, site: Site) -> None:
    noor, amara = visitor(), visitor()
    gives(site.services, who(noor), amount="77.70")
    at_home(amara, f"{PATH}?id={who(noor)}")
    expect(amara.page.locator("#no-wallet")).to_be_visible()
    expect(amara.page.locator("main")).not_to_contain_text("77.70")


@pytest.mark.req("S33")
@pytest.mark.usefixtures("shown")
def test_a_long_history_is_shown_bit_by_bit(visitor: Make, site: Site) -> None:
    amara = visitor()
    actor = staff(site.services, "front_desk").actor
    for n in range(45):
        site.services.do(giving.give, actor, who(amara), form(amount=str(n + 1)), key=key())
    at_home(amara, PATH)
    lines = amara.page.locator("#happened > li")
    expect(lines).to_have_count(20)
    amara.button("Show more").click()
    expect(lines).to_have_count(40)
    amara.button("Show more").click()
    expect(lines).to_have_count(45)
    expect(lines.last).to_contain_text("+$1.00")
    expect(amara.page.get_by_role("button", name="Show more")).to_have_count(0)
    expect(amara.page.locator("#history")).to_be_focused()

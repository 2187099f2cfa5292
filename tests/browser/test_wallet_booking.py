"""Booking with what is in the wallet, and at a member's price (S33, P8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import expect

from clinic_portal.wallet import queries as wallet
from tests.browser.journey import Visitor
from tests.browser.portal_journey import Make, at_home, clears_calendar, has_visit
from tests.browser.test_access import is_clean_and_fits
from tests.member_kit import has_lot, is_on_plan
from tests.site import Site

LATER = date(2026, 12, 18)


@pytest.fixture(autouse=True)
def _free(site: Site) -> Iterator[None]:
    yield
    clears_calendar(site)


def is_known(made: Visitor) -> int:
    """A patient who has been here before, signed in; their id."""
    visit = has_visit(made, "hair", on=LATER)
    at_home(made)
    return visit.patient_id


def reviews(made: Visitor, *services: str) -> Visitor:
    """Whoever is signed in goes to the visit's step, past details and code."""
    made.opens().adds(*services)
    made.button("Continue").click()
    return made.is_at("visit")


@pytest.mark.req("P8", "S33")
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_treatment_of_the_wallet_pays_for_a_visit_and_is_one_less(site: Site, visitor: Make, device: str) -> None:
    amara = visitor(device)
    lot_id = has_lot(site.clinic, is_known(amara), 2)
    reviews(amara, "Hydrating facial")
    main = amara.page.locator("main")
    expect(main).to_contain_text("You have 2 left: Hydrating facial")
    amara.button("Use one: Hydrating facial").click()
    expect(main).to_contain_text("From your wallet")
    expect(amara.button("Pay for it instead: Hydrating facial")).to_be_visible()
    is_clean_and_fits(amara, "wallet in the wizard")
    amara.goes_on("provider").chooses("First available").picks_day("Thursday, December 17").holds("10:30 AM")
    amara.goes_on("policy")
    expect(main).to_contain_text("After that, what you took from your wallet counts as used.")
    amara.page.locator("#accept").check()
    amara.button(re.compile("^(Book|Confirm)")).click()
    amara.is_at("confirmed")
    expect(main).to_contain_text("From your wallet")
    found = site.services.ask(wallet.lot, lot_id)
    assert found is not None
    assert (found.left, found.reserved) == (1, 1)


@pytest.mark.req("P8")
def test_whoever_would_rather_pay_keeps_what_is_in_their_wallet(site: Site, visitor: Make) -> None:
    amara = visitor()
    has_lot(site.clinic, is_known(amara), 1)
    reviews(amara, "Hydrating facial")
    amara.button("Use one: Hydrating facial").press("Enter")
    amara.button("Pay for it instead: Hydrating facial").press("Enter")
    expect(amara.button("Use one: Hydrating facial")).to_be_visible()
    expect(amara.page.locator("main")).to_contain_text("$95")


@pytest.mark.req("P8")
def test_a_member_reads_their_price_beside_everybodys(site: Site, visitor: Make) -> None:
    amara = visitor()
    is_on_plan(site.services, is_known(amara), 20)
    amara.opens()
    shelf = amara.page.locator("li", has_text="Hydrating facial")
    expect(shelf.locator("s")).to_have_text("$95")
    expect(shelf).to_contain_text("$76")
    is_clean_and_fits(amara, "wallet in the wizard")

"""The card at booking, and a fee paid later, where Stripe takes it: its page, its answers, its silence (S76-S81)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Page, Route, expect

from clinic_portal.booking import changes, holds, queries
from clinic_portal.booking.paying import Acceptance
from clinic_portal.bootstrap import cashier
from clinic_portal.core.clock import FixedClock
from clinic_portal.payments import cards
from clinic_portal.payments.models import Card, Payment
from tests.browser.conftest import OPENING
from tests.browser.journey import Visitor
from tests.browser.staff_journey import until
from tests.browser.test_access import is_clean_and_fits
from tests.factories import minute, rows
from tests.factories import visitor as wizard
from tests.site import Site
from tests.stripe_books import StandIn
from tests.stripe_standin import KEY, running

Make = Callable[..., Visitor]
DAY = "Thursday, December 3"


@pytest.fixture(scope="module")
def stripe() -> Iterator[tuple[str, StandIn]]:
    with running(FixedClock(OPENING)) as made:
        yield made.base, made


@pytest.fixture(scope="module")
def site(stripe: tuple[str, StandIn], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(
        tmp_path_factory.mktemp("site"),
        payment_gateway="stripe",
        stripe_api_base=stripe[0],
        stripe_secret_key=KEY,
        stripe_webhook_secrets="whsec_of_the_test",
        stripe_timeout_seconds=2,
    )
    made.start()
    yield made
    made.kill()


def at_stripe(amara: Visitor) -> str:
    """Accept the policy and be on Stripe's page; its id."""
    theirs = f"{amara.site.settings.stripe_api_base}/c/pay/**"
    amara.page.route(theirs, _their_page)
    amara.page.locator("#accept").check()
    amara.button("Continue to your card").click()
    amara.page.wait_for_url(theirs)
    return payment_of(amara).session_id or ""


def _their_page(route: Route) -> None:
    route.fulfill(body="<title>Stripe</title><p>Type your card.</p>", content_type="text/html")


def payment_of(amara: Visitor) -> Payment:
    """The visitor's newest payment."""
    return next(one for one in reversed(rows(amara.site.services, Payment)) if one.email == amara.email)


def comes_back(page: Page, site: Site) -> None:
    """Stripe sends the browser back."""
    page.goto(f"{site.url}/book/card")


@pytest.mark.req("S78")
@pytest.mark.req("S80")
def test_a_card_given_at_stripe_books_the_visit_and_its_hold_is_released(
    site: Site, stripe: tuple[str, StandIn], visitor: Make
) -> None:
    amara = visitor().reaches_times("Hydrating facial").picks_day(DAY).holds("9:00 AM").goes_on("policy")
    stripe[1].pay(at_stripe(amara))
    comes_back(amara.page, site)
    amara.is_at("confirmed")
    until(amara.page, lambda: payment_of(amara).state == "released")


@pytest.mark.req("S81")
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_stripe_that_is_away_is_told_and_nothing_is_booked(
    site: Site, stripe: tuple[str, StandIn], visitor: Make, size: str
) -> None:
    hour = "10:00 AM" if size == "desktop" else "11:00 AM"
    amara = visitor(size).reaches_times("Hydrating facial").picks_day(DAY).holds(hour).goes_on("policy")
    amara.page.locator("#accept").check()
    stripe[1].fail("/v1/checkout/sessions", "503", times=9)
    amara.button("Continue to your card").click()
    expect(amara.notice).to_contain_text("Our payment service does not answer")
    expect(amara.notice).to_contain_text("Nothing was booked or charged")
    is_clean_and_fits(amara, "stripe away")
    stripe[1].faults.clear()
    stripe[1].pay(at_stripe(amara))
    stripe[1].fail("/v1/checkout/sessions", "503", times=40)
    comes_back(amara.page, site)
    expect(amara.page.get_by_text("please do not give it again")).to_be_visible(timeout=20_000)
    is_clean_and_fits(amara, "stripe away on the way back")
    stripe[1].faults.clear()
    amara.page.wait_for_url("**/book/confirmed", timeout=20_000)


def owes(amara: Visitor, stripe: StandIn) -> str:
    """They cancel tomorrow's visit, and the card it was booked with is gone; the path of the link in the letter."""
    site, owner = amara.site, f"owner of {amara.email}"
    wizard(site.clinic, owner, "facial", email=amara.email, phone=amara.e164)
    site.services.do(holds.hold, owner, minute(date(2026, 11, 24), "10:00"))
    cashier(site.services).begin(owner, Acceptance(site.clinic["policy"], None))
    stripe.pay(payment_of(amara).session_id or "")
    cashier(site.services).returned(owner)
    visit = site.services.ask(queries.booked_here, owner)
    card = next(one for one in rows(site.services, Card) if one.patient_id == visit.patient_id)
    site.services.do(cards.remove, card.account, visit.patient_id, card.id)
    fee = site.services.ask(changes.fee_minor, visit)
    site.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=fee)
    found = re.search(r"/pay\?t=[0-9a-f]{64}", site.letter_to(amara.email, "email", holding="/pay?t=").text)
    assert found
    return found[0]


@pytest.mark.req("S56")
def test_a_stripe_that_is_away_takes_no_fee_twice_and_the_page_finds_out_by_itself(
    site: Site, stripe: tuple[str, StandIn], visitor: Make
) -> None:
    amara = visitor()
    amara.opens(owes(amara, stripe[1]))
    expect(amara.page.get_by_text("We have no card of yours to charge.")).to_be_visible()
    stripe[1].fail("/v1/checkout/sessions", "503", times=9)
    amara.button("Pay $47.50").click()
    expect(amara.notice).to_contain_text("Our payment service does not answer", timeout=20_000)
    stripe[1].faults.clear()
    theirs = f"{site.settings.stripe_api_base}/c/pay/**"
    amara.page.route(theirs, _their_page)
    amara.button("Pay $47.50").click()
    amara.page.wait_for_url(theirs)
    stripe[1].pay(payment_of(amara).session_id or "")
    stripe[1].fail("/v1/checkout/sessions", "503", times=40)
    amara.page.goto(f"{site.url}/pay/done")
    expect(amara.heading).to_have_text("Our payment service does not answer", timeout=20_000)
    expect(amara.button("Pay $47.50")).to_have_count(0)
    is_clean_and_fits(amara, "stripe away after a fee")
    stripe[1].faults.clear()
    expect(amara.heading).to_have_text("Thank you, it is paid", timeout=20_000)
    assert payment_of(amara).captured_minor == 4750

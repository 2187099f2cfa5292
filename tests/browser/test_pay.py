"""A fee that could not be charged, paid from the link in its letter, at a desk and on a phone (S56, P5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest
from playwright.sync_api import expect

from clinic_portal.booking import changes, fees, holds, queries
from clinic_portal.booking.types import Visit
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo, Purpose
from tests.browser.journey import Visitor
from tests.browser.staff_journey import until
from tests.browser.test_access import HIDDEN, is_clean_and_fits
from tests.card_kit import LATER_DECLINED, till
from tests.factories import minute, staff
from tests.factories import visitor as wizard
from tests.site import OPENING, Site

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
FRIDAY = date(2026, 12, 4)
PAY = re.compile(r"^Pay \$120\.00$")  # on the gateway's page a saved card has a button of its own
_owners = count(1)


def owes(site: Site, who: Visitor) -> Visit:
    """They cancelled two hours before a visit of 240.00, after the quiet hours; the bank refused the fee of 120.00."""
    owner = f"owes-{next(_owners)}"
    wizard(site.clinic, owner, "botox", email=who.email, phone=who.e164)
    site.services.do(holds.hold, owner, minute(FRIDAY, "10:30"))
    made = till(site.services).books(owner, site.clinic["policy"], LATER_DECLINED)
    visit = site.services.ask(queries.visit, made.appointment_id)
    site.clock.set(visit.start_at - timedelta(hours=2))
    site.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=12000)
    return visit


def letters_link(who: Visitor, channel: str = "email") -> str:
    """The path of the link in the letter that asks for the fee."""
    to = who.email if channel == "email" else who.e164
    found = re.search(r"(/pay\?t=[0-9a-f]{64})", who.site.letter_to(to, channel, holding="/pay?t=").text)
    assert found
    return found[1]


def fee_of(site: Site, visit: Visit) -> PaymentInfo:
    found = site.services.ask(payments.fee_of, visit.appointment_id, Purpose.CANCELLATION_FEE)
    assert found is not None
    return found


def goes_to_pay(who: Visitor) -> None:
    """Press the page's button, and be on the gateway's page."""
    who.button("Pay $120.00").click()
    who.page.wait_for_url(re.compile(r"/sandbox/pay/"))


@SIZES
@pytest.mark.req("S56")
def test_a_guest_pays_the_fee_from_the_link_in_the_letter(site: Site, visitor: Make, size: str) -> None:
    amara = visitor(size)
    visit = owes(site, amara)
    amara.opens(letters_link(amara))
    expect(amara.heading).to_have_text("Pay $120.00")
    expect(amara.heading).to_be_focused()
    for told in (
        "Your fee for a late cancellation could not be charged.",
        "Nothing was taken from your card.",
        "Friday, December 4, 2026, 10:30",
        "Lumen Downtown",
        visit.reference,
        "The policy you accepted on Monday, November 23, 2026",
        "After that, cancelling costs $120.00",
        "Please tell us two days before.",
    ):
        expect(amara.page.get_by_text(told).first).to_be_visible()
    expect(amara.page.get_by_text("Botox")).to_have_count(0)
    expect(amara.page.get_by_text("Amara")).to_have_count(0)
    is_clean_and_fits(amara, "owed")
    assert fee_of(site, visit).state == "failed"
    goes_to_pay(amara)
    amara.gives_card(act=PAY)
    amara.page.wait_for_url(re.compile(r"/pay/done$"))
    expect(amara.heading).to_have_text("Thank you, it is paid")
    expect(amara.page.get_by_text("was taken from your card ending in 4242")).to_be_visible()
    is_clean_and_fits(amara, "paid")
    paid = fee_of(site, visit)
    assert (paid.state, paid.captured_minor) == ("paid", 12000)
    assert "ending in 4242" in site.letter_to(amara.email, "email", holding="Open the receipt").text


@SIZES
def test_a_card_that_is_refused_takes_nothing_and_leaving_says_so_and_goes_on(
    site: Site, visitor: Make, size: str
) -> None:
    amara = visitor(size)
    visit = owes(site, amara)
    amara.opens(letters_link(amara, "sms"))
    goes_to_pay(amara)
    amara.gives_card("4000 0000 0000 9995", act=PAY)
    expect(amara.page.get_by_text("not enough money").first).to_be_visible()
    amara.page.get_by_role("link", name="Back to Lumen Aesthetics").click()
    amara.page.wait_for_url(re.compile(r"/pay/done\?left=1$"))
    expect(amara.heading).to_have_text("Not paid yet")
    expect(amara.page.get_by_text("Nothing was charged.")).to_be_visible()
    is_clean_and_fits(amara, "left")
    assert fee_of(site, visit).captured_minor == 0
    goes_to_pay(amara)
    amara.gives_card(act=PAY)
    expect(amara.heading).to_have_text("Thank you, it is paid")


def test_the_gateways_page_and_its_way_back_hold_no_token(site: Site, visitor: Make) -> None:
    amara = visitor()
    owes(site, amara)
    link = letters_link(amara)
    amara.opens(link)
    asked: list[str] = []
    amara.page.on("request", lambda one: asked.append(f"{one.url} {one.headers.get('referer', '')}"))
    goes_to_pay(amara)
    back = amara.page.get_by_role("link", name="Back to Lumen Aesthetics").get_attribute("href")
    assert back is not None
    assert back.endswith("/pay/done?left=1")
    token = link.partition("=")[2]
    assert token not in amara.page.url
    amara.page.get_by_role("link", name="Back to Lumen Aesthetics").click()
    expect(amara.heading).to_have_text("Not paid yet")
    assert token not in amara.page.content()


def test_paid_in_one_tab_the_other_charges_nothing_more(site: Site, visitor: Make) -> None:
    amara = visitor()
    visit = owes(site, amara)
    amara.opens(letters_link(amara))
    till(site.services).gateway.pay(
        till(site.services).cashier.pay_fee(fee_of(site, visit).id).rpartition("/")[2], "4242424242424242"
    )
    amara.button("Pay $120.00").click()
    expect(amara.heading).to_have_text(re.compile("This fee is paid|There is nothing to pay here"))
    assert fee_of(site, visit).captured_minor == 12000


def test_once_it_is_paid_or_forgiven_the_link_says_that_nothing_is_to_pay(site: Site, visitor: Make) -> None:
    amara = visitor()
    visit = owes(site, amara)
    amara.opens(letters_link(amara))
    site.services.do(fees.waive, staff(site.services).actor, fee_of(site, visit).id, reason="Moved house")
    amara.button("Pay $120.00").click()
    expect(amara.heading).to_have_text(re.compile("Nothing is left to pay|There is nothing to pay here"))
    assert site.letter_to(amara.email, "email", holding="We let go of the fee")
    amara.opens(letters_link(amara))
    expect(amara.heading).to_have_text("There is nothing to pay here")
    is_clean_and_fits(amara, "ended")
    assert fee_of(site, visit).state == "waived"


def test_another_browser_knows_nothing_of_a_payment(site: Site, visitor: Make) -> None:
    amara, stranger = visitor(), visitor()
    owes(site, amara)
    amara.opens(letters_link(amara))
    goes_to_pay(amara)
    stranger.opens("/pay/done")
    expect(stranger.heading).to_have_text("Which payment do you mean?")
    is_clean_and_fits(stranger, "unknown")
    for path in ("/pay", "/pay?t=", f"/pay?t={'0' * 64}", "/pay?t=<script>"):
        stranger.opens(path)
        expect(stranger.heading).to_have_text(re.compile("There is nothing to pay here|Which payment"))
        expect(stranger.page.get_by_text("$120.00")).to_have_count(0)


@pytest.mark.req("B9")
def test_the_fee_is_paid_by_keyboard(site: Site, visitor: Make) -> None:
    amara = visitor()
    owes(site, amara)
    amara.opens(letters_link(amara))
    expect(amara.heading).to_be_focused()
    amara.page.keyboard.press("Tab")
    assert amara.page.evaluate("document.activeElement.id") == "pay"
    assert amara.page.evaluate(HIDDEN) == ""
    amara.page.keyboard.press("Enter")
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))


def test_a_link_older_than_thirty_days_has_ended(site: Site, visitor: Make) -> None:
    amara = visitor()
    owes(site, amara)
    link = letters_link(amara)
    site.clock.set(OPENING + timedelta(days=60))
    amara.opens(link)
    expect(amara.heading).to_have_text("There is nothing to pay here")


def test_on_the_way_back_a_worker_that_was_first_is_no_trouble(site: Site, visitor: Make) -> None:
    amara = visitor()
    visit = owes(site, amara)
    amara.opens(letters_link(amara))
    goes_to_pay(amara)
    page = amara.page.url.rpartition("/")[2]
    till(site.services).gateway.pay(page, "4242424242424242")
    till(site.services).cashier.settle(fee_of(site, visit).id)
    until(amara.page, lambda: fee_of(site, visit).state == "paid")
    amara.opens("/pay/done")
    expect(amara.heading).to_have_text("Thank you, it is paid")

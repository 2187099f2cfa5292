"""The card at booking, as its patient meets it: every test card, at a desk and on a phone (S75-S81)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from clinic_portal.booking import changes, queries
from clinic_portal.clinic import models as clinic
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.payments.models import Payment
from clinic_portal.payments.ports import IntentStatus
from tests.browser.journey import Visitor
from tests.browser.staff_journey import until
from tests.browser.test_access import is_clean_and_fits
from tests.factories import booked, rows
from tests.site import Site

Make = Callable[..., Visitor]
both_sizes = pytest.mark.parametrize("size", ["desktop", "phone"])
THURSDAY = date(2026, 12, 10)
HOURS = {"desktop": "9:00 AM", "phone": "11:00 AM"}
"""Each test has a day of its own, each size its hour."""


@pytest.fixture
def deposit(site: Site) -> Iterator[int]:
    """Botox asks a deposit of 60.00."""
    site.clinic.change(clinic.Service, "botox", deposit_minor=6000)
    yield 6000
    site.clinic.change(clinic.Service, "botox", deposit_minor=None)


@pytest.fixture
def no_policy(site: Site) -> Iterator[None]:
    """The clinic charges nobody for anything."""
    site.clinic.change(clinic.PolicyVersion, "policy", is_in_force=False)
    yield
    site.clinic.change(clinic.PolicyVersion, "policy", is_in_force=True)


def at_policy(visitor: Visitor, day: str, hour: str) -> Visitor:
    """A visitor who holds a time and reads the policy."""
    return visitor.reaches_times("Botox — forehead").picks_day(day).holds(hour).goes_on("policy")


def payment_of(site: Site, visitor: Visitor) -> Payment:
    """The newest payment of a visitor."""
    return next(one for one in reversed(rows(site.services, Payment)) if one.email == visitor.email)


def is_settled(site: Site, visitor: Visitor, state: str) -> Payment:
    """The worker has done what was left to do."""
    until(visitor.page, lambda: payment_of(site, visitor).state == state)
    return payment_of(site, visitor)


@both_sizes
@pytest.mark.req("S75")
@pytest.mark.req("S76")
@pytest.mark.req("S78")
@pytest.mark.req("S79")
@pytest.mark.req("S80")
def test_a_card_is_asked_for_given_checked_with_fifty_cents_and_let_go(site: Site, visitor: Make, size: str) -> None:
    amara = at_policy(visitor(size), "Thursday, December 3", HOURS[size])
    expect(amara.page.get_by_role("heading", name="A card is needed to secure your visit")).to_be_visible()
    expect(amara.page.get_by_text("is reserved on it and released at once")).to_be_visible()
    is_clean_and_fits(amara, "policy and card")
    amara.accepts()
    expect(amara.page.get_by_text("$0.50").first).to_be_visible()
    amara.gives_card().is_at("confirmed")
    expect(amara.page.get_by_text("is released at once")).to_be_visible()
    is_clean_and_fits(amara, "confirmed with a card")
    paid = is_settled(site, amara, "released")
    assert (paid.purpose, paid.amount_minor, paid.captured_minor) == ("hold", 50, 0)
    assert paid.intent_id
    assert SandboxGateway(site.services).intent(paid.intent_id).status is IntentStatus.CANCELLED


@both_sizes
@pytest.mark.req("S75")
@pytest.mark.req("S78")
def test_a_deposit_is_taken_once_it_is_booked(site: Site, visitor: Make, size: str, deposit: int) -> None:
    amara = at_policy(visitor(size), "Friday, December 4", HOURS[size])
    expect(amara.page.get_by_text("is taken once your visit is booked")).to_be_visible()
    amara.accepts().gives_card(act="Pay $60.00").is_at("confirmed")
    expect(amara.page.get_by_text("Your deposit of $60.00")).to_be_visible()
    paid = is_settled(site, amara, "paid")
    assert (paid.purpose, paid.captured_minor) == ("deposit", deposit)


@pytest.mark.req("S77")
def test_no_card_is_asked_for_without_policy_and_deposit(site: Site, visitor: Make, no_policy: None) -> None:
    amara = at_policy(visitor(), "Monday, December 7", HOURS["desktop"])
    expect(amara.page.get_by_text("A card is needed")).to_have_count(0)
    amara.button("Confirm booking").click()
    amara.is_at("confirmed")
    assert not [one for one in rows(site.services, Payment) if one.email == amara.email]


@both_sizes
@pytest.mark.req("S81")
@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("4000 0000 0000 0002", "Your card was declined"),
        ("4000 0000 0000 9995", "not enough money"),
        ("4000 0000 0000 0069", "has expired"),
        ("4000 0000 0000 0127", "security code is not right"),
        ("4000 0000 0000 9987", "will not be taken again"),
    ],
)
def test_a_card_that_is_refused_books_nothing_and_another_does(
    site: Site, visitor: Make, size: str, number: str, told: str
) -> None:
    amara = at_policy(visitor(size), "Tuesday, December 8", HOURS[size])
    amara.accepts().gives_card(number)
    expect(amara.page.get_by_text(told).first).to_be_visible()
    assert payment_of(site, amara).state == "open"
    amara.page.get_by_role("link", name="Back to Lumen Aesthetics").click()
    amara.is_at("card")
    expect(amara.page.get_by_text("Nothing is booked and nothing was charged")).to_be_visible()
    is_clean_and_fits(amara, "card not given yet")
    amara.button("Continue to your card").locator("visible=true").first.click()
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    amara.gives_card().is_at("confirmed")
    frees(site, amara)


@both_sizes
@pytest.mark.req("S78")
@pytest.mark.parametrize(
    ("number", "is_asked"),
    [
        ("5555 5555 5555 4444", False),
        ("3782 822463 10005", False),
        ("4000 0000 0000 0341", False),
        ("4000 0027 6000 3184", True),
    ],
)
def test_every_other_card_books(site: Site, visitor: Make, size: str, number: str, is_asked: bool) -> None:
    amara = at_policy(visitor(size), "Saturday, December 12", HOURS[size])
    amara.accepts().gives_card(number)
    if is_asked:
        amara.button("Yes, approve").click()
    amara.is_at("confirmed")
    is_settled(site, amara, "released")
    frees(site, amara)


@both_sizes
@pytest.mark.req("S78")
@pytest.mark.req("S81")
def test_the_bank_asks_and_a_no_books_nothing_while_a_yes_does(site: Site, visitor: Make, size: str) -> None:
    amara = at_policy(visitor(size), "Wednesday, December 9", HOURS[size])
    amara.accepts().gives_card("4000 0025 0000 3155")
    amara.button("No, refuse").click()
    expect(amara.page.get_by_text("did not hear a yes")).to_be_visible()
    assert payment_of(site, amara).state == "open"
    amara.gives_card("4000 0025 0000 3155")
    amara.button("Yes, approve").click()
    amara.is_at("confirmed")


@both_sizes
@pytest.mark.req("S81")
def test_a_time_lost_while_the_card_was_typed_is_told_with_other_times(site: Site, visitor: Make, size: str) -> None:
    clock = "09:00" if size == "desktop" else "11:00"
    amara = at_policy(visitor(size), "Thursday, December 10", HOURS[size]).accepts()
    page = amara.page.url.rpartition("/")[2]
    site.clock.advance(timedelta(minutes=25))
    booked(site.clinic, f"faster-{size}", THURSDAY, clock, "botox", email=f"f{size}@example.org", phone="+15125550143")
    SandboxGateway(site.services).pay(page, "4242424242424242")  # at once: the worker ends a page soon after its hold
    amara.opens("/book/card").is_at("time")
    expect(amara.notice).to_contain_text("Your card was fine, but the time was gone")
    expect(amara.notice).to_contain_text("nothing was charged")
    is_clean_and_fits(amara, "time lost")
    assert is_settled(site, amara, "released").failure_code == "slot_taken"


def test_going_back_from_the_gateways_page_does_not_lead_there_again(site: Site, visitor: Make) -> None:
    amara = at_policy(visitor(), "Friday, December 11", HOURS["desktop"]).accepts()
    amara.page.go_back()
    amara.is_at("policy")
    expect(amara.page.locator("#accept")).to_be_visible()


def frees(site: Site, visitor: Visitor) -> None:
    """What a visitor booked goes, for the next test."""
    paid = payment_of(site, visitor)
    visit = site.services.ask(queries.visit, paid.appointment_id)
    site.services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)

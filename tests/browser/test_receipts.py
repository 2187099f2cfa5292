"""Receipts, and the payments of a visit: seen by their patient and by staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count

import pypdfium2
import pytest
from playwright.sync_api import expect

from clinic_portal.booking import fees
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from clinic_portal.core.audit import AuditEntry
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import State
from tests.browser.journey import Visitor
from tests.browser.portal_journey import Make, at_home, opens, page_of
from tests.browser.staff_journey import goes_to, sits_down
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import LATER_DECLINED, VISA, Till, till
from tests.factories import patient, rows, staff
from tests.fees_kit import cancels, cancels_late, deposit_of, has_booked, misses, refunded
from tests.site import Site

SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
_days = count(0)


@pytest.fixture
def desk(site: Site) -> Till:
    return till(site.services)


@contextmanager
def deposit_asked(site: Site, minor: int = 5000) -> Iterator[None]:
    site.clinic.change(clinic.Service, "peel", deposit_minor=minor)
    try:
        yield
    finally:
        site.clinic.change(clinic.Service, "peel", deposit_minor=None)


def books(made: Visitor, desk: Till, *, deposit: bool = False, number: str = VISA) -> Visit:
    """A patient of the portal with a visit booked with a card."""
    patient(made.site.services, made.email, phone=made.e164)
    on = date(2026, 12, 1) + timedelta(days=next(_days))
    told = {"number": number, "on": on, "clock": "10:00", "email": made.email, "phone": made.e164}
    if not deposit:
        return has_booked(made.site.clinic, desk, "peel", **told)
    with deposit_asked(made.site):
        return has_booked(made.site.clinic, desk, "peel", **told)


def entry(made: Visitor, title: str):
    return made.page.locator("#payments li", has_text=title)


@pytest.mark.req("P6")
@pytest.mark.req("B9")
@SIZES
def test_a_deposit_stands_with_the_visit_and_leads_to_its_receipt(
    site: Site, visitor: Make, desk: Till, size: str
) -> None:
    amara = visitor(size)
    visit = books(amara, desk, deposit=True)
    refunded(desk, deposit_of(desk, visit), 1500)
    at_home(amara, page_of(visit))
    shown = entry(amara, "Deposit")
    expect(shown).to_contain_text("$50.00")
    expect(shown).to_contain_text("On Mon, Nov 23, 2026 with Visa ending in 4242.")
    expect(shown).to_contain_text("$15.00 went back to your card on Mon, Nov 23, 2026.")
    is_clean_and_fits(amara, "visit with payments")
    shown.get_by_role("link", name="Receipt: Deposit").click()
    expect(amara.page.locator("#receipt-number")).to_have_text(f"R-{deposit_of(desk, visit).id:06}")
    table = amara.page.get_by_role("table", name="What was paid")
    expect(table).to_contain_text("Refunded on Monday, November 23, 2026")
    expect(table.get_by_role("row").last).to_have_text(re.compile("Paid after refunds.*35.00"))
    is_clean_and_fits(amara, "receipt")
    with amara.page.expect_download() as saved:
        amara.page.get_by_role("link", name="Download PDF").click()
    text = pypdfium2.PdfDocument(saved.value.path())[0].get_textpage().get_text_range()
    assert visit.reference in text


@pytest.mark.req("S56")
@pytest.mark.req("B9")
@SIZES
def test_a_fee_that_the_bank_refused_is_paid_from_the_visits_page(
    site: Site, visitor: Make, desk: Till, size: str
) -> None:
    amara = visitor(size)
    visit = books(amara, desk, number=LATER_DECLINED)
    fee = cancels_late(desk, site.clock, visit)
    at_home(amara, page_of(visit))
    shown = entry(amara, "Late cancellation")
    expect(shown).to_contain_text("To be paid")
    expect(shown.get_by_role("link", name="Receipt")).to_have_count(0)
    is_clean_and_fits(amara, "visit with a fee that is owed")
    amara.button("Pay $90.00 now").press("Enter")
    amara.page.wait_for_url(re.compile(r"/sandbox/pay/"))
    page = amara.page.url.rpartition("/")[2]
    desk.gateway.pay(page, "5555555555554444", authenticated=True)
    assert desk.cashier.settle(fee.id).state is State.PAID
    opens(amara, page_of(visit))
    expect(shown).to_contain_text("Paid")
    expect(shown).to_contain_text("with Mastercard ending in 4444.")
    expect(shown.get_by_role("link", name="Receipt: Late cancellation")).to_be_visible()


def test_a_fee_paid_in_another_tab_is_not_paid_twice(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books(amara, desk, number=LATER_DECLINED)
    fee = cancels_late(desk, site.clock, visit)
    at_home(amara, page_of(visit))
    page = desk.cashier.pay_fee(fee.id).rpartition("/")[2]
    desk.gateway.pay(page, "5555555555554444", authenticated=True)
    amara.button("Pay $90.00 now").click()
    expect(amara.notice).to_contain_text("This has changed meanwhile")
    expect(entry(amara, "Late cancellation")).to_contain_text("with Mastercard ending in 4444.")


def test_what_was_waived_and_what_became_credit_is_said(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    missed = books(amara, desk, number=LATER_DECLINED)
    site.clinic.settings(deposit_returns_to="wallet")
    try:
        paid = books(amara, desk, deposit=True)
        cancels(desk, paid)
    finally:
        site.clinic.settings(deposit_returns_to="card")
    fee = misses(desk, site.clock, missed, fee_minor=9000)
    owner = staff(site.services, "owner").actor
    site.services.do(fees.waive, owner, fee.id, reason="A kindness.")
    at_home(amara, page_of(missed))
    expect(entry(amara, "Missed visit")).to_contain_text("You owe nothing for it.")
    opens(amara, page_of(paid))
    expect(entry(amara, "Deposit")).to_contain_text("$50.00 of it became credit for your next visit.")


@pytest.mark.req("B9")
@SIZES
def test_long_names_keep_within_the_sheet(site: Site, visitor: Make, desk: Till, size: str) -> None:
    amara = visitor(size)
    long = "Pneumonoultramicroscopicsilicovolcanoconiosis peel for face, neck and décolleté"
    site.clinic.change(clinic.Service, "peel", name=long)
    try:
        visit = books(amara, desk, deposit=True)
    finally:
        site.clinic.change(clinic.Service, "peel", name="Chemical peel")
    at_home(amara, f"/portal/receipt?id={deposit_of(desk, visit).id}")
    expect(amara.page.get_by_text(long)).to_be_visible()
    is_clean_and_fits(amara, "receipt with long names")
    opens(amara, page_of(visit))
    is_clean_and_fits(amara, "visit with long names")


def test_a_visit_whose_card_was_only_checked_says_nothing_of_payments(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books(amara, desk)
    at_home(amara, page_of(visit))
    expect(amara.page.get_by_role("heading", name="Your visit")).to_be_visible()
    expect(amara.page.locator("#payments")).to_have_count(0)


@pytest.mark.req("B9")
@SIZES
def test_anothers_receipt_looks_like_one_that_does_not_exist(site: Site, visitor: Make, desk: Till, size: str) -> None:
    theirs = deposit_of(desk, books(visitor(), desk, deposit=True))
    thief = at_home(visitor(size), f"/portal/receipt?id={theirs.id}")
    expect(thief.heading).to_have_text("We could not find that receipt")
    is_clean_and_fits(thief, "no receipt")
    assert "R-" not in thief.page.locator("main").inner_text()


@pytest.mark.req("P15")
@pytest.mark.req("B9")
@SIZES
def test_staff_see_the_receipt_and_make_the_dispute_file_in_one_click(
    site: Site, visitor: Make, desk: Till, size: str
) -> None:
    paid = deposit_of(desk, books(visitor(), desk, deposit=True))
    clerk = sits_down(visitor(size), "front_desk", f"/admin/receipt?id={paid.id}")
    expect(clerk.page.locator("#receipt-number")).to_have_text(f"R-{paid.id:06}")
    is_clean_and_fits(clerk, "receipt for staff")
    with clerk.page.expect_download() as saved:
        clerk.page.get_by_role("link", name="Dispute file").click()
    assert saved.value.suggested_filename == f"dispute-R-{paid.id:06}.pdf"
    made = [one for one in rows(site.services, AuditEntry) if one.action == "dispute_file.read"]
    assert made[-1].subject == f"payment:{paid.id}"
    goes_to(clerk, "/admin/receipt?id=987654")
    expect(clerk.page.get_by_text("There is no such receipt")).to_be_visible()
    is_clean_and_fits(clerk, "no receipt for staff")


@pytest.mark.req("P15")
def test_who_sees_no_payments_sees_no_receipt(site: Site, visitor: Make, desk: Till) -> None:
    paid = deposit_of(desk, books(visitor(), desk, deposit=True))
    nurse = visitor()
    sits_down(nurse, "provider")
    nurse.page.goto(f"{site.url}/admin/receipt?id={paid.id}")
    nurse.page.wait_for_url(re.compile(r"/admin\?why=not_permitted"))
    assert site.services.ask(payments.payment, paid.id).state is State.PAID

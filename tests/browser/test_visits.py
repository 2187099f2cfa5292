"""At the desk: a patient is checked in and out; what is paid with what is seen before, and by the patient after."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import cycle

import pytest
from playwright.sync_api import expect

from clinic_portal.booking import queries
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from tests import factories
from tests.browser import portal_journey as portal
from tests.browser import staff_journey as staff
from tests.browser.conftest import SIZES as SCREENS
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import Till, till
from tests.desk_kit import moves
from tests.site import Site
from tests.visits_kit import checks_out, has_credit, has_items, now_of, reserves

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
_days = cycle(date(2026, 11, 27) + timedelta(days=n) for n in range(25))
"""Each visit has a day of its own."""


@pytest.fixture
def desk(site: Site) -> Till:
    site.clinic.change(clinic.Service, "botox", deposit_minor=5000)
    return till(site.services)


def books_visit(who: Visitor, desk: Till, *services: str) -> Visit:
    """A visit that someone booked with a card, at ten on a day of its own, which it is now."""
    made = who.site.clinic
    who.site.clock.advance(timedelta(minutes=1, seconds=1))
    owner = f"browser of {who.email}"
    name = ("Amara", who.email.partition("@")[0].capitalize())
    factories.visitor(made, owner, *services, name=name, email=who.email, phone=who.e164)
    made.services.do(factories.holds.hold, owner, factories.minute(next(_days), "10:00"))
    done = desk.books(owner, made["policy"])
    visit = desk.services.ask(queries.visit, done.appointment_id)
    who.site.clock.set(visit.start_at)
    return visit


def at_desk(boss: Visitor, visit: Visit, role: str = "front_desk") -> Visitor:
    """Someone of the staff at the visit's page, at the hour of the visit."""
    return staff.sits_down(boss, role, f"/admin/visit?id={visit.appointment_id}")


def sums(boss: Visitor, *told: str) -> None:
    for one in told:
        expect(boss.page.locator("#sums")).to_contain_text(one)


@SIZES
@pytest.mark.req("P6", "P8", "S33", "P15")
def test_a_patient_arrives_and_pays_with_package_deposit_credit_and_at_the_desk(
    site: Site, visitor: Make, desk: Till, size: str
) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "botox", "facial")
    package = has_items(site.services, visit.patient_id, 3, service_id=site.clinic["facial"], name="Hydrating facial")
    has_credit(site.services, visit.patient_id, 4000)
    reserves(site.services, visit, package, 1)
    boss = at_desk(visitor(size), visit)
    is_clean_and_fits(boss, "before")
    boss.button("Check in").click()
    expect(boss.notice).to_contain_text("Checked in")
    expect(boss.page.locator("#standing")).to_contain_text("Arrived")
    sums(boss, "$335.00", "−$95.00", "−$50.00", "$190.00")
    boss.page.get_by_label("Use credit, USD").fill("40")
    boss.button("Use it").click()
    sums(boss, "Credit used", "$150.00")
    boss.page.get_by_label("What for").fill("A longer session")
    boss.page.get_by_label("Amount, USD").fill("25")
    boss.button("Add").click()
    sums(boss, "$360.00", "$175.00")
    is_clean_and_fits(boss, "the bill")
    boss.button("Check out, $175.00").click()
    expect(boss.page.locator("#how-error")).to_contain_text("Please choose")
    boss.page.get_by_label("Card terminal").click()
    boss.button("Check out, $175.00").click()
    expect(boss.notice).to_contain_text("$175.00 paid at the clinic")
    sums(boss, "Paid at the clinic by card", "$175.00", "$360.00")
    expect(boss.page.locator("#lines")).to_contain_text("Paid with the package: 1 Hydrating facial")
    is_clean_and_fits(boss, "the finished bill")
    assert now_of(site.services, visit).status == "fulfilled"
    sees_how_it_was_paid(amara, visit, size)


def sees_how_it_was_paid(amara: Visitor, visit: Visit, size: str) -> None:
    """The patient, at home."""
    portal.at_home(amara, portal.page_of(visit))
    amara.page.set_viewport_size(SCREENS[size])
    bill = amara.page.locator("#bill")
    for told in (
        "Paid with your package: 1 Hydrating facial",
        "Deposit used",
        "Credit used",
        "Paid at the clinic by card",
        "$175.00",
    ):
        expect(bill).to_contain_text(told)
    expect(amara.page.locator("#payments")).to_contain_text("$50.00 of it paid for your visit.")
    expect(amara.page.locator("#cancel-visit")).to_have_count(0)
    is_clean_and_fits(amara, "the patient's page")
    bill.get_by_role("link", name="Receipt of this visit").click()
    expect(amara.page.locator("#receipt-number")).to_have_text(f"V-{visit.reference}")
    expect(amara.page.locator("#amounts")).to_contain_text("$360.00")
    is_clean_and_fits(amara, "the receipt")


@pytest.mark.req("P15")
def test_the_day_says_who_is_there_and_leads_to_the_desk(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "facial")
    boss = staff.sits_down(visitor(), "front_desk")
    slot = boss.page.locator(f'.slot a[href="/admin/visit?id={visit.appointment_id}"]')
    slot.click()
    boss.page.wait_for_url(re.compile("/admin/visit"))
    boss.button("Check in").click()
    expect(boss.notice).to_contain_text("Checked in")
    boss.page.get_by_role("link", name="‹ The day").click()
    expect(slot).to_contain_text("◐ arrived")
    expect(slot).to_have_accessible_name(re.compile("Hydrating facial, arrived"))
    slot.click()
    boss.page.wait_for_url(re.compile("/admin/visit"))
    boss.button("Undo check-in").click()
    expect(boss.notice).to_contain_text("The check-in is taken back")
    expect(boss.page.locator("#standing")).to_contain_text("Booked")
    boss.page.get_by_role("link", name="All about the patient").click()
    boss.page.locator(f'a[href="/admin/visit?ref={visit.reference}"]').click()
    expect(boss.page.locator("#facts")).to_contain_text(visit.reference)


@pytest.mark.req("P8")
def test_what_pays_a_service_is_chosen_and_the_bill_follows(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "botox", "facial")
    has_items(site.services, visit.patient_id, 1, category_id=site.clinic["injectables"], name="Any treatment")
    boss = at_desk(visitor(), visit)
    sums(boss, "Total$335.00", "To be paid now$285.00")
    lines = boss.page.locator("#lines > li")
    lines.nth(1).get_by_label("Paid with: Hydrating facial").select_option(label="Package: Any treatment, 1 left")
    sums(boss, "Prepaid treatments−$95.00", "To be paid now$190.00")
    lines.nth(0).get_by_label("Paid with: Botox — forehead").select_option(label="Package: Any treatment, 1 left")
    expect(boss.notice).to_contain_text("Nothing more is left of it")
    sums(boss, "To be paid now$190.00")
    lines.nth(0).get_by_role("checkbox").click()
    expect(lines.nth(0)).to_contain_text("Not done")
    sums(boss, "Total$95.00", "To be paid nowNothing")
    expect(boss.page.get_by_text("$50.00 of the deposit is left over and goes back to the card.")).to_be_visible()
    boss.button("Check out").click()
    expect(boss.notice).to_contain_text("All is paid.")
    expect(boss.page.locator("#lines > li").nth(0)).to_contain_text("Not done")
    expect(boss.page.get_by_role("link", name="Receipt (PDF)")).to_be_visible()


def test_what_cannot_be_billed_is_said_beside_it(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "facial")
    has_credit(site.services, visit.patient_id, 4000)
    boss = at_desk(visitor(), visit)
    add = boss.page.locator("#extra")
    for words, amount, field, told in (
        ("", "25", "words", "Please say in a few words"),
        ("A kindness", "much", "amount", "Please write an amount such as 25 or -10.50."),
        ("A kindness", "-95.01", "amount", "less than nothing"),
    ):
        add.get_by_label("What for").fill(words)
        add.get_by_label("Amount, USD").fill(amount)
        boss.button("Add").click()
        staff.is_refused_beside(boss, field, told)
    boss.page.get_by_label("Use credit, USD").fill("40.01")
    boss.button("Use it").click()
    staff.is_refused_beside(boss, "credit", "Please make it no more than $40.00.")
    is_clean_and_fits(boss, "refusals")


def test_a_visit_seen_to_at_another_desk_is_shown_as_it_stands(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "facial")
    one = at_desk(visitor(), visit)
    checks_out(site.services, visit)
    one.page.get_by_label("Card terminal").click()
    expect(one.notice).to_contain_text("This visit has changed meanwhile")
    expect(one.page.locator("#standing")).to_contain_text("Done")
    expect(one.page.locator("#check-in, #check-out")).to_have_count(0)


@pytest.mark.req("B9")
def test_a_patient_is_checked_in_and_out_with_the_keyboard_alone(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "facial")
    boss = at_desk(visitor(), visit)
    portal.tabs_to(boss, "check-in").page.keyboard.press("Enter")
    expect(boss.notice).to_contain_text("Checked in")
    expect(boss.page.locator("#notice")).to_be_focused()
    portal.tabs_to(boss, "how-card").page.keyboard.press("Space")
    portal.tabs_to(boss, "check-out").page.keyboard.press("Enter")
    expect(boss.notice).to_contain_text("$95.00 paid at the clinic")


def test_before_its_day_a_visit_can_be_looked_at_and_nothing_else(site: Site, visitor: Make, desk: Till) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "facial")
    site.clock.set(visit.start_at - timedelta(days=1))
    boss = at_desk(visitor(), visit)
    expect(boss.page.get_by_text("They can be checked in on the day they come.")).to_be_visible()
    expect(boss.page.locator("#check-in, #check-out")).to_have_count(0)


def test_who_reads_only_and_who_asks_for_none_see_no_visit(site: Site, visitor: Make, desk: Till) -> None:
    visit = books_visit(visitor(), desk, "facial")
    reader = visitor()
    staff.sits_down(reader, "read_only", "/admin")
    reader.page.goto(f"{site.url}/admin/visit?id={visit.appointment_id}")
    expect(reader.notice).to_contain_text("Your role does not allow that")
    boss = staff.sits_down(visitor(), "front_desk", "/admin/visit?id=987654")
    expect(boss.page.get_by_text("There is no such visit.")).to_be_visible()
    staff.goes_to(boss, "/admin/visit?ref=LMN-NOSUCH")
    expect(boss.page.get_by_text("There is no such visit.")).to_be_visible()


@SIZES
@pytest.mark.req("P15", "B4")
def test_a_visit_is_cancelled_at_the_desk_for_a_reason_and_at_its_fee(
    site: Site, visitor: Make, desk: Till, size: str
) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "botox")
    site.clock.set(visit.start_at - timedelta(hours=3))
    boss = at_desk(visitor(size), visit, "owner")
    expect(boss.page.get_by_role("link", name="Move")).to_have_attribute(
        "href", re.compile(r"/admin/calendar\?on=\S+&location=\d+$")
    )
    boss.button("Cancel visit").click()
    expect(boss.page.locator("#cancel-title")).to_be_focused()
    asked = boss.page.locator("#cancelling")
    expect(asked).to_contain_text("The patient cancels late: the fee of $120.00 is due")
    expect(asked).to_contain_text("$50.00 is kept of the deposit.")
    expect(asked).to_contain_text("$50.00 of the deposit goes back to the card.")
    is_clean_and_fits(boss, "cancelling")
    boss.button("Yes, cancel the visit").click()
    staff.is_refused_beside(boss, "cancel_reason", "Please")
    boss.page.get_by_label("No fee: the clinic calls it off, or lets them off").check()
    boss.page.locator("#cancel_reason").fill("The laser is being repaired.")
    boss.button("Yes, cancel the visit").click()
    expect(boss.notice).to_contain_text("The visit is cancelled")
    expect(boss.page.locator("#standing")).to_contain_text("Cancelled")
    expect(boss.page.locator("#cancel, #cancelling")).to_have_count(0)
    expect(boss.page.locator("#facts")).to_contain_text("Why it was cancelled: The owner")
    expect(boss.page.locator("#facts")).to_contain_text("The laser is being repaired.")
    is_clean_and_fits(boss, "cancelled")
    now = now_of(site.services, visit)
    assert (now.status, now.late_fee_minor) == ("cancelled", 0)


@pytest.mark.req("P15")
def test_each_is_asked_for_the_ways_to_cancel_that_are_theirs_and_one_changed_meanwhile_is_told(
    site: Site, visitor: Make, desk: Till
) -> None:
    amara = visitor()
    visit = books_visit(amara, desk, "botox")
    site.clock.set(visit.start_at - timedelta(hours=60))
    lena = at_desk(visitor(), visit, "provider")
    lena.button("Cancel visit").click()
    expect(lena.page.locator("#cancelling").get_by_role("radio")).to_have_count(1)
    expect(lena.page.locator("#cancelling")).to_contain_text("No fee is due")
    lena.button("Keep it").click()
    expect(lena.page.locator("#cancel")).to_be_focused()
    lena.button("Cancel visit").click()
    lena.page.locator("#cancel_reason").fill("They called.")
    moves(site.clinic, visit, f"{visit.start_at.astimezone(factories.CHICAGO):%H:%M}", minutes=75,
          on=visit.start_at.date())  # fmt: skip
    lena.button("Yes, cancel the visit").click()
    expect(lena.notice).to_contain_text("This visit has changed meanwhile")
    site.clock.set(visit.start_at - timedelta(hours=3))
    late = at_desk(visitor(), visit, "provider")
    late.button("Cancel visit").click()
    expect(late.notice).to_contain_text("A fee is due by now")
    expect(late.page.locator("#cancelling")).to_have_count(0)
    front = at_desk(visitor(), visit)
    front.button("Cancel visit").click()
    expect(front.page.locator("#cancelling").get_by_role("radio")).to_have_count(1)
    expect(front.page.locator("#cancelling")).to_contain_text("the fee of $120.00 is due")
    site.clock.set(visit.start_at)
    begun = at_desk(visitor(), visit)
    expect(begun.page.get_by_role("link", name="Move")).to_be_visible()
    expect(begun.page.locator("#cancel")).to_have_count(0)

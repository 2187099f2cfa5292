"""At the desk: a patient is checked in and out; what is paid with what is seen before, and by the patient after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from clinic_portal.booking import queries
from clinic_portal.booking.types import Visit
from clinic_portal.clinic import models as clinic
from tests import factories
from tests.browser import staff_journey as staff
from tests.browser.journey import Visitor
from tests.browser.test_access import is_clean_and_fits
from tests.card_kit import Till, till
from tests.site import Site
from tests.visits_kit import has_credit, has_items, now_of, reserves

Make = Callable[..., Visitor]
SIZES = pytest.mark.parametrize("size", ["desktop", "phone"])
_days = (date(2026, 11, 27) + timedelta(days=n) for n in range(25))
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
    boss.page.screenshot(path=f"/tmp/wt/shots/visit-before-{size}.png", full_page=True)
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
    boss.page.screenshot(path=f"/tmp/wt/shots/visit-bill-{size}.png", full_page=True)
    boss.button("Check out, $175.00").click()
    expect(boss.notice).to_contain_text("$175.00 paid at the clinic")
    sums(boss, "Paid at the clinic by card", "$175.00", "$360.00")
    expect(boss.page.locator("#lines")).to_contain_text("Paid with the package: 1 Hydrating facial")
    is_clean_and_fits(boss, "the finished bill")
    boss.page.screenshot(path=f"/tmp/wt/shots/visit-done-{size}.png", full_page=True)
    assert now_of(site.services, visit).status == "fulfilled"

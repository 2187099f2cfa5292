"""An owner changes a location: what cannot be used is told beside its field, what visits stand on is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import expect

from clinic_portal.booking import changes, queries
from clinic_portal.clinic.models import Location
from clinic_portal.clinic.queries import catalogue
from tests.browser.journey import Visitor
from tests.factories import booked
from tests.site import Site

Make = Callable[..., Visitor]
SUNDAY = date(2026, 12, 20)


@pytest.fixture
def _with_a_visit(site: Site) -> Iterator[None]:
    done = booked(site.clinic, "stands", SUNDAY, "15:45", "hair", provider="maya", email="stands@example.org")
    yield
    found = site.services.ask(queries.visit, done.appointment_id)
    site.services.do(changes.cancel, found.patient_id, found.reference, shown_fee_minor=0)
    site.clinic.change(Location, "downtown", directions="", phone="")


@pytest.mark.usefixtures("_with_a_visit")
@pytest.mark.req("P3")
@pytest.mark.req("P15")
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_location_is_changed_but_not_the_clock_its_visits_stand_on(visitor: Make, site: Site, size: str) -> None:
    owner = visitor(size).works_here().signs_in_as_staff("/admin/settings/locations")
    save = owner.page.get_by_role("button", name="Save", exact=True)
    owner.button("Change Lumen Downtown").click()
    owner.page.locator("#time_zone").fill("America/Denver")
    owner.page.locator("#phone").fill("call us")
    save.click()
    expect(owner.page.locator("#phone-error")).to_contain_text("phone number")
    owner.page.locator("#phone").fill("(512) 555-0100")
    save.click()
    expect(owner.page.get_by_text("booked at this location")).to_be_visible()
    expect(owner.page.locator("#time_zone")).to_have_value("America/Denver")
    expect(owner.page.locator("#phone-error")).to_be_empty()
    owner.page.locator("#time_zone").fill("America/Chicago")
    owner.page.locator("#directions").fill("Ring twice.\nThen wait.")
    save.click()
    expect(owner.page.get_by_text("Saved", exact=True)).to_be_visible()
    kept = site.services.ask(catalogue).locations[site.clinic["downtown"]]
    assert (kept.time_zone, kept.phone, kept.directions) == (
        "America/Chicago",
        "+15125550100",
        "Ring twice.\nThen wait.",
    )

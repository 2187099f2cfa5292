"""The owner reads the clinic's reports: figures, tables with their charts, other days, a file (P18)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.journey import Visitor
from tests.browser.staff_journey import goes_to, sits_down
from tests.browser.test_access import is_clean_and_fits
from tests.forms_kit import put_all
from tests.reports_kit import LONG, has_a_busy_month, named_in
from tests.site import Site

pytestmark = pytest.mark.req("P18")
Make = Callable[..., Visitor]
PATH = "/admin/reports"
REPORTS = {
    "appointments": "Appointments",
    "missed": "No-shows and cancellations",
    "revenue": "Money",
    "wallets": "Wallets",
    "forms": "Forms",
    "messages": "Messages",
}


@pytest.fixture(scope="module")
def busy(site: Site) -> Site:
    put_all(site.clinic)
    has_a_busy_month(site.clinic)
    return site


def counted(reader: Visitor) -> Visitor:
    """The report has been counted."""
    expect(reader.page.locator("#summary")).to_be_visible(timeout=20_000)
    return reader


def test_an_empty_clinic_reads_that_nothing_was_booked(site: Site, visitor: Make) -> None:
    owner = counted(sits_down(visitor(), path=PATH))
    expect(owner.page.locator("#nothing")).to_have_text("Nothing was booked for these days.")
    expect(owner.page.locator(".report-chart")).to_have_count(0)
    is_clean_and_fits(owner, "an empty report")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_every_report_is_read_by_everyone(busy: Site, visitor: Make, size: str) -> None:
    owner = sits_down(visitor(size), path=PATH)
    for key, title in REPORTS.items():
        counted(goes_to(owner, f"{PATH}?show={key}&period=this_month"))
        expect(owner.page.locator("#report")).to_have_text(title)
        expect(owner.page.get_by_role("heading", level=1)).to_have_text("Reports")
        if key != "forms":
            expect(owner.page.locator(".report-chart svg.recharts-surface").first).to_be_visible()
        told = owner.page.locator("#content").inner_text()
        assert not [name for name in busy.services.ask(named_in) if name in told]
        is_clean_and_fits(owner, f"the report {key}")


def test_the_owner_looks_at_other_days_another_place_and_one_provider(busy: Site, visitor: Make) -> None:
    owner = counted(sits_down(visitor(), path=f"{PATH}?show=appointments&period=this_month"))
    page = owner.page
    expect(page.locator("#period")).to_contain_text("Sun, Nov 1, 2026 – Mon, Nov 23, 2026, compared with")
    expect(page.locator("#by-service")).to_contain_text(LONG)
    page.locator("#from").fill("2026-11-02")
    page.locator("#until").fill("2026-11-08")
    page.locator("#location").select_option(label="Lumen annex")
    page.locator("#provider").select_option(label="Dr. Maya Osei")
    page.locator("#provider").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#period")).to_contain_text("Lumen annex · Dr. Maya Osei")
    expect(page.locator("#by-time tbody tr, #nothing").first).to_be_visible()
    assert "location=" in page.url
    page.get_by_role("link", name="Money", exact=True).click()
    expect(page.locator("#report")).to_have_text("Money")
    expect(page.locator("#period")).to_contain_text("Lumen annex · Dr. Maya Osei")
    expect(page.get_by_text("Packages and memberships belong to no visit")).to_be_visible()
    page.get_by_role("link", name="Last 90 days").click()
    expect(page.locator("#period")).to_contain_text("Aug 26, 2026")
    expect(page.locator("#by-time")).to_contain_text("By week")


def test_days_the_wrong_way_round_are_refused_in_words(busy: Site, visitor: Make) -> None:
    owner = counted(sits_down(visitor(), path=PATH))
    owner.page.locator("#until").fill("2026-10-01")
    owner.button("Show").click()
    expect(owner.page.locator("#until-error")).to_have_text(
        "The last day is before the first. Please choose a later one."
    )
    expect(owner.page.locator("#until")).to_be_focused()
    counted(goes_to(owner, f"{PATH}?show=nonsense&period=never"))
    expect(owner.page.locator("#until-error")).not_to_be_empty()
    expect(owner.page.locator("#report")).to_have_text("Appointments")


def test_a_table_is_downloaded_and_printed_without_its_tools(busy: Site, visitor: Make) -> None:
    owner = counted(sits_down(visitor(), path=f"{PATH}?show=revenue&period=this_month"))
    link = owner.page.locator("#by-kind").get_by_role("link", name=re.compile("Download"))
    with owner.page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename == "revenue-by-kind-2026-11-01-2026-11-23.csv"
    owner.page.emulate_media(media="print")
    expect(owner.page.get_by_role("navigation", name="Which report")).to_be_hidden()
    expect(owner.page.locator("#by-kind table")).to_be_visible()
    expect(link).to_be_hidden()


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_nobody_else_finds_or_opens_them(busy: Site, visitor: Make, role: str) -> None:
    other = sits_down(visitor(), role)
    expect(other.page.get_by_role("link", name="Reports")).to_have_count(0)
    other.page.goto(f"{busy.url}{PATH}")
    expect(other.page).to_have_url(re.compile(r"/admin\?why=not_permitted"))


def test_a_patients_first_page_loads_nothing_of_the_charts(busy: Site, visitor: Make) -> None:
    patient = visitor()
    loaded: list[str] = []
    patient.page.on("response", lambda answer: loaded.append(answer.url))
    patient.page.goto(f"{busy.url}/book")
    patient.page.wait_for_load_state("networkidle")
    scripts = [patient.page.request.get(one).text() for one in loaded if one.endswith(".js")]
    assert scripts
    assert not [one for one in scripts if "recharts" in one]

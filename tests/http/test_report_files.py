"""The tables of reports as files: for the owner alone, exact, and without anybody's name (P18)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from clinic_portal.clinic import models as clinic
from clinic_portal.core.audit import AuditEntry
from clinic_portal.payments.types import Purpose
from clinic_portal.web.admin.reports import asking
from clinic_portal.web.http import reports
from tests.factories import rows, staff
from tests.http.browser import Browser
from tests.reports_kit import at, has_bill, has_message, has_payment, has_refund, has_visit, named_in
from tests.site import Site, running

pytestmark = pytest.mark.req("P18")
PATH, NOVEMBER = "/admin/reports.csv", "from=2026-11-01&until=2026-11-30"
TENTH = date(2026, 11, 10)
Make = Callable[[], Browser]
TABLES = {
    "appointments": ("by-time", "by-service", "by-provider", "who"),
    "missed": ("by-time", "by-provider", "fees"),
    "revenue": ("by-time", "by-kind", "by-provider", "visits"),
    "wallets": ("by-time",),
    "forms": ("by-time", "by-form", "by-location"),
    "messages": ("by-time", "by-channel", "by-kind", "untold"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own: reports count what everybody else's tests leave behind."""
    yield from running(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def busy(site: Site) -> Site:
    """A visit that took place and was paid, a refund, a message; the service is called as a formula."""
    made = site.clinic
    made.change(clinic.Service, "facial", name='=HYPERLINK("http://evil.example")')
    visit = has_visit(made, at(TENTH), "fulfilled", "facial")
    has_bill(site.services, visit, at(TENTH), at_desk_minor=9550)
    paid = has_payment(site.services, Purpose.PACKAGE, 48000, at(date(2026, 10, 30)))
    has_refund(site.services, paid, 8005, at(TENTH))
    has_message(site.services, at(TENTH), appointment_id=visit)
    return site


def read(body: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))


def table(browser: Make, site: Site, show: str, key: str, days: str = NOVEMBER) -> list[list[str]]:
    answer = browser().has("staff", staff(site.services, "owner").cookie).get(f"{PATH}?show={show}&table={key}&{days}")
    assert answer.status_code == 200, answer.text
    return read(answer.text)


def test_the_owner_gets_a_file_named_after_what_is_in_it(busy: Site, browser: Make) -> None:
    owner = browser().has("staff", staff(busy.services, "owner").cookie)
    answer = owner.get(f"{PATH}?show=appointments&table=by-service&{NOVEMBER}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    name = "appointments-by-service-2026-11-01-2026-11-30.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    entry = rows(busy.services, AuditEntry)[-1]
    assert (entry.action, entry.detail) == ("report.downloaded", {"file": name.removesuffix(".csv")})


def test_a_name_that_is_a_formula_is_plain_text(busy: Site, browser: Make) -> None:
    assert table(browser, busy, "appointments", "by-service")[1][0].startswith("'=HYPERLINK")


def test_amounts_are_exact_in_the_currency_of_their_head_and_below_nothing_stays_a_number(
    busy: Site, browser: Make
) -> None:
    head, *lines = table(browser, busy, "revenue", "by-kind")
    assert head == ["For", "Payments", "Taken, USD", "Given back, USD", "Net, USD", "Of all taken, %"]
    assert lines == [
        ["Visits, at the desk", "1", "95.50", "0.00", "95.50", "100.0"],
        ["Packages", "0", "0.00", "80.05", "-80.05", "0.0"],
    ]


def test_days_are_told_as_iso_dates_and_weeks_as_their_two_ends(busy: Site, browser: Make) -> None:
    days = table(browser, busy, "appointments", "by-time")
    assert (days[1][0], days[10][:3], len(days)) == ("2026-11-01", ["2026-11-10", "1", "1"], 31)
    weeks = table(browser, busy, "appointments", "by-time", "from=2026-10-01&until=2026-11-30")
    assert weeks[1][0] == "2026-10-01/2026-10-04"  # a week begins on Monday, or as the language has it


@pytest.mark.parametrize(("show", "key"), [(show, key) for show, keys in TABLES.items() for key in keys])
def test_every_table_is_a_file_and_names_no_patient(busy: Site, show: str, key: str) -> None:
    owner = staff(busy.services, "owner").actor
    asked = {"show": show, "table": key, "from": "2026-11-01", "until": "2026-11-30"}
    name, body = busy.services.ask(reports.file, owner, asked)
    assert name.startswith(f"{show}-{key}-")
    told = body.decode("utf-8-sig")
    assert not [one for one in busy.services.ask(named_in) if one in told]
    assert len({len(line) for line in read(told)}) == 1


def test_the_tables_are_those_of_the_page() -> None:
    assert tuple(TABLES) == tuple(asking.REPORTS)


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only", ""])
def test_nobody_else_gets_one(busy: Site, browser: Make, role: str) -> None:
    stranger = browser()
    if role:
        stranger = stranger.has("staff", staff(busy.services, role).cookie)
    answer = stranger.get(f"{PATH}?show=revenue&table=by-kind&{NOVEMBER}")
    assert answer.status_code == 303
    assert "95.50" not in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        "show=appointments&table=none",
        "show=appointments",
        "show=appointments&table=by-time&location=999999",
        "show=appointments&table=by-time&provider=999999",
        "show=appointments&table=by-time&from=2026-11-30&until=2026-11-01",
        "show=appointments&table=by-time&from=2001-01-01&until=2026-11-01",
    ],
)
def test_what_there_is_not_is_not_made_and_not_noted(busy: Site, browser: Make, asked: str) -> None:
    before = len(rows(busy.services, AuditEntry))
    answer = browser().has("staff", staff(busy.services, "owner").cookie).get(f"{PATH}?{asked}")
    assert answer.status_code == 404
    assert "report.downloaded" not in [one.action for one in rows(busy.services, AuditEntry)[before:]]


@pytest.mark.parametrize(
    "asked",
    [
        "show=%00",
        "show=appointments&table=by-time&period=always",
        "show=appointments&table=by-time&from=yesterday&until=2026-11-01",
        "show=appointments&table=by-time&from=2026-11-01",
        "show=appointments&table=by-time&location=1%20or%201",
        "show=appointments&table=by-time&provider=-1",
        "show=appointments&table=by-time&from=0001-01-01&until=9999-12-31",
    ],
)
def test_what_no_page_of_ours_sends_is_refused(busy: Site, browser: Make, asked: str) -> None:
    answer = browser().has("staff", staff(busy.services, "owner").cookie).get(f"{PATH}?{asked}")
    assert answer.status_code == 400

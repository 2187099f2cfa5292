"""The file of members: for those who handle memberships, and nothing in it that a spreadsheet would run (P8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.work import UnitOfWork
from clinic_portal.memberships.roll import Show
from clinic_portal.patients.models import Patient
from clinic_portal.web.http import members
from tests import plans_kit
from tests.factories import patient, rows, staff
from tests.http.browser import Browser
from tests.site import Site

pytestmark = pytest.mark.req("P8")
PATH = "/admin/members.csv"
Make = Callable[[], Browser]


@pytest.fixture(scope="module")
def member(site: Site) -> str:
    """Somebody on a plan whose name is a formula."""
    email = "csv@example.org"
    plans_kit.joins(site.clinic, plans_kit.offered(site.clinic), email)
    who = patient(site.services, email).actor.patient_id

    def rename(work: UnitOfWork) -> None:
        work.session.get_one(Patient, who).given_name = '=HYPERLINK("http://evil.example")'

    site.services.do(rename)
    return email


def read(body: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))


@pytest.mark.parametrize("role", ["owner", "front_desk"])
def test_who_handles_memberships_gets_the_file(site: Site, member: str, browser: Make, role: str) -> None:
    answer = browser().has("staff", staff(site.services, role).cookie).get(f"{PATH}?show=active")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="members-active.csv"'
    assert answer.headers["cache-control"] == "private, no-store"
    head, line = read(answer.text)
    assert head[:4] == ["Name", "Plan", "Fee", "Currency"]
    assert line[0].startswith("'=HYPERLINK")
    assert line[1:6] == ["Glow", "$99", "USD", "month", "Active"]
    assert rows(site.services, AuditEntry)[-1].action == "members.exported"


def test_the_file_is_made_by_reading_alone(site: Site, member: str) -> None:
    """Who books meanwhile waits for the line in the activity log, not for the file."""
    body, count = site.services.ask(members.file, staff(site.services, "owner").actor, Show.ACTIVE)
    assert (len(read(body)), count) == (2, 1)


def test_an_odd_state_is_all_of_them(site: Site, member: str, browser: Make) -> None:
    desk = browser().has("staff", staff(site.services, "owner").cookie)
    assert desk.get(f"{PATH}?show=%00").text == desk.get(PATH).text


@pytest.mark.parametrize("role", ["provider", "read_only", ""])
def test_nobody_else_gets_it(site: Site, member: str, browser: Make, role: str) -> None:
    stranger = browser()
    if role:
        stranger = stranger.has("staff", staff(site.services, role).cookie)
    answer = stranger.get(PATH)
    assert answer.status_code == 303
    assert "HYPERLINK" not in answer.text


def test_a_patient_gets_none(site: Site, member: str, browser: Make) -> None:
    assert browser().has("portal", patient(site.services, member).cookie).get(PATH).status_code == 303

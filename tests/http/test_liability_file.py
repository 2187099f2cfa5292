"""What the clinic owes as a file: a read that nobody waits for, and a line in the activity log (P18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clinic_portal.core.audit import AuditEntry
from clinic_portal.web.http import liability
from tests.factories import patient, rows, staff
from tests.http.browser import Browser
from tests.site import Site
from tests.wallet_kit import gives

pytestmark = pytest.mark.req("P18")
PATH = "/admin/liability.csv"
Make = Callable[[], Browser]


@pytest.fixture(scope="module")
def owed(site: Site) -> str:
    """Somebody who was given credit; their e-mail."""
    email = "owed@example.org"
    gives(site.services, patient(site.services, email).actor.patient_id)
    return email


def test_the_file_is_made_by_reading_alone(site: Site, owed: str) -> None:
    on, body = site.services.ask(liability.file, staff(site.services, "owner").actor, None)
    assert (on, len(body.splitlines())) == ("2026-11-23", 2)


def test_that_it_was_made_is_in_the_activity_log(site: Site, owed: str, browser: Make) -> None:
    answer = browser().has("staff", staff(site.services, "owner").cookie).get(PATH)
    assert answer.headers["content-disposition"] == 'attachment; filename="liability-2026-11-23.csv"'
    assert rows(site.services, AuditEntry)[-1].action == "liability.downloaded"


def test_of_a_day_to_come_nothing_is_made_and_nothing_noted(site: Site, owed: str, browser: Make) -> None:
    before = len(rows(site.services, AuditEntry))
    answer = browser().has("staff", staff(site.services, "owner").cookie).get(f"{PATH}?on=2027-01-01")
    assert answer.status_code == 404
    assert "liability.downloaded" not in [one.action for one in rows(site.services, AuditEntry)[before:]]

"""The calendar file of a visit is for the browser that booked it, and for no other."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from clinic_portal.core import crypto
from clinic_portal.core.work import Services
from clinic_portal.web.http import calendar_file
from clinic_portal.web.http.routes import endpoints
from tests.factories import SmallClinic, booked, small_clinic

PATH = "/booked/appointment.ics"
MINE, ANOTHER = "m" * 43, "a" * 43


@pytest.fixture
def clinic(services: Services, monkeypatch: pytest.MonkeyPatch) -> SmallClinic:
    monkeypatch.setattr(calendar_file, "services", lambda: services)
    made = small_clinic(services)
    booked(made, crypto.digest(MINE), date(2026, 11, 24), "10:00", "facial")
    return made


async def ask(services: Services, **cookies: str) -> httpx.Response:
    transport = httpx.ASGITransport(endpoints(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=cookies) as browser:
        return await browser.get(PATH)


@pytest.mark.req("S83")
async def test_the_browser_that_booked_gets_the_file(clinic: SmallClinic) -> None:
    answer = await ask(clinic.services, visitor=MINE)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
    assert answer.headers["cache-control"] == "no-store"
    assert "DTSTART;TZID=America/Chicago:20261124T100000" in answer.text


async def test_the_file_tells_a_finder_neither_whose_it_is_nor_what_is_treated(clinic: SmallClinic) -> None:
    told = (await ask(clinic.services, visitor=MINE)).text.replace("\r\n ", "")
    for private in ("Amara", "Reed", "amara@example.org", "5125550142"):
        assert private not in told
    assert "facial" not in told.split("SUMMARY:")[1].splitlines()[0].lower()


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        {"visitor": ANOTHER},
        {"visitor": ""},
        {"visitor": "../../etc"},
        {"vref": crypto.digest(MINE)},
        {"visitor": crypto.digest(MINE)},
    ],
    ids=["none", "another", "empty", "odd", "a forged digest", "the digest as the token"],
)
async def test_any_other_browser_gets_the_same_no(clinic: SmallClinic, cookies: dict[str, str]) -> None:
    answer = await ask(clinic.services, **cookies)
    never = await ask(clinic.services, visitor="n" * 43)
    assert answer.status_code == 404
    assert "There is no booking to download" in answer.text
    assert (answer.text, answer.headers) == (never.text, never.headers)

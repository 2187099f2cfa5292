"""The calendar file of a visit is for the browser that booked it, and for no other."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from clinic_portal.booking import changes
from clinic_portal.booking.queries import booked_here
from clinic_portal.clinic.models import PolicyVersion
from clinic_portal.core import crypto
from clinic_portal.core.work import Services
from clinic_portal.messaging import feeds
from clinic_portal.patients import profile
from clinic_portal.web.http import calendar_file
from clinic_portal.web.http.routes import endpoints
from tests.factories import SmallClinic, booked, minute, small_clinic, staff

PATH = "/booked/appointment.ics"
MINE, ANOTHER = "m" * 43, "a" * 43


@pytest.fixture
def clinic(services: Services, monkeypatch: pytest.MonkeyPatch) -> SmallClinic:
    monkeypatch.setattr(calendar_file, "services", lambda: services)
    made = small_clinic(services)
    booked(made, crypto.digest(MINE), date(2026, 11, 24), "10:00", "facial")
    return made


async def ask(services: Services, **cookies: str) -> httpx.Response:
    return await get(services, PATH, cookies=cookies)


async def get(services: Services, path: str, *, method: str = "GET", **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(endpoints(services))
    cookies = more.pop("cookies", None)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=cookies) as browser:
        return await browser.request(method, path, **more)


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


# ---- private addresses -----------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(clinic: SmallClinic) -> dict[str, str]:
    """The address of a visit's file, of its patient's feed and of its provider's."""
    services = clinic.services
    visit = services.ask(booked_here, crypto.digest(MINE))
    boss = staff(services).actor
    services.do(profile.start_feed, "patient:1", visit.patient_id)
    services.do(feeds.start, boss, visit.provider_id)
    theirs = next(one.token for one in services.ask(feeds.handled_by, boss) if one.provider_id == visit.provider_id)
    return {
        "visit": urlsplit(services.ask(feeds.links_of, visit).apple).path,
        "patient": f"/calendar/{services.ask(profile.feed_token, visit.patient_id)}/visits.ics",
        "provider": f"/calendar/provider/{theirs}/visits.ics",
    }


@pytest.mark.req("S83")
@pytest.mark.parametrize("which", ["visit", "patient", "provider"])
async def test_who_has_the_address_gets_the_calendar_and_any_other_gets_none(
    clinic: SmallClinic, addresses: dict[str, str], which: str
) -> None:
    found = await get(clinic.services, addresses[which])
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/calendar")
    for private in ("Amara", "Reed", "facial", "5125550142", "amara@example.org"):
        assert private not in found.text.replace("\r\n ", "")
    head = await get(clinic.services, addresses[which], method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    for wrong in (addresses[which].replace("/calendar/", "/calendar/0"), addresses[which].replace(".ics", ".ic")):
        assert (await get(clinic.services, wrong)).status_code == 404


@pytest.mark.req("S83")
@pytest.mark.parametrize("which", ["patient", "provider"])
async def test_a_calendar_that_knows_it_all_is_told_that_nothing_changed(
    clinic: SmallClinic, addresses: dict[str, str], which: str
) -> None:
    first = await get(clinic.services, addresses[which])
    assert "private" in first.headers["cache-control"]
    again = await get(clinic.services, addresses[which], headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    visit = clinic.services.ask(booked_here, crypto.digest(MINE))
    clinic.change(PolicyVersion, "policy", free_hours=1)
    clinic.services.do(changes.move, visit.patient_id, visit.reference, minute(date(2026, 11, 24), "14:00"))
    later = await get(clinic.services, addresses[which], headers={"if-none-match": first.headers["etag"]})
    assert later.status_code == 200

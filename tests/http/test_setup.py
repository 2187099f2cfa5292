"""Who becomes the owner of an empty installation, as others try it; and what it answers before it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from clinic_portal.accounts import limits, setup_key
from clinic_portal.accounts import staff as people
from clinic_portal.accounts.models import Staff
from clinic_portal.core import crypto
from clinic_portal.web.opening import works_before_opening
from tests.factories import PASSWORD, everything, rows, staff
from tests.http.browser import Browser
from tests.site import OPENING, Site

Make = Callable[[], Browser]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation nobody has claimed."""
    made = Site(tmp_path_factory.mktemp("unclaimed"), clinic=False)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def stranger(empty: Site) -> Iterator[Browser]:
    empty.services.do(limits.forget, OPENING.replace(year=2030))
    made = Browser(empty)
    made.get("/setup")
    yield made
    made.close()


def claims(me: Browser, key: str, **more: str) -> str:
    """Ask to be the owner; where it leads."""
    form = {"key": key, "name": "Ada Osei", "email": "ada@aurora.example", "password": PASSWORD, **more}
    return me.lands_at(me.post("/auth/setup", **form)).removeprefix(me.site.url)


@pytest.mark.parametrize("key", ["", "0" * 24, "' OR 1=1", "key", "\N{KELVIN SIGN}" * 24])
def test_without_the_key_nobody_becomes_the_owner(empty: Site, stranger: Browser, key: str) -> None:
    assert claims(stranger, key) == "/setup"
    assert "not the setup key" in stranger.sentence("setup")
    assert (rows(empty.services, Staff), stranger.cookie("staff")) == ([], "")


def test_a_wrong_key_can_be_tried_ten_times_and_then_the_right_one_waits_too(empty: Site, stranger: Browser) -> None:
    for _ in range(10):
        claims(stranger, "0" * 24)
    assert claims(stranger, setup_key.setup_key(empty.settings)) == "/setup"
    assert "Too many tries" in stranger.sentence("setup")
    assert rows(empty.services, Staff) == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost", ""])
def test_a_form_of_another_site_is_refused_even_with_the_key(empty: Site, stranger: Browser, origin: str) -> None:
    key = setup_key.setup_key(empty.settings)
    form = {"key": key, "name": "Ada", "email": "ada@aurora.example", "password": PASSWORD}
    answer = stranger.client.post("/auth/setup", data=form, headers={"Origin": origin})
    assert answer.status_code == 403
    assert rows(empty.services, Staff) == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [("password", "short", "15"), ("password", "ada osei ada osei ada", "guess"), ("email", "nobody", "e-mail"),
     ("email", "", "e-mail"), ("name", " ", "Please tell us this name"), ("name", "A" * 81, "shorten this name to 80")],
)  # fmt: skip
def test_what_cannot_be_used_is_said_beside_it_and_the_key_stays_in_the_address(
    empty: Site, stranger: Browser, field: str, typed: str, said: str
) -> None:
    key = setup_key.setup_key(empty.settings)
    assert claims(stranger, key, **{field: typed}) == f"/setup?key={key}"
    told = stranger.told("setup")
    assert told is not None
    assert list(told.fields) == [field]
    assert "password" not in told.typed
    assert said in stranger.sentence("setup")
    assert rows(empty.services, Staff) == []


@pytest.mark.parametrize("path", ["/", "/book", "/book/time", "/portal", "/sign-in", "/packages", "/demo", "/nowhere"])
def test_before_opening_a_page_says_so_kindly_and_leads_on(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert "We are not open for booking yet" in answer.text
    assert 'href="/setup"' in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/admin", "/admin/patients", "/admin/settings/hours", "/admin/members.csv"])
def test_before_opening_the_staffs_pages_lead_to_the_first_run(stranger: Browser, path: str) -> None:
    assert stranger.lands_at(stranger.get(path)) == f"{stranger.site.url}/setup"


@pytest.mark.parametrize("path", ["/auth/register", "/auth/sign-in", "/portal/files", "/hooks/sandbox", "/auth/forgot"])
def test_before_opening_nothing_is_taken(empty: Site, stranger: Browser, path: str) -> None:
    before = everything(empty.services)
    answer = stranger.post(path, email="a@example.org", password=PASSWORD)
    assert (answer.status_code, "Nothing was done" in answer.text) == (503, True)
    assert everything(empty.services) == before


@pytest.mark.parametrize("path", ["/setup", "/healthz", "/readyz", "/portal.css", "/favicon.svg", "/admin/sign-in"])
def test_what_the_first_run_needs_is_there(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert "We are not open" not in answer.text


@pytest.mark.parametrize("path", ["/setupx", "/adminx", "/a/b.css", "/portal/document.pdf", "/admin/account", "/x.php"])
def test_what_only_looks_like_it_is_not(path: str) -> None:
    assert not works_before_opening(path)


def test_the_booking_address_is_drawn_for_staff_alone(site: Site, browser: Make) -> None:
    nobody, owner = browser(), browser().has("staff", staff(site.services).cookie)
    assert nobody.lands_under(nobody.get("/admin/booking-address.svg"), "/admin/sign-in")
    answer = owner.get("/admin/booking-address.svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


def test_a_clinic_that_has_an_owner_cannot_be_claimed_with_its_key(site: Site, browser: Make) -> None:
    staff(site.services)
    before = everything(site.services, but=["attempt"])
    me = browser()
    assert claims(me, setup_key.setup_key(site.settings)) == "/admin/sign-in?next=/setup"
    assert (me.cookie("staff"), everything(site.services, but=["attempt"])) == ("", before)


def test_with_the_key_one_becomes_the_owner_once(empty: Site, stranger: Browser) -> None:
    """The last here: from now on the installation has an owner."""
    key = setup_key.setup_key(empty.settings)
    assert claims(stranger, key) == "/setup/clinic"
    found = empty.services.ask(people.signed_in, crypto.digest(stranger.cookie("staff")))
    assert found is not None
    assert (found[0].name, found[0].role) == ("Ada Osei", "owner")
    eve = Browser(empty)
    assert claims(eve, key, email="eve@example.org") == "/admin/sign-in?next=/setup"
    assert [one.email for one in rows(empty.services, Staff)] == ["ada@aurora.example"]
    assert eve.cookie("staff") == ""
    eve.close()

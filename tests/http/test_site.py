"""What every response carries, and which doors are shut."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from clinic_portal.core.settings import Settings
from clinic_portal.web.transport import Address, Headers, Limits, VisitorCookie
from tests.site import Site

BUILT = Path(".web/build/client")


def every_page() -> list[str]:
    """The address of every page of the build (patients', staff's, of signing in), and one that does not exist."""
    found = sorted(f"/{one.parent.relative_to(BUILT)}".rstrip(".") for one in BUILT.rglob("index.html"))
    assert {"/", "/book", "/sign-in", "/portal/settings", "/admin/settings/team", "/admin/account"} <= set(found)
    return [*found, "/no-such-page", "/portal/no-such-page"]


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, httpx.Response]:
    """Every page as it is served, asked for once."""
    with httpx.Client(base_url=site.url) as browser:
        return {path: browser.get(path) for path in every_page()}


def test_every_page_carries_the_security_headers(pages: dict[str, httpx.Response]) -> None:
    for path, answer in pages.items():
        policy = answer.headers["content-security-policy"]
        scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
        assert "unsafe" not in scripts, path
        for part in (
            "default-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ):
            assert part in policy, path
        told = {name: answer.headers[name] for name in ALWAYS}
        assert told == ALWAYS, path


ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def test_every_inline_script_of_every_page_is_named_by_its_hash(pages: dict[str, httpx.Response]) -> None:
    for path, answer in pages.items():
        inline = [body for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.S) if body]
        assert inline, path
        for body in inline:
            digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in answer.headers["content-security-policy"], path


def test_a_page_is_served_without_a_redirect(site: Site) -> None:
    assert httpx.get(f"{site.url}/book/details").status_code == 200


def test_assets_may_be_kept_for_ever(site: Site) -> None:
    name = re.search(r'href="(/assets/[^"]+\.js)"', httpx.get(f"{site.url}/book").text)
    assert name
    assert "immutable" in httpx.get(site.url + name[1]).headers["cache-control"]


def test_fonts_are_kept_and_other_files_asked_about_again(site: Site) -> None:
    assert "max-age=2592000" in httpx.get(f"{site.url}/fonts/inter-latin.woff2").headers["cache-control"]
    icon = httpx.get(f"{site.url}/favicon.svg")
    assert icon.headers["cache-control"] == "no-cache"
    again = httpx.get(f"{site.url}/favicon.svg", headers={"If-None-Match": icon.headers["etag"]})
    assert again.status_code == 304
    assert httpx.get(f"{site.url}/healthz").headers["cache-control"] == "no-store"


def test_the_address_of_the_server_is_not_kept_beyond_a_change_of_settings(site: Site) -> None:
    page = httpx.get(f"{site.url}/book").text
    names = {name for name in re.findall(r"/assets/[\w.-]+\.js", page) if "reflex-env" in name}
    assert names
    for name in names:
        answer = httpx.get(site.url + name)
        assert site.url.replace("http", "ws", 1) in answer.text
        assert answer.headers["cache-control"] == "no-cache"


def test_a_browser_gets_one_visitor_cookie_that_scripts_cannot_read(site: Site) -> None:
    with httpx.Client() as browser:
        first = browser.get(f"{site.url}/book").headers["set-cookie"]
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in first.split(";")}
        assert "set-cookie" not in browser.get(f"{site.url}/book").headers


@pytest.mark.parametrize("path", ["/_upload", "/_upload/x", "/_all_routes", "/auth-codespace"])
def test_the_frameworks_spare_routes_are_closed(site: Site, path: str) -> None:
    assert httpx.get(site.url + path).status_code == 404
    assert httpx.post(site.url + path, content=b"x").status_code == 404


def test_big_and_endless_bodies_are_refused(site: Site) -> None:
    assert httpx.post(f"{site.url}/healthz", content=b"x" * 100_000).status_code == 413

    def endless() -> Iterator[bytes]:
        yield b"x"

    assert httpx.post(f"{site.url}/healthz", content=endless()).status_code == 413


def test_another_site_is_not_told_that_it_may_read(site: Site) -> None:
    answer = httpx.get(f"{site.url}/healthz", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_the_process_says_that_it_is_alive_and_ready(site: Site) -> None:
    assert httpx.get(f"{site.url}/healthz").text == "alive"
    assert httpx.get(f"{site.url}/readyz").text == "ready"


def test_a_calendar_file_is_for_the_browser_that_booked(site: Site) -> None:
    assert httpx.get(f"{site.url}/booked/appointment.ics").status_code == 404
    answer = httpx.get(f"{site.url}/booked/appointment.ics", cookies={"visitor": "x" * 43})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("book.example.org", "wss://book.example.org/_event"),
        ("www.example.org", "wss://www.example.org/_event"),
        ("evil.example", "wss://book.example.org/_event"),
    ],
)
async def test_a_page_is_told_the_origin_it_was_opened_at_where_that_is_one_of_ours(
    tmp_path: Path, host: str, told: str
) -> None:
    settings = Settings(_env_file=None, public_url="https://book.example.org", extra_origins="https://www.example.org")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "reflex-env-X.js").write_text("EVENT:`ws://localhost:3000/_event`")
    app = Address(Starlette(), settings, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"https://{host}") as browser:
        assert told in (await browser.get("/assets/reflex-env-X.js")).text


async def test_behind_tls_the_cookie_is_bound_to_the_host_and_transport_is_strict(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, public_url="https://book.example.org")
    (tmp_path / "index.html").write_text("<script>1</script>")

    async def page(request: object) -> HTMLResponse:
        return HTMLResponse("<p>hello</p>")

    inner = Limits(Starlette(routes=[Route("/", page)]), tmp_path)
    app = Headers(VisitorCookie(inner, settings), settings, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://book.example.org") as browser:
        answer = await browser.get("/")
    assert answer.headers["set-cookie"].startswith("__Host-visitor=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    assert "wss://book.example.org" in answer.headers["content-security-policy"]


@pytest.mark.req("S23")
@pytest.mark.parametrize(("captcha", "is_google_let_in"), [("recaptcha", True), ("altcha", False)])
async def test_googles_script_may_run_only_where_the_clinic_chose_it(
    tmp_path: Path, captcha: str, is_google_let_in: bool
) -> None:
    async def page(request: object) -> HTMLResponse:
        return HTMLResponse("<p>hello</p>")

    settings = Settings(_env_file=None, captcha=captcha)
    app = Headers(Starlette(routes=[Route("/", page)]), settings, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as browser:
        policy = (await browser.get("/")).headers["content-security-policy"]
    for part in ("script-src", "frame-src"):
        told = next(one for one in policy.split("; ") if one.startswith(part))
        assert ("https://www.google.com/recaptcha/" in told) is is_google_let_in


async def test_a_body_of_unsaid_length_ends_at_the_limit(tmp_path: Path) -> None:
    """HTTP/2 sends bodies with neither a length nor `chunked`."""
    read: list[int] = []

    async def reader(request: Request) -> HTMLResponse:
        try:
            async for part in request.stream():
                read.append(len(part))
        except ClientDisconnect:
            return HTMLResponse("cut", 413)
        return HTMLResponse("whole")

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 1024

    app = Limits(Starlette(routes=[Route("/", reader, methods=["POST"])]), tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as browser:
        request = browser.build_request("POST", "/", content=parts())
        del request.headers["transfer-encoding"]
        answer = await browser.send(request)
    assert answer.status_code == 413
    assert sum(read) <= 64 * 1024


@pytest.mark.parametrize("coding", ["chunked", "Chunked", "gzip, CHUNKED"])
async def test_a_chunked_body_is_refused_however_it_is_spelt(tmp_path: Path, coding: str) -> None:
    app = Limits(Starlette(), tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as browser:
        assert (await browser.post("/", headers={"Transfer-Encoding": coding})).status_code == 413


@pytest.mark.parametrize("path", ["/%5fupload", "/_upload/../_upload", "/_all_routes/x"])
def test_the_closed_routes_stay_closed_however_they_are_spelt(site: Site, path: str) -> None:
    assert httpx.post(site.url + path, content=b"x").status_code in (404, 405)


def test_an_unmounted_transport_of_the_websocket_does_not_open(site: Site) -> None:
    """Over plain HTTP the raw cookie would reach the framework."""
    for query in ("EIO=4&transport=polling", "EIO=4&transport=polling&token=x"):
        answer = httpx.get(f"{site.url}/_event/?{query}", headers={"Cookie": "vref=" + "a" * 64})
        assert answer.status_code == 400


def test_no_file_of_the_build_holds_a_secret_or_a_patient(site: Site) -> None:
    build = Path(".web/build/client")
    for path in [*build.rglob("*.js"), *build.rglob("*.html")]:
        told = path.read_text(errors="ignore")
        assert site.settings.key not in told
        assert "sourceMappingURL=data" not in told
        assert not re.search(r"sqlite:///|postgresql\+psycopg", told), path

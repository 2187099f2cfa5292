"""One Chromium for all browser tests, one app for each module of them; a context, and so a visitor, for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from clinic_portal.accounts import limits
from tests.__main__ import chromium
from tests.browser.journey import Visitor
from tests.site import OPENING, Site, running

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
FLAGS += ["--disable-component-update", "--disable-sync"]
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
HARMLESS = (
    "Failed to load resource: the server responded with a status of 422",
    "Disconnect websocket on page navigation",
    "net::ERR_CONNECTION_REFUSED",
    "WebSocket connection to",
)
_numbers = itertools.count(200)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from running(tmp_path_factory.mktemp("site"))


@pytest.fixture(autouse=True)
def _anew(site: Site) -> None:
    """The same hour for every test, and no memory of how often this machine has asked for codes."""
    site.clock.set(OPENING)
    site.services.do(limits.forget, OPENING + timedelta(days=365))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.fail("No Chromium: run `python -m tests browser`, which gets one, or install Debian's `chromium`.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, each in a browser of their own; an error on any of their pages fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    def make(size: str = "desktop", **options: object) -> Visitor:
        number = next(_numbers)
        context = browser.new_context(viewport=SIZES[size], has_touch=size == "phone", **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        context.on("page", watch)
        contexts.append(context)
        return Visitor(site, context.new_page(), email=f"visitor{number}@example.org", phone=f"(512) 555-0{number}")

    yield make
    for context in contexts:
        context.close()
    assert [error for error in errors if not any(known in error for known in HARMLESS)] == []

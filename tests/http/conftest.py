"""One running app for all that is asked of it over HTTP; a browser without a page for each who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from clinic_portal.accounts import limits
from tests.http.browser import Browser
from tests.site import OPENING, Site, running


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from running(tmp_path_factory.mktemp("http"))


@pytest.fixture
def fresh(site: Site) -> None:
    """The opening hour, and no memory of how often this machine has tried."""
    site.clock.set(OPENING)
    site.services.do(limits.forget, OPENING + timedelta(days=365))


@pytest.fixture
def browser(site: Site, fresh: None) -> Iterator[Callable[[], Browser]]:
    """Makes browsers, each with cookies of its own."""
    made: list[Browser] = []

    def make() -> Browser:
        made.append(Browser(site))
        return made[-1]

    yield make
    for one in made:
        one.close()

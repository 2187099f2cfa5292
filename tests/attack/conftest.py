"""A running app of the attackers' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.site import OPENING, Site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("attacked"))
    made.start()
    yield made
    made.kill()


@pytest.fixture(autouse=True)
def _anew(site: Site) -> None:
    site.clock.set(OPENING)

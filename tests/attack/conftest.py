"""A running app of the attackers' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.site import OPENING, Site, running


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from running(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(autouse=True)
def _anew(site: Site) -> None:
    site.clock.set(OPENING)

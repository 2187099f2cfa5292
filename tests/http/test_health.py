"""What a load balancer asks: alive always, ready when it can serve, be it the first run; the reason is said plainly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from clinic_portal import migrations
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.web.http import health
from clinic_portal.web.http.routes import endpoints
from tests.conftest import MONDAY_MORNING
from tests.factories import small_clinic


@pytest.fixture
def empty(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """An installation on a database where nothing stands yet."""
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/clinic.db", data_dir=tmp_path)
    made = Services(Database(settings.database_url), FixedClock(MONDAY_MORNING), settings)
    monkeypatch.setattr(health, "services", lambda: made)
    yield made
    made.database.dispose()


@pytest.fixture
async def browser(empty: Services) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(endpoints(empty))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made


async def test_a_process_is_alive_whatever_its_database_is(empty: Services, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/healthz")).status_code == 200


async def test_without_tables_it_is_not_ready_and_says_what_to_do(empty: Services, browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/readyz")
    assert answer.status_code == 503
    assert "clinic-portal migrate" in answer.text


async def test_an_empty_installation_is_ready_to_be_set_up(empty: Services, browser: httpx.AsyncClient) -> None:
    """Who stands in front must let the first run through."""
    migrations.upgrade(empty.database)
    answer = await browser.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready to be set up: open /setup")


async def test_with_a_clinic_it_is_ready(empty: Services, browser: httpx.AsyncClient) -> None:
    migrations.upgrade(empty.database)
    small_clinic(empty)
    answer = await browser.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready")


async def test_a_database_that_is_away_is_said_without_its_address(
    empty: Services, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    (tmp_path / "folder").mkdir()
    away = Services(Database(f"sqlite:///{tmp_path}/folder"), empty.clock, empty.settings)
    monkeypatch.setattr(health, "services", lambda: away)
    answer = await browser.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer")

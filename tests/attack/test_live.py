"""The listener of live times goes on, whatever one page or the database does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest

from clinic_portal.booking import holds
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Services
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.web.booking import live
from tests.factories import minute, small_clinic, visitor

TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(live, "_watches", {})
    return


async def refreshed_after(services: Services, *, faults: dict[str, Exception]) -> set[str]:
    """The pages that were refreshed when someone else took a time, where refreshing some fails."""
    clinic = small_clinic(services)
    done: set[str] = set()
    heard = asyncio.Event()

    async def refresh(token: str, page: str) -> None:
        if token in faults:
            raise faults[token]
        done.add(token)
        heard.set()

    for token in ("first", "second", "third"):
        live.watch(token, clinic["downtown"], TUESDAY)
    listener = asyncio.create_task(live.listen(services, lambda token: True, refresh))
    await asyncio.sleep(0.4)
    visitor(clinic, "someone", "facial")
    services.do(holds.hold, "someone", minute(TUESDAY, "10:00"))
    await asyncio.wait_for(heard.wait(), 10)
    await asyncio.sleep(0.1)
    listener.cancel()
    return done


@pytest.mark.parametrize("fault", [Conflict("cart_empty"), RuntimeError("odd")], ids=["a refusal", "a bug"])
async def test_a_page_that_cannot_be_refreshed_holds_up_no_other(services: Services, fault: Exception) -> None:
    assert await refreshed_after(services, faults={"first": fault}) == {"second", "third"}


async def test_a_database_that_is_away_for_a_moment_does_not_end_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, calls = scheduling.latest_change, []

    def away(read: object) -> int:
        calls.append(1)
        if len(calls) < 3:
            raise OSError
        return usual(read)  # type: ignore[arg-type]

    monkeypatch.setattr(scheduling, "latest_change", away)
    assert await refreshed_after(services, faults={}) == {"first", "second", "third"}


def test_a_fault_of_the_database_names_no_values(services: Services) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with services.database.reading() as session, pytest.raises(DBAPIError) as fault:
        session.execute(text("SELECT * FROM no_such_table WHERE email = :email"), {"email": "amara@example.org"})
    assert "amara" not in str(fault.value)

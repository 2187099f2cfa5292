"""Open pages learn of times that others take (B3): one listener a process, however many pages are open.

A page says which days of which location it shows. The listener reads the schedule's changes, a number and a stretch
of time each, from the database, so that several processes tell one another, and refreshes the pages that show it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import wall_to_minute
from clinic_portal.web.problems import bug

EVERY_SECONDS = 0.5
OVERLAP = 200  # numbers read again, because PostgreSQL may commit a lower one after a higher one


TIMES = "times"
"""The wizard's page of times; the staff's pages have names of their own (`background`)."""


@dataclass(frozen=True)
class Watch:
    """The days a page shows, and which page it is."""

    location_id: int
    on: date
    days: int = 1
    page: str = TIMES


_watches: dict[str, Watch] = {}


def watch(token: str, location_id: int, on: date | None, *, days: int = 1, page: str = TIMES) -> None:
    """The page behind a client token now shows these days, or none."""
    if on is None:
        _watches.pop(token, None)
    else:
        _watches[token] = Watch(location_id, on, days, page)


async def listen(
    services: Services, is_connected: Callable[[str], bool], refresh: Callable[[str, str], Awaitable[None]]
) -> None:
    """Until cancelled: refresh the connected pages (a token, the page) whose days changed; forget those that left."""
    seen: int | None = None
    told: set[int] = set()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        for token in [token for token in _watches if not is_connected(token)]:
            _watches.pop(token, None)
        try:
            if seen is None or not _watches:
                seen = await asyncio.to_thread(services.ask, scheduling.latest_change)
                continue
            changes = await asyncio.to_thread(services.ask, scheduling.changes_since, max(0, seen - OVERLAP))
            fresh = [change for change in changes if change[0] > seen or change[0] not in told]
            if not told:
                fresh = [change for change in changes if change[0] > seen]
            told = {change[0] for change in changes}
            seen = max(told, default=seen)
            for token in await asyncio.to_thread(_touched, services, fresh):
                await _refreshed(refresh, token)
        except Exception as fault:  # the database is away, perhaps: the next round goes on
            bug(fault)


async def _refreshed(refresh: Callable[[str, str], Awaitable[None]], token: str) -> None:
    """One page that cannot be refreshed, its cart emptied meanwhile, holds up no other; it is watched no longer."""
    shown = _watches.get(token)
    if shown is None:
        return
    try:
        await refresh(token, shown.page)
    except DomainError:
        _watches.pop(token, None)
    except Exception as fault:
        _watches.pop(token, None)
        bug(fault)


def _touched(services: Services, changes: list[tuple[int, int, int, int]]) -> list[str]:
    """The pages that show days in which something changed."""
    if not changes:
        return []
    clinic = services.ask(catalogue)
    found = []
    for token, shown in list(_watches.items()):
        place = clinic.place(shown.location_id)
        if place is None:
            _watches.pop(token, None)
            continue
        zone = ZoneInfo(place.time_zone)
        first, last = wall_to_minute(shown.on, 0, zone), wall_to_minute(shown.on, 1440 * shown.days, zone)
        if any(place == shown.location_id and start < last and first < end for _, place, start, end in changes):
            found.append(token)
    return found

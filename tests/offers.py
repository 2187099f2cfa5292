"""What a patient is offered, by the predicate that books."""

from __future__ import annotations

from datetime import date
from typing import Any

from clinic_portal.booking import drafts, queries
from clinic_portal.scheduling import queries as scheduling
from clinic_portal.scheduling.availability import instant
from tests.factories import CHICAGO, SmallClinic


def starts(
    made: SmallClinic, on: date, service: str = "facial", provider: str = "lena", place: str = "downtown"
) -> list[int]:
    """The times offered on a date (epoch minutes). What is listed can be booked, and what is not cannot (B1)."""
    owner = f"looks for {service} by {provider} at {place}"
    made.services.do(drafts.choose_location, owner, made[place])
    made.services.do(drafts.add_service, owner, made[service])
    made.services.do(drafts.choose_provider, owner, made[provider])

    def offered(read: Any) -> list[int]:
        found = queries.search(read, queries.draft(read, owner))
        listed = [one.start for one in queries.free_times(read, found, on)]
        edges = {near for one in (listed[:1] + listed[-1:]) for near in (one - 15, one, one + 15)}
        assert {one for one in edges if scheduling.placement(read, found, one)} == edges & set(listed)
        return listed

    return made.services.ask(offered)


def walls(made: SmallClinic, on: date, **more: str) -> list[str]:
    """The same as the clock on the wall in Chicago shows it."""
    return [f"{instant(one).astimezone(CHICAGO):%H:%M}" for one in starts(made, on, **more)]

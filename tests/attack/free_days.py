"""Days on which no other attacker's test has booked: all of them attack one running clinic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from clinic_portal.booking import holds
from clinic_portal.core.errors import SlotTaken
from tests.factories import minute
from tests.site import Site


def days() -> Iterator[date]:
    """Every day of the booking window that is not the next one or two."""
    return iter([date(2026, 11, 27) + timedelta(days=n) for n in range(24)])


def keeps(site: Site, owner: str, clock: str, among: Iterator[date]) -> date:
    """Keep a time for a visitor on the first of the days on which nobody else has it. The day."""
    for on in among:
        try:
            site.services.do(holds.hold, owner, minute(on, clock))
        except SlotTaken:
            continue
        return on
    raise AssertionError("no day is left")

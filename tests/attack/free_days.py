"""Days on which no other attacker's test has booked: all of them attack one running clinic."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from clinic_portal.booking import holds
from clinic_portal.booking.actions import Booked
from clinic_portal.core.errors import SlotTaken
from tests.card_kit import till
from tests.factories import minute, visitor
from tests.site import Site

FIRST = date(2026, 11, 27)


def keeps(site: Site, owner: str, clock: str, *, first: date = FIRST) -> date:
    """Keep a time for a visitor on the first day on which nobody else has it. The day."""
    for later in range(24):
        on = first + timedelta(days=later)
        try:
            site.services.do(holds.hold, owner, minute(on, clock))
        except SlotTaken:
            continue
        return on
    raise AssertionError("no day is left")


def books(site: Site, owner: str, clock: str, *wanted: str, **more: Any) -> Booked:
    """A visitor who goes all the way, on the first such day."""
    visitor(site.clinic, owner, *wanted, **more)
    keeps(site, owner, clock)
    return till(site.services).books(owner, site.clinic["policy"])

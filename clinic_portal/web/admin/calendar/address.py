"""What an address of the calendar asks for, and the address that asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from clinic_portal.web import inputs

PATH = "/admin/calendar"
VIEWS, BY = ("day", "week"), ("provider", "room")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at. `who`: one provider, or one room or device; 0 is all of them."""

    on: date
    view: str
    by: str
    location_id: int
    who: int = 0

    @property
    def first_on(self) -> date:
        """The first day on the page: of a week, its Monday."""
        return self.on - timedelta(days=self.on.weekday()) if self.view == "week" else self.on

    @property
    def days(self) -> int:
        """How many days are on the page."""
        return 7 if self.view == "week" else 1

    @property
    def href(self) -> str:
        """The address that asks for it."""
        told = {"on": self.on.isoformat(), "view": self.view, "by": self.by, "location": self.location_id}
        told |= {("provider" if self.by == "provider" else "unit"): self.who} if self.who else {}
        return f"{PATH}?{urlencode(told)}"

    def turned(self, pages: int) -> Asked:
        """Days or weeks on or back."""
        return replace(self, on=self.on + timedelta(days=pages * self.days))


def asked(parameters: Mapping[str, str], todays: Mapping[int, date]) -> Asked:
    """What the address asks for; what makes no sense in it is as if it were not there.

    `todays`: which day it is at each of the clinic's locations.
    """
    by = _known(parameters.get("by"), BY)
    location_id = inputs.id_in_address(parameters.get("location", ""))
    if location_id not in todays:
        location_id = next(iter(todays))
    on = inputs.day_in_address(parameters.get("on", "")) or todays[location_id]
    who = inputs.id_in_address(parameters.get("provider" if by == "provider" else "unit", ""))
    return Asked(on, _known(parameters.get("view"), VIEWS), by, location_id, who)


def _known(told: str | None, among: tuple[str, ...]) -> str:
    return told if told in among else among[0]

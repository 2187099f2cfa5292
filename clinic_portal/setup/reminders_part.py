"""The reminders of a clinic file: `{about: visit, channel: email, days: 3}`, how they are loaded and told back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import Field, model_validator

from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import lead_times
from clinic_portal.messaging.lead_times import LEAST, MOST, UNITS
from clinic_portal.setup.part import Part


class ReminderPart(Part):
    """A reminder of visits, or of forms that are still to be filled in, so long before the start."""

    about: Literal["visit", "forms"] = "visit"
    channel: Literal["email", "sms"]
    days: int = Field(0, ge=0)
    hours: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _lead(self) -> ReminderPart:
        if not LEAST <= self.key[2] <= MOST:
            raise ValueError("a reminder is sent from 1 hour to 30 days before")
        return self

    @property
    def key(self) -> tuple[str, str, int]:
        """What there is once: what it is about, its channel, its lead in minutes."""
        return self.about, self.channel, self.days * UNITS["days"] + self.hours * UNITS["hours"]


def faults(parts: Sequence[ReminderPart]) -> Iterator[str]:
    """What is wrong with them together."""
    counted = Counter(one.key for one in parts)
    yield from (f"reminders: {' '.join(map(str, key))} stands there twice." for key, n in counted.items() if n > 1)


def load(work: UnitOfWork, parts: Sequence[ReminderPart], added: Counter[str], switched_off: Counter[str]) -> None:
    """These and no others."""
    fresh, gone = lead_times.replace_all(work, [one.key for one in parts])
    added.update({"reminder": fresh} if fresh else {})
    switched_off.update({"reminder": gone} if gone else {})


def told(read: Reading) -> list[dict[str, Any]]:
    """The clinic's reminders as the file holds them."""
    found = []
    for one in lead_times.lead_times(read):
        days, minutes = divmod(one.lead_minutes, UNITS["days"])
        length = {name: n for name, n in (("days", days), ("hours", minutes // UNITS["hours"])) if n}
        found.append({"about": one.about, "channel": one.channel.value, **length})
    return found

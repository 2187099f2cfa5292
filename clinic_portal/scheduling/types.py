"""Hours, searches and free times as frozen values."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from clinic_portal.scheduling.availability import Interval, ServiceShape, WallShift


@dataclass(frozen=True)
class Hours:
    """Everyone's hours as the clinic wrote them: weekly by (provider, location, weekday), by date; time off and breaks
    of one day by provider, as epoch minutes."""

    weekly: dict[tuple[int, int, int], tuple[WallShift, ...]]
    dated: dict[tuple[int, int, date], tuple[WallShift, ...]]
    time_off: dict[int, tuple[Interval, ...]]
    pauses: dict[int, tuple[Interval, ...]] = field(default_factory=dict)

    @cached_property
    def working_at(self) -> dict[int, frozenset[int]]:
        """By location, the providers who have hours there at all."""
        found: dict[int, set[int]] = defaultdict(set)
        for (provider_id, location_id, _), shifts in [*self.weekly.items(), *self.dated.items()]:
            if shifts:
                found[location_id].add(provider_id)
        return {location_id: frozenset(who) for location_id, who in found.items()}

    def on(self, provider_id: int, location_id: int, day: date) -> tuple[WallShift, ...]:
        """A provider's shifts at a location on a date; hours set for the date replace the weekly ones (P3)."""
        dated = self.dated.get((provider_id, location_id, day))
        return self.weekly.get((provider_id, location_id, day.weekday()), ()) if dated is None else dated


@dataclass(frozen=True)
class Search:
    """What is looked for: these services in this order, at this location, by one of these providers.

    `without_appointment_id` is ignored as if it were not there: a move ignores itself and only itself. Of several free
    rooms and devices one of `prefers_unit_ids` is taken.
    """

    location_id: int
    services: tuple[ServiceShape, ...]
    provider_ids: tuple[int, ...]
    without_appointment_id: int | None = None
    prefers_unit_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A start that is offered (epoch minute) and the providers who are free for it."""

    start: int
    provider_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Who and what serves a visit: the provider, and one unit of each pool, from `start` (epoch minute)."""

    provider_id: int
    start: int
    end: int
    provider_spans: tuple[Interval, ...]  # epoch minutes, buffers included
    unit_spans: tuple[tuple[int, int, int], ...]  # (unit id, start, end), clean-up included

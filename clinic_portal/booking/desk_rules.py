"""Decisions about bookings at the desk. Pure: no clock, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from clinic_portal.booking import rules
from clinic_portal.booking.types import BookedService
from clinic_portal.clinic.types import Catalogue, ServiceInfo
from clinic_portal.core.errors import Conflict, Invalid

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 12 * 60
SHORTEST_REASON, LONGEST_REASON = 3, 500
NOT_PERFORMED, NOT_HERE = "not_performed", "not_here"


@dataclass(frozen=True, slots=True)
class Change:
    """How a visit is to stand from now on, next to how it stands."""

    is_later_or_earlier: bool
    is_another_provider: bool
    is_another_length: bool

    @property
    def is_any(self) -> bool:
        """Whether it changes anything."""
        return self.is_later_or_earlier or self.is_another_provider or self.is_another_length

    @property
    def is_news(self) -> bool:
        """Whether the patient must hear of it: when they come, or to whom. How long it takes is the clinic's matter."""
        return self.is_later_or_earlier or self.is_another_provider


def reason(typed: str) -> str:
    """Why staff go beyond a rule or cancel, in their words. Raises Invalid where they say next to nothing, or a lot."""
    told = " ".join(typed.split())
    if len(told) < SHORTEST_REASON:
        raise Invalid("reason", "desk_reason_missing")
    if len(told) > LONGEST_REASON:
        raise Invalid("reason", "desk_reason_long", limit=LONGEST_REASON)
    return told


def cart(clinic: Catalogue, service_ids: Sequence[int]) -> tuple[ServiceInfo, ...]:
    """The services staff book, in order, each once; those not bookable online too.

    Raises Conflict for none, for too many, for too long a visit, and for one that is not offered any more.
    """
    wanted = tuple(dict.fromkeys(service_ids))
    if not wanted:
        raise Conflict("cart_empty")
    if len(wanted) > rules.MOST_SERVICES:
        raise Conflict("cart_full", limit=rules.MOST_SERVICES)
    if any(one not in clinic.services for one in wanted):
        raise Conflict("desk_service_gone")
    found = tuple(clinic.services[one] for one in wanted)
    if sum(one.duration_minutes for one in found) > rules.MOST_MINUTES:
        raise Conflict("cart_long")
    return found


def objection(services: Iterable[ServiceInfo], provider_id: int, working: frozenset[int]) -> str | None:
    """What speaks against a provider before any time is looked at; an override bends both."""
    if any(provider_id not in one.provider_ids for one in services):
        return NOT_PERFORMED
    return None if provider_id in working else NOT_HERE


def resized(services: Sequence[BookedService], minutes: int | None) -> tuple[BookedService, ...]:
    """The services of a visit in a new whole length: the last one is shorter or longer.

    Raises Invalid on `minutes` for a length no visit has, and where the last service would be shorter than that.
    """
    told = sum(one.duration_minutes for one in services)
    if minutes is None or minutes == told:
        return tuple(services)
    last = services[-1].duration_minutes + minutes - told
    least = max(SHORTEST_MINUTES, told - services[-1].duration_minutes + SHORTEST_MINUTES)
    if last < SHORTEST_MINUTES or minutes > LONGEST_MINUTES:
        raise Invalid("minutes", "visit_length", least=least, most=LONGEST_MINUTES)
    return (*services[:-1], replace(services[-1], duration_minutes=last))

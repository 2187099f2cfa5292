"""Appointments of a period, and those that were missed or cancelled (P18)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import figures
from clinic_portal.booking.figures import FeeSum, VisitCount
from clinic_portal.core.work import Reading
from clinic_portal.reports.periods import BEFORE
from clinic_portal.reports.scope import Asked, Scope, scope


@dataclass(frozen=True, slots=True)
class Tally:
    """Appointments by what became of them; each is exactly one of these."""

    took_place: int = 0
    arrived: int = 0  # checked in and not out yet
    to_come: int = 0
    unmarked: int = 0  # the time has come, and nobody was checked in or marked as missed
    noshow: int = 0
    cancelled: int = 0

    @property
    def all(self) -> int:
        """Everything that was booked."""
        return self.due + self.to_come + self.cancelled

    @property
    def due(self) -> int:
        """Everything that was not cancelled, and whose time has come: what no-shows are a part of."""
        return self.took_place + self.arrived + self.unmarked + self.noshow

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Absences:
    """Appointments that did not take place, of how many."""

    tally: Tally
    late: int = 0  # of the cancelled: so late that a fee was due
    waived: int = 0  # of the late: staff did not ask for the fee
    by_staff: int = 0  # of the cancelled: by staff, else by the patient

    @property
    def in_time(self) -> int:
        """Of the cancelled: while it was free."""
        return self.tally.cancelled - self.late


@dataclass(frozen=True, slots=True)
class Appointments:
    """Appointments of a period. Names are of services, providers and locations, never of patients."""

    scope: Scope
    total: Tally
    before: Tally
    by_piece: tuple[Tally, ...]
    by_service: tuple[tuple[str, Tally], ...]  # one with two services counts with each
    by_provider: tuple[tuple[str, Tally], ...]
    by_location: tuple[tuple[str, Tally], ...]
    online: int
    by_staff: int
    first_visits: int  # of those that took place or are to: neither cancelled nor missed
    returning: int


@dataclass(frozen=True, slots=True)
class Missed:
    """No-shows and cancellations of a period, and the fees they were due."""

    scope: Scope
    total: Absences
    before: Absences
    by_piece: tuple[Absences, ...]
    by_provider: tuple[tuple[str, Absences], ...]
    by_location: tuple[tuple[str, Absences], ...]
    fees: tuple[FeeSum, ...]


def appointments(read: Reading, actor: StaffActor, asked: Asked) -> Appointments:
    """What was booked for a period, by when it was to begin. Raises NotAllowed."""
    about = scope(read, actor, asked)
    counted = figures.visits(read, about.of_visits(), about.provider_id)
    mine, known = [one for one in counted if one.number != BEFORE], about.known
    services: dict[int, Tally] = defaultdict(Tally)
    for line in figures.services(read, about.in_one(), about.provider_id):
        services[line.service_id] += _tally(line.status, line.is_to_come, line.count)
    of_providers, of_places = _by(mine, "provider_id"), _by(mine, "place")
    first_visits, returning = figures.new_and_returning(read, about.in_one(), about.provider_id)
    return Appointments(
        scope=about,
        total=_sum(mine),
        before=_sum(_by(counted, "number")[BEFORE]),
        by_piece=tuple(_sum(some) for some in _pieces(about, mine)),
        by_service=_most_first((known.services[one], tally) for one, tally in services.items()),
        by_provider=_most_first((name, _sum(of_providers[who])) for who, name in known.providers.items()),
        by_location=_most_first((known.locations[at], _sum(of_places[at])) for at in about.zones),
        online=sum(one.count for one in mine if not one.is_by_staff),
        by_staff=sum(one.count for one in mine if one.is_by_staff),
        first_visits=first_visits,
        returning=returning,
    )


def missed(read: Reading, actor: StaffActor, asked: Asked) -> Missed:
    """What was missed or cancelled of a period's appointments. Raises NotAllowed."""
    about = scope(read, actor, asked)
    counted = figures.visits(read, about.of_visits(), about.provider_id)
    mine, known = [one for one in counted if one.number != BEFORE], about.known
    of_providers, of_places = _by(mine, "provider_id"), _by(mine, "place")
    fees = figures.fees(read, about.in_one(), about.provider_id)
    return Missed(
        scope=about,
        total=_absences(mine),
        before=_absences(_by(counted, "number")[BEFORE]),
        by_piece=tuple(_absences(some) for some in _pieces(about, mine)),
        by_provider=_named(known.providers, of_providers),
        by_location=_named(known.locations, of_places),
        fees=tuple(sorted(fees, key=lambda one: (one.currency, one.purpose))),
    )


def _named(names: Mapping[int, str], found: Mapping[int, Sequence[VisitCount]]) -> tuple[tuple[str, Absences], ...]:
    return tuple((name, _absences(found[one])) for one, name in names.items() if found.get(one))


def _by(some: Iterable[VisitCount], name: str) -> dict[int, list[VisitCount]]:
    found: dict[int, list[VisitCount]] = defaultdict(list)
    for one in some:
        found[getattr(one, name)].append(one)
    return found


def _pieces(about: Scope, mine: Iterable[VisitCount]) -> list[list[VisitCount]]:
    found = _by(mine, "number")
    return [found[number] for number in range(len(about.pieces))]


def _tally(status: str, is_to_come: bool, count: int) -> Tally:
    match status:
        case "fulfilled":
            return Tally(took_place=count)
        case "arrived":
            return Tally(arrived=count)
        case "noshow":
            return Tally(noshow=count)
        case "cancelled":
            return Tally(cancelled=count)
        case _:
            return Tally(to_come=count) if is_to_come else Tally(unmarked=count)


def _sum(some: Iterable[VisitCount]) -> Tally:
    return sum((_tally(one.status, one.is_to_come, one.count) for one in some), Tally())


def _absences(some: Sequence[VisitCount]) -> Absences:
    off = [one for one in some if one.status == "cancelled"]
    return Absences(
        tally=_sum(some),
        late=sum(one.count for one in off if one.is_late),
        waived=sum(one.count for one in off if one.is_waived),
        by_staff=sum(one.count for one in off if one.is_off_by_staff),
    )


def _most_first(named: Iterable[tuple[str, Tally]]) -> tuple[tuple[str, Tally], ...]:
    return tuple(sorted((pair for pair in named if pair[1].all), key=lambda pair: -pair[1].all))

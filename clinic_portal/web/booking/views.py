"""What the wizard's pages show, as words: values in, view values out. No State, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from clinic_portal.booking import prices, rules
from clinic_portal.booking.prices import Purse
from clinic_portal.booking.types import CartLine, Draft, Visit
from clinic_portal.clinic.types import Catalogue, ProviderInfo
from clinic_portal.core import wording
from clinic_portal.scheduling.availability import instant, part_of_day
from clinic_portal.scheduling.types import FreeTime

PREPAID = "From your wallet"
PARTS = {"morning": "Morning", "afternoon": "Afternoon", "evening": "Evening"}


@dataclass
class ServiceView:
    """A service on the shelf. `note` says why it cannot be booked here, empty when it can."""

    id: int
    slug: str
    name: str
    description: str
    duration: str
    price: str
    was: str
    is_in_cart: bool
    note: str


@dataclass
class CategoryView:
    """A shelf of services."""

    slug: str
    name: str
    description: str
    services: list[ServiceView] = field(default_factory=list)


@dataclass
class LineView:
    """A service in the cart; `was` is the price the patient saw, where it changed since."""

    service_id: int
    name: str
    detail: str
    price: str
    was: str
    is_offered: bool
    offer: str = ""  # what their wallet could pay it with
    is_prepaid: bool = False


@dataclass
class ChoiceView:
    """Something to choose among: a location, or a provider (`id` 0: first available)."""

    id: int
    name: str
    detail: str
    about: str
    initials: str
    is_chosen: bool


@dataclass
class DayView:
    """A cell of the month grid; `iso` is empty for the blanks before the first."""

    iso: str
    number: str
    label: str
    has_times: bool
    is_selected: bool


@dataclass
class TimeView:
    """A time to choose; `key` is its epoch minute."""

    key: str
    label: str
    is_chosen: bool


@dataclass
class PartView:
    """The times of one part of a day."""

    name: str
    times: list[TimeView] = field(default_factory=list)


def shelves(clinic: Catalogue, draft: Draft, working: frozenset[int], *, here: str) -> list[CategoryView]:
    """Every category with its services, as the location of the draft gives them (S61)."""
    in_cart = {line.service_id for line in draft.lines}
    found = {
        category.id: CategoryView(category.slug, category.name, category.description)
        for category in clinic.categories.values()
    }
    for service in clinic.services.values():
        if not service.is_bookable_online or service.category_id not in found:
            continue
        offered = rules.offered_at(clinic, service, draft.location_id, working)
        found[service.category_id].services.append(
            ServiceView(
                id=service.id,
                slug=service.slug,
                name=service.name,
                description=service.description,
                duration=wording.duration(service.duration_minutes, clinic.clinic.language),
                price=price(clinic, prices.price_minor(service, Purse(draft.discount_percent))),
                was=price(clinic, service.price_minor) if draft.discount_percent and service.price_minor else "",
                is_in_cart=service.id in in_cart,
                note="" if offered else f"Not at {here}",
            )
        )
    return [category for category in found.values() if category.services]


def lines(clinic: Catalogue, cart: Iterable[CartLine], provider: str) -> list[LineView]:
    """The cart's lines; `provider` is named on each once chosen."""
    language = clinic.clinic.language
    return [
        LineView(
            service_id=line.service_id,
            name=line.name,
            detail=" · ".join(part for part in (wording.duration(line.duration_minutes, language), provider) if part),
            price=PREPAID if line.lot else price(clinic, line.price_minor),
            was=_was(clinic, line),
            is_offered=line.is_offered,
            offer=_offer(line),
            is_prepaid=line.lot is not None,
        )
        for line in cart
    ]


def _was(clinic: Catalogue, line: CartLine) -> str:
    """The price they saw, where it changed since; that of everybody else, where theirs is less."""
    if line.is_repriced:
        return price(clinic, line.seen_price_minor, line.seen_currency)
    is_less = line.lot is not None or line.list_price_minor > line.price_minor
    return price(clinic, line.list_price_minor) if is_less else ""


def _offer(line: CartLine) -> str:
    """What of their wallet could pay for a service."""
    return f"You have {line.offer.left} left: {line.offer.name}" if line.offer else ""


def price(clinic: Catalogue, minor: int, currency: str = "") -> str:
    """An amount, in the clinic's currency unless told; whole amounts without the zeros, nothing as a word."""
    if minor == 0:
        return "Free"
    told = wording.money(minor, currency or clinic.clinic.currency, clinic.clinic.language)
    return told.removesuffix(".00")


def providers(
    clinic: Catalogue, choosable: Sequence[ProviderInfo], draft: Draft, *, first_available: bool
) -> list[ChoiceView]:
    """Whom the patient may choose (S71)."""
    chosen = draft.provider_id if draft.has_chosen_provider or draft.provider_id else -1
    found = []
    if first_available:
        found.append(ChoiceView(0, "First available", "The soonest time with any of them", "", "★", chosen is None))
    return found + [
        ChoiceView(one.id, one.name, one.title, one.about, initials(one.name), chosen == one.id) for one in choosable
    ]


def places(clinic: Catalogue, location_id: int) -> list[ChoiceView]:
    """The locations to choose among."""
    return [
        ChoiceView(one.id, one.name, one.address, "", "", one.id == location_id) for one in clinic.locations.values()
    ]


def month(first_on: date, free: frozenset[date], selected: date | None, language: str) -> list[DayView]:
    """The cells of a month, Sunday first."""
    blanks = (first_on.weekday() + 1) % 7
    cells = [DayView("", "", "", False, False) for _ in range(blanks)]
    on = first_on
    while on.month == first_on.month:
        has_times = on in free
        told = wording.day(on, "UTC", language)
        cells.append(
            DayView(
                iso=on.isoformat(),
                number=str(on.day),
                label=f"{told}, {'times available' if has_times else 'no times'}",
                has_times=has_times,
                is_selected=on == selected,
            )
        )
        on += timedelta(days=1)
    return cells


def parts(times: Iterable[FreeTime], zone: str, language: str, chosen: int | None) -> list[PartView]:
    """A day's times by part of day, the empty parts left out; the chosen one stands among them."""
    place = ZoneInfo(zone)
    found = {key: PartView(name) for key, name in PARTS.items()}
    starts = sorted({time.start for time in times} | ({chosen} if chosen is not None else set()))
    for start in starts:
        label = wording.time(instant(start), zone, language)
        found[part_of_day(start, place)].times.append(TimeView(str(start), label, start == chosen))
    return [part for part in found.values() if part.times]


def when(visit: Visit, language: str) -> str:
    """The day of a visit and its first and last minute."""
    zone = visit.location.time_zone
    start, end = (wording.time(at, zone, language) for at in (visit.start_at, visit.end_at))
    return f"{wording.day(visit.start_at, zone, language)} · {start} – {end}"


def initials(name: str) -> str:
    """Two letters for a round badge; titles left out."""
    words = [word for word in name.replace(".", "").split() if word.lower() not in ("dr", "rn", "np", "md", "pa")]
    return "".join(word[0].upper() for word in words[:2])


def booked_lines(clinic: Catalogue, visit: Visit) -> list[LineView]:
    """The services of a booked visit, as they were booked."""
    language = clinic.clinic.language
    return [
        LineView(
            service_id=one.service_id,
            name=one.name,
            detail=wording.duration(one.duration_minutes, language),
            price=PREPAID if one.lot_id else price(clinic, one.price_minor, visit.currency),
            was="",
            is_offered=True,
        )
        for one in visit.services
    ]

"""Booking on a patient's behalf as its page shows it: values in, view values out. No State, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from clinic_portal.booking.menu import Offer, Promised, Shelf
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.patients.types import Found, Profile
from clinic_portal.scheduling.availability import instant
from clinic_portal.scheduling.types import FreeTime
from clinic_portal.web.booking.views import PartView, TimeView, parts, price
from clinic_portal.web.components.fields import FieldView
from clinic_portal.web.components.receipt import FactView

FEW = 14
"""So many services are all shown; of more, the categories are folded."""
NO_CARD = "No card is asked for, and no cancellation policy was accepted: missing or cancelling it costs no fee."


@dataclass
class PersonView:
    """A patient to choose, or chosen."""

    id: int
    name: str
    detail: str
    href: str


@dataclass
class WhoView:
    """The first part: the patient. `person` is empty until one is chosen, `form` until a new one is written down."""

    person: list[PersonView] = field(default_factory=list)
    wanted: str = ""
    found: list[PersonView] = field(default_factory=list)
    told: str = ""
    may_add: bool = False
    form: list[FieldView] = field(default_factory=list)
    form_key: int = 0
    known: list[PersonView] = field(default_factory=list)
    may_add_another: bool = False


@dataclass
class OfferView:
    """A service."""

    id: int
    name: str
    detail: str
    price: str
    was: str
    is_chosen: bool


@dataclass
class ShelfView:
    """A category."""

    id: int
    name: str
    is_open: bool
    offers: list[OfferView] = field(default_factory=list)


@dataclass
class PickView:
    """A location or a provider to choose."""

    id: str
    name: str


@dataclass
class WhenView:
    """Where, with whom and when."""

    places: list[PickView]
    place: str
    providers: list[PickView]
    provider: str
    on_iso: str
    day: str
    parts: list[PartView] = field(default_factory=list)
    told: str = ""  # why there are no times
    exact: str = ""  # the time that is typed: 10:05


@dataclass
class SumView:
    """What would be booked, or was, and what stands against it."""

    facts: list[FactView] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)
    lacks: str = ""  # what is to be chosen first
    refused: str = ""
    why: str = ""
    near: list[TimeView] = field(default_factory=list)
    may_override: bool = False
    error: str = ""
    booked: str = ""
    visit_href: str = ""
    calendar_href: str = ""
    again_href: str = ""


def person(one: Found, language: str) -> PersonView:
    """A patient among those found."""
    return PersonView(one.id, one.name, _detail(one.birth_on, one.phone, one.email, language), _href(one.id))


def chosen(patient_id: int, known: Profile, language: str) -> PersonView:
    """The patient it is for."""
    name = f"{known.given_name} {known.family_name}"
    return PersonView(patient_id, name, _detail(known.birth_on, known.phone, known.email, language), _href(patient_id))


def _href(patient_id: int) -> str:
    return f"/admin/patient?id={patient_id}"


def _detail(birth_on: date | None, phone: str, email: str, language: str) -> str:
    born = f"born {wording.day(birth_on, 'UTC', language, length='medium')}" if birth_on else ""
    return " · ".join(part for part in (born, wording.phone(phone) if phone else "", email) if part)


def shelves(
    found: Iterable[Shelf], clinic: Catalogue, picked: Collection[int], opened: Collection[int]
) -> list[ShelfView]:
    """All services; a category stays open once something of it was chosen."""
    listed = list(found)
    is_short = sum(len(one.offers) for one in listed) <= FEW
    return [
        ShelfView(
            shelf.category_id,
            shelf.name,
            is_short or shelf.category_id in opened,
            [
                OfferView(
                    id=one.service_id,
                    name=one.name,
                    detail=" · ".join(
                        part
                        for part in (
                            wording.duration(one.minutes, clinic.clinic.language),
                            f"{one.in_wallet} in the wallet" if one.in_wallet else "",
                            "" if one.is_here else "not at this location",
                        )
                        if part
                    ),
                    price=price(clinic, one.price_minor),
                    was=price(clinic, one.list_price_minor) if one.list_price_minor > one.price_minor else "",
                    is_chosen=one.service_id in picked,
                )
                for one in shelf.offers
            ],
        )
        for shelf in listed
    ]


def when(
    clinic: Catalogue,
    *,
    location_id: int,
    providers: Sequence[int],
    provider_id: int,
    is_free_to_choose: bool,
    on: date,
    times: Sequence[FreeTime] | None,
    start: int | None,
) -> WhenView:
    """Where, with whom and when. `times` None: nothing is chosen yet that could have any."""
    place, language = clinic.locations[location_id], clinic.clinic.language
    free = [one.start for one in times or ()]
    told = ""
    if times is None:
        told = "Choose a treatment first: then the free times stand here."
    elif not times:
        told = "No time is free on this day. Try another day or provider, or type a time below."
    named = [PickView(str(one), clinic.providers[one].name) for one in providers if one in clinic.providers]
    anybody = [PickView("0", "First available")] if is_free_to_choose else []
    return WhenView(
        places=[PickView(str(one.id), one.name) for one in clinic.locations.values()],
        place=str(location_id),
        providers=[*anybody, *named],
        provider=str(provider_id),
        on_iso=on.isoformat(),
        day=wording.day(on, place.time_zone, language),
        parts=parts(times or (), place.time_zone, language, start if start in free else None),
        told=told,
        exact="" if start is None else wording.local(instant(start), place.time_zone).strftime("%H:%M"),
    )


def facts(
    clinic: Catalogue,
    mine: Sequence[Offer],
    *,
    who: str,
    location_id: int,
    provider: str,
    start: int | None,
) -> list[FactView]:
    """What would be booked."""
    place, language = clinic.locations[location_id], clinic.clinic.language
    minutes = sum(one.minutes for one in mine)
    told = [FactView("Patient", who or "–"), FactView("Treatments", " and ".join(one.name for one in mine) or "–")]
    if start is not None:
        told.append(FactView("When", _when(instant(start), minutes, place.time_zone, language)))
    told += [FactView("With", provider), FactView("Where", place.name)]
    if mine:
        told.append(FactView("Length", wording.duration(minutes, language)))
        told.append(FactView("Price", price(clinic, sum(one.price_minor for one in mine))))
    return told


def _when(at: datetime, minutes: int, zone: str, language: str) -> str:
    if not minutes:
        return wording.moment(at, zone, language, length="long")
    begins, ends = (wording.time(one, zone, language) for one in (at, at + timedelta(minutes=minutes)))
    return f"{wording.day(at, zone, language)}, {begins} – {ends}"


def gets(found: Promised, in_wallet: Sequence[str]) -> list[str]:
    """What the patient will get, in sentences."""
    ways = [f"an e-mail to {found.email}"] if found.email else []
    ways += [f"an SMS to {wording.phone(found.phone)}"] if found.phone else []
    told = [f"They are told by {' and '.join(ways)}."] if ways else ["No way to reach them is known: tell them here."]
    if found.forms:
        told.append(f"They are asked for: {', '.join(found.forms)}.")
    if in_wallet:
        told.append(f"Their wallet can pay for {', '.join(in_wallet)}: choose it at the check-out.")
    return [*told, NO_CARD]


def near(times: Iterable[FreeTime], zone: str, language: str) -> list[TimeView]:
    """Free times next to one that does not fit."""
    return [TimeView(str(one.start), wording.time(instant(one.start), zone, language), False) for one in times]


def missing(*, has_patient: bool, has_services: bool, has_time: bool) -> str:
    """What is to be chosen before anything can be booked; empty where nothing is."""
    lacks = [
        name
        for name, has in (("a patient", has_patient), ("a treatment", has_services), ("a time", has_time))
        if not has
    ]
    if not lacks:
        return ""
    return f"Choose {', '.join(lacks[:-1])}{' and ' if lacks[:-1] else ''}{lacks[-1]}."

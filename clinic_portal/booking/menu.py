"""What staff may book for a patient, at this patient's prices, and what the patient will get (P15). Reads alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import desk_fit, desk_rules, prices, rules
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue, ServiceInfo
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.queries import assigned
from clinic_portal.patients import profile
from clinic_portal.patients.access import must_see
from clinic_portal.patients.types import Profile


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it would be booked for the patient; `in_wallet` of it are paid for already."""

    service_id: int
    name: str
    minutes: int
    price_minor: int
    list_price_minor: int
    provider_ids: frozenset[int]
    is_here: bool  # what it needs stands at the location
    in_wallet: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The services of a category."""

    category_id: int
    name: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Promised:
    """What a patient gets when they are booked: where news goes, and the forms they are asked for."""

    email: str
    phone: str
    forms: tuple[str, ...]


def menu(read: Reading, actor: StaffActor, *, location_id: int, patient_id: int | None) -> tuple[Shelf, ...]:
    """Every service of the clinic by category, those not bookable online too. Without a patient at the usual prices.

    Raises NotAllowed, also for a patient they may not see and for no such location.
    """
    actor.must(Permission.BOOK_VISITS)
    if patient_id is not None:
        must_see(read, actor, patient_id)
    clinic = catalogue(read)
    if location_id not in clinic.locations:
        raise NotAllowed()
    mine = prices.purse(read, patient_id)
    shelves = []
    for category in clinic.categories.values():
        offers = tuple(
            _offer(clinic, one, location_id, mine) for one in clinic.services.values() if one.category_id == category.id
        )
        if offers:
            shelves.append(Shelf(category.id, category.name, offers))
    return tuple(shelves)


def performers(clinic: Catalogue, service_ids: Sequence[int]) -> list[int]:
    """The providers who perform all of these services, in the clinic's order; everyone where there are none."""
    wanted = [clinic.services[one] for one in service_ids if one in clinic.services]
    return rules.performers(clinic, wanted)


def who(read: Reading, actor: StaffActor, patient_id: int) -> Profile:
    """The patient a visit is booked for. Raises NotAllowed, also for a profile that turned out to be another's."""
    actor.must(Permission.BOOK_VISITS)
    must_see(read, actor, patient_id)
    return profile.for_staff(read, actor, patient_id).profile


def promised(read: Reading, actor: StaffActor, patient_id: int, service_ids: Sequence[int]) -> Promised:
    """What the patient would get. Raises NotAllowed."""
    known = who(read, actor, patient_id)
    asked = assigned(read, service_ids)
    return Promised(known.email, known.phone, tuple(one.title for one in asked if one.kind is not Kind.AFTER))


def why_not(
    read: Reading,
    actor: StaffActor,
    *,
    location_id: int,
    service_ids: Sequence[int],
    provider_id: int | None,
    start: int,
) -> Conflict | None:
    """What `desk.book` would say to a start, before it is asked to; None where the visit fits. Raises NotAllowed."""
    actor.must(Permission.BOOK_VISITS)
    clinic = catalogue(read)
    if actor.only_calendar_of not in (None, provider_id) or location_id not in clinic.locations:
        raise NotAllowed()
    try:
        desk_fit.must_be_near(read, start)
        services = desk_rules.cart(clinic, service_ids)
        search = desk_fit.searched(read, location_id, provider_id, services)
        desk_fit.placed(read, actor, search, services, start, "")
    except Conflict as refusal:
        return refusal
    return None


def _offer(clinic: Catalogue, service: ServiceInfo, location_id: int, mine: prices.Purse) -> Offer:
    there = {unit.pool_id for unit in clinic.units if unit.location_id == location_id}
    return Offer(
        service_id=service.id,
        name=service.name,
        minutes=service.duration_minutes,
        price_minor=prices.price_minor(service, mine),
        list_price_minor=service.price_minor,
        provider_ids=service.provider_ids,
        is_here=set(service.pool_ids) <= there,
        in_wallet=sum(lot.left for lot in mine.lots if prices.fits(lot, service)),
    )

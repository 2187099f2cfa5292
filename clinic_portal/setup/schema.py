"""The shape of the clinic file, and what must hold across it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from clinic_portal.core.money import least_minor
from clinic_portal.messaging.lead_times import MOST_RULES
from clinic_portal.setup import forms_part, money_part, reminders_part, sales_part, texts_part
from clinic_portal.setup.forms_part import FormPart
from clinic_portal.setup.money_part import Amount, PolicyPart, minor_of
from clinic_portal.setup.part import ClinicFileError, Part, Slug, path
from clinic_portal.setup.reminders_part import ReminderPart
from clinic_portal.setup.sales_part import PackagePart, PlanPart
from clinic_portal.setup.texts_part import TextPart

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Minutes = Annotated[int, Field(ge=0, le=600)]
_SPAN = re.compile(r"^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$")


def span(text: object) -> tuple[int, int]:
    """`09:00-17:30` as minutes after midnight; an end of 24:00 is the day's end. Raises ValueError."""
    found = _SPAN.match(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("write hours like 09:00-17:30")
    first, last = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not 0 <= first < last <= 1440 or int(found[2]) > 59 or int(found[4]) > 59:
        raise ValueError("hours end after they begin, at 24:00 at the latest")
    return first, last


def told(spans: tuple[int, int]) -> str:
    """Minutes after midnight as `09:00-17:30`."""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in spans)


Span = Annotated[tuple[int, int], BeforeValidator(span)]


class ClinicPart(Part):
    """The clinic itself and its booking rules."""

    name: str
    tagline: str = ""
    about: str = ""
    email: str
    phone: str
    website: str = ""
    reference_prefix: str = Field("VIS", pattern=r"^[A-Z]{2,5}$")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    language: str = "en"
    phone_region: str = Field("US", pattern=r"^[A-Z]{2}$")
    start_interval_minutes: int = Field(15, ge=5, le=60)
    minimum_notice_minutes: int = Field(120, ge=0)
    booking_window_days: int = Field(90, ge=1, le=730)
    hold_minutes: int = Field(10, ge=2, le=60)
    buffers_must_fit: bool = False
    provider_choice: Literal["both", "provider", "first_available"] = "both"
    patients_may_cancel: bool = True
    patients_may_reschedule: bool = True
    change_until_minutes: int = Field(0, ge=0, le=60 * 24 * 30)
    activation_email_enabled: bool = True
    card_hold_minor: int | None = None
    deposit_returns_to: Literal["card", "wallet"] = "card"
    is_second_factor_required: bool = False
    brand_colour: str = Field("#9c4a31", pattern=r"^#[0-9a-f]{6}$")
    email_names_services: bool = False
    email_carries_instructions: bool = True
    quiet_from_minutes: int = Field(1260, ge=0, le=1439)
    quiet_until_minutes: int = Field(480, ge=0, le=1439)
    is_wallet_shown: bool = False
    grace_days: int = Field(14, ge=0, le=60)
    longest_pause_months: int = Field(3, ge=0, le=12)

    @property
    def hold_minor(self) -> int:
        """What is held on a card for a moment: without a word about it, the least that can be."""
        return least_minor(self.currency) if self.card_hold_minor is None else self.card_hold_minor


class LocationPart(Part):
    """A place with its IANA time zone."""

    slug: Slug
    name: str
    street: str
    city: str
    region: str = ""
    postal_code: str = ""
    country: str = "US"
    time_zone: str
    phone: str = ""
    directions: str = ""


class HolidayPart(Part):
    """A closed date, of one location or of all."""

    day: date
    name: str
    location: Slug | None = None


class UnitPart(Part):
    """One room or device and where it stands."""

    slug: Slug
    name: str
    location: Slug


class PoolPart(Part):
    """Rooms or devices of one kind."""

    slug: Slug
    name: str
    kind: Literal["room", "device"]
    is_active: bool = True
    units: list[UnitPart]


class HoursPart(Part):
    """Weekly hours at one location on some days: `days: mon-fri`, `hours: 09:00-17:00`, `breaks: [12:30-13:00]`."""

    location: Slug
    days: str
    hours: Span
    breaks: list[Span] = []

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The weekdays meant, Monday being 0. Raises ValueError."""
        found: list[int] = []
        for part in self.days.replace(" ", "").lower().split(","):
            first, _, last = part.partition("-")
            if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
                raise ValueError(f"{part} is no weekday: write mon, tue, wed, thu, fri, sat, sun or mon-fri")
            found += range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
        return tuple(sorted(set(found)))


class DatePart(Part):
    """Other hours on one date; without hours, not working."""

    day: date
    location: Slug
    hours: Span | None = None


class ProviderPart(Part):
    """A clinician with their hours."""

    slug: Slug
    name: str
    title: str = ""
    about: str = ""
    daily_limit: int | None = Field(None, ge=1)
    is_bookable_online: bool = True
    hours: list[HoursPart]
    dates: list[DatePart] = []


class CategoryPart(Part):
    """A shelf of services; while it is retired, nothing on it is offered online."""

    slug: Slug
    name: str
    description: str = ""
    is_active: bool = True


class ServicePart(Part):
    """A treatment; `price` and `deposit` as people write them (`240.00`), minutes whole.

    `policy` is its own where it has one, or `none` where nothing is ever charged for it; else the clinic's holds.
    """

    slug: Slug
    category: Slug
    name: str
    description: str = ""
    what_to_bring: str = ""
    duration_minutes: int = Field(ge=5, le=480)
    buffer_before_minutes: Minutes = 0
    buffer_after_minutes: Minutes = 0
    processing_offset_minutes: Minutes = 0
    processing_minutes: Minutes = 0
    price: Amount
    deposit: Amount | None = None
    deposit_percent: int | None = Field(None, ge=1, le=100)
    policy: PolicyPart | Literal["none"] | None = None
    is_bookable_online: bool = True
    needs: list[Slug] = []
    providers: list[Slug]

    @property
    def policy_rule(self) -> Literal["clinic", "own", "none"]:
        """Which policy holds for it."""
        return "own" if isinstance(self.policy, PolicyPart) else self.policy or "clinic"

    def amounts(self, currency: str) -> dict[str, int | None]:
        """Price and deposit as the tables hold them. Raises ValueError."""
        return {
            "price_minor": minor_of(self.price, currency),
            "deposit_minor": None if self.deposit is None else minor_of(self.deposit, currency),
            "deposit_percent": self.deposit_percent,
        }


class ClinicFile(Part):
    """A whole clinic. Without `forms` or `reminders`, those stay as they are; with an empty list there are none.
    Without `texts`, its messages say what they say; with an empty list, what ours say. Without `packages` or
    `memberships`, what is on sale stays so."""

    clinic: ClinicPart
    locations: list[LocationPart] = Field(min_length=1)
    holidays: list[HolidayPart] = []
    pools: list[PoolPart] = []
    providers: list[ProviderPart] = Field(min_length=1)
    categories: list[CategoryPart] = Field(min_length=1)
    services: list[ServicePart] = Field(min_length=1)
    policy: PolicyPart | None = None
    forms: list[FormPart] | None = None
    reminders: list[ReminderPart] | None = Field(None, max_length=MOST_RULES)
    texts: list[TextPart] | None = None
    packages: list[PackagePart] | None = None
    memberships: list[PlanPart] | None = None


def parse(text: str, forms: Sequence[str] = ()) -> ClinicFile:
    """Read a clinic file, and files of one form each. Raises ClinicFileError with everything that is wrong."""
    raw = _yaml(text)
    if forms and isinstance(raw, dict):
        raw["forms"] = [*(raw.get("forms") or []), *map(_yaml, forms)]
    try:
        file = ClinicFile.model_validate(raw)
    except ValidationError as fault:
        faults = [f"{path(one['loc'])}: {one['msg'].removeprefix('Value error, ')}." for one in fault.errors()]
        raise ClinicFileError(faults) from None
    faults = list(_faults(file))
    if faults:
        raise ClinicFileError(faults)
    return file


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise ClinicFileError([f"The file is no YAML: {str(fault).splitlines()[0]}."]) from None


def _faults(file: ClinicFile) -> Iterator[str]:
    for name in ("locations", "pools", "providers", "categories", "services"):
        slugs = [part.slug for part in getattr(file, name)]
        yield from (f"{name}: {slug} stands there twice." for slug in sorted({s for s in slugs if slugs.count(s) > 1}))
    places = {place.slug for place in file.locations}
    for place in file.locations:
        try:
            ZoneInfo(place.time_zone)
        except (KeyError, ValueError, OSError):
            yield f"location {place.slug}: {place.time_zone} is no time zone; write one like America/Chicago."
    for holiday in file.holidays:
        if holiday.location and holiday.location not in places:
            yield f"holiday {holiday.name}: there is no location {holiday.location}."
    for pool in file.pools:
        if not pool.units:
            yield f"pool {pool.slug}: it has no unit."
        for unit in pool.units:
            if unit.location not in places:
                yield f"unit {unit.slug}: there is no location {unit.location}."
    for provider in file.providers:
        yield from _provider_faults(provider, places)
    categories, pools = {c.slug for c in file.categories}, {p.slug for p in file.pools}
    providers, retired = {p.slug for p in file.providers}, {p.slug for p in file.pools if not p.is_active}
    for service in file.services:
        if service.category not in categories:
            yield f"service {service.slug}: there is no category {service.category}."
        yield from (f"service {service.slug}: there is no pool {one}." for one in service.needs if one not in pools)
        yield from (f"service {service.slug}: the pool {one} is retired." for one in service.needs if one in retired)
        if not service.providers:
            yield f"service {service.slug}: nobody performs it."
        missing = [one for one in service.providers if one not in providers]
        yield from (f"service {service.slug}: there is no provider {one}." for one in missing)
        if service.processing_offset_minutes + service.processing_minutes > service.duration_minutes:
            yield f"service {service.slug}: its processing time reaches beyond its duration."
    yield from _money_faults(file)
    yield from reminders_part.faults(file.reminders or [])
    yield from texts_part.faults(file.texts or [])
    known = {service.slug for service in file.services}
    yield from sales_part.faults(file.packages or [], file.memberships or [], file.clinic.currency, known, categories)
    yield from forms_part.faults(file.forms or [], categories, {service.slug for service in file.services})


def _money_faults(file: ClinicFile) -> Iterator[str]:
    currency = file.clinic.currency
    wrong = [f"clinic: {fault}." for fault in money_part.clinic_faults(currency, file.clinic.hold_minor)]
    yield from wrong
    if wrong:
        return
    for service in file.services:
        try:
            faults = list(money_part.amount_faults(service.amounts(currency), currency))
        except ValueError as fault:
            faults = [str(fault)]
        if isinstance(service.policy, PolicyPart):
            faults += [f"policy: {fault}" for fault in service.policy.faults(currency)]
        yield from (f"service {service.slug}: {fault}." for fault in faults)
    if file.policy:
        yield from (f"policy: {fault}." for fault in file.policy.faults(currency))


def _provider_faults(provider: ProviderPart, places: set[str]) -> Iterator[str]:
    if not provider.hours:
        yield f"provider {provider.slug}: they have no hours."
    taken: list[tuple[int, tuple[int, int]]] = []
    for hours in provider.hours:
        if hours.location not in places:
            yield f"provider {provider.slug}: there is no location {hours.location}."
        for one in hours.breaks:
            if not hours.hours[0] <= one[0] < one[1] <= hours.hours[1]:
                yield f"provider {provider.slug}: the break {told(one)} is not inside {told(hours.hours)}."
        try:
            weekdays = hours.weekdays
        except ValueError as fault:
            yield f"provider {provider.slug}: {fault}."
            continue
        for weekday in weekdays:
            for other, (first, last) in taken:
                if other == weekday and first < hours.hours[1] and hours.hours[0] < last:
                    yield f"provider {provider.slug}: two shifts overlap on {WEEKDAYS[weekday]}."
            taken.append((weekday, hours.hours))
    for dated in provider.dates:
        if dated.location not in places:
            yield f"provider {provider.slug}: there is no location {dated.location}."

"""What others may know of the clinic: frozen values, never rows."""

from dataclasses import dataclass, field
from datetime import date

from clinic_portal.core.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class ClinicInfo:
    """The clinic and its booking rules; money in minor units of `currency`."""

    name: str
    tagline: str
    about: str
    email: str
    phone: str
    website: str
    reference_prefix: str
    currency: str
    language: str
    phone_region: str
    start_interval_minutes: int
    minimum_notice_minutes: int
    booking_window_days: int
    hold_minutes: int
    buffers_must_fit: bool
    provider_choice: str  # both | provider | first_available
    patients_may_cancel: bool
    patients_may_reschedule: bool
    change_until_minutes: int
    activation_email_enabled: bool
    card_hold_minor: int
    deposit_returns_to: str  # card | wallet
    is_second_factor_required: bool
    brand_colour: str  # #rrggbb
    email_names_services: bool
    email_carries_instructions: bool
    quiet_from_minutes: int  # of the patient's own day; the same as until: no quiet hours
    quiet_until_minutes: int
    is_wallet_shown: bool
    grace_days: int
    longest_pause_months: int


@dataclass(frozen=True, slots=True)
class LocationInfo:
    """A place with its own wall clock."""

    id: int
    slug: str
    name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    time_zone: str
    phone: str
    directions: str

    @property
    def address(self) -> str:
        """The address on one line."""
        town = ", ".join(part for part in (self.city, f"{self.region} {self.postal_code}".strip()) if part)
        return f"{self.street}, {town}"


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """A clinician."""

    id: int
    slug: str
    name: str
    title: str
    about: str
    daily_limit: int | None
    is_bookable_online: bool


@dataclass(frozen=True, slots=True)
class CategoryInfo:
    """A shelf of services."""

    id: int
    slug: str
    name: str
    description: str
    is_active: bool = True  # what stands on one that is not is not offered online


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """A treatment as it is offered now. `provider_ids` perform it; one unit of each of `pool_ids` is needed.

    `is_bookable_online`: it may be, and stands on a shelf that is not retired.
    """

    id: int
    slug: str
    category_id: int
    name: str
    description: str
    what_to_bring: str
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    processing_offset_minutes: int
    processing_minutes: int
    price_minor: int
    deposit_minor: int | None
    deposit_percent: int | None
    policy_rule: str  # clinic | own | none
    is_bookable_online: bool
    provider_ids: frozenset[int]
    pool_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """One room or device."""

    id: int
    pool_id: int
    location_id: int
    name: str


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """A version of a cancellation policy: the clinic's, or a service's own (P4)."""

    id: int
    version: int
    service_id: int | None
    text: str
    card_text: str
    free_hours: int
    fee_minor: int | None
    fee_percent: int | None
    noshow_fee_minor: int | None
    noshow_fee_percent: int | None
    currency: str


@dataclass(frozen=True)
class Catalogue:
    """The clinic as it stands now, whole; small enough to be kept in memory until `version` rises."""

    version: int
    clinic: ClinicInfo
    locations: dict[int, LocationInfo]  # active ones, in order
    holidays: frozenset[tuple[int | None, date]]  # (location or None for all, date)
    units: tuple[UnitInfo, ...]  # active ones of active pools, in order
    providers: dict[int, ProviderInfo]  # active ones, in order
    categories: dict[int, CategoryInfo]  # in order, retired ones too
    services: dict[int, ServiceInfo]  # active ones, in order
    policy: PolicyInfo | None  # the clinic's, in force
    own_policies: dict[int, PolicyInfo]  # by service, in force
    closed_locations: dict[int, LocationInfo] = field(default_factory=dict)  # retired ones: visits may stand there

    def place(self, location_id: int) -> LocationInfo | None:
        """A location, open or retired; None where there is none."""
        return self.locations.get(location_id) or self.closed_locations.get(location_id)

    @property
    def time_zone(self) -> str:
        """The zone in which the clinic's own days end, where no location is meant: that of its first.

        Raises NotAllowed while there is none.
        """
        for first in self.locations.values():
            return first.time_zone
        raise NotAllowed("no_clinic")

    def policy_for(self, service_id: int) -> PolicyInfo | None:
        """The policy a service is booked under: its own, the clinic's, or none."""
        rule = self.services[service_id].policy_rule
        if rule == "none":
            return None
        return self.own_policies.get(service_id) if rule == "own" else self.policy

"""What others may know of drafts and appointments: frozen values, never rows."""

from dataclasses import dataclass
from datetime import date, datetime

from clinic_portal.clinic.types import LocationInfo, PolicyInfo
from clinic_portal.wallet.types import LotInfo

STANDING = ("booked", "arrived")
"""Statuses of a visit that is to take place, or does just now."""
KEPT = (*STANDING, "fulfilled")
"""The same, and those that took place: neither called off nor missed."""
BOOKED = (*KEPT, "noshow", "cancelled")
"""Statuses of all that was ever booked; a time that was only held is none."""


@dataclass(frozen=True, slots=True)
class BookedService:
    """A service of a visit as it was booked."""

    service_id: int
    name: str
    duration_minutes: int
    price_minor: int
    what_to_bring: str
    lot_id: int | None = None  # of the wallet: it is paid with one of these


@dataclass(frozen=True, slots=True)
class Visit:
    """A booked appointment with all that a confirmation, a calendar entry or a page about it needs."""

    appointment_id: int
    reference: str
    uid: str
    sequence: int
    status: str
    patient_id: int
    given_name: str
    family_name: str
    email: str
    phone: str
    language: str
    provider_id: int
    provider_name: str
    provider_title: str
    location: LocationInfo
    start_at: datetime
    end_at: datetime
    services: tuple[BookedService, ...]
    currency: str
    total_minor: int
    covered_minor: int  # the part of the total that the policy is about
    policy: PolicyInfo | None
    free_until_at: datetime | None  # cancelling is free until then; None without a policy
    booked_at: datetime
    late_fee_minor: int = 0  # what the policy asks for, where it was cancelled too late
    arrived_at: datetime | None = None
    fulfilled_at: datetime | None = None
    booked_by: str = ""  # staff:2, where it was not the patient
    cancelled_by: str = ""  # the same
    is_overridden: bool = False  # staff put it where the rules would not have it
    told_sequence: int = 0  # the newest change of which the patient is to be told

    @property
    def prepaid(self) -> int:
        """How many of its services are paid with something of the patient's wallet."""
        return sum(one.lot_id is not None for one in self.services)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why staff went beyond a rule for a visit, or cancelled it; for staff alone."""

    kind: str  # override | cancelled
    body: str
    written_at: datetime
    written_by: str  # staff:2


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit as a list shows it (S52)."""

    reference: str
    status: str
    start_at: datetime
    end_at: datetime
    time_zone: str
    location_name: str
    location_street: str
    provider_name: str
    service_names: tuple[str, ...]
    is_upcoming: bool


@dataclass(frozen=True, slots=True)
class Visits:
    """All visits of a patient: the coming ones, soonest first; the others, newest first (S27, S50)."""

    upcoming: tuple[VisitLine, ...]
    past: tuple[VisitLine, ...]


@dataclass(frozen=True, slots=True)
class CartLine:
    """A service in the cart as the patient saw it; `price_minor` is what they pay today, `is_offered` whether it still
    stands.

    `is_repriced`: the price is another by now, or in another currency. `worth_minor` is their price were it not paid
    with a `lot` of their wallet, `offer` one that could pay it.
    """

    service_id: int
    name: str
    duration_minutes: int
    seen_price_minor: int
    seen_currency: str
    price_minor: int
    worth_minor: int
    list_price_minor: int
    is_repriced: bool
    is_offered: bool
    is_later: bool
    lot_id: int | None = None
    lot: LotInfo | None = None
    offer: LotInfo | None = None


@dataclass(frozen=True, slots=True)
class HoldInfo:
    """A time kept for this browser until `expires_at`."""

    appointment_id: int
    provider_id: int
    start_at: datetime
    end_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What one browser has filled in so far."""

    id: int
    patient_id: int | None  # who is signed in, if anyone
    location_id: int
    lines: tuple[CartLine, ...]
    given_name: str
    family_name: str
    email: str
    phone: str
    phone_typed: str
    time_zone: str | None
    is_phone_verified: bool
    has_reviewed_visit: bool
    has_chosen_provider: bool
    provider_id: int | None
    looking_at_on: date | None
    hold: HoldInfo | None
    hold_ran_out: bool
    booked_reference: str | None
    discount_percent: int = 0  # a member's

    @property
    def now_lines(self) -> tuple[CartLine, ...]:
        """The services of the visit being booked."""
        return tuple(line for line in self.lines if not line.is_later)

    @property
    def later_lines(self) -> tuple[CartLine, ...]:
        """The services set aside for a visit of their own (S70)."""
        return tuple(line for line in self.lines if line.is_later)


@dataclass(frozen=True, slots=True)
class VisitName:
    """What a visit is called among staff."""

    reference: str
    start_at: datetime
    status: str
    location_id: int


@dataclass(frozen=True, slots=True)
class ProviderVisit:
    """A visit in a provider's calendar."""

    uid: str
    sequence: int
    reference: str
    status: str
    start_at: datetime
    end_at: datetime
    location_id: int
    patient_id: int

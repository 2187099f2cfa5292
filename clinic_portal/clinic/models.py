"""Tables of the clinic itself. Private to this domain: others read them through `queries`."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import UtcDateTime


class Clinic(SQLModel, table=True):
    """The one clinic of this installation and its booking rules (P1, P2, S71)."""

    __tablename__ = "clinic"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    name: str
    tagline: str = ""
    about: str = Field(default="", sa_column=Column(Text, nullable=False))
    email: str
    phone: str
    website: str = ""
    reference_prefix: str = "VIS"
    currency: str = "USD"
    language: str = "en"
    phone_region: str = "US"
    start_interval_minutes: int = 15
    minimum_notice_minutes: int = 120
    booking_window_days: int = 90
    hold_minutes: int = 10
    buffers_must_fit: bool = False
    provider_choice: str = "both"  # both | provider | first_available
    patients_may_cancel: bool = True  # by themselves, in their portal (S53, S54)
    patients_may_reschedule: bool = True
    change_until_minutes: int = 0  # how long before its start a visit can still be changed in the portal
    activation_email_enabled: bool = True  # the Welcome Email goes out with the first booking (S12)
    card_hold_minor: int = 50  # what is held on a card for a moment, to prove it (S79)
    deposit_returns_to: str = "card"  # card | wallet: where a deposit goes that is cancelled in time (P6)
    is_second_factor_required: bool = False  # staff sign in with an authenticator app too
    brand_colour: str = "#9c4a31"  # of links and buttons in e-mails
    email_names_services: bool = False  # e-mails say which treatments a visit is for
    email_carries_instructions: bool = True  # e-mails hold the instructions, not only the way to them
    quiet_from_minutes: int = 1260  # from this minute of the patient's day on no reminder goes out (P14)
    quiet_until_minutes: int = 480
    is_wallet_shown: bool = False  # patients find their wallet in the portal (S34)
    grace_days: int = 14  # how long a membership whose renewal was refused goes on
    longest_pause_months: int = 3  # for which a member may pause; 0: staff only
    version: int = 1  # rises with each change of the clinic's own data, so that copies in memory know they are old


class Location(SQLModel, table=True):
    """A place where patients are treated, with its own wall clock (P3)."""

    __tablename__ = "location"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    street: str
    city: str
    region: str = ""
    postal_code: str = ""
    country: str = "US"
    time_zone: str
    phone: str = ""
    directions: str = Field(default="", sa_column=Column(Text, nullable=False))
    is_active: bool = True
    position: int = 0


class Holiday(SQLModel, table=True):
    """A date on which a location (or, without one, the whole clinic) is closed."""

    __tablename__ = "holiday"

    id: int | None = Field(default=None, primary_key=True)
    location_id: int | None = Field(default=None, foreign_key="location.id", index=True)
    on: date
    name: str


class Pool(SQLModel, table=True):
    """A kind of room or device of which any free unit will do (P9)."""

    __tablename__ = "pool"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    kind: str  # room | device
    is_active: bool = True
    position: int = 0


class PoolUnit(SQLModel, table=True):
    """One room or device, standing at one location."""

    __tablename__ = "pool_unit"
    __table_args__ = (UniqueConstraint("location_id", "slug"),)

    id: int | None = Field(default=None, primary_key=True)
    pool_id: int = Field(foreign_key="pool.id", index=True)
    location_id: int = Field(foreign_key="location.id", index=True)
    slug: str
    name: str
    is_active: bool = True
    position: int = 0


class Provider(SQLModel, table=True):
    """A clinician who treats patients."""

    __tablename__ = "provider"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    title: str = ""  # "Nurse practitioner"
    about: str = Field(default="", sa_column=Column(Text, nullable=False))
    daily_limit: int | None = None
    is_bookable_online: bool = True
    is_active: bool = True
    position: int = 0


class ServiceCategory(SQLModel, table=True):
    """A shelf of services in the booking page (S61)."""

    __tablename__ = "service_category"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    description: str = ""
    is_active: bool = True
    position: int = 0


class Service(SQLModel, table=True):
    """A treatment that can be booked. Minutes are whole; the provider is free while it takes effect (processing)."""

    __tablename__ = "service"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    category_id: int = Field(foreign_key="service_category.id", index=True)
    name: str
    description: str = Field(default="", sa_column=Column(Text, nullable=False))
    what_to_bring: str = Field(default="", sa_column=Column(Text, nullable=False))
    duration_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    processing_offset_minutes: int = 0
    processing_minutes: int = 0
    price_minor: int
    deposit_minor: int | None = None  # paid when it is booked (P6): an amount
    deposit_percent: int | None = None  # or a share of the price
    policy_rule: str = "clinic"  # clinic | own | none: which cancellation policy holds for it
    is_bookable_online: bool = True
    is_active: bool = True
    position: int = 0


class ServicePool(SQLModel, table=True):
    """A service needs one unit of this pool."""

    __tablename__ = "service_pool"

    service_id: int = Field(foreign_key="service.id", primary_key=True)
    pool_id: int = Field(foreign_key="pool.id", primary_key=True)


class ServiceProvider(SQLModel, table=True):
    """A provider performs this service."""

    __tablename__ = "service_provider"

    service_id: int = Field(foreign_key="service.id", primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", primary_key=True)


class PolicyVersion(SQLModel, table=True):
    """A version of a cancellation policy, the clinic's or a service's own; a published one never changes (P4).

    A fee is an amount, or a percentage of the price; cancelling is free until `free_hours` before the start. At most
    one version is in force for the clinic, and one for each service.
    """

    __tablename__ = "policy_version"

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(unique=True)
    service_id: int | None = Field(default=None, foreign_key="service.id", index=True)  # None: the clinic's
    text: str = Field(sa_column=Column(Text, nullable=False))
    card_text: str = Field(default="", sa_column=Column(Text, nullable=False))  # what the card is asked for, and when
    free_hours: int
    fee_minor: int | None = None
    fee_percent: int | None = None
    noshow_fee_minor: int | None = None  # for a visit missed; with neither, the fee of a late cancellation (P5)
    noshow_fee_percent: int | None = None
    currency: str = "USD"  # of the amounts
    is_in_force: bool = True
    published_at: datetime = Field(sa_type=UtcDateTime)

"""Membership plans as others may know them: frozen values, never rows. Money in minor units of its currency."""

from dataclasses import dataclass

MONTH, YEAR = "month", "year"
PERIODS = (MONTH, YEAR)


@dataclass(frozen=True, slots=True)
class Brings:
    """What a plan puts into the wallet each period: `count` of a service, of any of a category, of a product; or
    credit. `name` is what it is called now, empty for credit."""

    service_id: int | None = None
    category_id: int | None = None
    product: str = ""
    credit_minor: int = 0
    count: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlanInfo:
    """A plan in one of its versions. `is_active`: patients may join it, in its newest version."""

    id: int
    version_id: int
    version: int
    name: str
    description: str
    agreement_id: int | None
    period: str  # month | year
    fee_minor: int
    setup_fee_minor: int
    currency: str
    discount_percent: int
    brings: tuple[Brings, ...]
    is_banked: bool
    is_active: bool

"""Packages as others may know them: frozen values, never rows. Money in minor units of its currency."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """A package as the clinic's own pages show it."""

    id: int
    name: str
    description: str
    service_id: int | None  # so many of this treatment
    category_id: int | None  # or of any of this category
    count: int
    price_minor: int
    currency: str
    valid_days: int | None  # from the day it is bought; None: for good
    is_active: bool
    position: int
    revision: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that can be bought now, beside what as many single treatments cost.

    Of a category they cost different amounts: `saves_least_minor` against its cheapest treatment, `saves_most_minor`
    against its dearest. Never below nothing.
    """

    package: PackageInfo
    what: str  # the treatment, or the category
    saves_least_minor: int
    saves_most_minor: int


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys without being signed in; `phone` was proved where `proved_at` says when."""

    given_name: str
    family_name: str
    email: str
    phone: str
    phone_typed: str
    proved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sold:
    """What was offered, as it stood when the buyer went to pay: kept with the payment, whatever becomes of the package.

    `names` are those of a buyer who was not signed in; of others the profile knows.
    """

    name: str
    what: str
    service_id: int | None
    category_id: int | None
    count: int
    price_minor: int
    currency: str
    valid_days: int | None
    names: tuple[str, str] | None = None

    @property
    def terms(self) -> tuple[Any, ...]:
        """What a buyer agreed to: two that are alike are the same offer."""
        thing = (self.service_id, self.category_id, self.count)
        return (self.name, *thing, self.price_minor, self.currency, self.valid_days)

    def kept(self) -> dict[str, Any]:
        """As it is kept."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "names"}
        return found | ({"names": list(self.names)} if self.names else {})


def sold(kept: dict[str, Any] | None) -> Sold | None:
    """What was sold, as it was kept; None where no package was."""
    if not kept or "count" not in kept:
        return None
    names = kept.get("names")
    values = {name: kept.get(name) for name in Sold.__dataclass_fields__ if name != "names"}
    return Sold(**values, names=(names[0], names[1]) if names else None)  # type: ignore[arg-type]

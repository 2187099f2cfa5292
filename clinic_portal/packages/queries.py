"""Reads of packages."""

from typing import Any

from sqlalchemy import select

from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.packages import models, rules
from clinic_portal.packages.types import Offer, PackageInfo

_PACKAGE = table(models.Package)
_IN_ORDER = (_PACKAGE.c.position, _PACKAGE.c.id)


def every(read: Reading) -> tuple[PackageInfo, ...]:
    """All packages, those not on sale included, in their order."""
    return tuple(_info(row) for row in read.execute(select(_PACKAGE).order_by(*_IN_ORDER)))


def package(read: Reading, package_id: int) -> PackageInfo:
    """A package, on sale or not. Raises NotAllowed for an unknown one."""
    row = read.execute(select(_PACKAGE).where(_PACKAGE.c.id == package_id)).first()
    if row is None:
        raise NotAllowed()
    return _info(row)


def on_sale(read: Reading) -> tuple[Offer, ...]:
    """What can be bought now, in its order, with what it saves. What is of a treatment that is offered no more is not
    among them, nor what is priced in another currency than the clinic's."""
    clinic = catalogue(read)
    rows = read.execute(select(_PACKAGE).where(_PACKAGE.c.is_active).order_by(*_IN_ORDER))
    return tuple(found for row in rows if (found := offer(clinic, _info(row))) is not None)


def is_any_on_sale(read: Reading) -> bool:
    """Whether there is anything to buy."""
    return bool(on_sale(read))


def offer(clinic: Catalogue, info: PackageInfo) -> Offer | None:
    """A package as an offer; None where it cannot be one."""
    singles = singles_minor(clinic, info.service_id, info.category_id)
    if not info.is_active or info.currency != clinic.clinic.currency or not singles:
        return None
    least, most = rules.saves(info.count, info.price_minor, singles)
    return Offer(info, named(clinic, info.service_id, info.category_id), least, most)


def singles_minor(clinic: Catalogue, service_id: int | None, category_id: int | None) -> list[int]:
    """What the treatments cost singly that a package is of; none of those that are offered no more."""
    services = clinic.services.values()
    if service_id is not None:
        return [one.price_minor for one in services if one.id == service_id]
    return [one.price_minor for one in services if one.category_id == category_id]


def named(clinic: Catalogue, service_id: int | None, category_id: int | None) -> str:
    """What a package is of, by its name; empty for what is offered no more."""
    if service_id is not None:
        return clinic.services[service_id].name if service_id in clinic.services else ""
    return clinic.categories[category_id].name if category_id in clinic.categories else ""


def _info(row: Any) -> PackageInfo:
    return PackageInfo(**{name: getattr(row, name) for name in PackageInfo.__dataclass_fields__})

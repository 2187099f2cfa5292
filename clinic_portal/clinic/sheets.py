"""The clinic as its own pages show it, what is switched off included."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from clinic_portal.clinic import models
from clinic_portal.clinic.editing import TABLES
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading

_HOLIDAY = table(models.Holiday)
_POLICY = table(models.PolicyVersion)
_LINKS = {"provider": table(models.ServiceProvider), "pool": table(models.ServicePool)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One location, provider, category, service, pool or unit, with all its columns."""

    id: int
    name: str
    is_active: bool
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HolidaySheet:
    """A closed date; of all locations without a `location_id`."""

    id: int
    on: date
    name: str
    location_id: int | None


@dataclass(frozen=True, slots=True)
class PolicySheet:
    """A version of a cancellation policy, the clinic's or a service's own."""

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
    is_in_force: bool
    published_at: datetime


def clinic(read: Reading) -> dict[str, Any]:
    """All settings of the clinic. Raises NotAllowed without one."""
    row = read.execute(select(table(models.Clinic))).first()
    if row is None:
        raise NotAllowed("no_clinic")
    return dict(row._mapping)


def sheets(read: Reading, kind: str) -> list[Sheet]:
    """All of a kind, in their order."""
    columns = TABLES[kind]
    rows = read.execute(select(columns).order_by(columns.c.position, columns.c.id))
    return [Sheet(row.id, row.name, row.is_active, dict(row._mapping)) for row in rows]


def sheet(read: Reading, kind: str, row_id: int) -> Sheet:
    """One of them. Raises NotAllowed."""
    for one in sheets(read, kind):
        if one.id == row_id:
            return one
    raise NotAllowed()


def linked(read: Reading, to: str, service_id: int) -> frozenset[int]:
    """Ids of the providers who perform a service, or of the pools it needs."""
    links = _LINKS[to]
    return frozenset(read.execute(select(links.c[f"{to}_id"]).where(links.c.service_id == service_id)).scalars())


def performed(read: Reading, provider_id: int) -> frozenset[int]:
    """Ids of the services a provider performs."""
    links = _LINKS["provider"]
    return frozenset(read.execute(select(links.c.service_id).where(links.c.provider_id == provider_id)).scalars())


def holidays(read: Reading) -> list[HolidaySheet]:
    """Closed dates, the earliest first."""
    rows = read.execute(select(_HOLIDAY).order_by(_HOLIDAY.c.on, _HOLIDAY.c.id))
    return [HolidaySheet(row.id, row.on, row.name, row.location_id) for row in rows]


def policies(read: Reading) -> list[PolicySheet]:
    """Every version of every policy, the newest first."""
    rows = read.execute(select(_POLICY).order_by(_POLICY.c.version.desc()))
    return [PolicySheet(**row._mapping) for row in rows]

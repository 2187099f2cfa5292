"""Reads of the clinic itself."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from clinic_portal.clinic import models
from clinic_portal.clinic.types import (
    Catalogue,
    CategoryInfo,
    ClinicInfo,
    LocationInfo,
    PolicyInfo,
    ProviderInfo,
    ServiceInfo,
    UnitInfo,
)
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading


def version(read: Reading) -> int:
    """The number that rises with every change of the clinic's data or hours. Raises NotAllowed without a clinic."""
    found = read.execute(select(table(models.Clinic).c.version)).scalar()
    if found is None:
        raise NotAllowed("no_clinic")
    return int(found)


def about(read: Reading) -> ClinicInfo | None:
    """The clinic itself, as far as there is one: for what works before it is founded, too."""
    row = read.session.get(models.Clinic, 1)
    return ClinicInfo(**_shared(row, ClinicInfo)) if row else None


def catalogue(read: Reading) -> Catalogue:
    """The clinic as it stands now; read anew only when its version rose."""
    return read.once("catalogue", lambda: read.kept("catalogue", version(read), lambda: _catalogue(read)))


def policy(read: Reading, policy_version_id: int) -> PolicyInfo:
    """A version of the policy, in force or not: what a booking was made under (P4)."""
    return _policy(read.session.get_one(models.PolicyVersion, policy_version_id))


def _catalogue(read: Reading) -> Catalogue:
    session = read.session
    clinic = session.get_one(models.Clinic, 1)
    performed, needed = defaultdict(set), defaultdict(list)
    for link in session.execute(select(models.ServiceProvider)).scalars():
        performed[link.service_id].add(link.provider_id)
    for need in session.execute(select(models.ServicePool).order_by(table(models.ServicePool).c.pool_id)).scalars():
        needed[need.service_id].append(need.pool_id)

    def ordered(model: type[SQLModel], *, active: bool = True) -> list[Any]:
        columns = table(model).c
        statement = select(model).order_by(*(columns[name] for name in ("position", "id") if name in columns))
        return list(session.execute(statement.where(columns.is_active) if active else statement).scalars())

    policies = table(models.PolicyVersion).c
    in_force = {
        row.service_id: _policy(row)
        for row in session.execute(
            select(models.PolicyVersion).where(policies.is_in_force).order_by(policies.version)
        ).scalars()
    }
    places = ordered(models.Location, active=False)
    shelves = ordered(models.ServiceCategory, active=False)
    open_shelves = {row.id for row in shelves if row.is_active}
    pools = {row.id for row in ordered(models.Pool)}
    return Catalogue(
        version=clinic.version,
        clinic=ClinicInfo(**_shared(clinic, ClinicInfo)),
        locations={row.id: LocationInfo(**_shared(row, LocationInfo)) for row in places if row.is_active},
        holidays=frozenset((row.location_id, row.on) for row in session.execute(select(models.Holiday)).scalars()),
        units=tuple(UnitInfo(**_shared(row, UnitInfo)) for row in ordered(models.PoolUnit) if row.pool_id in pools),
        providers={row.id: ProviderInfo(**_shared(row, ProviderInfo)) for row in ordered(models.Provider)},
        categories={row.id: CategoryInfo(**_shared(row, CategoryInfo)) for row in shelves},
        services={
            row.id: ServiceInfo(
                **_shared(row, ServiceInfo, but=("provider_ids", "pool_ids", "is_bookable_online")),
                is_bookable_online=row.is_bookable_online and row.category_id in open_shelves,
                provider_ids=frozenset(performed[row.id]),
                pool_ids=tuple(needed[row.id]),
            )
            for row in ordered(models.Service)
        },
        policy=in_force.get(None),
        own_policies={service_id: one for service_id, one in in_force.items() if service_id is not None},
        closed_locations={row.id: LocationInfo(**_shared(row, LocationInfo)) for row in places if not row.is_active},
    )


def retired(read: Reading, service_ids: Collection[int]) -> dict[int, ServiceInfo]:
    """Services that are offered no more, as they last were: what visits booked before still need."""
    if not service_ids:
        return {}
    performs, needs = table(models.ServiceProvider), table(models.ServicePool)
    by, pools = defaultdict(set), defaultdict(list)
    for link in read.execute(select(performs).where(performs.c.service_id.in_(service_ids))):
        by[link.service_id].add(link.provider_id)
    for need in read.execute(select(needs).where(needs.c.service_id.in_(service_ids)).order_by(needs.c.pool_id)):
        pools[need.service_id].append(need.pool_id)
    service = table(models.Service)
    return {
        row.id: ServiceInfo(
            **_shared(row, ServiceInfo, but=("provider_ids", "pool_ids")),
            provider_ids=frozenset(by[row.id]),
            pool_ids=tuple(pools[row.id]),
        )
        for row in read.execute(select(service).where(service.c.id.in_(service_ids)))
    }


def _policy(row: models.PolicyVersion) -> PolicyInfo:
    return PolicyInfo(**_shared(row, PolicyInfo))


def _shared(row: object, kind: type, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns of a row that a value of `kind` has too."""
    return {one.name: getattr(row, one.name) for one in fields(kind) if one.name not in but}


def location(read: Reading, location_id: int) -> LocationInfo:
    """A location, active or not: where an appointment was booked."""
    return LocationInfo(**_shared(read.session.get_one(models.Location, location_id), LocationInfo))


def provider_name(read: Reading, provider_id: int) -> tuple[str, str]:
    """Name and title of a provider, active or not."""
    row = read.session.get_one(models.Provider, provider_id)
    return row.name, row.title


def provider_names(read: Reading, provider_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Names and titles of providers by id, active or not; one statement."""
    provider = table(models.Provider)
    rows = read.execute(select(provider).where(provider.c.id.in_(provider_ids))) if provider_ids else ()
    return {row.id: (row.name, row.title) for row in rows}


def pool_name(read: Reading, pool_id: int) -> str:
    """What a kind of room or device is called."""
    return str(read.session.get_one(models.Pool, pool_id).name)

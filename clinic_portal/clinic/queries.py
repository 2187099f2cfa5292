"""Reads of the clinic itself."""

from collections import defaultdict

from sqlalchemy import select

from clinic_portal.clinic import models
from clinic_portal.clinic.types import (
    CategoryInfo,
    Catalogue,
    ClinicInfo,
    LocationInfo,
    PolicyInfo,
    ProviderInfo,
    ServiceInfo,
    UnitInfo,
)
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading


def version(read: Reading) -> int:
    """The number that rises with every change of the clinic's data or hours. Raises NotAllowed without a clinic."""
    found = read.session.execute(select(models.Clinic.version)).scalar()
    if found is None:
        raise NotAllowed("no_clinic")
    return int(found)


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
    for need in session.execute(select(models.ServicePool).order_by(models.ServicePool.pool_id)).scalars():
        needed[need.service_id].append(need.pool_id)

    def active(model: type) -> list:  # type: ignore[type-arg]
        statement = select(model).where(model.is_active)  # type: ignore[attr-defined]
        if hasattr(model, "position"):
            statement = statement.order_by(model.position, model.id)  # type: ignore[attr-defined]
        return list(session.execute(statement).scalars())

    categories = session.execute(
        select(models.ServiceCategory).order_by(models.ServiceCategory.position, models.ServiceCategory.id)
    ).scalars()
    in_force = session.execute(
        select(models.PolicyVersion)
        .where(models.PolicyVersion.is_in_force)
        .order_by(models.PolicyVersion.version.desc())  # type: ignore[attr-defined]
        .limit(1)
    ).scalar()
    return Catalogue(
        version=clinic.version,
        clinic=ClinicInfo(**_shared(clinic, ClinicInfo)),
        locations={row.id: LocationInfo(**_shared(row, LocationInfo)) for row in active(models.Location)},
        holidays=frozenset((row.location_id, row.on) for row in session.execute(select(models.Holiday)).scalars()),
        units=tuple(UnitInfo(**_shared(row, UnitInfo)) for row in active(models.PoolUnit)),
        providers={row.id: ProviderInfo(**_shared(row, ProviderInfo)) for row in active(models.Provider)},
        categories={row.id: CategoryInfo(**_shared(row, CategoryInfo)) for row in categories},  # type: ignore[misc]
        services={
            row.id: ServiceInfo(
                **_shared(row, ServiceInfo, but=("provider_ids", "pool_ids")),
                provider_ids=frozenset(performed[row.id]),
                pool_ids=tuple(needed[row.id]),
            )
            for row in active(models.Service)
        },
        policy=_policy(in_force) if in_force else None,
    )


def _policy(row: models.PolicyVersion) -> PolicyInfo:
    return PolicyInfo(**_shared(row, PolicyInfo))


def _shared(row: object, kind: type, but: tuple[str, ...] = ()) -> dict:  # type: ignore[type-arg]
    """The columns of a row that a value of `kind` has too."""
    names = [name for name in kind.__dataclass_fields__ if name not in but]  # type: ignore[attr-defined]
    return {name: getattr(row, name) for name in names}


def location(read: Reading, location_id: int) -> LocationInfo:
    """A location, active or not: where an appointment was booked."""
    return LocationInfo(**_shared(read.session.get_one(models.Location, location_id), LocationInfo))


def provider_name(read: Reading, provider_id: int) -> tuple[str, str]:
    """Name and title of a provider, active or not."""
    row = read.session.get_one(models.Provider, provider_id)
    return row.name, row.title

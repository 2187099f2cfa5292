"""What the clinic's places, people and services are called, the retired ones too: for whoever looks back (P18)."""

from dataclasses import dataclass

from sqlalchemy import Table, select

from clinic_portal.clinic import models
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading

_LOCATION = table(models.Location)
_PROVIDER = table(models.Provider)
_SERVICE = table(models.Service)


@dataclass(frozen=True, slots=True)
class Everything:
    """By their ids, in the clinic's order."""

    locations: dict[int, str]
    zones: dict[int, str]  # of the locations
    providers: dict[int, str]
    services: dict[int, str]


def everything(read: Reading) -> Everything:
    """Every location, provider and service there ever was."""
    places = read.execute(
        select(_LOCATION.c.id, _LOCATION.c.name, _LOCATION.c.time_zone).order_by(_LOCATION.c.position, _LOCATION.c.id)
    ).all()
    return Everything(
        locations={row.id: row.name for row in places},
        zones={row.id: row.time_zone for row in places},
        providers=_names(read, _PROVIDER),
        services=_names(read, _SERVICE),
    )


def _names(read: Reading, of: Table) -> dict[int, str]:
    return {row.id: row.name for row in read.execute(select(of.c.id, of.c.name).order_by(of.c.position, of.c.id))}

"""The clinic as a file that loads back to the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

import yaml
from babel.numbers import get_currency_precision
from sqlalchemy import select
from sqlmodel import SQLModel

from clinic_portal.clinic import models as clinic
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue, ServiceInfo
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.scheduling import models as scheduling
from clinic_portal.setup import forms_part, reminders_part, sales_part, schema, texts_part
from clinic_portal.setup.money_part import PolicyPart
from clinic_portal.setup.part import Part


def export(read: Reading) -> str:
    """The clinic in force as YAML; what is switched off is left out, shelves and kinds of rooms aside.

    Raises NotAllowed without a clinic.
    """
    known = catalogue(read)
    places = {one.id: one.slug for one in known.locations.values()}
    providers = {one.id: one.slug for one in known.providers.values()}
    pools: dict[int, clinic.Pool] = {row.id: row for row in _in_order(read, clinic.Pool)}
    units = [row for row in _in_order(read, clinic.PoolUnit) if row.is_active and row.location_id in places]
    online = {row.id: row.is_bookable_online for row in _all(read, clinic.Service)}  # whatever shelf it stands on
    categories = {one.id: one.slug for one in known.categories.values()}
    file: dict[str, Any] = {
        "clinic": _told(known.clinic, schema.ClinicPart),
        "locations": [_told(one, schema.LocationPart) for one in known.locations.values()],
        "holidays": [
            {"day": row.on, "name": row.name} | ({"location": places[row.location_id]} if row.location_id else {})
            for row in sorted(_all(read, clinic.Holiday), key=lambda row: (row.on, row.location_id or 0))
            if row.location_id is None or row.location_id in places
        ],
        "pools": [
            _told(pool, schema.PoolPart, but={"units"})
            | {
                "units": [
                    {"slug": unit.slug, "name": unit.name, "location": places[unit.location_id]}
                    for unit in units
                    if unit.pool_id == pool.id
                ]
            }
            for pool in pools.values()
            if any(unit.pool_id == pool.id for unit in units)
        ],
        "providers": _providers(read, known.providers, places),
        "categories": [_told(one, schema.CategoryPart) for one in known.categories.values()],
        "services": [
            _told(
                replace(one, is_bookable_online=online[one.id]),
                schema.ServicePart,
                but={"category", "price", "deposit", "policy", "needs", "providers"},
            )
            | {
                "category": categories[one.category_id],
                "price": _price(one.price_minor, known.clinic.currency),
                "needs": [pools[pool_id].slug for pool_id in one.pool_ids],
                "providers": [providers[key] for key in sorted(one.provider_ids) if key in providers],
            }
            | _own(known, one)
            for one in known.services.values()
        ],
    }
    if known.policy:
        file["policy"] = _told(known.policy, PolicyPart)
    file["reminders"] = reminders_part.told(read)
    file["forms"] = forms_part.told(read, {one.id: one.slug for one in known.services.values()})
    if packages := sales_part.told_packages(read):
        file["packages"] = packages
    if plans := sales_part.told_plans(read):
        file["memberships"] = plans
    if own := texts_part.told(read):
        file["texts"] = own
    return yaml.dump(file, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _own(known: Catalogue, one: ServiceInfo) -> dict[str, Any]:
    """A service's deposit and policy, where they are its own."""
    told: dict[str, Any] = {}
    if one.deposit_minor is not None:
        told["deposit"] = _price(one.deposit_minor, known.clinic.currency)
    if one.policy_rule == "none":
        told["policy"] = "none"
    elif one.policy_rule == "own" and one.id in known.own_policies:
        told["policy"] = _told(known.own_policies[one.id], PolicyPart)
    return told


class _Dumper(yaml.SafeDumper):
    """Text of several lines is written as it reads."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _providers(read: Reading, known: dict[int, Any], places: dict[int, str]) -> list[dict[str, Any]]:
    breaks = defaultdict(list)
    for row in _all(read, scheduling.WeeklyBreak):
        breaks[row.shift_id].append((row.start_minute, row.end_minute))
    days: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in _all(read, scheduling.WeeklyShift):
        key = (row.provider_id, row.location_id, row.start_minute, row.end_minute, tuple(sorted(breaks[row.id])))
        days[key].append(row.weekday)
    dated = _all(read, scheduling.DateHours)
    found = []
    for one in known.values():
        hours = [
            {
                "location": places[place],
                "days": ",".join(schema.WEEKDAYS[day] for day in sorted(weekdays)),
                "hours": schema.told((first, last)),
            }
            | ({"breaks": [schema.told(pause) for pause in pauses]} if pauses else {})
            for (who, place, first, last, pauses), weekdays in days.items()
            if who == one.id and place in places
        ]
        dates = [
            {"day": row.on, "location": places[row.location_id]}
            | ({"hours": schema.told((row.start_minute, row.end_minute))} if row.end_minute is not None else {})
            for row in dated
            if row.provider_id == one.id and row.location_id in places
        ]
        part = _told(one, schema.ProviderPart, but={"hours", "dates"}) | {"hours": hours}
        found.append(part | ({"dates": dates} if dates else {}))
    return found


def _in_order(read: Reading, model: type[SQLModel]) -> list[Any]:
    return sorted(_all(read, model), key=lambda row: row.position)


def _all(read: Reading, model: type[SQLModel]) -> list[Any]:
    return list(read.session.execute(select(model).order_by(*table(model).primary_key.columns)).scalars())


def _told(one: Any, part: type[Part], but: set[str] | None = None) -> dict[str, Any]:
    """The fields of a part, those left out that stand at their default."""
    found = {}
    for name, info in part.model_fields.items():
        if name in (but or ()):
            continue
        value = getattr(one, name)
        if info.is_required() or value != info.default:
            found[name] = value
    return found


def _price(minor: int, currency: str) -> str:
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))

"""A clinic file becomes rows: added, changed, or switched off; nothing is deleted that history needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlmodel import SQLModel

from clinic_portal.clinic import founding
from clinic_portal.clinic import models as clinic
from clinic_portal.clinic.policy_rules import AMOUNTS, card_text
from clinic_portal.core.db import table
from clinic_portal.core.work import UnitOfWork
from clinic_portal.scheduling import models as scheduling
from clinic_portal.setup import forms_part, reminders_part, sales_part, texts_part
from clinic_portal.setup.money_part import PolicyPart
from clinic_portal.setup.schema import ClinicFile, ClinicPart

Row = TypeVar("Row", bound=SQLModel)


@dataclass
class LoadReport:
    """How many rows of each kind were added, changed or switched off."""

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    switched_off: Counter[str] = field(default_factory=Counter)

    @property
    def is_empty(self) -> bool:
        """Whether the clinic stood as the file says already."""
        return not (self.added or self.changed or self.switched_off)


def load(work: UnitOfWork, file: ClinicFile) -> LoadReport:
    """Make the clinic what the file says, in this transaction; loading twice changes nothing."""
    report = LoadReport()
    _clinic(work, file, report)
    places = _by_slug(work, clinic.Location, file.locations, report)
    pools = _by_slug(work, clinic.Pool, file.pools, report, but={"units"})
    _units(work, file, places, pools, report)
    providers = _by_slug(work, clinic.Provider, file.providers, report, but={"hours", "dates"})
    categories = _by_slug(work, clinic.ServiceCategory, file.categories, report)
    services = _services(work, file, categories, report)
    _links(work, clinic.ServiceProvider, "service performed by", _pairs(file, services, providers, "providers"), report)
    _links(work, clinic.ServicePool, "service needing", _pairs(file, services, pools, "needs"), report)
    _holidays(work, file, places, report)
    _hours(work, file, places, providers, report)
    _policies(work, file, services, report)
    if not report.is_empty:
        work.session.get_one(clinic.Clinic, 1).version += 1
    work.session.flush()
    if file.reminders is not None:
        reminders_part.load(work, file.reminders, report.added, report.switched_off)
    if file.forms is not None:
        told = {"added": report.added, "changed": report.changed, "switched_off": report.switched_off}
        categories_of = {part.slug: part.category for part in file.services}
        forms_part.load(work, file.forms, categories_of, services, told)
    if file.texts is not None:
        counts = {"added": report.added, "changed": report.changed, "switched_off": report.switched_off}
        texts_part.load(work, file.texts, counts)
    counted = {"added": report.added, "changed": report.changed, "switched_off": report.switched_off}
    if file.packages is not None:
        sales_part.load_packages(work, file.packages, counted)
    if file.memberships is not None:
        sales_part.load_plans(work, file.memberships, counted)
    if not report.is_empty:
        work.record("command", "clinic.loaded", "clinic:1", added=dict(report.added), changed=dict(report.changed))
    return report


def _clinic(work: UnitOfWork, file: ClinicFile, report: LoadReport) -> None:
    row = work.session.get(clinic.Clinic, 1)
    values = file.clinic.model_dump() | {"card_hold_minor": file.clinic.hold_minor}
    if row is None:
        founding.create(work, values)
        report.added["clinic"] += 1
    else:
        _change(row, values, "clinic", report)
    work.session.flush()


def _by_slug(
    work: UnitOfWork, model: type[Row], parts: list[Any], report: LoadReport, *, but: set[str] | None = None
) -> dict[str, int]:
    """Add, change or switch off rows known by their slug; their ids by slug."""
    wanted = {
        part.slug: part.model_dump(exclude=but) | ({"position": n} if "position" in table(model).c else {})
        for n, part in enumerate(parts)
    }
    return _upsert(work, model, wanted, report)


def _upsert(
    work: UnitOfWork, model: type[Row], wanted: dict[str, dict[str, Any]], report: LoadReport
) -> dict[str, int]:
    kind = str(table(model).name)
    found: dict[str, Any] = {row.slug: row for row in work.session.execute(select(model)).scalars()}
    for slug, values in wanted.items():
        if slug not in found:
            found[slug] = model(**values)
            work.session.add(found[slug])
            report.added[kind] += 1
        else:
            on = {"is_active": True} if "is_active" in table(model).c else {}
            _change(found[slug], on | values, kind, report)
    for slug, row in found.items():
        if slug not in wanted and getattr(row, "is_active", False):
            row.is_active = False
            report.switched_off[kind] += 1
    work.session.flush()
    return {slug: row.id for slug, row in found.items()}


def _change(row: Any, values: dict[str, Any], kind: str, report: LoadReport) -> None:
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    if different:
        report.changed[kind] += 1


def _units(
    work: UnitOfWork, file: ClinicFile, places: dict[str, int], pools: dict[str, int], report: LoadReport
) -> None:
    wanted = {
        unit.slug: {
            "slug": unit.slug,
            "name": unit.name,
            "pool_id": pools[pool.slug],
            "location_id": places[unit.location],
            "position": position,
        }
        for position, (pool, unit) in enumerate((pool, unit) for pool in file.pools for unit in pool.units)
    }
    _upsert(work, clinic.PoolUnit, wanted, report)


def _services(work: UnitOfWork, file: ClinicFile, categories: dict[str, int], report: LoadReport) -> dict[str, int]:
    wanted = {}
    for position, part in enumerate(file.services):
        values = part.model_dump(exclude={"category", "price", "deposit", "policy", "needs", "providers"})
        values |= {"category_id": categories[part.category], "policy_rule": part.policy_rule, "position": position}
        wanted[part.slug] = values | part.amounts(file.clinic.currency)
    return _upsert(work, clinic.Service, wanted, report)


def _pairs(file: ClinicFile, services: dict[str, int], others: dict[str, int], name: str) -> set[tuple[int, int]]:
    return {(services[part.slug], others[slug]) for part in file.services for slug in getattr(part, name)}


def _links(
    work: UnitOfWork, model: type[SQLModel], kind: str, wanted: set[tuple[int, int]], report: LoadReport
) -> None:
    """Make a table of pairs (first, second key column) hold exactly the wanted ones."""
    first, second = table(model).primary_key.columns
    found = {tuple(row) for row in work.session.execute(select(first, second))}
    for gone in found - wanted:
        work.session.execute(delete(table(model)).where(first == gone[0], second == gone[1]))
        report.switched_off[kind] += 1
    for fresh in sorted(wanted - found):
        work.session.add(model(**{first.name: fresh[0], second.name: fresh[1]}))
        report.added[kind] += 1
    work.session.flush()


def _replaced(
    work: UnitOfWork, kind: str, before: Any, after: Any, models: list[type[SQLModel]], report: LoadReport
) -> bool:
    """Whether rows that are written anew as a whole differ; if so the old ones are deleted."""
    if before == after:
        return False
    for model in models:
        work.session.execute(delete(table(model)))
    report.changed[kind] += 1
    return True


def _holidays(work: UnitOfWork, file: ClinicFile, places: dict[str, int], report: LoadReport) -> None:
    wanted = sorted((places[h.location] if h.location else 0, h.day, h.name) for h in file.holidays)
    rows = work.session.execute(select(clinic.Holiday)).scalars()
    found = sorted((row.location_id or 0, row.on, row.name) for row in rows)
    if _replaced(work, "holidays", found, wanted, [clinic.Holiday], report):
        work.session.add_all(clinic.Holiday(location_id=place or None, on=on, name=name) for place, on, name in wanted)


def _hours(
    work: UnitOfWork, file: ClinicFile, places: dict[str, int], providers: dict[str, int], report: LoadReport
) -> None:
    weekly, dated = [], []
    for provider in file.providers:
        for hours in provider.hours:
            for weekday in hours.weekdays:
                key = (providers[provider.slug], places[hours.location], weekday, *hours.hours)
                weekly.append((*key, tuple(sorted(hours.breaks))))
        for one in provider.dates:
            dated.append((providers[provider.slug], places[one.location], one.day, *(one.hours or (None, None))))
    weekly.sort()
    dated.sort(key=str)
    if _replaced(
        work, "weekly hours", _weekly_now(work), weekly, [scheduling.WeeklyBreak, scheduling.WeeklyShift], report
    ):
        for provider_id, location_id, weekday, first, last, breaks in weekly:
            shift = scheduling.WeeklyShift(
                provider_id=provider_id, location_id=location_id, weekday=weekday, start_minute=first, end_minute=last
            )
            work.session.add(shift)
            work.session.flush()
            work.session.add_all(
                scheduling.WeeklyBreak(shift_id=shift.id or 0, start_minute=start, end_minute=end)
                for start, end in breaks
            )
    rows = work.session.execute(select(scheduling.DateHours)).scalars()
    before = sorted(((r.provider_id, r.location_id, r.on, r.start_minute, r.end_minute) for r in rows), key=str)
    if _replaced(work, "hours of a date", before, dated, [scheduling.DateHours], report):
        names = ("provider_id", "location_id", "on", "start_minute", "end_minute")
        work.session.add_all(scheduling.DateHours(**dict(zip(names, one, strict=True))) for one in dated)


def _weekly_now(work: UnitOfWork) -> list[tuple[Any, ...]]:
    breaks: dict[int, list[tuple[int, int]]] = {}
    for row in work.session.execute(select(scheduling.WeeklyBreak)).scalars():
        breaks.setdefault(row.shift_id, []).append((row.start_minute, row.end_minute))
    return sorted(
        (
            r.provider_id,
            r.location_id,
            r.weekday,
            r.start_minute,
            r.end_minute,
            tuple(sorted(breaks.get(r.id or 0, []))),
        )
        for r in work.session.execute(select(scheduling.WeeklyShift)).scalars()
    )


def _policies(work: UnitOfWork, file: ClinicFile, services: dict[str, int], report: LoadReport) -> None:
    """A changed policy is a new version; a published one never changes, only whether it is in force (P4).

    What is switched off keeps its own.
    """
    columns, currency = table(clinic.PolicyVersion).c, file.clinic.currency
    rows = list(work.session.execute(select(clinic.PolicyVersion).order_by(columns.version)).scalars())
    in_force = {row.service_id: row for row in rows if row.is_in_force}
    version = max((row.version for row in rows), default=0)
    parts: dict[int | None, Any] = {None: file.policy}
    parts |= {services[one.slug]: one.policy for one in file.services}
    for service_id, part in parts.items():
        terms = _terms(part, file.clinic) if isinstance(part, PolicyPart) else None
        now = in_force.get(service_id)
        if now is not None and terms and _is_so(now, terms, currency):
            continue
        if now is not None:
            now.is_in_force = False
            report.switched_off["policy"] += 1
        if terms:
            version += 1
            work.session.add(
                clinic.PolicyVersion(
                    **terms, version=version, service_id=service_id, currency=currency, published_at=work.now
                )
            )
            report.added["policy"] += 1


def _is_so(row: clinic.PolicyVersion, terms: dict[str, Any], currency: str) -> bool:
    """Whether a version says this already; a percentage is the same in every currency."""
    is_same_money = row.currency == currency or not any(terms[name] for name in AMOUNTS)
    return is_same_money and all(getattr(row, name) == value for name, value in terms.items())


def _terms(part: PolicyPart, about: ClinicPart) -> dict[str, Any]:
    terms = part.model_dump()
    terms["card_text"] = part.card_text or card_text(terms, about.currency, about.language)
    return terms

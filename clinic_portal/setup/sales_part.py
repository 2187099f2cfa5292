"""The packages and membership plans of a clinic file, how they are loaded and told back. Each is known by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from babel.numbers import get_currency_precision
from pydantic import Field, model_validator
from sqlalchemy import select

from clinic_portal.clinic import models as clinic
from clinic_portal.core.db import table
from clinic_portal.core.money import least_minor
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import models as forms
from clinic_portal.memberships import models as memberships
from clinic_portal.packages import models as packages
from clinic_portal.setup.money_part import Amount, minor_of
from clinic_portal.setup.part import Part, Slug

Counts = Mapping[str, Counter[str]]


class PackagePart(Part):
    """So many of one service, or of any of a category: `{name: Six facials, service: facial, count: 6, price: 480}`."""

    name: str = Field(min_length=1, max_length=80)
    description: str = Field("", max_length=500)
    service: Slug | None = None
    category: Slug | None = None
    count: int = Field(ge=1, le=100)
    price: Amount
    valid_days: int | None = Field(None, ge=1, le=3650)

    @model_validator(mode="after")
    def _one_thing(self) -> PackagePart:
        if (self.service is None) == (self.category is None):
            raise ValueError("give either service or category")
        return self


class BringsPart(Part):
    """What a membership brings each period: `{service: facial, count: 2}`, `{credit: 50.00}`, `{product: Cream}`."""

    service: Slug | None = None
    category: Slug | None = None
    product: str | None = Field(None, max_length=80)
    credit: Amount | None = None
    count: int = Field(1, ge=1, le=100)

    @model_validator(mode="after")
    def _one_thing(self) -> BringsPart:
        given = [one for one in (self.service, self.category, self.product, self.credit) if one is not None]
        if len(given) != 1:
            raise ValueError("give one of service, category, product or credit")
        return self


class PlanPart(Part):
    """A membership plan. `agreement` is a consent of the clinic's forms, signed by whoever joins."""

    name: str = Field(min_length=1, max_length=80)
    description: str = Field("", max_length=500)
    agreement: Slug
    period: Literal["month", "year"] = "month"
    fee: Amount
    setup_fee: Amount = "0"
    discount_percent: int = Field(0, ge=0, le=100)
    brings: list[BringsPart] = Field([], max_length=10)
    is_banked: bool = True


def faults(
    sold: Sequence[PackagePart], plans: Sequence[PlanPart], currency: str, services: set[str], categories: set[str]
) -> Iterator[str]:
    """What is wrong with them. Whether an agreement is there is seen when they are loaded, after the forms."""
    least = least_minor(currency)
    for what, parts in (("packages", sold), ("memberships", plans)):
        counted = Counter(one.name for one in parts)
        yield from (f"{what}: {name} stands there twice." for name, n in counted.items() if n > 1)
    for one in sold:
        yield from _unknown(f"package {one.name}", one.service, one.category, services, categories)
        yield from _too_little(f"package {one.name}", one.price, currency, least)
    for plan in plans:
        yield from _too_little(f"membership {plan.name}", plan.fee, currency, least)
        yield from _too_little(f"membership {plan.name}", plan.setup_fee, currency, 0)
        for brought in plan.brings:
            where = f"membership {plan.name}"
            yield from _unknown(where, brought.service, brought.category, services, categories)
            if brought.credit is not None:
                yield from _too_little(where, brought.credit, currency, 1)


def load_packages(work: UnitOfWork, parts: Sequence[PackagePart], counts: Counts) -> None:
    """These are on sale, and no others; what is bought stays as it was bought."""
    currency = work.session.get_one(clinic.Clinic, 1).currency
    services, categories = _ids(work, clinic.Service), _ids(work, clinic.ServiceCategory)
    wanted = {
        part.name: {
            "description": part.description,
            "service_id": services[part.service] if part.service else None,
            "category_id": categories[part.category] if part.category else None,
            "count": part.count,
            "price_minor": minor_of(part.price, currency),
            "currency": currency,
            "valid_days": part.valid_days,
            "position": place,
            "is_active": True,
        }
        for place, part in enumerate(parts)
    }
    _upsert(work, packages.Package, "package", wanted, counts)


def load_plans(work: UnitOfWork, parts: Sequence[PlanPart], counts: Counts) -> None:
    """These may be joined, and no others; members stay on the terms they agreed to.

    One whose agreement is none of the clinic's forms so far waits until it is.
    """
    currency = work.session.get_one(clinic.Clinic, 1).currency
    agreements = _ids(work, forms.FormTemplate)
    wanted = {
        part.name: {
            "description": part.description,
            "agreement_id": agreements.get(part.agreement),
            "is_active": part.agreement in agreements,
            "position": place,
        }
        for place, part in enumerate(parts)
    }
    found = _upsert(work, memberships.MembershipPlan, "membership plan", wanted, counts)
    for part in parts:
        _version(work, found[part.name], _terms(work, part, currency), currency, counts)


def told_packages(read: Reading) -> list[dict[str, Any]]:
    """What is on sale, as the file holds it."""
    currency = read.session.get_one(clinic.Clinic, 1).currency
    services, categories = _slugs(read, clinic.Service), _slugs(read, clinic.ServiceCategory)
    columns = table(packages.Package).c
    rows = read.session.execute(
        select(packages.Package)
        .where(columns.is_active, columns.currency == currency)
        .order_by(columns.position, columns.id)
    ).scalars()
    return [
        _without_nothing(
            name=row.name,
            description=row.description,
            service=services.get(row.service_id or 0),
            category=categories.get(row.category_id or 0),
            count=row.count,
            price=_amount(row.price_minor, currency),
            valid_days=row.valid_days,
        )
        for row in rows
    ]


def told_plans(read: Reading) -> list[dict[str, Any]]:
    """The plans that may be joined, as the file holds them."""
    agreements = _slugs(read, forms.FormTemplate)
    currency = read.session.get_one(clinic.Clinic, 1).currency
    columns = table(memberships.MembershipPlan).c
    rows = read.session.execute(
        select(memberships.MembershipPlan).where(columns.is_active).order_by(columns.position, columns.id)
    ).scalars()
    found = []
    for row in rows:
        now = _newest(read, row.id or 0)
        if now is None or now.currency != currency or row.agreement_id is None:
            continue
        terms = _without_nothing(
            name=row.name,
            description=row.description,
            agreement=agreements[row.agreement_id],
            period=now.period,
            fee=_amount(now.fee_minor, now.currency),
            setup_fee=_amount(now.setup_fee_minor, now.currency),
            discount_percent=now.discount_percent,
            brings=[_told_brings(read, one, now.currency) for one in now.brings],
        )
        found.append(terms | {"is_banked": now.is_banked})
    return found


def _version(
    work: UnitOfWork, row: memberships.MembershipPlan, terms: dict[str, Any], currency: str, counts: Counts
) -> None:
    now = _newest(work, row.id or 0)
    if now is not None and all(getattr(now, name) == value for name, value in terms.items()):
        return
    version = (now.version if now else 0) + 1
    made: dict[str, Any] = {"plan_id": row.id, "version": version, "made_at": work.now, "made_by": "command"}
    work.session.add(memberships.PlanVersion(**made, **terms))
    if now is not None:
        counts["changed"]["membership plan"] += 1
    work.session.flush()


def _terms(work: UnitOfWork, part: PlanPart, currency: str) -> dict[str, Any]:
    services, categories = _ids(work, clinic.Service), _ids(work, clinic.ServiceCategory)
    brings: list[dict[str, Any]] = []
    for one in part.brings:
        if one.service:
            brings.append({"service_id": services[one.service], "count": one.count})
        elif one.category:
            brings.append({"category_id": categories[one.category], "count": one.count})
        elif one.product:
            brings.append({"product": one.product, "count": one.count})
        else:
            brings.append({"credit_minor": minor_of(one.credit or "0", currency), "count": 1})
    return {
        "period": part.period,
        "fee_minor": minor_of(part.fee, currency),
        "setup_fee_minor": minor_of(part.setup_fee, currency),
        "currency": currency,
        "discount_percent": part.discount_percent,
        "brings": brings,
        "is_banked": part.is_banked,
    }


def _upsert(
    work: UnitOfWork, model: Any, kind: str, wanted: Mapping[str, dict[str, Any]], counts: Counts
) -> dict[str, Any]:
    """Add, change or switch off rows known by their name."""
    found = {row.name: row for row in work.session.execute(select(model)).scalars()}
    for name, values in wanted.items():
        row = found.get(name)
        if row is None:
            found[name] = model(name=name, changed_at=work.now, **values)
            work.session.add(found[name])
            counts["added"][kind] += 1
            continue
        different = {one: to for one, to in values.items() if getattr(row, one) != to}
        for one, to in different.items():
            setattr(row, one, to)
        if different:
            row.revision, row.changed_at = row.revision + 1, work.now
            counts["changed"][kind] += 1
    for name, row in found.items():
        if name not in wanted and row.is_active:
            row.is_active, row.revision, row.changed_at = False, row.revision + 1, work.now
            counts["switched_off"][kind] += 1
    work.session.flush()
    return found


def _newest(read: Reading, plan_id: int) -> memberships.PlanVersion | None:
    columns = table(memberships.PlanVersion).c
    rows = select(memberships.PlanVersion).where(columns.plan_id == plan_id).order_by(columns.version.desc())
    found: memberships.PlanVersion | None = read.session.execute(rows.limit(1)).scalar()
    return found


def _ids(read: Reading, model: Any) -> dict[str, int]:
    columns = table(model).c
    return {row.slug: row.id for row in read.execute(select(columns.slug, columns.id))}


def _slugs(read: Reading, model: Any) -> dict[int, str]:
    return {one: slug for slug, one in _ids(read, model).items()}


def _told_brings(read: Reading, one: Mapping[str, Any], currency: str) -> dict[str, Any]:
    many = {"count": one["count"]} if one.get("count", 1) != 1 else {}
    if "service_id" in one:
        return {"service": _slugs(read, clinic.Service)[one["service_id"]], **many}
    if "category_id" in one:
        return {"category": _slugs(read, clinic.ServiceCategory)[one["category_id"]], **many}
    if "product" in one:
        return {"product": one["product"], **many}
    return {"credit": _amount(one["credit_minor"], currency)}


def _unknown(
    where: str, service: str | None, category: str | None, services: set[str], categories: set[str]
) -> Iterator[str]:
    if service and service not in services:
        yield f"{where}: there is no service {service}."
    if category and category not in categories:
        yield f"{where}: there is no category {category}."


def _too_little(where: str, amount: str, currency: str, least: int) -> Iterator[str]:
    try:
        if minor_of(amount, currency) < least:
            yield f"{where}: a card cannot be charged less than {least} minor units of {currency}."
    except ValueError as fault:
        yield f"{where}: {fault}."


def _amount(minor: int, currency: str) -> str:
    places = get_currency_precision(currency)
    whole, part = divmod(minor, int(10**places))
    return f"{whole}.{part:0{places}d}" if places else str(whole)


def _without_nothing(**values: Any) -> dict[str, Any]:
    """The file leaves out what is not set."""
    return {name: value for name, value in values.items() if value not in (None, "", [], 0) and value != "0.00"}

"""Reads of membership plans: those on offer, and a version that members are on."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, func, select

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.memberships import models
from clinic_portal.memberships.plan_types import Brings, PlanInfo

_PLAN = table(models.MembershipPlan)
_VERSION = table(models.PlanVersion)


def plans_on_offer(read: Reading) -> tuple[PlanInfo, ...]:
    """The plans patients may join, each in its newest version, in the clinic's order."""
    return tuple(one for one in plans(read) if one.is_active)


def plans(read: Reading) -> tuple[PlanInfo, ...]:
    """Every plan in its newest version, those nobody may join too, in the clinic's order."""
    newest = select(func.max(_VERSION.c.id)).group_by(_VERSION.c.plan_id)
    found = _plans().where(_VERSION.c.id.in_(newest)).order_by(_PLAN.c.position, _PLAN.c.id)
    return tuple(_plan(read, row) for row in read.execute(found))


def plan(read: Reading, plan_id: int) -> PlanInfo:
    """A plan in its newest version, on offer or not. Raises NotAllowed for none."""
    newest = _plans().where(_PLAN.c.id == plan_id).order_by(_VERSION.c.version.desc()).limit(1)
    row = read.execute(newest).first()
    if row is None:
        raise NotAllowed()
    return _plan(read, row)


def plan_version(read: Reading, version_id: int) -> PlanInfo:
    """A plan in the version that somebody is on. Raises NotAllowed for none."""
    found = versions(read, [version_id]).get(version_id)
    if found is None:
        raise NotAllowed()
    return found


def versions(read: Reading, version_ids: Collection[int]) -> dict[int, PlanInfo]:
    """Plans in some of their versions, by the versions' ids: one statement, however many."""
    rows = read.execute(_plans().where(_VERSION.c.id.in_(version_ids)))
    return {row.version_id: _plan(read, row) for row in rows}


def outside(read: Reading, plan: PlanInfo) -> str:
    """What a plan is called at the gateway, and so on card statements and in its mails: its name tells of treatments,
    and goes there where the clinic's e-mails name those."""
    return plan.name if catalogue(read).clinic.email_names_services else "Membership"


def _plans() -> Select[Any]:
    return select(
        _PLAN.c.id,
        _PLAN.c.name,
        _PLAN.c.description,
        _PLAN.c.agreement_id,
        _PLAN.c.is_active,
        _VERSION.c.id.label("version_id"),
        *(one for one in _VERSION.c if one.name not in ("id", "plan_id", "made_at", "made_by")),
    ).join(_VERSION, _VERSION.c.plan_id == _PLAN.c.id)


def _plan(read: Reading, row: Row[Any]) -> PlanInfo:
    values = {name: getattr(row, name) for name in PlanInfo.__dataclass_fields__ if name != "brings"}
    return PlanInfo(**values, brings=tuple(_brings(read, one) for one in row.brings))


def _brings(read: Reading, told: dict[str, Any]) -> Brings:
    """What was written down of it, with the name it has now; a service that is offered no more keeps none."""
    clinic = catalogue(read)
    service_id, category_id, product = told.get("service_id"), told.get("category_id"), str(told.get("product") or "")
    service = clinic.services.get(service_id) if service_id is not None else None
    category = clinic.categories.get(category_id) if category_id is not None else None
    return Brings(
        service_id=service_id,
        category_id=category_id,
        product=product,
        credit_minor=int(told.get("credit_minor") or 0),
        count=int(told.get("count") or 1),
        name=service.name if service else category.name if category else product,
    )

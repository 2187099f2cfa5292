"""Staff write the plans that patients may join (P8). Members keep the version they agreed to.

What a plan costs and brings is a version; one that anybody is or was on is never changed: a new one is made for those
who join later. Name, description, agreement and order are the plan's own, and so the same for all.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import queries as forms
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.types import FormInfo
from clinic_portal.memberships import editing_rules as rules
from clinic_portal.memberships import models

_PLAN = table(models.MembershipPlan)
_VERSION = table(models.PlanVersion)
_MEMBERSHIP = table(models.Membership)
_PERIOD = table(models.MembershipPeriod)
_OWN = ("name", "description", "agreement_id")


def create(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str], *, currency: str) -> int:
    """Write a new plan, which is not on offer yet; its id. `currency` is what its amounts were typed in.

    Raises NotAllowed, Unusable; Conflict if the clinic's currency is another by now.
    """
    _begin(work, actor)
    values = _read(work, typed, currency)
    position = (work.execute(select(func.max(_PLAN.c.position))).scalar() or 0) + 1
    row = {name: values[name] for name in _OWN} | {"position": position, "changed_at": work.now}
    row |= {"is_active": False, "revision": 0}
    plan_id = int(work.execute(insert(_PLAN).returning(_PLAN.c.id), row).scalar_one())
    _add_version(work, actor, plan_id, 1, values)
    work.record(actor.tag, "plan.added", f"plan:{plan_id}", after=values)
    return plan_id


def change(
    work: UnitOfWork, actor: StaffActor, plan_id: int, typed: Mapping[str, str], *, currency: str, seen_revision: int
) -> bool:
    """Change a plan; whether that made a version of its own, which those who are members do not get by themselves.

    Raises NotAllowed, Unusable; Conflict if another of the staff changed it meanwhile (`plan_moved_on`), or the
    clinic's currency is another by now.
    """
    _begin(work, actor)
    row = _row_of(work, plan_id)
    if row.revision != seen_revision:
        raise Conflict("plan_moved_on")
    values = _read(work, typed, currency)
    if row.is_active:
        _must_be_joinable(work, values["agreement_id"])
    current = _current(work, plan_id)
    before = {name: getattr(row, name) for name in _OWN} | {name: getattr(current, name) for name in rules.TERMS}
    different = [name for name in before if before[name] != values[name]]
    if not different:
        return False
    terms = {name: values[name] for name in rules.TERMS}
    is_new = any(name in rules.TERMS for name in different) and _is_used(work, current.id)
    if is_new:
        _add_version(work, actor, plan_id, current.version + 1, values)
    else:
        told = {"made_at": work.now, "made_by": actor.tag} if set(different) & set(rules.TERMS) else {}
        work.execute(update(_VERSION).where(_VERSION.c.id == current.id).values(**terms, **told))
    _write(work, plan_id, **{name: values[name] for name in _OWN})
    work.record(
        actor.tag,
        "plan.changed",
        f"plan:{plan_id}",
        before={name: before[name] for name in different},
        after={name: values[name] for name in different},
    )
    return is_new


def offer(work: UnitOfWork, actor: StaffActor, plan_id: int, *, is_offered: bool) -> None:
    """Let patients join a plan, or no more; its members stay. Raises NotAllowed; Conflict for a plan nobody could join:
    it has no agreement, that agreement is not published, or its amounts are not in the clinic's currency."""
    _begin(work, actor)
    row = _row_of(work, plan_id)
    if row.is_active == is_offered:
        return
    if is_offered:
        _must_be_joinable(work, row.agreement_id)
        if _current(work, plan_id).currency != catalogue(work).clinic.currency:
            raise Conflict("currency_changed", currency=catalogue(work).clinic.currency)
    _write(work, plan_id, is_active=is_offered)
    work.record(actor.tag, "plan.offered" if is_offered else "plan.withdrawn", f"plan:{plan_id}", name=row.name)


def reorder(work: UnitOfWork, actor: StaffActor, plan_id: int) -> None:
    """Move a plan up one place in its list, which is the order patients see. Raises NotAllowed."""
    _begin(work, actor)
    _row_of(work, plan_id)
    order = list(work.execute(select(_PLAN.c.id).order_by(_PLAN.c.position, _PLAN.c.id)).scalars())
    here = order.index(plan_id)
    if here == 0:
        return
    order[here - 1], order[here] = order[here], order[here - 1]
    for position, one in enumerate(order, start=1):
        work.execute(update(_PLAN).where(_PLAN.c.id == one).values(position=position))
    work.record(actor.tag, "plan.moved", f"plan:{plan_id}", before=here, after=here - 1)


def agreements(read: Reading) -> list[FormInfo]:
    """The consents that can be an agreement: published ones."""
    return [one for one in forms.forms(read).values() if _is_agreement(one)]


def _begin(work: UnitOfWork, actor: StaffActor) -> None:
    """One after the other: what was looked at still stands when it is written."""
    actor.must(Permission.CHANGE_CLINIC)
    work.in_turn("clinic")
    work.in_turn("plans")


def _read(work: UnitOfWork, typed: Mapping[str, str], currency: str) -> dict[str, Any]:
    clinic = catalogue(work)
    if clinic.clinic.currency != currency:
        raise Conflict("currency_changed", currency=clinic.clinic.currency)
    values = rules.plan(typed, currency)
    faults = []
    if values["agreement_id"] is not None:
        one = forms.forms(work).get(values["agreement_id"])
        if one is None or not _is_agreement(one):
            faults.append(Invalid("agreement_id", "plan_agreement_unpublished"))
    for n, one in zip(_rows(typed), values["brings"], strict=True):
        if one.get("service_id", 0) and one["service_id"] not in clinic.services:
            faults.append(Invalid(f"what_{n}", "plan_service_gone"))
        if one.get("category_id", 0) and one["category_id"] not in clinic.categories:
            faults.append(Invalid(f"what_{n}", "plan_service_gone"))
    if faults:
        raise Unusable(faults)
    return values


def _rows(typed: Mapping[str, str]) -> list[int]:
    return [n for n in range(rules.ROWS) if typed.get(f"what_{n}", "")]


def _must_be_joinable(work: UnitOfWork, agreement_id: int | None) -> None:
    if agreement_id is None:
        raise Conflict("plan_agreement_missing")
    one = forms.forms(work).get(agreement_id)
    if one is None or not _is_agreement(one):
        raise Conflict("plan_agreement_unpublished")


def _is_agreement(one: FormInfo) -> bool:
    return one.kind is Kind.CONSENT and one.is_active and one.version > 0


def _is_used(work: UnitOfWork, version_id: int) -> bool:
    """Whether anybody is, was or is about to be on a version."""
    on_it = or_(_MEMBERSHIP.c.version_id == version_id, _MEMBERSHIP.c.next_version_id == version_id)
    if work.execute(select(_MEMBERSHIP.c.id).where(on_it).limit(1)).first():
        return True
    return work.execute(select(_PERIOD.c.id).where(_PERIOD.c.version_id == version_id).limit(1)).first() is not None


def _current(work: UnitOfWork, plan_id: int) -> Any:
    mine = select(_VERSION).where(_VERSION.c.plan_id == plan_id)
    return work.execute(mine.order_by(_VERSION.c.version.desc()).limit(1)).one()


def _add_version(work: UnitOfWork, actor: StaffActor, plan_id: int, version: int, values: Mapping[str, Any]) -> None:
    row = {name: values[name] for name in rules.TERMS}
    row |= {"plan_id": plan_id, "version": version, "made_at": work.now, "made_by": actor.tag}
    work.execute(insert(_VERSION), row)


def _write(work: UnitOfWork, plan_id: int, **values: Any) -> None:
    told = values | {"revision": _PLAN.c.revision + 1, "changed_at": work.now}
    work.execute(update(_PLAN).where(_PLAN.c.id == plan_id).values(**told))


def _row_of(read: Reading, plan_id: int) -> Any:
    row = read.execute(select(_PLAN).where(_PLAN.c.id == plan_id)).first()
    if row is None:
        raise NotAllowed()
    return row

"""Staff write the clinic's packages. What was sold keeps its terms, whatever becomes of the package."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, func, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.editing import begin
from clinic_portal.clinic.editing_rules import read
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.packages import models, queries, rules
from clinic_portal.packages.types import Offer, PackageInfo

FIELDS = ("name", "description", "what", "count", "price_minor", "valid_days")
_PACKAGE = table(models.Package)


def add(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> int:
    """Put a package on sale; its id. Raises NotAllowed, Unusable with every field that cannot be used."""
    begin(work, actor, Permission.CHANGE_CLINIC)
    values = _values(work, typed)
    values["position"] = (work.execute(select(func.max(_PACKAGE.c.position))).scalar() or 0) + 1
    row = values | {"is_active": True, "revision": 0, "changed_at": work.now}
    package_id = int(work.execute(insert(_PACKAGE).returning(_PACKAGE.c.id), row).scalar_one())
    work.record(actor.tag, "package.added", f"package:{package_id}", after=values)
    return package_id


def change(work: UnitOfWork, actor: StaffActor, package_id: int, typed: Mapping[str, str], *, revision: int) -> None:
    """Change a package for those who buy it from now on. `revision` is the one the editor saw.

    Raises NotAllowed; Unusable; Conflict ("package_moved_on") where somebody else changed it meanwhile.
    """
    before = _mine(work, actor, package_id, revision)
    values = _values(work, typed)
    different = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not different:
        return
    _write(work, before, different)
    was = {name: getattr(before, name) for name in different}
    work.record(actor.tag, "package.changed", f"package:{package_id}", before=was, after=different)


def switch(work: UnitOfWork, actor: StaffActor, package_id: int, *, is_active: bool, revision: int) -> None:
    """Sell a package no more, or again. Raises NotAllowed; Conflict as `change` does."""
    before = _mine(work, actor, package_id, revision)
    if before.is_active == is_active:
        return
    _write(work, before, {"is_active": is_active})
    action = "package.switched_on" if is_active else "package.switched_off"
    work.record(actor.tag, action, f"package:{package_id}", name=before.name)


def move_up(work: UnitOfWork, actor: StaffActor, package_id: int) -> None:
    """Move a package up one place in the list patients see. Raises NotAllowed."""
    begin(work, actor, Permission.CHANGE_CLINIC)
    queries.package(work, package_id)
    order = [one.id for one in queries.every(work)]
    here = order.index(package_id)
    if not here:
        return
    order[here - 1], order[here] = order[here], order[here - 1]
    for position, one in enumerate(order):
        work.execute(update(_PACKAGE).where(_PACKAGE.c.id == one).values(position=position))
    work.record(actor.tag, "package.moved", f"package:{package_id}", before=here + 1, after=here)


def previewed(looking: Reading, typed: Mapping[str, str]) -> Offer | None:
    """What patients would see of a package as it is typed so far; None while something is missing or cannot be used."""
    try:
        values = _values(looking, typed)
    except Unusable:
        return None
    info = PackageInfo(id=0, is_active=True, position=0, revision=0, **values)
    return queries.offer(catalogue(looking), info)


def _mine(work: UnitOfWork, actor: StaffActor, package_id: int, revision: int) -> PackageInfo:
    begin(work, actor, Permission.CHANGE_CLINIC)
    found = queries.package(work, package_id)
    if found.revision != revision:
        raise Conflict("package_moved_on")
    return found


def _write(work: UnitOfWork, before: PackageInfo, values: Mapping[str, Any]) -> None:
    same = and_(_PACKAGE.c.id == before.id, _PACKAGE.c.revision == before.revision)
    row = {**values, "revision": before.revision + 1, "changed_at": work.now}
    if work.execute(update(_PACKAGE).where(same).values(**row)).rowcount != 1:
        raise Conflict("package_moved_on")


def _values(work: Reading, typed: Mapping[str, str]) -> dict[str, Any]:
    """The whole of a package as it was typed. Raises Unusable."""
    clinic = catalogue(work)
    readers = rules.fields(clinic.clinic.currency)
    found = read(readers, {name: typed.get(name, "") for name in readers})
    kind, thing_id = found.pop("what")
    is_service = kind == rules.SERVICE
    if thing_id not in (clinic.services if is_service else clinic.categories):
        raise Unusable([Invalid("what", "owner_missing")])
    thing = {"service_id": thing_id if is_service else None, "category_id": None if is_service else thing_id}
    return found | thing | {"currency": clinic.clinic.currency}

"""Staff change the clinic itself. Every change says who, when, what it was before and what it is now (P15).

Each verb raises the clinic's version, so that every process and open page reads anew. They are done one after the
other, so that what a verb looked at, and writes to the log as what was before, still stands when it is kept. Nothing
that history needs is deleted: what is not offered any more is switched off.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table, and_, delete, func, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic import editing_rules as rules
from clinic_portal.clinic import models
from clinic_portal.clinic.policy_rules import card_hold, deposit_faults
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork

_CLINIC = table(models.Clinic)
_HOLIDAY = table(models.Holiday)
TABLES: dict[str, Table] = {
    "location": table(models.Location),
    "provider": table(models.Provider),
    "category": table(models.ServiceCategory),
    "service": table(models.Service),
    "pool": table(models.Pool),
    "unit": table(models.PoolUnit),
}
_LINKS = {
    "service_provider": (table(models.ServiceProvider), "service_id", "provider_id"),
    "service_pool": (table(models.ServicePool), "service_id", "pool_id"),
}
_CARRYING = {"location": ("time_zone",), "unit": ("location_id", "pool_id")}
"""What visits stand on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Visits to come that stand on something, and times that patients hold just now."""

    booked: int
    held: int


def raise_version(work: UnitOfWork) -> None:
    """Tell every copy in memory that it is old."""
    work.raises_version()
    work.execute(update(_CLINIC).values(version=_CLINIC.c.version + 1))


def change_clinic(work: UnitOfWork, actor: StaffActor, typed: Mapping[str, str]) -> None:
    """Change the clinic's name and rules (S12, S53, S71, P1, P2); only the fields that are given. Raises Unusable."""
    begin(work, actor, Permission.CHANGE_CLINIC)
    row = work.execute(select(_CLINIC)).one()
    readers = rules.clinic(row.phone_region) | {"card_hold_minor": card_hold(row.currency)}
    values = rules.read(readers, typed)
    change_row(work, actor, "clinic", _CLINIC, row, values)


def add(work: UnitOfWork, actor: StaffActor, kind: str, typed: Mapping[str, str], **belongs_to: int) -> int:
    """Add a location, provider, category, service, pool or unit; its id. Raises Unusable, NotAllowed.

    `belongs_to`: a service's `category_id`, a unit's `pool_id` and `location_id`.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    columns = TABLES[kind]
    readers = _readers(work, kind)
    values = rules.read(readers, {name: typed.get(name, "") for name in readers}, also=_also(work, kind))
    values |= _owners(work, kind, belongs_to, is_new=True)
    values["slug"] = free_slug(work, columns, values["name"])
    values["position"] = (work.execute(select(func.max(columns.c.position))).scalar() or 0) + 1
    values["is_active"] = True
    row_id = int(work.execute(insert(columns).returning(columns.c.id), values).scalar_one())
    raise_version(work)
    work.record(actor.tag, f"{kind}.added", f"{kind}:{row_id}", after=_plain(values))
    return row_id


def change(
    work: UnitOfWork,
    actor: StaffActor,
    kind: str,
    row_id: int,
    typed: Mapping[str, str],
    *,
    standing: Callable[[], Standing] | None = None,
    **belongs_to: int,
) -> None:
    """Change what is given of one of them. Raises Unusable, NotAllowed.

    A location's time zone, and where a room or device stands, carry visits: they change only if `standing` says that
    none does (`booking.standing` knows). Raises Conflict with their number where any do.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    row = row_of(work, TABLES[kind], row_id)
    values = rules.read(_readers(work, kind), typed, before=row._mapping, also=_also(work, kind))
    values |= _owners(work, kind, belongs_to)
    moved = [name for name in _CARRYING.get(kind, ()) if values.get(name, getattr(row, name)) != getattr(row, name)]
    if moved and standing is None:
        raise ValueError(f"whether visits stand on {moved} of the {kind} is not known here")
    if moved and standing is not None:
        _must_be_free(kind, standing())
    change_row(work, actor, kind, TABLES[kind], row, values)


def switch(work: UnitOfWork, actor: StaffActor, kind: str, row_id: int, *, is_active: bool) -> None:
    """Offer something no more, or again (S72). Raises NotAllowed.

    Raises Conflict for the last location or provider; for rooms or devices that services on offer need; and for a
    service that is to be offered again while what it needs is switched off: each names them.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    columns = TABLES[kind]
    row = row_of(work, columns, row_id)
    if kind in ("location", "provider") and not is_active:
        others = and_(columns.c.is_active, columns.c.id != row_id)
        if not work.execute(select(columns.c.id).where(others)).first():
            raise Conflict(f"last_{kind}")
    if kind == "pool" and not is_active and (names := _needing(work, row_id)):
        raise Conflict("pool_needed", names=names)
    if kind == "service" and is_active and (names := _lacking(work, row_id)):
        raise Conflict("service_lacks", names=names)
    change_row(work, actor, kind, columns, row, {"is_active": is_active})


def copy(work: UnitOfWork, actor: StaffActor, service_id: int) -> int:
    """Another service like this one, performed by the same and needing the same; the copy's id. Raises NotAllowed.

    It stands right below, and patients do not see it until it is ticked that they may book it. A policy of its own is
    not copied: the clinic's holds.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    services = TABLES["service"]
    values = dict(row_of(work, services, service_id)._mapping)
    del values["id"]
    values |= {"name": f"Copy of {values['name']}"[:80].rstrip(), "is_active": True, "is_bookable_online": False}
    values["slug"] = free_slug(work, services, values["name"])
    if values["policy_rule"] == "own":
        values["policy_rule"] = "clinic"
    copy_id = int(work.execute(insert(services).returning(services.c.id), values).scalar_one())
    for links, first, second in _LINKS.values():
        others = list(work.execute(select(links.c[second]).where(links.c[first] == service_id)).scalars())
        if others:
            work.execute(insert(links), [{first: copy_id, second: one} for one in others])
    order = list(work.execute(select(services.c.id).order_by(services.c.position, services.c.id)).scalars())
    order.remove(copy_id)
    order.insert(order.index(service_id) + 1, copy_id)
    _put_in_order(work, services, order)
    raise_version(work)
    work.record(actor.tag, "service.copied", f"service:{copy_id}", of=service_id, after=_plain(values))
    return copy_id


def reorder(work: UnitOfWork, actor: StaffActor, kind: str, row_id: int, *, up: bool) -> None:
    """Move something up or down one place in its list. Raises NotAllowed."""
    begin(work, actor, Permission.CHANGE_CLINIC)
    columns = TABLES[kind]
    row_of(work, columns, row_id)
    order = list(work.execute(select(columns.c.id).order_by(columns.c.position, columns.c.id)).scalars())
    here = order.index(row_id)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    _put_in_order(work, columns, order)
    raise_version(work)
    work.record(actor.tag, f"{kind}.moved", f"{kind}:{row_id}", before=here, after=there)


def remove_category(work: UnitOfWork, actor: StaffActor, category_id: int) -> None:
    """Remove an empty category. Raises NotAllowed, Conflict while services stand in it."""
    begin(work, actor, Permission.CHANGE_CLINIC)
    row = row_of(work, TABLES["category"], category_id)
    services = TABLES["service"]
    if work.execute(select(services.c.id).where(services.c.category_id == category_id)).first():
        raise Conflict("category_in_use")
    work.execute(delete(TABLES["category"]).where(TABLES["category"].c.id == category_id))
    raise_version(work)
    work.record(actor.tag, "category.removed", f"category:{category_id}", before={"name": row.name})


def link(work: UnitOfWork, actor: StaffActor, kind: str, service_id: int, others: Collection[int]) -> None:
    """Who performs a service (`service_provider`), or what it needs (`service_pool`): these and no others (S69, P9).

    Those switched off are not asked about and stay as they were: they perform it again when they are back.
    """
    begin(work, actor, Permission.CHANGE_CLINIC)
    links, first, second = _LINKS[kind]
    row_of(work, TABLES["service"], service_id)
    target = TABLES["provider" if kind == "service_provider" else "pool"]
    known = {row.id: bool(row.is_active) for row in work.execute(select(target.c.id, target.c.is_active))}
    before = set(work.execute(select(links.c[second]).where(links.c[first] == service_id)).scalars())
    wanted = set(others) | {one for one in before if not known[one]}
    if not wanted <= before | {one for one, is_offered in known.items() if is_offered}:
        raise NotAllowed()
    if before == wanted:
        return
    work.execute(delete(links).where(links.c[first] == service_id))
    if wanted:
        work.execute(insert(links), [{first: service_id, second: one} for one in sorted(wanted)])
    raise_version(work)
    work.record(actor.tag, f"{kind}.changed", f"service:{service_id}", before=sorted(before), after=sorted(wanted))


def add_holiday(work: UnitOfWork, actor: StaffActor, *, on: date, name: str, location_id: int | None) -> int:
    """Close a location, or all of them, on a date (P3). Raises Unusable, NotAllowed."""
    begin(work, actor, Permission.CHANGE_HOURS)
    told = rules.read({"name": rules.text(80, required=True)}, {"name": name})
    if location_id is not None:
        row_of(work, TABLES["location"], location_id)
    values = {"on": on, "location_id": location_id, **told}
    holiday_id = int(work.execute(insert(_HOLIDAY).returning(_HOLIDAY.c.id), values).scalar_one())
    raise_version(work)
    work.record(actor.tag, "holiday.added", f"holiday:{holiday_id}", after=_plain(values))
    return holiday_id


def remove_holiday(work: UnitOfWork, actor: StaffActor, holiday_id: int) -> None:
    """Open on that date again. Raises NotAllowed."""
    begin(work, actor, Permission.CHANGE_HOURS)
    row = row_of(work, _HOLIDAY, holiday_id)
    work.execute(delete(_HOLIDAY).where(_HOLIDAY.c.id == holiday_id))
    raise_version(work)
    work.record(
        actor.tag,
        "holiday.removed",
        f"holiday:{holiday_id}",
        before=_plain({"on": row.on, "name": row.name, "location_id": row.location_id}),
    )


def begin(work: UnitOfWork, actor: StaffActor, permission: Permission) -> None:
    """Whether their role allows it; if so, when whoever changes the clinic just now is through."""
    actor.must(permission)
    work.in_turn("clinic")


def change_row(
    work: UnitOfWork, actor: StaffActor, kind: str, columns: Table, row: Any, values: Mapping[str, Any]
) -> None:
    """Write what of `values` differs from the row, and to the log what was before."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not different:
        return
    before = {name: getattr(row, name) for name in different}
    work.execute(update(columns).where(columns.c.id == row.id).values(**different))
    raise_version(work)
    work.record(actor.tag, f"{kind}.changed", f"{kind}:{row.id}", before=_plain(before), after=_plain(different))


def _put_in_order(work: UnitOfWork, columns: Table, order: Sequence[int]) -> None:
    for position, one in enumerate(order):
        work.execute(
            update(columns).where(columns.c.id == one, columns.c.position != position).values(position=position)
        )


def _needing(read: Reading, pool_id: int) -> list[str]:
    """The names of the services on offer that need a pool."""
    services, (needs, service, pool) = TABLES["service"], _LINKS["service_pool"]
    theirs = select(needs.c[service]).where(needs.c[pool] == pool_id)
    on_offer = select(services.c.name).where(services.c.is_active, services.c.id.in_(theirs))
    return list(read.execute(on_offer.order_by(services.c.position, services.c.id)).scalars())


def _lacking(read: Reading, service_id: int) -> list[str]:
    """The names of the pools a service needs that are switched off."""
    pools, (needs, service, pool) = TABLES["pool"], _LINKS["service_pool"]
    needed = select(needs.c[pool]).where(needs.c[service] == service_id)
    off = select(pools.c.name).where(pools.c.is_active.is_(False), pools.c.id.in_(needed))
    return list(read.execute(off.order_by(pools.c.position, pools.c.id)).scalars())


def _must_be_free(kind: str, standing: Standing) -> None:
    if standing.booked:
        raise Conflict(f"{kind}_booked", visits=standing.booked)
    if standing.held:
        raise Conflict(f"{kind}_held")


def row_of(read: Reading, columns: Table, row_id: int) -> Any:
    """The row of an id. Raises NotAllowed."""
    row = read.execute(select(columns).where(columns.c.id == row_id)).first()
    if row is None:
        raise NotAllowed()
    return row


def _readers(read: Reading, kind: str) -> dict[str, rules.Reader]:
    if kind == "service":
        return rules.service(_currency(read))
    if kind == "location":
        return rules.location(str(read.execute(select(_CLINIC.c.phone_region)).scalar()))
    return {"provider": rules.PROVIDER, "category": rules.CATEGORY, "pool": rules.POOL, "unit": rules.UNIT}[kind]


def _also(read: Reading, kind: str) -> rules.Check | None:
    """What must hold of the values of a kind together."""
    return deposit_faults(_currency(read)) if kind == "service" else None


def _currency(read: Reading) -> str:
    return str(read.execute(select(_CLINIC.c.currency)).scalar())


def _owners(read: Reading, kind: str, belongs_to: Mapping[str, int], *, is_new: bool = False) -> dict[str, int]:
    """The rows something stands under, looked up. Raises NotAllowed, Unusable where a new one lacks any."""
    allowed = {"service": {"category_id"}, "unit": {"pool_id", "location_id"}}.get(kind, set())
    if belongs_to.keys() - allowed:
        raise ValueError(f"{kind} does not belong to {sorted(belongs_to)}")
    if is_new and allowed - belongs_to.keys():
        raise Unusable([Invalid(name, "owner_missing") for name in sorted(allowed - belongs_to.keys())])
    for name, row_id in belongs_to.items():
        row_of(read, TABLES[name.removesuffix("_id")], row_id)
    return dict(belongs_to)


def free_slug(read: Reading, columns: Table, name: str) -> str:
    """A short name for addresses that nothing of its kind has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:50].strip("-") or "one"
    taken = set(read.execute(select(columns.c.slug).where(columns.c.slug.like(f"{slug}%"))).scalars())
    candidates = [slug, *(f"{slug}-{n}" for n in range(2, len(taken) + 3))]
    return next(one for one in candidates if one not in taken)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}

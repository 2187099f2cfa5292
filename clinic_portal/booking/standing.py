"""What visits stand on is not pulled from under them: a location's clock, and the rooms and devices they need."""

from collections.abc import Mapping

from sqlalchemy import and_, or_, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models, queries
from clinic_portal.booking.types import STANDING
from clinic_portal.clinic import editing
from clinic_portal.clinic.editing import Standing
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships.plan_queries import plans
from clinic_portal.packages import queries as packages
from clinic_portal.scheduling.queries import appointments_in_unit
from clinic_portal.wallet.queries import names_category

_APPOINTMENT = table(models.Appointment)


def change(
    work: UnitOfWork, actor: StaffActor, kind: str, row_id: int, typed: Mapping[str, str], **belongs_to: int
) -> None:
    """Change what is given of a location, provider, category, service, pool or unit.

    Raises Unusable, NotAllowed; Conflict, with their number, where it would shift visits to come or leave them without
    a room or device.
    """
    editing.change(work, actor, kind, row_id, typed, standing=lambda: standing(work, kind, row_id), **belongs_to)


def remove_category(work: UnitOfWork, actor: StaffActor, category_id: int) -> None:
    """Remove an empty category. Raises NotAllowed; Conflict while services stand in it, packages are of it, plans bring
    something of it, or patients have."""
    actor.must(Permission.CHANGE_CLINIC)
    if any(one.category_id == category_id for one in packages.every(work)):
        raise Conflict("category_in_package")
    is_brought = any(brings.category_id == category_id for plan in plans(work) for brings in plan.brings)
    if is_brought or names_category(work, category_id):
        raise Conflict("category_in_wallet")
    editing.remove_category(work, actor, category_id)


def standing(read: Reading, kind: str, row_id: int) -> Standing:
    """The visits that are not over at a location, or that keep a unit, clean-up included."""
    here = and_(_APPOINTMENT.c.location_id == row_id, _APPOINTMENT.c.end_at > read.now)
    if kind == "unit":
        here = and_(_APPOINTMENT.c.id.in_(appointments_in_unit(read, row_id)))
    is_booked = _APPOINTMENT.c.status.in_(STANDING)
    is_held = and_(_APPOINTMENT.c.status == queries.HELD, _APPOINTMENT.c.hold_expires_at > read.now)
    counted = select(_APPOINTMENT.c.status).where(and_(here, or_(is_booked, is_held)))
    found = read.execute(counted).scalars().all()
    held = found.count(queries.HELD)
    return Standing(booked=len(found) - held, held=held)

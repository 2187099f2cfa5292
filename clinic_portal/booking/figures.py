"""Visits counted in bulk, by stretches of time, for the reports (P18): no names, no rows, sums alone.

Each is one statement, however many visits there are: the database counts along the index of a location's starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select

from clinic_portal.booking import models
from clinic_portal.booking.firsts import is_first
from clinic_portal.booking.types import BOOKED, KEPT
from clinic_portal.core.db import table
from clinic_portal.core.stretches import Stretch, as_table, whole, within
from clinic_portal.core.work import Reading
from clinic_portal.payments import figures as payments

_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)
_BILL = table(models.VisitBill)


@dataclass(frozen=True, slots=True)
class VisitCount:
    """How many visits have all of this in common. `number` and `place` are those of the stretch."""

    number: int
    place: int
    provider_id: int
    status: str
    is_to_come: bool
    is_by_staff: bool  # booked by staff, else online
    is_late: bool  # cancelled so late that the policy asks a fee, asked for or not
    is_waived: bool  # and staff did not ask for it
    is_off_by_staff: bool  # cancelled by staff
    count: int


@dataclass(frozen=True, slots=True)
class ServiceCount:
    """How many visits of a status had a service, and what it cost together."""

    service_id: int
    status: str
    is_to_come: bool
    count: int


@dataclass(frozen=True, slots=True)
class FeeSum:
    """Fees of visits, by kind and currency."""

    purpose: str
    currency: str
    count: int
    asked_minor: int
    deposit_minor: int  # of it: kept of the deposit
    card_minor: int  # of it: charged to a card
    waived_minor: int
    back_minor: int  # of what was charged: given back since

    @property
    def owed_minor(self) -> int:
        """What is not paid yet."""
        return self.asked_minor - self.deposit_minor - self.card_minor - self.waived_minor


@dataclass(frozen=True, slots=True)
class BillSum:
    """How visits were paid for, by currency."""

    number: int
    place: int
    provider_id: int
    currency: str
    count: int
    total_minor: int
    items_minor: int  # with packages and what memberships bring
    deposit_minor: int
    credit_minor: int
    desk_minor: int
    desk_count: int  # at how many visits anything was


def visits(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[VisitCount]:
    """What was booked for these stretches, counted by all that reports tell apart."""
    stretch, mine = _mine(stretches, provider_id)
    one = _APPOINTMENT.c
    told = (
        stretch.c.number,
        stretch.c.place,
        one.provider_id,
        one.status,
        (one.start_at > read.now).label("is_to_come"),
        (one.booked_by != "").label("is_by_staff"),
        func.coalesce(one.late_fee_minor > 0, one.waived_fee_minor > 0, False).label("is_late"),
        func.coalesce(one.waived_fee_minor > 0, False).label("is_waived"),
        (one.cancelled_by != "").label("is_off_by_staff"),
    )
    each = select(*told).select_from(mine).where(one.status.in_(BOOKED)).subquery()
    counted = select(*each.c, func.count().label("count")).group_by(*each.c)
    return [VisitCount(**row) for row in read.execute(counted).mappings()]


def new_and_returning(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> tuple[int, int]:
    """How many of those that took place or are to were their patient's first, and how many were not."""
    _, mine = _mine(stretches, provider_id)
    each = select(is_first().label("is_first")).select_from(mine).where(_APPOINTMENT.c.status.in_(KEPT)).subquery()
    counted = select(each.c.is_first, func.count()).group_by(each.c.is_first)
    found = {bool(first): int(many) for first, many in read.execute(counted)}
    return found.get(True, 0), found.get(False, 0)


def services(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[ServiceCount]:
    """The services of what was booked for these stretches; a visit with two counts with each."""
    _, mine = _mine(stretches, provider_id)
    joined = mine.join(_SERVICE, _SERVICE.c.appointment_id == _APPOINTMENT.c.id)
    to_come = (_APPOINTMENT.c.start_at > read.now).label("is_to_come")
    each = (
        select(_SERVICE.c.service_id, _APPOINTMENT.c.status, to_come)
        .select_from(joined)
        .where(_APPOINTMENT.c.status.in_(BOOKED))
        .subquery()
    )
    counted = select(*each.c, func.count().label("count")).group_by(*each.c)
    return [ServiceCount(**row) for row in read.execute(counted).mappings()]


def fees(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[FeeSum]:
    """The fees of visits that were to be in these stretches, whenever they were paid."""
    _, mine = _mine(stretches, provider_id)
    fee = payments.fees(read)
    sums = ("asked_minor", "deposit_minor", "card_minor", "waived_minor", "back_minor")
    summed = (
        select(
            fee.c.purpose,
            fee.c.currency,
            func.count().label("count"),
            *(whole(fee.c[name]).label(name) for name in sums),
        )
        .select_from(mine.join(fee, fee.c.appointment_id == _APPOINTMENT.c.id))
        .group_by(fee.c.purpose, fee.c.currency)
    )
    return [FeeSum(**row) for row in read.execute(summed).mappings()]


def bills(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[BillSum]:
    """How the visits that began in these stretches were paid for when their patients checked out."""
    stretch, mine = _mine(stretches, provider_id)
    by = (stretch.c.number, stretch.c.place, _APPOINTMENT.c.provider_id, _BILL.c.currency)
    summed = (
        select(
            *by,
            func.count().label("count"),
            whole(_BILL.c.total_minor).label("total_minor"),
            whole(_BILL.c.from_wallet_items_minor).label("items_minor"),
            whole(_BILL.c.from_deposit_minor).label("deposit_minor"),
            whole(_BILL.c.from_credit_minor).label("credit_minor"),
            whole(_BILL.c.at_desk_minor).label("desk_minor"),
            whole(case((_BILL.c.at_desk_minor > 0, 1), else_=0)).label("desk_count"),
        )
        .select_from(mine.join(_BILL, _BILL.c.appointment_id == _APPOINTMENT.c.id))
        .group_by(*by)
    )
    return [BillSum(**row) for row in read.execute(summed).mappings()]


def visit_places() -> Subquery:
    """Where visits are and with whom, to be joined: appointment_id, place, provider_id."""
    columns = (_APPOINTMENT.c.id.label("appointment_id"), _APPOINTMENT.c.location_id.label("place"))
    return select(*columns, _APPOINTMENT.c.provider_id).subquery("visit")


def _mine(stretches: Sequence[Stretch], provider_id: int | None) -> tuple[Any, Any]:
    """The stretches, and they joined with their visits."""
    stretch = as_table(stretches)
    which: ColumnElement[bool] = within(stretch, _APPOINTMENT.c.location_id, _APPOINTMENT.c.start_at)
    if provider_id is not None:
        which = and_(which, _APPOINTMENT.c.provider_id == provider_id)
    return stretch, stretch.join(_APPOINTMENT, which)

"""Forms done before visits, counted in bulk by stretches of time (P18): no names, no answers, sums alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, select

from clinic_portal.booking import models
from clinic_portal.booking.types import KEPT
from clinic_portal.core.db import table
from clinic_portal.core.stretches import Stretch, as_table, whole, within
from clinic_portal.core.work import Reading
from clinic_portal.forms import figures as forms

_APPOINTMENT = table(models.Appointment)


@dataclass(frozen=True, slots=True)
class VisitForms:
    """Visits that asked for forms: how many, and at how many everything or something was done before they began."""

    number: int
    place: int
    visits: int
    all_done: int
    part_done: int


@dataclass(frozen=True, slots=True)
class FormCount:
    """How often a form was asked for visits, and how often it was done before."""

    template_id: int
    asked: int
    done: int


@dataclass(frozen=True, slots=True)
class Lead:
    """At how many visits the last form was done so many whole hours before the start."""

    hours: int
    visits: int


def of_visits(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[VisitForms]:
    """Visits of these stretches that have begun and asked for forms."""
    one = _each_visit(read, stretches, provider_id)
    summed = select(
        one.c.number,
        one.c.place,
        func.count().label("visits"),
        whole(case((one.c.done == one.c.asked, 1), else_=0)).label("all_done"),
        whole(case((and_(one.c.done > 0, one.c.done < one.c.asked), 1), else_=0)).label("part_done"),
    ).group_by(one.c.number, one.c.place)
    return [VisitForms(**row) for row in read.execute(summed).mappings()]


def by_form(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[FormCount]:
    """The same by form."""
    one = _each_form(read, stretches, provider_id)
    summed = select(one.c.template_id, func.count().label("asked"), whole(one.c.done).label("done"))
    return [FormCount(**row) for row in read.execute(summed.group_by(one.c.template_id)).mappings()]


def leads(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> list[Lead]:
    """How long before the start everything was done, where anything was done for that visit; the shortest first."""
    one = _each_visit(read, stretches, provider_id)
    seconds = extract("epoch", one.c.start_at) - extract("epoch", one.c.last_at)
    hours = cast(func.floor(seconds / 3600) if _is_postgres(read) else seconds / 3600, BigInteger).label("hours")
    each = select(hours).where(one.c.done == one.c.asked, one.c.last_at.is_not(None)).subquery()
    counted = select(each.c.hours, func.count().label("visits")).group_by(each.c.hours).order_by(each.c.hours)
    return [Lead(**row) for row in read.execute(counted).mappings()]


def _each_visit(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> Any:
    one = _each_form(read, stretches, provider_id)
    by = (one.c.appointment_id, one.c.number, one.c.place, one.c.start_at)
    sums = (func.count().label("asked"), whole(one.c.done).label("done"), func.max(one.c.at).label("last_at"))
    return select(*by, *sums).group_by(*by).subquery()


def _each_form(read: Reading, stretches: Sequence[Stretch], provider_id: int | None) -> Any:
    stretch, asked = as_table(stretches), forms.asked()
    begun = and_(_APPOINTMENT.c.start_at <= read.now, _APPOINTMENT.c.status.in_(KEPT))
    which: ColumnElement[bool] = and_(within(stretch, _APPOINTMENT.c.location_id, _APPOINTMENT.c.start_at), begun)
    if provider_id is not None:
        which = and_(which, _APPOINTMENT.c.provider_id == provider_id)
    joined = stretch.join(_APPOINTMENT, which).join(asked, asked.c.appointment_id == _APPOINTMENT.c.id)
    each = select(
        stretch.c.number,
        stretch.c.place,
        _APPOINTMENT.c.id.label("appointment_id"),
        _APPOINTMENT.c.start_at,
        asked.c.template_id,
        case((forms.done_by(asked, _APPOINTMENT.c.start_at), 1), else_=0).label("done"),
        forms.done_at(asked, _APPOINTMENT.c.start_at).label("at"),
    ).select_from(joined)
    return each.cte("each_form").prefix_with("MATERIALIZED")  # else each form is looked up twice


def _is_postgres(read: Reading) -> bool:
    return read.session.connection().dialect.name == "postgresql"

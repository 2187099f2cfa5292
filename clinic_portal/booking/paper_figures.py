"""Forms done before visits, counted in bulk by stretches of time (P18): no names, no answers, sums alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, literal, select, union_all

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


@dataclass(frozen=True, slots=True)
class Papers:
    """Visits by stretch and place; and of those of the period itself, by form and by lead, the shortest first."""

    of_visits: list[VisitForms]
    by_form: list[FormCount]
    leads: list[Lead]


def papers(read: Reading, stretches: Sequence[Stretch], provider_id: int | None, *, but: int) -> Papers:
    """Visits of these stretches that have begun and asked for forms; by form and lead without those of stretch `but`,
    the period before. One statement: what was done for each form of each visit is looked up once for all three."""
    form = _each_form(read, stretches, provider_id)
    by = (form.c.appointment_id, form.c.number, form.c.place, form.c.start_at)
    sums = (func.count().label("asked"), whole(form.c.done).label("done"), func.max(form.c.at).label("last_at"))
    one = select(*by, *sums).group_by(*by).cte("each_visit").prefix_with("MATERIALIZED")
    by_visit = _row(
        "visits",
        one.c.number,
        one.c.place,
        func.count(),
        whole(case((one.c.done == one.c.asked, 1), else_=0)),
        whole(case((and_(one.c.done > 0, one.c.done < one.c.asked), 1), else_=0)),
    ).group_by(one.c.number, one.c.place)
    by_form = _row("forms", form.c.template_id, func.count(), whole(form.c.done)).where(form.c.number != but)
    lead = _hours_before(read, one).label("hours")
    is_told = and_(one.c.number != but, one.c.done == one.c.asked, one.c.last_at.is_not(None))
    each = select(lead).where(is_told).subquery()
    by_lead = _row("leads", each.c.hours, func.count()).group_by(each.c.hours)
    found: dict[str, list[list[int]]] = {"visits": [], "forms": [], "leads": []}
    for what, *figures in read.execute(union_all(by_visit, by_form.group_by(form.c.template_id), by_lead)):
        found[what].append([int(one) for one in figures])
    return Papers(
        [VisitForms(*row) for row in found["visits"]],
        [FormCount(*row[:3]) for row in found["forms"]],
        sorted((Lead(*row[:2]) for row in found["leads"]), key=lambda one: one.hours),
    )


def _row(what: str, *figures: Any) -> Any:
    """Five figures and what they are: rows of several kinds in one answer."""
    filled = [cast(one, BigInteger) for one in (*figures, *[0] * (5 - len(figures)))]
    return select(literal(what).label("what"), *(one.label(f"figure_{at}") for at, one in enumerate(filled)))


def _hours_before(read: Reading, one: Any) -> Any:
    seconds = extract("epoch", one.c.start_at) - extract("epoch", one.c.last_at)
    is_postgres = read.session.connection().dialect.name == "postgresql"
    return cast(func.floor(seconds / 3600) if is_postgres else seconds / 3600, BigInteger)


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

"""Forms asked for visits and done before them, as statements for those who count them (P18)."""

from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select

from clinic_portal.core.db import table
from clinic_portal.forms import models
from clinic_portal.forms.filling import ANSWERED
from clinic_portal.forms.requests import BY_BOOKING

_TEMPLATE = table(models.FormTemplate)
_VERSION = table(models.FormVersion)
_REQUEST = table(models.FormRequest)
_DOCUMENT = table(models.FormDocument)


def asked() -> Subquery:
    """Questionnaires and consents asked for visits: request_id, appointment_id, patient_id, template_id, and whether
    what was answered before will do (may_be_old)."""
    template = _REQUEST.c.template_id + 0  # a visit's requests are found by the visit, not template after template
    answered = select(_TEMPLATE.c.id).where(_TEMPLATE.c.kind.in_([one.value for one in ANSWERED]))
    lasting = select(_TEMPLATE.c.id).where(_TEMPLATE.c.is_per_visit.is_(False))
    columns = (
        _REQUEST.c.id.label("request_id"),
        _REQUEST.c.appointment_id,
        _REQUEST.c.patient_id,
        _REQUEST.c.template_id,
        and_(_REQUEST.c.asked_by == BY_BOOKING, template.in_(lasting)).label("may_be_old"),
    )
    return select(*columns).where(_REQUEST.c.withdrawn_at.is_(None), template.in_(answered)).subquery("asked")


def done_by(one: Subquery, start_at: Any) -> ColumnElement[bool]:
    """That what was asked was completed by a visit's start: for it, or before, where that held then still (P11)."""
    counts_from = (
        select(func.coalesce(func.max(_VERSION.c.counts_from), 0))
        .where(_VERSION.c.template_id == one.c.template_id, _VERSION.c.published_at <= start_at)
        .correlate_except(_VERSION)  # two selects deep: by itself it would be about all forms at once
        .scalar_subquery()
    )
    written = _VERSION.alias("written")
    document = _DOCUMENT.join(written, written.c.id == _DOCUMENT.c.version_id)
    done = (_DOCUMENT.c.state == "completed", _DOCUMENT.c.completed_at <= start_at, written.c.version >= counts_from)
    until = _DOCUMENT.c.valid_until_at
    for_it = select(_DOCUMENT.c.id).select_from(document).where(_DOCUMENT.c.request_id == one.c.request_id, *done)
    before = (
        select(_DOCUMENT.c.id)
        .select_from(document)
        .where(
            one.c.may_be_old,
            _DOCUMENT.c.patient_id == one.c.patient_id,
            _DOCUMENT.c.template_id == one.c.template_id,
            or_(until.is_(None), until > start_at),
            *done,
        )
    )
    looked_at = (_DOCUMENT, written)
    return or_(*(one.correlate_except(*looked_at).exists() for one in (for_it, before)))


def done_at(one: Subquery, start_at: Any) -> Any:
    """When what was asked was completed for the visit itself, by its start; NULL where it was not, or an earlier answer
    did."""
    is_done = and_(_DOCUMENT.c.state == "completed", _DOCUMENT.c.completed_at <= start_at)
    mine = and_(_DOCUMENT.c.request_id == one.c.request_id, is_done)
    return select(func.min(_DOCUMENT.c.completed_at)).where(mine).scalar_subquery()

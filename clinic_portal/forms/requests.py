"""Forms asked of patients: with a booking, at once (S38-S41), or by staff."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import among, table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import models, queries
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.types import Request
from clinic_portal.patients.access import must_see

BY_BOOKING, BY_PATIENT = "booking", "patient"
_REQUEST = table(models.FormRequest)
_DOCUMENT = table(models.FormDocument)


def ask_for_visit(work: UnitOfWork, patient_id: int, appointment_id: int, service_ids: Collection[int]) -> None:
    """Ask for the forms of the booked services, and only those; in the transaction that books (S39, S41)."""
    rows = [
        _values(work, patient_id, one.id, appointment_id, BY_BOOKING) for one in queries.assigned(work, service_ids)
    ]
    if rows:
        work.execute(insert(_REQUEST), rows)


def ask(
    work: UnitOfWork,
    actor: StaffActor,
    patient_id: int,
    template_id: int,
    *,
    appointment_id: int | None = None,
    is_anew: bool = False,
) -> int:
    """Staff ask for a form, for one of the patient's visits (the caller looked it up) or for none; the request's id.

    It is to be done anew, whatever was answered before. `is_anew`: its visit asks for it already, and an earlier
    document does for that. Raises NotAllowed, Conflict when it is asked for already.
    """
    actor.must(Permission.HANDLE_FORMS)
    must_see(work, actor, patient_id)
    form = queries.form(work, template_id)
    if not (form.is_active and form.version):
        raise Conflict("form_unpublished")
    work.in_turn("forms", str(patient_id))
    known = _known(work, patient_id, template_id, appointment_id)
    if known is None:
        made = insert(_REQUEST).returning(_REQUEST.c.id)
        request_id = work.execute(made, _values(work, patient_id, template_id, appointment_id, actor.tag)).scalar_one()
        return _asked(work, actor, patient_id, int(request_id), form.slug)
    if known.withdrawn_at is None and not (is_anew and known.asked_by == BY_BOOKING):
        raise Conflict("form_asked")
    again = {"withdrawn_at": None, "asked_at": work.now, "asked_by": actor.tag}
    work.execute(update(_REQUEST).where(_REQUEST.c.id == known.id).values(**again))
    return _asked(work, actor, patient_id, int(known.id), form.slug)


def ask_anew(work: UnitOfWork, patient_id: int, template_id: int) -> int:
    """A patient's answers have changed: they are to be given anew, for no visit; the request's id, one at a time."""
    work.in_turn("forms", str(patient_id))
    answered = select(_DOCUMENT.c.request_id).where(_DOCUMENT.c.state != "draft")
    mine = and_(
        _REQUEST.c.patient_id == patient_id,
        _REQUEST.c.template_id == template_id,
        _REQUEST.c.asked_by == BY_PATIENT,
        _REQUEST.c.withdrawn_at.is_(None),
        _REQUEST.c.id.not_in(answered.where(_DOCUMENT.c.patient_id == patient_id)),
    )
    known = work.execute(select(_REQUEST.c.id).where(mine)).scalar()
    if known is not None:
        return int(known)
    made = insert(_REQUEST).returning(_REQUEST.c.id)
    request_id = int(work.execute(made, _values(work, patient_id, template_id, None, BY_PATIENT)).scalar_one())
    slug = queries.form(work, template_id).slug
    work.record(f"patient:{patient_id}", "form.asked", f"patient:{patient_id}", form=slug, request=request_id)
    return request_id


def withdraw(work: UnitOfWork, actor: StaffActor, request_id: int) -> None:
    """Staff ask for a form no more. Raises NotAllowed; Conflict when it was completed already."""
    actor.must(Permission.HANDLE_FORMS)
    row = work.execute(select(_REQUEST).where(_REQUEST.c.id == request_id, _REQUEST.c.withdrawn_at.is_(None))).first()
    if row is None:
        raise NotAllowed()
    must_see(work, actor, row.patient_id)
    work.in_turn("forms", str(row.patient_id))
    done = and_(_DOCUMENT.c.request_id == request_id, _DOCUMENT.c.state == "completed")
    if work.execute(select(_DOCUMENT.c.id).where(done)).first():
        raise Conflict("form_done")
    same = and_(_REQUEST.c.id == request_id, _REQUEST.c.withdrawn_at.is_(None))
    if work.execute(update(_REQUEST).where(same).values(withdrawn_at=work.now)).rowcount != 1:
        raise NotAllowed()
    work.record(actor.tag, "form.withdrawn", f"patient:{row.patient_id}", request=request_id)


def take_back(work: UnitOfWork, patient_id: int, request_id: int | None) -> None:
    """What asked for a form is not to be any more: neither is the form, unless it was completed already."""
    if request_id is None:
        return
    work.in_turn("forms", str(patient_id))
    completed = select(_DOCUMENT.c.request_id).where(_DOCUMENT.c.request_id == request_id, _DOCUMENT.c.state != "draft")
    mine = and_(_REQUEST.c.id == request_id, _REQUEST.c.patient_id == patient_id, _REQUEST.c.withdrawn_at.is_(None))
    if work.execute(
        update(_REQUEST).where(mine, _REQUEST.c.id.not_in(completed)).values(withdrawn_at=work.now)
    ).rowcount:
        work.record(f"patient:{patient_id}", "form.withdrawn", f"patient:{patient_id}", request=request_id)


def mark_read(work: UnitOfWork, patient_id: int, request_id: int) -> None:
    """The patient opened instructions (S48). Raises NotAllowed for another's."""
    found = mine(work, patient_id, request_id)
    if found.read_at is None:
        work.execute(update(_REQUEST).where(_REQUEST.c.id == request_id).values(read_at=work.now))


def mark_mailed(work: UnitOfWork, request_ids: Collection[int]) -> None:
    """Their e-mail was asked for; not again."""
    work.execute(update(_REQUEST).where(_REQUEST.c.id.in_(request_ids)).values(mailed_at=work.now))


def unmailed(read: Reading, kind: Kind, appointment_ids: Any) -> list[Request]:
    """Instructions of visits (ids, or a statement that selects them) whose e-mail was not asked for yet."""
    of_kind = [one.id for one in queries.forms(read).values() if one.kind is kind and one.version]
    which = and_(
        _REQUEST.c.appointment_id.in_(appointment_ids),
        _REQUEST.c.template_id.in_(of_kind),
        _REQUEST.c.withdrawn_at.is_(None),
        _REQUEST.c.mailed_at.is_(None),
    )
    return [_request(read, row) for row in read.execute(select(_REQUEST).where(which).order_by(_REQUEST.c.id))]


def get(read: Reading, request_id: int) -> Request:
    """A request, for the domain's own use. Raises NotAllowed for none, or one withdrawn."""
    row = read.execute(select(_REQUEST).where(_REQUEST.c.id == request_id, _REQUEST.c.withdrawn_at.is_(None))).first()
    if row is None:
        raise NotAllowed()
    return _request(read, row)


def mine(read: Reading, patient_id: int, request_id: int) -> Request:
    """A request of this patient. Raises NotAllowed alike for an unknown one, another's, and one withdrawn (rule 8)."""
    which = and_(_REQUEST.c.id == request_id, _REQUEST.c.patient_id == patient_id, _REQUEST.c.withdrawn_at.is_(None))
    row = read.execute(select(_REQUEST).where(which)).first()
    if row is None:
        raise NotAllowed()
    return _request(read, row)


def of_appointments(read: Reading, appointment_ids: Collection[int]) -> dict[int, list[Request]]:
    """What is asked for visits, in the clinic's order."""
    which = and_(among(_REQUEST.c.appointment_id, appointment_ids), _REQUEST.c.withdrawn_at.is_(None))
    found: dict[int, list[Request]] = defaultdict(list)
    for row in read.execute(select(_REQUEST).where(which)):
        found[row.appointment_id].append(_request(read, row))
    order = {template_id: place for place, template_id in enumerate(queries.forms(read))}
    for listed in found.values():
        listed.sort(key=lambda one: order[one.template_id])
    return found


def of_patient(read: Reading, patient_id: int) -> list[Request]:
    """Everything asked of a patient, newest first."""
    which = and_(_REQUEST.c.patient_id == patient_id, _REQUEST.c.withdrawn_at.is_(None))
    return [_request(read, row) for row in read.execute(select(_REQUEST).where(which).order_by(_REQUEST.c.id.desc()))]


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile turned out to be another's (P16): what was asked of it and told by it is theirs."""
    work.in_turn("forms", str(apart))
    for one in (_REQUEST, _DOCUMENT):
        work.execute(update(one).where(one.c.patient_id == apart).values(patient_id=known))


def _known(read: Reading, patient_id: int, template_id: int, appointment_id: int | None) -> Row[Any] | None:
    """The request for a visit, withdrawn or not; of those for none, one that is open still."""
    mine = and_(_REQUEST.c.patient_id == patient_id, _REQUEST.c.template_id == template_id)
    if appointment_id is None:
        completed = select(_DOCUMENT.c.request_id).where(
            _DOCUMENT.c.patient_id == patient_id, _DOCUMENT.c.state == "completed"
        )
        is_open = and_(_REQUEST.c.withdrawn_at.is_(None), _REQUEST.c.id.not_in(completed))
        mine = and_(mine, _REQUEST.c.appointment_id.is_(None), is_open)
    else:
        mine = and_(mine, _REQUEST.c.appointment_id == appointment_id)
    found: Row[Any] | None = read.execute(select(_REQUEST).where(mine)).first()
    return found


def _asked(work: UnitOfWork, actor: StaffActor, patient_id: int, request_id: int, slug: str) -> int:
    work.record(actor.tag, "form.asked", f"patient:{patient_id}", form=slug, request=request_id)
    return request_id


def _values(work: UnitOfWork, patient_id: int, template_id: int, appointment_id: int | None, by: str) -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "template_id": template_id,
        "appointment_id": appointment_id,
        "asked_at": work.now,
        "asked_by": by,
    }


def _request(read: Reading, row: Row[Any]) -> Request:
    form = queries.forms(read)[row.template_id]
    return Request(
        id=row.id,
        patient_id=row.patient_id,
        template_id=row.template_id,
        kind=form.kind,
        name=form.name,
        title=form.title,
        appointment_id=row.appointment_id,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        read_at=row.read_at,
        delay_minutes=form.delay_minutes,
    )

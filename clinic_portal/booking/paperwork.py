"""The forms and instructions of visits: what is to be done before one, what to read after it (S38-S48).

A form belongs to a visit that stands; so the doors to filling one in are here, where visits are known.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models
from clinic_portal.booking.access import visit_of, visits_seen_by
from clinic_portal.booking.types import KEPT, STANDING, Visit
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import documents, filling, queries, requests, rules
from clinic_portal.forms.definition import Instruction, Kind
from clinic_portal.forms.rules import Progress
from clinic_portal.forms.types import Draft, Hand, Request, Standing
from clinic_portal.patients.access import must_see
from clinic_portal.scheduling import guard
from clinic_portal.scheduling.availability import epoch_minute

_APPOINTMENT = table(models.Appointment)
_SERVICE = table(models.AppointmentService)


@dataclass(frozen=True, slots=True)
class VisitBrief:
    """As much of a visit as a form needs to say which one it is for."""

    appointment_id: int
    reference: str
    status: str
    start_at: datetime
    end_at: datetime
    location_id: int
    services: dict[int, str]  # by their ids, named as they were booked


@dataclass(frozen=True, slots=True)
class Paper:
    """A form or instructions, how it stands, and the visit it is for (None: asked for by staff)."""

    standing: Standing
    visit: VisitBrief | None
    about: tuple[str, ...] = ()  # the visit's services that ask for it

    @property
    def request(self) -> Request:
        """What is asked."""
        return self.standing.request

    @property
    def is_form(self) -> bool:
        """It is filled in or signed; otherwise it is read."""
        return self.request.kind in filling.ANSWERED


@dataclass(frozen=True, slots=True)
class ToRead:
    """Instructions, whole."""

    request: Request
    content: Instruction
    visit: VisitBrief | None
    about: tuple[str, ...]


def papers_of_patient(read: Reading, patient_id: int) -> list[Paper]:
    """All that is asked of a patient, by visit, soonest first; what staff asked for without a visit comes first."""
    asked = requests.of_patient(read, patient_id)
    visits = _visits(read, {one.appointment_id for one in asked if one.appointment_id})
    return _papers(read, asked, visits)


def to_do(read: Reading, patient_id: int) -> list[Paper]:
    """What stands under "Action required" (S40): forms not completed yet and instructions to read, of visits to come.

    A form asked for two visits is done with the first.
    """
    listed = [one for one in papers_of_patient(read, patient_id) if _is_to_do(read, one)]
    seen: set[int] = set()
    found = []
    for paper in listed:
        template = paper.request.template_id
        if (
            paper.request.kind is Kind.BEFORE
            or template not in seen
            or queries.form(read, template).validity.is_per_visit
        ):
            found.append(paper)
        seen.add(template)
    return found


def after_visits(read: Reading, patient_id: int) -> list[Paper]:
    """Post-treatment instructions, newest visit first: from a visit's start on, not a minute before (S43, S44)."""
    listed = [one for one in papers_of_patient(read, patient_id) if _is_after(read, one)]
    return sorted(listed, key=lambda one: one.visit.start_at if one.visit else one.request.asked_at, reverse=True)


def of_visit(read: Reading, visit: Visit) -> list[Paper]:
    """The papers of one visit, in the clinic's order; post-treatment instructions only once it has begun."""
    asked = requests.of_appointments(read, [visit.appointment_id]).get(visit.appointment_id, [])
    listed = _papers(read, asked, _visits(read, [visit.appointment_id]))
    return [one for one in listed if one.request.kind is not Kind.AFTER or _is_after(read, one)]


def before_coming(read: Reading, visit: Visit, reader_id: int | None) -> list[str]:
    """The titles of what is to be done before a visit just booked.

    Of the patient's own, when they are the one who reads; for anyone else the forms that its services ask of everybody,
    since whoever booked as a guest must not learn what is known of whom they named (rule 10a).
    """
    if reader_id == visit.patient_id:
        mine = [one for one in to_do(read, visit.patient_id) if one.visit and one.visit.reference == visit.reference]
        return [one.request.title for one in mine]
    asked = queries.assigned(read, [one.service_id for one in visit.services])
    return [one.title for one in asked if one.kind is not Kind.AFTER]


def outstanding(read: Reading, actor: StaffActor, appointment_ids: Collection[int]) -> dict[int, list[Standing]]:
    """Forms that are missing for visits, for the staff's day, in the clinic's order; nothing for a visit that is
    complete. Raises NotAllowed."""
    actor.must(Permission.HANDLE_FORMS)
    seen = select(_APPOINTMENT.c.id).where(_APPOINTMENT.c.id.in_(appointment_ids), visits_seen_by(actor))
    return missing(read, read.execute(seen).scalars().all() if appointment_ids else ())


def missing(read: Reading, appointment_ids: Collection[int]) -> dict[int, list[Standing]]:
    """Forms that are not completed for visits, for the domain's own use; nothing for a visit that is complete.

    As many statements for a thousand visits as for one.
    """
    columns = select(_APPOINTMENT.c.id, _APPOINTMENT.c.start_at)
    rows = read.execute(columns.where(_APPOINTMENT.c.id.in_(appointment_ids))) if appointment_ids else ()
    return missing_then(read, {row.id: row.start_at for row in rows})


def missing_then(read: Reading, starts: Mapping[int, datetime]) -> dict[int, list[Standing]]:
    """The same for visits whose start is known."""
    if not starts:
        return {}
    by_visit = requests.of_appointments(read, starts.keys())
    asked = [one for listed in by_visit.values() for one in listed if one.kind in filling.ANSWERED]
    how = documents.standings(read, asked, lambda one: max(read.now, starts[one.appointment_id or 0]))
    found = {
        appointment_id: [how[one.id] for one in listed if one.id in how and how[one.id].state in ("to_do", "begun")]
        for appointment_id, listed in by_visit.items()
    }
    return {appointment_id: listed for appointment_id, listed in found.items() if listed}


def begin(work: UnitOfWork, patient_id: int, request_id: int, hand: Hand) -> Draft:
    """Open a form for filling in (S46). Raises like `filling.begin`; Conflict (`visit_ended`) when the visit is off,
    (`document_closed`) when it was completed already: it is not begun a second time."""
    work.in_turn("forms", str(patient_id))
    asked = _open(work, patient_id, request_id)
    if asked.kind in filling.ANSWERED:
        visit = _visits(work, [asked.appointment_id]).get(asked.appointment_id) if asked.appointment_id else None
        standing = documents.standings(work, [asked], lambda _: _needed_at(work, visit))[asked.id]
        if standing.state == "done":
            raise Conflict("document_closed", document_id=standing.document_id)
    return filling.begin(work, patient_id, asked.id, hand)


def complete(work: UnitOfWork, patient_id: int, document_id: int, *, seen_revision: int, hand: Hand) -> int:
    """Complete a form (S46, S47). Raises like `filling.complete`; Conflict (`visit_ended`) for a visit that is off."""
    work.in_turn("forms", str(patient_id))
    asked = _open(work, patient_id, filling.request_of(work, patient_id, document_id))
    for visit in _visits(work, [asked.appointment_id] if asked.appointment_id else []).values():
        guard.touch(work, visit.location_id, epoch_minute(visit.start_at), epoch_minute(visit.end_at))
    return filling.complete(work, patient_id, document_id, seen_revision=seen_revision, hand=hand)


def instructions(read: Reading, patient_id: int, request_id: int) -> ToRead:
    """Instructions to read (S48, S6). Raises NotAllowed alike for another's and for what is not to be seen yet."""
    asked = requests.mine(read, patient_id, request_id)
    visit = _visits(read, [asked.appointment_id]).get(asked.appointment_id) if asked.appointment_id else None
    form = queries.form(read, asked.template_id)
    if asked.kind in filling.ANSWERED or form.version_id is None:
        raise NotAllowed()
    if asked.kind is Kind.AFTER and visit is not None and not _has_begun(read, visit):
        raise NotAllowed()
    content = queries.version(read, form.version_id).content
    assert isinstance(content, Instruction)
    return ToRead(asked, content, visit, _about(read, asked, visit))


def progress(read: Reading, paper: Paper) -> Progress | None:
    """How far the patient is with a form that was begun; None for any other."""
    if paper.standing.state != "begun" or paper.standing.document_id is None:
        return None
    draft = filling.standing(read, paper.request.patient_id, paper.standing.document_id)
    return rules.progress(rules.asked(draft.version.content, is_minor=draft.is_minor), draft.answers)


def may_answer_anew(read: Reading, patient_id: int, document_id: int) -> bool:
    """Whether it is a questionnaire that holds for what is to come, so that changed answers are worth telling.

    What is asked at each visit anew is not answered a second time for one.
    """
    return any(
        paper.request.kind is Kind.QUESTIONNAIRE
        and paper.standing.state == "done"
        and paper.standing.document_id == document_id
        and _is_to_come(read, paper.visit)
        and not queries.form(read, paper.request.template_id).validity.is_per_visit
        for paper in papers_of_patient(read, patient_id)
    )


def answer_anew(work: UnitOfWork, patient_id: int, document_id: int) -> int:
    """The answers of a completed questionnaire have changed: the request under which they are given anew.

    What was completed stays. Raises NotAllowed for another's, and for what is not asked any more.
    """
    found = documents.own(work, patient_id, document_id)
    if not may_answer_anew(work, patient_id, document_id):
        raise NotAllowed()
    return requests.ask_anew(work, patient_id, found.line.template_id)


def open_instructions(work: UnitOfWork, patient_id: int, request_id: int) -> ToRead:
    """The patient opens instructions, which are read from then on (S48). Raises like `instructions`."""
    found = instructions(work, patient_id, request_id)
    requests.mark_read(work, patient_id, request_id)
    return found


def to_read(read: Reading, patient_id: int) -> list[Paper]:
    """Instructions of a patient's visits, latest visit first: for before and, once it has begun, for after."""
    after = after_visits(read, patient_id)
    before = [one for one in papers_of_patient(read, patient_id) if _is_before(read, one)]
    return sorted(
        [*before, *after],
        key=lambda one: one.visit.start_at if one.visit else one.request.asked_at,
        reverse=True,
    )


def ask_for_form(work: UnitOfWork, actor: StaffActor, patient_id: int, template_id: int, *, reference: str = "") -> int:
    """Staff ask a patient for a form, for a visit that stands or for none. Raises NotAllowed, Conflict.

    Where an earlier document does for the visit, it is to be done anew.
    """
    actor.must(Permission.HANDLE_FORMS)
    must_see(work, actor, patient_id)
    if not reference:
        return requests.ask(work, actor, patient_id, template_id)
    visit = visit_of(work, patient_id, reference)
    if visit.status not in STANDING:
        raise Conflict("visit_ended")
    is_anew = any(
        one.standing.is_carried and one.request.template_id == template_id
        for one in of_visit(work, visit)
        if one.is_form
    )
    return requests.ask(work, actor, patient_id, template_id, appointment_id=visit.appointment_id, is_anew=is_anew)


def _open(work: UnitOfWork, patient_id: int, request_id: int) -> Request:
    asked = requests.mine(work, patient_id, request_id)
    if asked.appointment_id is not None:
        visit = _visits(work, [asked.appointment_id])[asked.appointment_id]
        if visit.status not in KEPT:
            raise Conflict("visit_ended")
    return asked


def _papers(read: Reading, asked: Collection[Request], visits: dict[int, VisitBrief]) -> list[Paper]:
    how = documents.standings(
        read,
        [one for one in asked if one.kind in filling.ANSWERED],
        lambda one: _needed_at(read, visits.get(one.appointment_id or 0)),
    )
    order = {template_id: place for place, template_id in enumerate(queries.forms(read))}
    listed = []
    for one in asked:
        visit = visits.get(one.appointment_id or 0)
        standing = how.get(one.id) or Standing(one, "read" if one.read_at else "to_do")
        listed.append(Paper(standing, visit, _about(read, one, visit)))
    return sorted(
        listed,
        key=lambda one: (
            one.visit is not None,
            one.visit.start_at if one.visit else one.request.asked_at,
            order[one.request.template_id],
        ),
    )


def _is_to_do(read: Reading, paper: Paper) -> bool:
    if paper.request.kind is Kind.AFTER or paper.standing.state not in ("to_do", "begun"):
        return False
    if not queries.form(read, paper.request.template_id).version:
        return False
    return _is_to_come(read, paper.visit)


def _is_to_come(read: Reading, visit: VisitBrief | None) -> bool:
    return visit is None or (visit.status in STANDING and visit.end_at > read.now)


def _about(read: Reading, asked: Request, visit: VisitBrief | None) -> tuple[str, ...]:
    """The services of its visit that ask for a form; all of them where none does (any more)."""
    if visit is None:
        return ()
    wanted = queries.form(read, asked.template_id).service_ids
    names = tuple(name for service_id, name in visit.services.items() if service_id in wanted)
    return names or tuple(visit.services.values())


def _is_after(read: Reading, paper: Paper) -> bool:
    if paper.request.kind is not Kind.AFTER or not queries.form(read, paper.request.template_id).version:
        return False
    return paper.visit is None or _has_begun(read, paper.visit)


def _is_before(read: Reading, paper: Paper) -> bool:
    if paper.request.kind is not Kind.BEFORE or not queries.form(read, paper.request.template_id).version:
        return False
    return paper.visit is None or paper.visit.status in KEPT


def _has_begun(read: Reading, visit: VisitBrief) -> bool:
    """It has begun by the clock and was not called off or missed (S44, S45)."""
    return visit.status in KEPT and visit.start_at <= read.now


def _needed_at(read: Reading, visit: VisitBrief | None) -> datetime:
    return max(read.now, visit.start_at) if visit else read.now


def _visits(read: Reading, appointment_ids: Collection[int]) -> dict[int, VisitBrief]:
    if not appointment_ids:
        return {}
    told: dict[int, dict[int, str]] = {}
    which = _SERVICE.c.appointment_id.in_(appointment_ids)
    for row in read.execute(select(_SERVICE).where(which).order_by(_SERVICE.c.appointment_id, _SERVICE.c.position)):
        told.setdefault(row.appointment_id, {})[row.service_id] = row.name
    rows: list[Row[Any]] = read.execute(select(_APPOINTMENT).where(_APPOINTMENT.c.id.in_(appointment_ids))).all()
    return {
        row.id: VisitBrief(
            appointment_id=row.id,
            reference=row.reference,
            status=row.status,
            start_at=row.start_at,
            end_at=row.end_at,
            location_id=row.location_id,
            services=told.get(row.id, {}),
        )
        for row in rows
    }

"""The demo's forms: asked with its visits, most of them filled in and signed, at the time people do it.

Every deed goes through the doors of the clinic and happens in its order, so that log and chain tell the truth.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Row, select, update

from clinic_portal.accounts import models as accounts
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import models, paperwork
from clinic_portal.booking.types import KEPT
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Memory, UnitOfWork
from clinic_portal.forms import bodies, documents, filling, queries, requests, rules
from clinic_portal.forms import models as forms
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.types import Draft, Hand, Request
from clinic_portal.patients.queries import names
from clinic_portal.setup.told import Teller, signature

BACK, AHEAD, HER_BACK = timedelta(days=14), timedelta(days=30), timedelta(days=120)
FILLED_BACK, FILLED_AHEAD = timedelta(days=2), timedelta(days=7)
"""Whose forms are filled in; others' are only asked for, or starting the demo would take a minute."""
DONE_BEFORE, DONE_PAST = 0.66, 0.95
ADDRESS, DEVICE = "203.0.113.24", "Safari on iPhone"
_APPOINTMENT, _SERVICE = table(models.Appointment), table(models.AppointmentService)
_DOCUMENT, _REQUEST = table(forms.FormDocument), table(forms.FormRequest)
_STAFF = table(accounts.Staff)


@dataclass(frozen=True, slots=True)
class _Deed:
    """A visit's forms are asked for, filled in or countersigned, at a time."""

    at: datetime
    what: str  # ask | fill | countersign
    visit: Row[Any]


def seed(work: UnitOfWork, people: list[int]) -> int:
    """Ask for the forms of the visits around today and fill in most; how many documents there are then.

    The first of the people has something of everything: a form half filled in, one to confirm, one to sign.
    """
    rng = random.Random(len(people))  # noqa: S311 - a demo is repeatable on purpose
    scene = _Scene(work, people[0], rng)
    documents_made = sum(scene.does(deed) for deed in sorted(_deeds(work, people[0], rng), key=lambda one: one.at))
    _half_fill(work, people[0], scene.hand(people[0]))
    _mark_mailed(work)
    return documents_made


def sign(then: UnitOfWork, patient_id: int, request_id: int, rng: random.Random) -> None:
    """A patient fills in and signs what is asked of them, as of that day."""
    hand = Hand(f"patient:{patient_id}", names(then, [patient_id])[patient_id], ADDRESS, DEVICE)
    draft = paperwork.begin(then, patient_id, request_id, hand)
    revision = _answer(then, draft, hand, rng)
    paperwork.complete(then, patient_id, draft.document_id, seen_revision=revision, hand=hand)


def _deeds(work: UnitOfWork, her: int, rng: random.Random) -> Iterable[_Deed]:
    near = _APPOINTMENT.c.start_at.between(work.now - BACK, work.now + AHEAD)
    hers = (_APPOINTMENT.c.patient_id == her) & (_APPOINTMENT.c.start_at > work.now - HER_BACK)
    stands = _APPOINTMENT.c.status.in_(KEPT)
    for visit in work.execute(select(_APPOINTMENT).where(stands & (near | hers)).order_by(_APPOINTMENT.c.id)).all():
        yield _Deed(visit.booked_at, "ask", visit)
        is_past, is_hers = visit.start_at <= work.now, visit.patient_id == her
        is_near = work.now - FILLED_BACK < visit.start_at < work.now + FILLED_AHEAD
        is_done = is_past if is_hers else is_near and rng.random() < (DONE_PAST if is_past else DONE_BEFORE)
        if is_done:
            until = min(visit.start_at, work.now)
            at = max(until - timedelta(hours=rng.randrange(2, 60), minutes=rng.randrange(60)), visit.booked_at)
            yield _Deed(at, "fill", visit)
            if is_past and (is_hers or rng.random() < DONE_PAST):
                yield _Deed(visit.start_at, "countersign", visit)


class _Scene:
    """Does one deed after the other, each at its own time."""

    def __init__(self, work: UnitOfWork, her: int, rng: random.Random) -> None:
        self._work, self._her, self._rng = work, her, rng
        self._memory: Memory = {}
        self._services: dict[int, list[int]] = {}
        for row in work.execute(select(_SERVICE.c.appointment_id, _SERVICE.c.service_id)):
            self._services.setdefault(row.appointment_id, []).append(row.service_id)
        self._staff: Mapping[int | None, StaffActor] = {
            row.provider_id: StaffActor(row.id, 0, row.name, row.role, row.provider_id)
            for row in work.execute(select(_STAFF).order_by(_STAFF.c.id)).all()
            if row.provider_id is not None
        }

    def does(self, deed: _Deed) -> int:
        """How many documents it made."""
        then = UnitOfWork(self._work.session, deed.at, self._work.settings, self._memory)
        visit = deed.visit
        made = 0
        if deed.what == "ask":
            requests.ask_for_visit(then, visit.patient_id, visit.id, self._services[visit.id])
        elif deed.what == "fill":
            asked = requests.of_appointments(then, [visit.id]).get(visit.id, [])
            made = sum(self._fills(then, one) for one in asked if one.kind in filling.ANSWERED)
            for one in asked:
                if one.kind is Kind.BEFORE:
                    requests.mark_read(then, visit.patient_id, one.id)
        else:
            self._countersigns(then, visit)
        then.flush()
        return made

    def hand(self, patient_id: int) -> Hand:
        """A patient in the portal."""
        return Hand(f"patient:{patient_id}", names(self._work, [patient_id])[patient_id], ADDRESS, DEVICE)

    def _fills(self, then: UnitOfWork, asked: Request) -> bool:
        if asked.patient_id == self._her and queries.form(then, asked.template_id).slug == "medical-intake":
            return False  # she fills it in for her next visit
        hand = self.hand(asked.patient_id)
        try:
            draft = paperwork.begin(then, asked.patient_id, asked.id, hand)
        except Conflict:  # what was answered for an earlier visit holds still
            return False
        revision = _answer(then, draft, hand, self._rng)
        paperwork.complete(then, asked.patient_id, draft.document_id, seen_revision=revision, hand=hand)
        return True

    def _countersigns(self, then: UnitOfWork, visit: Row[Any]) -> None:
        """The provider signs as the visit begins, or the owner for one who is no user."""
        actor = self._staff.get(visit.provider_id) or next(iter(self._staff.values()))
        hand = Hand(actor.tag, actor.name, "203.0.113.8", "Chrome on Windows")
        for line in documents.of_patient(then, visit.patient_id):
            if line.appointment_id == visit.id and "provider" in line.missing:
                documents.countersign(then, actor, line.id, "provider", signature(actor.name), hand)


def _answer(work: UnitOfWork, draft: Draft, hand: Hand, rng: random.Random) -> int:
    """All answers of a draft, kept at once as if they had been saved one by one; the revision then."""
    if not draft.is_confirmed:
        draft = filling.confirm(work, draft.request.patient_id, draft.document_id, hand=hand)
    form = rules.asked(draft.version.content, is_minor=draft.is_minor)
    told = Teller(hand.name, work.now.date(), rng).tells(form)
    at = work.now.isoformat()
    body = bodies.Body(answers=told, at=dict.fromkeys(told, at), seen=dict.fromkeys(told, 1))
    kept = {"body": bodies.sealed(work, draft.document_id, body), "revision": draft.revision + 1}
    work.execute(update(_DOCUMENT).where(_DOCUMENT.c.id == draft.document_id).values(**kept))
    return draft.revision + 1


def _half_fill(work: UnitOfWork, her: int, hand: Hand) -> None:
    """The first half of the longest form she has yet to do."""
    waiting = [one for one in paperwork.to_do(work, her) if one.request.kind is Kind.QUESTIONNAIRE]
    if not waiting:
        return
    longest = max(waiting, key=lambda one: len(_questions(work, one.request)))
    draft = paperwork.begin(work, her, longest.request.id, hand)
    form = rules.asked(draft.version.content, is_minor=draft.is_minor)
    told = Teller(hand.name, work.now.date(), random.Random(1)).tells(form)  # noqa: S311
    for link, answer in islice(told.items(), len(told) // 2):
        filling.save(work, her, draft.document_id, link, answer, seen=draft.revision, hand=hand)


def _questions(work: UnitOfWork, asked: Request) -> tuple[Any, ...]:
    version_id = queries.form(work, asked.template_id).version_id
    content = queries.version(work, version_id).content if version_id else None
    return getattr(content, "items", ())


def _mark_mailed(work: UnitOfWork) -> None:
    """Post-treatment instructions whose time had come before the demo began: nobody is mailed those any more."""
    rows = work.execute(
        select(_REQUEST.c.id, _REQUEST.c.template_id, _APPOINTMENT.c.end_at)
        .join(_APPOINTMENT, _APPOINTMENT.c.id == _REQUEST.c.appointment_id)
        .where(_APPOINTMENT.c.end_at <= work.now)
    ).all()
    known = queries.forms(work)
    due = [row.id for row in rows if row.end_at + timedelta(minutes=known[row.template_id].delay_minutes) <= work.now]
    for first in range(0, len(due), 500):
        requests.mark_mailed(work, due[first : first + 500])

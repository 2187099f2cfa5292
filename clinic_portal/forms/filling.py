"""A form is filled in, saved answer by answer, and completed: in the portal or with the patient at the desk (S7, S8).

Whether the visit it is for still stands is for the caller to know (`booking.paperwork`), which is the door to these.
"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, select, update

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import (
    answers,
    attached,
    bodies,
    chain,
    definition,
    models,
    pictured,
    queries,
    requests,
    rules,
)
from clinic_portal.forms.bodies import Body
from clinic_portal.forms.definition import WITH_FILES, Consent, Item, Kind, Questionnaire
from clinic_portal.forms.types import Draft, FormInfo, Hand, VersionInfo
from clinic_portal.patients import profile

ANSWERED = (Kind.QUESTIONNAIRE, Kind.CONSENT)
_DOCUMENT = table(models.FormDocument)


def begin(work: UnitOfWork, patient_id: int, request_id: int, hand: Hand) -> Draft:
    """Open a form for filling in: the draft that is there, or a new one with the answers that still hold (P11).

    A draft of an older version goes over to the one in force; the answers that fit it go along. Raises NotAllowed,
    Conflict (`form_unpublished`); (`form_begun`) to staff who may not read charts, where the patient has begun it.
    """
    work.in_turn("forms", str(patient_id))
    asked = requests.mine(work, patient_id, request_id)
    form = queries.form(work, asked.template_id)
    if asked.kind not in ANSWERED:
        raise NotAllowed()
    if form.version_id is None:
        raise Conflict("form_unpublished")
    mine = and_(_DOCUMENT.c.request_id == request_id, _DOCUMENT.c.state == "draft")
    row = work.execute(select(_DOCUMENT).where(mine)).first()
    if row is None:
        body = _carried_over(work, patient_id, form, hand)
        document_id = bodies.create(
            work,
            body,
            patient_id=patient_id,
            template_id=form.id,
            version_id=form.version_id,
            request_id=request_id,
            appointment_id=asked.appointment_id,
            began_by=hand.tag,
        )
        if hand.is_staff:
            work.record(hand.tag, "document.begun", f"patient:{patient_id}", form=form.slug, document=document_id)
        return standing(work, patient_id, document_id)
    _must_be_for(hand, row, bodies.opened(work, row))
    if row.version_id != form.version_id:
        _go_over(work, row, form)
    return standing(work, patient_id, int(row.id))


def draft(read: Reading, patient_id: int, document_id: int, hand: Hand) -> Draft:
    """A form being filled in, as it is shown to a hand.

    Raises NotAllowed for another's; Conflict (`document_closed`) once it is completed, (`form_begun`) like `begin`.
    """
    row = _mine(read, patient_id, document_id)
    body = bodies.opened(read, row)
    _must_be_for(hand, row, body)
    return _draft(read, row, body)


def standing(read: Reading, patient_id: int, document_id: int) -> Draft:
    """A form being filled in, for the domain's own use: a page asks for `draft`. Raises NotAllowed, Conflict."""
    row = _mine(read, patient_id, document_id)
    return _draft(read, row, bodies.opened(read, row))


def save(
    work: UnitOfWork, patient_id: int, document_id: int, link_id: str, raw: Any, *, seen: int, hand: Hand
) -> Draft:
    """Keep one answer as typed so far; the draft as it stands then, with what changed elsewhere.

    `seen` is the revision of this answer that the page showed. Raises Conflict (`answer_changed`) when another device
    has given another one since: neither is lost. NotAllowed, Invalid for what no page of ours sends, Conflict
    (`document_closed`); (`form_begun`) like `begin`.
    """
    work.in_turn("document", str(document_id))
    row = _mine(work, patient_id, document_id)
    body = bodies.opened(work, row)
    _must_be_for(hand, row, body)
    item = _item(work, row, patient_id, link_id)
    before = body.answers.get(link_id)
    answer = answers.settled(item, before, answers.kept(item, raw))
    if answer and item.type in WITH_FILES:
        answer = attached.own(work, patient_id, answer)
    if body.seen.get(link_id, 0) > seen and answer != before:
        raise Conflict("answer_changed", link_id=link_id)
    if answer == before and link_id not in body.carried:
        return _draft(work, row, body)
    _put(body, link_id, answer, row.revision + 1, work.now.isoformat())
    body.is_own = body.is_own or not hand.is_staff
    _keep(work, row, body)
    return standing(work, patient_id, document_id)


def confirm(work: UnitOfWork, patient_id: int, document_id: int, *, hand: Hand, has_changes: bool = False) -> Draft:
    """The patient answered "has anything changed since …?"; what was carried over stands as their answer of today.

    `has_changes` is kept, so that another device shows the same of the form. Raises like `draft`.
    """
    work.in_turn("document", str(document_id))
    row = _mine(work, patient_id, document_id)
    body = bodies.opened(work, row)
    _must_be_for(hand, row, body)
    if not body.is_confirmed:
        body.is_confirmed, body.has_changes = True, has_changes
        for link in body.carried:
            body.at[link] = work.now.isoformat()
        _keep(work, row, body)
    return standing(work, patient_id, document_id)


def complete(work: UnitOfWork, patient_id: int, document_id: int, *, seen_revision: int, hand: Hand) -> int:
    """Complete a form: every answer is checked again, it is sealed into the chain, and never changes from then on.

    The document's id; asked twice, it is completed once. Raises Unusable with every answer that is missing or will
    not do, an empty form among them; Conflict where the version is in force no more (`form_changed`), another device
    changed answers since (`document_changed`), or what was carried over was not confirmed (`form_unconfirmed`);
    (`form_begun`) like `begin`; NotAllowed.
    """
    work.in_turn("document", str(document_id))
    row = _row(work, patient_id, document_id)
    if row.state == "completed":
        return document_id
    _must_be_open(row)
    form = queries.form(work, row.template_id)
    if row.version_id != form.version_id:
        raise Conflict("form_changed")
    if row.revision != seen_revision:
        raise Conflict("document_changed")
    body = bodies.opened(work, row)
    _must_be_for(hand, row, body)
    if not body.is_confirmed:
        raise Conflict("form_unconfirmed")
    version = queries.version(work, row.version_id)
    asked = _asked(work, patient_id, version)
    region = catalogue(work).clinic.phone_region
    answers_there = attached.there(work, patient_id, asked, body.answers)
    told, faults = rules.completed(asked, answers_there, region=region)
    if faults:
        raise Unusable(faults)
    at = {link: body.at.get(link, work.now.isoformat()) for link in told}
    _close(work, row, Body(answers=told, at=at), form, version, hand)
    return document_id


def request_of(read: Reading, patient_id: int, document_id: int) -> int:
    """The request a document answers. Raises NotAllowed for another's."""
    return int(_row(read, patient_id, document_id).request_id)


def _close(work: UnitOfWork, row: Row[Any], body: Body, form: FormInfo, version: VersionInfo, hand: Hand) -> None:
    """Completed from now on: the row, its link in the chain, the activity log."""
    until = rules.holds_until(form.validity, work.now)
    closed = {
        "state": "completed",
        "body": bodies.sealed(work, row.id, body, is_draft=False),
        "changed_at": work.now,
        "completed_at": work.now,
        "completed_by": hand.tag,
        "valid_until_at": until,
    }
    same = and_(_DOCUMENT.c.id == row.id, _DOCUMENT.c.state == "draft", _DOCUMENT.c.revision == row.revision)
    if work.execute(update(_DOCUMENT).where(same).values(**closed)).rowcount != 1:
        raise Conflict("document_changed")
    who = profile.own(work, row.patient_id)
    files = attached.digests(work, row.patient_id, _asked(work, row.patient_id, version), body.answers)
    pictures = pictured.digests(work, version.content)
    sequence, mark = chain.add(
        work,
        row.id,
        "completed",
        hand.tag,
        {
            "patient_id": row.patient_id,
            "patient": f"{who.given_name} {who.family_name}",
            "born_on": who.birth_on.isoformat() if who.birth_on else "",
            "form": form.slug,
            "kind": form.kind.value,
            "version": version.version,
            "text": version.digest,
            "answers": definition.digest(body.told),
            "appointment_id": row.appointment_id,
            "request_id": row.request_id,
            "valid_until": until.isoformat() if until else "",
            "by": hand.tag,
            "name": hand.name,
            "at_the_desk": hand.is_staff,
            "began_at": row.began_at.isoformat(),
            "began_by": row.began_by,
            "revision": row.revision,
            "address": hand.address,
            "device": hand.device,
            **({"files": files} if files else {}),
            **({"pictures": pictures} if pictures else {}),
        },
    )
    work.record(
        hand.tag,
        "document.completed",
        f"patient:{row.patient_id}",
        form=form.slug,
        version=version.version,
        document=row.id,
        seal=sequence,
        mark=mark,
    )


def _carried_over(work: UnitOfWork, patient_id: int, form: FormInfo, hand: Hand) -> Body:
    """What a new draft begins with: the answers of the last completed one, to be confirmed."""
    last = and_(
        _DOCUMENT.c.patient_id == patient_id, _DOCUMENT.c.template_id == form.id, _DOCUMENT.c.state == "completed"
    )
    row = work.execute(select(_DOCUMENT).where(last).order_by(_DOCUMENT.c.completed_at.desc())).first()
    if row is None or not hand.may_see_before or form.version_id is None:
        return Body()
    old, new = queries.version(work, row.version_id).content, queries.version(work, form.version_id).content
    if not (isinstance(old, Questionnaire) and isinstance(new, Questionnaire)):
        return Body()
    before = bodies.opened(work, row)
    told = rules.carried(old, new, before.answers)
    at = {link: before.at[link] for link in told if link in before.at}
    return Body(answers=told, at=at, carried=list(told), source=row.id, is_confirmed=not told)


def _go_over(work: UnitOfWork, row: Row[Any], form: FormInfo) -> None:
    """A draft goes over to the version in force, with the answers to what is asked still."""
    assert form.version_id is not None
    old, new = queries.version(work, row.version_id).content, queries.version(work, form.version_id).content
    body = bodies.opened(work, row)
    told: dict[str, Any] = {}
    if isinstance(old, Questionnaire) and isinstance(new, Questionnaire):
        told = rules.carried(old, new, body.answers)
    moved = Body(
        answers=told,
        at={link: at for link, at in body.at.items() if link in told},
        seen=dict.fromkeys(told, row.revision + 1),
        carried=[link for link in body.carried if link in told],
        source=body.source,
        is_confirmed=body.is_confirmed or not told,
        has_changes=body.has_changes,
        is_own=body.is_own,
    )
    _keep(work, row, moved, version_id=form.version_id)


def _put(body: Body, link_id: str, answer: Any, revision: int, at: str) -> None:
    if link_id in body.carried:
        body.carried.remove(link_id)
    if answer is None:
        body.answers.pop(link_id, None)
        body.at.pop(link_id, None)
    else:
        body.answers[link_id], body.at[link_id] = answer, at
    body.seen[link_id] = revision


def _keep(work: UnitOfWork, row: Row[Any], body: Body, **more: Any) -> None:
    same = and_(_DOCUMENT.c.id == row.id, _DOCUMENT.c.state == "draft", _DOCUMENT.c.revision == row.revision)
    kept = {"body": bodies.sealed(work, row.id, body), "revision": row.revision + 1, "changed_at": work.now, **more}
    if work.execute(update(_DOCUMENT).where(same).values(**kept)).rowcount != 1:
        raise Conflict("document_changed")


def _draft(read: Reading, row: Row[Any], body: Body) -> Draft:
    version = queries.version(read, row.version_id)
    source = None
    if body.source is not None:
        source = read.execute(select(_DOCUMENT.c.completed_at).where(_DOCUMENT.c.id == body.source)).scalar()
    return Draft(
        document_id=row.id,
        request=requests.mine(read, row.patient_id, row.request_id),
        version=version,
        answers=body.answers,
        seen=body.seen,
        revision=row.revision,
        carried=frozenset(body.carried),
        carried_from_at=source,
        is_confirmed=body.is_confirmed,
        has_changes=body.has_changes,
        is_minor=_is_minor(read, row.patient_id),
        changed_at=row.changed_at,
    )


def _item(read: Reading, row: Row[Any], patient_id: int, link_id: str) -> Item:
    for item in _asked(read, patient_id, queries.version(read, row.version_id)).items:
        if item.link_id == link_id:
            return item
    raise NotAllowed()


def _asked(read: Reading, patient_id: int, version: VersionInfo) -> Questionnaire:
    is_minor = isinstance(version.content, Consent) and _is_minor(read, patient_id)
    return rules.asked(version.content, is_minor=is_minor)


def _is_minor(read: Reading, patient_id: int) -> bool:
    return rules.is_minor(profile.own(read, patient_id).birth_on, _today(read))


def _today(read: Reading) -> date:
    zone = catalogue(read).time_zone
    return read.now.astimezone(ZoneInfo(zone)).date()


def _mine(read: Reading, patient_id: int, document_id: int) -> Row[Any]:
    row = _row(read, patient_id, document_id)
    _must_be_open(row)
    return row


def _row(read: Reading, patient_id: int, document_id: int) -> Row[Any]:
    mine = and_(_DOCUMENT.c.id == document_id, _DOCUMENT.c.patient_id == patient_id)
    row: Row[Any] | None = read.execute(select(_DOCUMENT).where(mine)).first()
    if row is None:
        raise NotAllowed()
    return row


def _must_be_for(hand: Hand, row: Row[Any], body: Body) -> None:
    """What the patient told by their own hand, or in earlier forms, is for those who may read charts."""
    is_of_the_desk = row.began_by.startswith("staff:") and body.source is None and not body.is_own
    if not (hand.may_see_before or is_of_the_desk):
        raise Conflict("form_begun")


def _must_be_open(row: Row[Any]) -> None:
    if row.state != "draft":
        raise Conflict("document_closed")

"""Completed documents: how what is asked stands, what they hold, countersigning, declaring void (S28, S29, S49)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, union_all, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import among, table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import answers, bodies, chain, models, queries, rules
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.requests import BY_BOOKING
from clinic_portal.forms.types import Document, DocumentLine, Hand, Request, Standing
from clinic_portal.patients.access import must_see, seen_by

REASON_MOST = 500
_DOCUMENT = table(models.FormDocument)
_VERSION = table(models.FormVersion)
_SEAL = table(models.DocumentSeal)
_LIGHT = [one for one in _DOCUMENT.c if one.name != "body"]


def standings(
    read: Reading, asked: Collection[Request], needed_at: Callable[[Request], datetime]
) -> dict[int, Standing]:
    """How requests stand, by their ids. `needed_at`: the instant, now or later, at which an answer must hold (P11)."""
    joined = select(*_LIGHT, _VERSION.c.version).join(_VERSION, _VERSION.c.id == _DOCUMENT.c.version_id)
    wanted = joined.where(_DOCUMENT.c.id.in_(_telling(read, asked))).order_by(_DOCUMENT.c.id.desc())
    rows = read.execute(wanted).all() if asked else []
    by_form: dict[tuple[int, int], list[Row[Any]]] = {}
    for row in rows:
        by_form.setdefault((row.patient_id, row.template_id), []).append(row)
    return {
        one.id: _standing(read, one, by_form.get((one.patient_id, one.template_id), []), needed_at(one))
        for one in asked
    }


def of_patient(read: Reading, patient_id: int, *, with_void: bool = False) -> list[DocumentLine]:
    """Completed documents of a patient, newest first; void ones too where asked for."""
    states = ("completed", "void") if with_void else ("completed",)
    return _lines(read, and_(_DOCUMENT.c.patient_id == patient_id, _DOCUMENT.c.state.in_(states)))


def own(read: Reading, patient_id: int, document_id: int) -> Document:
    """A completed document of the patient's own, whole. Raises NotAllowed alike for another's and an unknown one."""
    return _whole(read, and_(_DOCUMENT.c.id == document_id, _DOCUMENT.c.patient_id == patient_id))


def for_staff(work: UnitOfWork, actor: StaffActor, document_id: int) -> Document:
    """A document as those who treat may read it; that it was read is in the log (rule 13). Raises NotAllowed."""
    actor.must(Permission.SEE_CHARTS)
    found = _seen(work, actor, document_id)
    work.record(actor.tag, "document.read", f"patient:{found.line.patient_id}", document=document_id)
    return found


def line_for_staff(read: Reading, actor: StaffActor, document_id: int) -> DocumentLine:
    """That a document is there and how it stands, without what it holds. Raises NotAllowed."""
    actor.must(Permission.HANDLE_FORMS)
    seen = seen_by(actor, _DOCUMENT.c.patient_id)
    lines = _lines(read, and_(_DOCUMENT.c.id == document_id, _DOCUMENT.c.state != "draft", seen))
    if not lines:
        raise NotAllowed()
    return lines[0]


def void_reasons(read: Reading, actor: StaffActor, document_ids: Collection[int]) -> dict[int, str]:
    """Why documents were declared void, for those who may read them. Raises NotAllowed."""
    actor.must(Permission.SEE_CHARTS)
    seen = select(_DOCUMENT.c.id).where(_DOCUMENT.c.id.in_(document_ids), seen_by(actor, _DOCUMENT.c.patient_id))
    mine = and_(_SEAL.c.document_id.in_(seen), _SEAL.c.deed == "voided")
    rows = read.execute(select(_SEAL).where(mine)).all() if document_ids else []
    return {row.document_id: str(chain.opened(read, row).evidence["reason"]) for row in rows}


def countersign(work: UnitOfWork, actor: StaffActor, document_id: int, role: str, raw: Any, hand: Hand) -> None:
    """A witness or the provider signs a completed consent as well (P10).

    Raises NotAllowed, Conflict when that role is not asked for or has signed, or the same person has signed in the
    other one (`signed_by_you`: a witness is somebody else), Invalid for no signature.
    """
    actor.must(Permission.SIGN_FORMS if role == "provider" else Permission.HANDLE_FORMS)
    work.in_turn("document", str(document_id))
    found = _seen(work, actor, document_id)
    if found.line.state != "completed" or role not in found.line.missing:
        raise Conflict("signed_already")
    if any(one.deed == "countersigned" and one.by == hand.tag for one in found.seals):
        raise Conflict("signed_by_you")
    given = answers.signature("signature", raw)
    evidence = {
        "role": role,
        "signature": given.model_dump(mode="json"),
        "text": found.version.digest,
        "by": hand.tag,
        "name": hand.name,
        "address": hand.address,
        "device": hand.device,
    }
    sequence, mark = chain.add(work, document_id, "countersigned", hand.tag, evidence)
    told = {"document": document_id, "role": role, "seal": sequence, "mark": mark}
    work.record(actor.tag, "document.countersigned", f"patient:{found.line.patient_id}", **told)


def void(work: UnitOfWork, actor: StaffActor, document_id: int, reason: str) -> None:
    """Declare a document void, with a reason. It is never deleted; what it was for is to be done again.

    Raises NotAllowed, Invalid without a reason, Conflict when it is void already.
    """
    actor.must(Permission.SIGN_FORMS)
    told = " ".join(reason.split())
    if not told or len(told) > REASON_MOST:
        raise Invalid("reason", "reason_missing" if not told else "text_long", limit=REASON_MOST)
    work.in_turn("document", str(document_id))
    row = work.execute(select(*_LIGHT).where(_DOCUMENT.c.id == document_id, _DOCUMENT.c.state != "draft")).first()
    if row is None:
        raise NotAllowed()
    must_see(work, actor, row.patient_id)
    same = and_(_DOCUMENT.c.id == document_id, _DOCUMENT.c.state == "completed")
    if work.execute(update(_DOCUMENT).where(same).values(state="void")).rowcount != 1:
        raise Conflict("document_void")
    sequence, mark = chain.add(work, document_id, "voided", actor.tag, {"reason": told, "by": actor.tag})
    where = f"patient:{row.patient_id}"
    work.record(actor.tag, "document.voided", where, document=document_id, seal=sequence, mark=mark)


def owner(read: Reading, document_id: int) -> int:
    """Whose document it is. Raises NotAllowed."""
    found: int | None = read.execute(select(_DOCUMENT.c.patient_id).where(_DOCUMENT.c.id == document_id)).scalar()
    if found is None:
        raise NotAllowed()
    return found


def _telling(read: Reading, asked: Collection[Request]) -> Any:
    """The documents that can say how requests stand; few, however many years of them there are.

    Those of the requests themselves; and of forms that are not for each visit anew, what a patient completed last and
    whatever holds still.
    """
    own = select(_DOCUMENT.c.id).where(
        among(_DOCUMENT.c.request_id, [one.id for one in asked]), _DOCUMENT.c.state.in_(("draft", "completed"))
    )
    lasting = [one for one in asked if not queries.form(read, one.template_id).validity.is_per_visit]
    completed = and_(
        among(_DOCUMENT.c.patient_id, {one.patient_id for one in lasting}),
        _DOCUMENT.c.template_id.in_({one.template_id for one in lasting}),
        _DOCUMENT.c.state == "completed",
    )
    last = select(func.max(_DOCUMENT.c.id)).where(completed).group_by(_DOCUMENT.c.patient_id, _DOCUMENT.c.template_id)
    until = _DOCUMENT.c.valid_until_at
    holding = select(_DOCUMENT.c.id).where(completed, or_(until.is_(None), until > read.now))
    return union_all(own, last, holding)


def _standing(read: Reading, asked: Request, rows: Sequence[Row[Any]], needed_at: datetime) -> Standing:
    form = queries.forms(read)[asked.template_id]
    if not form.version:
        return Standing(asked, "unpublished")
    done = [row for row in rows if row.state == "completed"]
    for row in done:
        is_own = row.request_id == asked.id
        if not is_own and (asked.asked_by != BY_BOOKING or form.validity.is_per_visit):
            continue
        holds = row.valid_until_at is None or row.valid_until_at > needed_at or is_own
        if row.version >= form.counts_from and holds:
            return Standing(asked, "done", row.id, is_carried=not is_own)
    drafts = (row for row in rows if row.state == "draft" and row.request_id == asked.id)
    begun = next((row for row in drafts if row.revision), None)  # merely opened is not begun
    latest = done[0] if done and not form.validity.is_per_visit else None
    return Standing(
        asked,
        "begun" if begun else "to_do",
        begun.id if begun else None,
        expired_at=latest.valid_until_at if latest and latest.version >= form.counts_from else None,
        is_outdated=bool(latest and latest.version < form.counts_from),
    )


def _lines(read: Reading, which: Any) -> list[DocumentLine]:
    joined = select(*_LIGHT, _VERSION.c.version, _VERSION.c.content["title"].as_string().label("title")).join(
        _VERSION, _VERSION.c.id == _DOCUMENT.c.version_id
    )
    rows = read.execute(joined.where(which).order_by(_DOCUMENT.c.completed_at.desc(), _DOCUMENT.c.id.desc())).all()
    signed = _signed(read, [row.id for row in rows])
    return [_line(read, row, signed.get(row.id, ())) for row in rows]


def _seen(read: Reading, actor: StaffActor, document_id: int) -> Document:
    return _whole(read, and_(_DOCUMENT.c.id == document_id, seen_by(actor, _DOCUMENT.c.patient_id)))


def _whole(read: Reading, which: Any) -> Document:
    joined = select(_DOCUMENT, _VERSION.c.version, _VERSION.c.content["title"].as_string().label("title")).join(
        _VERSION, _VERSION.c.id == _DOCUMENT.c.version_id
    )
    row = read.execute(joined.where(which, _DOCUMENT.c.state != "draft")).first()
    if row is None:
        raise NotAllowed()
    body = bodies.opened(read, row)
    seals = chain.of_document(read, row.id)
    signed = tuple(one.evidence["role"] for one in seals if one.deed == "countersigned")
    return Document(
        line=_line(read, row, signed),
        version=queries.version(read, row.version_id),
        answers=body.answers,
        answered_at=bodies.given_at(body),
        seals=seals,
    )


def _line(read: Reading, row: Row[Any], signed: Collection[str]) -> DocumentLine:
    form = queries.forms(read)[row.template_id]
    missing: tuple[str, ...] = ()
    if form.kind is Kind.CONSENT and row.state == "completed":
        wanted = rules.countersigners(queries.version(read, row.version_id).content)
        missing = tuple(one for one in wanted if one not in signed)
    is_old = form.version > 0 and row.version < form.counts_from
    return DocumentLine(
        id=row.id,
        patient_id=row.patient_id,
        template_id=row.template_id,
        kind=form.kind,
        title=row.title or form.name,
        version=row.version,
        state=row.state,
        appointment_id=row.appointment_id,
        completed_at=row.completed_at,
        completed_by=row.completed_by,
        valid_until_at=row.valid_until_at,
        is_expired=is_old or (row.valid_until_at is not None and row.valid_until_at <= read.now),
        missing=missing,
    )


def _signed(read: Reading, document_ids: Collection[int]) -> Mapping[int, list[str]]:
    """The roles that have countersigned, by document."""
    found: dict[int, list[str]] = {}
    mine = and_(_SEAL.c.document_id.in_(document_ids), _SEAL.c.deed == "countersigned")
    for row in read.execute(select(_SEAL).where(mine)) if document_ids else ():
        found.setdefault(row.document_id, []).append(chain.opened(read, row).evidence["role"])
    return found

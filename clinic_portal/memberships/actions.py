"""Verbs of memberships: staff enrols a patient and ends it again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import models
from clinic_portal.patients import profile

STARTED, ENDED = "membership.started", "membership.ended"
"""Events: somebody is a member, or is none any more."""
_MEMBERSHIP = table(models.Membership)
_PLAIN = {"nonce": "", "attempt": 1, "is_ending": False, "is_pausing": False, "is_told": True}


@dataclass(frozen=True, slots=True)
class MembershipInfo:
    """Whose a membership is, and from when until when."""

    patient_id: int
    started_at: datetime | None
    ended_at: datetime | None


def is_member(read: Reading, patient_id: int) -> bool:
    """Whether a patient is enrolled now."""
    return read.execute(select(_MEMBERSHIP.c.id).where(_enrolled(patient_id))).first() is not None


def must_be_member(read: Reading, patient_id: int) -> None:
    """Raises NotAllowed unless a patient is enrolled now: what is for members alone does not exist for others."""
    if not is_member(read, patient_id):
        raise NotAllowed()


def since(read: Reading, actor: StaffActor, patient_id: int) -> datetime | None:
    """Since when a patient is a member, for staff; None for one who is not. Raises NotAllowed."""
    actor.must(Permission.SEE_PATIENTS)
    mine = _enrolled(patient_id)
    found: datetime | None = read.execute(select(_MEMBERSHIP.c.started_at).where(mine)).scalar()
    return found


def membership(read: Reading, membership_id: int) -> MembershipInfo:
    """A membership, for the domain's own use. Raises NotAllowed for none."""
    row = read.execute(select(_MEMBERSHIP).where(_MEMBERSHIP.c.id == membership_id)).first()
    if row is None:
        raise NotAllowed()
    return MembershipInfo(row.patient_id, row.started_at, row.ended_at)


def enrol(work: UnitOfWork, actor: StaffActor, patient_id: int) -> None:
    """Enrol a patient; one who is enrolled stays so. Raises NotAllowed, for no such patient too."""
    actor.must(Permission.HANDLE_MEMBERSHIPS)
    profile.for_staff(work, actor, patient_id)
    work.in_turn("membership", str(patient_id))
    if is_member(work, patient_id):
        return
    live = _MEMBERSHIP.c.ended_at.is_(None) & (_MEMBERSHIP.c.patient_id == patient_id)
    never = {"state": "ended", "ended_at": work.now, "end_reason": "never_joined"}
    work.execute(update(_MEMBERSHIP).where(live).values(**never))
    made = insert(_MEMBERSHIP).returning(_MEMBERSHIP.c.id)
    row = {"patient_id": patient_id, "state": "active", "begun_at": work.now, "started_at": work.now}
    key = work.execute(made, row | _PLAIN).scalar_one()
    work.record(actor.tag, "membership.started", f"patient:{patient_id}")
    work.emit(STARTED, f"{STARTED}:{key}", membership_id=key)


def end(work: UnitOfWork, actor: StaffActor, patient_id: int) -> None:
    """End a patient's membership now. Raises NotAllowed."""
    actor.must(Permission.HANDLE_MEMBERSHIPS)
    ended = {"ended_at": work.now, "state": "ended", "end_reason": "by_staff"}
    done = update(_MEMBERSHIP).where(_enrolled(patient_id)).values(**ended)
    key = work.execute(done.returning(_MEMBERSHIP.c.id)).scalar()
    if key is not None:
        work.record(actor.tag, "membership.ended", f"patient:{patient_id}")
        work.emit(ENDED, f"{ENDED}:{key}", membership_id=key)


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile kept apart turned out to be another's: a membership goes over, where that one has none."""
    mine = _MEMBERSHIP.c.ended_at.is_(None) & (_MEMBERSHIP.c.patient_id == apart)
    ended = {"ended_at": work.now, "state": "ended"} if is_member(work, known) else {}
    work.execute(update(_MEMBERSHIP).where(mine).values(patient_id=known, **ended))


def _enrolled(patient_id: int) -> ColumnElement[bool]:
    """A patient's membership that has begun and not ended."""
    mine = _MEMBERSHIP.c.patient_id == patient_id
    return and_(mine, _MEMBERSHIP.c.started_at.is_not(None), _MEMBERSHIP.c.ended_at.is_(None))

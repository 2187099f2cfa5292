"""Verbs of being enrolled: staff enrols a patient and ends it again; who is a member."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import requests
from clinic_portal.memberships import events, queries, rows
from clinic_portal.memberships.rows import MEMBERSHIP
from clinic_portal.memberships.types import ACTIVE, MembershipInfo
from clinic_portal.patients import profile
from clinic_portal.patients.access import must_see

STARTED, ENDED = events.STARTED, events.ENDED
"""Events: somebody is a member, or is none any more."""


def is_member(read: Reading, patient_id: int) -> bool:
    """Whether a patient is enrolled now."""
    return read.execute(select(MEMBERSHIP.c.id).where(_enrolled(patient_id))).first() is not None


def must_be_member(read: Reading, patient_id: int) -> None:
    """Raises NotAllowed unless a patient is enrolled now: what is for members alone does not exist for others."""
    if not is_member(read, patient_id):
        raise NotAllowed()


def since(read: Reading, actor: StaffActor, patient_id: int) -> datetime | None:
    """Since when a patient is a member, for staff; None for one who is not. Raises NotAllowed."""
    must_see(read, actor, patient_id)
    found: datetime | None = read.execute(select(MEMBERSHIP.c.started_at).where(_enrolled(patient_id))).scalar()
    return found


def membership(read: Reading, membership_id: int) -> MembershipInfo:
    """A membership, for the domain's own use. Raises NotAllowed for none."""
    return queries.membership(read, membership_id)


def enrol(work: UnitOfWork, actor: StaffActor, patient_id: int) -> None:
    """Enrol a patient without a plan; one who is enrolled stays so, one who was joining a plan is no more. Raises
    NotAllowed, for no such patient too."""
    actor.must(Permission.HANDLE_MEMBERSHIPS)
    profile.for_staff(work, actor, patient_id)
    row = rows.in_turn(work, patient_id)
    if row is not None and row.started_at is not None:
        return
    if row is not None:
        requests.take_back(work, patient_id, row.request_id)
        rows.end(work, row, "never_joined")
    made = insert(MEMBERSHIP).returning(MEMBERSHIP.c.id)
    new = {"patient_id": patient_id, "state": ACTIVE, "begun_at": work.now, "started_at": work.now}
    key = work.execute(made, rows.BLANK | new).scalar_one()
    work.record(actor.tag, "membership.started", f"patient:{patient_id}")
    work.emit(STARTED, f"{STARTED}:{key}", membership_id=key)


def end(work: UnitOfWork, actor: StaffActor, patient_id: int) -> None:
    """End a patient's membership now; a plan of theirs is charged no more. Raises NotAllowed."""
    actor.must(Permission.HANDLE_MEMBERSHIPS)
    must_see(work, actor, patient_id)
    row = rows.in_turn(work, patient_id)
    if row is not None and row.started_at is not None:
        requests.take_back(work, patient_id, row.request_id)
        rows.end(work, row, "by_staff")
        work.record(actor.tag, "membership.ended", f"patient:{patient_id}")


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile kept apart turned out to be another's: its memberships go over, those that have ended too.

    Of two that have not ended one stays: that of the profile it goes to, unless only the other has begun. The agreement
    of the one that ends is asked for no more; forms that were asked of the profile have gone over before.
    """
    for patient_id in sorted((apart, known)):
        work.in_turn("membership", str(patient_id))
    mine, theirs = rows.live(work, apart), rows.live(work, known)
    if mine is not None and theirs is not None:
        is_joined = mine.started_at is not None and theirs.started_at is None
        over, why = (theirs, "never_joined") if is_joined else (mine, "moved")
        requests.take_back(work, known, over.request_id)
        rows.end(work, over, why)
    moved = {"patient_id": known, "revision": MEMBERSHIP.c.revision + 1}
    work.execute(update(MEMBERSHIP).where(MEMBERSHIP.c.patient_id == apart).values(**moved))


def _enrolled(patient_id: int) -> ColumnElement[bool]:
    """A patient's membership that has begun and not ended."""
    mine = MEMBERSHIP.c.patient_id == patient_id
    return and_(mine, MEMBERSHIP.c.started_at.is_not(None), MEMBERSHIP.c.ended_at.is_(None))

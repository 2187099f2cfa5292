"""Browsers that are signed in: random tokens, hashed at rest, ended by time, by idleness or on request (rule 4)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from clinic_portal.accounts import models
from clinic_portal.accounts.types import Device, Kind, SessionInfo, Stage
from clinic_portal.core import crypto, ids
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork

_TABLE = table(models.AccountSession)
LASTS = {Kind.PATIENT: timedelta(days=14), Kind.STAFF: timedelta(hours=12)}
HALFWAY_LASTS = timedelta(minutes=10)
SEEN_EVERY = timedelta(seconds=30)


def begin(
    work: UnitOfWork, kind: Kind, subject_id: int, *, device: str, address: str, stage: Stage = Stage.FULL
) -> str:
    """Sign a browser in; the token its cookie is to hold, new at every sign-in."""
    token = ids.token()
    idle = work.settings.patient_idle_minutes if kind is Kind.PATIENT else work.settings.staff_idle_minutes
    lasts = LASTS[kind] if stage is Stage.FULL else HALFWAY_LASTS
    work.execute(
        insert(_TABLE),
        {
            "token_digest": crypto.digest(token),
            "kind": kind.value,
            "subject_id": subject_id,
            "stage": stage.value,
            "created_at": work.now,
            "seen_at": work.now,
            "expires_at": work.now + lasts,
            "idle_minutes": idle,
            "device": device[:80],
            "address": address[:60],
        },
    )
    return token


def find(read: Reading, kind: Kind, digest: str) -> SessionInfo | None:
    """The live session behind a cookie's digest; None when it ended, was revoked or never was."""
    if not digest:
        return None
    row = read.execute(select(_TABLE).where(and_(_TABLE.c.token_digest == digest, _TABLE.c.kind == kind.value))).first()
    if row is None or row.revoked_at is not None or row.expires_at <= read.now:
        return None
    idle = timedelta(minutes=row.idle_minutes)
    if row.seen_at + idle <= read.now:
        return None
    return SessionInfo(
        id=row.id,
        kind=kind,
        subject_id=row.subject_id,
        stage=Stage(row.stage),
        seen_at=row.seen_at,
        idle_at=min(row.seen_at + idle, row.expires_at),
    )


def needs_touch(session: SessionInfo, now: datetime) -> bool:
    """Whether a sign of life is worth a write."""
    return now - session.seen_at >= SEEN_EVERY


def touch(work: UnitOfWork, session_id: int) -> None:
    """A sign of life: the idle time begins anew, unless it is over already."""
    work.execute(update(_TABLE).where(_live(session_id)).values(seen_at=work.now))


def end(work: UnitOfWork, session_id: int) -> bool:
    """Sign one browser out; False when it was out already."""
    return bool(work.execute(update(_TABLE).where(_live(session_id)).values(revoked_at=work.now)).rowcount)


def end_one_of(work: UnitOfWork, kind: Kind, subject_id: int, session_id: int) -> bool:
    """Sign out another of one's own browsers; False when it is not one's own or ended before."""
    mine = and_(_live(session_id), _TABLE.c.kind == kind.value, _TABLE.c.subject_id == subject_id)
    return bool(work.execute(update(_TABLE).where(mine).values(revoked_at=work.now)).rowcount)


def end_all(work: UnitOfWork, kind: Kind, subject_id: int, *, but: int | None = None) -> int:
    """Sign out everywhere, except in one browser; how many that were."""
    mine = and_(_TABLE.c.kind == kind.value, _TABLE.c.subject_id == subject_id, _TABLE.c.revoked_at.is_(None))
    if but is not None:
        mine = and_(mine, _TABLE.c.id != but)
    return int(work.execute(update(_TABLE).where(mine).values(revoked_at=work.now)).rowcount)


def devices(read: Reading, kind: Kind, subject_id: int, *, here: int) -> list[Device]:
    """The browsers signed in now, this one first, then the last seen."""
    mine = and_(
        _TABLE.c.kind == kind.value,
        _TABLE.c.subject_id == subject_id,
        _TABLE.c.revoked_at.is_(None),
        _TABLE.c.expires_at > read.now,
    )
    found = [
        Device(row.id, row.device, row.address, row.created_at, row.seen_at, row.id == here)
        for row in read.execute(select(_TABLE).where(mine).order_by(_TABLE.c.seen_at.desc()))
        if row.seen_at + timedelta(minutes=row.idle_minutes) > read.now
    ]
    return sorted(found, key=lambda device: not device.is_here)


def forget_old(work: UnitOfWork) -> int:
    """Delete sessions that ended a month ago."""
    old = _TABLE.c.expires_at < work.now - timedelta(days=30)
    return work.execute(delete(_TABLE).where(old)).rowcount  # type: ignore[no-any-return]


def _live(session_id: int) -> ColumnElement[bool]:
    return and_(_TABLE.c.id == session_id, _TABLE.c.revoked_at.is_(None))

"""The staff's second factor: an authenticator app (RFC 6238), and recovery codes for the day the phone is lost.

The secret is sealed at rest. A code works once: the time step it belongs to is kept (RFC 6238, 5.2).
"""

from datetime import timedelta

import pyotp
from sqlalchemy import and_, delete, insert, select, update

from clinic_portal.accounts import limits, models, sessions, staff
from clinic_portal.accounts.emails import email_key
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.accounts.types import Kind, Limit, SessionInfo, Stage
from clinic_portal.core import crypto, ids, sealing
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork

WRONG = Limit("second_factor_wrong_limit", 8, timedelta(minutes=15))
RECOVERY_CODES = 10
STEP_SECONDS = 30
_STAFF = table(models.Staff)
_CODE = table(models.RecoveryCode)


def begin(work: UnitOfWork, staff_id: int) -> None:
    """Make a new secret, not in force before a code of it was typed. Raises Conflict where one is in force."""
    sealed = sealing.seal(work.settings, _place(staff_id), pyotp.random_base32())
    waiting = and_(_STAFF.c.id == staff_id, _STAFF.c.second_factor_at.is_(None))
    if work.execute(update(_STAFF).where(waiting).values(second_factor=sealed)).rowcount != 1:
        raise Conflict("second_factor_known")


def enrolment_uri(read: Reading, staff_id: int, clinic_name: str) -> str:
    """What an authenticator's QR code says, while it is being set up. Raises NotAllowed at any other time."""
    row = read.execute(select(_STAFF).where(_STAFF.c.id == staff_id)).first()
    if row is None or row.second_factor is None or row.second_factor_at is not None:
        raise NotAllowed()
    secret = sealing.open_sealed(read.settings, _place(staff_id), row.second_factor)
    return pyotp.TOTP(secret).provisioning_uri(name=row.email, issuer_name=clinic_name)


def confirm(work: UnitOfWork, staff_id: int, typed: str) -> list[str] | None:
    """A first code puts the authenticator in force; the recovery codes, shown this once. None for a wrong code."""
    row = work.execute(select(_STAFF).where(_STAFF.c.id == staff_id)).first()
    if row is None or row.second_factor is None or row.second_factor_at is not None:
        raise NotAllowed()
    limits.check_in_turn(work, WRONG, str(staff_id))
    step = _step(work, staff_id, row, typed)
    if step is None:
        limits.spend(work, WRONG, str(staff_id))
        return None
    work.execute(
        update(_STAFF).where(_STAFF.c.id == staff_id).values(second_factor_at=work.now, second_factor_step=step)
    )
    work.record(f"staff:{staff_id}", "staff.second_factor_set", f"staff:{staff_id}")
    return _new_recovery_codes(work, staff_id)


def answer(work: UnitOfWork, staff_id: int, typed: str) -> bool:
    """Try a code of the authenticator, or a recovery code, which is used up. Raises TooMany."""
    limits.check_in_turn(work, WRONG, str(staff_id))
    row = work.execute(select(_STAFF).where(and_(_STAFF.c.id == staff_id, _STAFF.c.is_active))).first()
    if row is None or row.second_factor_at is None:
        raise NotAllowed()
    step = _step(work, staff_id, row, typed)
    if step is not None:
        fresh = and_(_STAFF.c.id == staff_id, _STAFF.c.second_factor_step < step)
        if work.execute(update(_STAFF).where(fresh).values(second_factor_step=step)).rowcount == 1:
            return True
    elif _use_recovery_code(work, staff_id, typed):
        work.record(f"staff:{staff_id}", "staff.recovery_code_used", f"staff:{staff_id}")
        return True
    limits.spend(work, WRONG, str(staff_id))
    return False


def come_in(work: UnitOfWork, session: SessionInfo, typed: str, *, device: str, address: str) -> str | None:
    """A right code ends the halfway session and begins a full one under a new token, which is returned (rule 4).

    None for a wrong code. Raises TooMany, and NotAllowed when the halfway session was ended meanwhile.
    """
    if not answer(work, session.subject_id, typed):
        return None
    return _pass_on(work, session, device, address)


def confirm_and_come_in(
    work: UnitOfWork, session: SessionInfo, typed: str, *, device: str, address: str
) -> tuple[list[str], str] | None:
    """A first code puts the authenticator in force; recovery codes, and the token of a new session. Else like both."""
    codes = confirm(work, session.subject_id, typed)
    return (codes, _pass_on(work, session, device, address)) if codes is not None else None


def _pass_on(work: UnitOfWork, session: SessionInfo, device: str, address: str) -> str:
    if not sessions.end(work, session.id):
        raise NotAllowed("signed_out")
    staff.note_sign_in(work, session.subject_id, device)
    return sessions.begin(work, Kind.STAFF, session.subject_id, device=device, address=address, stage=Stage.FULL)


def take_off(work: UnitOfWork, actor: StaffActor, staff_id: int) -> None:
    """Take the second factor off someone who lost theirs; their sessions end. Raises NotAllowed, also for one's own."""
    actor.must(Permission.MANAGE_STAFF)
    if staff_id == actor.staff_id:
        raise NotAllowed()
    _take_off(work, actor.tag, staff_id)


def take_off_by_command(work: UnitOfWork, email: str) -> None:
    """The same from the server's command line, for an owner who lost phone and recovery codes. Raises NotAllowed."""
    found = work.execute(select(_STAFF.c.id).where(_STAFF.c.email_key == email_key(email.strip()))).scalar()
    if found is None:
        raise NotAllowed()
    _take_off(work, "command", found)


def give_up(work: UnitOfWork, actor: StaffActor, typed: str) -> bool:
    """Take off one's own, proved by a code of it once more: a browser left open is not enough. False: a wrong code."""
    if not answer(work, actor.staff_id, typed):
        return False
    _take_off(work, actor.tag, actor.staff_id, but=actor.session_id)
    return True


def renew_recovery_codes(work: UnitOfWork, actor: StaffActor, typed: str) -> list[str] | None:
    """New recovery codes in place of the old, shown this once; None for a wrong code. Raises TooMany, NotAllowed."""
    if not answer(work, actor.staff_id, typed):
        return None
    work.record(actor.tag, "staff.recovery_codes_renewed", actor.tag)
    return _new_recovery_codes(work, actor.staff_id)


def reseal(work: UnitOfWork) -> int:
    """Seal everyone's secret anew under the present key; how many were under an older one."""
    changed = 0
    having = select(_STAFF.c.id, _STAFF.c.second_factor).where(_STAFF.c.second_factor.is_not(None))
    for row in work.execute(having).all():
        if not sealing.is_current(work.settings, row.second_factor):
            secret = sealing.open_sealed(work.settings, _place(row.id), row.second_factor)
            anew = sealing.seal(work.settings, _place(row.id), secret)
            work.execute(update(_STAFF).where(_STAFF.c.id == row.id).values(second_factor=anew))
            changed += 1
    return changed


def _take_off(work: UnitOfWork, by: str, staff_id: int, *, but: int | None = None) -> None:
    on = and_(_STAFF.c.id == staff_id, _STAFF.c.second_factor.is_not(None))
    off = {"second_factor": None, "second_factor_at": None, "second_factor_step": 0}
    if not work.execute(update(_STAFF).where(on).values(**off)).rowcount:
        raise NotAllowed()
    work.execute(delete(_CODE).where(_CODE.c.staff_id == staff_id))
    sessions.end_all(work, Kind.STAFF, staff_id, but=but)
    work.record(by, "staff.second_factor_taken_off", f"staff:{staff_id}")


def recovery_codes_left(read: Reading, staff_id: int) -> int:
    """How many recovery codes were not used yet."""
    left = and_(_CODE.c.staff_id == staff_id, _CODE.c.used_at.is_(None))
    return len(read.execute(select(_CODE.c.id).where(left)).all())


def _step(read: Reading, staff_id: int, row: object, typed: str) -> int | None:
    """The time step whose code was typed, a minute of drift allowed; None for a wrong code."""
    digits = "".join(one for one in typed if one.isdecimal())
    if len(digits) != 6 or len(typed.strip()) > 8:
        return None
    sealed: str = row.second_factor  # type: ignore[attr-defined]
    one_time = pyotp.TOTP(sealing.open_sealed(read.settings, _place(staff_id), sealed))
    now = int(read.now.timestamp()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if crypto.same(one_time.at(step * STEP_SECONDS), digits):
            return step
    return None


def _new_recovery_codes(work: UnitOfWork, staff_id: int) -> list[str]:
    work.execute(delete(_CODE).where(_CODE.c.staff_id == staff_id))
    codes = [f"{one[:5]}-{one[5:]}" for one in (ids.readable(10) for _ in range(RECOVERY_CODES))]
    rows = [{"staff_id": staff_id, "digest": _digest(work, staff_id, one)} for one in codes]
    work.execute(insert(_CODE), rows)
    return codes


def _use_recovery_code(work: UnitOfWork, staff_id: int, typed: str) -> bool:
    mine = and_(_CODE.c.digest == _digest(work, staff_id, typed), _CODE.c.used_at.is_(None))
    return bool(work.execute(update(_CODE).where(mine).values(used_at=work.now)).rowcount)


def _digest(read: Reading, staff_id: int, code: str) -> str:
    plain = "".join(one for one in code.upper() if one.isalnum())
    return crypto.keyed(read.settings.key, "recovery-code", str(staff_id), plain)


def _place(staff_id: int) -> str:
    return f"staff:second_factor:{staff_id}"

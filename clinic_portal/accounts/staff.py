"""People who run the clinic's pages: who they are, how they are added, what their role may do."""

from typing import Any

from sqlalchemy import Row, and_, func, insert, select, update

from clinic_portal.accounts import entry, links, models, passwords, sessions
from clinic_portal.accounts.emails import email_address, email_key
from clinic_portal.accounts.roles import MAY, Permission, StaffActor
from clinic_portal.accounts.types import Credentials, Kind, Purpose, SessionInfo, StaffMember, Stage
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork

NAME_MAX = 80
_STAFF = table(models.Staff)


def add(work: UnitOfWork, *, email: str, name: str, role: str, password: str) -> int:
    """Add someone with a password; their id. Raises Invalid for what cannot be used, Conflict for a known e-mail."""
    passwords.check(password, about=(email, name))
    return _insert(work, "command", email, name, role, passwords.hashed(work.settings, password))


def found_owner(work: UnitOfWork, *, email: str, name: str, password_hash: str, device: str, address: str) -> str:
    """The first of all staff, an owner, signed in here; their cookie's token. Who may ask is said by the setup key.

    Raises Invalid; Conflict as soon as anybody is there: of two at once, one is the owner.
    """
    work.in_turn("staff", "first")
    if is_anybody(work):
        raise Conflict("setup_claimed")
    staff_id = _insert(work, "setup", email, name, "owner", password_hash)
    note_sign_in(work, staff_id, device)
    return sessions.begin(work, Kind.STAFF, staff_id, device=device, address=address)


def is_anybody(read: Reading) -> bool:
    """Whether anyone of the staff was ever added."""
    return read.execute(select(_STAFF.c.id).limit(1)).first() is not None


def invite(
    work: UnitOfWork,
    actor: StaffActor,
    *,
    email: str,
    name: str,
    role: str,
    provider_id: int | None = None,
    sees_every_calendar: bool = False,
    sees_every_patient: bool = False,
) -> int:
    """Add someone who chooses a password by a link in an e-mail; their id. Raises Invalid, Conflict, NotAllowed.

    A provider sees only their own calendar and patients unless the owner lets them see all (P15).
    """
    actor.must(Permission.MANAGE_STAFF)
    sees = _sees(role, provider_id, sees_every_calendar, sees_every_patient)
    staff_id = _insert(work, actor.tag, email, name, role, "", provider_id, **sees)
    links.send(work, Purpose.INVITE, staff_id, email_address(email))
    return staff_id


def invite_again(work: UnitOfWork, actor: StaffActor, staff_id: int) -> None:
    """Send the invitation once more. Raises NotAllowed when it was taken up."""
    actor.must(Permission.MANAGE_STAFF)
    someone = member(work, staff_id)
    if someone.has_password or not someone.is_active:
        raise NotAllowed()
    links.send(work, Purpose.INVITE, staff_id, someone.email)


def change(
    work: UnitOfWork,
    actor: StaffActor,
    staff_id: int,
    *,
    name: str,
    role: str,
    provider_id: int | None,
    sees_every_calendar: bool | None = None,
    sees_every_patient: bool | None = None,
) -> None:
    """Change a name, a role, whose calendar is theirs, what of a provider's colleagues they see (None: as before).

    With the role their sessions end; what they see holds from their next click on. Raises Invalid, NotAllowed; Conflict
    when nobody would be an owner any more.
    """
    actor.must(Permission.MANAGE_STAFF)
    before = member(work, staff_id)
    usable(name, role)
    if before.role == "owner" and role != "owner":
        _another_owner(work, staff_id)
    every_calendar = before.sees_every_calendar if sees_every_calendar is None else sees_every_calendar
    every_patient = before.sees_every_patient if sees_every_patient is None else sees_every_patient
    values: dict[str, Any] = {"name": name.strip(), "role": role, "provider_id": provider_id}
    values |= _sees(role, provider_id, every_calendar, every_patient)
    was = {one: getattr(before, one) for one in values}
    if values == was:
        return
    work.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(**values))
    if role != before.role:
        sessions.end_all(work, Kind.STAFF, staff_id)
    work.record(actor.tag, "staff.changed", f"staff:{staff_id}", before=was, after=values)


def switch(work: UnitOfWork, actor: StaffActor, staff_id: int, *, is_active: bool) -> None:
    """Let someone in no more, or again; nothing is deleted. Raises NotAllowed, Conflict for the last owner."""
    actor.must(Permission.MANAGE_STAFF)
    before = member(work, staff_id)
    if before.role == "owner" and not is_active:
        _another_owner(work, staff_id)
    changed = and_(_STAFF.c.id == staff_id, _STAFF.c.is_active != is_active)
    if work.execute(update(_STAFF).where(changed).values(is_active=is_active)).rowcount:
        sessions.end_all(work, Kind.STAFF, staff_id)
        work.record(actor.tag, "staff.switched_on" if is_active else "staff.switched_off", f"staff:{staff_id}")


def end_sessions(work: UnitOfWork, actor: StaffActor, staff_id: int) -> None:
    """Sign someone of the staff out everywhere. Raises NotAllowed."""
    if staff_id != actor.staff_id:
        actor.must(Permission.MANAGE_STAFF)
    ended = sessions.end_all(work, Kind.STAFF, staff_id, but=actor.session_id)
    work.record(actor.tag, "staff.signed_out_everywhere", f"staff:{staff_id}", sessions=ended)


def credentials(read: Reading, email: str) -> Credentials | None:
    """What a typed password is compared with; None for nobody, or who is not let in."""
    found = and_(_STAFF.c.email_key == email_key(email.strip()), _STAFF.c.is_active, _STAFF.c.password_hash != "")
    row = read.execute(select(_STAFF).where(found)).first()
    return Credentials(row.id, row.email, row.password_hash) if row else None


def entered(
    work: UnitOfWork,
    known: Credentials,
    *,
    device: str,
    address: str,
    is_second_factor_required: bool,
    new_hash: str | None = None,
) -> tuple[str, Stage]:
    """The password was right: begin a session, halfway where a second factor is due; its cookie's token, how far.

    Raises Conflict when the password was changed meanwhile.
    """
    same = and_(_STAFF.c.id == known.subject_id, _STAFF.c.password_hash == known.password_hash, _STAFF.c.is_active)
    row = work.execute(select(_STAFF).where(same)).first()
    if row is None:
        raise Conflict("staff_sign_in_wrong")
    entry.right(work, known.email, kind=Kind.STAFF)
    if new_hash:
        work.execute(update(_STAFF).where(same).values(password_hash=new_hash))
    stage = Stage.FULL
    if row.second_factor_at is not None:
        stage = Stage.CODE
    elif is_second_factor_required:
        stage = Stage.ENROL
    if stage is Stage.FULL:
        note_sign_in(work, row.id, device)
    return sessions.begin(work, Kind.STAFF, row.id, device=device, address=address, stage=stage), stage


def note_sign_in(work: UnitOfWork, staff_id: int, device: str) -> None:
    """Someone is in: when, and into the log."""
    work.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(last_signed_in_at=work.now))
    work.record(f"staff:{staff_id}", "staff.signed_in", f"staff:{staff_id}", device=device)


def signed_in(read: Reading, digest: str) -> tuple[StaffActor, SessionInfo] | None:
    """Who of the staff is behind a session cookie's digest, all the way in; None otherwise."""
    found = halfway(read, digest)
    return found if found and found[1].stage is Stage.FULL else None


def halfway(read: Reading, digest: str) -> tuple[StaffActor, SessionInfo] | None:
    """The same, at whatever stage; for the pages of the second factor alone."""
    session = sessions.find(read, Kind.STAFF, digest)
    if session is None:
        return None
    row = read.execute(select(_STAFF).where(and_(_STAFF.c.id == session.subject_id, _STAFF.c.is_active))).first()
    if row is None:
        return None
    actor = StaffActor(
        row.id, session.id, row.name, row.role, row.provider_id, row.sees_every_calendar, row.sees_every_patient
    )
    return actor, session


def forgot(work: UnitOfWork, email: str, *, address: str) -> None:
    """Send a link for a new password, if someone of the staff has the address. Raises TooMany."""
    entry.mail_asked(work, email, address=address)
    row = work.execute(
        select(_STAFF).where(and_(_STAFF.c.email_key == email_key(email.strip()), _STAFF.c.is_active))
    ).first()
    if row:
        links.send(work, Purpose.STAFF_RESET if row.password_hash else Purpose.INVITE, row.id, row.email)
    else:
        links.send(work, Purpose.NOBODY, 0, "")


def choose_password(work: UnitOfWork, purpose: Purpose, token: str, password_hash: str) -> int:
    """A password by link, of an invitation or a forgotten one; their id. Raises NotAllowed."""
    link = links.use(work, purpose, token)
    mine = and_(_STAFF.c.id == link.subject_id, _STAFF.c.is_active)
    if work.execute(update(_STAFF).where(mine).values(password_hash=password_hash)).rowcount != 1:
        raise NotAllowed("link_ended")
    if purpose is Purpose.STAFF_RESET:
        links.send(work, Purpose.STAFF_PASSWORD_CHANGED, link.subject_id, link.email)
    for other in (Purpose.INVITE, Purpose.STAFF_RESET):
        links.end(work, other, link.subject_id)
    sessions.end_all(work, Kind.STAFF, link.subject_id)
    work.record(f"staff:{link.subject_id}", "staff.password_chosen", f"staff:{link.subject_id}")
    return link.subject_id


def credentials_of(read: Reading, staff_id: int) -> Credentials:
    """What the password of one who is signed in is compared with. Raises NotAllowed."""
    row = read.execute(select(_STAFF).where(and_(_STAFF.c.id == staff_id, _STAFF.c.is_active))).first()
    if row is None:
        raise NotAllowed()
    return Credentials(row.id, row.email, row.password_hash)


def change_password(work: UnitOfWork, known: Credentials, password_hash: str, *, here: int) -> None:
    """A new password by one who proved the old one; their other browsers are signed out. Raises Conflict."""
    same = and_(_STAFF.c.id == known.subject_id, _STAFF.c.password_hash == known.password_hash)
    if work.execute(update(_STAFF).where(same).values(password_hash=password_hash)).rowcount != 1:
        raise Conflict("password_changed_meanwhile")
    links.end(work, Purpose.STAFF_RESET, known.subject_id)
    links.send(work, Purpose.STAFF_PASSWORD_CHANGED, known.subject_id, known.email)
    sessions.end_all(work, Kind.STAFF, known.subject_id, but=here)
    work.record(f"staff:{known.subject_id}", "staff.password_changed", f"staff:{known.subject_id}")


def member(read: Reading, staff_id: int) -> StaffMember:
    """Someone of the staff. Raises NotAllowed."""
    row = read.execute(select(_STAFF).where(_STAFF.c.id == staff_id)).first()
    if row is None:
        raise NotAllowed()
    return _member(row)


def members(read: Reading) -> list[StaffMember]:
    """Everyone of the staff, those let in first, by name."""
    rows = read.execute(select(_STAFF).order_by(_STAFF.c.is_active.desc(), func.lower(_STAFF.c.name)))
    return [_member(row) for row in rows]


def names(read: Reading) -> dict[str, str]:
    """Everyone of the staff, as the log names them, in the order of `members`."""
    return {f"staff:{one.id}": one.name for one in members(read)}


def _insert(
    work: UnitOfWork,
    by: str,
    email: str,
    name: str,
    role: str,
    password_hash: str,
    provider_id: int | None = None,
    **sees: bool,
) -> int:
    usable(name, role)
    address = email_address(email)
    key = email_key(address)
    if work.execute(select(_STAFF.c.id).where(_STAFF.c.email_key == key)).first():
        raise Conflict("staff_known")
    staff_id = work.execute(
        insert(_STAFF).returning(_STAFF.c.id),
        {
            "email": address,
            "email_key": key,
            "name": name.strip(),
            "role": role,
            "password_hash": password_hash,
            "is_active": True,
            "created_at": work.now,
            "provider_id": provider_id,
            "second_factor_step": 0,
            "sees_every_calendar": True,
            "sees_every_patient": True,
            **sees,
        },
    ).scalar_one()
    work.record(by, "staff.added", f"staff:{staff_id}", role=role, **(sees if role == "provider" else {}))
    return int(staff_id)


def _sees(role: str, provider_id: int | None, every_calendar: bool, every_patient: bool) -> dict[str, bool]:
    """What is kept of it: every role but a provider's sees all. Raises Invalid where "their own" would be nobody's."""
    if role != "provider":
        return {"sees_every_calendar": True, "sees_every_patient": True}
    if provider_id is None and not (every_calendar and every_patient):
        raise Invalid("provider_id", "own_is_nobodys")
    return {"sees_every_calendar": every_calendar, "sees_every_patient": every_patient}


def usable(name: str, role: str) -> None:
    """Whether someone may be called so, in such a role. Raises Invalid."""
    if role not in MAY:
        raise Invalid("role", "role_unknown")
    if not name.strip():
        raise Invalid("name", "name_missing")
    if len(name.strip()) > NAME_MAX:
        raise Invalid("name", "name_long", limit=NAME_MAX)


def _another_owner(work: UnitOfWork, staff_id: int) -> None:
    work.in_turn("staff", "owners")
    others = and_(_STAFF.c.role == "owner", _STAFF.c.is_active, _STAFF.c.password_hash != "", _STAFF.c.id != staff_id)
    if not work.execute(select(_STAFF.c.id).where(others)).first():
        raise Conflict("last_owner")


def _member(row: Row[Any]) -> StaffMember:
    return StaffMember(
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        provider_id=row.provider_id,
        sees_every_calendar=row.sees_every_calendar,
        sees_every_patient=row.sees_every_patient,
        is_active=row.is_active,
        has_password=bool(row.password_hash),
        has_second_factor=row.second_factor_at is not None,
        last_signed_in_at=row.last_signed_in_at,
    )

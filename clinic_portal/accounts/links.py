"""Links sent by e-mail: each for one purpose, once, for a while (S11, rule 10a).

The token is not stored: it follows from a nonce and the installation's key, and only its digest is looked up. Opening
a link changes nothing (scanners follow them); the button on its page does.
"""

from datetime import timedelta

from sqlalchemy import and_, delete, func, insert, select, update

from clinic_portal.accounts import models
from clinic_portal.accounts.types import LinkSheet, Purpose
from clinic_portal.core import crypto, ids, outbox
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork

_TABLE = table(models.Link)
LASTS = {
    Purpose.ACTIVATE: timedelta(days=14),
    Purpose.REGISTER: timedelta(days=1),
    Purpose.KNOWN: timedelta(days=1),
    Purpose.RESET: timedelta(hours=1),
    Purpose.NOBODY: timedelta(hours=1),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
    Purpose.EMAIL_CHANGED: timedelta(days=7),
    Purpose.PASSWORD_CHANGED: timedelta(days=7),
    Purpose.INVITE: timedelta(days=7),
    Purpose.STAFF_RESET: timedelta(hours=1),
    Purpose.STAFF_PASSWORD_CHANGED: timedelta(days=7),
    Purpose.PAY_FEE: timedelta(days=30),
}


def send(work: UnitOfWork, purpose: Purpose, subject_id: int, email: str) -> int:
    """Make a link about `subject_id` and ask for its e-mail to `email`; an earlier one for the same ends."""
    end(work, purpose, subject_id)
    link_id = make(work, purpose, subject_id, email)
    work.emit("link.sent", f"link:{link_id}", priority=outbox.URGENT, link_id=link_id)
    return link_id


def make(work: UnitOfWork, purpose: Purpose, subject_id: int, email: str) -> int:
    """Make a link that travels in a letter of another's writing; earlier ones for the same stay open beside it."""
    nonce = ids.nonce()
    link_id = work.execute(
        insert(_TABLE).returning(_TABLE.c.id),
        {
            "purpose": purpose.value,
            "subject_id": subject_id,
            "email": email,
            "nonce": nonce,
            "token_digest": crypto.digest(_token(work, purpose, nonce)),
            "created_at": work.now,
            "expires_at": work.now + LASTS[purpose],
        },
    ).scalar_one()
    return int(link_id)


def newest(read: Reading, purpose: Purpose, subject_id: int) -> LinkSheet | None:
    """The newest open link about a subject, token included; for the sender of its letter alone."""
    mine = and_(_TABLE.c.purpose == purpose.value, _TABLE.c.subject_id == subject_id)
    is_open = and_(_TABLE.c.used_at.is_(None), _TABLE.c.expires_at > read.now)
    found = read.execute(select(_TABLE.c.id).where(mine, is_open).order_by(_TABLE.c.id.desc()).limit(1)).scalar()
    return sheet(read, found) if found is not None else None


def look(read: Reading, purpose: Purpose, token: str) -> LinkSheet:
    """The open link behind a token. Raises NotAllowed for one that is unknown, for another purpose, used or over."""
    row = read.execute(select(_TABLE).where(_TABLE.c.token_digest == crypto.digest(token))).first()
    if row is None or row.purpose != purpose or row.used_at is not None or row.expires_at <= read.now:
        raise NotAllowed("link_ended")
    return sheet(read, row.id)


def use(work: UnitOfWork, purpose: Purpose, token: str) -> LinkSheet:
    """Use a link up. Raises NotAllowed like `look`, also for the second of two uses at once."""
    found = look(work, purpose, token)
    mine = and_(_TABLE.c.id == found.id, _TABLE.c.used_at.is_(None))
    if work.execute(update(_TABLE).where(mine).values(used_at=work.now)).rowcount != 1:
        raise NotAllowed("link_ended")
    work.emit("link.used", f"link.used:{found.id}", link_id=found.id)
    return found


def end(work: UnitOfWork, purpose: Purpose, subject_id: int) -> None:
    """End the open links of a purpose about a subject."""
    if purpose is Purpose.NOBODY:
        return
    same = and_(_TABLE.c.purpose == purpose.value, _TABLE.c.subject_id == subject_id, _TABLE.c.used_at.is_(None))
    work.execute(update(_TABLE).where(same).values(used_at=work.now))


def sheet(read: Reading, link_id: int) -> LinkSheet:
    """A link as its e-mail needs it, token included; for the sender alone. Raises NotAllowed."""
    row = read.execute(select(_TABLE).where(_TABLE.c.id == link_id)).first()
    if row is None:
        raise NotAllowed()
    purpose = Purpose(row.purpose)
    return LinkSheet(
        id=row.id,
        purpose=purpose,
        subject_id=row.subject_id,
        email=row.email,
        token=_token(read, purpose, row.nonce),
        expires_at=row.expires_at,
        is_open=row.used_at is None and row.expires_at > read.now,
    )


def forget_old(work: UnitOfWork) -> int:
    """Delete links that ended a month ago, but never the newest.

    SQLite gives the number of a last row out again, and a letter is written once for each number.
    """
    newest = select(func.max(_TABLE.c.id)).scalar_subquery()
    old = and_(_TABLE.c.expires_at < work.now - timedelta(days=30), _TABLE.c.id < newest)
    return work.execute(delete(_TABLE).where(old)).rowcount  # type: ignore[no-any-return]


def _token(read: Reading, purpose: Purpose, nonce: str) -> str:
    return crypto.keyed(read.settings.key, f"link:{purpose.value}", nonce)

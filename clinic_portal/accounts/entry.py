"""Patients' accounts: who may try to sign in how often, what a password is compared with, what a sign-in leaves.

Whose profile an account opens is the `patients` domain's to say.
"""

from datetime import timedelta

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from clinic_portal.accounts import limits, links, models, sessions
from clinic_portal.accounts.emails import email_key
from clinic_portal.accounts.types import Credentials, Kind, Limit, Purpose
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork

PER_ADDRESS = Limit("sign_in_per_address", 60, timedelta(minutes=15))
WRONG_PER_ACCOUNT = Limit("sign_in_per_account", 10, timedelta(minutes=15))
MAIL_PER_EMAIL = Limit("mail_per_email", 4, timedelta(hours=1))
MAIL_PER_ADDRESS = Limit("mail_per_address", 20, timedelta(hours=1))
_ACCOUNT = table(models.Account)


def knock(work: UnitOfWork, email: str, *, address: str, kind: Kind = Kind.PATIENT) -> None:
    """Count a try to sign in, before anything is looked at. Raises TooMany, for known and unknown addresses alike."""
    limits.spend(work, PER_ADDRESS, address)
    limits.check_in_turn(work, WRONG_PER_ACCOUNT, f"{kind.value} {email_key(email)}")


def wrong(work: UnitOfWork, email: str, *, kind: Kind = Kind.PATIENT) -> None:
    """Count a wrong password."""
    limits.spend(work, WRONG_PER_ACCOUNT, f"{kind.value} {email_key(email)}")


def mail_asked(work: UnitOfWork, email: str, *, address: str) -> None:
    """Count a request that sends an e-mail to an address somebody typed. Raises TooMany."""
    limits.spend(work, MAIL_PER_ADDRESS, address)
    limits.spend(work, MAIL_PER_EMAIL, email_key(email))


def credentials(read: Reading, email: str) -> Credentials | None:
    """What a typed password is to be compared with; None without an account."""
    row = read.execute(select(_ACCOUNT).where(_ACCOUNT.c.email_key == email_key(email.strip()))).first()
    return Credentials(row.id, row.email, row.password_hash) if row else None


def credentials_of(read: Reading, account_id: int) -> Credentials:
    """The same for one who is signed in and must prove it once more. Raises NotAllowed."""
    row = read.execute(select(_ACCOUNT).where(_ACCOUNT.c.id == account_id)).first()
    if row is None:
        raise NotAllowed()
    return Credentials(row.id, row.email, row.password_hash)


def ever_signed_in() -> Select[tuple[int]]:
    """A statement for the ids of accounts that were entered at least once."""
    return select(_ACCOUNT.c.id).where(_ACCOUNT.c.first_signed_in_at.is_not(None))


def create(work: UnitOfWork, *, email: str, password_hash: str) -> int:
    """An account for an address that was proved. Raises Conflict when it has one."""
    values = {"email": email, "email_key": email_key(email), "password_hash": password_hash, "created_at": work.now}
    if work.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.email_key == email_key(email))).first():
        raise Conflict("account_known")
    try:
        account_id = work.execute(insert(_ACCOUNT).returning(_ACCOUNT.c.id), values).scalar_one()
    except IntegrityError:
        raise Conflict("account_known") from None
    work.record(f"account:{account_id}", "account.created", f"account:{account_id}")
    return int(account_id)


def entered(work: UnitOfWork, known: Credentials, *, device: str, address: str, new_hash: str | None = None) -> str:
    """The password was right: sign this browser in; its cookie's token.

    `new_hash` replaces a hash made at an older cost. Raises Conflict when the password was changed meanwhile.
    """
    first = func.coalesce(_ACCOUNT.c.first_signed_in_at, work.now)
    same = (_ACCOUNT.c.id == known.subject_id) & (_ACCOUNT.c.password_hash == known.password_hash)
    values = {"first_signed_in_at": first, "last_signed_in_at": work.now}
    if new_hash:
        values["password_hash"] = new_hash
    if work.execute(update(_ACCOUNT).where(same).values(**values)).rowcount != 1:
        raise Conflict("sign_in_wrong")
    work.record(f"account:{known.subject_id}", "account.signed_in", f"account:{known.subject_id}", device=device)
    return sessions.begin(work, Kind.PATIENT, known.subject_id, device=device, address=address)


def forgot(work: UnitOfWork, email: str, *, address: str) -> None:
    """Send a link for a new password, if the address has an account; from outside it looks the same. Raises TooMany."""
    mail_asked(work, email, address=address)
    known = credentials(work, email)
    if known:
        links.send(work, Purpose.RESET, known.subject_id, known.email)
    else:
        links.send(work, Purpose.NOBODY, 0, "")


def reset(work: UnitOfWork, token: str, password_hash: str) -> None:
    """A new password by link: every browser is signed out. Raises NotAllowed."""
    link = links.use(work, Purpose.RESET, token)
    _set_password(work, link.subject_id, password_hash)
    sessions.end_all(work, Kind.PATIENT, link.subject_id)


def change_password(work: UnitOfWork, known: Credentials, password_hash: str, *, here: int) -> None:
    """A new password by one who proved the old one: every other browser is signed out. Raises Conflict."""
    if credentials_of(work, known.subject_id).password_hash != known.password_hash:
        raise Conflict("password_changed_meanwhile")
    _set_password(work, known.subject_id, password_hash)
    sessions.end_all(work, Kind.PATIENT, known.subject_id, but=here)


def begin_email_change(work: UnitOfWork, account_id: int, email: str, *, address: str) -> None:
    """Send a link to the new address; nothing changes before it is used. Raises TooMany.

    Whether another account has it is not said here: only its owner could use the link.
    """
    mail_asked(work, email, address=address)
    links.send(work, Purpose.CHANGE_EMAIL, account_id, email)


def finish_email_change(work: UnitOfWork, token: str) -> tuple[int, str]:
    """The new address was proved: it is the account's now; every browser is signed out.

    Returns (account id, new address). Raises NotAllowed for a link that has ended, Conflict when another
    account has the address.
    """
    link = links.use(work, Purpose.CHANGE_EMAIL, token)
    before = credentials_of(work, link.subject_id).email
    taken = select(_ACCOUNT.c.id).where(_ACCOUNT.c.email_key == email_key(link.email), _ACCOUNT.c.id != link.subject_id)
    if work.execute(taken).first():
        raise Conflict("account_known")
    work.execute(
        update(_ACCOUNT)
        .where(_ACCOUNT.c.id == link.subject_id)
        .values(email=link.email, email_key=email_key(link.email))
    )
    links.end(work, Purpose.RESET, link.subject_id)
    sessions.end_all(work, Kind.PATIENT, link.subject_id)
    work.record(f"account:{link.subject_id}", "account.email_changed", f"account:{link.subject_id}")
    links.send(work, Purpose.EMAIL_CHANGED, link.subject_id, before)
    return link.subject_id, link.email


def _set_password(work: UnitOfWork, account_id: int, password_hash: str) -> None:
    work.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(password_hash=password_hash))
    for purpose in (Purpose.RESET, Purpose.CHANGE_EMAIL):
        links.end(work, purpose, account_id)
    work.record(f"account:{account_id}", "account.password_changed", f"account:{account_id}")
    at = int(work.now.timestamp())
    work.emit("account.password_changed", f"account.password_changed:{account_id}:{at}", account_id=account_id, at=at)

"""How a patient comes to a portal: by registering (S18-S21) or by the Welcome Email (S10-S15).

Either way the e-mail address is proved first, and only then does an account exist and a profile belong to it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, exists, func, insert, not_, or_, select, update

from clinic_portal.accounts import entry, links
from clinic_portal.accounts.emails import email_key
from clinic_portal.accounts.types import LinkSheet, Purpose
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients import models, rules
from clinic_portal.patients.actions import WITHDRAWN
from clinic_portal.patients.types import Contact, Invitation, Pending

_PATIENT = table(models.Patient)
_CLAIM = table(models.ProfileClaim)
_REGISTRATION = table(models.Registration)
DETAILS = ("birth_on", "pronouns", "street", "city", "region", "postal_code", "country")
"""What the registration page asks for beside the contact; each may be left empty."""


def register(
    work: UnitOfWork,
    contact: Contact,
    details: Mapping[str, str],
    *,
    password_hash: str,
    owner: str,
    address: str,
) -> None:
    """Keep a registration and send a link that proves its address (S18, S19). Raises TooMany.

    An address that has an account gets another e-mail, which says so; from outside it looks the same (rule 8).
    """
    entry.mail_asked(work, contact.email, address=address)
    registration_id = work.execute(
        insert(_REGISTRATION).returning(_REGISTRATION.c.id),
        {
            "email": contact.email,
            "email_key": email_key(contact.email),
            "password_hash": password_hash,
            "details": {**{name: details.get(name, "") for name in DETAILS}, **asdict(contact)},
            "owner": owner,
            "created_at": work.now,
        },
    ).scalar_one()
    known = entry.credentials(work, contact.email)
    if known:
        links.send(work, Purpose.KNOWN, known.subject_id, known.email)
    else:
        links.send(work, Purpose.REGISTER, registration_id, contact.email)


def send_again(work: UnitOfWork, email: str, *, address: str) -> None:
    """Send the newest registration's link once more; from outside it looks the same without one. Raises TooMany."""
    entry.mail_asked(work, email, address=address)
    newest = select(_REGISTRATION).where(_REGISTRATION.c.email_key == email_key(email.strip()))
    row = work.execute(newest.order_by(_REGISTRATION.c.id.desc()).limit(1)).first()
    if row is not None and entry.credentials(work, row.email) is None:
        links.send(work, Purpose.REGISTER, row.id, row.email)
    else:
        links.send(work, Purpose.NOBODY, 0, "")


def pending(read: Reading, token: str, owner: str) -> Pending:
    """The registration behind a link. Raises NotAllowed.

    In another browser than the one that registered, its password is asked for: else somebody could register another
    person's address and wait for them to press the button.
    """
    link = links.look(read, Purpose.REGISTER, token)
    row = read.execute(select(_REGISTRATION).where(_REGISTRATION.c.id == link.subject_id)).first()
    if row is None:
        raise NotAllowed("link_ended")
    is_same = bool(owner) and row.owner == owner
    return Pending(row.details["given_name"], row.email, row.password_hash, needs_password=not is_same)


def confirm(work: UnitOfWork, token: str) -> tuple[int, int]:
    """The address of a registration was proved: an account, tied to the profile the clinic has or a new one (S20).

    Returns (account id, patient id). Raises NotAllowed for a link that has ended, Conflict when the address got an
    account meanwhile.
    """
    link = links.use(work, Purpose.REGISTER, token)
    row = work.execute(select(_REGISTRATION).where(_REGISTRATION.c.id == link.subject_id)).first()
    if row is None:
        raise NotAllowed("link_ended")
    work.in_turn("profile", row.email_key)
    account_id = entry.create(work, email=row.email, password_hash=row.password_hash)
    patient_id = _tie(work, account_id, row.email, row.details)
    work.execute(delete(_REGISTRATION).where(_REGISTRATION.c.email_key == row.email_key))
    return account_id, patient_id


def invited(read: Reading, token: str) -> LinkSheet:
    """The open link of a Welcome Email. Raises NotAllowed, also when its patient has an account already."""
    link = links.look(read, Purpose.ACTIVATE, token)
    if not read.execute(select(_PATIENT.c.id).where(_PATIENT.c.id == link.subject_id, _activatable(link))).first():
        raise NotAllowed("link_ended")
    return link


def activate(work: UnitOfWork, token: str, password_hash: str, *, phone: str) -> tuple[int, int]:
    """A Welcome Email was taken up: an account with a password of their own (S11).

    Whoever booked first typed the e-mail address and proved only the phone. The address is proved now, and its owner
    says what their number is: another one replaces the one on file, and waits for a code.

    Returns (account id, patient id). Raises NotAllowed for a link that has ended.
    """
    link = links.use(work, Purpose.ACTIVATE, token)
    work.in_turn("profile", email_key(link.email))
    account_id = entry.create(work, email=link.email, password_hash=password_hash)
    mine = and_(_PATIENT.c.id == link.subject_id, _activatable(link))
    if work.execute(update(_PATIENT).where(mine).values(account_id=account_id)).rowcount != 1:
        raise NotAllowed("link_ended")
    _is_reached_at(work, account_id, link.subject_id, phone)
    work.record(f"account:{account_id}", "account.tied", f"patient:{link.subject_id}")
    return account_id, link.subject_id


def reset_password(work: UnitOfWork, token: str, password_hash: str) -> None:
    """A new password by link: every browser is signed out, and the calendar's private address ends.

    Raises NotAllowed for a link that has ended.
    """
    account_id = entry.reset(work, token, password_hash)
    mine = _PATIENT.c.account_id == account_id
    work.execute(update(_PATIENT).where(mine).values(feed_nonce=None, feed_digest=None))


def change_email(work: UnitOfWork, token: str) -> None:
    """A new address was proved: the account and its profile have it. Raises NotAllowed, Conflict."""
    account_id, email = entry.finish_email_change(work, token)
    mine = _PATIENT.c.account_id == account_id
    work.execute(update(_PATIENT).where(mine).values(email=email, email_key=email_key(email)))


def welcome(work: UnitOfWork, patient_id: int, *, again: bool = False) -> bool:
    """Send the Welcome Email, once (S10, S13); `again` sends it to one who was welcomed and never logged in (S15).

    Not to a profile kept apart, whose e-mail address nobody proved; whether it was sent.
    """
    due = [_PATIENT.c.id == patient_id, _never_signed_in()]
    if not again:
        due.append(_PATIENT.c.welcomed_at.is_(None))
    marked = work.execute(
        update(_PATIENT).where(and_(*due)).values(welcomed_at=work.now).returning(_PATIENT.c.email)
    ).scalar()
    if marked is None:
        return False
    known = entry.credentials(work, marked)
    if known:  # the account is there, by another profile or never used: the way in is a new password
        links.send(work, Purpose.KNOWN, known.subject_id, known.email)
    else:
        links.send(work, Purpose.ACTIVATE, patient_id, marked)
    return True


def count_never_signed_in(read: Reading) -> int:
    """How many patients have never logged in to their portal (S14)."""
    return int(read.execute(select(func.count()).select_from(_PATIENT).where(_never_signed_in())).scalar_one())


def about_how_many_never_signed_in(read: Reading) -> int:
    """The same, up to half a minute old: with 100,000 patients it takes 0.2 s to count, and many pages show it."""
    half_minute = int(read.now.timestamp()) // 30
    return read.kept("never signed in", half_minute, lambda: count_never_signed_in(read))


def next_never_signed_in(read: Reading, after_id: int, limit: int) -> list[int]:
    """Ids of patients who have never logged in, ascending from an id on (S15)."""
    later = and_(_PATIENT.c.id > after_id, _never_signed_in())
    return list(read.execute(select(_PATIENT.c.id).where(later).order_by(_PATIENT.c.id).limit(limit)).scalars())


def invitation(read: Reading, patient_id: int) -> Invitation:
    """Whom a Welcome Email is to. Raises NotAllowed."""
    row = read.execute(select(_PATIENT).where(_PATIENT.c.id == patient_id)).first()
    if row is None:
        raise NotAllowed()
    return Invitation(row.given_name, row.email, row.language)


def registered_name(read: Reading, registration_id: int) -> str:
    """The given name in a registration; empty when it is gone."""
    row = read.execute(select(_REGISTRATION.c.details).where(_REGISTRATION.c.id == registration_id)).first()
    return str(row.details["given_name"]) if row else ""


def forget_old(work: UnitOfWork) -> int:
    """Delete registrations whose link ended long ago."""
    old = _REGISTRATION.c.created_at < work.now - 3 * links.LASTS[Purpose.REGISTER]
    return work.execute(delete(_REGISTRATION).where(old)).rowcount  # type: ignore[no-any-return]


def _tie(work: UnitOfWork, account_id: int, email: str, details: Mapping[str, str]) -> int:
    """Tie an account to the profile that has its address, filling what is empty there; else to a new one (S20, S21)."""
    given = {name: details[name] for name in DETAILS if details.get(name) and name != "birth_on"}
    birth_on = date.fromisoformat(details["birth_on"]) if details.get("birth_on") else None
    known, is_only = _profile_of(work, email, details, birth_on)
    if known is not None:
        filled = {name: value for name, value in given.items() if not getattr(known, name)}
        if birth_on and known.birth_on is None:
            filled["birth_on"] = birth_on  # type: ignore[assignment]
        work.execute(update(_PATIENT).where(_PATIENT.c.id == known.id).values(account_id=account_id, **filled))
        patient_id = int(known.id)
        names = {name: details[name] for name in rules.NAMES} if is_only else {}
        _is_reached_at(work, account_id, patient_id, details["phone"], **names)
    else:
        patient_id = work.execute(
            insert(_PATIENT).returning(_PATIENT.c.id),
            {
                **{name: "" for name in DETAILS if name != "birth_on"},
                **given,
                "birth_on": birth_on,
                "given_name": details["given_name"],
                "family_name": details["family_name"],
                "search_key": rules.search_key(details["given_name"], details["family_name"]),
                "email": email,
                "email_key": email_key(email),
                "phone": details["phone"],
                "language": details.get("language", "en"),
                "created_at": work.now,
                "account_id": account_id,
                "emergency_name": "",
                "emergency_phone": "",
                "wants_email_reminders": True,
                "wants_sms_reminders": True,
                "wants_news": False,
            },
        ).scalar_one()
        work.record(f"account:{account_id}", "patient.created", f"patient:{patient_id}")
    work.record(f"account:{account_id}", "account.tied", f"patient:{patient_id}")
    return int(patient_id)


def _profile_of(
    read: Reading, email: str, details: Mapping[str, str], birth_on: date | None
) -> tuple[Row[Any] | None, bool]:
    """The profile without an account that a registration means, and whether it is the only one with the address.

    Where a family shares the address, it is the one of that name, unless a date of birth says that they are two.
    """
    there = and_(
        _PATIENT.c.email_key == email_key(email), _PATIENT.c.merged_into_id.is_(None), not_(_kept_apart(_PATIENT))
    )
    known = read.execute(select(_PATIENT).where(there)).all()
    is_only = len(known) == 1
    name = rules.search_key(*(details[part] for part in rules.NAMES))
    meant = [
        row
        for row in known
        if is_only or (row.search_key == name and (None in (row.birth_on, birth_on) or row.birth_on == birth_on))
    ]
    found = meant[0] if len(meant) == 1 and meant[0].account_id is None else None
    return found, is_only


def _is_reached_at(work: UnitOfWork, account_id: int, patient_id: int, phone: str, **names: str) -> None:
    """The e-mail's owner says what their number is (and name): another than the one on file waits for a code.

    Else whoever booked first under somebody's address would go on reading that person's messages (rule 10a).
    """
    other = and_(_PATIENT.c.id == patient_id, _PATIENT.c.phone != phone)
    values: dict[str, object] = {"phone": phone, "phone_verified_at": None, **names}
    if names:
        values["search_key"] = rules.search_key(*names.values())
    if work.execute(update(_PATIENT).where(other).values(**values)).rowcount:
        fields = sorted(values.keys() - {"phone_verified_at", "search_key"})
        work.record(f"account:{account_id}", "patient.changed", f"patient:{patient_id}", fields=fields)


def _activatable(link: LinkSheet) -> ColumnElement[bool]:
    return and_(
        _PATIENT.c.email_key == email_key(link.email),
        _PATIENT.c.account_id.is_(None),
        _PATIENT.c.merged_into_id.is_(None),
    )


def _never_signed_in() -> ColumnElement[bool]:
    """A profile of its own whose portal nobody has ever entered."""
    entered = _PATIENT.c.account_id.in_(entry.ever_signed_in())
    other = _PATIENT.alias("other")
    by_other = exists().where(  # a family's shared address: its portal is known, by another profile
        and_(other.c.email_key == _PATIENT.c.email_key, other.c.id != _PATIENT.c.id, other.c.account_id.is_not(None))
    )
    return and_(
        _PATIENT.c.merged_into_id.is_(None),
        _PATIENT.c.email_key != "",  # whom the clinic reaches by phone alone
        or_(_PATIENT.c.account_id.is_(None), not_(entered)),
        not_(_kept_apart(_PATIENT)),
        or_(_PATIENT.c.account_id.is_not(None), not_(by_other)),
    )


def _kept_apart(patient: Table) -> ColumnElement[bool]:
    """Made under a known e-mail with an unknown phone, and the e-mail's owner has not said that it is theirs.

    No more once staff gave it another address: nobody at the old one has a say in it.
    """
    asked = or_(_CLAIM.c.answer.is_(None), _CLAIM.c.answer != WITHDRAWN)
    return exists().where(_CLAIM.c.patient_id == patient.c.id, asked)

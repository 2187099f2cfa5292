"""A patient's own information: seen, changed (S1, S2, S26, S36), and the private address of their calendar."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, or_, select, update

from clinic_portal.accounts import codes
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.core import crypto, ids
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients import models, rules
from clinic_portal.patients.access import must_see
from clinic_portal.patients.types import PatientSheet, Profile

PHONE_CODE = "profile_phone"
_PATIENT = table(models.Patient)


def own(read: Reading, patient_id: int) -> Profile:
    """All information of a profile. Raises NotAllowed."""
    return _profile(_row(read, patient_id))


def for_staff(read: Reading, actor: StaffActor, patient_id: int) -> PatientSheet:
    """A patient as staff see them. Raises NotAllowed for whom they may not see, for nobody, and a merged profile."""
    must_see(read, actor, patient_id)
    row = _row(read, patient_id)
    if row.merged_into_id is not None:
        raise NotAllowed()
    return PatientSheet(row.id, _profile(row), row.created_at, row.welcomed_at, row.account_id is not None)


def change(
    work: UnitOfWork, actor_tag: str, patient_id: int, *, phone_region: str, zone: str, typed: Mapping[str, str]
) -> None:
    """Change information as typed; phone numbers are read as dialled from `phone_region`, `zone` says what today is.

    Raises Unusable with every field at fault. The log names the fields, never what stands in them. Phone and e-mail
    address are changed apart: each must be proved.
    """
    unknown = typed.keys() - {*rules.NAMES, *rules.LINES, "birth_on", "emergency_phone"}
    if unknown:
        raise ValueError(f"not a profile's fields: {sorted(unknown)}")
    today = work.now.astimezone(ZoneInfo(zone)).date()
    values, faults = rules.profile(typed, region=phone_region, today=today)
    if faults:
        raise Unusable(faults)
    before = work.execute(select(_PATIENT).where(_PATIENT.c.id == patient_id)).first()
    if before is None:
        raise NotAllowed()
    different = {name: value for name, value in values.items() if getattr(before, name) != value}
    if different:
        names = (str(different.get(name, getattr(before, name))) for name in rules.NAMES)
        different["search_key"] = rules.search_key(*names)
        work.execute(update(_PATIENT).where(_PATIENT.c.id == patient_id).values(**different))
        work.record(
            actor_tag, "patient.changed", f"patient:{patient_id}", fields=sorted(different.keys() - {"search_key"})
        )


def change_notifications(
    work: UnitOfWork,
    actor_tag: str,
    patient_id: int,
    *,
    wants_email_reminders: bool,
    wants_sms_reminders: bool,
    wants_news: bool,
) -> None:
    """What the patient wants to be written about. Confirmations are not a matter of choice."""
    known = own(work, patient_id)
    wished = {
        "wants_email_reminders": wants_email_reminders,
        "wants_sms_reminders": wants_sms_reminders,
        "wants_news": wants_news,
    }
    before = {name: getattr(known, name) for name in wished}
    work.execute(update(_PATIENT).where(_PATIENT.c.id == patient_id).values(**wished))
    work.record(actor_tag, "patient.notifications_changed", f"patient:{patient_id}", before=before, after=wished)


def change_language(work: UnitOfWork, actor_tag: str, patient_id: int, language: str) -> None:
    """The language dates and money are told in. Raises Invalid for one that is not offered."""
    if language not in rules.LANGUAGES:
        raise Invalid("language", "language_unknown")
    before = own(work, patient_id).language
    work.execute(update(_PATIENT).where(_PATIENT.c.id == patient_id).values(language=language))
    work.record(actor_tag, "patient.language_changed", f"patient:{patient_id}", before=before, after=language)


def begin_phone_change(work: UnitOfWork, patient_id: int, owner: str, typed: str, *, region: str, address: str) -> str:
    """Send a code to a new number; nothing changes before it is typed. The number in E.164. Raises Invalid, TooMany."""
    phone = rules.phone_number(typed, region)
    known = own(work, patient_id)
    if phone == known.phone and known.phone_verified_at is not None:
        raise Conflict("phone_same")
    codes.send(work, purpose=PHONE_CODE, owner=owner, phone=phone, address=address)
    return phone


def finish_phone_change(
    work: UnitOfWork, actor_tag: str, patient_id: int, owner: str, phone: str, digits: str
) -> CodeAnswer:
    """Try the code; the right one makes the number the patient's (S66)."""
    answer = codes.answer(work, purpose=PHONE_CODE, owner=owner, phone=phone, digits=digits)
    if answer is CodeAnswer.RIGHT:
        mine = _PATIENT.c.id == patient_id
        work.execute(update(_PATIENT).where(mine).values(phone=phone, phone_verified_at=work.now))
        work.record(actor_tag, "patient.phone_changed", f"patient:{patient_id}")
    return answer


def start_feed(work: UnitOfWork, actor_tag: str, patient_id: int) -> None:
    """Give the patient's calendar a private address; an earlier one ends."""
    nonce = ids.nonce()
    digest = crypto.digest(_feed_token(work, nonce))
    work.execute(
        update(_PATIENT)
        .where(_PATIENT.c.id == patient_id)
        .values(feed_nonce=nonce, feed_digest=digest, feed_read_at=None)
    )
    work.record(actor_tag, "patient.feed_started", f"patient:{patient_id}")


def stop_feed(work: UnitOfWork, actor_tag: str, patient_id: int) -> None:
    """Take the calendar's address back: whoever has it sees nothing any more."""
    work.execute(update(_PATIENT).where(_PATIENT.c.id == patient_id).values(feed_nonce=None, feed_digest=None))
    work.record(actor_tag, "patient.feed_stopped", f"patient:{patient_id}")


def feed_token(read: Reading, patient_id: int) -> str | None:
    """The token in the address of a patient's calendar; None while there is none."""
    nonce = read.execute(select(_PATIENT.c.feed_nonce).where(_PATIENT.c.id == patient_id)).scalar()
    return _feed_token(read, nonce) if nonce else None


def patient_of_feed(read: Reading, token: str) -> int | None:
    """Whose calendar an address is; None for one that was revoked or never was."""
    known = and_(_PATIENT.c.feed_digest == crypto.digest(token), _PATIENT.c.merged_into_id.is_(None))
    found: int | None = read.execute(select(_PATIENT.c.id).where(known)).scalar()
    return found


def feed_read_at(read: Reading, patient_id: int) -> datetime | None:
    """When a calendar last looked at the patient's address."""
    found: datetime | None = read.execute(select(_PATIENT.c.feed_read_at).where(_PATIENT.c.id == patient_id)).scalar()
    return found


def note_feed_read(work: UnitOfWork, patient_id: int) -> None:
    """A calendar looked; written down once an hour."""
    hour_ago = work.now - timedelta(hours=1)
    stale = or_(_PATIENT.c.feed_read_at.is_(None), _PATIENT.c.feed_read_at <= hour_ago)
    work.execute(update(_PATIENT).where(_PATIENT.c.id == patient_id, stale).values(feed_read_at=work.now))


def _feed_token(read: Reading, nonce: str) -> str:
    return crypto.keyed(read.settings.key, "calendar-feed", nonce)


def _row(read: Reading, patient_id: int) -> Row[Any]:
    row: Row[Any] | None = read.execute(select(_PATIENT).where(_PATIENT.c.id == patient_id)).first()
    if row is None:
        raise NotAllowed()
    return row


def _profile(row: Row[Any]) -> Profile:
    return Profile(**{one.name: getattr(row, one.name) for one in fields(Profile)})

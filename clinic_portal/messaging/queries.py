"""Reads of messages: the text of one that is due, the ledger, the sandbox's mailbox."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from clinic_portal.accounts import links, staff
from clinic_portal.accounts.queries import phone_code
from clinic_portal.accounts.types import Purpose
from clinic_portal.booking import paperwork, telling
from clinic_portal.booking.access import visit_of
from clinic_portal.booking.queries import visit, visits_of
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms.filling import ANSWERED
from clinic_portal.messaging import account_letters, calendar, care, models, money, rendering, rules, visit_letters
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.types import Channel, Dropped, Kind, LedgerEntry, SandboxLetter, State
from clinic_portal.messaging.words import Words
from clinic_portal.patients.joining import invitation, registered_name
from clinic_portal.patients.queries import claim
from clinic_portal.payments import queries as payments

FEED_LOOKS_BACK = timedelta(days=90)
Shown = TypeVar("Shown")
Writer = Callable[[Reading, Any], Email | Sms | Dropped]
_MESSAGE = table(models.Message)
_SANDBOX = table(models.SandboxMessage)
_TEXT = table(models.MessageText)


def letter(read: Reading, message_id: int) -> Email | Sms | Dropped:
    """A message as it is to be sent now, or why it is not to be sent any more. For the worker alone."""
    row = read.session.execute(select(_MESSAGE).where(_MESSAGE.c.id == message_id)).first()
    if row is None:
        return Dropped("gone")
    if row.state != State.QUEUED:
        return Dropped("settled")
    try:
        written = _WRITERS[Kind(row.kind)](read, row)
    except NotAllowed:
        return Dropped("gone")
    if row.channel == Channel.SMS and isinstance(written, Email):
        return rendering.news_sms(letterhead(read), to=row.to_address, message_id=row.message_id)
    return written


def letterhead(read: Reading) -> rendering.Letterhead:
    """The clinic as messages and calendar files name it."""
    settings = read.settings
    rows = read.execute(select(_TEXT.c.name, _TEXT.c.channel, _TEXT.c.subject, _TEXT.c.heading, _TEXT.c.body))
    own = {(row.name, Channel(row.channel)): Words(row.subject, row.heading, row.body) for row in rows}
    url = settings.public_url.rstrip("/")
    return rendering.Letterhead(catalogue(read).clinic, url, settings.email_from, read.now, own)


def calendar_file(read: Reading, booked: Visit) -> bytes:
    """The calendar file of a visit for its patient to download (S83); the caller has authorised the visit."""
    return calendar.download(booked, letterhead(read).host, now=read.now)


def calendar_feed(read: Reading, patient_id: int) -> bytes:
    """All coming visits of a patient and those of the last three months, for a calendar that asks now and then."""
    known = visits_of(read, patient_id)
    shown = [*known.upcoming, *(one for one in known.past if one.start_at > read.now - FEED_LOOKS_BACK)]
    visits = [visit_of(read, patient_id, one.reference) for one in shown]
    return calendar.feed(visits, letterhead(read).host, now=read.now)


def calendar_links(read: Reading, booked: Visit) -> calendar.Links:
    """Links that put a visit into a web calendar (S83); the caller has authorised the visit."""
    return calendar.links(booked, letterhead(read).host)


def ledger(read: Reading, *, appointment_id: int | None = None, most: int = 100) -> tuple[LedgerEntry, ...]:
    """The newest messages, of one appointment or of all, and what became of them (B6)."""
    statement = select(_MESSAGE).order_by(_MESSAGE.c.id.desc()).limit(most)
    if appointment_id is not None:
        statement = statement.where(_MESSAGE.c.appointment_id == appointment_id)
    return tuple(_shown(row, LedgerEntry) for row in read.session.execute(statement))


def sandbox(read: Reading, *, most: int = 100) -> tuple[SandboxLetter, ...]:
    """What the sandbox senders "sent", newest first (B7)."""
    statement = select(_SANDBOX).order_by(_SANDBOX.c.id.desc()).limit(most)
    return tuple(_shown(row, SandboxLetter) for row in read.session.execute(statement))


def _booked(read: Reading, row: Any) -> Email | Sms | Dropped:
    booked = visit(read, row.subject_id)
    outdated = rules.outdated_visit(booked.status, booked.start_at, read.now)
    if outdated:
        return Dropped(outdated)
    if row.channel == Channel.SMS:
        return visit_letters.booked_sms(letterhead(read), booked, to=row.to_address, message_id=row.message_id)
    forms = [
        one.request.title
        for one in paperwork.of_visit(read, booked)
        if one.standing.state in ("to_do", "begun") and one.request.kind in ANSWERED
    ]
    paid = payments.booked_with(read, booked.appointment_id)
    card = telling.card_at_booking(paid) if paid else ""
    told: dict[str, Any] = {"to": row.to_address, "message_id": row.message_id, "forms": forms, "card": card}
    return visit_letters.booked_email(letterhead(read), booked, **told)


def _before(read: Reading, row: Any) -> Email | Dropped:
    return care.before_letter(read, letterhead(read), row)


def _after(read: Reading, row: Any) -> Email | Dropped:
    return care.after_letter(read, letterhead(read), row)


def _moved(read: Reading, row: Any) -> Email | Sms | Dropped:
    moved = visit(read, row.subject_id)
    outdated = rules.outdated_visit(moved.status, moved.start_at, read.now)
    if outdated or not row.dedupe_key.endswith(f":{moved.sequence}"):
        return Dropped(outdated or "moved_again")
    write = visit_letters.moved_email if row.channel == Channel.EMAIL else visit_letters.moved_sms
    return write(letterhead(read), moved, to=row.to_address, message_id=row.message_id)


def _cancelled(read: Reading, row: Any) -> Email | Sms | Dropped:
    cancelled = visit(read, row.subject_id)
    if cancelled.status != "cancelled":
        return Dropped("not_cancelled")
    if row.channel == Channel.SMS:
        return visit_letters.cancelled_sms(letterhead(read), cancelled, to=row.to_address, message_id=row.message_id)
    told = money.after_cancelling(read, cancelled)
    return visit_letters.cancelled_email(
        letterhead(read), cancelled, to=row.to_address, message_id=row.message_id, money=told
    )


def _money(write: Callable[[Reading, rendering.Letterhead, Any], Email | Sms | Dropped]) -> Writer:
    return lambda read, row: write(read, letterhead(read), row)


def _code(read: Reading, row: Any) -> Sms | Dropped:
    code = phone_code(read, row.subject_id)
    if not code.is_open:
        return Dropped("code_ended")
    return rendering.code_sms(letterhead(read), code, to=row.to_address, message_id=row.message_id)


def _claim(read: Reading, row: Any) -> Email | Dropped:
    opened = claim(read, row.subject_id)
    if not opened.is_open:
        return Dropped("claim_ended")
    zone = next(iter(catalogue(read).locations.values())).time_zone
    return rendering.claim_email(letterhead(read), opened, zone=zone, to=row.to_address, message_id=row.message_id)


def _link(read: Reading, row: Any) -> Email | Dropped:
    link = links.sheet(read, row.subject_id)
    if not link.is_open:
        return Dropped("link_ended")
    name = ""
    if link.purpose is Purpose.ACTIVATE:
        name = invitation(read, link.subject_id).given_name
    elif link.purpose is Purpose.REGISTER:
        name = registered_name(read, link.subject_id)
    elif link.purpose in (Purpose.INVITE, Purpose.STAFF_RESET):
        name = staff.member(read, link.subject_id).name
    zone = next(iter(catalogue(read).locations.values())).time_zone
    return account_letters.link_email(letterhead(read), link, name, zone=zone, message_id=row.message_id)


def _trial(read: Reading, row: Any) -> Email | Sms | Dropped:
    from clinic_portal.messaging import own_words  # it looks at all letters, and so knows this module

    return own_words.trial(read, row)


_WRITERS: dict[Kind, Writer] = {
    Kind.PAYMENT_RECEIPT: _money(money.receipt),
    Kind.FEE_FAILED: _money(money.failed_fee),
    Kind.FEE_WAIVED: _money(money.waived_fee),
    Kind.REFUND_DONE: _money(money.refund),
    Kind.NOT_BOOKED: _money(money.nothing_booked),
    Kind.APPOINTMENT_BOOKED: _booked,
    Kind.APPOINTMENT_MOVED: _moved,
    Kind.APPOINTMENT_CANCELLED: _cancelled,
    Kind.BEFORE_VISIT: _before,
    Kind.AFTER_VISIT: _after,
    Kind.PHONE_CODE: _code,
    Kind.PROFILE_CLAIM: _claim,
    Kind.ACCOUNT_LINK: _link,
    Kind.TRIAL: _trial,
}


def _shown(row: Any, shape: type[Shown]) -> Shown:
    return shape(**{name: getattr(row, name) for name in shape.__dataclass_fields__})  # type: ignore[attr-defined]

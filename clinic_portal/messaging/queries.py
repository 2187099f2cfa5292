"""Reads of messages: the text of one that is due, the ledger, the sandbox's mailbox."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from sqlalchemy import and_, or_, select

from clinic_portal.accounts import links, staff
from clinic_portal.accounts.queries import phone_code
from clinic_portal.accounts.types import Purpose
from clinic_portal.booking import paperwork, telling
from clinic_portal.booking.queries import visit
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms.filling import ANSWERED
from clinic_portal.messaging import (
    account_letters,
    care,
    membership_news,
    models,
    money,
    quiet,
    reminding,
    rendering,
    rules,
    visit_letters,
)
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.types import Channel, Dropped, Kind, Later, LedgerEntry, SandboxLetter, State
from clinic_portal.messaging.words import Words
from clinic_portal.patients.joining import invitation, registered_name
from clinic_portal.patients.queries import claim
from clinic_portal.payments import queries as payments

Shown = TypeVar("Shown")
Writer = Callable[[Reading, Any], Email | Sms | Dropped]
_MESSAGE = table(models.Message)
_SANDBOX = table(models.SandboxMessage)
_TEXT = table(models.MessageText)


def letter(read: Reading, message_id: int) -> Email | Sms | Dropped | Later:
    """A message as it is to be sent now, until when it waits, or why it is not to be sent any more. For the worker."""
    row = read.session.execute(select(_MESSAGE).where(_MESSAGE.c.id == message_id)).first()
    if row is None:
        return Dropped("gone")
    if row.state != State.QUEUED:
        return Dropped("settled")
    try:
        written = _WRITERS[Kind(row.kind)](read, row)
    except NotAllowed:
        return Dropped("gone")
    until = None if isinstance(written, Dropped) else quiet.wait_until(read, row)
    if until is not None:
        return Later(until)
    if row.channel == Channel.SMS and isinstance(written, Email):
        return rendering.news_sms(letterhead(read), to=row.to_address, message_id=row.message_id)
    return written


def letterhead(read: Reading) -> rendering.Letterhead:
    """The clinic as messages and calendar files name it."""
    settings = read.settings
    rows = read.execute(select(_TEXT.c.name, _TEXT.c.channel, _TEXT.c.subject, _TEXT.c.heading, _TEXT.c.body))
    own = {(row.name, Channel(row.channel)): Words(row.subject, row.heading, row.body) for row in rows}
    url = settings.public_url.rstrip("/")
    key = crypto.keyed(settings.key, "calendar-file")
    return rendering.Letterhead(catalogue(read).clinic, url, settings.email_from, read.now, own, key)


def ledger(read: Reading, *, appointment_id: int | None = None, most: int = 100) -> tuple[LedgerEntry, ...]:
    """The newest messages, of one appointment or of all, and what became of them (B6)."""
    statement = select(_MESSAGE).order_by(_MESSAGE.c.id.desc()).limit(most)
    if appointment_id is not None:
        statement = statement.where(_MESSAGE.c.appointment_id == appointment_id)
    return tuple(_shown(row, LedgerEntry) for row in read.session.execute(statement))


def of_subjects(read: Reading, about: Mapping[Kind, Collection[int]]) -> tuple[LedgerEntry, ...]:
    """Messages of some kinds about some things by their ids, the newest first."""
    wanted = [and_(_MESSAGE.c.kind == kind.value, _MESSAGE.c.subject_id.in_(ids)) for kind, ids in about.items()]
    found = read.execute(select(_MESSAGE).where(or_(*wanted)).order_by(_MESSAGE.c.id.desc()))
    return tuple(_shown(row, LedgerEntry) for row in found)


def sandbox(read: Reading, *, most: int = 100) -> tuple[SandboxLetter, ...]:
    """What the sandbox senders "sent", newest first (B7)."""
    known = _SANDBOX.outerjoin(_MESSAGE, _MESSAGE.c.message_id == _SANDBOX.c.message_id)
    statement = select(_SANDBOX, _MESSAGE.c.state).select_from(known).order_by(_SANDBOX.c.id.desc()).limit(most)
    return tuple(_shown(row, SandboxLetter) for row in read.session.execute(statement))


def _booked(read: Reading, row: Any) -> Email | Sms | Dropped:
    booked = visit(read, row.subject_id)
    outdated = _outdated(read, row, booked)
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


def _outdated(read: Reading, row: Any, about: Visit) -> str | None:
    """Why news of a visit's time goes out no more: it is over or off, or newer news follows.

    What was changed since without a word to the patient keeps nothing back: the letter tells how it stands now.
    """
    is_old_news = rules.edition(row.kind, row.dedupe_key) < about.told_sequence
    outdated = rules.outdated_visit(about.status, about.start_at, read.now)
    return outdated or ("moved_again" if is_old_news else None)


def _before(read: Reading, row: Any) -> Email | Dropped:
    return care.before_letter(read, letterhead(read), row)


def _after(read: Reading, row: Any) -> Email | Dropped:
    return care.after_letter(read, letterhead(read), row)


def _moved(read: Reading, row: Any) -> Email | Sms | Dropped:
    moved = visit(read, row.subject_id)
    outdated = _outdated(read, row, moved)
    if outdated:
        return Dropped(outdated)
    write = visit_letters.moved_email if row.channel == Channel.EMAIL else visit_letters.moved_sms
    return write(letterhead(read), moved, to=row.to_address, message_id=row.message_id)


def _cancelled(read: Reading, row: Any) -> Email | Sms | Dropped:
    cancelled = visit(read, row.subject_id)
    if cancelled.status != "cancelled":
        return Dropped("not_cancelled")
    if cancelled.end_at <= read.now:
        return Dropped("past")
    if row.channel == Channel.SMS:
        return visit_letters.cancelled_sms(letterhead(read), cancelled, to=row.to_address, message_id=row.message_id)
    told = money.after_cancelling(read, cancelled)
    return visit_letters.cancelled_email(
        letterhead(read), cancelled, to=row.to_address, message_id=row.message_id, money=told
    )


def _headed(write: Callable[[Reading, rendering.Letterhead, Any], Email | Sms | Dropped]) -> Writer:
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
    zone = catalogue(read).time_zone
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
    zone = catalogue(read).time_zone
    return account_letters.link_email(letterhead(read), link, name, zone=zone, message_id=row.message_id)


def _trial(read: Reading, row: Any) -> Email | Sms | Dropped:
    from clinic_portal.messaging import own_words  # it looks at all letters, and so knows this module

    return own_words.trial(read, row)


_WRITERS: dict[Kind, Writer] = {
    Kind.PAYMENT_RECEIPT: _headed(money.receipt),
    Kind.FEE_FAILED: _headed(money.failed_fee),
    Kind.FEE_WAIVED: _headed(money.waived_fee),
    Kind.REFUND_DONE: _headed(money.refund),
    Kind.NOT_BOOKED: _headed(money.nothing_booked),
    Kind.PACKAGE_BOUGHT: _headed(money.package),
    Kind.APPOINTMENT_BOOKED: _booked,
    Kind.APPOINTMENT_MOVED: _moved,
    Kind.APPOINTMENT_CANCELLED: _cancelled,
    Kind.BEFORE_VISIT: _before,
    Kind.AFTER_VISIT: _after,
    Kind.VISIT_REMINDER: _headed(reminding.reminder),
    Kind.FORMS_REMINDER: _headed(reminding.reminder),
    Kind.MEMBERSHIP_STARTED: _headed(membership_news.news),
    Kind.MEMBERSHIP_RENEWED: _headed(membership_news.news),
    Kind.MEMBERSHIP_FAILED: _headed(membership_news.news),
    Kind.MEMBERSHIP_UNPAID: _headed(membership_news.news),
    Kind.MEMBERSHIP_PAUSED: _headed(membership_news.news),
    Kind.MEMBERSHIP_RESUMED: _headed(membership_news.news),
    Kind.MEMBERSHIP_CHANGED: _headed(membership_news.news),
    Kind.MEMBERSHIP_ENDING: _headed(membership_news.news),
    Kind.MEMBERSHIP_KEPT: _headed(membership_news.news),
    Kind.MEMBERSHIP_ENDED: _headed(membership_news.news),
    Kind.PHONE_CODE: _code,
    Kind.PROFILE_CLAIM: _claim,
    Kind.ACCOUNT_LINK: _link,
    Kind.TRIAL: _trial,
}


def _shown(row: Any, shape: type[Shown]) -> Shown:
    return shape(**{name: getattr(row, name) for name in shape.__dataclass_fields__})  # type: ignore[attr-defined]

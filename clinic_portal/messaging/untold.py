"""News of a visit that reached its patient by no channel: what staff find on the day's page, and the patient (B6)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from clinic_portal.accounts.emails import email_key
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.queries import named
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.messaging import models
from clinic_portal.messaging.types import Channel, Kind, State
from clinic_portal.patients.access import must_see, seen_by

_MESSAGE = table(models.Message)
_OF_ITS_TIME = (Kind.APPOINTMENT_BOOKED.value, Kind.APPOINTMENT_MOVED.value, Kind.APPOINTMENT_CANCELLED.value)
_BEFORE_IT = (Kind.BEFORE_VISIT.value, Kind.VISIT_REMINDER.value, Kind.FORMS_REMINDER.value)
NEWS = (*_OF_ITS_TIME, *_BEFORE_IT)
"""Kinds that tell a patient of a visit."""
UNREACHED = ("unreachable_stop", "unreachable_bounced", "unreachable_invalid")
_COLUMNS = ("id", "appointment_id", "kind", "channel", "to_address", "state", "last_error", "dedupe_key", "attended_at")


@dataclass(frozen=True, slots=True)
class Untold:
    """What a patient was not told of a visit: the message to look at, and its kind."""

    message_id: int
    kind: str


def of_visits(read: Reading, actor: StaffActor, appointment_ids: Collection[int]) -> dict[int, Untold]:
    """The news of some visits that did not reach anybody and that nobody has seen to, by visit; nothing for a role
    that handles no messages."""
    if not appointment_ids or not actor.may(Permission.HANDLE_MESSAGES):
        return {}
    by_visit: dict[int, list[Any]] = {}
    for row in _about(read, appointment_ids, seen_by(actor, _MESSAGE.c.patient_id)):
        by_visit.setdefault(row.appointment_id, []).append(row)
    found = {number: _lost(rows) for number, rows in by_visit.items()}
    return {number: one for number, one in found.items() if one is not None}


def of_patient(read: Reading, actor: StaffActor, patient_id: int) -> dict[str, Untold]:
    """The same of all coming visits of a patient, by reference."""
    must_see(read, actor, patient_id)
    theirs = select(_MESSAGE.c.appointment_id).where(
        _MESSAGE.c.patient_id == patient_id, _MESSAGE.c.appointment_id.is_not(None)
    )
    visits = named(read, set(read.execute(theirs).scalars()))
    coming = {number: one.reference for number, one in visits.items() if one.start_at > read.now}
    return {coming[number]: one for number, one in of_visits(read, actor, coming).items()}


def lost_email(read: Reading, appointment_id: int, address: str) -> bool:
    """Whether the newest e-mail about a visit did not arrive at the address its patient still has. The caller has
    authorised it."""
    emails = [one for one in _about(read, [appointment_id]) if one.channel == Channel.EMAIL]
    return bool(emails) and _failed(emails[-1]) and email_key(emails[-1].to_address) == email_key(address)


def _about(read: Reading, appointment_ids: Collection[int], *which: ColumnElement[bool]) -> list[Any]:
    wanted = select(*(_MESSAGE.c[name] for name in _COLUMNS)).where(
        _MESSAGE.c.appointment_id.in_(appointment_ids), _MESSAGE.c.kind.in_(NEWS), *which
    )
    return list(read.execute(wanted.order_by(_MESSAGE.c.id)).all())


def _lost(rows: list[Any]) -> Untold | None:
    """The newest news that is lost; of the visit's time only the newest counts, since it tells what holds."""
    news: dict[str, list[Any]] = {}
    for one in rows:
        news.setdefault(one.dedupe_key.replace(f":{one.channel}:", ":", 1), []).append(one)
    told_last = [told for told in news.values() if told[0].kind in _OF_ITS_TIME][-1:]
    others = [told for told in news.values() if told[0].kind in _BEFORE_IT]
    lost = [told[-1] for told in (*told_last, *others) if all(_failed(one) and one.attended_at is None for one in told)]
    newest = max(lost, key=lambda one: one.id, default=None)
    return Untold(newest.id, newest.kind) if newest is not None else None


def _failed(message: Any) -> bool:
    is_silent = message.state == State.DROPPED and message.last_error in UNREACHED
    return bool(message.state == State.FAILED or is_silent)

"""Messages as the staff's pages show them: values in, view values out. No State, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic_portal.core import wording
from clinic_portal.messaging.listing import Line, ReplyLine, Sheet, Stuck
from clinic_portal.messaging.types import Channel, State
from clinic_portal.web.admin.messages import words

SIGNS = {"stop": "replied STOP", "start": "replied START", "help": "asked for HELP"}


@dataclass
class LineView:
    """A message in a list."""

    id: int
    href: str
    when: str
    who: str
    what: str
    address: str
    state: str
    kind: str
    note: str
    helps: str


@dataclass
class ReplyView:
    """A reply in a list; its words once they are opened."""

    id: int
    when: str
    who: list[list[str]]  # name and address of the profile
    number: str
    words: str
    is_open: bool
    note: str


@dataclass
class EventView:
    """Something that happened to a message."""

    when: str
    told: str
    kind: str


def line(one: Line, zone: str, language: str) -> LineView:
    """A message as a line."""
    state, look = words.STATES[one.state]
    told = words.why(one.last_error)
    visit = f"visit of {wording.moment(one.visit.start_at, zone, language, length='short')}" if one.visit else ""
    note = told.told if one.state in (State.FAILED, State.DROPPED) or one.last_error else ""
    if one.is_told_otherwise:
        other = Channel(one.channel).other
        note = f"{note} They were told by {words.WITHIN[other.value]} instead.".strip()
    return LineView(
        id=one.id,
        href=f"/admin/message?id={one.id}",
        when=wording.moment(one.at, zone, language, length="short"),
        who=one.who or one.to_address,
        what=" · ".join(part for part in (words.kind(one.kind), words.CHANNELS[one.channel], visit) if part),
        address=address_of(one),
        state=f"{state}, seen to" if one.is_attended else state,
        kind="nothing" if one.is_attended else look,
        note=note,
        helps=told.helps if one.state == State.FAILED and not one.is_attended else "",
    )


def address_of(one: Line) -> str:
    """Where a message goes, as people write it."""
    return wording.phone(one.to_address) if one.channel == Channel.SMS else one.to_address


def reply(one: ReplyLine, zone: str, language: str, opened: Mapping[int, str]) -> ReplyView:
    """A reply as a line."""
    pictures = {0: "", 1: "A picture came with it; the SMS service has it."}
    note = pictures.get(one.media, f"{one.media} pictures came with it; the SMS service has them.")
    return ReplyView(
        id=one.id,
        when=wording.moment(one.received_at, zone, language, length="short"),
        who=[[name, f"/admin/patient?id={patient_id}"] for patient_id, name in one.patients],
        number=wording.phone(one.from_address),
        words=SIGNS.get(one.keyword or "", "") or opened.get(one.id, ""),
        is_open=one.id in opened or one.keyword is not None,
        note=note,
    )


def stuck(one: Stuck, zone: str, language: str) -> str:
    """A channel by which nothing goes out."""
    what = {Channel.EMAIL.value: ("e-mail", "e-mails"), Channel.SMS.value: ("text", "texts")}[one.channel]
    told = words.why(one.reason)
    many = f"{one.count} {what[0]} waits" if one.count == 1 else f"{one.count} {what[1]} wait"
    since = wording.moment(one.since_at, zone, language, length="short")
    return f"{many} for another try since {since}. {told.told} {told.helps}".strip()


def events(one: Sheet, names: Mapping[str, str], zone: str, language: str) -> list[EventView]:
    """What happened to a message, the oldest first."""
    line_, told = one.line, words.why(one.line.last_error)
    found: list[tuple[datetime, str, str]] = []
    if one.due_at != one.created_at:
        found.append((one.due_at, "Due", "going"))
    found.append((one.created_at, "Planned", "going"))
    if one.sent_at:
        who = "the SMS service" if line_.channel == Channel.SMS else "the mail server"
        found.append((one.sent_at, f"Taken by {who}{_tries(one.attempts)}", "done"))
    if one.delivered_at:
        found.append((one.delivered_at, "Delivered to their phone", "done"))
    if one.opened_at:
        found.append((one.opened_at, "Opened: the link in it was used", "done"))
    if one.failed_at and line_.state == State.FAILED:
        tries = "" if one.sent_at else _tries(one.attempts)
        found.append((one.failed_at, f"Did not arrive{tries}. {told.told}", "warn"))
    if one.attended_at:
        found.append((one.attended_at, f"Seen to by {names.get(one.attended_by or '', 'staff')}", "done"))
    shown = [
        EventView(wording.moment(at, zone, language), what, look)
        for at, what, look in sorted(found, key=lambda e: e[0])
    ]
    if line_.state == State.DROPPED:
        shown.append(EventView("", f"Not sent. {told.told}", "nothing"))
    elif line_.state == State.QUEUED:
        waits = f"Waits for another try. {told.told}" if line_.last_error else "Waits for its turn"
        shown.append(EventView("", waits, "going"))
    return shown


def _tries(attempts: int) -> str:
    return (
        f" at the {attempts}th try"
        if attempts > 3
        else {2: " at the second try", 3: " at the third try"}.get(attempts, "")
    )

"""A patient's messages in words, by visit: values in, view values out. No State, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clinic_portal.booking.types import VisitName
from clinic_portal.core import wording
from clinic_portal.messaging.chart import Chart, Coming, Reach
from clinic_portal.messaging.listing import Line, ReplyLine
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.unreachable import STOP
from clinic_portal.web.admin.messages import views, words

ANSWERS_WITHIN = timedelta(days=7)
"""A reply so soon after a text about a visit is taken to be about it."""
_TITLES = {Channel.EMAIL: "E-mail", Channel.SMS: "Text messages"}


@dataclass
class ReachView:
    """A channel, its address and whether anything arrives there."""

    title: str
    address: str
    told: str
    is_silent: bool


@dataclass
class EntryView:
    """A message to a patient, or a reply of theirs; of a reply the words once they are opened."""

    id: int
    is_reply: bool
    when: str
    what: str
    href: str
    state: str
    kind: str
    note: str
    words: str
    is_open: bool


@dataclass
class GroupView:
    """What was said about one visit, or about none."""

    title: str
    said: list[EntryView] = field(default_factory=list)


def reach(one: Reach, zone: str, language: str) -> ReachView:
    """How a channel stands."""
    is_email = one.channel is Channel.EMAIL
    address = one.address if is_email else wording.phone(one.address) if one.address else ""
    if not one.address:
        told = "No address is known." if is_email else "No number is known."
    elif one.silence is None:
        told = "Nothing has come back."
    else:
        on = wording.day(one.silence.since_at, zone, language, length="medium")
        if one.silence.reason == STOP:
            told = f"Replied STOP on {on}. Only they can take that back, by texting START."
        elif is_email:
            told = f"E-mails have come back since {on}. Ask for their address."
        else:
            told = f"Texts have not reached this number since {on}. Ask for their number."
    return ReachView(_TITLES[one.channel], address, told, one.silence is not None or not one.address)


def coming(one: Coming, zone: str, language: str) -> str:
    """A message that is still to come."""
    kind, channel = words.kind(one.kind), words.WITHIN[one.channel]
    about = f" of visit {one.reference}" if one.reference else ""
    return f"{kind}{about} by {channel}, {wording.moment(one.due_at, zone, language)}"


def groups(found: Chart, zone: str, language: str, opened: Mapping[int, str]) -> list[GroupView]:
    """Messages and replies by visit, where something was said last first."""
    entries: list[tuple[datetime, VisitName | None, EntryView]] = [
        (one.at, one.visit, _message(one, zone, language)) for one in found.lines
    ]
    entries += [
        (one.received_at, _answers(one, found.lines), _reply(one, zone, language, opened)) for one in found.replies
    ]
    shown: dict[str, GroupView] = {}
    for _, visit, view in sorted(entries, key=lambda entry: entry[0], reverse=True):
        reference = visit.reference if visit else ""
        group = shown.setdefault(reference, GroupView(_title(visit, zone, language)))
        group.said.append(view)
    return list(shown.values())


def _title(visit: VisitName | None, zone: str, language: str) -> str:
    if visit is None:
        return "Not about a visit"
    off = ", cancelled" if visit.status == "cancelled" else ""
    return f"Visit of {wording.moment(visit.start_at, zone, language)}{off} · {visit.reference}"


def _answers(reply: ReplyLine, sent: Sequence[Line]) -> VisitName | None:
    """The visit of the newest text before a reply, unless that was long ago."""
    texts = [one for one in sent if one.channel == Channel.SMS and one.created_at <= reply.received_at]
    newest = max(texts, key=lambda one: one.created_at, default=None)
    return newest.visit if newest is not None and reply.received_at - newest.created_at <= ANSWERS_WITHIN else None


def _message(one: Line, zone: str, language: str) -> EntryView:
    line = views.line(one, zone, language)
    what = f"{words.kind(one.kind)} · {words.CHANNELS[one.channel]}"
    return EntryView(one.id, False, line.when, what, line.href, line.state, line.kind, line.note, "", True)


def _reply(one: ReplyLine, zone: str, language: str, opened: Mapping[int, str]) -> EntryView:
    line = views.reply(one, zone, language, opened)
    seen, look = ("Seen to", "nothing") if one.attended_at else ("Not seen to", "warn")
    said = line.words[:1].upper() + line.words[1:] if one.keyword else line.words
    return EntryView(one.id, True, line.when, "Reply · SMS", "", seen, look, line.note, said, line.is_open)

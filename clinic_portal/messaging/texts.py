"""Every message's words: ours, by name and channel, and whether words of the clinic's own can be used (P13). Pure.

A text has the name of its message's kind; those of links the purpose too (`account_link.activate`).
"""

import unicodedata
from collections.abc import Iterator

from clinic_portal.core.errors import Invalid
from clinic_portal.messaging import (
    texts_accounts,
    texts_memberships,
    texts_money,
    texts_reminders,
    texts_visits,
    words,
)
from clinic_portal.messaging.text_types import Text
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import BadBraces, Words

_KINDS = (texts_visits, texts_reminders, texts_money, texts_memberships, texts_accounts)
TEXTS: dict[str, Text] = {one.name: one for part in _KINDS for one in part.TEXTS}
MOST = {"subject": 200, "heading": 200, "body": 5000}
MOST_SEGMENTS = 5


def faults(name: str, channel: Channel, said: Words) -> list[Invalid]:
    """Why these words cannot be used; empty where they can."""
    text = TEXTS[name]
    fields = {"subject": said.subject, "heading": said.heading, "body": said.body}
    if channel is Channel.SMS:
        fields = {"body": said.body}
    found = [fault for field, value in fields.items() for fault in [_of_field(text, channel, field, value)] if fault]
    if found:
        return found
    used = {one for value in fields.values() for one in words.names(value)}
    missing = [one for one in text.required.get(channel, ()) if one not in used]
    return [Invalid("body", "text_needs", placeholder=missing[0])] if missing else []


def fitting(name: str, channel: Channel, own: Words | None) -> Words:
    """The clinic's own words where they can be used, ours where not: what no longer fits never breaks a send."""
    return own if own is not None and not faults(name, channel, own) else TEXTS[name].words[channel]


def _of_field(text: Text, channel: Channel, field: str, value: str) -> Invalid | None:
    return next(_field_faults(text, channel, field, value), None)


def _field_faults(text: Text, channel: Channel, field: str, value: str) -> Iterator[Invalid]:
    if not value.strip():
        yield Invalid(field, "text_empty")
    if len(value) > MOST[field]:
        yield Invalid(field, "words_long", most=MOST[field])
    if _has_controls(value, but="\n\r\t" if field == "body" else ""):
        yield Invalid(field, "text_one_line" if field != "body" else "text_controls")
    try:
        used = words.names(value)
    except BadBraces as bad:
        yield Invalid(field, "text_braces", near=bad.near)
        return
    known = text.knows(channel)
    yield from (Invalid(field, "text_unknown", placeholder=one) for one in used if one not in known)
    blocks = {one for one in used if known[one].is_block}
    if field != "body":
        yield from (Invalid(field, "text_block_here", placeholder=one) for one in used if one in blocks)
        return
    for paragraph in words.paragraphs(value):
        if words.lone_name(paragraph) is None:
            inside = (one for one in words.names(paragraph) if one in blocks)
            yield from (Invalid(field, "text_block_inside", placeholder=one) for one in inside)


def _has_controls(value: str, *, but: str) -> bool:
    return any(unicodedata.category(one) in ("Cc", "Zl", "Zp", "Cs") and one not in but for one in value)

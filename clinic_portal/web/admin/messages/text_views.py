"""Texts in values that pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from clinic_portal.messaging import rules
from clinic_portal.messaging.own_words import Own
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.text_types import MOMENTS, Text
from clinic_portal.messaging.texts import TEXTS
from clinic_portal.messaging.types import Channel

CHANNELS = {Channel.EMAIL: "E-mail", Channel.SMS: "SMS"}


@dataclass
class ChannelView:
    """A text by one channel, in the list. `state`: ours, own, or unfit."""

    label: str
    href: str
    state: str
    told: str
    spoken: str


@dataclass
class TextView:
    """A text in the list."""

    title: str
    sent: str
    channels: list[ChannelView] = field(default_factory=list)


@dataclass
class MomentView:
    """The texts of one moment of the patient's journey."""

    title: str
    texts: list[TextView] = field(default_factory=list)


@dataclass
class PlaceholderView:
    """A placeholder to be put into the words."""

    name: str
    shown: str
    stands_for: str
    example: str
    note: str


def moments(own: Mapping[tuple[str, Channel], Own]) -> list[MomentView]:
    """All texts by moment."""
    found = [
        MomentView(title, [_text(one, own) for one in TEXTS.values() if one.moment == key])
        for key, title in MOMENTS.items()
    ]
    return [one for one in found if one.texts]


def placeholders(text: Text, channel: Channel) -> list[PlaceholderView]:
    """What may be put into a text's words: what it cannot do without first."""
    needed = text.required.get(channel, ())
    shown = sorted(text.knows(channel).values(), key=lambda one: one.name not in needed)
    return [
        PlaceholderView(
            one.name,
            f"{{{one.name}}}",
            one.stands_for,
            one.example,
            "; ".join(
                [*(["needed"] if one.name in needed else []), *(["on a line of its own"] if one.is_block else [])]
            ),
        )
        for one in shown
    ]


@dataclass
class Counted:
    """An SMS as it would be charged."""

    sentence: str
    advice: str


def counted(body: str) -> Counted:
    """How long an SMS is, and which characters make it dear."""
    size = rules.sms_size(body)
    parts = "1 text message" if size.segments == 1 else f"{size.segments} text messages"
    dear = list(dict.fromkeys(one for one in body if rules.sms_size(one).alphabet == "UCS-2"))
    told = f"{parts}: {size.units} characters of {size.alphabet}"
    if not dear:
        return Counted(told, "")
    which = " ".join(dear[:8])
    return Counted(told, f"A message holds 160 plain characters, but only 70 with these in it: {which}")


def subject_and_text(written: Email | Sms) -> tuple[str, str]:
    """The subject, empty for an SMS, and the plain text."""
    return (written.subject, written.text) if isinstance(written, Email) else ("", written.body)


def _text(one: Text, own: Mapping[tuple[str, Channel], Own]) -> TextView:
    return TextView(
        one.title, one.sent, [_channel(one, channel, own.get((one.name, channel))) for channel in one.words]
    )


def _channel(one: Text, channel: Channel, own: Own | None) -> ChannelView:
    href = f"/admin/messages/text?{urlencode({'name': one.name, 'channel': channel.value})}"
    state = "ours" if own is None else "own" if own.is_usable else "unfit"
    told = {"ours": "", "own": "Your words", "unfit": "No longer fits: ours are sent"}[state]
    return ChannelView(CHANNELS[channel], href, state, told, f"{one.title}, {CHANNELS[channel]}")

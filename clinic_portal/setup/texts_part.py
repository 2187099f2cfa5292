"""The clinic's own words for its messages, in a clinic file: what is not there is said in ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import own_words, texts
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words
from clinic_portal.setup.part import Part


class TextPart(Part):
    """The words of one message by one channel; an SMS has a body alone."""

    name: str
    channel: Literal["email", "sms"]
    subject: str = ""
    heading: str = ""
    body: str

    @property
    def key(self) -> tuple[str, Channel]:
        """Which text it is."""
        return self.name, Channel(self.channel)

    @property
    def said(self) -> Words:
        """Its words."""
        return Words(self.subject.strip(), self.heading.strip(), self.body.strip())


def faults(parts: Sequence[TextPart]) -> Iterator[str]:
    """What is wrong with them."""
    keys = [part.key for part in parts]
    for part in parts:
        where = f"texts: {part.name} by {part.channel}"
        known = texts.TEXTS.get(part.name)
        if known is None or part.key[1] not in known.words:
            yield f"{where}: there is no such message."
        elif keys.count(part.key) > 1:
            yield f"{where} stands there twice."
        else:
            for fault in texts.faults(*part.key, part.said):
                more = fault.facts.get("placeholder") or fault.facts.get("near") or ""
                yield f"{where}: {fault.field} cannot be used ({fault.code}{f': {more}' if more else ''})."


def load(work: UnitOfWork, parts: Sequence[TextPart], told: Mapping[str, Counter[str]]) -> None:
    """Make the clinic's own words what the file says; our words hold for the others."""
    known = own_words.own(work)
    for part in parts:
        if own_words.put(work, "command", *part.key, part.said):
            told["changed" if part.key in known else "added"]["text"] += 1
    for key in known.keys() - {part.key for part in parts}:
        own_words.take_back(work, "command", *key)
        told["switched_off"]["text"] += 1


def told(read: Reading) -> list[dict[str, Any]]:
    """The clinic's own words as a file tells them; those that no longer fit are left out."""
    found = []
    for (name, channel), one in sorted(own_words.own(read).items()):
        lines = {"subject": one.said.subject, "heading": one.said.heading} if channel is Channel.EMAIL else {}
        if one.is_usable:
            found.append({"name": name, "channel": channel.value, **lines, "body": one.said.body})
    return found

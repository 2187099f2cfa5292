"""The editor of one text: words, placeholders, what comes of them, and a trial (P13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.core import wording
from clinic_portal.core.errors import NotAllowed, Unusable
from clinic_portal.messaging import own_words
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.texts import TEXTS
from clinic_portal.messaging.types import Channel
from clinic_portal.messaging.words import Words
from clinic_portal.patients.queries import search
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, Desk
from clinic_portal.web.admin.messages import text_views
from clinic_portal.web.admin.messages.text_views import PlaceholderView
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "Text"
FIELDS = ("subject", "heading", "body")
MOST = 20_000
"""More than is kept: what is too long is said at the field."""


@dataclass
class PersonView:
    """A patient whose data could fill the text in."""

    id: int
    name: str
    email: str


class TextEditor(AdminPage, rx.State):
    """A text by one channel; what is typed lives here until it is saved, whatever is looked at meanwhile."""

    name: str = ""
    channel: str = ""
    title: str = ""
    sent: str = ""
    is_missing: bool = False
    is_own: bool = False
    is_unfit: bool = False
    is_changed: bool = False
    subject: str = ""
    heading: str = ""
    body: str = ""
    form_key: int = 0
    wrong: dict[str, str] = {"subject": "", "heading": "", "body": ""}
    focus: str = ""
    ours: dict[str, str] = {}
    shows_ours: bool = False
    placeholders: list[PlaceholderView] = []
    is_wide: bool = False
    shown_subject: str = ""
    shown_html: str = ""
    shown_text: str = ""
    count: str = ""
    advice: str = ""
    waits: str = ""
    wanted: str = ""
    people: list[PersonView] = []
    nobody: bool = False
    person: str = ""
    wrong_number: str = ""
    _person_id: int = 0
    _noted_id: int = 0
    _saved: dict[str, str] = {}

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show the text that the address names; where a connection came back, as it was left."""
        async with self._answering():
            desk = await self.get_state(Desk)
            was = (self.name, self.channel) if desk.page == PAGE else ("", "")
            await self._open(PAGE)
            asked = self.router.url.query_parameters
            name, channel = asked.get("name", ""), asked.get("channel", "")
            self.is_missing = name not in TEXTS or channel not in {one.value for one in TEXTS[name].words}
            if self.is_missing or (name, channel) == was:
                return
            self.name, self.channel = name, channel
            self.people, self.person, self.wanted = [], "", ""
            self._person_id = self._noted_id = 0
            self.nobody = self.shows_ours = self.is_wide = False
            await self._load()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def say(self, field: Any, value: Any, key: Any) -> None:
        """What is typed just now; what was typed into a form drawn anew since is old."""
        async with self._answering():
            which = inputs.choice(field, FIELDS)
            if inputs.row_id(key, least=0) != self.form_key:
                return
            setattr(self, which, inputs.text(value, most=MOST))
            self.is_changed = self._typed() != self._saved
            await self._preview()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def insert(self, placeholder: Any) -> None:
        """Put a placeholder at the end of the words; a block on a line of its own."""
        async with self._answering():
            wanted = inputs.text(placeholder, most=40)
            known = self._text().knows(self._channel())
            if wanted not in known:
                raise inputs.BadInput
            gap = "\n\n" if known[wanted].is_block else "" if self.body.endswith((" ", "\n")) or not self.body else " "
            self.body = f"{self.body.rstrip() if known[wanted].is_block else self.body}{gap}{{{wanted}}}"
            self.is_changed = True
            self.form_key += 1
            await self._preview()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep the words."""
        async with self._answering():
            self._take(form)
            try:
                await self._do(own_words.save, await self._staff(), self.name, self._channel(), self._words())
            except Unusable as refusal:
                self._refuse({fault.field: problem(fault).sentence for fault in refusal.faults})
                return
            await self._load()
            await self._tell("Saved", "The next message goes out with these words.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def look_at_ours(self) -> None:
        """Our words beside the clinic's own; or not."""
        async with self._answering():
            self.shows_ours = not self.shows_ours

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def back_to_ours(self) -> None:
        """Let our words hold again."""
        async with self._answering():
            await self._do(own_words.back_to_ours, await self._staff(), self.name, self._channel())
            self.shows_ours = False
            await self._load()
            await self._tell("Our words hold again", "The next message goes out with them.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def widen(self, is_wide: Any) -> None:
        """As on a phone, or on a wide screen."""
        async with self._answering():
            self.is_wide = inputs.choice(is_wide, (True, False))

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def look_for(self, form: Any) -> None:
        """Look for a patient whose data fill the text in."""
        async with self._answering():
            self.wanted = inputs.fields(form, "patient", most=100)["patient"].strip()
            found = await self._ask(search, await self._staff(), self.wanted, most=6) if self.wanted else []
            self.people = [PersonView(one.id, one.name, one.email) for one in found]
            self.nobody = bool(self.wanted) and not found

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def pick(self, patient_id: Any) -> None:
        """Fill it in with a patient's data; 0: with the example's."""
        async with self._answering():
            before, self._person_id = self._person_id, inputs.row_id(patient_id, least=0)
            self._noted_id = 0
            self.person = next((one.name for one in self.people if one.id == self._person_id), "")
            if self._person_id and not self.person:
                self._person_id = before
                raise NotAllowed()
            self.people, self.wanted, self.nobody = [], "", False
            try:
                await self._preview()
            except Exception:
                self._person_id, self.person = 0, ""
                await self._preview()
                raise

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def try_out(self, form: Any) -> None:
        """Send it to oneself."""
        async with self._answering():
            to = inputs.fields(form, "to", most=60)["to"]
            self.wrong_number = ""
            told: dict[str, Any] = {"to": to, "patient_id": self._person_id}
            try:
                sent_to = await self._do(
                    own_words.try_out, await self._staff(), self.name, self._channel(), self._words(), **told
                )
            except Unusable as refusal:
                faults = {fault.field: problem(fault).sentence for fault in refusal.faults}
                self.wrong_number = faults.pop("to", "")
                if faults:
                    self._refuse(faults)
                return
            await self._tell("On its way", f"It goes to {wording.phone(sent_to)}.")

    async def _load(self) -> None:
        text, channel = self._text(), self._channel()
        found = (await self._ask(own_words.own)).get((self.name, channel))
        ours = text.words[channel]
        said = found.said if found else ours
        self.title, self.sent = f"{text.title}, {text_views.CHANNELS[channel]}", text.sent
        self.is_own, self.is_unfit = found is not None, found is not None and not found.is_usable
        self.subject, self.heading, self.body = said.subject, said.heading, said.body
        self.ours = {"subject": ours.subject, "heading": ours.heading, "body": ours.body}
        self._saved, self.is_changed, self.wrong_number = self._typed(), False, ""
        self.placeholders = text_views.placeholders(text, channel)
        self.form_key += 1
        await self._preview()

    def _refuse(self, faults: Mapping[str, str], *, is_drawn: bool = True) -> None:
        """Say at each field what is wrong with it; the first one gets the focus."""
        self.wrong = {name: faults.get(name, "") for name in FIELDS}
        self.focus = next((name for name in FIELDS if name in faults), "")
        self.form_key += is_drawn

    async def _preview(self) -> None:
        """Show what comes of the words; while they cannot be used, what came of them last, and why it waits."""
        channel, said = self._channel(), self._words()
        try:
            await self._ask(own_words.usable, self.name, channel, said)
        except Unusable as refusal:
            self.waits = problem(refusal.faults[0]).sentence
            return
        self.waits = ""
        self._refuse({}, is_drawn=False)
        if self._person_id:
            told = await self._of_patient(said)
        else:
            told = await self._ask(own_words.example, self.name, channel, said)
        self._draw(told)

    async def _of_patient(self, said: Words) -> Email | Sms:
        about = (await self._staff(), self.name, self._channel(), said, self._person_id)
        if self._noted_id == self._person_id:
            return await self._ask(own_words.looked_at, *about)
        shown = await self._do(own_words.of_patient, *about)
        self._noted_id = self._person_id
        return shown

    def _draw(self, written: Email | Sms) -> None:
        self.shown_subject, self.shown_text = text_views.subject_and_text(written)
        self.shown_html = written.html if isinstance(written, Email) else ""
        counted = text_views.counted(written.body) if isinstance(written, Sms) else text_views.Counted("", "")
        self.count, self.advice = counted.sentence, counted.advice

    def _take(self, form: Any) -> None:
        typed = inputs.fields(form, *FIELDS, most=MOST)
        self.subject, self.heading, self.body = typed["subject"], typed["heading"], typed["body"]

    def _typed(self) -> dict[str, str]:
        return {"subject": self.subject, "heading": self.heading, "body": self.body}

    def _words(self) -> Words:
        words = Words(self.subject.strip(), self.heading.strip(), self.body.replace("\r\n", "\n").strip())
        return replace(words, subject="", heading="") if self._channel() is Channel.SMS else words

    def _channel(self) -> Channel:
        if self.channel not in set(Channel):  # no text was opened here
            raise NotAllowed()
        return Channel(self.channel)

    def _text(self) -> Any:
        if self.name not in TEXTS:
            raise NotAllowed()
        return TEXTS[self.name]

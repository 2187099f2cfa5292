"""A draft is put in force, with what that means; earlier versions are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, Invalid, Unusable
from clinic_portal.forms import checking, comparing, drafting, queries
from clinic_portal.forms.definition import Content, Item
from clinic_portal.forms.types import VersionInfo
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import zone_of
from clinic_portal.web.admin.forms import words
from clinic_portal.web.admin.forms.base import Writing
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem


@dataclass
class FaultView:
    """Something to be put right first: where it is in words, and the place to go to."""

    where: str
    name: str
    words: str


@dataclass
class VersionLine:
    """A published version."""

    id: int
    version: int
    told: str
    is_in_force: bool


class Publishing(Writing, mixin=True):
    """What publishing would do, and what was published."""

    next_version: int = 1
    changes: list[str] = []
    faults: list[FaultView] = []
    asks_anew: bool = True
    versions: list[VersionLine] = []
    looking_at: int = 0
    asks_discard: bool = False
    _shows_faults: bool = False

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def choose_anew(self, anew: Any) -> None:
        """Whether patients who answered before are asked again."""
        async with self._answering():
            self.asks_anew = inputs.choice(anew, (True, False))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def publish(self) -> None:
        """Put the draft in force."""
        async with self._answering():
            self.wrong_at = self.wrong = self.told = ""
            anew = inputs.choice(self.asks_anew, (True, False)) if self.version else True
            wanted, actor = inputs.row_id(self.form_id), await self._staff()
            try:
                made = await self._do(drafting.publish, actor, wanted, seen=self._seen, asks_anew=anew)
            except Unusable:
                self._shows_faults = True
                await self._look()
                self._focus("faults")
                return
            except Conflict as refusal:
                if refusal.code != "draft_changed":
                    raise
                self.is_overtaken = True
                return
            form, _ = await self._load(wanted)
            self.view = "write" if form.service_ids else "rules"
            asked = "It is asked for with new bookings of its services."
            nobody = "It belongs to no service yet, so nobody is asked. Choose its services here."
            await self._tell(f"Version {made} is in force", asked if form.service_ids else nobody)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def ask_discard(self, asks: Any) -> None:
        """Ask once more before the draft is thrown away, or leave it be."""
        async with self._answering():
            self.asks_discard = inputs.choice(asks, (True, False))
            self._focus("discard" if self.asks_discard else "ask-discard")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def discard(self) -> None:
        """Throw the draft away."""
        async with self._answering():
            wanted, actor = inputs.row_id(self.form_id), await self._staff()
            try:
                await self._do(drafting.discard, actor, wanted, seen=self._seen)
            except Conflict as refusal:
                if refusal.code != "draft_changed":
                    raise
                self.is_overtaken = True
                return
            await self._load(wanted)
            self.view = "write"
            await self._tell("The draft was thrown away", f"Version {self.version} is in force as before.")

    async def _weigh(self, content: Content) -> None:
        """What publishing this would change, and what keeps it from being published."""
        found = await self._ask(queries.versions, await self._staff(), self.form_id)
        self.next_version = found[0].version + 1 if found else 1
        self.changes = [words.change(one) for one in comparing.changes(found[0].content, content)] if found else []
        self._list(await self._clinic(), found, await self._ask(staff.names))

    def _list(self, clinic: Catalogue, found: list[VersionInfo], names: dict[str, str]) -> None:
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        self.versions = [
            VersionLine(
                one.id,
                one.version,
                f"{wording.moment(one.published_at, zone, language)}, "
                f"by {names.get(one.published_by, 'the clinic’s file')}",
                n == 0,
            )
            for n, one in enumerate(found)
            if one.published_at is not None
        ]

    def _find_faults(self, content: Content) -> dict[str, str]:
        """What is wrong, by where; told only once somebody wanted to publish."""
        if not self._shows_faults:
            self.faults = []
            return {}
        found = checking.faults(content)
        self._shows_faults = bool(found)
        told: dict[str, str] = {}
        for one in found:
            sentence = problem(Invalid(one.where, one.code, **one.facts)).sentence
            told[one.where] = f"{told[one.where]} {sentence}" if one.where in told else sentence
        self.faults = [FaultView(where, _name(content, where), sentence) for where, sentence in told.items()]
        return told


def _name(content: Content, where: str) -> str:
    """The place of a fault, as the page calls it."""
    for n, one in enumerate([*getattr(content, "items", ()), *getattr(content, "sections", ())], 1):
        if one.link_id == where:
            if isinstance(one, Item):
                return words.short(words.item_name(one))
            return words.short(one.title) or f"Section {n}"
    named = {
        "title": "Title",
        "items": "Questions",
        "sections": "Sections",
        "statement": "What is signed",
        "html": "Text",
    }
    return named.get(where, "")

"""What every part of the editor shares: the form that is written, how each deed is kept, what was just said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Conflict, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.forms import definition, drafting, queries
from clinic_portal.forms.definition import Content, Kind, Questionnaire
from clinic_portal.forms.editing import Edit
from clinic_portal.forms.types import FormInfo, VersionInfo
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.forms import words
from clinic_portal.web.problems import problem

C = TypeVar("C", bound=Content)
MOST_UNDOS, MOST_REMEMBERED = 20, 400_000
PAGE = "Edit a form"
VIEWS = ("write", "preview", "rules", "versions", "publish")


class Writing(AdminPage, mixin=True):
    """A form in the editor."""

    form_id: int = 0
    at: str = ""
    is_missing: bool = False
    kind: str = ""
    kind_name: str = ""
    name: str = ""
    title: str = ""
    version: int = 0
    has_draft: bool = False
    is_active: bool = True
    view: str = "write"
    is_overtaken: bool = False
    told: str = ""  # what else an edit did
    may_undo: bool = False
    wrong_at: str = ""  # the field that cannot be kept as it was typed
    wrong: str = ""
    wrong_form: dict[str, str] = {}  # what keeps the form itself from being published, by its field
    drawn: int = 0  # rises when fields are to show what the server has, whatever stands in them
    focus_on: str = ""
    focus_number: int = 0
    _seen: str = ""
    _past: list[str] = []  # what undo goes back to, as JSON
    _past_by: str = ""

    async def _load(self, template_id: int) -> tuple[FormInfo, VersionInfo]:
        """Take up a form as it stands. Raises NotAllowed."""
        actor = await self._staff()

        def look(read: Reading) -> tuple[FormInfo, VersionInfo]:
            return queries.form(read, template_id), queries.for_editor(read, actor, template_id)

        form, found = await self._ask(look)
        self.form_id, self._past, self._past_by, self.may_undo = template_id, [], "", False
        self.drawn += 1
        self.is_overtaken, self.told, self.wrong_at, self.wrong = False, "", "", ""
        self.kind, self.kind_name, self.name = form.kind.value, words.KINDS[form.kind][1], form.name
        self.version, self.is_active = form.version, form.is_active
        await self._show(found)
        return form, found

    async def _show(self, found: VersionInfo) -> None:
        """Show the form as it stands; each kind's part draws itself."""
        self._seen, self.has_draft = found.digest, found.version == 0
        self.title = found.content.title
        self._draw(found.content)

    def _draw(self, content: Content) -> None:
        raise NotImplementedError

    async def _edit(self, deed: Callable[[Any], Edit[Any]], *, field: str = "") -> Edit[Any] | None:
        """Do something to the form and keep it; nothing where it could not be. `field` is where it was typed."""
        template_id, before = inputs.row_id(self.form_id), self._seen
        self.told = self.wrong_at = self.wrong = ""
        try:
            done = await self._do(drafting.edit, await self._staff(), template_id, deed, seen=before)
        except Unusable as refusal:
            self.wrong_at, self.wrong = field, problem(refusal.faults[0]).sentence
            return None
        except Conflict as refusal:
            if refusal.code != "draft_changed":
                raise
            self.is_overtaken = True
            return None
        if done.after.digest != before:
            self._remember(definition.written(done.before.content), field)
        await self._show(done.after)
        self._tell_dropped(done.after.content, done.edit.dropped)
        return done.edit

    def _remember(self, before: dict[str, Any], field: str) -> None:
        """What can be undone: letters typed one after the other into one field are undone together."""
        if not (field and field == self._past_by):
            past = [*self._past, definition.canonical(before)][-MOST_UNDOS:]
            while len(past) > 1 and sum(map(len, past)) > MOST_REMEMBERED:
                past.pop(0)
            self._past = past
        self._past_by, self.may_undo = field, True

    def _tell_dropped(self, content: Content, dropped: tuple[str, ...]) -> None:
        if not dropped or not isinstance(content, Questionnaire):
            return
        names = [f"“{words.short(words.item_name(one))}”" for one in content.items if one.link_id in dropped]
        verb, its = ("is", "what it depended on") if len(names) == 1 else ("are", "what they depended on")
        self.told = f"{words.listed(names)} {verb} shown without that condition now: {its} is gone or comes later."

    async def _undo(self) -> None:
        if not self._past:
            return
        *earlier, before = self._past
        content = definition.read(Kind(self.kind), json.loads(before))
        done = await self._edit(lambda _: Edit(content))
        if done is not None:
            self.drawn += 1
            self._past, self._past_by, self.may_undo = earlier, "", bool(earlier)

    def _focus(self, name: str) -> None:
        self.focus_on, self.focus_number = name, self.focus_number + 1

    async def _clinic(self) -> Catalogue:
        return await self._open(PAGE, keeps_notice=True)

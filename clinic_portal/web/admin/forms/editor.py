"""The editor of a form: one State, put together from its parts."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.forms import editing, queries, templates
from clinic_portal.forms.definition import Consent, Content, Instruction, Questionnaire
from clinic_portal.forms.types import VersionInfo
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import Desk
from clinic_portal.web.admin.forms.asking import Rules
from clinic_portal.web.admin.forms.base import PAGE, VIEWS
from clinic_portal.web.admin.forms.consent import HTML_MOST, Sections
from clinic_portal.web.admin.forms.preview import Preview
from clinic_portal.web.admin.forms.publish import Publishing
from clinic_portal.web.admin.forms.questionnaire import Questions
from clinic_portal.web.gate import access

FORM_FIELDS = ("title", "statement", "html", "items", "sections")


class FormEditor(Questions, Sections, Rules, Publishing, Preview, rx.State):
    """A form, whatever its kind."""

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def enter(self) -> None:
        """Show the form that the address names; where a connection came back, as it was left."""
        async with self._answering():
            desk = await self.get_state(Desk)
            was = self.form_id if desk.page == PAGE and not self.is_missing else 0
            clinic = await self._open(PAGE)
            self.looking_at, self.is_missing = 0, True
            try:
                wanted = inputs.row_id(self.router.url.query_parameters.get("id", ""))
                if wanted != was:
                    self._begin_anew()
                form, _ = await self._load(wanted)
            except (inputs.BadInput, NotAllowed):
                return
            finally:
                self.at = f"{self.router.url.path}?{self.router.url.query}"
            self.is_missing = False
            self._draw_rules(clinic, form)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def reload(self) -> None:
        """Show the form as it stands, after somebody else changed it."""
        async with self._answering():
            self.open_link, self.adding = "", ""
            form, _ = await self._load(inputs.row_id(self.form_id))
            self._draw_rules(await self._clinic(), form)
            self._focus("step-title")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def show(self, view: Any) -> None:
        """Another side of the form: what it says, its rules, its versions, what publishing means."""
        async with self._answering():
            was, self.view = self.view, inputs.choice(view, VIEWS)
            self.looking_at, self.asks_discard, self.told = 0, False, ""
            form = await self._look()
            if was == "rules" != self.view and self._is_unsaved:
                self._is_unsaved = False
                self.told = "What you ticked under “Rules and services” was not saved."
            if self.view in ("publish", "versions"):
                await self._weigh(form.content)
            elif self.view == "rules":
                self._draw_rules(await self._clinic(), await self._ask(queries.form, self.form_id))
            if self.view == "publish":
                self._focus("publish-title")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def go_to(self, where: Any) -> None:
        """To the place of a fault."""
        async with self._answering():
            wanted = inputs.text(where, most=40)
            self.view = "write"
            is_item = any(one.link == wanted for one in self.rows)
            self.open_link = wanted if is_item else ""
            await self._look()
            names = {"items": "add-end", "sections": "add-section", **{one: f"form_{one}" for one in FORM_FIELDS[:3]}}
            is_section = any(one.link == wanted for one in self.sections)
            self._focus(f"text-{wanted}" if is_item else f"title-{wanted}" if is_section else names.get(wanted, wanted))

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def say_title(self, value: Any) -> None:
        """Keep the title."""
        await self._say_field("title", value)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def say_intro(self, value: Any) -> None:
        """Keep the introduction."""
        await self._say_field("intro", value)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def say_statement(self, value: Any) -> None:
        """Keep the sentence that is signed."""
        await self._say_field("statement", value)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def say_html(self, value: Any) -> None:
        """Keep the text of instructions."""
        await self._say_field("html", value)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def undo(self) -> None:
        """As it was before the last deed."""
        async with self._answering():
            await self._undo()
            self._focus("undo" if self.may_undo else "step-title")

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def look_at(self, version_id: Any) -> None:
        """An earlier version, to read; or back to the list."""
        async with self._answering():
            wanted = inputs.row_id(version_id, least=0)
            self.looking_at = 0 if wanted == self.looking_at else wanted
            self._forget_tries()
            if self.looking_at:
                found = await self._ask(self._version, await self._staff(), wanted)
                self._draw_preview(found.content)
            else:
                await self._look()

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def copy_form(self) -> EventSpec | None:
        """Begin a form with what this one holds."""
        async with self._answering():
            made = await self._do(templates.copy, await self._staff(), inputs.row_id(self.form_id))
            return rx.redirect(f"/admin/forms/edit?id={made}")
        return None

    def _begin_anew(self) -> None:
        """Nothing is open, nothing was tried out."""
        self.open_link, self.adding, self.view, self._shows_faults = "", "", "write", False
        self.asks_anew, self.asks_discard, self.is_minor = True, False, False
        self._forget_tries()

    async def _say_field(self, name: str, value: Any) -> None:
        async with self._answering():
            words = inputs.text(value, most=HTML_MOST)
            await self._edit(lambda form: editing.say(form, name, words), field=name)

    async def _look(self) -> VersionInfo:
        """The form as it stands; it is drawn unless somebody else changed it meanwhile."""
        found = await self._ask(queries.for_editor, await self._staff(), inputs.row_id(self.form_id))
        if found.digest != self._seen:
            self.is_overtaken = True
        else:
            await self._show(found)
        return found

    def _version(self, read: Reading, actor: Any, version_id: int) -> VersionInfo:
        found = [one for one in queries.versions(read, actor, self.form_id) if one.id == version_id]
        if not found:
            raise NotAllowed()
        return found[0]

    def _draw(self, content: Content) -> None:
        faults = self._find_faults(content)
        if isinstance(content, Questionnaire):
            self._draw_questions(content, faults)
        elif isinstance(content, Consent):
            self._draw_sections(content, faults)
        elif isinstance(content, Instruction):
            self.html = content.html
        self.wrong_form = {where: told for where, told in faults.items() if where in FORM_FIELDS}
        self._follow_item(content, self.open_link)
        self._draw_preview(content)

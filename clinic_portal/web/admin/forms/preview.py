"""The form as a patient would see it, with the very controls they get, to be tried out; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.core.errors import Invalid, NotAllowed
from clinic_portal.forms import rules
from clinic_portal.forms.answers import kept, settled
from clinic_portal.forms.checking import MOST_STEPS
from clinic_portal.forms.definition import Consent, Content, Instruction, Item, Kind, Questionnaire, Type
from clinic_portal.forms.types import Draft, Request, VersionInfo
from clinic_portal.web import inputs
from clinic_portal.web.admin.forms import words
from clinic_portal.web.admin.forms.base import Writing
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.prose import prose
from clinic_portal.web.components.tick import tick
from clinic_portal.web.forms.controls import question
from clinic_portal.web.forms.sheet import sheet
from clinic_portal.web.forms.views import SEND, FormView, QuestionView, Shown, form_view
from clinic_portal.web.gate import access

PREFIX = "p-"
"""Before the link ids of what is tried out: the fields it is written in have ids of their own on the same page."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Preview(Writing, mixin=True):
    """What is shown of it, and what somebody answered while trying it out."""

    preview_title: str = ""
    preview_intro: str = ""
    preview_html: str = ""
    preview_place: str = ""
    preview_step: str = ""
    preview_step_title: str = ""
    preview_before: str = ""
    preview_after: str = ""
    preview_later: str = ""
    preview_questions: list[QuestionView] = []
    preview_answers: dict[str, str] = {}
    preview_acks: dict[str, str] = {}
    is_minor: bool = False
    _tried: dict[str, Any] = {}
    _rows: dict[str, int] = {}
    _tried_on: Content | None = None

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def try_answer(self, form: Any, link: Any, value: Any, base: Any, mark: Any) -> None:
        """An answer, as a patient would give it."""
        async with self._answering():
            wanted = inputs.text(link, most=60)
            content = self._tried_form()
            item = next((one for one in _asked(content, is_minor=self.is_minor).items if one.link_id == wanted), None)
            if item is None:
                return
            self.preview_acks[wanted] = inputs.text(mark, most=60)
            try:
                told = settled(item, self._tried.get(wanted), kept(item, value))
            except Invalid:
                return
            self._tried = {**self._tried, wanted: told}
            self._draw_preview(content, is_prepared=True)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def try_row(self, link: Any) -> None:
        """One more row of a list."""
        async with self._answering():
            wanted = inputs.text(link, most=60)
            self._rows = {**self._rows, wanted: min(self._rows.get(wanted, 1) + 1, 10)}
            self._draw_preview(self._tried_form(), is_prepared=True)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def untry_row(self, link: Any, place: Any) -> None:
        """One row less."""
        async with self._answering():
            wanted, n = inputs.text(link, most=60), inputs.row_id(place, least=0)
            told = self._tried.get(wanted)
            if isinstance(told, dict) and "rows" in told:
                rows = [row for at, row in enumerate(told["rows"]) if at != n]
                self._tried = {**self._tried, wanted: {**told, "rows": rows}}
            self._rows = {**self._rows, wanted: max(1, self._rows.get(wanted, 1) - 1)}
            self._draw_preview(self._tried_form(), is_prepared=True)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def try_step(self, step: Any) -> None:
        """Another part of the form."""
        async with self._answering():
            self.preview_step = inputs.text(step, most=60)
            self._draw_preview(self._tried_form(), is_prepared=True)

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def try_minor(self, is_minor: Any) -> None:
        """As for a patient under age, or not."""
        async with self._answering():
            self.is_minor = inputs.choice(is_minor, (True, False))
            self._draw_preview(self._tried_form(), is_prepared=True)

    def _tried_form(self) -> Content:
        if self._tried_on is None:
            raise NotAllowed()
        return self._tried_on

    def _forget_tries(self) -> None:
        self._tried, self._rows, self.preview_acks, self.preview_step = {}, {}, {}, ""

    def _draw_preview(self, content: Content, *, is_prepared: bool = False) -> None:
        """Show it; answers that do not fit any more are forgotten."""
        told = content if is_prepared else _prepared(content)
        self._tried_on = told
        self.preview_title = told.title
        self.preview_html = told.html if isinstance(told, Instruction) else ""
        if isinstance(told, Instruction):
            self.preview_questions = []
            return
        items = {one.link_id: one for one in _asked(told, is_minor=self.is_minor).items}
        self._tried = {
            link: answer for link, answer in self._tried.items() if link in items and _fits(items[link], answer)
        }
        self._show_preview(
            form_view(
                _draft(told, self._tried, is_minor=self.is_minor),
                Shown(step=self.preview_step, shows_all=True, blank_rows=self._rows),
                patient="The patient",
                region="US",
                language="en",
            )
        )

    def _show_preview(self, view: FormView) -> None:
        self.preview_intro, self.preview_place = view.intro, view.place
        self.preview_step, self.preview_step_title = view.step, view.step_title
        self.preview_before, self.preview_after = view.before, view.after
        self.preview_questions, self.preview_answers = view.questions, view.answers
        self.preview_later = view.signs_later

    def _follow_item(self, content: Content, link: str) -> None:
        """Show the part of the form that an item stands in."""
        if not isinstance(content, Questionnaire) or not link:
            return
        step = "-start"
        for one in content.items:
            step = PREFIX + one.link_id if one.type is Type.HEADING else step
            if one.link_id == link:
                self.preview_step = step
                return


def _asked(content: Content, *, is_minor: bool) -> Questionnaire:
    return rules.asked(content, is_minor=is_minor)


def _prepared(content: Content) -> Content:
    """The same form, fit to be drawn though it is half written, under ids of the preview's own."""
    if isinstance(content, Questionnaire):
        return content.model_copy(update={"items": tuple(map(_drawable, content.items))})
    if isinstance(content, Consent):
        sections = [one.model_copy(update={"link_id": PREFIX + one.link_id}) for one in content.sections]
        return content.model_copy(update={"sections": tuple(sections)})
    return content


def _drawable(item: Item) -> Item:
    changes: dict[str, Any] = {
        "link_id": PREFIX + item.link_id,
        "text": item.text if item.text.strip() else words.item_name(item),
        "shown_when": tuple(one.model_copy(update={"question": PREFIX + one.question}) for one in item.shown_when),
        "options": tuple(
            one.model_copy(update={"label": one.label or f"Answer {n}"}) for n, one in enumerate(item.options, 1)
        ),
    }
    if item.type is Type.SCALE:
        least = int(item.least or 0)
        changes |= {"least": least, "most": min(int(item.most or 0), least + MOST_STEPS - 1)}
    return item.model_copy(update=changes)


def _fits(item: Item, answer: Any) -> bool:
    try:
        return answer is None or kept(item, answer) is not None
    except Invalid:
        return False


def _draft(content: Content, answers: Mapping[str, Any], *, is_minor: bool) -> Draft:
    """A draft of nobody's."""
    kind = Kind.CONSENT if isinstance(content, Consent) else Kind.QUESTIONNAIRE
    request = Request(0, 0, 0, kind, content.title, content.title, None, _LONG_AGO, "", None, 0)
    version = VersionInfo(0, 0, kind, 0, content, "", 0, None, "")
    told = {link: answer for link, answer in answers.items() if answer is not None}
    return Draft(0, request, version, told, {}, 0, frozenset(), None, True, True, is_minor, _LONG_AGO)


def preview(state: Any) -> rx.Component:
    """The form, with its controls."""
    return rx.el.section(
        rx.cond(state.preview_place != "", rx.el.p(state.preview_place, class_name=f"{SMALL} m-0")),
        rx.el.h2(
            rx.cond(state.preview_title != "", state.preview_title, "Without a title"), class_name="overflow-anywhere"
        ),
        rx.match(
            state.kind,
            (Kind.BEFORE.value, prose(state.preview_html, class_name="mt-3")),
            (Kind.AFTER.value, prose(state.preview_html, class_name="mt-3")),
            _form(state),
        ),
        aria_label="As patients see it",
        class_name=f"{CARD} !p-5 !shadow-none",
    )


def _at_the_end(state: Any) -> Any:
    return rx.cond(
        (state.preview_place == ""), "No question yet.", "Here they look through what they answered, and send it."
    )


def _form(state: Any) -> rx.Component:
    is_long = state.preview_place != ""
    return rx.fragment(
        rx.cond(
            (state.preview_before == "") & (state.preview_intro != ""),
            rx.el.p(state.preview_intro, class_name=f"{MUTED} mt-2 mb-0 whitespace-pre-line overflow-anywhere"),
        ),
        rx.cond(
            is_long & (state.preview_step_title != state.preview_title),
            rx.el.h3(state.preview_step_title, class_name="mt-4 overflow-anywhere"),
        ),
        sheet(
            rx.el.div(
                rx.foreach(
                    state.preview_questions,
                    lambda one: question(
                        one,
                        on_resolve=lambda *_: rx.noop(),
                        on_add_row=state.try_row,
                        on_remove_row=state.untry_row,
                    ),
                ),
                rx.cond(state.preview_step == SEND, rx.el.p(_at_the_end(state), class_name=f"{MUTED} m-0")),
                class_name="mt-5",
            ),
            form=state.form_id,
            answers=state.preview_answers,
            seen={},
            acks=state.preview_acks,
            is_lost=False,
            on_answer=state.try_answer,
            key=state.form_id,
        ),
        rx.cond(
            state.preview_later != "",
            rx.el.p("After them, ", state.preview_later, " signs as well.", class_name=f"{SMALL} mt-4 mb-0"),
        ),
        rx.cond(
            is_long,
            rx.el.div(
                rx.cond(
                    state.preview_before != "",
                    button("Back", ghost=True, small=True, on_click=state.try_step(state.preview_before)),
                ),
                rx.cond(
                    state.preview_after != "",
                    button(
                        "Next",
                        ghost=True,
                        small=True,
                        on_click=state.try_step(state.preview_after),
                        class_name="ml-auto",
                    ),
                ),
                class_name="flex gap-3 mt-5",
            ),
        ),
        rx.cond(
            (state.kind == Kind.CONSENT.value) & (state.guardian == "when_minor"),
            tick(
                "For a patient under age",
                state.is_minor,
                state.try_minor,
                class_name=f"mt-5 pt-4 border-t border-[var(--line)] {SMALL}",
            ),
        ),
    )

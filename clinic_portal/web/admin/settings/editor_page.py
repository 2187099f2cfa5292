"""How a list of things and the form for one of them look; beside the form, what patients will see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.asked import asks
from clinic_portal.web.admin.settings.editor import FORM
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.fields import fields
from clinic_portal.web.components.watched import PAUSE_MS, watched

Preview = Callable[[Any], rx.Component]
"""From what a State's `preview` holds one of to how patients see it."""


def editor_page(state: Any, title: str, *, one: str, note: str, **more: Any) -> rx.Component:
    """The list and the form of a kind; `one` is what a single one is called."""
    return settings_frame(title, editor(state, one=one, note=note, **more), page=title)


def editor(state: Any, *, one: str, note: str, preview: Preview | None = None, more: Any = ()) -> rx.Component:
    """The list and the form, without the page around them; `more` are further buttons of a line: label, handler."""
    return rx.el.section(
        rx.el.div(
            rx.el.p(note, class_name=f"{MUTED} max-w-[60ch]"),
            button(f"Add a {one}", small=True, on_click=state.edit(0)),
            class_name="flex justify-between items-start gap-4 mb-4 flex-wrap",
        ),
        rx.cond(state.editing == 0, _form(state, f"A new {one}", preview)),
        rx.cond(
            state.rows,
            rx.el.ul(
                rx.foreach(state.rows, lambda row, n: _row(state, row, n, preview, more)),
                class_name=f"{CARD} list-none !py-1 m-0",
            ),
            rx.el.p("There is none yet.", class_name=MUTED),
        ),
        aria_label=one,
    )


def _row(state: Any, row: Any, n: Any, preview: Preview | None, more: Any) -> rx.Component:
    def act(label: Any, handler: Any, name: str = "", *, says_place: bool = False) -> rx.Component:
        placed = {"aria-description": row.place} if says_place else {}
        return rx.el.button(
            label,
            " ",
            rx.el.span(row.name, class_name="sr"),
            type="button",
            class_name="link",
            auto_focus=row.focus == name if name else False,
            on_click=handler(row.id),
            custom_attrs=placed,
        )

    line = rx.el.div(
        rx.el.div(
            rx.el.p(
                row.name,
                rx.cond(row.is_active, "", rx.el.span(" · switched off", class_name=SMALL)),
                class_name="font-semibold overflow-anywhere",
            ),
            rx.el.p(row.detail, class_name=f"{SMALL} overflow-anywhere"),
            class_name="min-w-0",
        ),
        rx.el.div(
            act("Change", state.edit, "change"),
            rx.cond(n > 0, act("Up", state.move_up, "up", says_place=True)),
            rx.cond(row.is_last, rx.fragment(), act("Down", state.move_down, "down", says_place=True)),
            *[act(label, handler) for label, handler in more],
            act(rx.cond(row.is_active, "Switch off", "Switch on"), state.switch, "switch"),
            class_name="flex gap-x-4 gap-y-1 flex-wrap",
        ),
        class_name="flex justify-between items-center gap-x-4 gap-y-1 flex-wrap",
    )
    return rx.el.li(
        rx.cond(
            state.editing == row.id,
            _form(state, row.name, preview),
            rx.fragment(
                line,
                asks(
                    state.asked,
                    row.about,
                    button("Keep the visits and switch off", small=True, on_click=state.switch(row.id)),
                    leave="Do not switch off",
                    on_leave=state.close,
                ),
            ),
        ),
        key=row.key,
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )


def _form(state: Any, title: Any, preview: Preview | None) -> rx.Component:
    form = watched(
        rx.el.h2(title, class_name="mb-3 overflow-anywhere"),
        fields(state.form, state.form_key),
        asks(
            state.asked,
            FORM,
            button("Keep the visits and save", type="submit", small=True),
            leave="Do not save",
            on_leave=state.close,
        ),
        rx.cond(
            state.asked,
            rx.fragment(),
            rx.el.div(
                button("Save", type="submit", small=True),
                button("Do not save", ghost=True, small=True, on_click=state.close),
                class_name="flex gap-3 mt-5",
            ),
        ),
        no_validate=True,
        on_submit=state.save,
        **({"on_input": lambda form: state.look(state.editing, form).debounce(PAUSE_MS)} if preview else {}),
        class_name="min-w-0",
    )
    if preview is None:
        return rx.el.div(form, class_name="editor-form")
    return rx.el.div(form, _beside(state, preview), class_name="editor-form with-preview")


def _beside(state: Any, preview: Preview) -> rx.Component:
    """What patients will see, drawn by the very parts of their pages and without effect here; and what else is so."""
    return rx.el.aside(
        rx.el.h3("What patients will see"),
        rx.el.p(state.unseen, class_name="preview-note empty:hidden"),
        rx.el.div(rx.foreach(state.preview, preview), custom_attrs={"inert": True}, class_name="preview-drawn"),
        rx.el.dl(
            rx.foreach(
                state.facts,
                lambda fact: rx.el.div(
                    rx.el.dt(fact.title),
                    rx.el.dd(
                        fact.text,
                        rx.cond(
                            fact.href != "",
                            rx.el.a(fact.label, href=fact.href, target="_blank", class_name="link block"),
                        ),
                    ),
                ),
            ),
            class_name="preview-facts",
        ),
        class_name="preview",
        aria_label="What patients will see",
    )

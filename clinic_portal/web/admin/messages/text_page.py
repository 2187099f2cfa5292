"""The editor of one text as it is drawn: words on the left, what comes of them on the right."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.messages.text import PAGE, TextEditor
from clinic_portal.web.admin.messages.text_preview import is_email, preview, trial
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button

BESIDE = "grid gap-6 min-w-0 content-start"


def page() -> rx.Component:
    """A text, or that there is none."""
    return admin_frame(
        rx.cond(TextEditor.is_missing, "No such text", TextEditor.title),
        rx.el.p(rx.el.a("All texts", href="/admin/messages/texts", class_name="link"), class_name="mb-3"),
        rx.cond(
            TextEditor.is_missing,
            rx.el.p("It may be called otherwise now. Choose one from the list.", class_name=MUTED),
            rx.fragment(
                rx.el.p(TextEditor.sent, class_name=f"{MUTED} mb-5"),
                rx.el.div(
                    _words(),
                    rx.el.div(
                        preview(),
                        trial(),
                        class_name=rx.cond(
                            TextEditor.is_wide, BESIDE, f"{BESIDE} lg:col-start-2 lg:row-start-1 lg:row-span-2"
                        ),
                    ),
                    _placeholders(),
                    class_name=rx.cond(
                        TextEditor.is_wide,
                        "grid grid-cols-1 gap-6 items-start",
                        "grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_minmax(0,440px)] lg:grid-rows-[auto_1fr] gap-6 items-start",
                    ),
                ),
            ),
        ),
        here="Messages",
        page=PAGE,
    )


def _words() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.h2("The words"),
            rx.el.p(
                rx.match(
                    TextEditor.is_own,
                    (True, rx.cond(TextEditor.is_unfit, "Yours, but ours are sent", "Yours")),
                    "Ours",
                ),
                rx.cond(TextEditor.is_changed, " · not saved yet", ""),
                id="whose",
                class_name=SMALL,
            ),
            class_name="flex justify-between items-baseline gap-3 mb-3",
        ),
        rx.cond(
            TextEditor.is_unfit,
            rx.el.p(
                "These words do not fit any more, so ours are sent. Put them right and save, or go back to ours.",
                class_name="rounded-[var(--radius-m)] px-4 py-3 mb-4 bg-[var(--warn-soft)] text-[#6b4600]",
            ),
        ),
        rx.el.div(
            rx.cond(
                is_email(),
                rx.fragment(
                    _line("subject", "Subject", TextEditor.subject),
                    _line("heading", "Heading", TextEditor.heading),
                ),
            ),
            _area(),
            key=TextEditor.form_key,
            class_name="grid gap-4",
        ),
        rx.el.div(
            button("Save", type="submit", small=True),
            rx.cond(
                TextEditor.is_own,
                button(
                    rx.cond(TextEditor.shows_ours, "Keep mine", "Back to our words"),
                    ghost=True,
                    small=True,
                    aria_expanded=rx.cond(TextEditor.shows_ours, "true", "false"),
                    on_click=TextEditor.look_at_ours,
                ),
            ),
            class_name="flex gap-3 mt-5 flex-wrap",
        ),
        rx.cond(TextEditor.is_own & TextEditor.shows_ours, _ours()),
        no_validate=True,
        on_submit=TextEditor.save,
        class_name=CARD,
    )


def _ours() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Our words"),
        rx.cond(
            is_email(),
            rx.el.dl(
                rx.el.dt("Subject", class_name=SMALL),
                rx.el.dd(TextEditor.ours["subject"], class_name="m-0 mb-2"),
                rx.el.dt("Heading", class_name=SMALL),
                rx.el.dd(TextEditor.ours["heading"], class_name="m-0 mb-2"),
                class_name="m-0 mt-3",
            ),
        ),
        rx.el.p(TextEditor.ours["body"], class_name="whitespace-pre-line overflow-anywhere my-3"),
        button("Use our words", small=True, on_click=TextEditor.back_to_ours),
        aria_label="Our words",
        class_name="bg-[var(--sunken)] rounded-[var(--radius-m)] p-4 mt-4",
    )


def _told(name: str, value: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "default_value": value,
        "auto_focus": TextEditor.focus == name,
        "aria_invalid": rx.cond(TextEditor.wrong[name] != "", "true", "false"),
        "aria_describedby": f"{name}-error",
        "on_change": lambda typed: TextEditor.say(name, typed, TextEditor.form_key).debounce(400),
        "on_blur": lambda typed: TextEditor.say(name, typed, TextEditor.form_key),
    }


def _line(name: str, label: str, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="block font-semibold mb-1.5"),
        rx.el.input(class_name="field", **_told(name, value)),
        rx.el.p(TextEditor.wrong[name], id=f"{name}-error", role="alert", class_name=ERROR),
    )


def _area() -> rx.Component:
    return rx.el.div(
        rx.el.label("Text", html_for="body", class_name="block font-semibold mb-1.5"),
        rx.el.textarea(rows=rx.cond(is_email(), "16", "6"), class_name="field", **_told("body", TextEditor.body)),
        rx.el.p(TextEditor.wrong["body"], id="body-error", role="alert", class_name=ERROR),
        rx.cond(
            is_email(),
            rx.el.p(
                "A blank line begins a new paragraph. What follows the button is set smaller.",
                class_name=f"{SMALL} mt-1.5",
            ),
        ),
    )


def _placeholders() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Placeholders"),
        rx.el.p(
            "Press one to put it at the end of the text, or write it where you want it.", class_name=f"{SMALL} mb-2"
        ),
        rx.el.ul(
            rx.foreach(
                TextEditor.placeholders,
                lambda one: rx.el.li(
                    rx.el.button(
                        one.shown,
                        type="button",
                        class_name="link num text-left min-h-[32px] overflow-anywhere",
                        on_click=TextEditor.insert(one.name),
                    ),
                    rx.el.span(
                        one.stands_for,
                        rx.cond(one.example != "", rx.el.span(f" ({one.example})", class_name=MUTED)),
                        rx.cond(one.note != "", rx.el.span(f" · {one.note}", class_name="font-semibold")),
                        class_name="text-[14px] overflow-anywhere",
                    ),
                    class_name="grid sm:grid-cols-[170px_minmax(0,1fr)] gap-x-4 items-center py-1.5 border-b border-[var(--line)] last:border-0",
                ),
            ),
            class_name="list-none p-0 m-0",
        ),
        class_name=CARD,
    )

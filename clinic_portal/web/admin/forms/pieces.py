"""Small things that every kind of form is written with."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import ERROR, SMALL
from clinic_portal.web.components.rich_text import rich_text
from clinic_portal.web.components.written import written

LABEL = "block font-semibold mb-1.5"
BOX = "w-5 h-5 mt-0.5 shrink-0 accent-[var(--brand)]"
PICTURES = "/admin/pictures"
"""Where pictures of instructions are posted to."""


def icon_button(sign: str, label: Any, about: Any, name: Any, on_click: Any, is_off: Any) -> rx.Component:
    """A sign to press, named for those who do not see it."""
    return rx.el.button(
        rx.el.span(sign, aria_hidden="true"),
        id=name,
        type="button",
        disabled=is_off,
        aria_label=label if isinstance(about, str) else f"{label}: {about}",
        on_click=on_click,
        class_name=(
            "w-9 h-9 shrink-0 rounded-full border-0 bg-transparent text-[var(--ink-2)] grid place-items-center "
            "hover:bg-[var(--sunken)] hover:text-[var(--ink)] disabled:opacity-30 disabled:hover:bg-transparent"
        ),
    )


def labelled(
    state: Any, name: str, label: str, value: Any, on_save: Any, *, hint: str = "", area: bool = False, **more: Any
) -> rx.Component:
    """A field of the form itself with its label; what is wrong with it is said below."""
    at = f"form_{name}"
    return rx.el.div(
        rx.el.label(label, html_for=at, class_name=LABEL),
        written(
            at,
            None,
            value,
            on_save,
            area=area,
            aria_describedby=f"{at}-hint {at}-error",
            aria_invalid=rx.cond(state.wrong_at == name, "true", "false"),
            **more,
        ),
        rx.el.p(hint, id=f"{at}-hint", class_name=f"{SMALL} mt-1.5 mb-0 empty:hidden"),
        rx.el.p(
            rx.cond(state.wrong_at == name, state.wrong, state.wrong_form[name]),
            id=f"{at}-error",
            role="alert",
            class_name=ERROR,
        ),
    )


def rich(state: Any, name: Any, label: Any, value: Any, on_save: Any) -> rx.Component:
    """A field for rich text; drawn anew when something is undone, or loaded as somebody else left it."""
    return rich_text(
        name,
        label=label,
        value=value,
        on_change=lambda html, _: on_save(html),
        pictures_to=PICTURES,
        key=f"{name}-{state.drawn}",
    )

"""Forms that are described by values: a list of fields, each drawn by its kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import ERROR, SMALL


@dataclass
class FieldView:
    """A field. `kind`: text, number, area, choice, tick, ticks, date, datetime-local, or title (a heading).

    `choices` are pairs of value and label; of `ticks`, triples of field name, label, and `yes` where ticked.
    """

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    error: str = ""
    hint: str = ""
    choices: list[list[str]] = field(default_factory=list)
    has_focus: bool = False


def focused(form: list[FieldView], *, is_opened: bool = True) -> list[FieldView]:
    """The same form with the focus on the first field at fault, else on the first where somebody just opened it."""
    told = [one for one in form if one.error] or [one for one in form if one.kind != "title" and is_opened]
    for one in form:
        one.has_focus = bool(told) and one is told[0]
    return form


def fields(shown: Any, key: Any) -> rx.Component:
    """All fields of a form; a new `key` draws them anew with their values."""
    return rx.el.div(rx.foreach(shown, _field), key=key, class_name="grid gap-4")


def picker(
    name: str, label: str, *options: Any, said: str = "block font-semibold mb-1.5", **props: Any
) -> rx.Component:
    """A list to choose from under its label; `said` is how the label looks, `around` how what holds both does."""
    around, look = props.pop("around", "min-w-0"), props.pop("class_name", "field")
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name=said),
        rx.el.select(*options, id=name, name=name, class_name=look, **props),
        class_name=around,
    )


def _field(one: Any) -> rx.Component:
    return rx.match(
        one.kind,
        ("title", rx.el.h3(one.label, class_name="mt-3")),
        ("tick", _tick(one)),
        ("ticks", _ticks(one)),
        _labelled(one),
    )


def _labelled(one: Any) -> rx.Component:
    told = {
        "id": one.name,
        "name": one.name,
        "default_value": one.value,
        "auto_focus": one.has_focus,
        "aria_invalid": rx.cond(one.error != "", "true", "false"),
        "aria_describedby": f"{one.name}-hint {one.name}-error",
        "class_name": "field",
    }
    return rx.el.div(
        rx.el.label(one.label, html_for=one.name, class_name="block font-semibold mb-1.5"),
        rx.match(
            one.kind,
            (
                "choice",
                rx.el.select(rx.foreach(one.choices, lambda pair: rx.el.option(pair[1], value=pair[0])), **told),
            ),
            ("area", rx.el.textarea(rows="4", **told)),
            ("number", rx.el.input(input_mode="numeric", **(told | {"class_name": "field max-w-[160px]"}))),
            ("date", rx.el.input(type="date", **(told | {"class_name": "field max-w-[220px]"}))),
            ("datetime-local", rx.el.input(type="datetime-local", **(told | {"class_name": "field max-w-[280px]"}))),
            rx.el.input(type=one.kind, **told),
        ),
        rx.el.p(one.hint, id=f"{one.name}-hint", class_name=f"{SMALL} mt-1.5 empty:hidden"),
        _error(one),
    )


def _tick(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            _box(one.name, one.value == "yes"),
            rx.el.span(one.label),
            class_name="flex items-start gap-3 min-h-[32px]",
        ),
        rx.el.p(one.hint, class_name=f"{SMALL} ml-8 empty:hidden"),
        _error(one),
    )


def _ticks(one: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(one.label, class_name="font-semibold mb-1.5 p-0"),
        rx.foreach(
            one.choices,
            lambda choice: rx.el.label(
                _box(choice[0], choice[2] == "yes"),
                rx.el.span(choice[1]),
                class_name="flex items-start gap-3 min-h-[32px]",
            ),
        ),
        rx.el.p(one.hint, class_name=f"{SMALL} empty:hidden"),
        _error(one),
        class_name="border-0 p-0 m-0",
    )


def _box(name: Any, is_ticked: Any) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        name=name,
        id=name,
        value="yes",
        default_checked=is_ticked,
        class_name="w-5 h-5 mt-0.5 shrink-0 accent-[var(--brand)]",
    )


def _error(one: Any) -> rx.Component:
    return rx.el.p(
        one.error,
        id=f"{one.name}-error",
        role="alert",
        class_name=ERROR,
    )

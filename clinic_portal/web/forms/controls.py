"""The controls of a form, one per kind of question, and a question around them. The sheet reads and writes them.

A control is told apart from others by `data-shape` on its box and `data-part` on its inputs: see `sheet`.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.forms.answers import FILES_MOST, LONG_MOST, ROWS_MOST, SHORT_MOST
from clinic_portal.web.components.basics import SMALL, button
from clinic_portal.web.components.prose import prose
from clinic_portal.web.forms.signature import signature

PART = "data-part"


def question(one: Any, *, on_resolve: Any, on_add_row: Any, on_remove_row: Any) -> rx.Component:
    """A question with its control, what is wrong with its answer, and what another device said meanwhile."""
    return rx.el.div(
        rx.match(
            one.control,
            ("paragraph", rx.el.p(one.text, class_name="ask-text")),
            ("statement", rx.el.p(one.text, class_name="ask-statement")),
            ("section", _section(one)),
            ("line", _labelled(one, _line(one))),
            ("initials", _labelled(one, _initials(one))),
            ("area", _labelled(one, _area(one))),
            ("yes_no", _group(one, _two(one, "answer"), shape="one")),
            ("choice", _group(one, _cards(one, "answer"), shape="one")),
            ("choices", _group(one, _boxes(one), shape="many")),
            ("scale", _group(one, _scale(one), shape="one")),
            ("explain", _group(one, _two(one, "value"), _more(one, "Tell us more", "yes"), shape="parts")),
            ("other", _group(one, _cards(one, "value"), _more(one, "What is it?", "other"), shape="parts")),
            ("address", _group(one, _address(one), shape="parts")),
            ("rows", _group(one, _rows(one, on_add_row, on_remove_row), shape="rows")),
            ("tick", _tick(one)),
            ("signature", _group(one, signature(one), shape="signature")),
            ("files", _group(one, _files(one), shape="json")),
            rx.fragment(),
        ),
        _differs(one, on_resolve),
        key=one.link,
        class_name="question",
    )


def _labelled(one: Any, control: rx.Component) -> rx.Component:
    """A question with one input, which its label names."""
    return rx.el.div(
        rx.el.label(one.text, _optional(one), html_for=one.link, class_name="ask-name"),
        _help(one),
        control,
        _error(one),
        custom_attrs={"data-link": one.link, "data-shape": "one"},
    )


def _group(one: Any, *controls: rx.Component, shape: str) -> rx.Component:
    """A question with several inputs."""
    return rx.el.fieldset(
        rx.el.legend(one.text, _optional(one), class_name="ask-name"),
        _help(one),
        *controls,
        _error(one),
        id=one.link,
        aria_describedby=f"{one.link}-help {one.link}-error",
        custom_attrs={"data-link": one.link, "data-shape": shape, "tabIndex": -1},
        class_name="ask-group",
    )


def _optional(one: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(one.is_optional, rx.el.span(" (optional)", class_name="ask-optional")),
        rx.cond(one.note != "", rx.el.span(one.note, class_name="ask-note")),
    )


def _help(one: Any) -> rx.Component:
    return rx.el.p(
        one.help,
        rx.cond((one.help != "") & (one.hint != ""), " ", ""),
        one.hint,
        id=f"{one.link}-help",
        class_name="ask-help",
    )


def _error(one: Any) -> rx.Component:
    return rx.el.p(one.error, id=f"{one.link}-error", role="alert", class_name="ask-error")


def _about(one: Any) -> dict[str, Any]:
    """How the one input of a question is named and described."""
    return {
        "id": one.link,
        "aria_describedby": f"{one.link}-help {one.link}-error",
        "aria_invalid": rx.cond(one.error != "", "true", "false"),
        "custom_attrs": {PART: "answer"},
    }


def _line(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type=one.input,
            input_mode=one.keyboard,
            auto_complete=one.fills,
            max_length=SHORT_MOST,
            class_name=rx.match(
                one.keyboard,
                ("decimal", "field max-w-[180px]"),
                (rx.cond(one.input == "date", "text", "-"), "field max-w-[220px]"),
                "field",
            ),
            **_about(one),
        ),
        rx.el.span(one.unit, class_name="ask-unit"),
        class_name="flex items-center gap-3",
    )


def _initials(one: Any) -> rx.Component:
    return rx.el.input(
        type="text",
        auto_complete="off",
        auto_capitalize="characters",
        max_length=10,
        class_name="field max-w-[130px] initials",
        **_about(one),
    )


def _area(one: Any) -> rx.Component:
    return rx.el.textarea(rows="4", max_length=LONG_MOST, class_name="field", **_about(one))


def _radio(one: Any, option: Any, part: str, name: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=one.link,
            id=f"{one.link}-{option.code}",
            value=option.code,
            custom_attrs={PART: part},
        ),
        rx.el.span(option.label),
        class_name=name,
    )


def _two(one: Any, part: str) -> rx.Component:
    """Yes and no, as two big buttons."""
    return rx.el.div(
        rx.foreach(one.options, lambda option: _radio(one, option, part, "pick wide")),
        class_name="grid grid-cols-2 gap-3 max-w-[420px]",
    )


def _cards(one: Any, part: str) -> rx.Component:
    return rx.el.div(
        rx.foreach(one.options, lambda option: _radio(one, option, part, "pick")), class_name=_columns(one)
    )


def _scale(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.foreach(one.options, lambda option: _radio(one, option, "answer", "pick step")), class_name="scale-row"
        ),
        rx.el.div(
            rx.foreach(one.parts, lambda end: rx.el.span(end.label)),
            class_name=f"flex justify-between gap-4 {SMALL} mt-1.5",
        ),
    )


def _boxes(one: Any) -> rx.Component:
    def box(option: Any) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="checkbox", id=f"{one.link}-{option.code}", value=option.code, custom_attrs={PART: "answer"}
            ),
            rx.el.span(option.label),
            class_name="pick",
        )

    return rx.el.div(rx.foreach(one.options, box), class_name=_columns(one))


def _columns(one: Any) -> Any:
    return rx.cond(one.options.length() > 5, "grid sm:grid-cols-2 gap-2.5", "grid gap-2.5")


def _more(one: Any, label: str, when: str) -> rx.Component:
    """What is told besides, once `when` is chosen: shown at once, by the style sheet."""
    return rx.el.div(
        rx.el.label(label, html_for=f"{one.link}-text", class_name="block font-medium mb-1.5"),
        rx.el.textarea(
            id=f"{one.link}-text",
            rows="3",
            max_length=LONG_MOST,
            class_name="field",
            aria_describedby=f"{one.link}-error",
            custom_attrs={PART: "text"},
        ),
        class_name=f"more when-{when}",
    )


def _input(part: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(part.label, html_for=part.id, class_name="block font-medium text-[13px] mb-1"),
        rx.el.input(
            id=part.id,
            type="text",
            auto_complete=part.fills,
            max_length=SHORT_MOST,
            class_name="field",
            custom_attrs={PART: part.part},
        ),
        class_name="grow min-w-0",
    )


def _address(one: Any) -> rx.Component:
    def line(part: Any) -> rx.Component:
        return rx.el.div(_input(part), class_name=rx.cond(part.part == "street", "sm:col-span-2", ""))

    return rx.el.div(rx.foreach(one.parts, line), class_name="grid sm:grid-cols-2 gap-3")


def _rows(one: Any, on_add: Any, on_remove: Any) -> rx.Component:
    def row(of: Any) -> rx.Component:
        return rx.el.div(
            rx.foreach(of.parts, _input),
            rx.el.button(
                "Remove",
                rx.el.span(f" {of.label}", class_name="sr"),
                type="button",
                on_click=on_remove(one.link, of.place),
                class_name="link self-start sm:self-end sm:mb-2.5",
            ),
            role="group",
            aria_label=of.label,
            custom_attrs={"data-row": of.place},
            class_name="ask-row",
        )

    return rx.fragment(
        rx.el.label(
            rx.el.input(type="checkbox", id=f"{one.link}-none", value="yes", custom_attrs={PART: "none"}),
            rx.el.span(one.none),
            class_name="pick mb-3",
        ),
        rx.el.div(
            rx.foreach(one.rows, row),
            rx.cond(
                one.rows.length() < ROWS_MOST,
                button(
                    "+ Add another",
                    rx.el.span(f" {one.row_name}", class_name="sr"),
                    ghost=True,
                    small=True,
                    on_click=on_add(one.link),
                    class_name="justify-self-start",
                ),
            ),
            class_name="ask-rows",
        ),
    )


def _tick(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                value="yes",
                **_about(one),
            ),
            rx.el.span(one.text, _optional(one)),
            class_name="pick",
        ),
        _help(one),
        _error(one),
        custom_attrs={"data-link": one.link, "data-shape": "one"},
    )


def _section(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(one.text, class_name="empty:hidden"),
        prose(one.html),
    )


def _files(one: Any) -> rx.Component:
    """Photos or files; the picker is not here yet.

    It is to keep the ids as a JSON list in a hidden input (`data-part` answer), to say `input` when it changes them and
    to listen to `written` for those that come from the server.
    """
    return rx.el.p(f"Please bring this to your visit, or send it to the clinic (up to {FILES_MOST}).", class_name=SMALL)


def _differs(one: Any, on_resolve: Any) -> rx.Component:
    """Two devices gave two answers: both are shown, and one is chosen."""
    return rx.cond(
        (one.mine != "") | (one.theirs != ""),
        rx.el.div(
            rx.el.p("This was answered on another device meanwhile.", class_name="font-semibold"),
            rx.el.dl(
                rx.el.div(rx.el.dt("Yours, here"), rx.el.dd(one.mine)),
                rx.el.div(rx.el.dt("From the other device"), rx.el.dd(one.theirs)),
                class_name="differs-two",
            ),
            rx.el.div(
                button("Keep mine", small=True, on_click=on_resolve(one.link, "mine")),
                button("Take theirs", ghost=True, small=True, on_click=on_resolve(one.link, "theirs")),
                class_name="flex flex-wrap gap-3 mt-3",
            ),
            role="alert",
            class_name="differs",
        ),
    )

"""How the settings of a question look while it is open."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.forms.pieces import LABEL, icon_button
from clinic_portal.web.components.basics import ERROR, MUTED, SMALL, button
from clinic_portal.web.components.tick import tick
from clinic_portal.web.components.written import written


def settings(state: Any) -> rx.Component:
    """What it asks, how it is answered, when it is shown."""
    one = state.item
    label = rx.match(one.look, ("heading", "Heading"), ("paragraph", "Text"), "Question")
    return rx.el.div(
        _said(state, "text", label, area=True, max_length=2000, rows="1"),
        rx.cond(
            one.look == "question",
            _said(state, "help", "Help below it (optional)", area=True, max_length=1000, rows="1"),
        ),
        rx.cond(
            one.kin,
            rx.el.div(
                rx.el.label("How it is answered", html_for=f"kin-{one.link}", class_name=LABEL),
                rx.el.select(
                    rx.foreach(one.kin, lambda each: rx.el.option(each[1], value=each[0])),
                    id=f"kin-{one.link}",
                    value=one.kind,
                    on_change=lambda value: state.retype_item(one.link, value),
                    class_name="field max-w-[320px]",
                ),
            ),
        ),
        rx.cond(one.has_options, _options(state)),
        rx.cond(one.is_number, _bounds(state, "Least (optional)", "Most (optional)", unit=True)),
        rx.cond(one.is_scale, _bounds(state, "From", "To", unit=False)),
        rx.cond(
            one.may_require,
            tick("Must be answered", one.is_required, lambda value: state.require_item(one.link, value)),
        ),
        _conditions(state),
        rx.cond(
            one.places.length() > 1,
            rx.el.div(
                rx.el.label("Where it stands", html_for=f"place-{one.link}", class_name=LABEL),
                rx.el.select(
                    rx.foreach(one.places, lambda each: rx.el.option(each[1], value=each[0])),
                    id=f"place-{one.link}",
                    value=one.place,
                    on_change=lambda value: state.move_item(one.link, value),
                    class_name="field",
                ),
            ),
        ),
        rx.el.div(
            button("Done", small=True, on_click=state.open_item(one.link)),
            button("Add below", small=True, ghost=True, id=f"add-{one.link}", on_click=state.offer(one.link)),
            button("Duplicate", small=True, ghost=True, on_click=state.copy_item(one.link)),
            button("Delete", small=True, ghost=True, on_click=state.remove_item(one.link)),
            class_name="flex flex-wrap gap-2.5 border-t border-[var(--line)] pt-4",
        ),
        key=one.link,
        class_name="grid gap-4 px-4 sm:px-5 pb-5 pt-1",
    )


def _said(state: Any, field: str, label: Any, *, area: bool = False, **more: Any) -> rx.Component:
    one = state.item
    name = f"{field}-{one.link}"
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name=LABEL),
        written(
            name,
            None,
            getattr(one, field),
            lambda value: state.say_item(one.link, field, value),
            area=area,
            key=name,
            aria_describedby=f"{name}-error",
            aria_invalid=rx.cond(state.wrong_at == name, "true", "false"),
            **more,
        ),
        rx.el.p(rx.cond(state.wrong_at == name, state.wrong, ""), id=f"{name}-error", role="alert", class_name=ERROR),
    )


def _bounds(state: Any, least: str, most: str, *, unit: bool) -> rx.Component:
    ends = (
        [_said(state, "unit", "Unit (optional)", max_length=20)]
        if unit
        else [
            _said(state, "least_label", "Words at its beginning (optional)", max_length=60),
            _said(state, "most_label", "Words at its end (optional)", max_length=60),
        ]
    )
    return rx.el.div(
        _said(state, "least", least, input_mode="decimal", max_length=20),
        _said(state, "most", most, input_mode="decimal", max_length=20),
        *ends,
        class_name=f"grid gap-4 {'sm:grid-cols-3' if unit else 'sm:grid-cols-2'}",
    )


def _options(state: Any) -> rx.Component:
    one = state.item
    return rx.el.fieldset(
        rx.el.legend("Answers to choose from", class_name=f"{LABEL} p-0"),
        rx.el.ul(
            rx.foreach(
                one.options,
                lambda option: rx.el.li(
                    rx.el.div(
                        written(
                            f"option-{one.link}-{option.code}",
                            f"Answer {option.n}",
                            option.label,
                            lambda value: state.say_option(one.link, option.code, value),
                            key=f"option-{one.link}-{option.code}",
                            max_length=300,
                        ),
                        icon_button(
                            "↑",
                            f"Move answer {option.n} up",
                            "",
                            f"option-up-{one.link}-{option.code}",
                            state.shift_option(one.link, option.code),
                            option.is_first,
                        ),
                        icon_button(
                            "✕",
                            f"Remove answer {option.n}",
                            "",
                            f"option-out-{one.link}-{option.code}",
                            state.remove_option(one.link, option.code),
                            False,
                        ),
                        class_name="flex items-center gap-1",
                    ),
                    key=option.code,
                ),
            ),
            class_name="list-none p-0 m-0 grid gap-2",
        ),
        button(
            "Add an answer",
            small=True,
            ghost=True,
            id=f"add-option-{one.link}",
            on_click=state.add_option(one.link),
            class_name="mt-2.5",
        ),
        rx.cond(one.may_isolate, _alone(state)),
        class_name="border-0 p-0 m-0",
    )


def _alone(state: Any) -> rx.Component:
    one = state.item
    name = f"alone-{one.link}"
    return rx.el.div(
        rx.el.label("Answer that takes the others away, such as “None of these”", html_for=name, class_name=LABEL),
        rx.el.select(
            rx.el.option("No answer does", value=""),
            rx.foreach(
                one.options,
                lambda option: rx.el.option(
                    rx.cond(option.label != "", option.label, f"Answer {option.n}"), value=option.code
                ),
            ),
            id=name,
            value=one.alone,
            on_change=lambda code: state.isolate_option(one.link, code),
            class_name="field max-w-[320px]",
        ),
        class_name="mt-4",
    )


def _conditions(state: Any) -> rx.Component:
    one = state.item
    return rx.cond(
        one.may_depend,
        rx.el.fieldset(
            rx.el.legend(
                rx.cond(one.look == "heading", "When this part is shown", "When it is shown"), class_name=f"{LABEL} p-0"
            ),
            rx.cond(
                one.conditions,
                rx.el.div(
                    rx.cond(
                        one.conditions.length() > 1,
                        rx.el.select(
                            rx.el.option("When all of these are so", value="all"),
                            rx.el.option("When any of these is so", value="any"),
                            value=one.shown_if,
                            aria_label="All of these, or any",
                            on_change=lambda value: state.join_conditions(one.link, value),
                            class_name="field max-w-[320px]",
                        ),
                        rx.el.p("Only when", class_name=f"{SMALL} m-0"),
                    ),
                    rx.foreach(one.conditions, lambda each: _condition(state, each)),
                    class_name="grid gap-3",
                ),
                rx.el.p("Always.", class_name=f"{MUTED} m-0"),
            ),
            button(
                "Add a condition",
                small=True,
                ghost=True,
                id="add-condition",
                on_click=state.add_condition(one.link),
                class_name="mt-2.5",
            ),
            class_name="border-0 p-0 m-0",
        ),
    )


def _condition(state: Any, each: Any) -> rx.Component:
    one = state.item

    def choose(name: str, label: str, options: Any, value: Any, **more: Any) -> rx.Component:
        return rx.el.select(
            rx.foreach(options, lambda pair: rx.el.option(pair[1], value=pair[0])),
            value=value,
            aria_label=label,
            on_change=lambda told: state.set_condition(one.link, each.n, name, told),
            class_name="field",
            **more,
        )

    return rx.el.div(
        choose("question", "Question", each.questions, each.question, id=f"condition-{each.n}"),
        rx.el.div(
            choose("operator", "How it is answered", each.operators, each.operator),
            rx.match(
                each.takes,
                ("choice", choose("answer", "Answer", each.answers, each.answer)),
                (
                    "number",
                    written(
                        f"condition-answer-{each.n}",
                        "Number",
                        each.answer,
                        lambda told: state.set_condition(one.link, each.n, "answer", told),
                        key=f"{one.link}-{each.n}-{each.question}",
                        input_mode="decimal",
                        max_length=20,
                    ),
                ),
                rx.fragment(),
            ),
            icon_button(
                "✕",
                "Remove this condition",
                "",
                f"condition-out-{each.n}",
                state.remove_condition(one.link, each.n),
                False,
            ),
            class_name="flex gap-2 items-center",
        ),
        class_name="grid gap-2 rounded-[var(--radius-m)] bg-[var(--sunken)] p-3",
    )

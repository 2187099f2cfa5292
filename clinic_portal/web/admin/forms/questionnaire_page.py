"""How a questionnaire looks while it is written: the list of its items, one of them open, the menu of types."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.forms.definition import Type
from clinic_portal.web.admin.forms import words
from clinic_portal.web.admin.forms.pieces import LABEL, REFUSAL, icon_button, labelled
from clinic_portal.web.admin.forms.questionnaire import AT_END
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.sorted import sorted_list
from clinic_portal.web.components.tick import tick
from clinic_portal.web.components.written import written

_DROP = (
    "overflow-hidden data-[drop=above]:shadow-[0_-4px_0_var(--brand)] data-[drop=below]:shadow-[0_4px_0_var(--brand)]"
)


def questions(state: Any) -> rx.Component:
    """Title and introduction, the items, and the way to add one."""
    return rx.el.div(
        rx.el.section(
            labelled(state, "title", "Title, as patients read it", state.title, state.say_title, max_length=200),
            labelled(
                state,
                "intro",
                "Introduction (optional)",
                state.intro,
                state.say_intro,
                area=True,
                hint="Why you ask, and how long it takes.",
                max_length=2000,
            ),
            aria_label="The beginning",
            class_name=f"{CARD} grid gap-4",
        ),
        sorted_list(
            rx.foreach(state.rows, lambda row: _item(state, row)),
            label="Questions",
            on_move=state.move_item,
            class_name="list-none p-0 m-0 grid gap-3 empty:hidden",
        ),
        rx.cond(
            state.rows,
            rx.fragment(),
            rx.el.p(
                "No question yet. Begin with a heading or the first question.",
                class_name=f"{MUTED} rounded-[var(--radius-l)] border border-dashed border-[var(--edge)] p-5 m-0",
            ),
        ),
        rx.el.div(
            button(
                rx.el.span("+", aria_hidden="true"),
                "Add a question",
                id=f"add-{AT_END}",
                aria_expanded=rx.cond(state.adding == AT_END, "true", "false"),
                on_click=state.offer(AT_END),
                class_name="w-full sm:w-auto",
            ),
            rx.cond(state.adding == AT_END, _menu(state)),
        ),
        class_name="grid gap-4",
    )


def _menu(state: Any) -> rx.Component:
    """All types in plain words."""
    return rx.el.div(
        *[
            rx.el.div(
                rx.el.h3(group, class_name="!font-[family-name:var(--sans)] !font-semibold !text-[13px] mb-1.5"),
                rx.el.div(
                    *[_type_button(state, kind, *told) for kind, told in types.items()],
                    class_name="grid sm:grid-cols-2 gap-1.5",
                ),
            )
            for group, types in words.TYPES.items()
        ],
        role="group",
        aria_label="What to add",
        class_name=f"{CARD} grid gap-4 mt-3",
    )


def _type_button(state: Any, kind: Type, label: str, about: str) -> rx.Component:
    return rx.el.button(
        rx.el.span(label, class_name="block font-semibold"),
        rx.el.span(about, class_name=f"block {SMALL}"),
        id=f"type-{kind.value}",
        type="button",
        on_click=state.add_item(kind.value),
        class_name=(
            "text-left rounded-[var(--radius-m)] border border-[var(--line)] bg-[var(--surface)] px-3.5 py-2.5 "
            "hover:bg-[var(--sunken)] hover:border-[var(--edge)]"
        ),
    )


def _item(state: Any, row: Any) -> rx.Component:
    is_open = state.open_link == row.link
    return rx.el.li(
        rx.el.div(
            rx.el.button(
                rx.el.span(
                    row.number,
                    aria_hidden="true",
                    class_name="shrink-0 w-7 text-[13px] text-[var(--ink-2)] tabular-nums empty:hidden",
                ),
                rx.el.span(
                    rx.el.span(
                        row.name,
                        rx.cond(row.is_required, rx.el.span(" *", aria_label="must be answered", role="img")),
                        class_name=rx.match(
                            row.look,
                            ("heading", "block font-[family-name:var(--serif)] text-[19px] overflow-anywhere"),
                            ("paragraph", "block text-[var(--ink-2)] overflow-anywhere"),
                            "block font-semibold overflow-anywhere",
                        ),
                    ),
                    rx.el.span(
                        row.type,
                        rx.cond(row.when != "", f" · {row.when}", ""),
                        class_name=f"block font-normal {SMALL} overflow-anywhere",
                    ),
                    class_name="min-w-0",
                ),
                id=f"open-{row.link}",
                type="button",
                aria_expanded=rx.cond(is_open, "true", "false"),
                on_click=state.open_item(row.link),
                class_name="flex gap-1 items-baseline text-left grow min-w-0 bg-transparent border-0 py-3.5 pl-4 pr-2 sm:pl-5",
            ),
            rx.el.div(
                rx.el.span(
                    "⠿",
                    draggable=True,
                    aria_hidden="true",
                    title="Drag to another place",
                    custom_attrs={"data-handle": ""},
                    class_name="hidden lg:grid w-8 h-9 place-items-center text-[var(--ink-3)] cursor-grab select-none",
                ),
                icon_button("↑", "Move up", row.name, f"up-{row.link}", state.shift_item(row.link, True), row.is_first),
                icon_button(
                    "↓", "Move down", row.name, f"down-{row.link}", state.shift_item(row.link, False), row.is_last
                ),
                class_name="flex shrink-0 pr-2.5 pt-2.5",
            ),
            class_name="flex items-start",
        ),
        rx.el.p(row.fault, id=f"fault-{row.link}", class_name=f"{REFUSAL} px-5 pb-3 m-0"),
        rx.cond(is_open, _settings(state)),
        rx.cond(state.adding == row.link, rx.el.div(_menu(state), class_name="px-4 pb-4")),
        key=row.link,
        id=f"item-{row.link}",
        custom_attrs={"data-item": row.link},
        class_name=rx.cond(
            is_open,
            "bg-[var(--surface)] border border-[var(--brand)] rounded-[var(--radius-l)] shadow-[var(--shadow)] "
            + _DROP,
            "bg-[var(--surface)] border border-[var(--line)] rounded-[var(--radius-l)] hover:border-[var(--edge)] "
            + _DROP,
        ),
    )


def _settings(state: Any) -> rx.Component:
    one = state.item
    label = rx.match(one.look, ("heading", "Heading"), ("paragraph", "Text"), "Question")
    return rx.el.div(
        _said(state, "text", label, area=True, max_length=2000, rows="1"),
        rx.cond(
            one.look != "paragraph",
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
        rx.el.p(rx.cond(state.wrong_at == name, state.wrong, ""), id=f"{name}-error", role="alert", class_name=REFUSAL),
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
                    key=option.code,
                    class_name="flex items-center gap-1",
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
        class_name="border-0 p-0 m-0",
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

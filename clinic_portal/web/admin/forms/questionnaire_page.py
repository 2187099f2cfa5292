"""How a questionnaire looks while it is written: the list of its items, one of them open, the menu of types."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.forms.definition import Type
from clinic_portal.web.admin.forms import words
from clinic_portal.web.admin.forms.pieces import icon_button, labelled
from clinic_portal.web.admin.forms.question_page import settings
from clinic_portal.web.admin.forms.questionnaire import AT_END
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button
from clinic_portal.web.components.sorted import sorted_list

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
        rx.el.p(row.fault, id=f"fault-{row.link}", class_name=f"{ERROR} px-5 pb-3 m-0"),
        rx.cond(is_open, settings(state)),
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

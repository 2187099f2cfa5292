"""What a completed document holds, drawn: the text of a consent, questions with their answers, signatures."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import MUTED, NATIVE, SMALL, card
from clinic_portal.web.components.prose import prose


def consent_text(sections: Any, **props: Any) -> rx.Component:
    """The text as it was signed, with the initials under its sections."""
    return card(
        rx.foreach(
            sections,
            lambda one: rx.el.section(
                rx.el.h2(one.title, class_name="mb-3 empty:hidden"),
                prose(one.html),
                rx.cond(
                    one.initials != "",
                    rx.el.p(
                        "Initials ",
                        rx.el.span(one.initials, class_name="font-[family-name:var(--serif)] italic text-[20px] ml-2"),
                        class_name=f"{SMALL} mt-3",
                    ),
                ),
                class_name="mb-8 last:mb-0",
            ),
        ),
        **props,
    )


def questions(answers: Any) -> rx.Component:
    """Questions, and what was answered."""
    return card(rx.el.div(rx.foreach(answers, _answer)), id="answers")


def _answer(one: Any) -> rx.Component:
    return rx.match(
        one.kind,
        ("heading", rx.el.h2(one.text, class_name="mt-7 first:mt-0 mb-1")),
        ("paragraph", rx.el.p(one.text, class_name=f"{MUTED} mt-3 whitespace-pre-line")),
        rx.el.div(
            rx.el.p(one.text, class_name=f"{SMALL} overflow-anywhere"),
            rx.cond(one.path != "", rx.el.div(_drawn(one.path, one.text), class_name="mt-2 mb-1")),
            rx.foreach(
                one.told,
                lambda told: rx.el.p(told, class_name="font-medium whitespace-pre-line overflow-anywhere mt-0.5"),
            ),
            rx.cond(
                one.files,
                rx.el.ul(
                    rx.foreach(one.files, _file), class_name="list-none p-0 mt-2 mb-0 flex flex-wrap gap-3 items-end"
                ),
                rx.cond(one.told, rx.fragment(), rx.el.p("Not answered", class_name="text-[var(--ink-2)] mt-0.5")),
            ),
            class_name="py-3 border-b border-[var(--line)] last:border-0",
        ),
    )


def _drawn(path: Any, label: Any) -> rx.Component:
    """A signature as it was drawn."""
    return rx.el.svg(
        rx.el.path(
            d=path,
            fill="none",
            stroke="currentColor",
            stroke_width="3.5",
            stroke_linecap="round",
            stroke_linejoin="round",
        ),
        view_box="0 0 600 200",
        role="img",
        aria_label=label,
        class_name="block w-full max-w-[340px] border-b border-[var(--edge)]",
    )


def _file(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.cond(
                one.small != "",
                rx.el.img(
                    src=one.small,
                    alt=one.name,
                    loading="lazy",
                    class_name="block w-28 h-28 object-cover rounded-[var(--radius-m)] border border-[var(--line)]",
                ),
                one.name,
            ),
            href=one.href,
            target="_blank",
            rel="noopener",
            custom_attrs=dict(NATIVE),
            class_name="link",
        )
    )


def signatures(listed: Any) -> rx.Component:
    """Every signature: drawn, or the name in its typed form."""
    return card(
        rx.el.h2("Signed"),
        rx.foreach(
            listed,
            lambda one: rx.el.div(
                rx.el.p(one.statement, class_name=f"{MUTED} empty:hidden mb-2"),
                rx.cond(
                    one.path != "",
                    _drawn(one.path, f"Signature of {one.name}"),
                    rx.el.p(
                        one.name,
                        class_name="font-[family-name:var(--serif)] italic text-[28px] border-b border-[var(--edge)] "
                        "max-w-[340px] pt-4 overflow-anywhere",
                    ),
                ),
                rx.el.p(one.who, class_name="font-semibold mt-2 overflow-anywhere"),
                rx.el.p(one.when, class_name=SMALL),
                class_name="mt-4 pb-4 border-b border-[var(--line)] last:border-0 last:pb-0",
            ),
        ),
        id="signatures",
    )

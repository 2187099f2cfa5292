"""What the portal's pages are made of: status pills, visits, a month."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import MUTED, SMALL, button, link_button, step_title

PILL = "inline-block whitespace-nowrap h-fit rounded-full px-2.5 py-0.5 text-[12px] font-semibold"
COLOURS = {
    "upcoming": "bg-[var(--upcoming-soft)] text-[var(--upcoming)]",
    "past": "bg-[var(--past-soft)] text-[var(--past)]",
    "cancelled": "bg-[var(--sunken)] text-[var(--ink-2)]",
}
_ON_COLOUR = {kind: f"bg-[var(--surface)] {told.split()[-1]}" for kind, told in COLOURS.items()}
"""The same words on a sheet that is coloured already."""


def pill(text: Any, kind: Any, *, is_on_colour: bool = False) -> rx.Component:
    """A status in a word and a sign, in its colour (S51)."""
    colours = _ON_COLOUR if is_on_colour else COLOURS
    return rx.el.span(
        rx.match(kind, ("upcoming", "• "), ("past", "✓ "), "✕ "),
        text,
        class_name=rx.match(
            kind,
            ("upcoming", f"{PILL} {colours['upcoming']}"),
            ("past", f"{PILL} {colours['past']}"),
            f"{PILL} {colours['cancelled']}",
        ),
    )


def visit_entry(one: Any) -> rx.Component:
    """A visit in a list: a link to all about it."""
    return rx.el.li(
        rx.el.a(
            rx.el.div(
                rx.el.span(
                    rx.el.span(one.on, class_name="whitespace-nowrap"),
                    " · ",
                    rx.el.span(one.hours, class_name="whitespace-nowrap"),
                    class_name="font-semibold",
                ),
                pill(one.status, one.kind, is_on_colour=True),
                class_name="flex flex-wrap justify-between items-start gap-x-3 gap-y-1",
            ),
            rx.el.p(one.services, class_name="mt-1"),
            rx.el.p(one.provider, " · ", one.place, class_name=f"{SMALL} overflow-anywhere"),
            rx.el.p(one.note, class_name="text-[13px] font-semibold mt-1 empty:hidden"),
            href=one.href,
            class_name=rx.match(
                one.kind,
                ("upcoming", "visit-entry upcoming"),
                ("past", "visit-entry past"),
                "visit-entry",
            ),
        ),
        class_name="mb-3",
    )


def month_of_visits(title: Any, weekdays: Any, cells: Any, *, on_turn: Any) -> rx.Component:
    """A month with the days of visits marked by colour, sign and words."""
    return rx.el.div(
        rx.el.div(
            rx.el.h2(title, aria_live="polite"),
            rx.el.div(
                button("‹", ghost=True, small=True, aria_label="Month before", on_click=on_turn(-1)),
                button("›", ghost=True, small=True, aria_label="Month after", on_click=on_turn(1)),
                class_name="flex gap-2",
            ),
            class_name="flex items-center justify-between",
        ),
        rx.el.p(
            rx.el.span("• upcoming", class_name="text-[var(--upcoming)] font-semibold"),
            rx.el.span("✓ past", class_name="text-[var(--past)] font-semibold"),
            class_name="flex gap-4 text-[13px] mt-1",
        ),
        rx.el.div(
            rx.foreach(weekdays, lambda name: rx.el.span(name, aria_hidden="true", class_name=f"{SMALL} py-1.5")),
            rx.foreach(cells, _cell),
            class_name="grid grid-cols-7 gap-1 text-center mt-2",
        ),
    )


def _cell(one: Any) -> rx.Component:
    return rx.cond(
        one.href != "",
        rx.el.a(
            one.number,
            rx.el.span(one.sign, aria_hidden="true", class_name="block text-[10px] leading-none"),
            href=one.href,
            aria_label=one.label,
            class_name=rx.cond(one.kind == "upcoming", "cal upcoming", "cal past"),
        ),
        rx.el.span(one.number, class_name=rx.cond(one.is_today, "cal today", "cal")),
    )


def row(title: Any, *content: Any) -> rx.Component:
    """A fact with its name."""
    return rx.el.div(
        rx.el.dt(title, class_name=f"{SMALL}"),
        rx.el.dd(*content, class_name="m-0 overflow-anywhere"),
        class_name="py-2.5 border-b border-[var(--line)] last:border-0",
    )


def nowhere() -> rx.Component:
    """What any address shows that leads nowhere, and a page that is not there for whoever asks."""
    return rx.el.div(
        step_title("This page does not exist"),
        rx.el.p("The link may be old, or a letter got lost on the way.", class_name=f"{MUTED} mt-2 mb-6"),
        link_button("To my portal", href="/portal"),
    )

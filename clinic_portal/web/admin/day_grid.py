"""The day of a location as a grid. Components alone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.day_words import UNTOLD
from clinic_portal.web.components.basics import SMALL


def day_grid(day: Any) -> rx.Component:
    """A column for each provider; to be looked at: the calendar is where visits are moved."""
    return rx.el.div(
        rx.el.p(
            rx.el.a("Open in the calendar", href=day.calendar, class_name="link"), class_name="text-right mb-2 no-print"
        ),
        rx.el.div(
            rx.el.div(
                rx.el.div(class_name="day-head"),
                rx.el.div(
                    rx.foreach(
                        day.hours,
                        lambda hour: rx.el.span(
                            hour.label,
                            class_name="absolute right-2 text-[12px] text-[var(--ink-2)] whitespace-nowrap",
                            style={"top": hour.top},
                        ),
                    ),
                    class_name="relative",
                    style={"height": day.height},
                ),
            ),
            rx.foreach(day.columns, lambda column: _column(column, day)),
            class_name="day-grid",
            style={"gridTemplateColumns": f"80px repeat({day.columns.length()}, minmax(150px, 1fr))"},
            tab_index=0,
            role="region",
            aria_label="Appointments of the day",
        ),
        class_name="min-w-0",
    )


def _column(column: Any, day: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(column.name, class_name="!font-[family-name:var(--sans)] !text-[15px] !font-semibold truncate"),
            rx.el.p(column.note, class_name=f"{SMALL} truncate"),
            class_name="day-head",
        ),
        rx.el.ul(
            rx.foreach(column.slots, _slot),
            rx.cond(day.now_top != "", rx.el.li(class_name="now-line", aria_hidden="true", style={"top": day.now_top})),
            class_name="relative list-none p-0 m-0",
            style={"height": day.height},
        ),
        aria_label=column.name,
        class_name="day-column !border-l",
    )


def _slot(slot: Any) -> rx.Component:
    forms = rx.cond(slot.lacks == "1", "form", "forms")
    return rx.el.li(
        rx.cond(
            slot.href != "",
            rx.el.a(
                rx.el.b(
                    rx.el.span(slot.title),
                    rx.cond(slot.lacks != "", rx.el.span(slot.lacks, " ", forms, class_name="lacks")),
                    rx.cond(slot.is_untold, rx.el.span(f"! {UNTOLD}", class_name="lacks")),
                ),
                rx.el.span(slot.detail),
                href=slot.href,
                aria_label=slot.label,
                title=slot.lacking,
            ),
            rx.el.b(slot.title),
        ),
        class_name=f"slot {slot.kind}",
        style={"top": slot.top, "height": slot.height, "left": slot.left, "width": slot.width},
    )

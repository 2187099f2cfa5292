"""A month of days and a day of times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import SMALL, button

WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def month_grid(
    title: rx.Var[str],
    days: rx.Var[list[Any]],
    *,
    on_day: Any,
    on_turn: Any,
    has_earlier: Any,
    has_later: Any,
) -> rx.Component:
    """The days of a month; those with times have a dot and say so, the others cannot be chosen."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title, id="month-title", aria_live="polite"),
            rx.el.div(
                button(
                    "‹",
                    ghost=True,
                    small=True,
                    disabled=~has_earlier,
                    aria_label="Month before",
                    on_click=on_turn(-1),
                ),
                button(
                    "›",
                    ghost=True,
                    small=True,
                    disabled=~has_later,
                    aria_label="Month after",
                    on_click=on_turn(1),
                ),
                class_name="flex gap-3",
            ),
            class_name="flex items-center justify-between",
        ),
        rx.el.div(
            *[rx.el.span(name, aria_hidden="true", class_name=f"{SMALL} py-1.5") for name in WEEKDAYS],
            rx.foreach(days, lambda day: _day(day, on_day)),
            role="group",
            aria_labelledby="month-title",
            class_name="grid grid-cols-7 gap-1 text-center mt-3.5",
        ),
    )


def _day(day: Any, on_day: Any) -> rx.Component:
    return rx.cond(
        day.iso == "",
        rx.el.span(),
        rx.el.button(
            day.number,
            type="button",
            aria_label=day.label,
            aria_pressed=rx.cond(day.is_selected, "true", "false"),
            disabled=~(day.has_times | day.is_selected),
            on_click=on_day(day.iso),
            class_name=rx.cond(day.has_times, "day has-times", "day"),
        ),
    )


def slot_picker(parts: rx.Var[list[Any]], *, on_time: Callable[[Any], Any]) -> rx.Component:
    """The times of a day, by part of day."""
    return rx.foreach(
        parts,
        lambda part: rx.el.div(
            rx.el.h3(
                part.name,
                class_name="font-[family-name:var(--sans)]! !text-[13px] font-normal text-[var(--ink-2)] !tracking-normal",
            ),
            rx.el.div(
                rx.foreach(
                    part.times,
                    lambda time: rx.el.button(
                        time.label,
                        type="button",
                        aria_pressed=rx.cond(time.is_chosen, "true", "false"),
                        on_click=on_time(time.key),
                        class_name="time",
                    ),
                ),
                class_name="grid grid-cols-3 gap-2 mt-2 mb-4",
            ),
        ),
    )

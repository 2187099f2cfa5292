"""A day's hours as lines of from and until: when someone works, and the breaks in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.core.errors import Invalid, Unusable
from clinic_portal.scheduling.editing import Shift
from clinic_portal.web.components.basics import ERROR, SMALL

WORK, BREAK = "work", "break"
MOST_LINES = 8
MIDNIGHT, END_OF_DAY = "00:00", "24:00"


@dataclass
class LineView:
    """From and until; its fields are named by `key`, so that they keep what was typed while others come and go."""

    key: str
    kind: str
    start: str = ""
    end: str = ""
    has_focus: bool = False


@dataclass
class DayView:
    """A day, and what is wrong with it."""

    name: str
    label: str
    error: str = ""
    lines: list[LineView] = field(default_factory=list)


def day(name: str, label: str, shifts: Sequence[Shift], first_key: int) -> DayView:
    """A day as it stands."""
    spans = [
        (kind, start, end)
        for shift in shifts
        for kind, start, end in (
            (WORK, shift.start_minute, shift.end_minute),
            *((BREAK, *pause) for pause in shift.breaks),
        )
    ]
    return DayView(
        name,
        label,
        lines=[
            LineView(f"line{first_key + n}", kind, _clock(start), _clock(end % 1440))
            for n, (kind, start, end) in enumerate(spans)
        ],
    )


def names(days: Sequence[DayView]) -> list[str]:
    """The fields of a form with these days."""
    return [f"{line.key}-{edge}" for one in days for line in one.lines for edge in ("start", "end")]


def as_typed(one: DayView, typed: Mapping[str, str], error: str = "", *, has_focus: bool = False) -> DayView:
    """The day with what was typed, and what is wrong with it."""
    lines = [
        LineView(
            line.key, line.kind, typed[f"{line.key}-start"], typed[f"{line.key}-end"], has_focus=has_focus and n == 0
        )
        for n, line in enumerate(one.lines)
    ]
    return DayView(one.name, one.label, error, lines)


def told(one: DayView) -> str:
    """The day as the domain reads it: `09:00-17:00 (12:30-13:00)`. A line left empty counts for nothing.

    Raises Invalid on the day.
    """
    spans: dict[str, list[tuple[str, str]]] = {WORK: [], BREAK: []}
    for line in one.lines:
        end = END_OF_DAY if line.end == MIDNIGHT else line.end
        if not line.start and not end:
            continue
        if not line.start or not end or line.start >= end:
            raise Invalid(one.name, "hours_ends")
        spans[line.kind].append((line.start, end))
    found = []
    for start, end in spans[WORK]:
        inside = sorted(pause for pause in spans[BREAK] if start <= pause[0] and pause[1] <= end)
        spans[BREAK] = [pause for pause in spans[BREAK] if pause not in inside]
        breaks = f" ({', '.join('-'.join(pause) for pause in inside)})" if inside else ""
        found.append(f"{start}-{end}{breaks}")
    if spans[BREAK]:
        raise Invalid(one.name, "break_outside")
    return ", ".join(found)


def told_all(days: Sequence[DayView]) -> dict[str, str]:
    """All days as the domain reads them. Raises Unusable with every day at fault."""
    found, faults = {}, []
    for one in days:
        try:
            found[one.name] = told(one)
        except Invalid as fault:
            faults.append(fault)
    if faults:
        raise Unusable(faults)
    return found


def with_errors(days: Sequence[DayView], typed: Mapping[str, str], errors: Mapping[str, str]) -> list[DayView]:
    """The days as they were typed, each with what is wrong with it; the focus goes to the first."""
    first = next((one.name for one in days if one.name in errors), "")
    return [as_typed(one, typed, errors.get(one.name, ""), has_focus=one.name == first) for one in days]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def days_form(days: Any, key: Any, *, on_add: Callable[[Any, str], Any], on_remove: Any, breaks: bool) -> rx.Component:
    """All days of a form; a new `key` draws them anew with their values."""
    return rx.el.div(rx.foreach(days, lambda one: _day(one, on_add, on_remove, breaks)), key=key)


def _day(one: Any, on_add: Callable[[Any, str], Any], on_remove: Any, breaks: bool) -> rx.Component:
    def add(label: str, kind: str) -> rx.Component:
        return rx.el.button(
            label,
            rx.el.span(" ", one.label, class_name="sr"),
            type="button",
            class_name="link",
            on_click=on_add(one.name, kind),
        )

    return rx.el.fieldset(
        rx.el.legend(one.label, class_name="font-semibold p-0 pt-3 sm:float-left sm:w-[130px] sm:pt-2"),
        rx.el.div(
            rx.cond(
                one.lines,
                rx.el.div(rx.foreach(one.lines, lambda line: _line(one, line, on_remove)), class_name="grid gap-2"),
                rx.el.p("Not working", class_name=f"{SMALL} pt-2.5"),
            ),
            rx.el.p(
                one.error,
                id=f"{one.name}-error",
                role="alert",
                class_name=ERROR,
            ),
            rx.el.div(
                add("Add hours", WORK),
                rx.cond(one.lines, add("Add a break", BREAK)) if breaks else rx.fragment(),
                class_name="flex gap-5 mt-1",
            ),
            class_name="sm:ml-[130px]",
        ),
        class_name="border-0 border-b border-solid border-[var(--line)] last:border-b-0 m-0 py-3 px-0 min-w-0",
    )


def _line(one: Any, line: Any, on_remove: Any) -> rx.Component:
    is_break = line.kind == BREAK

    def edge(which: str, what: Any, value: Any, has_focus: Any) -> rx.Component:
        return rx.el.input(
            type="time",
            id=f"{line.key}-{which}",
            name=f"{line.key}-{which}",
            default_value=value,
            auto_focus=has_focus,
            aria_label=f"{one.label}, {what}",
            aria_invalid=rx.cond(one.error != "", "true", "false"),
            aria_describedby=f"{one.name}-error",
            class_name="field !w-[120px] sm:!w-[132px] !px-2 sm:!px-3 text-[14px] sm:text-[15px]",
        )

    return rx.el.div(
        rx.el.span(rx.cond(is_break, "Break", "Works"), aria_hidden="true", class_name=f"{SMALL} w-full sm:w-[44px]"),
        edge("start", rx.cond(is_break, "break from", "works from"), line.start, line.has_focus),
        rx.el.span("–", aria_hidden="true"),
        edge("end", rx.cond(is_break, "break until", "works until"), line.end, False),
        rx.el.button(
            rx.el.span("✕", aria_hidden="true"),
            rx.el.span("Remove ", one.label, rx.cond(is_break, ", break", ", hours"), class_name="sr"),
            type="button",
            class_name="link !no-underline min-w-[32px] min-h-[32px]",
            on_click=on_remove(line.key),
        ),
        key=line.key,
        class_name="flex items-center gap-x-2.5 gap-y-1 flex-wrap",
    )

"""The calendar's page: what is looked at, the grid, and the dialog of what is about to be done."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.calendar.drag import day_grid
from clinic_portal.web.admin.calendar.state import PAGE, Calendar
from clinic_portal.web.admin.day_shapes import HOUR_PIXELS
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.components.fields import fields
from clinic_portal.web.components.modal import modal

VIEW_NAMES = (("day", "Day"), ("week", "Week"))
BY_NAMES = (("provider", "Providers"), ("room", "Rooms and devices"))


def page() -> rx.Component:
    """Above what is looked at, below the days."""
    return admin_frame(
        rx.cond(Calendar.sheet, Calendar.sheet[0].title, PAGE),
        rx.foreach(Calendar.sheet, _calendar),
        rx.foreach(Calendar.box, _box),
        here=PAGE,
        page=PAGE,
    )


def _calendar(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(one.subtitle, id="calendar-subtitle", class_name=f"{MUTED} -mt-3 mb-3"),
        _bar(one),
        _news(one),
        rx.cond(
            one.columns,
            _grid(one),
            rx.el.p(
                rx.cond(one.by == "room", "There are no rooms or devices here.", "Nobody works here on this day."),
                class_name=CARD,
            ),
        ),
        rx.cond(one.columns, _help(one)),
    )


def _bar(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            link_button("‹", href=one.links["earlier"], ghost=True, small=True, aria_label="Earlier"),
            link_button("Today", href=one.links["today"], ghost=True, small=True),
            link_button("›", href=one.links["later"], ghost=True, small=True, aria_label="Later"),
            rx.el.input(
                type="date",
                default_value=one.on,
                key=one.on,
                on_change=lambda value: Calendar.go("on", value),
                aria_label="Date",
                id="calendar-on",
                class_name="field",
            ),
            class_name="plan-tools",
        ),
        rx.el.div(
            _either(one, one.view, VIEW_NAMES, "How long"),
            _either(one, one.by, BY_NAMES, "Columns"),
            rx.cond(one.places.length() > 1, _choice("location", "Location", one.places, one.place)),
            rx.cond(
                one.by == "provider",
                _choice("who", "Provider", one.whos, one.who),
                _choice("who", "Room or device", one.whos, one.who),
            ),
            class_name="plan-tools",
        ),
        class_name="plan-bar",
    )


def _either(one: Any, chosen: Any, names: tuple[tuple[str, str], ...], label: str) -> rx.Component:
    return rx.el.div(
        *[
            rx.el.a(
                told,
                href=one.links[name],
                class_name=rx.cond(chosen == name, "on", ""),
                aria_current=rx.cond(chosen == name, "true", "false"),
            )
            for name, told in names
        ],
        role="group",
        aria_label=label,
        class_name="plan-either",
    )


def _choice(name: str, label: str, choices: Any, value: Any) -> rx.Component:
    return rx.el.select(
        rx.foreach(choices, lambda pair: rx.el.option(pair[1], value=pair[0])),
        value=value,
        on_change=lambda chosen: Calendar.go(name, chosen),
        aria_label=label,
        id=f"calendar-{name}",
        class_name="field",
    )


def _news(one: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            one.news != "",
            rx.el.div(
                rx.el.span(one.news),
                rx.cond(one.may_undo, rx.el.button("Undo", type="button", class_name="link", on_click=Calendar.undo)),
                id="news",
                class_name="plan-news",
            ),
        ),
        role="status",
    )


def _grid(one: Any) -> rx.Component:
    return day_grid(
        rx.el.div(
            rx.el.div(class_name="day-head"),
            rx.el.div(
                rx.foreach(
                    one.hours,
                    lambda hour, n: rx.el.span(hour, custom_attrs={"style": {"top": n * HOUR_PIXELS}}),
                ),
                custom_attrs={"style": {"height": one.height}},
            ),
            class_name="plan-axis",
            aria_hidden="true",
        ),
        rx.foreach(one.columns, lambda column: _column(one, column)),
        first=one.first,
        language=one.language,
        tracks=one.tracks,
        shown=one.shown,
        turn=Calendar.turn,
        is_asking=Calendar.box.length() > 0,
        may_place=one.may_book | one.may_block,
        on_put=Calendar.put,
        on_ask=Calendar.ask,
        on_place=Calendar.place,
        on_off=Calendar.off,
        on_tick=Calendar.tick,
    )


def _column(one: Any, column: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(rx.el.a(column.name, href=column.href), title=column.name),
            rx.el.p(column.note, class_name=SMALL),
            rx.cond(
                one.may_book | one.may_block,
                rx.el.button(
                    "New",
                    rx.el.span(": ", column.name, class_name="sr"),
                    type="button",
                    class_name="plan-new",
                    custom_attrs={"data-new": column.on, "data-provider": column.provider},
                ),
            ),
            class_name="day-head",
        ),
        rx.el.ul(
            rx.foreach(column.blocks, lambda block: _block(one, block)),
            rx.cond(
                column.now_top >= 0,
                rx.el.li(class_name="now-line", aria_hidden="true", custom_attrs={"style": {"top": column.now_top}}),
            ),
            aria_label=column.name,
            custom_attrs={
                "data-on": column.on,
                "data-provider": column.provider,
                "style": {"height": one.height},
            },
        ),
        key=column.key,
        class_name="day-column",
    )


def _block(one: Any, block: Any) -> rx.Component:
    key = rx.cond(block.visit > 0, block.visit, -1 - block.start - 1441 * block.off)
    return rx.fragment(rx.cond(block.visit > 0, _visit(one, block), _off(block)), key=key)


def _visit(one: Any, block: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(
            block.goes > 0,
            rx.el.a(
                rx.el.b(
                    rx.el.span(block.title),
                    rx.cond(block.marks != "", rx.el.span(block.marks, class_name="lacks")),
                ),
                rx.el.span(block.detail),
                rx.el.span(" ", block.more, class_name="sr"),
                href=f"{one.leads_to}{block.goes}",
                title=block.more,
                draggable=False,
            ),
            rx.el.b(block.title),
        ),
        rx.cond(
            ~block.kind.contains("still"),
            rx.el.button(
                "⋯",
                type="button",
                aria_label=f"Move {block.title}",
                class_name="plan-move",
                tab_index=-1,
                custom_attrs={"data-ask": block.visit},
            ),
        ),
        class_name=f"slot {block.kind}",
        custom_attrs={
            "data-visit": block.visit,
            "data-sequence": block.sequence,
            "data-start": block.start,
            "data-minutes": block.minutes,
            "style": block.at,
        },
    )


def _off(block: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(
            block.off > 0,
            rx.el.button(
                block.title,
                rx.el.span(", ", block.more, ": remove it", class_name="sr"),
                type="button",
                class_name="plan-off",
                custom_attrs={"data-off": block.off},
            ),
            rx.el.b(block.title),
        ),
        class_name=f"slot {block.kind}",
        custom_attrs={"style": block.at},
    )


def _help(one: Any) -> rx.Component:
    return rx.el.p(
        rx.cond(
            one.may_book,
            "Drag a visit to move it, its lower edge to change how long it takes; on a touch screen hold it first. "
            "Keys: arrows go from visit to visit, Enter opens one, M moves it, N books or blocks what follows it.",
            "Keys: arrows go from visit to visit, Enter opens one.",
        ),
        id="calendar-help",
        class_name=f"{SMALL} mt-3",
    )


def _box(box: Any) -> rx.Component:
    return modal(
        rx.el.h2(box.title, id="box-title", class_name="overflow-anywhere"),
        rx.cond(box.href != "", link_button("Book an appointment", href=box.href, small=True, class_name="mt-4")),
        rx.cond(
            box.act != "",
            rx.match(
                box.kind,
                ("move", _form(box, Calendar.move)),
                ("place", _form(box, Calendar.block)),
                _form(box, Calendar.unblock),
            ),
            _buttons(box),
        ),
        label="box-title",
        on_leave=Calendar.leave,
    )


def _form(box: Any, answer: Any) -> rx.Component:
    return rx.el.form(
        rx.el.p(box.text, class_name="mt-2 mb-3 overflow-anywhere empty:hidden"),
        rx.cond(
            box.listed,
            rx.el.ul(rx.foreach(box.listed, lambda line: rx.el.li(line)), id="box-listed", class_name="mb-3 pl-5"),
        ),
        rx.el.p(box.refusal, role="alert", id="box-refusal", class_name="plan-refusal"),
        fields(box.form, box.turn),
        _buttons(box),
        no_validate=True,
        on_submit=answer,
    )


def _buttons(box: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(box.act != "", button(box.act, type="submit", small=True)),
        button("Cancel", ghost=True, small=True, on_click=Calendar.leave),
        class_name="flex flex-wrap gap-3 mt-5",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/calendar", page, [Calendar.enter], PAGE),)

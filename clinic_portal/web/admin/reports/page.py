"""How the reports look: what is asked for, figures, then each table with what is drawn of it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.payments.pieces import TAB
from clinic_portal.web.admin.reports.state import PAGE, Reports
from clinic_portal.web.components.basics import CARD, MUTED, NATIVE, SMALL, button, link_button, skeleton
from clinic_portal.web.components.fields import picker

ERROR = "text-[13px] text-[var(--danger)] font-medium empty:hidden"


def page() -> rx.Component:
    """The report the address asks for; a sketch while it is counted."""
    return admin_frame(
        PAGE,
        rx.cond(
            Reports.shown,
            rx.foreach(Reports.shown, _report),
            rx.el.div(skeleton("h-40 mb-5"), skeleton("h-72"), aria_busy="true"),
        ),
        here=PAGE,
        page=PAGE,
    )


def _report(one: Any) -> rx.Component:
    return rx.el.div(
        _ways("Which report", one.tabs),
        _asked(one),
        rx.el.section(
            rx.el.h2(one.title, id="report"),
            rx.el.p(one.period, role="status", id="period", class_name=f"{MUTED} mt-1"),
            rx.el.p(one.summary, id="summary", class_name="mt-3"),
            rx.foreach(one.notes, lambda told: rx.el.p(told, class_name=f"{SMALL} mt-2")),
            rx.cond(one.empty != "", rx.el.p(one.empty, id="nothing", class_name=f"{MUTED} mt-3")),
            rx.el.dl(rx.foreach(one.figures, _figure), id="figures", class_name="report-figures"),
            class_name=f"{CARD} min-w-0",
        ),
        rx.foreach(one.sheets, _sheet),
        rx.el.p(
            "What is owed on any one day, and when it expires, is under ",
            rx.el.a("Liability", href="/admin/liability", class_name="link"),
            "; who is a member, under ",
            rx.el.a("Members", href="/admin/memberships", class_name="link"),
            ". Reports name no patient.",
            class_name=f"{SMALL} report-tools",
        ),
        class_name="grid gap-5",
    )


def _ways(label: str, some: Any) -> rx.Component:
    return rx.el.nav(
        rx.foreach(
            some,
            lambda one: rx.el.a(
                one.label,
                href=one.href,
                aria_current=rx.cond(one.is_here, "page", "false"),
                class_name=rx.cond(one.is_here, f"{TAB} on", TAB),
            ),
        ),
        aria_label=label,
        class_name="tabs flex-wrap report-tools",
    )


def _asked(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Which days", class_name="sr"),
        _ways("Period", one.presets),
        rx.el.form(
            _day("from", "From", one.first_on),
            _day("until", "To", one.last_on),
            rx.cond(one.locations, _choice("location", "Location", "All locations", one.locations, one.location)),
            _choice("provider", "Provider", "All providers", one.providers, one.provider),
            button("Show", type="submit", small=True, ghost=True),
            on_submit=Reports.look,
            key=f"{one.first_on}-{one.last_on}-{one.location}-{one.provider}",
            aria_label="Days, location and provider",
            class_name="flex flex-wrap gap-3 items-end mt-4",
        ),
        rx.el.p(Reports.error, id="until-error", role="alert", class_name=ERROR),
        class_name=f"{CARD} report-tools",
    )


def _day(name: str, label: str, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="block font-semibold mb-1.5"),
        rx.el.input(
            id=name,
            name=name,
            type="date",
            required=True,
            default_value=value,
            aria_invalid=rx.cond(Reports.error != "", "true", "false"),
            aria_describedby="until-error",
            class_name="field max-w-[190px]",
        ),
        class_name="min-w-0",
    )


def _choice(name: str, label: str, every: str, options: Any, chosen: Any) -> rx.Component:
    return picker(
        name,
        label,
        rx.el.option(every, value=""),
        rx.foreach(options, lambda one: rx.el.option(one.label, value=one.href)),
        default_value=chosen,
        class_name="field report-choice",
    )


def _figure(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(one.name, class_name=SMALL),
        rx.el.dd(one.told, class_name="report-figure num"),
        rx.el.dd(one.note, class_name=f"{SMALL} m-0 empty:hidden"),
    )


def _sheet(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(one.title, class_name="!text-[18px]"),
            link_button(
                "Download (CSV)",
                rx.el.span(", ", one.title, class_name="sr"),
                href=one.csv,
                ghost=True,
                small=True,
                custom_attrs=dict(NATIVE),
                class_name="report-tools",
            ),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        rx.el.p(one.note, class_name=f"{SMALL} mt-1 max-w-[65ch]"),
        rx.cond(one.lines, _drawn_and_told(one), rx.el.p("None in these days.", class_name=f"{MUTED} mt-3")),
        id=one.key,
        class_name=f"{CARD} min-w-0 report-sheet",
    )


def _drawn_and_told(one: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(one.series, _chart(one)),
        rx.el.div(
            rx.el.table(
                rx.el.caption(one.title, class_name="sr"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th(one.head, scope="col"),
                        rx.foreach(one.heads, lambda told: rx.el.th(told, scope="col")),
                    )
                ),
                rx.el.tbody(rx.foreach(one.lines, _line)),
                class_name="report-table num",
            ),
            tab_index=0,
            role="region",
            aria_label=one.title,
            class_name="overflow-x-auto mt-4",
        ),
    )


def _line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            one.head,
            rx.cond(one.bar != "", rx.el.span(aria_hidden="true", style={"width": one.bar}, class_name="report-bar")),
            scope="row",
        ),
        rx.foreach(one.cells, lambda told: rx.el.td(told)),
    )


def _chart(one: Any) -> rx.Component:
    """Bars for the eye; the table below says the same to everyone."""
    still = {"accessibilityLayer": False}  # a picture: its table is what is read and reached by keyboard
    return rx.el.div(
        rx.recharts.bar_chart(
            rx.recharts.cartesian_grid(vertical=False, stroke="#e6e0d8"),
            rx.recharts.x_axis(data_key="at", tick_line=False, min_tick_gap=12, stroke="#55606e"),
            rx.recharts.y_axis(width=64, tick_line=False, axis_line=False, allow_decimals=False, stroke="#55606e"),
            rx.recharts.graphing_tooltip(is_animation_active=False),
            rx.recharts.legend(),
            rx.foreach(
                one.series,
                lambda of: rx.recharts.bar(
                    data_key=of.key,
                    name=of.name,
                    fill=of.colour,
                    stack_id=of.stack,
                    is_animation_active=False,
                    max_bar_size=44,
                ),
            ),
            data=one.drawn.to(list[dict[str, Any]]),
            width="100%",
            height="100%",
            custom_attrs=still,
        ),
        role="img",
        aria_label=f"Chart: {one.title}. Its figures are in the table below.",
        class_name="report-chart",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/reports", page, [Reports.enter], PAGE),)

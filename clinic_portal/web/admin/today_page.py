"""The page of a day: figures, the arrivals by how they stand, a column for each provider, what is to be seen to."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.day_grid import day_grid
from clinic_portal.web.admin.first_steps import first_steps_card
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.noshow import asking
from clinic_portal.web.admin.today import PAGE, Today
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.components.fields import picker
from clinic_portal.web.components.follow import follow

_FIGURE = "font-[family-name:var(--serif)] text-[26px] leading-tight"
_NAME = "link !text-[14px] font-semibold overflow-anywhere"
_LIST = "list-none p-0 m-0 mt-3 sm:columns-2 xl:columns-3 gap-8"


def page() -> rx.Component:
    """The list first: a desk lives in it; the grid under it says where there is room."""
    return admin_frame(
        rx.cond(Today.shown, Today.shown[0].title, "Today"),
        first_steps_card(),
        rx.foreach(Today.shown, _day),
        follow(to=Today.focus_on, number=Today.focus_number),
        here="Today",
        page=PAGE,
    )


def _day(day: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(day.subtitle, id="day-subtitle", class_name=MUTED),
            rx.el.div(
                rx.cond(
                    day.places.length() > 1, _choice("location", "Location", day.places, Today.location_id, Today.go_to)
                ),
                rx.cond(
                    day.providers.length() > 1,
                    _choice("provider", "Provider", day.providers, Today.provider_id, Today.narrow, every="Everyone"),
                ),
                button("‹", ghost=True, small=True, aria_label="Day before", on_click=Today.turn(-1)),
                button("Today", ghost=True, small=True, on_click=Today.turn(0)),
                button("›", ghost=True, small=True, aria_label="Day after", on_click=Today.turn(1)),
                class_name="flex gap-2 items-center flex-wrap",
            ),
            class_name="flex justify-between items-center gap-3 flex-wrap -mt-3 mb-4",
        ),
        _figures(day),
        rx.el.div(
            rx.cond(day.left_told != "", _left(day)),
            _arrivals(day),
            rx.cond(day.columns, day_grid(day), rx.el.p("Nobody works here on this day.", class_name=CARD)),
            rx.cond(day.untold, _untold(day)),
            rx.cond(day.lacks, _lacks(day)),
            class_name="grid gap-5 min-w-0",
        ),
    )


def _choice(name: str, label: str, among: Any, chosen: Any, on_change: Any, *, every: str = "") -> rx.Component:
    return picker(
        name,
        label,
        rx.el.option(every, value="0") if every else rx.fragment(),
        rx.foreach(among, lambda one: rx.el.option(one.name, value=one.id)),
        said="sr",
        value=chosen.to(str),
        on_change=on_change,
        class_name="field !min-h-[36px] !py-1",
        around="",
    )


def _figures(day: Any) -> rx.Component:
    return rx.el.div(
        _figure(day.done, "Arrived or done", day.total),
        rx.cond(day.lacking != "", _figure(day.lacking, "Missing forms before their visit")),
        _figure(day.money, "Booked this day"),
        rx.cond(
            day.never != "",
            rx.el.div(
                rx.el.div(rx.el.p(day.never, class_name=_FIGURE), rx.el.p("Never logged in", class_name=SMALL)),
                link_button("Activate now", href="/admin/settings/portal", small=True),
                class_name=f"{CARD} !p-5 flex justify-between items-center gap-3",
            ),
        ),
        class_name=rx.cond(
            day.never != "", "grid sm:grid-cols-2 xl:grid-cols-4 gap-4 mb-5", "grid sm:grid-cols-3 gap-4 mb-5"
        ),
    )


def _figure(number: Any, what: str, of: Any = "") -> rx.Component:
    return rx.el.div(
        rx.el.p(number, " ", rx.el.span(of, class_name="text-[13px]"), class_name=_FIGURE),
        rx.el.p(what, class_name=SMALL),
        class_name=f"{CARD} !p-5",
    )


# ---- arrivals --------------------------------------------------------------------------------------------------------


def _arrivals(day: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Arrivals", class_name="sr"),
        rx.cond(
            day.groups,
            rx.foreach(day.groups, _group),
            rx.el.p(
                "Nobody is expected on this day. ",
                rx.cond(
                    day.next_href != "",
                    rx.el.span(
                        "The next visits are on ", rx.el.a(day.next_told, href=day.next_href, class_name="link"), "."
                    ),
                ),
                id="nobody",
                class_name="py-3",
            ),
        ),
        id="arrivals",
        class_name=f"{CARD} !py-2",
    )


def _group(one: Any) -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            rx.el.h3(one.title, class_name="inline !text-[15px]"),
            rx.el.span(one.rows.length(), class_name=f"{SMALL} num ml-2"),
            class_name="py-2.5 cursor-pointer",
        ),
        rx.el.ul(rx.foreach(one.rows, lambda row: _row(row, one.key)), class_name="list-none p-0 m-0"),
        id=f"group-{one.key}",
        open=one.is_open,
        key=one.key,
        class_name="arrivals",
    )


def _row(row: Any, group: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.b(row.when, class_name="block"), rx.el.span(row.until, class_name=SMALL), class_name="num time-of"
            ),
            rx.el.div(
                rx.el.p(
                    rx.cond(
                        row.href != "",
                        rx.el.a(row.who, href=row.href, class_name="link !text-[15px] font-semibold overflow-anywhere"),
                        rx.el.b(row.who),
                    ),
                    rx.cond(
                        row.since != "",
                        rx.el.span(row.since, class_name=rx.cond(group == "late", "chip at-once ml-2", f"{SMALL} ml-2")),
                    ),
                ),
                rx.el.p(row.what, class_name="text-[14px] overflow-anywhere"),
                rx.el.p(row.where, class_name=f"{SMALL} overflow-anywhere"),
                rx.cond(
                    row.marks,
                    rx.el.ul(
                        rx.foreach(row.marks, _mark), class_name="list-none p-0 m-0 mt-1.5 flex flex-wrap gap-1.5"
                    ),
                ),
                class_name="min-w-0",
            ),
            rx.el.div(
                rx.match(
                    row.does,
                    (
                        "in",
                        button(
                            "Check in",
                            _whom(row),
                            id=f"in-{row.id}",
                            small=True,
                            on_click=Today.check_in(row.id, row.sequence),
                        ),
                    ),
                    (
                        "out",
                        link_button(
                            "Check out", rx.cond(row.out != "", f", {row.out} due", ""), _whom(row),
                            href=row.visit_href, small=True,
                        ),
                    ),
                    rx.cond(
                        row.visit_href != "",
                        rx.el.a("Open", _whom(row), href=row.visit_href, class_name="link py-1.5"),
                    ),
                ),
                rx.cond(
                    row.undoes,
                    button(
                        "Undo check-in",
                        _whom(row),
                        ghost=True,
                        small=True,
                        on_click=Today.undo(row.id, row.sequence),
                    ),
                ),
                rx.cond(
                    row.call != "",
                    link_button(
                        "Call ", rx.el.span(row.number, class_name="num"), _whom(row),
                        href=f"tel:{row.call}", ghost=True, small=True,
                    ),
                ),
                rx.cond(row.misses, _missed(row)),
                class_name="does",
            ),
            class_name="arrival",
        ),
        rx.cond(_is_asked(row), asking(Today, Today.asked[0])),
        id=f"visit-{row.id}",
        class_name="py-3 border-t border-[var(--line)]",
    )  # fmt: skip


def _whom(row: Any) -> rx.Component:
    return rx.el.span(": ", row.who, class_name="sr")


def _missed(row: Any) -> rx.Component:
    return rx.cond(
        _is_asked(row),
        rx.fragment(),
        button("No-show", _whom(row), id=f"missed-{row.id}", ghost=True, small=True, on_click=Today.ask(row.id)),
    )


def _is_asked(row: Any) -> Any:
    return Today.asked & (Today.asked[0].id == row.id)


def _mark(mark: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(mark.kind == "warn", rx.el.span("! ", aria_hidden="true")),
        rx.cond(mark.href != "", rx.el.a(mark.told, href=mark.href), mark.told),
        title=mark.more,
        class_name=rx.match(mark.kind, ("warn", "chip at-once"), ("good", "chip in-hand"), "chip"),
    )


def _left(day: Any) -> rx.Component:
    """What earlier days left: folded, for the day's own work comes first."""
    return rx.el.details(
        rx.el.summary(
            rx.el.h2(day.left_told, class_name="inline !text-[15px] !font-[family-name:var(--sans)] !font-semibold"),
            class_name="cursor-pointer",
        ),
        rx.el.p(
            "What is reserved in the wallet for a visit pays for nothing else until the visit is checked out, or marked "
            "as missed.",
            class_name="text-[13px] mt-1.5",
        ),
        rx.el.ul(
            rx.foreach(
                day.left,
                lambda one: rx.el.li(
                    rx.el.div(
                        rx.el.span(one.when, class_name="num whitespace-nowrap"),
                        rx.el.a(
                            one.who,
                            href=one.href,
                            class_name="font-semibold underline text-inherit overflow-anywhere",
                        ),
                        rx.el.span(one.told, class_name="text-[13px] grow"),
                        rx.cond(one.misses, _missed(one)),
                        class_name="flex flex-wrap gap-x-4 gap-y-1 items-center",
                    ),
                    rx.cond(_is_asked(one), asking(Today, Today.asked[0])),
                    class_name="py-2",
                ),
            ),
            class_name="list-none p-0 m-0 mt-1",
        ),
        id="left-open",
        class_name="rounded-[var(--radius-l)] bg-[var(--warn-soft)] text-[#5c3d00] p-5 min-w-0",
    )


# ---- what is to be seen to -------------------------------------------------------------------------------------------


def _lacks(day: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Missing before they come", class_name="!text-[18px]"),
        rx.el.ol(
            rx.foreach(
                day.lacks,
                lambda one: rx.el.li(
                    rx.el.p(
                        rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap mr-2"),
                        rx.el.a(one.name, href=one.href, class_name=_NAME),
                    ),
                    rx.el.ul(
                        rx.foreach(one.forms, lambda title: rx.el.li(title, class_name="overflow-anywhere")),
                        class_name="list-none p-0 m-0 text-[13px]",
                    ),
                    class_name="py-2.5 border-t border-[var(--line)] break-inside-avoid",
                ),
            ),
            class_name=_LIST,
        ),
        id="lacks",
        class_name=f"{CARD} !p-5",
    )


def _untold(day: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Not told of their visit", class_name="!text-[18px]"),
        rx.el.p("Nothing we sent about it arrived. A call helps.", class_name=SMALL),
        rx.el.ol(
            rx.foreach(
                day.untold,
                lambda one: rx.el.li(
                    rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap mr-2"),
                    rx.el.a(
                        one.name,
                        rx.el.span(": what did not arrive", class_name="sr"),
                        href=one.href,
                        class_name=_NAME,
                    ),
                    class_name="py-2.5 border-t border-[var(--line)] break-inside-avoid",
                ),
            ),
            class_name=_LIST,
        ),
        id="untold",
        class_name=f"{CARD} !p-5",
    )

"""How the page of members looks: figures, months to come, the list, who came and went."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.memberships.list import PAGE, Members
from clinic_portal.web.admin.payments.pieces import TAB, standing
from clinic_portal.web.components.basics import CARD, MUTED, NATIVE, SMALL, button, link_button, turning

CELL = "py-2 px-3 text-right num border-b border-[var(--line)]"
HEAD = f"{CELL} font-semibold"


def page() -> rx.Component:
    """Money first, for those who see it; then the members."""
    return admin_frame(
        PAGE,
        rx.foreach(Members.sales, _figures),
        _list(),
        rx.foreach(Members.sales, _months),
        here=PAGE,
        page=PAGE,
    )


def _figures(one: Any) -> rx.Component:
    return rx.fragment(
        rx.el.dl(
            _figure("Members", one.members, ""),
            _figure("Next 30 days", one.in_30_days, "in fees, as memberships stand now"),
            _figure("Next 12 months", one.in_12_months, "if nobody joins, leaves or changes"),
            rx.cond(one.overdue != "", _figure("Overdue", one.overdue, "tried again; not counted beside")),
            class_name="grid grid-cols-1 sm:grid-cols-2 xl:grid-cols-4 gap-4 m-0 mb-5",
            id="figures",
        ),
        rx.foreach(one.charts, _chart),
    )


def _figure(title: str, value: Any, note: str) -> rx.Component:
    return rx.el.div(
        rx.el.dt(title, class_name=SMALL),
        rx.el.dd(
            value,
            class_name="m-0 font-[family-name:var(--serif)] text-[30px] leading-tight font-medium num overflow-anywhere",
        ),
        rx.el.dd(note, class_name=f"{SMALL} m-0 empty:hidden"),
        class_name=f"{CARD} !p-5",
    )


def _chart(one: Any) -> rx.Component:
    """Bars for the eye; the same as a table for everyone else."""
    return rx.el.section(
        rx.el.h2(f"Revenue to come, {one.currency}", class_name="!text-[18px]"),
        rx.el.div(
            rx.foreach(
                one.bars,
                lambda bar: rx.el.div(
                    rx.el.div(
                        style={"height": bar.height},
                        class_name="w-full rounded-t-[4px] bg-[var(--brand)] min-h-[2px]",
                    ),
                    title=f"{bar.month}: {bar.told}",
                    class_name="flex-1 h-full flex items-end min-w-0",
                ),
            ),
            aria_hidden="true",
            class_name="flex gap-1.5 sm:gap-3 h-[140px] mt-4 border-b border-[var(--line)]",
        ),
        rx.el.div(
            rx.foreach(
                one.bars, lambda bar: rx.el.span(bar.short, class_name=f"{SMALL} flex-1 min-w-0 text-center truncate")
            ),
            aria_hidden="true",
            class_name="flex gap-1.5 sm:gap-3 mt-1.5",
        ),
        rx.el.details(
            rx.el.summary("Month by month", class_name="link inline-block cursor-pointer"),
            rx.el.table(
                rx.el.caption(f"Revenue to come by month, {one.currency}", class_name="sr"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Month", scope="col", class_name=f"{HEAD} !text-left"),
                        rx.el.th("Fees", scope="col", class_name=HEAD),
                    )
                ),
                rx.el.tbody(
                    rx.foreach(
                        one.bars,
                        lambda bar: rx.el.tr(
                            rx.el.th(bar.month, scope="row", class_name=f"{CELL} !text-left font-normal"),
                            rx.el.td(bar.told, class_name=CELL),
                        ),
                    )
                ),
                class_name="w-full max-w-[420px] border-collapse mt-2",
            ),
            class_name="mt-3",
        ),
        class_name=f"{CARD} mb-5",
    )


def _list() -> rx.Component:
    return rx.el.section(
        rx.el.nav(
            rx.foreach(
                Members.tabs,
                lambda tab: rx.el.a(
                    tab.label,
                    " ",
                    rx.el.span(tab.count_told, class_name=f"{SMALL} num"),
                    href=tab.href,
                    aria_current=rx.cond(tab.is_here, "page", "false"),
                    class_name=rx.cond(tab.is_here, f"{TAB} on", TAB),
                ),
            ),
            aria_label="Members by state",
            class_name="tabs flex-wrap",
        ),
        rx.el.div(
            rx.el.h2(
                rx.cond(Members.wanted != "", f"Found for “{Members.wanted}”", Members.title),
                class_name="!text-[18px] overflow-anywhere",
            ),
            _search(),
            class_name="flex items-center justify-between gap-3 flex-wrap mb-2 mt-4",
        ),
        rx.cond(
            Members.shown,
            rx.el.ul(rx.foreach(Members.shown, _line), id="members", class_name="list-none p-0 m-0"),
            rx.el.p(Members.nothing, id="nothing", class_name=f"{MUTED} py-3"),
        ),
        turning(
            Members.newest,
            Members.older,
            link_button(
                "Download as CSV", href=Members.file, ghost=True, small=True, custom_attrs=NATIVE, class_name="ml-auto"
            ),
        ),
        class_name=CARD,
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.el.span(
                rx.el.b(one.name, class_name="block overflow-anywhere"),
                rx.el.span(one.plan, class_name=f"{SMALL} overflow-anywhere"),
                class_name="min-w-0 grow",
            ),
            rx.el.span(one.note, class_name=f"{SMALL} max-sm:order-last max-sm:basis-full sm:text-right"),
            standing(one.state, one.kind),
            href=one.href,
            class_name="flex flex-wrap items-center gap-x-4 gap-y-1 py-3 text-inherit no-underline "
            "hover:text-[var(--brand)]",
        ),
        class_name="border-b border-[var(--line)] last:border-0",
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.label("Search members", html_for="wanted", class_name="sr"),
        rx.el.input(
            id="wanted",
            name="wanted",
            type="search",
            default_value=Members.wanted,
            key=f"{Members.show}-{Members.wanted}",
            placeholder="Name, e-mail or phone",
            max_length=100,
            class_name="field !min-h-[40px] !py-1.5 min-w-0 sm:!w-[220px]",
        ),
        button("Search", type="submit", ghost=True, small=True),
        on_submit=Members.look_for,
        role="search",
        aria_label="Members",
        class_name="flex gap-2 items-center w-full sm:w-auto",
    )


def _months(one: Any) -> rx.Component:
    heads = ("At the start", "Joined", "Ended", "Churn")
    return rx.el.section(
        rx.el.h2("Who came and went", class_name="!text-[18px]"),
        rx.el.p("Churn is the share of those at a month’s start who left in it.", class_name=f"{SMALL} mt-1"),
        rx.el.div(
            rx.el.table(
                rx.el.caption("Members by month", class_name="sr"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Month", scope="col", class_name=f"{HEAD} !text-left"),
                        *[rx.el.th(head, scope="col", class_name=HEAD) for head in heads],
                    )
                ),
                rx.el.tbody(
                    rx.foreach(
                        one.months,
                        lambda month: rx.el.tr(
                            rx.el.th(month.month, scope="row", class_name=f"{CELL} !text-left font-normal"),
                            rx.el.td(month.at_start, class_name=CELL),
                            rx.el.td(month.joined, class_name=CELL),
                            rx.el.td(month.ended, class_name=CELL),
                            rx.el.td(month.rate, class_name=CELL),
                        ),
                    )
                ),
                id="churn",
                class_name="w-full border-collapse text-[14px]",
            ),
            tab_index=0,
            role="region",
            aria_label="Members by month",
            class_name="overflow-x-auto mt-3",
        ),
        class_name=f"{CARD} mt-5",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/memberships", page, [Members.enter], "Members"),)

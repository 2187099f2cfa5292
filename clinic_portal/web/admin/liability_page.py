"""How the liability report looks: the sum, what it consists of, where it came from, and what of it expires."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.liability import PAGE, Owing
from clinic_portal.web.components.basics import CARD, MUTED, NATIVE, SMALL, link_button
from clinic_portal.web.components.wallet import NUMBER

CELL = "py-2.5 pl-4 text-right num whitespace-nowrap"


def page() -> rx.Component:
    """The day first, then each currency."""
    return admin_frame(
        PAGE,
        rx.el.div(
            rx.el.div(
                rx.el.p(
                    "What patients have paid for or were given, and have not used yet. Treatments and products count for "
                    "what they are worth; what has expired does not count.",
                    class_name=f"{MUTED} max-w-[65ch]",
                ),
                rx.el.div(
                    rx.el.div(
                        rx.el.label("At the end of", html_for="on", class_name="block font-semibold mb-1.5"),
                        rx.el.input(
                            id="on",
                            type="date",
                            value=Owing.on,
                            on_change=Owing.look_at,
                            aria_invalid=rx.cond(Owing.error != "", "true", "false"),
                            aria_describedby="on-error",
                            class_name="field max-w-[190px]",
                        ),
                    ),
                    link_button(
                        "Download (CSV)", href=Owing.csv, ghost=True, small=True, custom_attrs=dict(NATIVE), id="csv"
                    ),
                    class_name="flex flex-wrap gap-3 items-end",
                ),
                class_name="flex flex-wrap justify-between items-end gap-4",
            ),
            rx.el.p(
                Owing.error,
                id="on-error",
                role="alert",
                class_name="text-[13px] text-[var(--danger)] font-medium empty:hidden",
            ),
            rx.foreach(Owing.sums, _currency),
            class_name="grid gap-5",
        ),
        here=PAGE,
        page=PAGE,
    )


def _currency(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.p(Owing.told, role="status", class_name=MUTED),
                rx.el.p(one.total, id=f"total-{one.code}", class_name=f"{NUMBER} text-[40px] mt-3"),
                class_name="min-w-0",
            ),
            rx.el.dl(
                _soon("Expires within 30 days", one.in_30),
                _soon("Within 90 days", one.in_90),
                class_name="m-0 flex flex-wrap gap-x-10 gap-y-3",
            ),
            class_name="flex flex-wrap justify-between items-end gap-6",
        ),
        _table(f"What it is, {one.code}", "What it is", one.kinds),
        rx.cond(one.origins, _table(f"Where it came from, {one.code}", "Where it came from", one.origins)),
        class_name=f"{CARD} min-w-0",
    )


def _soon(name: str, told: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name, class_name=SMALL), rx.el.dd(told, class_name="m-0 font-semibold text-[18px] num"))


_HEADS = ("text-left w-[60%] sm:w-[36%]", "text-right pl-4", "text-right pl-4 max-sm:hidden")
"""On a phone: what it is and what is owed; when it expires stands above in all."""


def _table(label: Any, head: str, rows: Any) -> rx.Component:
    heads = (head, "Owed", "Within 30 days", "Within 90 days", "No end")
    return rx.el.div(
        rx.el.table(
            rx.el.caption(label, class_name="sr"),
            rx.el.thead(
                rx.el.tr(
                    *[
                        rx.el.th(
                            told,
                            scope="col",
                            class_name=f"{SMALL} font-medium py-2 {_HEADS[min(n, 2)]}",
                        )
                        for n, told in enumerate(heads)
                    ],
                    class_name="border-b border-[var(--line)]",
                )
            ),
            rx.el.tbody(rx.foreach(rows, _row)),
            class_name="w-full table-fixed border-collapse text-[15px] sm:min-w-[680px]",
        ),
        tab_index=0,
        role="region",
        aria_label=label,
        class_name="overflow-x-auto mt-6",
    )


def _row(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            one.name,
            rx.cond(one.detail != "", rx.el.span(" · ", one.detail, class_name=f"{SMALL} font-normal")),
            scope="row",
            class_name="text-left font-medium py-2.5",
        ),
        rx.el.td(one.amount, class_name=f"{CELL} font-semibold"),
        *[rx.el.td(told, class_name=f"{CELL} max-sm:hidden") for told in (one.in_30, one.in_90, one.never)],
        class_name="border-b border-[var(--line)] last:border-0",
    )

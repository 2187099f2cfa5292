"""What a wallet looks like, the patient's own and staff's: amounts, what is left, what happened. No State."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import CARD, SMALL

NUMBER = "font-[family-name:var(--serif)] num leading-none"
ROW = "py-3.5 border-b border-[var(--line)] last:border-0"
_AMOUNT = "font-semibold num text-right overflow-anywhere shrink-0 max-w-[50%]"
SOON = "inline-block rounded-full px-2.5 py-0.5 text-[12px] font-semibold bg-[var(--warn-soft)] text-[#6b4600]"


def amounts(credit: Any) -> rx.Component:
    """Credit as a big number; one under the other for several currencies."""
    return rx.el.div(
        rx.foreach(credit, lambda one: rx.el.p(one, class_name=f"{NUMBER} text-[44px] overflow-anywhere")),
        id="credit",
        class_name="grid gap-2 mt-3",
    )


def until(one: Any) -> rx.Component:
    """By when it must be used; with a sign and a colour where that is soon."""
    return rx.cond(
        one.until != "",
        rx.cond(
            one.is_soon,
            rx.el.p(rx.el.span(rx.el.span("! ", aria_hidden="true"), one.until, class_name=SOON), class_name="mt-1"),
            rx.el.p(one.until, class_name=SMALL),
        ),
    )


def item(one: Any, *deeds: Any, below: Any = None) -> rx.Component:
    """So many of something, where they come from and until when they are good; `below`, what is done with them."""
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                one.left,
                rx.el.span(
                    " left", class_name="block font-[family-name:var(--sans)] text-[12px] mt-1 text-[var(--ink-2)]"
                ),
                class_name=f"{NUMBER} text-[28px] text-[var(--brand-strong)]",
            ),
            rx.el.div(
                rx.el.p(one.name, class_name="font-semibold overflow-anywhere"),
                rx.el.p(one.detail, class_name=f"{SMALL} overflow-anywhere"),
                until(one),
                class_name="min-w-0",
            ),
            rx.el.div(*deeds, class_name="flex gap-2.5 flex-wrap items-center empty:hidden max-sm:col-start-2"),
            class_name="grid grid-cols-[44px_minmax(0,1fr)] sm:grid-cols-[44px_minmax(0,1fr)_auto] items-start sm:items-center gap-x-4 gap-y-3",
        ),
        below if below is not None else rx.fragment(),
        class_name=ROW,
    )


def kept(title: str, rows: Any, when: Callable[[Any], rx.Component]) -> rx.Component:
    """Deposits, each with the visit it is kept for; `when` draws the visit's day."""
    return rx.el.section(
        rx.el.h2(title),
        rx.el.ul(
            rx.foreach(
                rows,
                lambda one: rx.el.li(
                    rx.el.div(
                        when(one),
                        rx.el.b(one.amount, class_name="num"),
                        class_name="flex justify-between gap-3 items-baseline",
                    ),
                    rx.el.p(one.what, class_name=f"{SMALL} overflow-anywhere"),
                    class_name=ROW,
                ),
            ),
            id="kept",
            class_name="list-none p-0 mt-1 mb-0",
        ),
        class_name=CARD,
    )


def happened(lines: Any) -> rx.Component:
    """What happened, newest first; what staff read of it beside."""
    return rx.el.ul(rx.foreach(lines, _line), id="happened", class_name="list-none p-0 mt-2 mb-0")


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.p(one.what, class_name="overflow-anywhere"),
                rx.el.p(
                    one.on, rx.cond(one.who != "", f" · {one.who}", ""), class_name=f"{SMALL} num overflow-anywhere"
                ),
                rx.cond(
                    one.reason != "", rx.el.p("“", one.reason, "”", class_name="text-[14px] mt-1 overflow-anywhere")
                ),
                class_name="min-w-0",
            ),
            rx.el.p(
                one.amount,
                class_name=rx.match(
                    one.way,
                    ("in", f"{_AMOUNT} text-[var(--past)]"),
                    ("within", f"{_AMOUNT} text-[var(--ink-2)]"),
                    _AMOUNT,
                ),
            ),
            class_name="flex justify-between gap-4 items-baseline",
        ),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )

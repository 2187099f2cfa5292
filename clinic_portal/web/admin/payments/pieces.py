"""What the pages of payments are made of: how a payment stands, a line of a list, the tabs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import MUTED, SMALL
from clinic_portal.web.portal.pieces import PILL

TABS = (
    ("all", "All"),
    ("attention", "Needs attention"),
    ("fees", "Fees"),
    ("deposits", "Deposits"),
    ("holds", "Holds"),
    ("packages", "Packages"),
    ("memberships", "Memberships"),
    ("refunds", "Refunds"),
)
TAB = "tab whitespace-nowrap max-md:!px-2.5"
_LOOKS = {
    "going": ("• ", "bg-[var(--upcoming-soft)] text-[var(--upcoming)]"),
    "done": ("✓ ", "bg-[var(--past-soft)] text-[var(--past)]"),
    "warn": ("! ", "bg-[var(--warn-soft)] text-[#6b4600]"),
    "nothing": ("– ", "bg-[var(--sunken)] text-[var(--ink-2)]"),
}


def standing(text: Any, kind: Any) -> rx.Component:
    """How a payment stands: a word and a sign, in its colour."""
    signs = [(name, sign) for name, (sign, _) in _LOOKS.items() if name != "nothing"]
    looks = [(name, f"{PILL} {colours}") for name, (_, colours) in _LOOKS.items() if name != "nothing"]
    return rx.el.span(
        rx.el.span(rx.match(kind, *signs, _LOOKS["nothing"][0]), aria_hidden="true"),
        text,
        class_name=rx.match(kind, *looks, f"{PILL} {_LOOKS['nothing'][1]}"),
    )


def tabs(here: Any, count: Any, *, charges: Any) -> rx.Component:
    """The ways to look at payments; `here` is the one that is shown, `count` how many ask for attention."""
    return rx.el.nav(
        *[_tab(name, label, here, count) for name, label in TABS],
        rx.cond(
            charges,
            rx.el.a(
                "Missed visits",
                href="/admin/payments/missed",
                aria_current=rx.cond(here == "missed", "page", "false"),
                class_name=rx.cond(here == "missed", f"{TAB} on", TAB),
            ),
        ),
        aria_label="Payments",
        class_name="tabs flex-wrap",
    )


def _tab(name: str, label: str, here: Any, count: Any) -> rx.Component:
    counted = (
        rx.cond(
            count > 0,
            rx.el.span(
                count,
                class_name=(
                    "ml-1.5 inline-block min-w-[20px] text-center rounded-full px-1.5 text-[12px] font-semibold num "
                    "bg-[var(--warn-soft)] text-[#6b4600]"
                ),
            ),
        )
        if name == "attention"
        else rx.fragment()
    )
    return rx.el.a(
        label,
        counted,
        href="/admin/payments" if name == "all" else f"/admin/payments?show={name}",
        aria_current=rx.cond(here == name, "page", "false"),
        class_name=rx.cond(here == name, f"{TAB} on", TAB),
    )


def lines(shown: Any, name: str) -> rx.Component:
    """Payments, each a link to all about it."""
    return rx.el.ul(rx.foreach(shown, _line), id=name, class_name="list-none p-0 m-0")


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5"),
            rx.el.span(
                rx.el.b(one.who, class_name="block overflow-anywhere"),
                rx.el.span(one.what, class_name=f"{MUTED} block text-[14px] overflow-anywhere"),
                rx.el.span(one.reference, class_name=f"{SMALL} block num md:hidden"),
                rx.el.span(one.note, class_name="block text-[13px] text-[#6b4600] font-medium mt-0.5 empty:hidden"),
                class_name="min-w-0 max-md:col-span-2 max-md:row-start-2",
            ),
            rx.el.span(one.reference, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5 max-md:hidden"),
            rx.el.span(
                one.amount,
                class_name="num font-semibold whitespace-nowrap text-right max-md:col-start-2 max-md:row-start-1",
            ),
            rx.el.span(standing(one.state, one.kind), class_name="md:text-right max-md:col-span-2"),
            href=one.href,
            class_name=(
                "grid gap-x-5 gap-y-1 max-md:grid-cols-[minmax(0,1fr)_auto] "
                "md:grid-cols-[150px_minmax(0,1fr)_104px_90px_170px] items-start py-3 "
                "text-inherit no-underline hover:bg-[var(--paper)] -mx-3 px-3 rounded-[var(--radius-s)]"
            ),
        ),
        class_name="border-b border-[var(--line)] last:border-0",
    )

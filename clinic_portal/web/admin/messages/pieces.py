"""What the pages of messages are made of: a line, a reply's head, a bubble of words."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.payments.pieces import standing
from clinic_portal.web.components.basics import MUTED, SMALL

BUBBLE = "m-0 mt-2 px-4 py-2.5 rounded-[var(--radius-m)] bg-[var(--sunken)] whitespace-pre-line overflow-anywhere max-w-[60ch]"


def line(one: Any, *deeds: rx.Component) -> rx.Component:
    """A message: to whom, about what, how it stands and why; the whole is reached by its name."""
    return rx.el.li(
        rx.el.div(
            rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5"),
            rx.el.div(
                rx.el.a(rx.el.b(one.who), href=one.href, class_name="block overflow-anywhere text-inherit"),
                rx.el.span(one.what, class_name=f"{MUTED} block text-[14px] overflow-anywhere"),
                rx.el.span(one.address, class_name=f"{SMALL} block overflow-anywhere"),
                rx.el.span(one.note, class_name="block text-[14px] mt-1 overflow-anywhere empty:hidden"),
                rx.el.span(one.helps, class_name=f"{MUTED} block text-[14px] overflow-anywhere empty:hidden"),
                *([rx.el.div(*deeds, class_name="flex gap-5 mt-1.5 flex-wrap")] if deeds else []),
                class_name="min-w-0 max-md:col-span-2 max-md:row-start-2",
            ),
            rx.el.span(standing(one.state, one.kind), class_name="text-right"),
            class_name=(
                "grid gap-x-5 gap-y-1 max-md:grid-cols-[minmax(0,1fr)_auto] md:grid-cols-[150px_minmax(0,1fr)_auto] "
                "items-start py-3"
            ),
        ),
        key=one.id.to(str),  # what comes in above it leaves the keyboard where it is
        class_name="border-b border-[var(--line)] last:border-0",
    )


def reply_head(one: Any) -> rx.Component:
    """Who replied and when; a number may be that of several patients, or of nobody we know."""
    return rx.el.div(
        rx.el.div(
            rx.cond(
                one.who,
                rx.el.span(
                    rx.foreach(
                        one.who,
                        lambda person, n: rx.fragment(
                            rx.cond(n > 0, " or ", ""),
                            rx.el.a(rx.el.b(person[0]), href=person[1], class_name="text-inherit overflow-anywhere"),
                        ),
                    )
                ),
                rx.el.b("Unknown number"),
            ),
            rx.el.span(one.number, class_name=f"{SMALL} block num"),
            class_name="min-w-0",
        ),
        rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap"),
        class_name="flex justify-between gap-4 items-start",
    )

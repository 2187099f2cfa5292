"""Forms and instructions in lists, for the first page, the visit's page and their own."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import MUTED, NATIVE, SMALL, link_button, step_title
from clinic_portal.web.portal.pieces import pill

ENTRY = "items-center gap-x-3.5 gap-y-2.5 py-4 border-b border-[var(--line)] last:border-0 last:pb-0"
_SIGN = "w-[38px] h-[38px] shrink-0 rounded-[10px] grid place-items-center font-bold"


def papers(listed: Any) -> rx.Component:
    """What is to be filled in, signed or read."""
    return rx.el.ul(rx.foreach(listed, _paper), class_name="list-none p-0 m-0")


def documents(listed: Any) -> rx.Component:
    """What was completed."""
    return rx.el.ul(rx.foreach(listed, _document), class_name="list-none p-0 m-0")


def nothing(sentence: str) -> rx.Component:
    """An empty list, in a sentence."""
    return rx.el.p(sentence, class_name=f"{MUTED} mt-1")


def gone(title: str) -> rx.Component:
    """What an address names is not there, or not theirs: both look the same."""
    return rx.el.div(
        step_title(title),
        rx.el.p("The link may be old.", class_name=f"{MUTED} mt-2 mb-6"),
        link_button("Forms and instructions", href="/portal/forms"),
    )


def _paper(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            one.sign,
            aria_hidden="true",
            class_name=rx.cond(
                one.is_after,
                f"{_SIGN} bg-[var(--past-soft)] text-[var(--past)]",
                f"{_SIGN} bg-[var(--brand-soft)] text-[var(--brand-strong)]",
            ),
        ),
        rx.el.div(
            rx.el.p(one.title, class_name="font-semibold overflow-anywhere"),
            rx.el.p(one.detail, class_name=f"{SMALL} overflow-anywhere"),
            rx.el.p(one.note, class_name="text-[13px] font-medium text-[var(--warn)] empty:hidden"),
            rx.cond(one.done != "", rx.el.p(pill(one.done, "past"), class_name="mt-1")),
        ),
        link_button(
            one.action,
            href=one.href,
            aria_label=f"{one.action}: {one.title}",
            small=True,
            class_name=rx.cond(
                one.is_due & (one.action != "Read"),
                "col-start-2 justify-self-start sm:col-start-auto",
                "ghost col-start-2 justify-self-start sm:col-start-auto",
            ),
        ),
        id=one.key,
        class_name=f"grid grid-cols-[38px_minmax(0,1fr)] sm:grid-cols-[38px_minmax(0,1fr)_auto] {ENTRY}",
    )


def _document(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.title, class_name="font-semibold overflow-anywhere"),
            rx.el.p(one.detail, class_name=f"{SMALL} overflow-anywhere"),
            rx.el.p(pill(one.state, one.kind), class_name="mt-1.5"),
        ),
        rx.el.div(
            link_button("Read", href=one.href, aria_label=f"Read: {one.title}", ghost=True, small=True),
            link_button(
                "PDF", href=one.pdf, aria_label=f"PDF: {one.title}", ghost=True, small=True, custom_attrs=NATIVE
            ),
            class_name="flex gap-2",
        ),
        id=one.key,
        class_name=f"grid sm:grid-cols-[minmax(0,1fr)_auto] {ENTRY}",
    )

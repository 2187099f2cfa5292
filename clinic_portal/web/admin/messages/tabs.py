"""The tabs that the pages of messages share."""

from __future__ import annotations

from typing import Any

import reflex as rx

TABS = (
    ("Needs attention", "/admin/messages"),
    ("All", "/admin/messages/all"),
    ("Texts", "/admin/messages/texts"),
)


def tabs(here: str, *, changes_texts: Any) -> rx.Component:
    """The ways to look at messages; the words are for those who may change the clinic."""
    shown = [(label, href) for label, href in TABS if label != "Texts"]
    return rx.el.nav(
        *[_tab(label, href, here) for label, href in shown],
        rx.cond(changes_texts, _tab(*TABS[-1], here)),
        aria_label="Messages",
        class_name="tabs flex-wrap",
    )


def _tab(label: str, href: str, here: str) -> rx.Component:
    current = {"aria_current": "page"} if label == here else {}
    return rx.el.a(label, href=href, class_name=f"tab whitespace-nowrap {'on' if label == here else ''}", **current)

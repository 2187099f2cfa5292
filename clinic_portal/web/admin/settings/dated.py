"""Lines of a list that can each be taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import MUTED


@dataclass
class DateView:
    """A line that can be taken away; `key` says which."""

    key: str
    title: str
    detail: str


def removable(
    lines: Any, label: str, handler: Any, *, beneath: Callable[[Any], rx.Component] | None = None
) -> rx.Component:
    """The lines, each with a button called `label` that gives its key to `handler`; nothing where there are none."""
    return rx.cond(
        lines,
        rx.el.ul(
            rx.foreach(
                lines,
                lambda one: rx.el.li(
                    rx.el.div(
                        rx.el.div(rx.el.b(one.title), rx.el.p(one.detail, class_name=MUTED)),
                        rx.el.button(
                            label,
                            rx.el.span(" ", one.title, class_name="sr"),
                            type="button",
                            class_name="link",
                            on_click=handler(one.key),
                        ),
                        class_name="flex justify-between items-center gap-4",
                    ),
                    beneath(one) if beneath else rx.fragment(),
                    class_name="py-2.5 border-b border-[var(--line)] last:border-0",
                ),
            ),
            class_name="list-none p-0 mt-5 mb-0",
        ),
    )

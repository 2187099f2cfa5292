"""The shelves of services, for the first step and for adding later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import CARD, SMALL, button


def shelf(
    category: Any, *, on_add: Callable[[Any], Any], on_remove: Callable[[Any], Any], is_open: Any
) -> rx.Component:
    """A category that opens and closes, and the services in it (S61)."""
    return rx.el.details(
        rx.el.summary(
            rx.el.span(
                rx.el.h2(category.name, class_name="inline"),
                rx.el.span(category.description, class_name=f"{SMALL} block mt-0.5"),
            ),
            class_name="cursor-pointer list-none flex justify-between gap-4",
        ),
        rx.el.ul(
            rx.foreach(category.services, lambda service: _service(service, on_add, on_remove)),
            class_name="list-none p-0 mt-3 mb-0",
        ),
        open=is_open,
        id=category.slug,
        class_name=f"{CARD} shelf mb-4",
    )


def _service(service: Any, on_add: Callable[[Any], Any], on_remove: Callable[[Any], Any]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.h3(
                service.name,
                class_name="font-[family-name:var(--sans)]! font-semibold !text-[15px] !tracking-normal overflow-anywhere",
            ),
            rx.el.p(service.description, class_name=f"{SMALL} mt-0.5 max-w-[60ch]"),
            rx.el.p(
                service.duration,
                " · ",
                rx.cond(service.was != "", rx.fragment(rx.el.s(service.was), " ")),
                rx.el.span(service.price, class_name="text-[var(--ink)] font-semibold"),
                class_name=f"{SMALL} mt-1",
            ),
            class_name="min-w-0",
        ),
        rx.cond(
            service.note != "",
            rx.el.span(service.note, class_name=f"{SMALL} whitespace-nowrap"),
            rx.cond(
                service.is_in_cart,
                button(
                    "Added ✓",
                    ghost=True,
                    small=True,
                    aria_label=f"Remove {service.name}",
                    on_click=on_remove(service.id),
                    class_name="shrink-0",
                ),
                button(
                    "Book now",
                    small=True,
                    aria_label=f"Book now: {service.name}",
                    on_click=on_add(service.id),
                    class_name="shrink-0",
                ),
            ),
        ),
        class_name="flex items-center justify-between gap-4 py-4 border-t border-[var(--line)]",
    )

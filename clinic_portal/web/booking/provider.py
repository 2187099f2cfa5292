"""Fifth step: whom to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from clinic_portal.web.booking.provider_state import ProviderStep
from clinic_portal.web.booking.scaffold import step_page
from clinic_portal.web.booking.steps import PROVIDER
from clinic_portal.web.components.basics import SMALL, initials_badge


def page() -> rx.Component:
    """A provider by name or the first available; choosing goes on."""
    return step_page(
        PROVIDER,
        rx.el.div(
            rx.foreach(ProviderStep.choices, lambda choice: provider_card(choice, ProviderStep.choose)),
            class_name="grid gap-3",
        ),
    )


def provider_card(choice: Any, on_choose: Callable[[Any], Any]) -> rx.Component:
    """A provider, to be chosen."""
    return rx.el.button(
        rx.el.span(
            initials_badge(choice.initials),
            rx.el.span(
                rx.el.span(choice.name, class_name="font-semibold block"),
                rx.el.span(choice.detail, class_name=f"{SMALL} block"),
                rx.el.span(choice.about, class_name=f"{SMALL} block mt-1 empty:hidden"),
            ),
            class_name="flex items-center gap-4",
        ),
        type="button",
        aria_pressed=rx.cond(choice.is_chosen, "true", "false"),
        on_click=on_choose(choice.id),
        class_name="choice",
    )

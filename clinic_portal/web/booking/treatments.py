"""First step: the shelves of services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from clinic_portal.web.booking.scaffold import on_button, step_page
from clinic_portal.web.booking.shelves import shelf
from clinic_portal.web.booking.steps import TREATMENTS
from clinic_portal.web.booking.treatments_state import Treatments
from clinic_portal.web.booking.wizard import Summary
from clinic_portal.web.components.basics import SMALL, skeleton


def page() -> rx.Component:
    """Categories with their services, and where to be treated."""
    return step_page(
        TREATMENTS,
        rx.cond(
            Summary.is_loaded,
            rx.fragment(
                rx.cond(Summary.several_places, _places()),
                rx.foreach(
                    Treatments.shelves,
                    lambda category, index: shelf(
                        category,
                        on_add=Treatments.add,
                        on_remove=Treatments.remove,
                        is_open=(category.slug == Treatments.open_shelf)
                        | ((Treatments.open_shelf == "") & (index == 0)),
                    ),
                ),
                rx.cond(
                    Treatments.shelves,
                    rx.fragment(),
                    rx.el.p("No treatments can be booked online yet. Please call us."),
                ),
            ),
            rx.el.div(*[skeleton("h-24 mb-4") for _ in range(5)], aria_busy="true"),
        ),
        aside_action=on_button(Treatments.go_on),
    )


def _places() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Where would you like to be treated?", class_name="font-semibold mb-2"),
        rx.el.div(
            rx.foreach(Treatments.places, lambda place: place_card(place, Treatments.choose_place)),
            class_name="grid sm:grid-cols-2 gap-3",
        ),
        id="places",
        class_name="border-0 p-0 m-0 mb-5",
    )


def place_card(place: Any, on_choose: Callable[[Any], Any]) -> rx.Component:
    """A location, to be chosen."""
    return rx.el.button(
        rx.el.span(place.name, class_name="font-semibold block"),
        rx.el.span(place.detail, class_name=SMALL),
        type="button",
        aria_pressed=rx.cond(place.is_chosen, "true", "false"),
        on_click=on_choose(place.id),
        class_name="choice",
    )

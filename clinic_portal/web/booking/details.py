"""Second step: who is coming."""

from __future__ import annotations

import reflex as rx

from clinic_portal.web.booking.details_state import Details
from clinic_portal.web.booking.scaffold import step_page
from clinic_portal.web.booking.steps import DETAILS
from clinic_portal.web.booking.wizard import Summary
from clinic_portal.web.components.basics import SMALL, button, card, field, skeleton
from clinic_portal.web.components.time_zone import zone_told


def page() -> rx.Component:
    """Name, e-mail and phone."""
    return step_page(
        DETAILS,
        card(
            rx.cond(
                Summary.step == DETAILS.name,
                _form(),
                rx.el.div(*[skeleton("h-12 mb-5") for _ in range(4)], aria_busy="true"),
            )
        ),
        aside_action=button("Continue", type="submit", form="details", class_name="w-full"),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            _field("given_name", "First name", auto_complete="given-name"),
            _field("family_name", "Last name", auto_complete="family-name"),
            class_name="grid sm:grid-cols-2 gap-5",
        ),
        _field(
            "email",
            "E-mail",
            type="email",
            auto_complete="email",
            input_mode="email",
            hint="Your confirmation and calendar entry go here.",
        ),
        _field(
            "phone",
            "Mobile phone",
            type="tel",
            auto_complete="tel",
            input_mode="tel",
            hint="We text a code to it in the next step, and nothing else but news about your visit.",
        ),
        rx.el.p(
            "Been here before? Use the same e-mail and phone, and this visit joins your profile.",
            class_name=SMALL,
        ),
        zone_told(name="time_zone"),
        id="details",
        no_validate=True,
        on_submit=Details.save,
        class_name="grid gap-5",
    )


def _field(name: str, label: str, **props: str) -> rx.Component:
    hint = props.pop("hint", "")
    return field(
        name,
        label,
        hint=hint,
        value=getattr(Details, name),
        error=Details.errors.get(name, "").to(str),
        required=True,
        max_length=254,
        **props,
    )

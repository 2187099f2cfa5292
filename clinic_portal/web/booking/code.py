"""Third step: the code by SMS."""

from __future__ import annotations

import reflex as rx

from clinic_portal.web.booking.code_state import Code
from clinic_portal.web.booking.scaffold import on_button, step_page
from clinic_portal.web.booking.steps import CODE, DETAILS
from clinic_portal.web.components.basics import SMALL, button, card, field
from clinic_portal.web.components.countdown import countdown
from clinic_portal.web.me import Me


def page() -> rx.Component:
    """Six digits, sent to the phone just given."""
    return step_page(
        CODE,
        card(rx.cond(Code.is_verified, _verified(), _form())),
        aside_action=rx.cond(
            Code.is_verified,
            on_button(Code.go_on),
            button("Continue", type="submit", form="code-form", class_name="w-full"),
        ),
    )


def _verified() -> rx.Component:
    return rx.el.div(
        rx.el.p("✓ ", rx.el.b(Code.phone, class_name="whitespace-nowrap"), " is yours. Thank you."),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            rx.cond(Code.was_sent, "We sent six digits to ", "A code goes to "),
            rx.el.b(Code.phone, class_name="font-semibold whitespace-nowrap"),
            ". They are good for ten minutes. ",
            rx.el.a(
                "Another number?",
                href=rx.cond(Me.name != "", "/portal/profile", DETAILS.path),  # who signed in has no details here
                class_name="link",
            ),
        ),
        rx.el.div(
            field(
                "code",
                "Code",
                error=Code.error,
                input_mode="numeric",
                auto_complete="one-time-code",
                max_length=20,
                required=True,
                style={"fontSize": "22px", "letterSpacing": "0.3em"},
            ),
            class_name="max-w-[240px]",
        ),
        rx.el.div(
            rx.cond(
                Code.resend_in_seconds > 0,
                rx.el.p(
                    "New code in ",
                    countdown(seconds=Code.resend_in_seconds, on_end=Code.resend_ready, key=Code.waits),
                    class_name=SMALL,
                ),
                rx.el.button("Send a new code", type="button", class_name="link", on_click=Code.resend),
            ),
            class_name="flex items-center gap-5",
        ),
        rx.cond(
            (Code.texts_from != "") & Code.was_sent & (Code.resend_in_seconds == 0),
            rx.el.p(
                "No message? If you ever replied STOP to us, text START to ",
                rx.el.span(Code.texts_from, class_name="whitespace-nowrap"),
                " and ask for a new code.",
                class_name=SMALL,
            ),
        ),
        id="code-form",
        no_validate=True,
        on_submit=Code.check,
        class_name="grid gap-5",
    )

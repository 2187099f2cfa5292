"""The page for an address that leads nowhere."""

import reflex as rx

from clinic_portal.web.components.basics import link_button, step_title
from clinic_portal.web.layout import frame


def page() -> rx.Component:
    """What happened, and ways on."""
    return frame(
        rx.el.div(
            step_title("This page does not exist"),
            rx.el.p(
                "The link may be old, or a letter got lost on the way.", class_name="mt-3 mb-7 text-[var(--ink-2)]"
            ),
            rx.el.div(
                link_button("Book a visit", href="/book"),
                link_button("To the front page", href="/", ghost=True),
                class_name="flex flex-wrap gap-3",
            ),
            class_name="py-8",
        ),
        clinic_name="Home",
    )


def add(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(page, route="404", title="Page not found")

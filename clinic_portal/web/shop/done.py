"""What came of going to the gateway's page for a package: bought, left, not known yet, or nothing at all."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.awake import awake
from clinic_portal.web.components.basics import (
    MUTED,
    SMALL,
    button,
    card,
    link_button,
    phone_link,
    skeleton,
    step_title,
)
from clinic_portal.web.me import Me
from clinic_portal.web.portal.base import Portal
from clinic_portal.web.shop.state import CHECK_EVERY_SECONDS, Shop


def content() -> rx.Component:
    """The page, as far as it is known how the purchase stands."""
    return rx.el.div(
        rx.match(
            Shop.stage,
            ("bought", _bought()),
            ("left", _left()),
            ("away", _away()),
            ("none", _none()),
            rx.el.div(
                rx.el.p("One moment: we are looking whether it is paid.", role="status", class_name="mb-4"),
                skeleton("h-64"),
            ),
        ),
        class_name="max-w-[640px] mx-auto",
    )


def _bought() -> rx.Component:
    return rx.fragment(
        card(
            step_title("Thank you, it is yours"),
            rx.el.p(
                "Your treatments are ready. What you bought and the receipt come by e-mail.",
                role="status",
                class_name="mt-3",
            ),
            rx.el.dl(
                _fact("Package", Shop.chosen.name),
                _fact("In it", Shop.chosen.what),
                _fact("Paid", Shop.chosen.price),
                _fact("Until when", Shop.chosen.holds),
                class_name="m-0 mt-5 border-t border-[var(--line)]",
            ),
            rx.el.div(
                link_button("Book a visit", href="/book"),
                rx.cond(Shop.receipt != "", link_button("Receipt", href=Shop.receipt, ghost=True)),
                class_name="flex flex-wrap gap-3 mt-6",
            ),
            rx.cond(
                Me.name == "",
                rx.el.p(
                    "With a portal you see what is left and book with it: ",
                    rx.el.a("sign up", href="/register", class_name="link"),
                    " with the same e-mail address.",
                    class_name=f"{SMALL} mt-5",
                ),
            ),
        ),
        _call("Something not right?"),
    )


def _fact(name: str, told: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name, class_name=MUTED),
        rx.el.dd(told, class_name="m-0 sm:text-right font-medium overflow-anywhere"),
        class_name="sm:flex sm:justify-between gap-6 py-2.5 border-b border-[var(--line)] last:border-0",
    )


def _left() -> rx.Component:
    return rx.fragment(
        card(
            step_title("Nothing was bought"),
            rx.el.p(
                "You left the page before it was paid, and nothing was charged. The package is still here if you want "
                "it.",
                role="status",
                class_name="mt-3",
            ),
            link_button("Back to the packages", href=_home(), class_name="mt-6"),
        ),
        _call("Did something go wrong?"),
    )


def _away() -> rx.Component:
    return card(
        awake(seconds=CHECK_EVERY_SECONDS, on_look=Shop.look_back, key=Shop.looks.to_string()),
        step_title("Our payment service does not answer"),
        rx.el.p(
            "We cannot see yet whether it is paid, so please do not pay again. This page asks by itself every few "
            "seconds; you may close it too: we write to you as soon as it is paid.",
            role="status",
            class_name="mt-3",
        ),
        button("Look again now", on_click=Shop.look_back, ghost=True, class_name="mt-6"),
    )


def _none() -> rx.Component:
    return card(
        step_title("There is nothing here"),
        rx.el.p("No package was bought in this browser. Our letter has all about one you bought.", class_name="mt-3"),
        link_button("To the packages", href=_home(), class_name="mt-6"),
    )


def _home() -> Any:
    return rx.cond(Me.name != "", "/portal/packages", "/packages")


def _call(question: str) -> rx.Component:
    return rx.el.p(
        question,
        " Call us",
        rx.cond(Portal.clinic_phone != "", rx.fragment(" on ", phone_link(Portal.clinic_phone)), ""),
        ".",
        class_name=f"{MUTED} mt-8 px-1 sm:px-6",
    )

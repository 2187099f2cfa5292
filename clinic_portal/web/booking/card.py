"""The last step: the card, given on the gateway's page."""

from __future__ import annotations

import reflex as rx

from clinic_portal.web.booking.card_state import CHECK_EVERY_SECONDS, CardStep
from clinic_portal.web.booking.scaffold import on_button, step_page
from clinic_portal.web.booking.steps import CARD
from clinic_portal.web.components.awake import awake
from clinic_portal.web.components.basics import SMALL, button, card, link_button, skeleton
from clinic_portal.web.components.leave import leave


def page() -> rx.Component:
    """Whether the card is given; where it is not, what it is for and the way to it."""
    return step_page(
        CARD,
        rx.match(
            CardStep.told,
            ("needed", _needed()),
            ("away", _away()),
            rx.el.div(
                rx.el.p(
                    "One moment: we are looking whether your card was confirmed.", role="status", class_name="mb-4"
                ),
                skeleton("h-40"),
            ),
        ),
        leave(),
        aside_action=rx.cond(CardStep.told == "needed", on_button(CardStep.go, label="Continue to your card")),
    )


def _needed() -> rx.Component:
    return card(
        rx.el.h2("Your card is not confirmed yet"),
        rx.el.p("Nothing is booked and nothing was charged. Your time is still held for you.", class_name="mt-3"),
        rx.el.p(asked(CardStep.is_deposit, CardStep.amount), class_name="mt-3 max-w-[65ch]"),
        rx.el.p(
            "You type your card on the page of our payment service. We never see its number.",
            class_name=f"{SMALL} mt-3",
        ),
        rx.el.div(
            button("Continue to your card", on_click=CardStep.go),
            link_button("Back to the policy", href="/book/policy", ghost=True),
            class_name="hidden lg:flex flex-wrap gap-3 mt-5",
        ),
    )


def _away() -> rx.Component:
    return card(
        awake(seconds=CHECK_EVERY_SECONDS, on_look=CardStep.look_again, key=CardStep.looks.to_string()),
        rx.el.h2("Our payment service does not answer"),
        rx.el.p(
            "We cannot see yet whether your card was confirmed, so please do not give it again. This page asks by itself "
            "every few seconds; if your card was confirmed, your visit is booked and we write to you, also when you "
            "close this page.",
            role="status",
            class_name="mt-3 max-w-[65ch]",
        ),
        button("Look again now", on_click=CardStep.look_again, ghost=True, class_name="mt-5"),
    )


def asked(is_deposit: rx.Var[bool], amount: rx.Var[str]) -> rx.Component:
    """What the card is asked for, in a sentence."""
    return rx.cond(
        is_deposit,
        rx.fragment(
            "A deposit of ", rx.el.b(amount), " is taken once your visit is booked. It counts towards your visit."
        ),
        rx.fragment(
            "To check the card, ", rx.el.b(amount), " is reserved on it and released at once: it is never taken."
        ),
    )

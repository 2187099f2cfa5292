"""Seventh step: the policy, and the button that books."""

from __future__ import annotations

import reflex as rx

from clinic_portal.web.booking.card import asked
from clinic_portal.web.booking.policy_state import PolicyStep
from clinic_portal.web.booking.scaffold import on_button, step_page
from clinic_portal.web.booking.steps import POLICY
from clinic_portal.web.components.basics import ERROR, SMALL, card
from clinic_portal.web.components.leave import leave


def page() -> rx.Component:
    """What will be booked, what cancelling costs, and the tick that says it was read (S75)."""
    return step_page(
        POLICY,
        card(
            rx.el.h2(PolicyStep.when),
            rx.el.p("For ", PolicyStep.who, class_name=f"{SMALL} mt-1"),
            class_name="mb-5",
        ),
        rx.cond(PolicyStep.policy_id > 0, _policy()),
        rx.cond(PolicyStep.card_amount != "", _card()),
        leave(),
        aside_action=on_button(
            PolicyStep.confirm,
            label=rx.cond(PolicyStep.card_amount != "", "Continue to your card", "Confirm booking"),
            disabled=PolicyStep.is_booking,
        ),
    )


def _policy() -> rx.Component:
    return card(
        rx.el.h2("Cancellation policy"),
        rx.el.p(PolicyStep.terms, class_name="font-semibold mt-3"),
        rx.el.p(PolicyStep.policy_text, class_name="mt-3 whitespace-pre-line max-w-[65ch]"),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                id="accept",
                default_checked=False,
                key=PolicyStep.box_key,
                on_change=PolicyStep.accept,
                aria_describedby="accept-error",
                class_name="w-5 h-5 mt-0.5 accent-[var(--brand)] shrink-0",
            ),
            rx.el.span("I have read the cancellation policy and accept it."),
            class_name="flex gap-3 mt-5 cursor-pointer",
        ),
        rx.el.p(
            PolicyStep.error,
            id="accept-error",
            role="alert",
            class_name=ERROR,
        ),
        class_name="mb-5",
    )


def _card() -> rx.Component:
    return card(
        rx.el.h2("A card is needed to secure your visit"),
        rx.el.p(asked(PolicyStep.is_deposit, PolicyStep.card_amount), class_name="mt-3 max-w-[65ch]"),
        rx.el.p(PolicyStep.card_text, class_name="mt-3 max-w-[65ch] whitespace-pre-line empty:hidden"),
        rx.el.p(
            "You type your card on the page of our payment service. We never see its number. Your visit is booked once "
            "the card is confirmed.",
            class_name=f"{SMALL} mt-3",
        ),
    )

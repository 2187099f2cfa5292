"""The page on which a fee is paid that could not be charged: `/pay`, and `/pay/done`, to which the gateway leads back."""

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
    notice,
    phone_link,
    skeleton,
    step_title,
)
from clinic_portal.web.components.leave import leave
from clinic_portal.web.layout import frame
from clinic_portal.web.me import Me
from clinic_portal.web.public.pay_state import CHECK_EVERY_SECONDS, PayFee


def page() -> rx.Component:
    """What is owed and why, the button to pay it, and the policy it follows from; or what came of it."""
    return frame(
        rx.el.div(
            notice(PayFee.notice_title, PayFee.notice_text, PayFee.close_notice),
            rx.match(
                PayFee.stage,
                ("owed", _owed()),
                ("paid", _paid()),
                ("trying", _trying()),
                ("away", _away()),
                (
                    "waived",
                    _told("Nothing is left to pay", rx.fragment("We let go of the ", PayFee.what, "."), _facts()),
                ),
                (
                    "ended",
                    _told(
                        "There is nothing to pay here",
                        "This link has ended: the fee was paid or forgiven, or the link is more than 30 days old. "
                        "Your portal knows how it stands, and so do we.",
                    ),
                ),
                (
                    "unknown",
                    _told(
                        "Which payment do you mean?",
                        "This browser has paid no fee. Please open the link in our letter once more: it shows how your "
                        "fee stands, and never charges it twice.",
                    ),
                ),
                skeleton("h-80"),
            ),
            leave(),
            class_name="max-w-[640px] mx-auto",
        ),
        clinic_name=rx.cond(PayFee.clinic_name != "", PayFee.clinic_name, "Home"),
    )


def _owed() -> rx.Component:
    return rx.fragment(
        card(
            rx.cond(
                PayFee.is_back,
                rx.fragment(
                    step_title("Not paid yet"),
                    rx.el.p("Nothing was charged. ", rx.el.b(PayFee.amount), " is still due.", class_name="mt-3"),
                ),
                rx.fragment(
                    step_title(rx.fragment("Pay ", PayFee.amount)),
                    rx.el.p(
                        "Your ",
                        PayFee.what,
                        " could not be charged. ",
                        PayFee.why,
                        " Nothing was taken from your card.",
                        class_name="mt-3",
                    ),
                ),
            ),
            _facts(),
            button("Pay ", PayFee.amount, on_click=PayFee.pay, id="pay", class_name="w-full sm:w-auto mt-6"),
            rx.el.p(
                "With this or another card, on the page of our payment service. We never see its number.",
                class_name=f"{SMALL} mt-3",
            ),
        ),
        _policy(),
        _call("Something not right, or is it hard to pay now?"),
    )


def _paid() -> rx.Component:
    return rx.fragment(
        card(
            step_title(rx.cond(PayFee.is_back, "Thank you, it is paid", "This fee is paid")),
            rx.el.p(
                rx.cond(
                    PayFee.card_ends != "",
                    rx.fragment(rx.el.b(PayFee.amount), " was taken from your card ending in ", PayFee.card_ends, ". "),
                    "",
                ),
                "Nothing is left to pay. The receipt comes by e-mail.",
                role="status",
                class_name="mt-3",
            ),
            _facts(),
            rx.el.div(
                rx.cond(Me.name != "", link_button("Open the receipt", href=PayFee.receipt_href, ghost=True)),
                link_button("To the front page", href="/", ghost=True),
                class_name="flex flex-wrap gap-3 mt-6",
            ),
        ),
        _call("Something not right?"),
    )


def _trying() -> rx.Component:
    return card(
        _looking(),
        step_title("We are trying your card once more"),
        rx.el.p(
            "Please do not pay now: it might be charged by itself in a moment. This page tells you.",
            role="status",
            class_name="mt-3",
        ),
        _facts(),
    )


def _away() -> rx.Component:
    return card(
        _looking(),
        step_title("Our payment service does not answer"),
        rx.el.p(
            "We cannot see yet whether you have paid, so please do not pay again. This page asks by itself every few "
            "seconds; you may close it too: we write to you as soon as it is paid.",
            role="status",
            class_name="mt-3",
        ),
        _facts(),
        button("Look again now", on_click=PayFee.look_again, ghost=True, class_name="mt-6"),
    )


def _looking() -> rx.Component:
    return awake(seconds=CHECK_EVERY_SECONDS, on_look=PayFee.look_again, key=PayFee.looks.to_string())


def _facts() -> rx.Component:
    return rx.el.dl(
        rx.foreach(
            PayFee.lines,
            lambda one: rx.el.div(
                rx.el.dt(one.name, class_name=MUTED),
                rx.el.dd(one.told, class_name="m-0 sm:text-right font-medium overflow-anywhere"),
                class_name="sm:flex sm:justify-between gap-6 py-2.5 border-b border-[var(--line)] last:border-0",
            ),
        ),
        class_name="m-0 mt-5 border-t border-[var(--line)]",
    )


def _policy() -> rx.Component:
    return rx.cond(
        PayFee.policy_text != "",
        rx.el.section(
            rx.el.h2(
                "The policy you accepted",
                rx.cond(PayFee.accepted != "", rx.fragment(" on ", PayFee.accepted), ""),
            ),
            rx.el.p(PayFee.terms, class_name="font-semibold mt-3 empty:hidden"),
            rx.el.p(PayFee.policy_text, class_name="mt-3 whitespace-pre-line overflow-anywhere"),
            class_name="mt-8 px-1 sm:px-6",
        ),
    )


def _call(question: str) -> rx.Component:
    return rx.el.p(
        question,
        " Call us on ",
        phone_link(PayFee.phone),
        ": we will find a way.",
        class_name=f"{MUTED} mt-8 px-1 sm:px-6",
    )


def _told(title: str, text: Any, *more: Any) -> rx.Component:
    return rx.fragment(
        card(
            step_title(title),
            rx.el.p(text, class_name="mt-3"),
            *more,
            link_button("To the front page", href="/", ghost=True, class_name="mt-6"),
        ),
        _call("Something not right?"),
    )


def add(app: rx.App) -> None:
    """Add both addresses to the app."""
    for route, title in (("/pay", "Pay a fee"), ("/pay/done", "Your payment")):
        app.add_page(page, route=route, title=title, on_load=[Me.enter, PayFee.enter])

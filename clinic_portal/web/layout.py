"""The frame of every public page: header, content, footer."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors
from reflex_components_core.el.elements.inline import A

from clinic_portal.web.components.basics import SMALL, phone_link
from clinic_portal.web.components.idle import idle_guard
from clinic_portal.web.me import Me

HEAD = [
    rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    rx.el.link(
        rel="preload",
        href="/fonts/inter-latin.woff2",
        custom_attrs={"as": "font", "type": "font/woff2"},
        cross_origin="anonymous",
    ),
    rx.el.meta(name="theme-color", content="#faf8f5"),
]


def connection_lost() -> rx.Component:
    """Said while the page cannot reach the clinic; it goes by itself when it can again. Nothing typed is lost.

    A fragment, because Reflex puts the page itself behind what is in it.
    """
    told = rx.el.p(
        "We cannot reach the clinic just now. Your choices are kept; we go on as soon as we are back.",
        class_name="bg-[var(--ink)] text-white text-[14px] px-5 py-3 rounded-full shadow-[var(--shadow)] max-w-[92vw]",
    )
    return rx.fragment(
        rx.el.div(
            rx.cond(has_connection_errors, told),
            role="status",
            class_name="fixed top-4 inset-x-0 z-30 grid place-items-center pointer-events-none",
        )
    )


def frame(*content: Any, clinic_name: Any, phone: Any = "", here: str = "") -> rx.Component:
    """A page between header and footer; `here` is the entry of the navigation it belongs to."""
    return rx.el.div(
        A.create("Skip to content", href="#content", class_name="skip"),  # the router's link would load the page anew
        rx.el.header(
            rx.el.a(
                clinic_name,
                href="/",
                class_name="font-[family-name:var(--serif)] font-medium text-[20px] text-[var(--ink)] no-underline min-h-[24px] min-w-[120px]",
            ),
            rx.el.nav(
                _entry("Book", "/book", here),
                _entry("Treatments", "/", here),
                aria_label="Main",
                class_name="order-last sm:order-none w-full sm:w-auto grow flex gap-5",
            ),
            _whoever(),
            class_name=(
                "flex items-center gap-x-5 gap-y-2 sm:gap-7 px-4 sm:px-10 py-4 border-b border-[var(--line)] "
                "bg-[var(--surface)] flex-wrap"
            ),
        ),
        rx.el.main(
            *content,
            id="content",
            class_name="max-w-[1180px] mx-auto px-4 sm:px-10 py-6 sm:py-9 min-h-[70vh]",
        ),
        rx.el.footer(
            rx.el.p(
                "Questions? We are glad to help",
                rx.cond(
                    phone != "",
                    rx.fragment(": ", phone_link(phone)),
                    ".",
                ),
                class_name=f"{SMALL} py-8 border-t border-[var(--line)]",
            ),
            class_name="max-w-[1180px] mx-auto px-4 sm:px-10",
        ),
    )


def _whoever() -> rx.Component:
    """The right end of the header: the way in (S22), or the name, which opens the portal (S24, S25)."""
    return rx.cond(
        Me.name != "",
        rx.fragment(
            rx.el.a(
                rx.el.span(
                    Me.initials,
                    aria_hidden="true",
                    class_name="w-8 h-8 rounded-full grid place-items-center bg-[var(--brand-soft)] "
                    "text-[var(--brand-strong)] font-semibold text-[13px]",
                ),
                rx.el.span(Me.name, class_name="max-w-[40vw] truncate"),
                href="/portal",
                aria_label=f"{Me.name}: my portal",
                id="me",
                class_name="ml-auto flex items-center gap-2 text-[var(--ink)] font-semibold no-underline hover:text-[var(--brand-strong)]",
            ),
            idle_guard(seconds=Me.idle_seconds, on_stay=Me.stay, on_over=Me.idle, key=Me.idle_key),
        ),
        rx.el.a("Log in", href=Me.sign_in_href, class_name="btn ghost small ml-auto"),
    )


def _entry(label: str, href: str, here: str) -> rx.Component:
    is_here = label == here
    colour = "text-[var(--ink)]" if is_here else "text-[var(--ink-2)] hover:text-[var(--ink)]"
    current = {"aria_current": "page"} if is_here else {}
    return rx.el.a(label, href=href, class_name=f"{colour} no-underline font-medium py-1", **current)

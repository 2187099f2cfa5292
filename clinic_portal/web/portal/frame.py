"""The frame of the portal's pages: navigation, gear, and who is signed in."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from clinic_portal.web.components.basics import SMALL, forms_styles, link_button, notice, phone_link, skeleton
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.fresh import fresh
from clinic_portal.web.components.idle import idle_guard
from clinic_portal.web.components.native import native_form
from clinic_portal.web.me import Me
from clinic_portal.web.portal.base import Portal

NAVIGATION = (
    ("Home", "/portal"),
    ("Appointments", "/portal/appointments"),
    ("Forms", "/portal/forms"),
    ("Medical history", "/portal/history"),
    ("My details", "/portal/profile"),
)
GEAR = (
    "M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm7.4-3.5c0 .4 0 .8-.1 1.2l2 1.6-2 3.4-2.4-1a7.6 7.6 0 0 1-2 1.2l-.4 "
    "2.6h-4l-.4-2.6a7.6 7.6 0 0 1-2-1.2l-2.4 1-2-3.4 2-1.6a7.7 7.7 0 0 1 0-2.4l-2-1.6 2-3.4 2.4 1a7.6 7.6 0 0 1 2-1.2L10.5 "
    "3h4l.4 2.6a7.6 7.6 0 0 1 2 1.2l2.4-1 2 3.4-2 1.6c.1.4.1.8.1 1.2Z"
)


def portal_frame(*content: Any, here: str) -> rx.Component:
    """A page of the portal; `here` is its entry in the navigation. Until its data is there, a sketch of it."""
    return rx.el.div(
        forms_styles(),
        A.create("Skip to content", href="#content", class_name="skip"),
        rx.el.header(
            rx.el.a(
                rx.cond(Portal.clinic_name != "", Portal.clinic_name, "Home"),
                href="/",
                class_name="font-[family-name:var(--serif)] font-medium text-[20px] text-[var(--ink)] no-underline",
            ),
            rx.el.nav(
                *[_entry(label, href, here) for label, href in NAVIGATION],
                rx.cond(Me.has_wallet, _entry("Wallet", "/portal/wallet", here)),
                rx.cond(Me.sells & ~Me.has_wallet, _entry("Packages", "/portal/packages", here)),
                rx.cond(Me.may_join, _entry("Membership", "/portal/membership", here)),
                rx.cond(Me.is_member, _entry("Payment methods", "/portal/cards", here)),
                aria_label="Portal",
                class_name="order-last lg:order-none w-full lg:w-auto grow flex gap-x-3 sm:gap-x-5 gap-y-1 flex-wrap",
            ),
            rx.el.div(
                link_button("Book", href="/book", small=True),
                rx.el.a(
                    rx.el.svg(
                        rx.el.path(d=GEAR, fill="none", stroke="currentColor", stroke_width="1.5"),
                        view_box="0 0 24 24",
                        width="24",
                        height="24",
                        aria_hidden="true",
                    ),
                    href="/portal/settings",
                    aria_label="Settings",
                    id="settings-link",
                    class_name="text-[var(--ink-2)] hover:text-[var(--ink)] p-2",
                ),
                rx.el.a(
                    Me.initials,
                    href="/portal/profile",
                    aria_label=f"My details: {Me.name}",
                    class_name="w-9 h-9 rounded-full grid place-items-center bg-[var(--brand-soft)] text-[var(--brand-strong)] "
                    "font-semibold text-[13px] no-underline",
                ),
                class_name="flex items-center gap-3 ml-auto",
            ),
            class_name=(
                "flex items-center gap-x-7 gap-y-2 px-4 sm:px-10 py-3.5 border-b border-[var(--line)] "
                "bg-[var(--surface)] flex-wrap"
            ),
        ),
        rx.cond(
            Me.idle_seconds > 0,
            idle_guard(seconds=Me.idle_seconds, on_stay=Me.stay, on_over=Me.idle, key=Me.idle_key),
        ),
        rx.el.main(
            notice(
                Portal.notice_title,
                Portal.notice_text,
                Portal.dismiss_notice,
                is_good=Portal.notice_is_good,
            ),
            follow(to="notice", number=Portal.notice_number),
            fresh(rx.cond(Portal.page == here, rx.fragment(*content), _sketch()), _sketch(), at=Portal.address),
            id="content",
            class_name="max-w-[1180px] mx-auto px-4 sm:px-10 py-6 sm:py-9 min-h-[70vh]",
        ),
        rx.el.footer(
            rx.el.div(
                rx.el.p(
                    "Questions? We are glad to help",
                    rx.cond(
                        Portal.clinic_phone != "",
                        rx.fragment(": ", phone_link(Portal.clinic_phone)),
                        ".",
                    ),
                ),
                native_form(
                    rx.el.button("Sign out", type="submit", class_name="link"), to="/auth/sign-out", class_name=""
                ),
                class_name=f"{SMALL} py-8 border-t border-[var(--line)] flex justify-between items-center gap-4 flex-wrap",
            ),
            class_name="max-w-[1180px] mx-auto px-4 sm:px-10",
        ),
    )


def _entry(label: str, href: str, here: str) -> rx.Component:
    is_here = label == here
    colour = "text-[var(--ink)]" if is_here else "text-[var(--ink-2)] hover:text-[var(--ink)]"
    current = {"aria_current": "page"} if is_here else {}
    return rx.el.a(
        label, href=href, class_name=f"{colour} no-underline font-medium py-1 text-[14px] sm:text-[15px]", **current
    )


def _sketch() -> rx.Component:
    return rx.el.div(
        skeleton("h-9 w-64"),
        rx.el.div(skeleton("h-52"), skeleton("h-52"), class_name="grid lg:grid-cols-[minmax(0,1fr)_400px] gap-7 mt-8"),
        aria_busy="true",
    )

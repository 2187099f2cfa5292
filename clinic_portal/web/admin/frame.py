"""The frame of the staff's pages: navigation at the side, search at the top."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from clinic_portal.accounts.roles import Permission
from clinic_portal.web.admin.base import Desk, may
from clinic_portal.web.components.basics import forms_styles, link_button, notice, skeleton, step_title
from clinic_portal.web.components.idle import idle_guard
from clinic_portal.web.components.native import native_form
from clinic_portal.web.components.slash import slash

NEW_VISIT = "/admin/appointments/new"
SETTINGS = (
    (
        "Online",
        ("Portal access", "/admin/settings/portal", may(Permission.INVITE_PATIENTS)),
        ("Booking portal", "/admin/settings/addresses", True),
        ("Booking rules", "/admin/settings/booking", may(Permission.CHANGE_CLINIC)),
        ("Cancellation policy", "/admin/settings/policy", may(Permission.CHANGE_CLINIC)),
        ("Wallet", "/admin/settings/wallet", may(Permission.CHANGE_CLINIC)),
        ("Reminders", "/admin/settings/reminders", may(Permission.CHANGE_CLINIC)),
    ),
    (
        "What we offer",
        ("Categories", "/admin/settings/categories", may(Permission.CHANGE_CLINIC)),
        ("Services", "/admin/settings/services", may(Permission.CHANGE_CLINIC)),
        ("Packages", "/admin/settings/packages", may(Permission.CHANGE_CLINIC)),
        ("Memberships", "/admin/settings/memberships", may(Permission.CHANGE_CLINIC)),
    ),
    (
        "Where and by whom",
        ("Locations", "/admin/settings/locations", may(Permission.CHANGE_CLINIC)),
        ("Rooms and devices", "/admin/settings/rooms", may(Permission.CHANGE_CLINIC)),
        ("Providers", "/admin/settings/providers", may(Permission.CHANGE_CLINIC)),
        ("Hours", "/admin/settings/hours", may(Permission.CHANGE_HOURS)),
        ("Time off and holidays", "/admin/settings/time-off", may(Permission.CHANGE_HOURS)),
        ("Team", "/admin/settings/team", may(Permission.MANAGE_STAFF)),
    ),
)
"""The pages of the settings under their headings: label, address, who sees it. A heading whose pages nobody of them may
open is left out with them."""


def admin_frame(
    title: Any, *content: Any, here: str, page: str, beside: Any = None, is_searching: bool = False
) -> rx.Component:
    """A page of the staff. `here` is its entry in the navigation, `page` what its State opens; until then a sketch.

    `is_searching`: the page has a search of patients of its own.
    """
    return rx.el.div(
        forms_styles(),
        desk_styles(),
        A.create("Skip to content", href="#content", class_name="skip"),
        rx.el.aside(
            rx.el.a(rx.cond(Desk.clinic_name != "", Desk.clinic_name, "Home"), href="/admin", class_name="desk-logo"),
            rx.el.nav(
                _entry("Today", "/admin", here),
                _entry("Calendar", "/admin/calendar", here),
                rx.cond(may(Permission.SEE_PATIENTS), _entry("Patients", "/admin/patients", here)),
                rx.cond(may(Permission.SEE_PAYMENTS), _entry("Payments", "/admin/payments", here)),
                rx.cond(may(Permission.HANDLE_MEMBERSHIPS), _entry("Members", "/admin/memberships", here)),
                rx.cond(may(Permission.SEE_SALES), _entry("Liability", "/admin/liability", here)),
                rx.cond(may(Permission.SEE_REPORTS), _entry("Reports", "/admin/reports", here)),
                rx.cond(
                    may(Permission.HANDLE_MESSAGES),
                    rx.el.div(
                        _entry("Messages", "/admin/messages", here),
                        rx.cond(Desk.asking > 0, _asking()),
                        class_name="relative flex items-center",
                    ),
                ),
                rx.cond(may(Permission.WRITE_FORMS), _entry("Forms", "/admin/forms", here)),
                _entry("Settings", "/admin/settings", here),
                rx.cond(may(Permission.SEE_LOG), _entry("Activity log", "/admin/log", here)),
                aria_label="Staff",
                class_name="desk-nav",
            ),
            rx.el.div(
                rx.el.a(
                    Desk.name,
                    rx.el.span(Desk.role, class_name="block text-[12px] text-[#c3cad3] font-normal"),
                    href="/admin/account",
                    class_name="desk-link",
                ),
                native_form(
                    rx.el.button("Sign out", type="submit", class_name="desk-link"),
                    to="/auth/staff/sign-out",
                    class_name="",
                ),
                class_name="desk-foot",
            ),
            class_name="desk-side",
        ),
        rx.cond(
            Desk.idle_seconds > 0,
            idle_guard(seconds=Desk.idle_seconds, on_stay=Desk.stay, on_over=Desk.idle, key=Desk.idle_key),
        ),
        rx.el.main(
            rx.el.div(
                step_title(title),
                rx.cond(
                    not is_searching and may(Permission.SEE_PATIENTS),
                    rx.el.form(
                        rx.el.label("Search patients", html_for="q", class_name="sr"),
                        rx.el.input(
                            id="q",
                            name="q",
                            type="search",
                            placeholder="Search patients ( / )",
                            max_length=100,
                            class_name="field !rounded-full !min-h-[40px] w-[240px]",
                        ),
                        slash(to="q"),
                        on_submit=Desk.search,
                        role="search",
                    ),
                ),
                rx.cond(
                    may(Permission.BOOK_VISITS),
                    link_button("New appointment", href=NEW_VISIT, small=True, class_name="no-print"),
                ),
                beside if beside is not None else rx.fragment(),
                class_name="flex items-center gap-4 justify-between flex-wrap mb-5",
            ),
            notice(Desk.notice_title, Desk.notice_text, Desk.dismiss_notice, is_good=Desk.notice_is_good),
            rx.cond(
                Desk.page == page,
                rx.fragment(*content),
                rx.el.div(skeleton("h-40 mb-5"), skeleton("h-72"), aria_busy="true"),
            ),
            id="content",
            class_name="desk-main",
        ),
        class_name="desk",
    )


def desk_styles() -> rx.Component:
    """The styles of the staff's pages alone; patients' browsers never load them."""
    return rx.el.link(rel="stylesheet", href="/desk.css", custom_attrs={"precedence": "default"})


def settings_frame(title: str, *content: Any, page: str) -> rx.Component:
    """A page of the settings, with the list of all of them beside it."""
    return admin_frame(
        title,
        rx.el.div(
            rx.el.nav(
                *[_group(heading, entries, page) for heading, *entries in SETTINGS],
                aria_label="Settings",
                class_name="settings-nav",
            ),
            rx.el.div(*content, class_name="min-w-0"),
            class_name="grid grid-cols-1 lg:grid-cols-[200px_minmax(0,1fr)] gap-6 items-start",
        ),
        here="Settings",
        page=page,
    )


def _group(heading: str, entries: Sequence[tuple[str, str, Any]], page: str) -> rx.Component:
    """The entries of a heading that somebody may open."""
    links = [
        rx.el.li(
            rx.el.a(
                label,
                href=href,
                class_name=f"settings-link {'on' if label == page else ''}",
                **({"aria_current": "page"} if label == page else {}),
            )
        )
        for label, href, _ in entries
    ]
    is_shown = [shown for *_, shown in entries]
    group = rx.fragment(
        rx.el.p(heading, class_name="settings-group"),
        rx.el.ul(
            *[link if shown is True else rx.cond(shown, link) for link, shown in zip(links, is_shown, strict=True)],
            class_name="list-none p-0 m-0 flex lg:block flex-wrap gap-x-4",
        ),
    )
    return group if any(shown is True for shown in is_shown) else rx.cond(reduce(or_, is_shown), group)


def _entry(label: str, href: str, here: str) -> rx.Component:
    is_here = label == here
    current = {"aria_current": "page"} if is_here else {}
    return rx.el.a(label, href=href, class_name=f"desk-entry {'on' if is_here else ''}", **current)


def _asking() -> rx.Component:
    """How many messages and replies ask for somebody; beside the link, whose name stays what it is."""
    return rx.el.span(
        rx.cond(Desk.asking > 99, "99+", Desk.asking.to(str)),
        rx.el.span(" need attention", class_name="sr"),
        id="asking",
        class_name=(
            "absolute right-2 max-[860px]:static pointer-events-none min-w-[20px] text-center rounded-full px-1.5 "
            "text-[12px] font-semibold num bg-[var(--warn-soft)] text-[#6b4600]"
        ),
    )

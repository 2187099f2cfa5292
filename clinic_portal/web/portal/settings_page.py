"""The page of a patient's settings: a card for each thing (S35-S37)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.patients.rules import LANGUAGES
from clinic_portal.web.components import calendars
from clinic_portal.web.components.basics import (
    ERROR,
    MUTED,
    SMALL,
    button,
    card,
    field,
    focus_when,
    link_button,
    step_title,
)
from clinic_portal.web.components.native import native_form, password_field
from clinic_portal.web.components.time_zone import zone_choice
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.settings import SettingsPage


def page() -> rx.Component:
    """A card for each thing."""
    return portal_frame(
        step_title("Settings"),
        rx.el.div(
            _information(),
            _notifications(),
            _password(),
            _email(),
            rx.el.div(_devices(), _time_zone(), class_name="grid gap-5"),
            rx.el.div(_language(), _calendar(), class_name="grid gap-5"),
            class_name="grid grid-cols-1 lg:grid-cols-2 gap-5 mt-6 items-start",
        ),
        here="Settings",
    )


def _information() -> rx.Component:
    return card(
        rx.el.h2("Information"),
        rx.el.p(
            "Name, date of birth, address, phone, and whom to call in an emergency.", class_name=f"{MUTED} mt-1 mb-4"
        ),
        link_button("Change my details", href="/portal/profile", ghost=True, small=True),
    )


def _notifications() -> rx.Component:
    return card(
        rx.el.h2("Notifications"),
        rx.el.form(
            _tick("wants_email", "Remind me by e-mail", SettingsPage.wants_email),
            _silent("silent-email", SettingsPage.silent_email),
            _tick("wants_sms", "Remind me by text message", SettingsPage.wants_sms),
            _silent("silent-sms", SettingsPage.silent_sms),
            _tick("wants_news", "Send me news and offers", SettingsPage.wants_news),
            rx.el.p("What concerns a visit you booked or changed is always sent.", class_name=SMALL),
            button("Save", type="submit", small=True, class_name="justify-self-start"),
            key=SettingsPage.edition,
            id="notifications",
            on_submit=SettingsPage.save_notifications,
            class_name="grid gap-2 mt-3",
        ),
    )


def _silent(name: str, told: Any) -> rx.Component:
    return rx.el.p(
        told,
        id=name,
        class_name="text-[14px] rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] px-3 py-2 "
        "ml-8 empty:hidden",
    )


def _tick(name: str, label: str, is_ticked: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=name,
            id=name,
            value="yes",
            default_checked=is_ticked,
            class_name="w-5 h-5 accent-[var(--brand)]",
        ),
        label,
        class_name="flex items-center gap-3 min-h-[32px]",
    )


def _told(form: str) -> rx.Component:
    return rx.el.div(
        rx.cond(
            SettingsPage.told.get(form, "").to(str) != "",
            rx.el.p(
                SettingsPage.told.get(form, "").to(str),
                class_name=rx.cond(
                    SettingsPage.is_good,
                    "rounded-[var(--radius-m)] bg-[var(--past-soft)] text-[#155c39] px-4 py-3 mt-3",
                    "rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3 mt-3",
                ),
            ),
        ),
        role="status",
    )


def _password() -> rx.Component:
    return card(
        rx.el.h2("Password", id="password-title", tab_index=-1),
        focus_when(SettingsPage.look_at == "password-title", "password-title"),
        _told("password"),
        native_form(
            rx.el.input(
                type="hidden", name="username", value=SettingsPage.email, auto_complete="username", read_only=True
            ),
            password_field(
                "current",
                "Present password",
                error=SettingsPage.errors.get("password-current", "").to(str),
                is_shown=SettingsPage.shows_typed,
                on_show=SettingsPage.show_password,
            ),
            focus_when(SettingsPage.look_at == "password-current", "current"),
            password_field(
                "password",
                "New password",
                hint="15 characters or more; a few words will do.",
                error=SettingsPage.errors.get("password-password", "").to(str),
                is_shown=SettingsPage.shows_typed,
                on_show=SettingsPage.show_password,
                is_new=True,
            ),
            focus_when(SettingsPage.look_at == "password-password", "password"),
            button("Change password", type="submit", small=True, class_name="justify-self-start"),
            to="/auth/password",
            id="password-form",
            class_name="grid gap-4 mt-3",
        ),
    )


def _email() -> rx.Component:
    return card(
        rx.el.h2("E-mail address", id="email-title", tab_index=-1),
        focus_when(SettingsPage.look_at == "email-title", "email-title"),
        rx.el.p(
            "You sign in with ", rx.el.b(SettingsPage.email, class_name="overflow-anywhere"), ".", class_name="mt-1"
        ),
        _told("email"),
        native_form(
            field(
                "email",
                "New address",
                error=SettingsPage.errors.get("email-email", "").to(str),
                value=SettingsPage.typed_email,
                key=f"email-{SettingsPage.typed_email}",
                type="email",
                required=True,
                max_length=254,
            ),
            focus_when(SettingsPage.look_at == "email-email", "email"),
            rx.el.div(
                rx.el.label("Your password", html_for="email-current", class_name="block font-semibold mb-1.5"),
                rx.el.input(
                    id="email-current",
                    name="current",
                    type="password",
                    auto_complete="current-password",
                    required=True,
                    class_name="field",
                    aria_invalid=rx.cond(SettingsPage.errors.get("email-current", "").to(str) != "", "true", "false"),
                    aria_describedby="email-current-error",
                ),
                focus_when(SettingsPage.look_at == "email-current", "email-current"),
                rx.el.p(
                    SettingsPage.errors.get("email-current", "").to(str),
                    id="email-current-error",
                    role="alert",
                    class_name=ERROR,
                ),
            ),
            button("Send a link to the new address", type="submit", small=True, class_name="justify-self-start"),
            to="/auth/email",
            id="email-form",
            class_name="grid gap-4 mt-3",
        ),
    )


def _devices() -> rx.Component:
    return card(
        rx.el.h2("Where you are signed in"),
        rx.el.ul(
            rx.foreach(
                SettingsPage.devices,
                lambda one: rx.el.li(
                    rx.el.div(
                        rx.el.p(
                            one.name,
                            rx.cond(
                                one.is_here,
                                rx.el.span(" · here, now", class_name="text-[var(--past)] font-semibold"),
                                "",
                            ),
                        ),
                        rx.el.p(one.detail, class_name=SMALL),
                    ),
                    rx.cond(
                        one.is_here,
                        rx.fragment(),
                        button(
                            "Sign out",
                            ghost=True,
                            small=True,
                            aria_label=f"Sign out {one.name}",
                            on_click=SettingsPage.end_device(one.id),
                        ),
                    ),
                    class_name="flex justify-between items-center gap-3 py-2.5 border-b border-[var(--line)]",
                ),
            ),
            id="devices",
            class_name="list-none p-0 mt-2 mb-4",
        ),
        rx.el.div(
            native_form(
                button("Sign out here", ghost=True, small=True, type="submit"), to="/auth/sign-out", class_name=""
            ),
            native_form(
                button("Sign out everywhere", ghost=True, small=True, type="submit"),
                to="/auth/sign-out-everywhere",
                class_name="",
            ),
            class_name="flex flex-wrap gap-3",
        ),
    )


def _language() -> rx.Component:
    return card(
        rx.el.h2("Language"),
        rx.el.form(
            rx.el.label("Dates, times and money in", html_for="language", class_name="block font-semibold"),
            rx.el.select(
                *[rx.el.option(name, value=tag) for tag, name in LANGUAGES.items()],
                name="language",
                id="language",
                default_value=SettingsPage.language,
                class_name="field",
            ),
            button("Save", type="submit", small=True, class_name="justify-self-start"),
            key=SettingsPage.edition,
            on_submit=SettingsPage.save_language,
            class_name="grid gap-3 mt-3",
        ),
    )


def _time_zone() -> rx.Component:
    return card(
        rx.el.h2("Your time zone"),
        rx.el.form(
            rx.el.label("Where you live", html_for="time_zone", class_name="block font-semibold"),
            zone_choice(
                name="time_zone",
                id="time_zone",
                chosen=SettingsPage.time_zone,
                none="Where my visits are",
                class_name="field",
            ),
            rx.el.p(
                "We send no reminders at night by this clock. Times of visits are always those of the place you come "
                "to.",
                class_name=SMALL,
            ),
            button("Save", type="submit", small=True, class_name="justify-self-start"),
            key=SettingsPage.edition,
            id="zone-form",
            on_submit=SettingsPage.save_time_zone,
            class_name="grid gap-3 mt-3",
        ),
    )


def _calendar() -> rx.Component:
    return card(
        rx.el.h2("Your visits in your calendar"),
        rx.el.p(
            "A private address that your calendar can follow. Whoever has it sees when you come, not what for.",
            class_name=f"{MUTED} mt-1 mb-3",
        ),
        rx.cond(
            SettingsPage.feed_url != "",
            rx.el.div(
                rx.el.label("Address", html_for="feed", class_name="block font-semibold mb-1.5"),
                rx.el.input(
                    id="feed",
                    value=SettingsPage.feed_url,
                    read_only=True,
                    class_name="field text-[13px]",
                ),
                rx.el.p(SettingsPage.feed_read, class_name=f"{SMALL} mt-1 empty:hidden"),
                rx.el.div(calendars.buttons(SettingsPage.feed_into), class_name="flex flex-wrap gap-3 mt-3"),
                rx.el.div(
                    button(
                        "Copy",
                        small=True,
                        on_click=rx.set_clipboard(SettingsPage.feed_url),
                    ),
                    button("New address", ghost=True, small=True, on_click=SettingsPage.start_feed),
                    button("End this address", ghost=True, small=True, on_click=SettingsPage.stop_feed),
                    class_name="flex flex-wrap gap-3 mt-3",
                ),
            ),
            button("Make an address", ghost=True, small=True, on_click=SettingsPage.start_feed),
        ),
    )

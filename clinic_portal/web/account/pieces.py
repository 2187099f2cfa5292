"""What the pages of signing in are made of."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.account.state import Entry
from clinic_portal.web.components.basics import card, field, focus_when, link_button, step_title
from clinic_portal.web.components.native import captcha, hidden, password_field
from clinic_portal.web.components.refill import refill
from clinic_portal.web.layout import frame

LONG = "15 characters or more. A few words that mean something to you alone are easiest to keep."


def sheet(title: Any, *content: Any, is_wide: bool = False) -> rx.Component:
    """A page with one card in the middle."""
    return frame(
        rx.el.div(
            form_card(title, *content),
            class_name=f"{'max-w-[680px]' if is_wide else 'max-w-[460px]'} mx-auto py-2 sm:py-6",
        ),
        clinic_name=rx.cond(Entry.clinic_name != "", Entry.clinic_name, "Home"),
        phone=Entry.clinic_phone,
    )


def form_card(title: Any, *content: Any) -> rx.Component:
    """The title, what the last try said, and the form."""
    return card(
        step_title(title),
        rx.el.div(
            rx.cond(
                Entry.sentence != "",
                rx.el.p(
                    Entry.sentence,
                    id="told",
                    class_name=rx.cond(
                        Entry.is_good,
                        "rounded-[var(--radius-m)] bg-[var(--past-soft)] text-[#155c39] px-4 py-3 mt-4",
                        "rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3 mt-4",
                    ),
                ),
            ),
            role="alert",
        ),
        rx.el.div(*content, class_name="mt-5"),
    )


def typed_field(name: str, label: str, **props: Any) -> rx.Component:
    """A field that shows what was typed before, and what was wrong with it."""
    return rx.fragment(
        field(
            name,
            label,
            hint=props.pop("hint", ""),
            error=Entry.errors.get(name, "").to(str),
            max_length=props.pop("max_length", 254),
            **props,
        ),
        refill(to=name, value=Entry.refill.get(name, "").to(str), number=Entry.refills),
        focus_when(Entry.first_wrong == name, name),
    )


def old_password(*, name: str = "password", label: str = "Password", hint: str = "") -> rx.Component:
    """The password they have."""
    return rx.fragment(
        password_field(
            name,
            label,
            hint=hint,
            error=Entry.errors.get(name, "").to(str),
            is_shown=Entry.shows_typed,
            on_show=Entry.show_password,
        ),
        focus_when(Entry.first_wrong == name, name),
    )


def new_password() -> rx.Component:
    """A password to be chosen."""
    return rx.fragment(
        password_field(
            "password",
            "Password",
            hint=LONG,
            error=Entry.errors.get("password", "").to(str),
            is_shown=Entry.shows_typed,
            on_show=Entry.show_password,
            is_new=True,
        ),
        focus_when(Entry.first_wrong == "password", "password"),
    )


def captcha_here(purpose: str) -> rx.Component:
    """The CAPTCHA of a form."""
    return captcha(purpose, Entry.captcha_kind, Entry.captcha_site_key, Entry.errors.get("captcha", "").to(str))


def while_open(title: Any) -> Any:
    """The title of a link's page; once the link has ended, that is what there is to say."""
    return rx.cond(Entry.is_open, title, "This link has ended")


def ended(href: str, label: str, *more: Any) -> rx.Component:
    """In place of a form whose link has ended: the way on, and perhaps another."""
    return rx.el.div(
        rx.el.p("It was used already or is too old. Nothing was changed.", class_name="mb-5"),
        rx.el.div(link_button(label, href=href), *more, class_name="flex items-center gap-5 flex-wrap"),
    )


def link_token() -> rx.Component:
    """The token in the address, as a field of the form; read by the browser, once the page is drawn there."""
    told: rx.Var[str] = rx.Var(
        "(typeof window === 'undefined' ? '' : new URLSearchParams(window.location.search).get('t') ?? '')"
    )
    return rx.cond(Entry.is_ready, hidden("token", told.to(str)))

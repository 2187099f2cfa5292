"""Patients sign in, register, and follow the links in their e-mails."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.account.pieces import (
    captcha_here,
    ended,
    form_card,
    link_token,
    new_password,
    old_password,
    sheet,
    typed_field,
    while_open,
)
from clinic_portal.web.account.state import Entry
from clinic_portal.web.components.basics import ERROR, SMALL, button, focus_when, link_button
from clinic_portal.web.components.native import hidden, native_form
from clinic_portal.web.me import Me

WIDE = "w-full"


def sign_in() -> rx.Component:
    """E-mail, password, CAPTCHA (S17, S23)."""
    return sheet(
        "Sign in",
        native_form(
            typed_field("email", "E-mail", type="email", auto_complete="username", required=True),
            old_password(),
            captcha_here("sign-in"),
            hidden("next", Entry.onward),
            button("Sign in", type="submit", class_name=WIDE),
            to="/auth/sign-in",
            id="sign-in",
        ),
        rx.el.p(rx.el.a("Forgot your password?", href="/forgot", class_name="link"), class_name="mt-4"),
        rx.el.div(
            rx.el.p("New here, or never had a portal?", class_name="font-semibold"),
            link_button("Sign up", href="/register", ghost=True, small=True, class_name="whitespace-nowrap"),
            class_name="flex items-center justify-between gap-4 mt-5 pt-5 border-t border-[var(--line)]",
        ),
    )


def register() -> rx.Component:
    """All their information (S18), and first of all which address to use (S21)."""
    return sheet(
        "Sign up",
        rx.el.p(
            rx.el.b("Been here before? "),
            "Use the e-mail address the clinic has on file for you: your visits and forms will be there. With another "
            "address you get a new, empty profile.",
            class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3 mb-6",
        ),
        native_form(
            _part("You"),
            rx.el.div(
                typed_field("given_name", "First name", auto_complete="given-name", required=True),
                typed_field("family_name", "Last name", auto_complete="family-name", required=True),
                class_name="grid sm:grid-cols-2 gap-5",
            ),
            typed_field(
                "email",
                "E-mail",
                type="email",
                auto_complete="email",
                required=True,
                hint="We send you a link to confirm it.",
            ),
            typed_field("phone", "Mobile phone", type="tel", auto_complete="tel", required=True),
            rx.el.div(
                typed_field("birth_on", "Date of birth (optional)", type="date", auto_complete="bday"),
                typed_field("pronouns", "Pronouns (optional)"),
                class_name="grid sm:grid-cols-2 gap-5",
            ),
            _part("Address (optional)"),
            typed_field("street", "Street and number", auto_complete="street-address"),
            rx.el.div(
                typed_field("city", "City", auto_complete="address-level2"),
                typed_field("region", "State or region", auto_complete="address-level1"),
                typed_field("postal_code", "Postal code", auto_complete="postal-code"),
                typed_field("country", "Country", auto_complete="country-name"),
                class_name="grid sm:grid-cols-2 gap-5",
            ),
            _part("Password"),
            new_password(),
            rx.el.div(
                rx.el.label(
                    rx.el.input(
                        type="checkbox",
                        name="understood",
                        value="yes",
                        id="understood",
                        required=True,
                        aria_invalid=rx.cond(Entry.errors.get("understood", "").to(str) != "", "true", "false"),
                        aria_describedby="understood-error",
                        class_name="w-5 h-5 mt-0.5 shrink-0 accent-[var(--brand)]",
                    ),
                    rx.el.span("I have used the e-mail address the clinic knows, or I am new here."),
                    class_name="flex gap-3",
                ),
                rx.el.p(
                    Entry.errors.get("understood", "").to(str),
                    id="understood-error",
                    role="alert",
                    class_name=ERROR,
                ),
                focus_when(Entry.first_wrong == "understood", "understood"),
            ),
            captcha_here("register"),
            button("Sign up", type="submit", class_name=WIDE),
            to="/auth/register",
            id="register",
        ),
        rx.el.p(
            "You have a portal already? ",
            rx.el.a("Sign in", href="/sign-in", class_name="link"),
            class_name="mt-5",
        ),
        is_wide=True,
    )


def sent() -> rx.Component:
    """A link is on its way (S19)."""
    return sheet(
        "Please look into your e-mail",
        rx.el.p(
            "We have written to ",
            rx.el.b(Entry.typed.get("email", "the address you gave").to(str), class_name="overflow-anywhere"),
            ". Press the button in that e-mail, and your portal opens. The link works for a day.",
            class_name="mb-6",
        ),
        native_form(
            hidden("email", Entry.typed.get("email", "").to(str)),
            button(
                "Send it again",
                ghost=True,
                type="submit",
                disabled=Entry.typed.get("email", "").to(str) == "",  # pressed before it is known, it would go nowhere
            ),
            to="/auth/send-again",
            class_name="",
        ),
        rx.el.p("Nothing there? Look among the unwanted mail, too.", class_name=f"{SMALL} mt-5"),
    )


def confirm() -> rx.Component:
    """The link of a registration was opened: a button, and a password in another browser than that which registered."""
    return sheet(
        while_open(rx.cond(Entry.name != "", f"Welcome, {Entry.name}", "Your e-mail address")),
        rx.cond(
            Entry.is_open,
            native_form(
                rx.el.p("Confirm that ", rx.el.b(Entry.email, class_name="overflow-anywhere"), " is your address."),
                link_token(),
                rx.cond(
                    Entry.needs_proof,
                    old_password(hint="The one you chose when you signed up, because this is another browser."),
                ),
                button("Confirm and open my portal", type="submit", disabled=~Entry.is_ready, class_name=WIDE),
                to="/auth/confirm",
            ),
            ended("/sign-in", "Sign in", rx.el.a("Sign up again", href="/register", class_name="link")),
        ),
    )


def welcome() -> rx.Component:
    """The Welcome Email's link was opened (S11)."""
    return sheet(
        while_open(rx.cond(Entry.name != "", f"Welcome, {Entry.name}", "Your portal")),
        rx.cond(
            Entry.is_open,
            native_form(
                rx.el.p(
                    "Tell us your number, choose a password, and your portal opens. Next time you sign in with ",
                    rx.el.b(Entry.email, class_name="overflow-anywhere"),
                    ".",
                ),
                link_token(),
                typed_field(
                    "phone",
                    "Mobile phone",
                    type="tel",
                    auto_complete="tel",
                    required=True,
                    hint="The number you booked with, so that we know it is you.",
                ),
                new_password(),
                button("Open my portal", type="submit", disabled=~Entry.is_ready, class_name=WIDE),
                to="/auth/activate",
            ),
            ended("/sign-in", "Sign in", rx.el.a("Sign up", href="/register", class_name="link")),
        ),
    )


def forgot() -> rx.Component:
    """Ask for a link."""
    return sheet(
        "A new password",
        rx.cond(
            Entry.is_good,
            rx.fragment(),
            rx.el.p("Tell us your e-mail address. If it has a portal, a link is on its way to it.", class_name="mb-5"),
        ),
        native_form(
            typed_field("email", "E-mail", type="email", auto_complete="username", required=True),
            captcha_here("forgot"),
            button("Send me a link", type="submit", class_name=WIDE),
            to="/auth/forgot",
        ),
        rx.el.p(rx.el.a("Back to signing in", href="/sign-in", class_name="link"), class_name="mt-4"),
    )


def reset() -> rx.Component:
    """The link for a forgotten password was opened."""
    return sheet(
        while_open("Choose a new password"),
        rx.cond(
            Entry.is_open,
            native_form(
                rx.el.p("For ", rx.el.b(Entry.email, class_name="overflow-anywhere"), "."),
                link_token(),
                new_password(),
                button("Keep this password", type="submit", disabled=~Entry.is_ready, class_name=WIDE),
                to="/auth/reset",
            ),
            ended("/forgot", "Ask for another link"),
        ),
    )


def new_email() -> rx.Component:
    """The link to a new address was opened."""
    return sheet(
        while_open("Your new e-mail address"),
        rx.cond(
            Entry.is_open,
            native_form(
                rx.el.p(
                    "From now on you sign in with ",
                    rx.el.b(Entry.email, class_name="overflow-anywhere"),
                    ", and our messages go there. You are signed out everywhere once.",
                ),
                link_token(),
                button("Yes, use this address", type="submit", disabled=~Entry.is_ready, class_name=WIDE),
                to="/auth/confirm-email",
            ),
            ended("/portal/settings", "To my settings"),
        ),
    )


def _part(title: str) -> rx.Component:
    return rx.el.h2(title, class_name="!text-[19px] mt-2 -mb-2")


PAGES: tuple[tuple[str, str, Any, str], ...] = (
    ("/sign-in", "sign-in", sign_in, "Sign in"),
    ("/register", "register", register, "Sign up"),
    ("/register/sent", "register/sent", sent, "Please look into your e-mail"),
    ("/register/confirm", "confirm", confirm, "Confirm your e-mail address"),
    ("/welcome", "welcome", welcome, "Welcome"),
    ("/forgot", "forgot", forgot, "Forgot your password?"),
    ("/reset", "reset", reset, "Choose a new password"),
    ("/new-email", "new-email", new_email, "Your new e-mail address"),
)


def add(app: rx.App) -> None:
    """Add the pages to the app."""
    for route, form, page, title in PAGES:
        app.add_page(page, route=route, title=title, on_load=[Me.enter, Entry.enter(form)])


__all__ = ["add", "form_card"]

"""Staff sign in: password, then the authenticator's code; set one up; choose a password by link."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import second_factor, staff
from clinic_portal.clinic.queries import about
from clinic_portal.core.errors import DomainError
from clinic_portal.web.account.pieces import (
    captcha_here,
    ended,
    form_card,
    link_token,
    new_password,
    old_password,
    typed_field,
    while_open,
)
from clinic_portal.web.account.state import Entry
from clinic_portal.web.components.basics import MUTED, SMALL, button
from clinic_portal.web.components.native import hidden, native_form
from clinic_portal.web.door import Door
from clinic_portal.web.gate import HALFWAY, access
from clinic_portal.web.problems import Problem


class SecondFactor(Door, rx.State):
    """Whether an authenticator is being set up; never its secret."""

    stage: str = ""  # begin | scan | done

    @rx.event
    @access(HALFWAY)
    async def enter(self) -> EventSpec | None:
        """Show the step that is due."""
        async with self._answering():
            found = await self._ask(staff.halfway, self._cookies.staff)
            if found is None:
                return rx.redirect("/admin/sign-in")
            if (await self._ask(staff.member, found[0].staff_id)).has_second_factor:
                self.stage = "done"
                return None
            clinic = await self._ask(about)
            try:
                await self._ask(second_factor.enrolment_uri, found[0].staff_id, clinic.name if clinic else "Clinic")
                self.stage = "scan"
            except DomainError:
                self.stage = "begin"
        return None

    async def _say(self, told: Problem) -> None:
        self.stage = ""


def sheet(title: Any, *content: Any) -> rx.Component:
    """A page with one card, before anyone is in."""
    return rx.el.div(
        rx.el.p(
            rx.cond(Entry.clinic_name != "", Entry.clinic_name, " "),
            class_name="font-[family-name:var(--serif)] text-[22px] text-white mb-6 min-h-[32px]",
        ),
        rx.el.main(form_card(title, *content), id="content", class_name="w-full max-w-[440px]"),
        class_name="min-h-screen bg-[var(--ink)] grid place-content-center justify-items-center p-4",
        style={"gridTemplateColumns": "minmax(0, 440px)"},
    )


def sign_in() -> rx.Component:
    """E-mail, password, CAPTCHA."""
    return sheet(
        "Staff sign in",
        native_form(
            typed_field("email", "E-mail", type="email", auto_complete="username", required=True),
            old_password(),
            captcha_here("staff"),
            hidden("next", Entry.onward),
            button("Sign in", type="submit", class_name="w-full"),
            to="/auth/staff/sign-in",
            id="sign-in",
        ),
        rx.el.p(rx.el.a("Forgot your password?", href="/admin/forgot", class_name="link"), class_name="mt-4"),
    )


def code() -> rx.Component:
    """Six digits."""
    return sheet(
        "Your code, please",
        native_form(
            typed_field(
                "code",
                "Code",
                input_mode="numeric",
                auto_complete="one-time-code",
                required=True,
                max_length=20,
                hint="The six digits your authenticator app shows now; or one of your recovery codes.",
            ),
            hidden("next", Entry.onward),
            button("Go on", type="submit", class_name="w-full"),
            to="/auth/staff/code",
        ),
    )


def forgot() -> rx.Component:
    """Ask for a link."""
    return sheet(
        "A new password",
        native_form(
            typed_field("email", "E-mail", type="email", auto_complete="username", required=True),
            captcha_here("staff-forgot"),
            button("Send me a link", type="submit", class_name="w-full"),
            to="/auth/staff/forgot",
        ),
        rx.el.p(rx.el.a("Back to signing in", href="/admin/sign-in", class_name="link"), class_name="mt-4"),
    )


def join() -> rx.Component:
    """An invitation, or a forgotten password."""
    return sheet(
        while_open("Choose a password"),
        rx.cond(
            Entry.is_open,
            native_form(
                rx.el.p("For ", rx.el.b(Entry.email, class_name="overflow-anywhere"), "."),
                link_token(),
                new_password(),
                button("Keep this password", type="submit", disabled=~Entry.is_ready, class_name="w-full"),
                to="/auth/staff/join",
            ),
            ended("/admin/forgot", "Ask for another link"),
        ),
    )


def second_factor_page() -> rx.Component:
    """Set up an authenticator app."""
    return sheet(
        "Authenticator app",
        rx.match(
            SecondFactor.stage,
            (
                "begin",
                native_form(
                    rx.el.p(
                        "With a code from your phone at each sign-in, a stolen password opens nothing.",
                        class_name=MUTED,
                    ),
                    button("Set it up", type="submit", class_name="w-full"),
                    to="/auth/staff/second-factor/begin",
                ),
            ),
            (
                "scan",
                native_form(
                    rx.el.p("Scan this with an authenticator app, then type the six digits it shows."),
                    rx.el.img(
                        src="/auth/staff/second-factor.svg",
                        alt="QR code for your authenticator app",
                        class_name="w-[220px] mx-auto rounded-[var(--radius-m)] border border-[var(--line)]",
                    ),
                    rx.el.p(
                        "Cannot scan? ",
                        rx.el.a(
                            "Show the key to type in",
                            href="/auth/staff/second-factor.txt",
                            target="_blank",
                            rel="noopener",
                            class_name="link",
                        ),
                        class_name=SMALL,
                    ),
                    typed_field(
                        "code",
                        "Code",
                        input_mode="numeric",
                        auto_complete="one-time-code",
                        required=True,
                        max_length=10,
                    ),
                    button("Confirm, and show my recovery codes", type="submit", class_name="w-full"),
                    to="/auth/staff/second-factor/confirm",
                ),
            ),
            ("done", rx.el.p("It is set up. ", rx.el.a("To my account", href="/admin/account", class_name="link"))),
            rx.el.p("One moment …", class_name=MUTED),
        ),
    )


PAGES: tuple[tuple[str, str, Any, str], ...] = (
    ("/admin/sign-in", "staff", sign_in, "Staff sign in"),
    ("/admin/code", "staff-code", code, "Your code"),
    ("/admin/forgot", "staff-forgot", forgot, "A new password"),
    ("/admin/join", "join", join, "Choose a password"),
)


def add(app: rx.App) -> None:
    """Add the pages to the app."""
    for route, form, page, title in PAGES:
        app.add_page(page, route=route, title=title, on_load=Entry.enter(form))
    app.add_page(
        second_factor_page,
        route="/admin/second-factor",
        title="Authenticator app",
        on_load=[Entry.enter("second-factor"), SecondFactor.enter],
    )

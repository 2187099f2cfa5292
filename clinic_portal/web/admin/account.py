"""One's own account: password, authenticator, and where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts import notes, second_factor, sessions, staff
from clinic_portal.accounts.types import Kind
from clinic_portal.core import wording
from clinic_portal.web import inputs
from clinic_portal.web.account.state import GOOD_NEWS
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.feeds import provider_feeds
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import MUTED, SMALL, button, card, field, link_button
from clinic_portal.web.components.native import native_form, password_field
from clinic_portal.web.gate import STAFF, access
from clinic_portal.web.problems import Problem


@dataclass
class DeviceView:
    """A browser that is signed in."""

    id: int
    name: str
    detail: str
    is_here: bool


class Account(AdminPage, rx.State):
    """What belongs to whoever is signed in, whatever their role."""

    email: str = ""
    has_factor: bool = False
    codes_left: int = 0
    devices: list[DeviceView] = []
    errors: dict[str, str] = {}
    shows_typed: bool = False

    @rx.event
    @access(STAFF)
    async def enter(self) -> None:
        """Show it, and what the password's form said."""
        async with self._answering():
            await self._look()
            self.errors, self.shows_typed = {}, False
            for form in ("staff-password", "second-factor-off"):
                told = await self._ask(notes.of, self._visitor, form)
                if told is None:
                    continue
                self.errors = {key: Problem.of(code, **facts).sentence for key, (code, facts) in told.fields.items()}
                if told.code:
                    sentence = Problem.of(told.code, **told.facts).sentence
                    if told.code in GOOD_NEWS:
                        await self._tell("Saved", sentence)
                    else:
                        await self._say(Problem("", sentence))
                await self._do(notes.forget, self._visitor)

    @rx.event
    @access(STAFF)
    async def show_password(self) -> None:
        """Show the passwords, or hide them again."""
        self.shows_typed = not self.shows_typed

    @rx.event
    @access(STAFF)
    async def end_device(self, session_id: Any) -> None:
        """Sign another browser out."""
        async with self._answering():
            actor = await self._staff()
            await self._do(sessions.end_one_of, Kind.STAFF, actor.staff_id, inputs.row_id(session_id))
            await self._look()

    async def _look(self) -> None:
        clinic = await self._open("My account")
        actor = await self._staff()
        known = await self._ask(staff.member, actor.staff_id)
        self.email, self.has_factor = known.email, known.has_second_factor
        self.codes_left = await self._ask(second_factor.recovery_codes_left, actor.staff_id)
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        found = await self._ask(sessions.devices, Kind.STAFF, actor.staff_id, here=actor.session_id)
        self.devices = [
            DeviceView(
                one.session_id,
                one.name,
                f"since {wording.day(one.since_at, zone, language, length='medium')} · {one.address}",
                one.is_here,
            )
            for one in found
        ]


def page() -> rx.Component:
    """A card for each thing."""
    return admin_frame(
        "My account",
        rx.el.div(
            card(
                rx.el.h2("Authenticator app"),
                rx.cond(
                    Account.has_factor,
                    rx.fragment(
                        rx.el.p(
                            "It is on. ",
                            Account.codes_left,
                            " recovery codes are left.",
                            class_name=f"{MUTED} mt-1 mb-4",
                        ),
                        native_form(
                            field(
                                "code",
                                "A code of it",
                                error=Account.errors.get("code", "").to(str),
                                hint="For either of these, prove that you have it.",
                                input_mode="numeric",
                                auto_complete="one-time-code",
                                max_length=20,
                                required=True,
                            ),
                            rx.el.div(
                                button(
                                    "New recovery codes",
                                    small=True,
                                    type="submit",
                                    form_action="/auth/staff/second-factor/codes",
                                ),
                                button(
                                    "Take it off",
                                    ghost=True,
                                    small=True,
                                    type="submit",
                                    form_action="/auth/staff/second-factor/off",
                                ),
                                class_name="flex flex-wrap gap-3",
                            ),
                            to="/auth/staff/second-factor/codes",
                        ),
                    ),
                    rx.fragment(
                        rx.el.p("A code from your phone at each sign-in.", class_name=f"{MUTED} mt-1 mb-4"),
                        link_button("Set it up", href="/admin/second-factor", small=True),
                    ),
                ),
            ),
            card(
                rx.el.h2("Where you are signed in"),
                rx.el.ul(rx.foreach(Account.devices, _device), class_name="list-none p-0 mt-2 mb-0"),
            ),
            card(
                rx.el.h2("Password"),
                native_form(
                    rx.el.input(
                        type="hidden", name="username", value=Account.email, auto_complete="username", read_only=True
                    ),
                    _password("current", "Present password"),
                    _password("password", "New password", is_new=True),
                    button("Change password", type="submit", small=True, class_name="justify-self-start"),
                    to="/auth/staff/password",
                    class_name="grid gap-4 mt-3",
                ),
            ),
            provider_feeds(),
            class_name="grid grid-cols-1 lg:grid-cols-2 gap-5 items-start",
        ),
        here="",
        page="My account",
    )


def _password(name: str, label: str, *, is_new: bool = False) -> rx.Component:
    return password_field(
        name,
        label,
        error=Account.errors.get(name, "").to(str),
        is_shown=Account.shows_typed,
        on_show=Account.show_password,
        is_new=is_new,
        hint="15 characters or more; a few words will do." if is_new else "",
    )


def _device(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.name, rx.cond(one.is_here, rx.el.b(" · here, now"), "")),
            rx.el.p(one.detail, class_name=SMALL),
        ),
        rx.cond(
            one.is_here,
            rx.fragment(),
            button("Sign out", ghost=True, small=True, on_click=Account.end_device(one.id)),
        ),
        class_name="flex justify-between items-center gap-3 py-2.5 border-b border-[var(--line)] last:border-0",
    )

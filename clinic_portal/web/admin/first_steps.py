"""The first days of a clinic: what is worth doing next, on the last page of the first run and on Today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.bootstrap import services
from clinic_portal.core.settings import Settings
from clinic_portal.setup import first_steps
from clinic_portal.web.components.basics import CARD, SMALL
from clinic_portal.web.door import Door
from clinic_portal.web.gate import STAFF, access
from clinic_portal.web.problems import Problem

WORDS: dict[str, tuple[str, str, str]] = {
    "visit": ("Book a test visit", "See what your patients see; cancel it afterwards.", "/book"),
    "services": ("Add your services", "And more providers, rooms and devices.", "/admin/settings/services"),
    "policy": (
        "Write your cancellation policy",
        "With a fee, patients give a card when they book; that needs Stripe.",
        "/admin/settings/policy",
    ),
    "forms": ("Ask for forms", "Questionnaires and consents, filled in and signed before the visit.", "/admin/forms"),
    "reminders": ("Send reminders", "By e-mail and text, as long before as you like.", "/admin/settings/reminders"),
    "senders": ("Have messages delivered", "", "/setup/address"),
    "second_factor": (
        "Protect your sign-in",
        "With an authenticator app a stolen password opens nothing.",
        "/admin/account",
    ),
    "team": ("Invite your team", "Everybody signs in as themselves.", "/admin/settings/team"),
}
"""Each step: what to do, why, where."""


@dataclass
class FirstStepView:
    """A step of the list."""

    title: str
    why: str
    href: str
    is_done: bool


class FirstSteps(Door, rx.State):
    """The list, for the owner; empty for everybody else, and once it is put away."""

    steps: list[FirstStepView] = []

    @rx.event
    @access(STAFF)
    async def enter(self) -> None:
        """Look what is done."""
        async with self._answering():
            found = await self._ask(first_steps.steps, await self._staff())
            self.steps = [
                FirstStepView(title, why or delivery(services().settings), href, one.is_done)
                for one in found
                for title, why, href in (WORDS[one.name],)
            ]

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def put_away(self) -> None:
        """Show it no more."""
        async with self._answering():
            await self._do(first_steps.put_away, await self._staff())
            self.steps = []

    async def _say(self, told: Problem) -> None:
        self.steps = []


def delivery(settings: Settings) -> str:
    """Which messages reach somebody, and what to do about those that do not."""
    away = {"E-mails": (settings.email_sender, "SMTP"), "Texts": (settings.sms_sender, "Twilio")}
    here = {what: by for what, (sender, by) in away.items() if sender == "sandbox"}
    if not here:
        return "E-mails go out by SMTP, texts by Twilio."
    told = " and ".join(here).capitalize()
    if settings.is_demo:
        return f"This is a rehearsal: {told.lower()} stay here, and are read at /demo."
    return f"{told} reach nobody yet: whoever runs the server connects {' and '.join(here.values())}."


def first_steps_card() -> rx.Component:
    """The list as a card; nothing where there is nothing to show."""
    return rx.el.div(
        rx.cond(
            FirstSteps.steps,
            rx.el.section(
                rx.el.div(
                    rx.el.h2("First steps", id="first-steps-title"),
                    rx.el.button("Put this list away", type="button", class_name="link", on_click=FirstSteps.put_away),
                    class_name="flex justify-between items-baseline gap-4 flex-wrap mb-3",
                ),
                first_steps_list(),
                aria_labelledby="first-steps-title",
                class_name=f"{CARD} mb-5",
            ),
        ),
        on_mount=FirstSteps.enter,
    )


def first_steps_list() -> rx.Component:
    """The steps alone, done or open, said in words too."""
    return rx.el.ul(rx.foreach(FirstSteps.steps, _step), class_name="first-steps")


def _step(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.cond(one.is_done, "✓", ""), aria_hidden="true", class_name="setup-sign"),
        rx.el.div(
            rx.el.a(one.title, href=one.href, class_name="link"),
            rx.cond(one.is_done, rx.el.span(" Done", class_name=SMALL), rx.fragment()),
            rx.el.p(one.why, class_name=SMALL),
            class_name="min-w-0",
        ),
        class_name=rx.cond(one.is_done, "done", ""),
    )

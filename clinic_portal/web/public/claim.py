"""The page behind "Is this booking yours?": a link opens it, and only its buttons change anything (rule 10a)."""

from __future__ import annotations

import re
from typing import Any

import reflex as rx

from clinic_portal.booking import actions
from clinic_portal.clinic.queries import catalogue
from clinic_portal.patients.queries import claimed_profile
from clinic_portal.web import inputs
from clinic_portal.web.components.basics import button, card, link_button, skeleton, step_title
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.layout import frame
from clinic_portal.web.me import Me
from clinic_portal.web.problems import Problem


class Claim(Door, rx.State):
    """A question, an answer, and what came of it. The token stays in the address; it is not kept here."""

    clinic_name: str = ""
    stage: str = ""  # ask | mine | not_mine | ended

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> None:
        """Ask, if the link still stands. Opening it changes nothing: mail scanners follow links."""
        async with self._answering():
            self.clinic_name = (await self._ask(catalogue)).clinic.name
            found = await self._ask(claimed_profile, self._token())
            self.stage = "ask" if found is not None else "ended"

    @rx.event
    @access(PUBLIC)
    async def answer(self, is_mine: Any) -> None:
        """Say whether the booking is theirs."""
        async with self._answering():
            mine = inputs.choice(is_mine, (True, False))
            await self._do(actions.answer_claim, self._token(), is_mine=mine)
            self.stage = "mine" if mine else "not_mine"

    def _token(self) -> str:
        found = re.search(r"[?&]t=([0-9a-f]{64})(?:&|$)", f"?{self.router.url.query}")
        return found[1] if found else ""

    async def _say(self, told: Problem) -> None:
        self.stage = "ended"


def page() -> rx.Component:
    """The question and its answers."""
    return frame(
        rx.el.div(
            rx.match(
                Claim.stage,
                (
                    "ask",
                    card(
                        step_title("Is this booking yours?"),
                        rx.el.p(
                            "Someone booked a visit or bought a package with your e-mail address, but with a phone "
                            "number we do not know from you. If that was you, we add it to your profile.",
                            class_name="mt-3 mb-6",
                        ),
                        rx.el.div(
                            button("Yes, it is mine", on_click=Claim.answer(True)),
                            button("No, it is not", ghost=True, on_click=Claim.answer(False)),
                            class_name="flex flex-wrap gap-3",
                        ),
                    ),
                ),
                (
                    "mine",
                    _told(
                        "Thank you",
                        "It now stands in your profile, with the new phone number kept apart.",
                    ),
                ),
                (
                    "not_mine",
                    _told("Thank you for telling us", "Your profile was not touched and never was shown."),
                ),
                (
                    "ended",
                    _told(
                        "This link has ended",
                        "It was used already or is more than a week old. Call us if something is not right.",
                    ),
                ),
                skeleton("h-60"),
            ),
            class_name="max-w-[620px] mx-auto",
        ),
        clinic_name=rx.cond(Claim.clinic_name != "", Claim.clinic_name, "Home"),
    )


def _told(title: str, text: str) -> rx.Component:
    return card(
        step_title(title),
        rx.el.p(text, class_name="mt-3 mb-6"),
        link_button("To the front page", href="/", ghost=True),
    )


def add(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(page, route="/confirm", title="Is this booking yours?", on_load=[Me.enter, Claim.enter])

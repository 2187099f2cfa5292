"""/demo: move the clock, read what was "sent", answer it. Demo mode only (B7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from clinic_portal.accounts.roles import LABELS
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.clock import RehearsalClock
from clinic_portal.messaging import rehearsal
from clinic_portal.messaging.queries import sandbox
from clinic_portal.setup import logins
from clinic_portal.web import inputs
from clinic_portal.web.components.basics import CARD, SMALL, button, step_title
from clinic_portal.web.components.native import hidden
from clinic_portal.web.door import Door
from clinic_portal.web.gate import DEMO, access
from clinic_portal.web.layout import frame
from clinic_portal.web.portal.pieces import PILL
from clinic_portal.web.problems import Problem


@dataclass
class LetterView:
    """A message as its reader sees it; `frame` is the address of an e-mail's HTML."""

    id: int
    channel: str
    address: str
    subject: str
    text: str
    frame: str
    at: str
    fate: str
    may_fail: bool


_FATES = {"delivered": "Delivered", "failed": "Did not arrive"}


class Demo(Door, rx.State):
    """The rehearsal's clock and mailbox."""

    now: str = ""
    zone: str = ""
    letters: list[LetterView] = []
    trouble: str = ""
    told_about: int = 0
    told: str = ""

    @rx.event
    @access(DEMO)
    async def enter(self) -> None:
        """Show the time and the newest messages."""
        async with self._answering():
            await self._show()

    @rx.event
    @access(DEMO)
    async def advance(self, minutes: Any) -> None:
        """Move the clock forward or back."""
        async with self._answering():
            self._clock().advance(timedelta(minutes=inputs.choice(minutes, (-60, 5, 60, 1440, 10080))))
            await self._show()

    @rx.event
    @access(DEMO)
    async def set_clock(self, form: Any) -> None:
        """Set the clock to a wall time of the first location."""
        async with self._answering():
            typed = inputs.fields(form, "at", most=20)["at"]
            place = next(iter((await self._ask(catalogue)).locations.values()))
            try:
                at = datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(place.time_zone))
            except ValueError:
                self.trouble = "Please write the time like 2026-12-01T09:00."
                return
            self._clock().set(at.astimezone(UTC))
            await self._show()

    @rx.event
    @access(DEMO)
    async def reset_clock(self) -> None:
        """Back to the machine's time."""
        async with self._answering():
            self._clock().reset()
            await self._show()

    @rx.event
    @access(DEMO)
    async def reply(self, form: Any) -> None:
        """Answer a text as the phone it went to."""
        async with self._answering():
            typed = inputs.fields(form, "letter", "reply", most=rehearsal.LONGEST)
            letter_id = inputs.row_id(typed["letter"])
            await self._do(rehearsal.reply, letter_id, typed["reply"])
            await self._show()
            self.told_about, self.told = letter_id, "Replied. Staff read it under Messages, in Replies."

    @rx.event
    @access(DEMO)
    async def fail(self, letter: Any) -> None:
        """Say that a message did not arrive, as an SMS service or a mail server does."""
        async with self._answering():
            letter_id = inputs.row_id(letter)
            is_news = await self._do(rehearsal.fail, letter_id)
            await self._show()
            self.told_about = letter_id
            self.told = "Staff see it under Messages." if is_news else "What became of it is settled."

    async def _show(self) -> None:
        clinic = await self._ask(catalogue)
        place, language = next(iter(clinic.locations.values())), clinic.clinic.language
        now = services().clock.now()
        self.trouble = self.told = ""
        self.told_about = 0
        self.zone = place.time_zone
        self.now = wording.moment(now, place.time_zone, language, length="long")
        self.letters = [
            LetterView(
                id=one.id,
                channel=one.channel,
                address=one.to_address,
                subject=one.subject,
                text=one.text,
                frame=f"/demo/letter/{one.id}" if one.html else "",
                at=wording.moment(one.sent_at, place.time_zone, language, length="short"),
                fate=_FATES.get(one.state or "", ""),
                may_fail=one.state == "sent",
            )
            for one in await self._ask(sandbox, most=30)
        ]

    @staticmethod
    def _clock() -> RehearsalClock:
        clock = services().clock
        assert isinstance(clock, RehearsalClock)
        return clock

    async def _say(self, told: Problem) -> None:
        self.trouble = told.sentence


def page() -> rx.Component:
    """The clock and the mailbox."""
    return frame(
        step_title("Rehearsal"),
        rx.el.p(
            "This clinic is a demo: nothing here reaches a real person. "
            f"E-mail to {rehearsal.NEVER_THERE}@… comes back; texts to numbers that end in {rehearsal.NEVER_ON} never arrive.",
            class_name=f"{SMALL} mt-1 mb-6",
        ),
        rx.el.div(
            _mailbox(),
            rx.el.div(_clock_card(), _logins(), class_name="grid gap-5"),
            class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_350px] gap-7 items-start",
        ),
        clinic_name="Demo",
    )


def _clock_card() -> rx.Component:
    moves = ((5, "+5 min"), (60, "+1 hour"), (1440, "+1 day"), (10080, "+1 week"), (-60, "−1 hour"))
    return rx.el.section(
        rx.el.h2("Clock"),
        rx.el.p(Demo.now, class_name="font-semibold mt-2"),
        rx.el.p(Demo.zone, class_name=SMALL),
        rx.el.div(
            *[button(label, ghost=True, small=True, on_click=Demo.advance(minutes)) for minutes, label in moves],
            class_name="flex flex-wrap gap-2 mt-4",
        ),
        rx.el.form(
            rx.el.label("Set to", html_for="at", class_name="block font-semibold mb-1.5 mt-4"),
            rx.el.input(id="at", name="at", type="datetime-local", class_name="field"),
            rx.el.div(
                button("Set", type="submit", small=True),
                button("Real time", ghost=True, small=True, on_click=Demo.reset_clock),
                class_name="flex gap-2 mt-3",
            ),
            on_submit=Demo.set_clock,
        ),
        rx.el.p(Demo.trouble, role="alert", class_name="text-[13px] text-[var(--danger)] mt-2 empty:hidden"),
        class_name=CARD,
    )


def _logins() -> rx.Component:
    people = [(logins.PATIENT, "Patient", "/sign-in"), *((one, LABELS[one.role], "/admin") for one in logins.STAFF)]
    return rx.el.section(
        rx.el.h2("Sign in as"),
        rx.el.p("Everyone’s password: ", rx.el.b(logins.PASSWORD, id="demo-password"), class_name="mt-2"),
        rx.el.ul(
            *[
                rx.el.li(
                    rx.el.div(
                        rx.el.p(rx.el.b(one.name), " · ", role),
                        rx.el.p(one.email, class_name=f"{SMALL} overflow-anywhere"),
                    ),
                    rx.el.a(
                        "Open", rx.el.span(f" the pages of {one.name}", class_name="sr"), href=where, class_name="link"
                    ),
                    class_name="flex justify-between items-center gap-3 py-2.5 border-b border-[var(--line)] last:border-0",
                )
                for one, role, where in people
            ],
            class_name="list-none p-0 mt-2 mb-0",
        ),
        class_name=CARD,
    )


def _mailbox() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Messages"),
            button("Refresh", ghost=True, small=True, on_click=Demo.enter),
            class_name="flex justify-between items-center mb-4",
        ),
        rx.cond(
            Demo.letters,
            rx.foreach(Demo.letters, _letter),
            rx.el.p("Nothing was sent yet. Book a visit and come back.", class_name=CARD),
        ),
    )


def _letter(one: Any) -> rx.Component:
    return rx.el.article(
        rx.el.div(
            rx.el.span(
                rx.el.b(rx.cond(one.channel == "sms", "SMS", "E-mail")),
                " to ",
                one.address,
                class_name="overflow-anywhere",
            ),
            rx.el.span(one.at, class_name=SMALL),
            rx.cond(
                one.fate != "",
                rx.el.span(
                    one.fate,
                    class_name=rx.cond(
                        one.fate == _FATES["delivered"],
                        f"{PILL} bg-[var(--past-soft)] text-[#155c39]",
                        f"{PILL} bg-[#fbe9e7] text-[var(--danger)]",
                    ),
                ),
            ),
            class_name="flex flex-wrap items-baseline gap-x-3 gap-y-1",
        ),
        rx.cond(
            one.frame != "",
            rx.fragment(
                rx.el.p(one.subject, class_name="font-semibold mt-2"),
                rx.el.iframe(
                    src=one.frame,
                    title=one.subject,
                    loading="lazy",
                    class_name="w-full h-[560px] mt-3 border border-[var(--line)] rounded-[var(--radius-m)] bg-white",
                ),
            ),
            rx.el.p(
                one.text,
                class_name="sms mt-3 whitespace-pre-line bg-[var(--upcoming-soft)] rounded-[18px] px-4 py-3 max-w-[420px]",
            ),
        ),
        rx.el.div(
            rx.cond(one.channel == "sms", _reply(one)),
            rx.cond(
                one.may_fail,
                rx.el.button(
                    "Let it not arrive", type="button", class_name="link text-[13px]", on_click=Demo.fail(one.id)
                ),
            ),
            class_name="flex flex-wrap items-center gap-x-5 gap-y-3 mt-4 empty:hidden",
        ),
        rx.el.p(
            rx.cond(Demo.told_about == one.id, Demo.told, ""),
            role="status",
            class_name=f"{SMALL} mt-2 empty:hidden",
        ),
        class_name=f"{CARD} mb-4",
    )


def _reply(one: Any) -> rx.Component:
    """An answer from the phone this text went to; STOP and START do what they do."""
    return rx.el.form(
        rx.el.label("Reply as ", one.address, html_for=f"reply-{one.id}", class_name="sr"),
        rx.el.input(
            id=f"reply-{one.id}",
            name="reply",
            placeholder="Reply as this phone",
            max_length=rehearsal.LONGEST,
            auto_complete="off",
            class_name="field !min-h-[40px] !py-1.5 min-w-0",
        ),
        hidden("letter", one.id),
        button("Reply", type="submit", ghost=True, small=True),
        reset_on_submit=True,
        on_submit=Demo.reply,
        class_name="flex items-center gap-2 w-full max-w-[420px]",
    )


def add(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(page, route="/demo", title="Rehearsal", on_load=Demo.enter)

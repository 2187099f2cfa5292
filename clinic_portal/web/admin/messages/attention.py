"""What asks for attention among messages: what did not arrive, what patients replied, what is stuck (B6)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.messaging import attending, listing
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, may, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.messages import pieces, views, words
from clinic_portal.web.admin.messages.tabs import tabs
from clinic_portal.web.admin.messages.views import LineView, ReplyView
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.countdown import countdown
from clinic_portal.web.gate import access

PAGE = "Messages"
LOOKS_AGAIN_SECONDS = 30
_WARN = "!border-l-4 !border-l-[#c98a1b]"


class Attention(AdminPage, rx.State):
    """What asks for somebody now; replies are read one by one, which the activity log notes."""

    failed: list[LineView] = []
    failed_count: int = 0
    replies: list[ReplyView] = []
    reply_count: int = 0
    stuck: list[str] = []
    tasks: list[str] = []
    beat: int = 0
    _opened: dict[int, str] = {}

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def enter(self) -> None:
        """Show what asks for attention."""
        async with self._answering():
            self._opened = {}
            await self._look()

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def refresh(self) -> None:
        """Look again, as the page does by itself."""
        async with self._answering():
            await self._look(keeps_notice=True)

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def read_reply(self, reply_id: Any) -> None:
        """Show the words of a reply."""
        async with self._answering():
            wanted = inputs.row_id(reply_id)
            said = await self._do(attending.open_reply, await self._staff(), wanted)
            self._opened = {**self._opened, wanted: said or "(no words)"}
            await self._look(keeps_notice=True)

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def reply_done(self, reply_id: Any) -> None:
        """A reply is seen to."""
        async with self._answering():
            await self._do(attending.reply_attended, await self._staff(), inputs.row_id(reply_id))
            await self._tell("Seen to", "The reply stays in the patient’s profile.")
        await self._again()

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def done(self, message_id: Any) -> None:
        """A message that did not arrive is seen to."""
        async with self._answering():
            await self._do(attending.attended, await self._staff(), inputs.row_id(message_id))
            await self._tell("Seen to")
        await self._again()

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def send_again(self, message_id: Any) -> None:
        """Try a message once more."""
        async with self._answering():
            await self._do(attending.send_again, await self._staff(), inputs.row_id(message_id))
            await self._tell("On its way again")
        await self._again()

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def try_tasks(self) -> None:
        """Have the worker try again what it gave up."""
        async with self._answering():
            await self._do(attending.try_tasks, await self._staff())
            await self._tell("The worker tries again")
        await self._again()

    async def _again(self) -> None:
        async with self._answering():
            await self._look(keeps_notice=True)

    async def _look(self, *, keeps_notice: bool = False) -> None:
        clinic = await self._open(PAGE, keeps_notice=keeps_notice)
        found = await self._ask(listing.attention, await self._staff())
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        self.failed = [views.line(one, zone, language) for one in found.failed]
        self.replies = [views.reply(one, zone, language, self._opened) for one in found.replies]
        self.failed_count, self.reply_count = found.failed_count, found.reply_count
        self.stuck = [views.stuck(one, zone, language) for one in found.stuck]
        self.tasks = [
            f"{count} × {words.task(kind)}" if count > 1 else words.task(kind).capitalize()
            for kind, count in found.dead_tasks
        ]
        self.beat += 1


def page() -> rx.Component:
    """Stuck channels, replies, what did not arrive."""
    return admin_frame(
        PAGE,
        tabs("Needs attention", changes_texts=may(Permission.CHANGE_CLINIC)),
        rx.cond(
            Attention.failed.length() + Attention.replies.length() + Attention.stuck.length() + Attention.tasks.length()
            == 0,
            _calm(),
        ),
        rx.cond(Attention.stuck, _stuck()),
        rx.cond(Attention.replies, _replies()),
        rx.cond(Attention.failed, _failed()),
        rx.cond(Attention.tasks, _tasks()),
        rx.el.span(
            countdown(seconds=LOOKS_AGAIN_SECONDS, on_end=Attention.refresh, key=Attention.beat),
            class_name="sr",
            aria_hidden="true",
        ),
        here=PAGE,
        page=PAGE,
    )


def _calm() -> rx.Component:
    return rx.el.div(
        rx.el.p("✓ Everything has arrived or is on its way.", id="calm", class_name="font-semibold"),
        rx.el.p(
            "Messages that do not arrive and what patients reply by SMS will stand here.", class_name=f"{MUTED} mt-1"
        ),
        class_name=CARD,
    )


def _stuck() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Not going out just now", class_name="!text-[18px]"),
        rx.el.ul(
            rx.foreach(Attention.stuck, lambda told: rx.el.li(told, class_name="py-1 overflow-anywhere")),
            id="stuck",
            class_name="list-none p-0 m-0 mt-1",
        ),
        rx.el.p("They are tried again by themselves.", class_name=f"{SMALL} mt-1"),
        class_name=f"{CARD} {_WARN} mb-5",
    )


def _tasks() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Given up by the worker", class_name="!text-[18px]"),
        rx.el.ul(
            rx.foreach(Attention.tasks, lambda told: rx.el.li(told, class_name="py-1 overflow-anywhere")),
            id="tasks",
            class_name="list-none p-0 mt-1 mb-3",
        ),
        button("Try them again", ghost=True, small=True, on_click=Attention.try_tasks),
        class_name=f"{CARD} {_WARN} mb-5",
    )


def _replies() -> rx.Component:
    return rx.el.section(
        rx.el.h2(f"Replies: {Attention.reply_count}", class_name="!text-[18px] mb-1"),
        rx.el.p("That you read one is kept in the activity log.", class_name=SMALL),
        rx.el.ul(rx.foreach(Attention.replies, _reply), id="replies", class_name="list-none p-0 m-0"),
        class_name=f"{CARD} mb-5",
    )


def _reply(one: Any) -> rx.Component:
    return rx.el.li(
        pieces.reply_head(one),
        rx.cond(
            one.is_open,
            rx.el.blockquote(one.words, class_name=pieces.BUBBLE),
            button("Read it", ghost=True, small=True, on_click=Attention.read_reply(one.id), class_name="mt-2"),
        ),
        rx.el.p(one.note, class_name=f"{SMALL} mt-1 empty:hidden"),
        rx.cond(
            one.is_open,
            rx.el.button(
                "Mark as seen to",
                rx.el.span(", the reply of ", one.when, class_name="sr"),
                type="button",
                class_name="link mt-2",
                on_click=Attention.reply_done(one.id),
            ),
        ),
        key=one.id.to(str),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )


def _failed() -> rx.Component:
    return rx.el.section(
        rx.el.h2(f"Did not arrive: {Attention.failed_count}", class_name="!text-[18px] mb-1"),
        rx.el.ul(
            rx.foreach(
                Attention.failed,
                lambda one: pieces.line(
                    one,
                    rx.el.button(
                        "Send again",
                        rx.el.span(" to ", one.who, class_name="sr"),
                        type="button",
                        class_name="link",
                        on_click=Attention.send_again(one.id),
                    ),
                    rx.el.button(
                        "Mark as seen to",
                        rx.el.span(", the message to ", one.who, class_name="sr"),
                        type="button",
                        class_name="link",
                        on_click=Attention.done(one.id),
                    ),
                ),
            ),
            id="failed",
            class_name="list-none p-0 m-0",
        ),
        class_name=f"{CARD} mb-5",
    )

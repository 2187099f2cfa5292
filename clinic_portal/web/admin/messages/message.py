"""One message: what happened to it, what it said, what can be done about it (B6)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts import staff as people
from clinic_portal.accounts.roles import Permission
from clinic_portal.core import wording
from clinic_portal.core.errors import NotAllowed
from clinic_portal.messaging import attending, copies, listing, unreachable
from clinic_portal.messaging.listing import Sheet
from clinic_portal.messaging.types import Said, State
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, Desk, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.messages import pieces, views, words
from clinic_portal.web.admin.messages.views import EventView, LineView
from clinic_portal.web.admin.payments.pieces import standing
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.gate import access
from clinic_portal.web.portal.pieces import row

PAGE = "Message"


class MessagePage(AdminPage, rx.State):
    """A message."""

    message_id: int = 0
    is_missing: bool = False
    who: str = ""
    what: str = ""
    patient_href: str = ""
    to: str = ""
    visit: str = ""
    state: str = ""
    kind: str = ""
    why: str = ""
    helps: str = ""
    silence: str = ""
    subject: str = ""
    text: str = ""
    no_text: str = ""
    events: list[EventView] = []
    others: list[LineView] = []
    may_send_again: bool = False
    may_attend: bool = False
    may_try_address: bool = False

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def enter(self) -> None:
        """Show the message the address names."""
        async with self._answering():
            self.is_missing = True
            self.message_id = inputs.id_in_address(self.router.url.query_parameters.get("id", ""))
            await self._look()

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def send_again(self) -> None:
        """Try it once more."""
        async with self._answering():
            await self._do(attending.send_again, await self._staff(), inputs.row_id(self.message_id))
            await self._tell("On its way again")
        await self._again()

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def done(self) -> None:
        """It is seen to."""
        async with self._answering():
            await self._do(attending.attended, await self._staff(), inputs.row_id(self.message_id))
            await self._tell("Seen to")
        await self._again()

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def try_address(self) -> None:
        """Send to its address again."""
        async with self._answering():
            await self._do(attending.try_address, await self._staff(), inputs.row_id(self.message_id))
            await self._tell("We try this address again", "From the next message on; this one you can send again.")
        await self._again()

    async def _again(self) -> None:
        async with self._answering():
            await self._look(keeps_notice=True)

    async def _look(self, *, keeps_notice: bool = False) -> None:
        clinic = await self._open(PAGE, keeps_notice=keeps_notice)
        actor = await self._staff()
        try:
            found = await self._ask(listing.sheet, actor, self.message_id)
        except NotAllowed:
            self.is_missing = True
            return
        said = await self._ask(copies.said, self.message_id)
        names = await self._ask(people.names)
        self._show(found, said, names, str(zone_of(clinic)), clinic.clinic.language)

    def _show(self, found: Sheet, said: Said | None, names: dict[str, str], zone: str, language: str) -> None:
        line = found.line
        shown = views.line(line, zone, language)
        self.is_missing, self.who, self.what = False, shown.who, shown.what
        self.patient_href = f"/admin/patient?id={line.patient_id}" if line.patient_id else ""
        self.to, self.state, self.kind = shown.address, shown.state, shown.kind
        self.why, self.helps = shown.note, shown.helps
        at = wording.moment(line.visit.start_at, zone, language) if line.visit else ""
        self.visit = f"{line.visit.reference}, {at}" if line.visit else ""
        since = wording.moment(found.silence.since_at, zone, language) if found.silence else ""
        told = words.why(f"unreachable_{found.silence.reason}") if found.silence else words.Why("")
        self.silence = f"{told.told} Nothing is sent there since {since}." if found.silence else ""
        self.subject, self.text = (said.subject, said.text) if said else ("", "")
        is_secret = line.kind in {one.value for one in copies.SECRET}
        self.no_text = (
            "Its words are kept by nobody: a code or a link in it lets somebody in."
            if is_secret
            else "Its words are written when it is sent."
            if line.state == State.QUEUED
            else "Its words were not kept."
        )
        self.events = views.events(found, names, zone, language)
        beside = [*([found.stands_in_for] if found.stands_in_for else []), *found.others]
        self.others = [views.line(one, zone, language) for one in beside]
        is_open = line.state == State.FAILED and line.kind not in listing.NOBODYS_CARE
        self.may_send_again = is_open and not found.is_past and found.silence is None
        self.may_attend = is_open and not line.is_attended
        self.may_try_address = found.silence is not None and found.silence.reason != unreachable.STOP


def page() -> rx.Component:
    """The message, or that there is none."""
    return admin_frame(
        rx.cond((Desk.page == PAGE) & ~MessagePage.is_missing, MessagePage.who, PAGE),
        rx.el.p(
            rx.el.a("‹ Messages", href="/admin/messages", class_name="link"),
            rx.cond(
                MessagePage.patient_href != "",
                rx.el.a("The patient’s profile", href=MessagePage.patient_href, class_name="link ml-5"),
            ),
            class_name="-mt-4 mb-3",
        ),
        rx.cond(
            MessagePage.is_missing,
            rx.el.div(
                rx.el.p("There is no such message. The link may be old.", class_name="mb-5"),
                link_button("All messages", href="/admin/messages/all", small=True),
                class_name=CARD,
            ),
            rx.el.div(
                rx.el.div(_standing(), _others(), class_name="grid gap-5 min-w-0"),
                _words(),
                class_name="grid grid-cols-1 lg:grid-cols-2 gap-5 items-start min-w-0",
            ),
        ),
        here="Messages",
        page=PAGE,
    )


def _standing() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(MessagePage.what, class_name="!text-[18px] overflow-anywhere"),
            rx.el.span(standing(MessagePage.state, MessagePage.kind), id="standing"),
            class_name="flex justify-between items-start gap-3",
        ),
        rx.el.p(MessagePage.why, class_name="mt-2 empty:hidden"),
        rx.el.p(MessagePage.helps, class_name=f"{MUTED} empty:hidden"),
        rx.el.p(MessagePage.silence, id="silence", class_name="mt-2 font-medium text-[#6b4600] empty:hidden"),
        rx.el.dl(
            row("To", MessagePage.to),
            rx.cond(MessagePage.visit != "", row("Visit", MessagePage.visit)),
            class_name="m-0 mt-2",
        ),
        rx.el.ol(rx.foreach(MessagePage.events, _event), id="story", class_name="list-none p-0 mt-4 mb-0 grid gap-2.5"),
        rx.el.div(
            rx.cond(MessagePage.may_send_again, button("Send it again", small=True, on_click=MessagePage.send_again)),
            rx.cond(
                MessagePage.may_attend, button("Mark as seen to", ghost=True, small=True, on_click=MessagePage.done)
            ),
            rx.cond(
                MessagePage.may_try_address,
                button("Try this address again", ghost=True, small=True, on_click=MessagePage.try_address),
            ),
            class_name="flex gap-3 flex-wrap mt-5 empty:hidden",
        ),
        class_name=f"{CARD} min-w-0",
    )


def _event(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.match(one.kind, ("done", "✓"), ("warn", "!"), ("going", "•"), "–"),
            aria_hidden="true",
            class_name="font-semibold text-[var(--ink-2)]",
        ),
        rx.el.div(
            rx.el.p(one.told, class_name="overflow-anywhere"),
            rx.el.p(one.when, class_name=f"{SMALL} num empty:hidden"),
            class_name="min-w-0",
        ),
        class_name="grid grid-cols-[16px_minmax(0,1fr)] gap-2",
    )


def _words() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What it said", class_name="!text-[18px]"),
        rx.cond(
            MessagePage.text != "",
            rx.fragment(
                rx.el.p(MessagePage.subject, class_name="font-semibold mt-2 overflow-anywhere empty:hidden"),
                rx.el.div(MessagePage.text, id="said", class_name=pieces.BUBBLE),
            ),
            rx.el.p(MessagePage.no_text, class_name=f"{MUTED} mt-1"),
        ),
        class_name=f"{CARD} min-w-0",
    )


def _others() -> rx.Component:
    return rx.cond(
        MessagePage.others,
        rx.el.section(
            rx.el.h2("The same, by the other channel", class_name="!text-[18px]"),
            rx.el.ul(
                rx.foreach(MessagePage.others, lambda one: pieces.line(one)),
                id="others",
                class_name="list-none p-0 m-0",
            ),
            class_name=f"{CARD} min-w-0",
        ),
    )

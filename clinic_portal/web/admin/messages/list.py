"""All messages, the newest first: by how they stand, by patient or visit (B6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.messaging import listing
from clinic_portal.messaging.listing import Show
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, Desk, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.messages import pieces, views
from clinic_portal.web.admin.messages.tabs import tabs
from clinic_portal.web.admin.messages.views import LineView
from clinic_portal.web.components.basics import CARD, MUTED, button, link_button
from clinic_portal.web.gate import access

PAGE = "All messages"
SHOWN = (
    (Show.ALL, "All"),
    (Show.WAITING, "Waiting"),
    (Show.SENT, "Sent"),
    (Show.FAILED, "Did not arrive"),
    (Show.DROPPED, "Not sent"),
)
NOTHING = {
    Show.ALL: "Nothing was sent yet. Confirmations, reminders and receipts will stand here.",
    Show.WAITING: "Nothing waits.",
    Show.SENT: "Nothing was sent yet.",
    Show.FAILED: "Everything arrived, as far as we are told.",
    Show.DROPPED: "Nothing was left unsent. What makes no sense any more when its turn comes will stand here.",
}


class Messages(AdminPage, rx.State):
    """What was looked for, and what was found."""

    show: str = "all"
    wanted: str = ""
    shown: list[LineView] = []
    nothing: str = ""
    older: str = ""
    newest: str = ""

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def enter(self) -> None:
        """Show what the address says."""
        async with self._answering():
            clinic = await self._open(PAGE)
            asked = self.router.url.query_parameters
            show = next((one for one in Show if one.value == asked.get("show", "")), Show.ALL)
            self.wanted = inputs.text(asked.get("q", "")[:100], most=100).strip()
            before = inputs.id_in_address(asked.get("before", "")) or None
            told = {"wanted": self.wanted, "before_id": before}
            found, has_more = await self._ask(listing.lines, await self._staff(), show, **told)
            zone, language = str(zone_of(clinic)), clinic.clinic.language
            self.show = show.value
            self.shown = [views.line(one, zone, language) for one in found]
            self.nothing = "No message to that patient or about that visit was found." if self.wanted else NOTHING[show]
            self.older = _address(show, self.wanted, found[-1].id) if has_more else ""
            self.newest = _address(show, self.wanted) if before else ""

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def look_for(self, form: Any) -> EventSpec | None:
        """Look for a patient's messages, or a visit's."""
        async with self._answering():
            typed = inputs.fields(form, "wanted", "show", most=100)
            show = next((one for one in Show if one.value == typed["show"]), Show.ALL)
            return rx.redirect(_address(show, typed["wanted"].strip()))
        return None


def _address(show: Show, wanted: str, before: int = 0) -> str:
    told: dict[str, str] = {} if show is Show.ALL else {"show": show.value}
    told |= {"q": wanted} if wanted else {}
    told |= {"before": str(before)} if before else {}
    return f"/admin/messages/all?{urlencode(told)}" if told else "/admin/messages/all"


def page() -> rx.Component:
    """The search, and the list."""
    return admin_frame(
        "Messages",
        tabs("All", changes_texts=Desk.changes_clinic),
        rx.el.section(
            _search(),
            rx.cond(
                Messages.shown,
                rx.el.ul(
                    rx.foreach(Messages.shown, lambda one: pieces.line(one)),
                    id="messages",
                    class_name="list-none p-0 m-0",
                ),
                rx.el.p(Messages.nothing, id="nothing", class_name=f"{MUTED} py-3"),
            ),
            class_name=CARD,
        ),
        rx.el.div(
            rx.cond(Messages.newest != "", link_button("Newest", href=Messages.newest, ghost=True, small=True)),
            rx.cond(Messages.older != "", link_button("Older", href=Messages.older, ghost=True, small=True)),
            class_name="flex gap-3 mt-4 empty:hidden",
        ),
        here="Messages",
        page=PAGE,
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.label("Search messages", html_for="wanted", class_name="sr"),
        rx.el.input(
            id="wanted",
            name="wanted",
            type="search",
            default_value=Messages.wanted,
            key=f"q-{Messages.show}-{Messages.wanted}",
            placeholder="Patient or reference",
            max_length=100,
            class_name="field !min-h-[40px] !py-1.5 min-w-0 sm:!w-[230px]",
        ),
        rx.el.label("How they stand", html_for="show", class_name="sr"),
        rx.el.select(
            *[rx.el.option(label, value=show.value) for show, label in SHOWN],
            id="show",
            name="show",
            default_value=Messages.show,
            key=f"s-{Messages.show}-{Messages.wanted}",
            class_name="field !min-h-[40px] !py-1.5 sm:!w-[170px]",
        ),
        button("Show", type="submit", ghost=True, small=True),
        on_submit=Messages.look_for,
        role="search",
        aria_label="Messages",
        class_name="flex gap-2 items-center flex-wrap mb-2",
    )

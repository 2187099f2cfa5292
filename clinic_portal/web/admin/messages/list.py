"""All messages, the newest first: by how they stand, by patient or visit (B6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.messaging import listing
from clinic_portal.messaging.listing import Show
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.scheduling.availability import instant, wall_to_minute
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, list_address, may, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.messages import pieces, views, words
from clinic_portal.web.admin.messages.tabs import tabs
from clinic_portal.web.admin.messages.views import LineView
from clinic_portal.web.components.basics import CARD, MUTED, button, turning
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


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; its address says all but the words. What makes no sense there is left out."""

    show: Show = Show.ALL
    wanted: str = ""
    kind: Kind | None = None
    channel: Channel | None = None
    on: date | None = None

    @classmethod
    def of(cls, asked: Any, wanted: str = "") -> Search:
        """From the fields of an address or a form, and the words."""
        return cls(
            show=next((one for one in Show if one.value == asked.get("show", "")), Show.ALL),
            wanted=wanted,
            kind=next((one for one in Kind if one.value == asked.get("kind", "")), None),
            channel=next((one for one in Channel if one.value == asked.get("channel", "")), None),
            on=inputs.day_in_address(asked.get("on", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether something other than how they stand is looked for."""
        return bool(self.wanted or self.kind or self.channel or self.on)

    def address(self, before: int = 0) -> str:
        """The page that shows it."""
        return list_address(
            "/admin/messages/all",
            show="" if self.show is Show.ALL else self.show.value,
            words=self.wanted,
            kind=self.kind.value if self.kind else "",
            channel=self.channel.value if self.channel else "",
            on=self.on or "",
            before=before,
        )

    def asked(self, zone: ZoneInfo) -> dict[str, Any]:
        """The same for `listing.lines`."""
        return {
            "wanted": self.wanted,
            "kind": self.kind,
            "channel": self.channel,
            "between": _day(self.on, zone) if self.on else None,
        }


class Messages(AdminPage, rx.State):
    """What was looked for, and what was found."""

    show: str = "all"
    wanted: str = ""
    kind: str = ""
    channel: str = ""
    on: str = ""
    shown: list[LineView] = []
    nothing: str = ""
    older: str = ""
    newest: str = ""

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def enter(self) -> None:
        """Show what the address says."""
        async with self._answering():
            asked = self.router.url.query_parameters
            search = Search.of(asked, self._kept(self.wanted))
            await self._list(search, inputs.id_in_address(asked.get("before", "")) or None)

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def look_for(self, form: Any) -> EventSpec | None:
        """Look for a patient's messages, or a visit's."""
        async with self._answering():
            typed = inputs.fields(form, "wanted", "show", "kind", "channel", "on", most=100)
            search = Search.of(typed, typed["wanted"].strip())
            await self._list(search, None)  # other words may have the same address
            return rx.redirect(search.address())
        return None

    async def _list(self, search: Search, before: int | None) -> None:
        clinic = await self._open(PAGE)
        zone = zone_of(clinic)
        told = search.asked(zone) | {"before_id": before}
        found, has_more = await self._ask(listing.lines, await self._staff(), search.show, **told)
        language = clinic.clinic.language
        self.show, self.wanted = search.show.value, search.wanted
        self.kind, self.channel = search.kind or "", search.channel or ""
        self.on = search.on.isoformat() if search.on else ""
        self.shown = [views.line(one, str(zone), language) for one in found]
        self.nothing = _nothing(search)
        self.older = search.address(found[-1].id) if has_more else ""
        self.newest = search.address() if before else ""


def _nothing(search: Search) -> str:
    if search.wanted and not (search.kind or search.channel or search.on):
        return "No message to that patient or about that visit was found."
    return (
        "No message is like that. Ask for less, and more will be found." if search.is_narrowed else NOTHING[search.show]
    )


def _day(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A day on the clinic's wall clock."""
    return instant(wall_to_minute(on, 0, zone)), instant(wall_to_minute(on, 1440, zone))


def page() -> rx.Component:
    """The search, and the list."""
    return admin_frame(
        "Messages",
        tabs("All", changes_texts=may(Permission.CHANGE_CLINIC)),
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
        turning(Messages.newest, Messages.older),
        here="Messages",
        page=PAGE,
    )


_ASKED = f"{Messages.show}-{Messages.kind}-{Messages.channel}-{Messages.on}-{Messages.wanted}"
"""What the fields start from: asked for something else, they start anew."""


def _choice(name: str, label: str, value: Any, among: list[tuple[str, str]], look: str) -> rx.Component:
    return rx.fragment(
        rx.el.label(label, html_for=name, class_name="sr"),
        rx.el.select(
            *[rx.el.option(told, value=key) for key, told in among],
            id=name,
            name=name,
            default_value=value,
            key=f"{name}-{_ASKED}",
            class_name=f"field !min-h-[40px] !py-1.5 {look}",
        ),
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.label("Search messages", html_for="wanted", class_name="sr"),
        rx.el.input(
            id="wanted",
            name="wanted",
            type="search",
            default_value=Messages.wanted,
            key=f"q-{_ASKED}",
            placeholder="Patient or reference",
            max_length=100,
            class_name="field !min-h-[40px] !py-1.5 min-w-0 sm:!w-[200px]",
        ),
        _choice(
            "show", "How they stand", Messages.show, [(show.value, label) for show, label in SHOWN], "sm:!w-[150px]"
        ),
        _choice("kind", "What about", Messages.kind, [("", "About anything"), *words.KINDS.items()], "sm:!w-[190px]"),
        _choice("channel", "By", Messages.channel, [("", "By both"), *words.CHANNELS.items()], "sm:!w-[110px]"),
        rx.el.label("Planned on", html_for="on", class_name="sr"),
        rx.el.input(
            id="on",
            name="on",
            type="date",
            default_value=Messages.on,
            key=f"on-{_ASKED}",
            class_name="field !min-h-[40px] !py-1.5 sm:!w-[150px]",
        ),
        button("Show", type="submit", ghost=True, small=True),
        on_submit=Messages.look_for,
        role="search",
        aria_label="Messages",
        class_name="flex gap-2 items-center flex-wrap mb-2",
    )

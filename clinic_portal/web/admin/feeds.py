"""Private addresses under which providers' calendars are followed (S83): one's own, or all for who runs the clinic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.messaging import feeds
from clinic_portal.messaging.calendar import subscriptions
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.components import calendars
from clinic_portal.web.components.basics import MUTED, SMALL, button, card
from clinic_portal.web.gate import STAFF, access


@dataclass
class FeedView:
    """A provider's feed; without an address there is none."""

    provider_id: int
    name: str
    url: str = ""
    read: str = ""
    into: list[list[str]] = field(default_factory=list)


class Feeds(AdminPage, rx.State):
    """The feeds that whoever is signed in may handle."""

    shown: list[FeedView] = []

    @rx.event
    @access(STAFF)
    async def enter(self) -> None:
        """Show them."""
        async with self._answering():
            await self._look()

    @rx.event
    @access(STAFF)
    async def start(self, provider_id: Any) -> None:
        """A private address; an earlier one ends."""
        async with self._answering():
            await self._do(feeds.start, await self._staff(), inputs.row_id(provider_id))
            await self._look()
            await self._tell("A new address", "If there was an earlier one, it shows nothing any more.")

    @rx.event
    @access(STAFF)
    async def stop(self, provider_id: Any) -> None:
        """Take the address back."""
        async with self._answering():
            await self._do(feeds.stop, await self._staff(), inputs.row_id(provider_id))
            await self._look()
            await self._tell("The address has ended", "Calendars that used it see nothing any more.")

    async def _look(self) -> None:
        clinic = await self._open("My account", keeps_notice=True)
        actor = await self._staff()

        def read(read: Reading) -> list[FeedView]:
            base = read.settings.public_url.rstrip("/")
            return [_view(clinic, base, one) for one in feeds.handled_by(read, actor)]

        self.shown = await self._ask(read)


def _view(clinic: Catalogue, base: str, one: feeds.FeedInfo) -> FeedView:
    if one.token is None:
        return FeedView(one.provider_id, one.name)
    url = f"{base}/calendar/provider/{one.token}/visits.ics"
    zone, language = str(zone_of(clinic)), clinic.clinic.language
    return FeedView(
        provider_id=one.provider_id,
        name=one.name,
        url=url,
        read=f"A calendar last looked {wording.moment(one.read_at, zone, language)}."
        if one.read_at
        else "No calendar looked yet.",
        into=calendars.following(subscriptions(url, f"{clinic.clinic.name}: {one.name}")),
    )


def provider_feeds() -> rx.Component:
    """The card; nothing for those who may handle none."""
    return rx.cond(
        Feeds.shown,
        card(
            rx.el.h2("Visits in your own calendar"),
            rx.el.p(
                "A private address that a calendar can follow: the last 30 days and the next six months, and time off. "
                "Patients stand there with their initials alone and no treatment, since other companies’ calendars "
                "read it.",
                class_name=f"{MUTED} mt-1 mb-2",
            ),
            rx.el.ul(rx.foreach(Feeds.shown, _feed), id="feeds", class_name="list-none p-0 m-0"),
            class_name="lg:col-span-2",
        ),
    )


def _feed(one: Any) -> rx.Component:
    def deed(label: str, handler: Any) -> rx.Component:
        return button(
            label,
            rx.el.span(f" of {one.name}", class_name="sr"),
            ghost=True,
            small=True,
            on_click=handler(one.provider_id),
        )

    return rx.el.li(
        rx.el.h3(one.name, class_name="!text-[15px] font-semibold overflow-anywhere"),
        rx.cond(
            one.url != "",
            rx.el.div(
                rx.el.input(
                    value=one.url,
                    read_only=True,
                    aria_label=f"Address of {one.name}",
                    class_name="field text-[13px] mt-1",
                ),
                rx.el.p(one.read, class_name=f"{SMALL} mt-1"),
                rx.el.div(
                    button("Copy", small=True, on_click=rx.set_clipboard(one.url)),
                    calendars.buttons(one.into),
                    deed("New address", Feeds.start),
                    deed("End this address", Feeds.stop),
                    class_name="flex flex-wrap gap-3 mt-3",
                ),
            ),
            rx.el.div(deed("Make an address", Feeds.start), class_name="mt-2"),
        ),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )

"""The membership of a patient on their page, with the cards on file for those who see payments (S32)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import on_file
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.memberships import actions as memberships
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.gate import access
from clinic_portal.web.portal import card_views
from clinic_portal.web.portal.card_views import CardView


class MembershipPart(AdminPage, rx.State):
    """Whether the patient the address names is a member, and their cards as far as they may be seen."""

    since: str = ""
    may_handle: bool = False
    sees_cards: bool = False
    cards: list[CardView] = []
    is_asking: bool = False

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def enrol(self) -> None:
        """Make them a member."""
        async with self._answering():
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            await self._do(memberships.enrol, actor, wanted)
            await self._look(clinic, actor, wanted)
            await self._tell("Enrolled", "They find their payment methods in the portal now.")

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def ask_to_end(self) -> EventSpec:
        """Ask once more."""
        self.is_asking = True
        return rx.set_focus("end-title")

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def keep(self) -> EventSpec:
        """Rather not."""
        self.is_asking = False
        return rx.set_focus("end-membership")

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def end(self) -> None:
        """End it now."""
        async with self._answering():
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            await self._do(memberships.end, actor, wanted)
            await self._look(clinic, actor, wanted)
            await self._tell("The membership has ended")

    def _wanted(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("id", ""))

    async def _look(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        self.is_asking = False

        def read(read: Reading) -> tuple[str, list[CardView]]:
            since = memberships.since(read, actor, wanted)
            told = wording.day(since, str(zone_of(clinic)), clinic.clinic.language, length="medium") if since else ""
            found = on_file.for_staff(read, actor, wanted) if actor.may(Permission.SEE_PAYMENTS) else ()
            return told, [card_views.bare(one, read.now) for one in found]

        self.since, self.cards = await self._ask(read)
        self.may_handle, self.sees_cards = (
            actor.may(Permission.HANDLE_MEMBERSHIPS),
            actor.may(Permission.SEE_PAYMENTS),
        )


def membership() -> rx.Component:
    """A small part beside the visits."""
    part = MembershipPart
    return rx.el.section(
        rx.el.h2("Membership"),
        rx.el.p(
            rx.cond(part.since != "", f"Member since {part.since}", "Not a member"),
            id="member-since",
            class_name=f"{MUTED} mt-1",
        ),
        rx.cond(part.may_handle, rx.cond(part.is_asking, _ask(), _deed())),
        rx.cond(part.sees_cards, _cards()),
        id="membership",
        class_name=CARD,
    )


def _deed() -> rx.Component:
    return rx.cond(
        MembershipPart.since != "",
        button(
            "End membership",
            id="end-membership",
            ghost=True,
            small=True,
            class_name="mt-3",
            on_click=MembershipPart.ask_to_end,
        ),
        button("Enrol as a member", small=True, class_name="mt-3", on_click=MembershipPart.enrol),
    )


def _ask() -> rx.Component:
    return rx.el.div(
        rx.el.h3("End the membership now?", id="end-title", tab_index=-1),
        rx.el.p("They do not see their payment methods any more. Their cards stay on file.", class_name="mt-1"),
        rx.el.div(
            button("Yes, end it", small=True, on_click=MembershipPart.end),
            button("Keep it", ghost=True, small=True, on_click=MembershipPart.keep),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        role="group",
        aria_labelledby="end-title",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-3",
    )


def _cards() -> rx.Component:
    return rx.el.div(
        rx.el.h3("Cards on file"),
        rx.cond(
            MembershipPart.cards,
            rx.el.ul(rx.foreach(MembershipPart.cards, _card), id="cards-on-file", class_name="list-none p-0 mt-1 mb-0"),
            rx.el.p("None", id="cards-on-file", class_name=f"{MUTED} mt-1"),
        ),
        class_name="mt-4 pt-4 border-t border-[var(--line)]",
    )


def _card(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.p(one.name, rx.cond(one.is_default, rx.el.span(" · charged first", class_name=SMALL), "")),
        rx.el.p(
            one.until,
            class_name=rx.cond(one.state == "over", "text-[13px] text-[var(--danger)] font-medium", SMALL),
        ),
        class_name="py-2 border-b border-[var(--line)] last:border-0 last:pb-0",
    )

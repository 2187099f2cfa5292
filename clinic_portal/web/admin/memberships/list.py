"""Members by state; and for those who see sales, what memberships will bring in and who comes and goes (P8)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.memberships import roll
from clinic_portal.memberships.roll import Show
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, list_address, zone_of
from clinic_portal.web.admin.memberships import views
from clinic_portal.web.admin.memberships.views import LineView, SalesView, TabView
from clinic_portal.web.gate import access

PAGE = "Members"


class Members(AdminPage, rx.State):
    """What was looked for, and who was found."""

    show: str = ""
    title: str = ""
    wanted: str = ""
    tabs: list[TabView] = []
    shown: list[LineView] = []
    nothing: str = ""
    older: str = ""
    newest: str = ""
    file: str = ""
    sales: list[SalesView] = []

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def enter(self) -> None:
        """Show what the address says."""
        async with self._answering():
            asked = self.router.url.query_parameters
            show = next((one for one in Show if one.value == asked.get("show", "")), Show.ALL)
            self.wanted = self._kept(self.wanted)
            await self._list(show, inputs.id_in_address(asked.get("before", "")) or None)

    @rx.event
    @access(Permission.HANDLE_MEMBERSHIPS)
    async def look_for(self, form: Any) -> EventSpec | None:
        """Look for a member."""
        async with self._answering():
            self.wanted = inputs.fields(form, "wanted", most=100)["wanted"].strip()
            show = next((one for one in Show if one.value == self.show), Show.ALL)
            await self._list(show, None)  # other words may have the same address
            return rx.redirect(_address(show, self.wanted))
        return None

    async def _list(self, show: Show, before: int | None) -> None:
        clinic, actor = await self._open(PAGE), await self._staff()
        found = await self._ask(roll.roll, actor, show, wanted=self.wanted, before_id=before)
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        self.show, self.title = show.value, views.TITLES[show]
        self.tabs = [TabView(views.TITLES[one], _address(one), str(found.counts[one]), one is show) for one in Show]
        self.shown = [views.line(one, zone, language) for one in found.lines]
        self.nothing = "Nobody of that name is among them." if self.wanted else views.NOTHING[show]
        last = found.lines[-1].membership_id if found.has_more else 0
        self.older = _address(show, self.wanted, last) if last else ""
        self.newest = _address(show, self.wanted) if before else ""
        self.file = f"/admin/members.csv?show={show.value}"
        sees = actor.may(Permission.SEE_SALES)
        self.sales = [views.sales(await self._ask(roll.sales, actor), language)] if sees else []


def _address(show: Show, wanted: str = "", before: int = 0) -> str:
    return list_address("/admin/memberships", show="" if show is Show.ALL else show.value, words=wanted, before=before)

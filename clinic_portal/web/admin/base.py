"""What every page of the staff shares: who is signed in, what their role may open, what was just said."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import sessions, staff
from clinic_portal.accounts.roles import LABELS, Permission, StaffActor
from clinic_portal.accounts.types import SessionInfo
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.messaging.listing import asking_count
from clinic_portal.web import inputs
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, STAFF, access
from clinic_portal.web.leftovers import even_when_over, wipe
from clinic_portal.web.problems import Problem

KEPT = {"words": "kept"}
"""In the address of a list: words are looked for. Which, the State alone keeps: names, numbers and dates of birth stand
in no address, and so in no log of a proxy and no browser's history."""


class Desk(Door, rx.State):
    """The frame of the staff's pages."""

    clinic_name: str = ""
    name: str = ""
    role: str = ""
    page: str = ""
    may: list[str] = []  # what their role may do, by the permissions' names
    asking: int = 0  # messages and replies that ask for somebody
    notice_title: str = ""
    notice_text: str = ""
    notice_is_good: bool = False
    idle_seconds: int = 0
    idle_key: str = ""

    @rx.event
    @access(STAFF)
    async def stay(self) -> None:
        """Someone is still there: the gate has noted it; the page's countdown begins anew."""
        found = await self._ask(staff.signed_in, self._cookies.staff)
        if found is not None:
            self._count(found[1])

    @rx.event
    @access(PUBLIC)
    @even_when_over
    async def idle(self) -> EventSpec | None:
        """The page's countdown is over: sign out here, unless another tab was used meanwhile."""
        found = await self._ask(staff.signed_in, self._cookies.staff)
        if found is not None:
            if (found[1].idle_at - services().clock.now()).total_seconds() > 5:
                self._count(found[1])
                return None
            await self._do(sessions.end, found[1].id)
        await wipe(self)
        return rx.redirect("/admin/sign-in?why=idle")

    @rx.event
    @access(PUBLIC)
    async def dismiss_notice(self) -> None:
        """Put the notice away."""
        self.notice_title = self.notice_text = ""

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def search(self, form: Any) -> EventSpec | None:
        """Look for patients, from any page."""
        async with self._answering():
            from clinic_portal.web.admin.patients import Patients, address  # it has this frame

            patients = await self.get_state(Patients)
            patients.wanted = inputs.fields(form, "q", most=100)["q"].strip()
            return rx.redirect(address(patients.wanted))
        return None

    def _show(self, actor: StaffActor, session: SessionInfo, clinic: Catalogue, page: str) -> None:
        self.clinic_name, self.page = clinic.clinic.name, page
        self.name, self.role = actor.name, LABELS[actor.role]
        self.may = [one.name for one in Permission if actor.may(one)]
        self._count(session)

    def _count(self, session: SessionInfo) -> None:
        now = services().clock.now()
        self.idle_seconds = max(1, int((session.idle_at - now).total_seconds()))
        self.idle_key = f"{session.id}-{now.timestamp()}"

    async def _say(self, told: Problem, *, is_good: bool = False) -> None:
        self.notice_title, self.notice_text, self.notice_is_good = told.title, told.sentence, is_good


def may(permission: Permission) -> Any:
    """Whether whoever looks may do something, for what a page shows; the domain asks again."""
    return Desk.may.contains(permission.name)


class AdminPage(Door, mixin=True):
    """A page of the staff."""

    async def _open(self, page: str, *, keeps_notice: bool = False) -> Catalogue:
        """Show the frame; the clinic as it stands now."""
        found = await self._ask(staff.signed_in, self._cookies.staff)
        clinic = await self._ask(catalogue)
        desk = await self.get_state(Desk)
        if found is not None:
            desk._show(*found, clinic, page)
            desk.asking = await self._ask(asking_count) if found[0].may(Permission.HANDLE_MESSAGES) else 0
        if not keeps_notice:
            desk.notice_title = desk.notice_text = ""
        return clinic

    def _kept(self, words: str) -> str:
        """The words that were looked for here, where the address says that some are; none in another tab."""
        return words if KEPT.items() <= dict(self.router.url.query_parameters).items() else ""

    async def _tell(self, title: str, text: str = "") -> None:
        """Say good news."""
        desk = await self.get_state(Desk)
        await desk._say(Problem(title, text), is_good=True)

    async def _say(self, told: Problem) -> None:
        desk = await self.get_state(Desk)
        await desk._say(told)


def list_address(path: str, **told: object) -> str:
    """Where a list stands, or goes on: what narrows it by name, the empty left out; of `words` only that there are."""
    said = {name: str(value) for name, value in told.items() if value}
    said |= KEPT if "words" in said else {}
    return f"{path}?{urlencode(said)}" if said else path


def zone_of(clinic: Catalogue) -> ZoneInfo:
    """The zone the staff's pages tell times in where no location is meant: the first location's."""
    return ZoneInfo(clinic.time_zone)


def place_name(clinic: Catalogue, location_id: int) -> str:
    """What staff's pages call a location; a closed one at which visits still stand says so."""
    place = clinic.place(location_id)
    assert place is not None, location_id
    return place.name if location_id in clinic.locations else f"{place.name} (closed)"

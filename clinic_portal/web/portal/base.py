"""What every page of the portal shares: the clinic's name, and what was just said or refused."""

from __future__ import annotations

import reflex as rx

from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem


class Portal(Door, rx.State):
    """The frame of the portal, and its notice."""

    clinic_name: str = ""
    clinic_phone: str = ""
    page: str = ""
    notice_title: str = ""
    notice_text: str = ""

    @rx.event
    @access(PUBLIC)
    async def dismiss_notice(self) -> None:
        """Put the notice away."""
        self.notice_title = self.notice_text = ""

    async def _say(self, told: Problem) -> None:
        self.notice_title, self.notice_text = told.title, told.sentence


class PortalPage(Door, mixin=True):
    """A page of the portal."""

    async def _open(self, page: str, *, keeps_notice: bool = False) -> Catalogue:
        """Show the frame; the clinic as it stands now."""
        clinic = await self._ask(catalogue)
        frame = await self.get_state(Portal)
        frame.clinic_name, frame.page = clinic.clinic.name, page
        frame.clinic_phone = wording.phone(clinic.clinic.phone)
        if not keeps_notice:
            frame.notice_title = frame.notice_text = ""
        return clinic

    async def _tell(self, title: str, text: str = "") -> None:
        """Say good news."""
        await self._say(Problem(title, text))

    async def _say(self, told: Problem) -> None:
        frame = await self.get_state(Portal)
        await frame._say(told)

"""What every page of the portal shares: the clinic's name, and what was just said or refused."""

from __future__ import annotations

import reflex as rx

from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.web import inputs
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem


class Portal(Door, rx.State):
    """The frame of the portal, and its notice."""

    clinic_name: str = ""
    clinic_phone: str = ""
    page: str = ""
    address: str = ""
    notice_title: str = ""
    notice_text: str = ""
    notice_is_good: bool = False
    notice_number: int = 0
    _is_for_next_page: bool = False

    @rx.event
    @access(PUBLIC)
    async def dismiss_notice(self) -> None:
        """Put the notice away."""
        self.notice_title = self.notice_text = ""

    async def _say(self, told: Problem) -> None:
        self._announce(told, is_good=False)

    def _announce(self, told: Problem, *, is_good: bool) -> None:
        self.notice_title, self.notice_text, self.notice_is_good = told.title, told.sentence, is_good
        self.notice_number += 1


class PortalPage(Door, mixin=True):
    """A page of the portal."""

    async def _open(self, page: str, *, keeps_notice: bool = False) -> Catalogue:
        """Show the frame; the clinic as it stands now.

        What was said before is put away with the page it was said on, unless it was said for this one.
        """
        clinic = await self._ask(catalogue)
        frame = await self.get_state(Portal)
        frame.clinic_name, frame.page = clinic.clinic.name, page
        frame.clinic_phone = wording.phone(clinic.clinic.phone)
        url = self.router.url
        frame.address = (url.path.rstrip("/") or "/") + (f"?{url.query}" if url.query else "")
        if not keeps_notice and not frame._is_for_next_page:
            frame.notice_title = frame.notice_text = ""
        frame._is_for_next_page = False
        return clinic

    def _number(self) -> int:
        """The number the address names, `?id=12`; 0 for anything else."""
        return inputs.id_in_address(self.router.url.query_parameters.get("id"))

    async def _tell(self, title: str, text: str = "", *, on_next_page: bool = False) -> None:
        """Say good news."""
        frame = await self.get_state(Portal)
        frame._announce(Problem(title, text), is_good=True)
        frame._is_for_next_page = on_next_page

    async def _say(self, told: Problem) -> None:
        frame = await self.get_state(Portal)
        await frame._say(told)

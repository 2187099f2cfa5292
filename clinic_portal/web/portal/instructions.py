"""Instructions before or after a treatment, opened to be read (S6, S48)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.booking import paperwork
from clinic_portal.core import wording
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms.definition import Kind
from clinic_portal.patients.queries import language_of
from clinic_portal.web.components.basics import SMALL, card, step_title
from clinic_portal.web.components.prose import prose
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import paper_pieces, paper_views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame


class InstructionsPage(PortalPage, rx.State):
    """One text; whose it is not, and who comes too early, sees nothing."""

    is_missing: bool = False
    title: str = ""
    detail: str = ""
    html: str = ""

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show what the address names; it counts as read."""
        async with self._answering():
            await self._open("Forms")
            patient = await self._patient()

            def opened(work: UnitOfWork) -> None:
                found = paperwork.open_instructions(work, patient.patient_id, self._number())
                self.title, self.html = found.content.title or found.request.title, found.content.html
                when = "After" if found.request.kind is Kind.AFTER else "Before"
                self.detail = f"{when} your treatment"
                if found.visit is not None:
                    language, zone = language_of(work, patient.patient_id), paper_views.zone_of(work, found.visit)
                    on = wording.day(found.visit.start_at, zone, language)
                    self.detail = f"{when} {paper_views.named(found.about)} · {on}"

            try:
                await self._do(opened)
                self.is_missing = False
            except NotAllowed:
                self.is_missing, self.html = True, ""


def page() -> rx.Component:
    """A text to be read, and to be printed."""
    return portal_frame(
        rx.cond(
            InstructionsPage.is_missing,
            paper_pieces.gone("We could not find these instructions"),
            _text(),
        ),
        here="Forms",
    )


def _text() -> Any:
    return rx.el.article(
        rx.el.p(rx.el.a("‹ Forms and instructions", href="/portal/forms", class_name="link"), class_name="no-print"),
        rx.el.div(step_title(InstructionsPage.title), class_name="mt-2 overflow-anywhere"),
        rx.el.p(InstructionsPage.detail, class_name=f"{SMALL} mt-1"),
        card(prose(InstructionsPage.html), class_name="mt-6 print:border-0 print:shadow-none print:p-0"),
        class_name="max-w-[720px]",
    )

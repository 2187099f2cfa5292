"""All forms and instructions: to do, completed, and to read, by visit (S28-S30)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import reflex as rx

from clinic_portal.booking import paperwork
from clinic_portal.booking.paperwork import Paper
from clinic_portal.core.work import Reading
from clinic_portal.forms import documents
from clinic_portal.patients.queries import language_of
from clinic_portal.web.components.awake import awake
from clinic_portal.web.components.basics import MUTED, card, step_title
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import paper_pieces, paper_views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.paper_views import DocumentView, PaperView


@dataclass
class GroupView:
    """The instructions of one visit."""

    title: str
    href: str
    papers: list[PaperView]


class FormsPage(PortalPage, rx.State):
    """What is to be done, what was done, what to read."""

    to_do: list[PaperView] = []
    completed: list[DocumentView] = []
    to_read: list[GroupView] = []
    wakes_in: int = 0

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show how things stand."""
        async with self._answering():
            await self._open("Forms")
            await self._look()

    @rx.event
    @access(PATIENT, by_itself=True)
    async def look_again(self) -> None:
        """The page was left open and is seen again, or a visit begins."""
        async with self._answering():
            await self._look()

    async def _look(self) -> None:
        patient = await self._patient()

        def read(read: Reading) -> None:
            mine, language = patient.patient_id, language_of(read, patient.patient_id)
            done = documents.of_patient(read, mine, with_void=True)
            self.to_do = [paper_views.paper(read, one, language) for one in paperwork.to_do(read, mine)]
            self.completed = [paper_views.document(read, line, language) for line in done]
            self.to_read = _by_visit(read, paperwork.to_read(read, mine), language)
            self.wakes_in = paper_views.seconds_to_next(read, mine)

        await self._ask(read)


def _by_visit(read: Reading, listed: list[Paper], language: str) -> list[GroupView]:
    found = []
    for visit, told in groupby(listed, key=lambda one: one.visit):
        title = paper_views.visit_line(visit, read, language) if visit else "For any time"
        shown = [paper_views.paper(read, one, language, names_visit=False) for one in told]
        found.append(GroupView(title, f"/portal/visit?ref={visit.reference}" if visit else "", shown))
    return found


def page() -> rx.Component:
    """Three parts, the most pressing first."""
    return portal_frame(
        step_title("Forms and instructions"),
        rx.el.p(
            "What a visit needs from you, what you told us and signed, and how to care for yourself before and after.",
            class_name=f"{MUTED} mt-1",
        ),
        rx.el.div(
            rx.el.div(
                _part(
                    "To do",
                    rx.cond(
                        FormsPage.to_do,
                        paper_pieces.papers(FormsPage.to_do),
                        paper_pieces.nothing("You are all set. Nothing is waiting for you."),
                    ),
                    name="to-do",
                ),
                _part(
                    "Completed",
                    rx.cond(
                        FormsPage.completed,
                        paper_pieces.documents(FormsPage.completed),
                        paper_pieces.nothing("What you fill in and sign is kept here for you, as it was signed."),
                    ),
                    name="completed",
                ),
                class_name="grid gap-5",
            ),
            _part(
                "Instructions",
                rx.cond(
                    FormsPage.to_read,
                    rx.fragment(rx.foreach(FormsPage.to_read, _group)),
                    paper_pieces.nothing("How to prepare for a treatment, and what to do after it, is told here."),
                ),
                name="instructions",
            ),
            class_name="grid grid-cols-1 lg:grid-cols-2 gap-5 mt-7 items-start",
        ),
        awake(seconds=FormsPage.wakes_in, on_look=FormsPage.look_again),
        here="Forms",
    )


def _part(title: str, *content: Any, name: str) -> rx.Component:
    return rx.el.section(card(rx.el.h2(title, id=f"{name}-title"), *content), id=name, aria_labelledby=f"{name}-title")


def _group(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(
            rx.cond(one.href != "", rx.el.a(one.title, href=one.href, class_name="hover:underline"), one.title),
            class_name="mt-7",
        ),
        paper_pieces.papers(one.papers),
    )

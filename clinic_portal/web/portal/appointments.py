"""All appointments, coming and past (S27, S50-S52)."""

from __future__ import annotations

from collections import Counter

import reflex as rx

from clinic_portal.booking import paperwork, queries
from clinic_portal.patients.queries import language_of
from clinic_portal.web.components.basics import MUTED, link_button, step_title
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.pieces import visit_entry
from clinic_portal.web.portal.views import VisitView


class Appointments(PortalPage, rx.State):
    """Two lists."""

    upcoming: list[VisitView] = []
    past: list[VisitView] = []

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the lists as they stand."""
        async with self._answering():
            await self._open("Appointments")
            patient = await self._patient()
            language = await self._ask(language_of, patient.patient_id)
            known = await self._ask(queries.visits_of, patient.patient_id)
            waiting = await self._ask(paperwork.to_do, patient.patient_id)
            left = Counter(one.visit.reference for one in waiting if one.visit)
            self.upcoming = [views.visit(line, language, left=left[line.reference]) for line in known.upcoming]
            self.past = [views.visit(line, language) for line in known.past]


def page() -> rx.Component:
    """Coming on the left, past on the right."""
    return portal_frame(
        rx.el.div(
            step_title("Appointments"),
            link_button("Book a visit", href="/book", small=True),
            class_name="flex justify-between items-center gap-4 flex-wrap",
        ),
        rx.el.div(
            rx.el.section(
                rx.el.h2("Upcoming", id="upcoming-title", class_name="mb-3"),
                rx.cond(
                    Appointments.upcoming,
                    rx.el.ul(rx.foreach(Appointments.upcoming, visit_entry), class_name="list-none p-0 m-0"),
                    _nothing("No visit is booked. Whenever you like, there is a time for you."),
                ),
                aria_labelledby="upcoming-title",
            ),
            rx.el.section(
                rx.el.h2("Past and cancelled", id="past-title", class_name="mb-3"),
                rx.cond(
                    Appointments.past,
                    rx.el.ul(rx.foreach(Appointments.past, visit_entry), class_name="list-none p-0 m-0"),
                    _nothing("No visit lies behind you yet."),
                ),
                aria_labelledby="past-title",
            ),
            class_name="grid grid-cols-1 lg:grid-cols-2 gap-7 mt-7 items-start",
        ),
        here="Appointments",
    )


def _nothing(sentence: str) -> rx.Component:
    return rx.el.p(
        sentence, class_name=f"{MUTED} border border-dashed border-[var(--line)] rounded-[var(--radius-m)] p-5"
    )

"""A questionnaire to answer, a consent to sign (S7, S8, S46, S47)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.errors import NotAllowed
from clinic_portal.forms import requests
from clinic_portal.forms.filling import ANSWERED
from clinic_portal.forms.types import Hand
from clinic_portal.memberships import offers
from clinic_portal.web import inputs
from clinic_portal.web.components.basics import CARD, MUTED, link_button, step_title
from clinic_portal.web.filling import Filling
from clinic_portal.web.forms.page import form_page, off_card
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame


class FormPage(Filling, PortalPage, rx.State):
    """A form of the patient's own; any other looks like one that does not exist."""

    is_missing: bool = False
    reader: str = ""  # who treats at the visit that it is for
    next_title: str = ""
    next_href: str = ""

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the form the address names."""
        async with self._answering():
            await self._open("Forms")
            self.is_missing = True
            try:
                await self._enter(inputs.row_id(self.router.url.query_parameters.get("id", "")))
            except (NotAllowed, inputs.BadInput):
                self._forget()
                return
            self.is_missing = False

    @rx.event
    @access(PATIENT)
    async def save(self, form: Any, link: Any, value: Any, base: Any, mark: Any) -> None:
        """Keep an answer as it is given."""
        async with self._answering():
            await self._keep(form, link, value, base, mark)

    @rx.event
    @access(PATIENT, by_itself=True)
    async def look(self) -> None:
        """Another device may have answered."""
        async with self._answering():
            await self._look()

    @rx.event
    @access(PATIENT)
    async def go(self, step: Any, link: Any) -> None:
        """To another part, or to one of its questions."""
        async with self._answering():
            await self._go(step, link)

    @rx.event
    @access(PATIENT)
    async def tell_change(self, has_changes: Any) -> None:
        """Has anything changed since last time?"""
        async with self._answering():
            await self._tell_change(has_changes)

    @rx.event
    @access(PATIENT)
    async def show_all(self) -> None:
        """What was carried over as well."""
        async with self._answering():
            await self._show_all()

    @rx.event
    @access(PATIENT)
    async def resolve(self, link: Any, which: Any) -> None:
        """Two devices gave two answers: this one."""
        async with self._answering():
            await self._resolve(link, which)

    @rx.event
    @access(PATIENT)
    async def add_row(self, link: Any) -> None:
        """One more in a list."""
        async with self._answering():
            await self._add_row(link)

    @rx.event
    @access(PATIENT)
    async def remove_row(self, link: Any, place: Any) -> None:
        """One less in a list."""
        async with self._answering():
            await self._remove_row(link, place)

    @rx.event
    @access(PATIENT)
    async def send(self) -> None:
        """Complete it."""
        async with self._answering():
            await self._send()

    async def _who(self) -> tuple[int, Hand]:
        patient = await self._patient()
        address, device = self._device()
        return patient.patient_id, Hand(patient.tag, f"{patient.given_name} {patient.family_name}", address, device)

    async def _sent(self, patient_id: int) -> None:
        asked = await self._ask(requests.mine, patient_id, self.request_id)
        visit = await self._ask(queries.visit, asked.appointment_id) if asked.appointment_id else None
        self.reader = visit.provider_name if visit else ""
        waiting = [one for one in await self._ask(paperwork.to_do, patient_id) if one.request.kind in ANSWERED]
        self.next_title = waiting[0].request.title if waiting else ""
        self.next_href = f"/portal/form?id={waiting[0].request.id}" if waiting else ""
        if await self._ask(offers.is_agreement, patient_id, asked):
            self.next_title, self.next_href = "your membership", "/portal/membership"


def page() -> rx.Component:
    """The form, and what comes after it."""
    return portal_frame(
        rx.cond(
            FormPage.is_missing,
            rx.el.div(
                step_title("We could not find that form"),
                rx.el.p("The link may be old, or the clinic no longer asks for it.", class_name=f"{MUTED} mt-2 mb-6"),
                link_button("My portal", href="/portal"),
            ),
            form_page(
                FormPage,
                done=_done(),
                off=off_card(
                    FormPage,
                    rx.cond(FormPage.document_id > 0, _document()),
                    link_button("My portal", href="/portal", ghost=True),
                ),
            ),
        ),
        here="Forms",
    )


def _done() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span("✓", aria_hidden="true", class_name="done-sign"),
            rx.el.h1("Thank you", id="form-done", tab_index=-1, class_name="mt-4"),
            rx.el.p(
                rx.cond(
                    FormPage.kind == "consent",
                    "It is signed and with the clinic.",
                    rx.cond(
                        FormPage.reader != "",
                        rx.fragment(FormPage.reader, " will see it before your visit."),
                        "The clinic has your answers.",
                    ),
                ),
                rx.cond(
                    FormPage.signs_later != "", rx.fragment(" It waits for ", FormPage.signs_later, " to sign as well.")
                ),
                class_name=f"{MUTED} mt-2",
            ),
            rx.cond(
                FormPage.next_href != "",
                rx.el.div(
                    rx.el.p("Still to do: ", rx.el.b(FormPage.next_title), class_name="mb-3"),
                    link_button("Go on", href=FormPage.next_href),
                    class_name="mt-6",
                ),
                rx.el.p("There is nothing else to fill in.", class_name="mt-6"),
            ),
            rx.el.div(
                _document(),
                link_button("My portal", href="/portal", ghost=True),
                class_name="flex flex-wrap justify-center gap-3 mt-6",
            ),
            class_name=f"{CARD} form-card text-center",
        ),
        class_name="form-page",
    )


def _document() -> rx.Component:
    return link_button("See the document", href=f"/portal/document?id={FormPage.document_id}", ghost=True)

"""A form filled in with the patient at the desk: on the staff's screen, signed by the patient there."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.core.errors import NotAllowed
from clinic_portal.forms.types import Hand
from clinic_portal.patients.access import must_see
from clinic_portal.patients.queries import names
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, Desk
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, link_button
from clinic_portal.web.filling import Filling
from clinic_portal.web.forms.page import form_page, off_card
from clinic_portal.web.gate import access


class DeskForm(Filling, AdminPage, rx.State):
    """A form of a patient, in the hand of one of the staff."""

    patient_id: int = 0
    patient: str = ""
    is_missing: bool = False
    may_read: bool = False

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def enter(self) -> None:
        """Show the form the address names."""
        async with self._answering():
            await self._open("Form")
            self.is_missing = True
            asked = self.router.url.query_parameters
            try:
                patient_id, request_id = inputs.row_id(asked.get("patient", "")), inputs.row_id(asked.get("id", ""))
                if patient_id != self.patient_id:
                    self._forget()
                self.patient_id = patient_id
                self.may_read = (await self._staff()).may(Permission.SEE_CHARTS)
                await self._enter(request_id)
                self.patient = (await self._ask(names, [patient_id])).get(patient_id, "")
            except (NotAllowed, inputs.BadInput):
                self._forget()
                self.patient, self.patient_id = "", 0
                return
            self.is_missing = False

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def save(self, form: Any, link: Any, value: Any, base: Any, mark: Any) -> None:
        """Keep an answer as it is given."""
        async with self._answering():
            await self._keep(form, link, value, base, mark)

    @rx.event
    @access(Permission.HANDLE_FORMS, by_itself=True)
    async def look(self) -> None:
        """Another device may have answered."""
        async with self._answering():
            await self._look()

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def go(self, step: Any, link: Any) -> None:
        """To another part, or to one of its questions."""
        async with self._answering():
            await self._go(step, link)

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def tell_change(self, has_changes: Any) -> None:
        """Has anything changed since last time?"""
        async with self._answering():
            await self._tell_change(has_changes)

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def show_all(self) -> None:
        """What was carried over as well."""
        async with self._answering():
            await self._show_all()

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def resolve(self, link: Any, which: Any) -> None:
        """Two devices gave two answers: this one."""
        async with self._answering():
            await self._resolve(link, which)

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def add_row(self, link: Any) -> None:
        """One more in a list."""
        async with self._answering():
            await self._add_row(link)

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def remove_row(self, link: Any, place: Any) -> None:
        """One less in a list."""
        async with self._answering():
            await self._remove_row(link, place)

    @rx.event
    @access(Permission.HANDLE_FORMS)
    async def send(self) -> None:
        """Complete it."""
        async with self._answering():
            await self._send()

    async def _who(self) -> tuple[int, Hand]:
        actor = await self._staff()
        actor.must(Permission.HANDLE_FORMS)
        address, device = self._device()
        sees_before = actor.may(Permission.SEE_CHARTS)
        patient_id = inputs.row_id(self.patient_id or self.router.url.query_parameters.get("patient", ""))
        await self._ask(must_see, actor, patient_id)
        return patient_id, Hand(actor.tag, actor.name, address, device, sees_before)


def page() -> rx.Component:
    """The form, and the way back to the patient."""
    return admin_frame(
        rx.cond(
            (Desk.page == "Form") & ~DeskForm.is_missing & (DeskForm.patient != ""),
            f"With {DeskForm.patient}",
            "A form",
        ),
        rx.cond(
            DeskForm.is_missing,
            rx.el.div(
                rx.el.p("There is no such form. It may be asked for no more.", class_name="mb-5"),
                link_button("All patients", href="/admin/patients", small=True),
                class_name=CARD,
            ),
            form_page(DeskForm, done=_done(), off=off_card(DeskForm, _back(), is_framed=True), is_framed=True),
        ),
        here="Patients",
        page="Form",
    )


def _back() -> rx.Component:
    return link_button("Back to the patient", href=f"/admin/patient?id={DeskForm.patient_id}", ghost=True)


def _done() -> rx.Component:
    return rx.el.div(
        rx.el.h2("It is complete", id="form-done", tab_index=-1),
        rx.el.p(
            rx.cond(
                DeskForm.signs_later != "",
                rx.fragment("Still to sign: ", DeskForm.signs_later, "."),
                "The patient finds it in their portal.",
            ),
            class_name=f"{MUTED} mt-1 mb-5",
        ),
        rx.el.div(
            rx.cond(
                DeskForm.may_read,
                link_button("See the document", href=f"/admin/document?id={DeskForm.document_id}", ghost=True),
            ),
            _back(),
            class_name="flex flex-wrap gap-3",
        ),
        class_name=f"{CARD} form-page",
    )

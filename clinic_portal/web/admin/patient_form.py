"""A patient is added, or how to reach one is changed; who may be known already is offered (P15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, Unusable
from clinic_portal.patients import desk, profile
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.patients import Patients
from clinic_portal.web.admin.person import LABELS, meant, person_fields
from clinic_portal.web.admin.settings.meanwhile import draw_meanwhile
from clinic_portal.web.components.basics import CARD, MUTED, button, link_button
from clinic_portal.web.components.fields import FieldView, fields
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "New patient"


class PatientForm(AdminPage, rx.State):
    """The form of the patient the address names, or of a new one; `known` are those it may be, with their pages."""

    form: list[FieldView] = []
    form_key: int = 0
    known: list[list[str]] = []
    may_add: bool = False
    _typed: dict[str, str] = {}
    _seen: dict[str, str] = {}

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def enter(self) -> None:
        """The page of a new patient; what was looked for before is written there."""
        async with self._answering():
            await self._open(PAGE)
            wanted = self._kept((await self.get_state(Patients)).wanted)
            self._seen = {}
            self._draw(meant(wanted), {}, "")

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def begin(self) -> None:
        """Change what is known of the patient whose page is open."""
        async with self._answering():
            await self._begin()

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def leave(self) -> EventSpec:
        """Rather not; nothing is kept."""
        self.form, self.known = [], []
        return rx.set_focus("change-person")

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def back(self) -> None:
        """To what was typed."""
        self._draw(self._typed, {}, self._login())

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def save(self, form: Any) -> EventSpec | None:
        """Keep what was typed."""
        async with self._answering():
            names = [one.name for one in self.form if one.kind != "title"]
            return await self._keep(inputs.fields(form, *names, most=320), is_another=False)
        return None

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def save_another(self) -> EventSpec | None:
        """It is another person than those who were offered."""
        async with self._answering():
            return await self._keep(self._typed, is_another=True)
        return None

    async def _keep(self, typed: dict[str, str], *, is_another: bool) -> EventSpec | None:
        clinic, actor, wanted = await self._clinic(), await self._staff(), self._wanted()
        told: dict[str, Any] = {"phone_region": clinic.clinic.phone_region, "zone": str(zone_of(clinic))}
        self._typed = typed
        try:
            if wanted:
                await self._do(desk.change, actor, wanted, typed, seen=self._seen, is_another=is_another, **told)
            else:
                told["language"] = clinic.clinic.language
                wanted = await self._do(desk.add, actor, typed, is_another=is_another, **told)
        except Unusable as refusal:
            self._draw(typed, {one.field: problem(one).sentence for one in refusal.faults}, self._login())
            return None
        except Conflict as refusal:
            if refusal.code == "patient_changed":
                await self._draw_changed(typed)
            if refusal.code != "patient_known":
                raise
            ids, names = refusal.facts["ids"], refusal.facts["names"]
            self.known = [[name, f"/admin/patient?id={one}"] for one, name in zip(ids, names, strict=True)]  # type: ignore[call-overload]
            self.may_add = bool(refusal.facts["may_add"])
            return rx.set_focus("known-title")
        self.form, self.known = [], []
        if not self._wanted():
            return rx.redirect(f"/admin/patient?id={wanted}")
        await self._after()
        return None

    async def _after(self) -> None:
        from clinic_portal.web.admin.chart.state import PatientPage  # it shows this form

        await (await self.get_state(PatientPage))._show()
        await self._tell("Saved", "It holds from now on.")

    async def _begin(self) -> None:
        found = await self._ask(profile.for_staff, await self._staff(), inputs.row_id(self._wanted()))
        self._seen = desk.fields_of(found.profile)
        self._draw(_shown(self._seen), {}, found.profile.email if found.has_portal else "")

    async def _draw_changed(self, typed: dict[str, str]) -> None:
        """The form with what was typed, each field marked that somebody changed meanwhile."""
        opened = _shown(self._seen)
        await self._begin()
        values, told = draw_meanwhile(self.form, opened=opened, typed={**opened, **typed})
        self._draw(values, told, self._login())

    async def _clinic(self) -> Catalogue:
        return await self._open("Patient" if self._wanted() else PAGE)

    def _wanted(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("id", ""))

    def _login(self) -> str:
        return self._seen.get("email", "") if all(one.name != "email" for one in self.form) else ""

    def _draw(self, typed: Mapping[str, str], errors: Mapping[str, str], login: str) -> None:
        """`login`: the e-mail address they sign in with, which they change themselves."""
        self.form_key += 1
        self.known, self._typed = [], dict(typed)
        hints = {"phone": f"They sign in with {login} and change that in their portal." if login else ""}
        names = [name for name in LABELS if not (login and name == "email")]
        self.form = person_fields(names, typed, errors, hints)


def _shown(seen: Mapping[str, str]) -> dict[str, str]:
    """A patient's fields as the form writes them."""
    return {**seen, **{name: wording.phone(seen[name]) for name in ("phone", "emergency_phone")}}


def page() -> rx.Component:
    """A form by itself."""
    return admin_frame(
        PAGE,
        rx.el.section(
            rx.el.p(
                "A phone number or an e-mail address is enough. The rest can wait until they come.",
                class_name=f"{MUTED} mb-5",
            ),
            person_form(is_new=True),
            class_name=f"{CARD} max-w-[760px]",
        ),
        here="Patients",
        page=PAGE,
    )


def person_form(*, is_new: bool = False) -> rx.Component:
    """The form, or whom it may be that is known already."""
    away = (
        link_button("Cancel", href="/admin/patients", ghost=True, small=True)
        if is_new
        else button("Cancel", ghost=True, small=True, on_click=PatientForm.leave)
    )
    return rx.cond(
        PatientForm.known,
        _known(),
        rx.el.form(
            rx.el.div(fields(PatientForm.form, PatientForm.form_key), class_name="person-form"),
            rx.el.div(
                button("Add the patient" if is_new else "Save", type="submit", small=True),
                away,
                class_name="flex flex-wrap gap-3 mt-5",
            ),
            id="person-form",
            no_validate=True,
            auto_complete="off",
            on_submit=PatientForm.save,
        ),
    )


def _known() -> rx.Component:
    return rx.el.div(
        rx.el.h2("We may know them already", id="known-title", tab_index=-1),
        rx.el.p("Nothing was saved. The same phone or e-mail address belongs to:", class_name="mt-1"),
        rx.el.ul(
            rx.foreach(
                PatientForm.known,
                lambda one: rx.el.li(
                    rx.el.a(one[0], href=one[1], class_name="link font-semibold overflow-anywhere", dir="auto"),
                    class_name="py-1.5",
                ),
            ),
            id="known",
            class_name="list-none p-0 mt-2 mb-0",
        ),
        rx.cond(
            ~PatientForm.may_add,
            rx.el.p(
                "One of them has the same name, too. If it is somebody else, type the date of birth of both.",
                class_name="mt-2",
            ),
        ),
        rx.el.div(
            rx.cond(
                PatientForm.may_add,
                button("It is another person: save", small=True, on_click=PatientForm.save_another),
            ),
            button("Back to the form", ghost=True, small=True, on_click=PatientForm.back),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4",
    )

"""How a patient is reminded, on their page: what they want, what does not reach them, by which clock (P14)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.work import Reading
from clinic_portal.patients import profile, wishes
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.components.basics import CARD, MUTED, SMALL
from clinic_portal.web.components.tick import tick
from clinic_portal.web.gate import access
from clinic_portal.web.portal import silences


class WishesPart(AdminPage, rx.State):
    """The reminders of the patient the address names."""

    by_email: bool = False
    by_sms: bool = False
    silent_email: str = ""
    silent_sms: str = ""
    time_zone: str = ""
    may_change: bool = False

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def tick_email(self, is_on: Any) -> None:
        """By e-mail, or not."""
        await self._change(by_email=is_on)

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def tick_sms(self, is_on: Any) -> None:
        """By text, or not."""
        await self._change(by_sms=is_on)

    async def _change(self, **ticked: Any) -> None:
        async with self._answering():
            wanted = {name: inputs.choice(is_on, (True, False)) for name, is_on in ticked.items()}
            clinic, actor = await self._open("Patient"), await self._staff()
            patient_id = inputs.id_in_address(self.router.url.query_parameters.get("id", ""))
            known = (await self._ask(profile.for_staff, actor, patient_id)).profile
            now = {"by_email": known.wants_email_reminders, "by_sms": known.wants_sms_reminders} | wanted
            await self._do(wishes.change_by_staff, actor, patient_id, **now)
            await self._look(clinic, actor, patient_id)

    async def _look(self, clinic: Catalogue, actor: StaffActor, patient_id: int) -> None:
        def read(read: Reading) -> None:
            known = profile.for_staff(read, actor, patient_id).profile
            self.by_email, self.by_sms = known.wants_email_reminders, known.wants_sms_reminders
            self.time_zone = (known.time_zone or "").replace("_", " ")
            told = silences.for_staff(read, patient_id, str(zone_of(clinic)), clinic.clinic.language)
            self.silent_email, self.silent_sms = told

        await self._ask(read)
        self.may_change = actor.may(Permission.HANDLE_MESSAGES)


def reminders() -> rx.Component:
    """A small part below how to reach them."""
    part = WishesPart
    return rx.el.section(
        rx.el.h2("Reminders"),
        rx.el.div(
            rx.cond(
                part.may_change,
                rx.fragment(
                    tick("By e-mail", part.by_email, part.tick_email),
                    _silent(part.silent_email),
                    tick("By text message", part.by_sms, part.tick_sms),
                    _silent(part.silent_sms),
                ),
                rx.fragment(
                    rx.el.p("By e-mail: ", rx.cond(part.by_email, "yes", "no")),
                    _silent(part.silent_email),
                    rx.el.p("By text message: ", rx.cond(part.by_sms, "yes", "no")),
                    _silent(part.silent_sms),
                ),
            ),
            class_name="grid gap-1 mt-2",
        ),
        rx.el.p(
            rx.cond(part.time_zone != "", f"Lives by the clock of {part.time_zone}.", ""),
            class_name=f"{SMALL} mt-2 empty:hidden",
        ),
        rx.cond(
            part.may_change,
            rx.el.p("What concerns a visit they booked or changed is always sent.", class_name=f"{SMALL} {MUTED} mt-1"),
        ),
        id="reminders",
        class_name=CARD,
    )


def _silent(told: Any) -> rx.Component:
    return rx.el.p(told, class_name="text-[13px] text-[var(--danger)] font-medium ml-8 empty:hidden")

"""Patients are found by name, e-mail or phone."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.core import wording
from clinic_portal.patients.queries import search
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL
from clinic_portal.web.gate import access


@dataclass
class FoundView:
    """A patient in the list."""

    href: str
    name: str
    email: str
    phone: str
    portal: str


class Patients(AdminPage, rx.State):
    """What was looked for, and who was found."""

    wanted: str = ""
    found: list[FoundView] = []

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def enter(self) -> None:
        """Look for what the address says."""
        async with self._answering():
            await self._open("Patients")
            actor = await self._staff()
            self.wanted = inputs.text(self.router.url.query_parameters.get("q", "")[:100], most=100)
            self.found = [
                FoundView(
                    f"/admin/patient?id={one.id}",
                    one.name,
                    one.email,
                    wording.phone(one.phone),
                    "" if one.has_portal else "no portal yet",
                )
                for one in await self._ask(search, actor, self.wanted)
            ]


def page() -> rx.Component:
    """A list."""
    return admin_frame(
        "Patients",
        rx.el.p(
            rx.cond(Patients.wanted != "", f"Found for “{Patients.wanted}”", "The newest"), class_name=f"{MUTED} mb-3"
        ),
        rx.cond(
            Patients.found,
            rx.el.ul(
                rx.foreach(
                    Patients.found,
                    lambda one: rx.el.li(
                        rx.el.a(
                            rx.el.span(
                                rx.el.b(one.name, class_name="overflow-anywhere"),
                                rx.el.span(one.portal, class_name=f"{SMALL} whitespace-nowrap"),
                                class_name="flex justify-between gap-3",
                            ),
                            rx.el.span(one.email, " · ", one.phone, class_name=f"{MUTED} overflow-anywhere"),
                            href=one.href,
                            class_name="block py-3 text-inherit no-underline hover:text-[var(--brand)]",
                        ),
                        class_name="border-b border-[var(--line)] last:border-0",
                    ),
                ),
                id="found",
                class_name=f"{CARD} list-none !py-2 m-0",
            ),
            rx.el.p("Nobody was found. Try a part of the name, the e-mail or the phone.", class_name=CARD),
        ),
        here="Patients",
        page="Patients",
    )

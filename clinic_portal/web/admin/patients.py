"""Patients are found by name, phone, e-mail or date of birth, as one types; the newest stand here first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import around
from clinic_portal.booking.around import Around
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.patients import notes, searching
from clinic_portal.patients.types import Found
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import KEPT, AdminPage, list_address, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, link_button, turning
from clinic_portal.web.components.slash import slash
from clinic_portal.web.gate import access

PAGE, MOST = "Patients", 50
_AFTER = re.compile(r"([0-9])-([0-9]{1,10})")


@dataclass
class FoundView:
    """A patient in the list."""

    href: str
    name: str
    born: str
    phone: str
    email: str
    portal: str
    last: str
    next: str
    has_alert: bool


class Patients(AdminPage, rx.State):
    """What was looked for, and who was found."""

    wanted: str = ""
    found: list[FoundView] = []
    newest: str = ""  # where the first page is; empty on it
    older: str = ""
    adds: bool = False

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def enter(self) -> None:
        """Look for what was looked for before, if the address says so."""
        async with self._answering():
            clinic = await self._open(PAGE)
            asked = self.router.url.query_parameters
            self.wanted = self._kept(self.wanted)
            after = _AFTER.fullmatch(asked.get("after", ""))
            await self._look(clinic, (int(after[1]), int(after[2])) if after else None)

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def look(self, typed: Any) -> None:
        """Show whom they mean, as they type."""
        async with self._answering():
            self.wanted = inputs.text(typed, most=100).strip()
            await self._look(await self._open(PAGE), None)

    @rx.event
    @access(Permission.SEE_PATIENTS)
    async def go(self, form: Any) -> EventSpec | None:
        """Enter: the one who was found, where it is one; else the list, to which one comes back."""
        async with self._answering():
            self.wanted = inputs.fields(form, "wanted", most=100)["wanted"].strip()
            await self._look(await self._open(PAGE), None)
            only = self.wanted and len(self.found) == 1
            return rx.redirect(self.found[0].href if only else address(self.wanted))
        return None

    async def _look(self, clinic: Catalogue, after: tuple[int, int] | None) -> None:
        actor, wanted = await self._staff(), self.wanted

        def read(read: Reading) -> tuple[list[FoundView], tuple[int, int] | None]:
            page = searching.page(read, actor, wanted, most=MOST, after=after)
            return views(read, actor, page.found, clinic), page.older

        self.found, older = await self._ask(read)
        self.older = address(self.wanted, older) if older else ""
        self.newest = address(self.wanted) if after else ""
        self.adds = actor.may(Permission.CHANGE_PATIENTS)


def views(read: Reading, actor: StaffActor, found: tuple[Found, ...], clinic: Catalogue) -> list[FoundView]:
    """Those who were found, with their visits and alerts: one statement each for all of them."""
    ids = [one.id for one in found]
    visits = around.around(read, actor, ids) if actor.may(Permission.SEE_DAY) else {}
    alerts = notes.with_alert(read, ids) if actor.may(Permission.WRITE_NOTES) else frozenset()
    zone, language = str(zone_of(clinic)), clinic.clinic.language

    def day(at: Any) -> str:
        return wording.born(wording.local(at, zone).date(), language) if at else ""

    return [
        FoundView(
            href=f"/admin/patient?id={one.id}",
            name=one.name,
            born=wording.born(one.birth_on, language) if one.birth_on else "",
            phone=wording.phone(one.phone),
            email=one.email,
            portal="Has a portal" if one.has_portal else "No portal yet",
            last=day(visits.get(one.id, Around()).last_at),
            next=day(visits.get(one.id, Around()).next_at),
            has_alert=one.id in alerts,
        )
        for one in found
    ]


def address(wanted: str = "", after: tuple[int, int] | None = None) -> str:
    """Where a search stands, or goes on; it never says what was looked for."""
    return list_address("/admin/patients", words=wanted, after=f"{after[0]}-{after[1]}" if after else "")


def page() -> rx.Component:
    """A search, and a list that is cards on a phone."""
    return admin_frame(
        PAGE,
        rx.el.div(
            _search(),
            rx.cond(
                Patients.adds,
                link_button("New patient", href="/admin/patients/new", ghost=True, small=True),
            ),
            class_name="flex flex-wrap items-end justify-between gap-3 mb-4",
        ),
        rx.el.p(
            rx.cond(
                Patients.wanted == "",
                rx.cond(Patients.newest != "", "Older ones", "The newest"),
                rx.cond(
                    Patients.found,
                    rx.fragment(
                        "Found for “",
                        rx.el.bdi(Patients.wanted),
                        "”: ",
                        rx.cond(
                            Patients.newest != "",
                            f"{Patients.found.length()} more.",
                            rx.cond(
                                Patients.older != "",
                                f"the first {Patients.found.length()}. Type more to narrow it down.",
                                Patients.found.length().to(str),
                            ),
                        ),
                    ),
                    rx.fragment("Nobody was found for “", rx.el.bdi(Patients.wanted), "”."),
                ),
            ),
            id="told",
            role="status",
            class_name=f"{MUTED} mb-3 overflow-anywhere",
        ),
        rx.cond(Patients.found, _list(), _nobody()),
        turning(Patients.newest, Patients.older),
        here=PAGE,
        page=PAGE,
        is_searching=True,
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.label("Name, phone, e-mail or date of birth", html_for="wanted", class_name="block font-semibold mb-1.5"),
        rx.el.input(
            id="wanted",
            name="wanted",
            type="search",
            default_value=Patients.wanted,
            auto_complete="off",
            spell_check=False,
            max_length=100,
            placeholder="Ana Oak, 555 0142, 3/14/1990 …",
            on_change=lambda typed: Patients.look(typed).debounce(250),
            aria_controls="found",
            class_name="field",
        ),
        slash(to="wanted"),
        on_submit=Patients.go,
        role="search",
        aria_label="Patients",
        class_name="grow max-w-[520px]",
    )


def _nobody() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.cond(
                Patients.wanted != "",
                "Try a part of the name, the e-mail or the last digits of the phone.",
                "Whoever books or is added stands here.",
            )
        ),
        rx.cond(
            Patients.adds & (Patients.wanted != ""),
            link_button(
                "Add them as a new patient",
                href=f"/admin/patients/new?{urlencode(KEPT)}",
                small=True,
                class_name="mt-4",
            ),
        ),
        id="found",
        class_name=CARD,
    )


def _list() -> rx.Component:
    heads = ("Name", "Born", "Phone", "E-mail", "Portal", "Last visit", "Next visit")
    return rx.el.div(
        rx.el.div(
            *[rx.el.span(head) for head in heads], aria_hidden="true", class_name=f"people-line people-head {SMALL}"
        ),
        rx.el.ul(rx.foreach(Patients.found, _line), id="found", class_name="list-none p-0 m-0"),
        class_name=f"{CARD} !py-2",
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                rx.el.a(one.name, href=one.href, class_name="people-name overflow-anywhere", dir="auto"),
                rx.cond(
                    one.has_alert, rx.el.span(rx.el.span("! ", aria_hidden="true"), "Alert", class_name="mark red")
                ),
                class_name="flex flex-wrap gap-x-2 items-baseline min-w-0",
            ),
            _cell("Born", one.born),
            _cell("Phone", one.phone),
            _cell("E-mail", one.email),
            _cell("", one.portal),
            _cell("Last visit", one.last),
            _cell("Next visit", one.next),
            class_name="people-line",
        ),
        class_name="border-b border-[var(--line)] last:border-0",
    )


def _cell(name: str, value: Any) -> rx.Component:
    label = rx.el.span(f"{name}: ", class_name="people-label") if name else rx.fragment()
    return rx.cond(
        value != "",
        rx.el.span(label, value, class_name="overflow-anywhere"),
        rx.el.span(rx.el.span("–", aria_hidden="true"), class_name=f"people-none {SMALL}"),
    )

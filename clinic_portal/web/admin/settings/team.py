"""The team: who may come in, with which role (P15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts import second_factor, staff
from clinic_portal.accounts.roles import LABELS, MAY, Permission
from clinic_portal.accounts.types import StaffMember
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, Invalid
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

CLOSED = -1
CALENDARS, PATIENTS = "sees_every_calendar", "sees_every_patient"
EVERY, OWN = "every", "own"


@dataclass
class MemberView:
    """Someone of the staff."""

    id: int
    name: str
    email: str
    role: str
    state: str
    is_active: bool
    is_invited: bool
    has_second_factor: bool


class Team(AdminPage, rx.State):
    """Everyone, and a form for one of them."""

    members: list[MemberView] = []
    editing: int = CLOSED
    form: list[FieldView] = []
    form_key: int = 0

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def enter(self) -> None:
        """Show everyone."""
        async with self._answering():
            self.editing = CLOSED
            await self._look()

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def edit(self, staff_id: Any) -> None:
        """Open the form of one of them; 0 invites someone."""
        async with self._answering():
            wanted = inputs.row_id(staff_id, least=0)
            clinic = await self._open("Team")
            values: dict[str, str] = {}
            if wanted:
                known = await self._ask(staff.member, wanted)
                values = {"name": known.name, "role": known.role, "provider_id": str(known.provider_id or "")}
                values |= {CALENDARS: _chosen(known.sees_every_calendar), PATIENTS: _chosen(known.sees_every_patient)}
            self.editing = wanted
            self._draw(clinic, values, {})

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def close(self) -> None:
        """Put the form away."""
        self.editing = CLOSED

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def save(self, form: Any) -> None:
        """Invite, or change."""
        async with self._answering():
            typed = inputs.fields(form, "name", "email", "role", "provider_id", CALENDARS, PATIENTS, most=300)
            clinic = await self._open("Team")
            provider_id = inputs.row_id(typed["provider_id"]) if typed["provider_id"] else None
            if provider_id is not None and provider_id not in clinic.providers:
                raise inputs.BadInput
            role = inputs.choice(typed["role"], tuple(LABELS))
            sees = {name: inputs.choice(typed[name], (EVERY, OWN)) == EVERY for name in (CALENDARS, PATIENTS)}
            told: dict[str, Any] = {"name": typed["name"], "role": role, "provider_id": provider_id, **sees}
            actor, is_new = await self._staff(), self.editing == 0
            try:
                if is_new:
                    await self._do(staff.invite, actor, email=typed["email"], **told)
                else:
                    await self._do(staff.change, actor, self.editing, **told)
            except (Invalid, Conflict) as refusal:
                field = refusal.field if isinstance(refusal, Invalid) else "email" if is_new else "role"
                self._draw(clinic, typed, {field: problem(refusal).sentence})
                return
            self.editing = CLOSED
            await self._look()
            await self._tell(*(("Invited", "An e-mail with a link is on its way.") if is_new else ("Saved",)))

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def switch(self, staff_id: Any) -> None:
        """Let someone in no more, or again."""
        async with self._answering():
            wanted = inputs.row_id(staff_id)
            known = await self._ask(staff.member, wanted)
            await self._do(staff.switch, await self._staff(), wanted, is_active=not known.is_active)
            await self._look()

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def invite_again(self, staff_id: Any) -> None:
        """Send the invitation once more."""
        async with self._answering():
            await self._do(staff.invite_again, await self._staff(), inputs.row_id(staff_id))
            await self._tell("Sent", "The earlier link has ended.")

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def sign_out(self, staff_id: Any) -> None:
        """Sign someone out everywhere."""
        async with self._answering():
            await self._do(staff.end_sessions, await self._staff(), inputs.row_id(staff_id))
            await self._tell("Signed out everywhere")

    @rx.event
    @access(Permission.MANAGE_STAFF)
    async def take_off_factor(self, staff_id: Any) -> None:
        """For someone who lost their authenticator and the codes."""
        async with self._answering():
            await self._do(second_factor.take_off, await self._staff(), inputs.row_id(staff_id))
            await self._look()
            await self._tell(
                "The authenticator is off", "They set up a new one at their next sign-in, where you ask for it."
            )

    async def _look(self) -> None:
        clinic = await self._open("Team")
        zone, language = str(zone_of(clinic)), clinic.clinic.language

        def state(one: StaffMember) -> str:
            if not one.is_active:
                return "not let in"
            if not one.has_password:
                return "invited"
            seen = one.last_signed_in_at
            return f"last in {wording.day(seen, zone, language, length='medium')}" if seen else "never in yet"

        self.members = [
            MemberView(
                one.id,
                one.name,
                one.email,
                LABELS[one.role] + _narrowed(one),
                state(one) + (" · authenticator on" if one.has_second_factor else ""),
                one.is_active,
                one.is_active and not one.has_password,
                one.has_second_factor,
            )
            for one in await self._ask(staff.members)
        ]

    def _draw(self, clinic: Catalogue, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        self.form_key += 1
        calendars = [["", "None"], *([str(one.id), one.name] for one in clinic.providers.values())]
        email = [FieldView("email", "E-mail", values.get("email", ""), "email", errors.get("email", ""))]
        self.form = focused(
            [
                FieldView("name", "Name", values.get("name", ""), "text", errors.get("name", "")),
                *(email if self.editing == 0 else []),
                FieldView(
                    "role",
                    "Role",
                    values.get("role", "front_desk"),
                    "choice",
                    errors.get("role", ""),
                    choices=[[role, label] for role, label in LABELS.items()],
                ),
                FieldView(
                    "provider_id",
                    "Whose calendar is theirs",
                    values.get("provider_id", ""),
                    "choice",
                    errors.get("provider_id", ""),
                    choices=calendars,
                ),
                FieldView(
                    CALENDARS,
                    "Which calendars a provider sees",
                    values.get(CALENDARS, OWN),
                    "choice",
                    hint="Every other role sees all of them.",
                    choices=[[EVERY, "Every calendar"], [OWN, "Only their own"]],
                ),
                FieldView(
                    PATIENTS,
                    "Which patients a provider sees",
                    values.get(PATIENTS, OWN),
                    "choice",
                    hint="Their own are those who ever had a visit with them. It holds from their next click on.",
                    choices=[[EVERY, "Every patient"], [OWN, "Only their own"]],
                ),
            ]
        )


def _chosen(sees_every: bool) -> str:
    return EVERY if sees_every else OWN


def _narrowed(one: StaffMember) -> str:
    """What a provider sees, in words."""
    if one.role != "provider":
        return ""
    own = [
        word
        for word, every in (("calendar", one.sees_every_calendar), ("patients", one.sees_every_patient))
        if not every
    ]
    return f", sees only their own {' and '.join(own)}" if own else ", sees every calendar and patient"


def page() -> rx.Component:
    """Everyone, then what each role may do."""
    return settings_frame(
        "Team",
        rx.el.div(
            rx.el.p("Who may come in to these pages.", class_name=MUTED),
            button("Invite someone", small=True, on_click=Team.edit(0)),
            class_name="flex justify-between items-center gap-4 mb-4",
        ),
        rx.cond(Team.editing == 0, _form("Invite someone")),
        rx.el.ul(rx.foreach(Team.members, _member), id="members", class_name=f"{CARD} list-none !py-1 m-0"),
        rx.el.h2("Who may do what", class_name="mt-8 mb-3"),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("", class_name="text-left p-2"),
                        *[
                            rx.el.th(label, scope="col", class_name="p-2 text-[13px] font-semibold")
                            for label in LABELS.values()
                        ],
                    )
                ),
                rx.el.tbody(
                    *[
                        rx.el.tr(
                            rx.el.th(
                                permission.value[:1].upper() + permission.value[1:],
                                scope="row",
                                class_name="text-left font-normal p-2 text-[14px]",
                            ),
                            *[
                                rx.el.td(
                                    "yes" if permission in MAY[role] else "–", class_name="text-center p-2 text-[13px]"
                                )
                                for role in LABELS
                            ],
                            class_name="border-t border-[var(--line)]",
                        )
                        for permission in Permission
                    ]
                ),
                class_name="w-full border-collapse",
            ),
            class_name=f"{CARD} overflow-x-auto",
            tab_index=0,
            role="region",
            aria_label="Who may do what",
        ),
        page="Team",
    )


def _member(one: Any) -> rx.Component:
    def act(label: Any, handler: Any) -> rx.Component:
        return rx.el.button(
            label,
            rx.el.span(" ", one.name, class_name="sr"),
            type="button",
            class_name="link",
            on_click=handler(one.id),
        )

    return rx.el.li(
        rx.cond(
            Team.editing == one.id,
            _form(one.name),
            rx.el.div(
                rx.el.div(
                    rx.el.p(rx.el.b(one.name), " · ", one.role, class_name="overflow-anywhere"),
                    rx.el.p(one.email, " · ", one.state, class_name=f"{SMALL} overflow-anywhere"),
                ),
                rx.el.div(
                    act("Change", Team.edit),
                    rx.cond(one.is_invited, act("Invite again", Team.invite_again)),
                    act("Sign out", Team.sign_out),
                    rx.cond(one.has_second_factor, act("Authenticator off", Team.take_off_factor)),
                    act(rx.cond(one.is_active, "Switch off", "Switch on"), Team.switch),
                    class_name="flex flex-wrap gap-x-4",
                ),
                class_name="flex justify-between items-center gap-4 flex-wrap",
            ),
        ),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )


def _form(title: Any) -> rx.Component:
    return rx.el.form(
        rx.el.h2(title, class_name="mb-3"),
        fields(Team.form, Team.form_key),
        rx.el.div(
            button("Save", type="submit", small=True),
            button("Do not save", ghost=True, small=True, on_click=Team.close),
            class_name="flex gap-3 mt-5",
        ),
        no_validate=True,
        on_submit=Team.save,
        class_name="bg-[var(--sunken)] rounded-[var(--radius-m)] p-5 my-3",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/settings/team", page, [Team.enter], "Team"),)

"""Reminders: what is reminded of, how, how long before; quiet hours; who is reminded (P14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic import editing
from clinic_portal.clinic.types import Catalogue, ClinicInfo
from clinic_portal.core.errors import Conflict, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.messaging import lead_times
from clinic_portal.messaging.types import Channel
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings import reminder_words as words
from clinic_portal.web.admin.settings.dated import DateView, removable
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, card
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "Reminders"
NO_TIME = "Please give a time of day."
USUAL = {"about": "visit", "channel": "email", "amount": "2", "unit": "days"}


class Reminders(AdminPage, rx.State):
    """The lead times as a list, a form for one more, and the quiet hours."""

    lines: list[DateView] = []
    form: list[FieldView] = []
    form_key: int = 0
    quiet_form: list[FieldView] = []
    quiet_key: int = 0
    quiet_told: str = ""

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show how they stand."""
        async with self._answering():
            await self._look()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def add(self, form: Any) -> None:
        """Remind so, too."""
        async with self._answering():
            typed = inputs.fields(form, *USUAL, most=20)
            inputs.choice(typed["about"], lead_times.ABOUT)
            inputs.choice(typed["channel"], tuple(one.value for one in Channel))
            inputs.choice(typed["unit"], tuple(lead_times.UNITS))
            try:
                await self._do(lead_times.add, await self._staff(), **typed)
            except Unusable as refusal:
                await self._open(PAGE)
                self._draw(typed, {fault.field: problem(fault).sentence for fault in refusal.faults})
                return
            except Conflict:
                self._draw(typed, {})
                raise
            await self._look()
            await self._tell("Saved", "Visits are reminded of so from now on; what was due earlier is not made up for.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def remove(self, reminder_id: Any) -> None:
        """Remind so no more."""
        async with self._answering():
            await self._do(lead_times.remove, await self._staff(), inputs.row_id(reminder_id))
            await self._look()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save_quiet(self, form: Any) -> None:
        """Keep the quiet hours."""
        async with self._answering():
            ticked = inputs.ticks(form, "keeps_quiet")["keeps_quiet"]
            typed = inputs.fields(form, "quiet_from", "quiet_until", most=10)
            minutes = {name: words.minute_of(typed[name]) for name in typed}
            missing = [name for name, value in minutes.items() if ticked and value is None]
            if missing:
                errors = dict.fromkeys(missing, NO_TIME)
                self._draw_quiet({**typed, "keeps_quiet": "yes"}, errors)
                return
            first, last = (minutes["quiet_from"], minutes["quiet_until"]) if ticked else (0, 0)
            values = {"quiet_from_minutes": str(first), "quiet_until_minutes": str(last)}
            await self._do(editing.change_clinic, await self._staff(), values)
            await self._look()
            await self._tell("Saved", "It holds from now on.")

    async def _look(self) -> None:
        clinic = await self._open(PAGE)

        def read(read: Reading) -> list[DateView]:
            return [
                DateView(str(one.id), words.title(one), words.example(one, clinic, str(zone_of(clinic)), read.now))
                for one in lead_times.lead_times(read)
            ]

        self.lines = await self._ask(read)
        self._draw(USUAL, {})
        self._show_quiet(clinic)

    def _show_quiet(self, clinic: Catalogue) -> None:
        known: ClinicInfo = clinic.clinic
        keeps = known.quiet_from_minutes != known.quiet_until_minutes
        shown = (known.quiet_from_minutes, known.quiet_until_minutes) if keeps else words.USUAL_QUIET
        told = [f"{minute // 60:02}:{minute % 60:02}" for minute in shown]
        self.quiet_told = words.quiet(known)
        self._draw_quiet({"keeps_quiet": "yes" if keeps else "", "quiet_from": told[0], "quiet_until": told[1]}, {})

    def _draw(self, typed: Mapping[str, str], errors: Mapping[str, str]) -> None:
        self.form_key += 1
        self.form = focused(
            [
                FieldView("about", "Of what", typed["about"], "choice", choices=words.ABOUT),
                FieldView("channel", "How", typed["channel"], "choice", choices=words.CHANNELS),
                FieldView("amount", "How long before", typed["amount"], "number", errors.get("amount", "")),
                FieldView("unit", "Days or hours", typed["unit"], "choice", choices=words.UNITS),
            ],
            is_opened=False,
        )

    def _draw_quiet(self, typed: Mapping[str, str], errors: Mapping[str, str]) -> None:
        self.quiet_key += 1
        self.quiet_form = focused(
            [
                FieldView("keeps_quiet", "Keep quiet hours", typed.get("keeps_quiet", ""), "tick"),
                *(
                    FieldView(name, label, typed.get(name, ""), "time", errors.get(name, ""))
                    for name, label in (("quiet_from", "From"), ("quiet_until", "Until"))
                ),
            ],
            is_opened=False,
        )


def page() -> rx.Component:
    """The list first, then the quiet hours, then who is reminded."""
    return settings_frame(PAGE, _lead_times(), _quiet(), _who(), page=PAGE)


def _lead_times() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Before a visit"),
        rx.cond(
            Reminders.lines,
            rx.el.p(
                "Of several that are due at once by the same way, only the latest goes out.", class_name=f"{MUTED} mt-1"
            ),
            rx.el.p(
                "Nobody is reminded yet. A reminder the day before keeps visits from being forgotten; add one below.",
                id="no-reminders",
                class_name=f"{MUTED} mt-1",
            ),
        ),
        rx.el.div(removable(Reminders.lines, "Remove", Reminders.remove), id="reminders"),
        rx.el.form(
            rx.el.h3("One more", class_name="mb-3"),
            rx.el.div(
                fields(Reminders.form, Reminders.form_key), class_name="[&>div]:sm:grid-cols-2 [&>div]:xl:grid-cols-4"
            ),
            button("Add", type="submit", small=True, class_name="mt-4"),
            id="add-reminder",
            no_validate=True,
            on_submit=Reminders.add,
            class_name="bg-[var(--sunken)] rounded-[var(--radius-m)] p-5 mt-5",
        ),
        class_name=f"{CARD} mb-5",
    )


def _quiet() -> rx.Component:
    return rx.el.form(
        rx.el.h2("Quiet hours"),
        rx.el.p(Reminders.quiet_told, id="quiet-told", class_name="mt-1"),
        rx.el.p(
            "By each patient’s own clock. Reminders, advice for afterwards and texts about money wait until they end. "
            "Codes, confirmations and answers to what a patient just did go out at once.",
            class_name=f"{SMALL} mt-1 mb-4",
        ),
        rx.el.div(
            fields(Reminders.quiet_form, Reminders.quiet_key),
            class_name="[&>div]:sm:grid-cols-[160px_160px] [&>div>*:first-child]:sm:col-span-2",
        ),
        button("Save quiet hours", type="submit", small=True, class_name="mt-4"),
        id="quiet-hours",
        no_validate=True,
        on_submit=Reminders.save_quiet,
        class_name=f"{CARD} mb-5",
    )


def _who() -> rx.Component:
    return card(
        rx.el.h2("Who is reminded"),
        rx.el.ul(*[rx.el.li(one) for one in words.WHO], class_name="mt-2 pl-5 grid gap-1.5 list-disc"),
        rx.el.p(
            "What reminders say you change under ",
            rx.el.a("Messages, Texts", href="/admin/messages/texts", class_name="link"),
            ".",
            class_name=f"{SMALL} mt-3",
        ),
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/settings/reminders", page, [Reminders.enter], PAGE),)

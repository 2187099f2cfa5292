"""The cancellation policy: the clinic's, and those that services have of their own (P4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic import policies, sheets
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.sheets import PolicySheet
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Unusable
from clinic_portal.core.work import Reading
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.settings import policy_views as views
from clinic_portal.web.admin.settings.policy_views import Preview, SpecialView, VersionView
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "Cancellation policy"
EVERYONE = 0
"""Whom the clinic's own policy is for: every service that has no other."""


class Policy(AdminPage, rx.State):
    """A form for the next version, how patients would read it, and the versions there are."""

    about: int = EVERYONE
    choices: list[list[str]] = []
    standing: str = ""
    is_in_force: bool = False
    form: dict[str, str] = dict(views.NEW)
    errors: dict[str, str] = dict.fromkeys(views.FIELDS, "")
    form_key: int = 0
    focus_on: str = ""
    focus_number: int = 0
    currency: str = ""
    preview: Preview = Preview()
    specials: list[SpecialView] = []
    versions: list[VersionView] = []
    earlier: list[VersionView] = []

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show the clinic's policy."""
        async with self._answering():
            self.about, self.focus_number = EVERYONE, 0
            await self._look()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def choose(self, service_id: Any) -> EventSpec | None:
        """Turn to the policy of one service, or back to the clinic's."""
        async with self._answering():
            wanted = inputs.row_id(service_id, least=EVERYONE)
            if wanted:
                await self._ask(sheets.sheet, "service", wanted)
            self.about = wanted
            await self._look()
            return rx.set_focus("about")
        return None

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def write(self, field: Any, text: Any) -> None:
        """Keep what is typed, and show how patients would read it."""
        async with self._answering():
            name = inputs.choice(field, views.FIELDS)
            self.form = {**self.form, name: inputs.text(text, most=9000)}
            clinic, now = await self._ask(_now)
            self.preview = views.preview(clinic, self.form, self.about, now)

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def suggest(self) -> None:
        """Write what the card is for from the numbers."""
        async with self._answering():
            clinic, now = await self._ask(_now)
            told = views.card_text(clinic, self.form)
            if told:
                self.form = {**self.form, "card_text": told}
                self.preview = views.preview(clinic, self.form, self.about, now)
                self.form_key += 1

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def publish(self, form: Any) -> None:
        """Put a new version in force."""
        async with self._answering():
            told = inputs.fields(form, *views.FIELDS, most=9000)
            about = inputs.row_id(self.about, least=EVERYONE)
            self.form = told
            try:
                await self._do(
                    policies.publish,
                    await self._staff(),
                    views.typed(told),
                    currency=inputs.text(self.currency, most=3),
                    service_id=about or None,
                )
            except Unusable as refusal:
                self._refuse(refusal)
                return
            await self._look()
            await self._tell(
                "The new policy is in force", "What was booked before keeps the policy it was booked under."
            )

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def withdraw(self) -> None:
        """No policy any more; for a service, the clinic's again."""
        async with self._answering():
            about = inputs.row_id(self.about, least=EVERYONE)
            await self._do(policies.withdraw, await self._staff(), service_id=about or None)
            await self._look()
            if about:
                await self._tell("The clinic’s policy holds again", "For what is booked from now on.")
            else:
                await self._tell("The clinic has no policy now", "New visits can be cancelled for nothing.")

    def _refuse(self, refusal: Unusable) -> None:
        told = {views.FEES.get(one.field, one.field): problem(one).sentence for one in reversed(refusal.faults)}
        self.errors = {name: told.get(name, "") for name in views.FIELDS}
        self.focus_on = next(name for name in ("free_hours", "late", "missed", "text", "card_text") if name in told)
        self.focus_number += 1

    async def _look(self) -> None:
        clinic = await self._open(PAGE)
        found, services = await self._ask(_sheets)
        names = {one.id: one.name for one in services}
        mine = [one for one in found if (one.service_id or EVERYONE) == self.about]
        now = next((one for one in mine if one.is_in_force), None)
        self.currency = clinic.clinic.currency
        self.choices = _choices(clinic, names)
        self.is_in_force, self.standing = now is not None, _standing(clinic, now, names.get(self.about, ""))
        self.form = views.shown(now or (mine[0] if mine else clinic.policy if self.about else None))
        if self.about and not mine:
            self.form = {**self.form, "card_text": ""}
        self.errors = dict.fromkeys(views.FIELDS, "")
        self.form_key += 1
        told = views.versions(clinic, found, names)
        self.versions = [one for one in told if one.is_in_force]
        self.earlier = [one for one in told if not one.is_in_force]
        self.specials = views.specials(clinic)
        _, at = await self._ask(_now)
        self.preview = views.preview(clinic, self.form, self.about, at)


def _now(read: Reading) -> tuple[Catalogue, datetime]:
    return catalogue(read), read.now


def _sheets(read: Reading) -> tuple[list[PolicySheet], list[sheets.Sheet]]:
    return sheets.policies(read), sheets.sheets(read, "service")


def _choices(clinic: Catalogue, names: Mapping[int, str]) -> list[list[str]]:
    own = clinic.own_policies
    told = [[str(one), f"{name}, its own" if one in own else name] for one, name in names.items()]
    return [[str(EVERYONE), "Every service that has no other"], *told]


def _standing(clinic: Catalogue, now: PolicySheet | None, service: str) -> str:
    """What holds today."""
    if now is not None:
        since = wording.day(now.published_at, str(zone_of(clinic)), clinic.clinic.language, length="medium")
        return f"Version {now.version} is in force since {since}."
    if not service:
        return "None is in force: visits can be cancelled for nothing."
    return "It has none of its own yet. What you put in force here holds for it from then on, instead of the clinic’s."

"""State of the first run: one step at a time, each kept as soon as it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.accounts.types import SessionInfo
from clinic_portal.bootstrap import senders, services
from clinic_portal.clinic import founding_rules
from clinic_portal.core.errors import Unusable
from clinic_portal.core.work import Reading
from clinic_portal.messaging.ports import SendFailed
from clinic_portal.scheduling import editing as hours
from clinic_portal.setup import first_run
from clinic_portal.setup.first_run import STEPS, FirstRun
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import Desk
from clinic_portal.web.admin.settings import stretches
from clinic_portal.web.admin.settings.hours import DAYS
from clinic_portal.web.admin.settings.stretches import DayView, LineView
from clinic_portal.web.components.fields import FieldView
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem, problem
from clinic_portal.web.setup import views

DONE = "done"
OWNERS = Permission.CHANGE_CLINIC
BESIDE = {"clinic": ("phone_region",), "location": ("country", "time_zone"), "provider": ("is_me",)}
"""Fields of a step that its page draws itself."""
SETTINGS = {
    "clinic": "/admin/settings/booking",
    "location": "/admin/settings/locations",
    "provider": "/admin/settings/providers",
    "hours": "/admin/settings/hours",
    "service": "/admin/settings/services",
}
"""Where a step's things are changed once the first visit is booked."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the first run has come, and who is signed in here, from one read."""

    run: FirstRun
    is_open: bool
    is_over: bool
    signed_in: tuple[StaffActor, SessionInfo] | None


class Setup(Door, rx.State):
    """What the present step shows. `told`: single words and sentences, by name."""

    step: str = ""
    done: list[str] = []
    form: list[FieldView] = []
    more: list[FieldView] = []
    week: list[DayView] = []
    told: dict[str, str] = {}
    drawn: int = 0
    drawn_more: int = 0
    _lines: int = 0

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """The way in: to the first step for whoever has the key, to the next one for the owner."""
        async with self._answering():
            seen = await self._ask(_look, self._cookies.staff)
            if seen.signed_in and seen.signed_in[0].may(OWNERS):
                return rx.redirect(_page(DONE if seen.is_open else seen.run.next_step))
            self.done, self.form, self.told = [], [], {}
            self.step = "wait" if seen.signed_in else "come_in" if seen.run.has_owner else "you"
            if self.step == "you" and self.router.url.query_parameters.get("key"):
                self.told = {"has_key": "yes"}
        return None

    @rx.event
    @access(OWNERS, by_itself=True)
    async def open(self, step: Any) -> EventSpec | None:
        """Open a step; before the first that is not done, or that one."""
        async with self._answering():
            wanted = inputs.choice(step, (*STEPS[1:], DONE))
            seen = await self._ask(_look, self._cookies.staff)
            is_shown = seen.is_open and wanted in (STEPS[-1], DONE)
            if not is_shown and wanted not in (*seen.run.done, seen.run.next_step):
                return rx.redirect(_page(seen.run.next_step))
            if seen.is_over and wanted in SETTINGS:
                return rx.redirect(SETTINGS[wanted])
            self.step, self.told = wanted, {}
            await self._draw(seen.run)
            if seen.signed_in is not None:
                (await self.get_state(Desk))._count(seen.signed_in[1])
        return None

    @rx.event
    @access(OWNERS)
    async def save(self, form: Any) -> EventSpec | None:
        """Keep what this step asked for, and go on to the next."""
        async with self._answering():
            typed = self._typed(form)
            actor = await self._staff()
            try:
                await self._keep(actor, typed)
            except Unusable as refusal:
                errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                await self._draw(await self._ask(first_run.look), typed, errors)
                return None
            return rx.redirect(_page(STEPS[STEPS.index(self.step) + 1]))
        return None

    @rx.event
    @access(OWNERS)
    async def in_country(self, country: Any) -> None:
        """Suggest what goes with a country."""
        async with self._answering():
            found = await self._ask(first_run.look)
            chosen = inputs.choice(country, tuple(founding_rules.countries()))
            usual = founding_rules.suggested(chosen)
            suggested = {"currency": usual.currency, "language": usual.language}
            self.more = views.clinic_more(found, chosen, suggested, {})
            self.drawn_more += 1

    @rx.event
    @access(OWNERS)
    async def treats(self, is_me: Any) -> None:
        """Whether the owner is the provider, whose name is theirs then."""
        async with self._answering():
            is_mine = inputs.choice(is_me, (True, False))
            name = (await self._staff()).name if is_mine else ""
            self.told = {**self.told, "is_me": "yes" if is_mine else ""}
            self.form = views.provider_form(name, {}, {})
            self.drawn += 1

    @rx.event
    @access(OWNERS)
    async def pick(self, number: Any) -> None:
        """Fill the form with an example."""
        async with self._answering():
            name, category, minutes = views.EXAMPLES[inputs.choice(number, tuple(range(len(views.EXAMPLES))))]
            typed = {"name": name, "category": category, "duration_minutes": str(minutes)}
            self.form = views.service_form(await self._ask(first_run.look), typed, {})
            self.drawn += 1

    @rx.event
    @access(OWNERS)
    async def fill_week(self, which: Any) -> None:
        """A whole week at one click; it counts once it is kept."""
        async with self._answering():
            days, shift = views.WEEKS[inputs.choice(which, tuple(views.WEEKS))]
            self._draw_week(dict.fromkeys(days, (shift,)))

    @rx.event
    @access(OWNERS)
    async def add_line(self, day: Any, kind: Any) -> None:
        """One more stretch of work on a day, or a break; what was typed so far stays typed."""
        async with self._answering():
            name = inputs.choice(day, hours.WEEKDAYS)
            self._lines += 1
            line = LineView(
                f"line{self._lines}", inputs.choice(kind, (stretches.WORK, stretches.BREAK)), has_focus=True
            )
            self.week = [
                replace(one, lines=[*one.lines, line][: stretches.MOST_LINES]) if one.name == name else one
                for one in self.week
            ]

    @rx.event
    @access(OWNERS)
    async def remove_line(self, key: Any) -> None:
        """Take a stretch of work or a break away; it counts once it is kept."""
        async with self._answering():
            gone = inputs.text(key, most=20)
            self.week = [replace(one, lines=[line for line in one.lines if line.key != gone]) for one in self.week]

    @rx.event
    @access(OWNERS)
    async def check(self) -> None:
        """Ask the mail relay and the SMS service whether they take our messages; nothing is sent."""
        async with self._answering():
            self.told = {**self.told, "checked": await asyncio.to_thread(_checked)}

    async def _keep(self, actor: StaffActor, typed: dict[str, str]) -> None:
        if self.step == "clinic":
            await self._do(first_run.keep_clinic, actor, typed)
        elif self.step == "location":
            await self._do(first_run.keep_location, actor, typed)
        elif self.step == "provider":
            is_me = bool(typed.pop("is_me"))
            await self._do(first_run.keep_provider, actor, typed, is_me=is_me)
        elif self.step == "hours":
            days = [stretches.as_typed(one, typed) for one in self.week]
            await self._do(first_run.keep_hours, actor, stretches.told_all(days))
        elif self.step == "service":
            await self._do(first_run.keep_service, actor, typed)
        else:
            raise inputs.BadInput

    def _typed(self, form: Any) -> dict[str, str]:
        if self.step == "hours":
            return inputs.fields(form, *stretches.names(self.week), most=5)
        names = [one.name for one in (*self.form, *self.more)]
        names += BESIDE.get(self.step, ())
        plain = dict(form) if isinstance(form, dict) else form
        if self.step == "provider" and isinstance(plain, dict):
            plain["is_me"] = "yes" if inputs.ticks(form, "is_me")["is_me"] else ""
        return inputs.fields(plain, *names, most=2500)

    async def _draw(
        self, found: FirstRun, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
    ) -> None:
        typed, errors = typed or {}, errors or {}
        self.drawn, self.drawn_more = self.drawn + 1, self.drawn_more + 1
        self.done = list(STEPS if self.step == DONE else found.done)
        self.form, self.more = [], []
        if self.step == "clinic":
            accepted = str(self.router.headers.accept_language)
            country = found.clinic.phone_region if found.clinic else founding_rules.country_of(accepted)
            country = typed.get("phone_region", country)
            self.told = {"country": country, "country_error": errors.get("phone_region", "")}
            self.form = views.clinic_form(found, typed, errors)
            self.more = views.clinic_more(found, country, typed, errors)
        elif self.step == "location":
            at = found.location.values if found.location else {}
            usual = found.clinic.phone_region if found.clinic else ""
            self.told = {
                "country": typed.get("country", str(at.get("country", usual))),
                "country_error": errors.get("country", ""),
                "zone": typed.get("time_zone", str(at.get("time_zone", ""))),
                "zone_error": errors.get("time_zone", ""),
            }
            self.form = views.location_form(found, typed, errors)
            self.more = views.location_more(found, typed, errors)
        elif self.step == "provider":
            await self._draw_provider(found, typed, errors)
        elif self.step == "hours":
            self._draw_hours(found, typed, errors)
        elif self.step == "service":
            self.told = {"provider": found.provider.name if found.provider else ""}
            self.form = views.service_form(found, typed, errors)
            self.more = views.service_more(found, typed, errors)
        else:
            self._draw_address()

    async def _draw_provider(self, found: FirstRun, typed: Mapping[str, str], errors: Mapping[str, str]) -> None:
        actor = await self._staff()
        me = await self._ask(staff.member, actor.staff_id)
        is_me = found.provider is None or me.provider_id == found.provider.id
        is_me = bool(typed["is_me"]) if "is_me" in typed else is_me
        self.told = {"is_me": "yes" if is_me else ""}
        self.form = views.provider_form(found.provider.name if found.provider else actor.name, typed, errors)
        self.more = views.provider_more(found, typed, errors)

    def _draw_hours(self, found: FirstRun, typed: Mapping[str, str], errors: Mapping[str, str]) -> None:
        who, where = found.provider, found.location
        self.told = {"whose": f"{who.name}, {where.name}" if who and where else ""}
        if typed or errors:
            self.week = stretches.with_errors(self.week, typed, errors)
        else:
            self._draw_week(found.week or dict.fromkeys(views.USUAL_DAYS, (views.USUAL_SHIFT,)))

    def _draw_week(self, week: Mapping[int, tuple[hours.Shift, ...]]) -> None:
        self.drawn += 1
        self.week = []
        for n, (name, label) in enumerate(DAYS.items()):
            shown = stretches.day(name, label, week.get(n, ()), self._lines + 1)
            self._lines += len(shown.lines)
            self.week.append(shown)

    def _draw_address(self) -> None:
        settings = services().settings
        reach, why = views.reach(settings, str(self.router.headers.origin))
        texts, what = views.texts(settings)
        self.told = {"reach": reach, "reach_why": why, "texts": texts, "texts_why": what}
        if "sandbox" not in (settings.email_sender, settings.sms_sender):
            self.told["can_check"] = "yes"

    async def _say(self, told: Problem) -> None:
        self.told = {**self.told, "problem": f"{told.title}. {told.sentence}" if told.title else told.sentence}


def _look(read: Reading, digest: str) -> Seen:
    return Seen(first_run.look(read), first_run.is_open(read), first_run.is_over(read), staff.signed_in(read, digest))


def _page(step: str) -> str:
    return "/setup" if step == STEPS[0] else f"/setup/{step}"


def _checked() -> str:
    """What the relay and the SMS service say, in plain words."""
    its = senders(services())
    found = []
    try:
        for what, sender in (("E-mail", its.email), ("Texts", its.sms)):
            try:
                sender.check()
                found.append(f"{what}: ready.")
            except SendFailed as failure:
                found.append(f"{what}: not ready ({failure.reason}). `clinic-portal doctor` says what to do.")
    finally:
        its.close()
    return " ".join(found)

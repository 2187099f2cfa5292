"""Settings, by the gear: password, e-mail, devices, notifications, language, calendar (S35-S37)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts import notes, sessions
from clinic_portal.accounts.types import Kind
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.messaging.calendar import subscriptions
from clinic_portal.patients import profile, wishes
from clinic_portal.web import inputs
from clinic_portal.web.account.state import GOOD_NEWS
from clinic_portal.web.components import calendars
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import silences
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.problems import Problem


@dataclass
class DeviceView:
    """A browser that is signed in."""

    id: int
    name: str
    detail: str
    is_here: bool


class SettingsPage(PortalPage, rx.State):
    """All settings of the patient's own."""

    email: str = ""
    errors: dict[str, str] = {}
    told: dict[str, str] = {}
    is_good: bool = False
    typed_email: str = ""
    look_at: str = ""  # where the answer to a form stands: the page goes there
    edition: int = 0
    shows_typed: bool = False
    devices: list[DeviceView] = []
    wants_email: bool = True
    wants_sms: bool = True
    wants_news: bool = False
    language: str = "en"
    time_zone: str = ""
    silent_email: str = ""
    silent_sms: str = ""
    feed_url: str = ""
    feed_into: list[list[str]] = []
    feed_read: str = ""

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the settings, and what a form of this page said."""
        async with self._answering():
            await self._open("Settings")
            await self._look()
            await self._read_notes()

    @rx.event
    @access(PATIENT)
    async def show_password(self) -> None:
        """Show the passwords, or hide them again."""
        self.shows_typed = not self.shows_typed

    @rx.event
    @access(PATIENT)
    async def end_device(self, session_id: Any) -> None:
        """Sign another browser out."""
        async with self._answering():
            wanted = inputs.row_id(session_id)
            patient = await self._patient()
            ended = await self._do(sessions.end_one_of, Kind.PATIENT, patient.account_id, wanted)
            await self._look()
            await self._tell("Signed out there" if ended else "It was signed out already")

    @rx.event
    @access(PATIENT)
    async def save_notifications(self, form: Any) -> None:
        """Keep what the patient wants to be written about."""
        async with self._answering():
            ticked = inputs.ticks(form, "wants_email", "wants_sms", "wants_news")
            patient = await self._patient()
            await self._do(
                profile.change_notifications,
                patient.tag,
                patient.patient_id,
                wants_email_reminders=ticked["wants_email"],
                wants_sms_reminders=ticked["wants_sms"],
                wants_news=ticked["wants_news"],
            )
            await self._look()
            await self._tell("Saved")

    @rx.event
    @access(PATIENT)
    async def save_language(self, form: Any) -> None:
        """Keep the language of dates and money."""
        async with self._answering():
            wanted = inputs.fields(form, "language", most=10)["language"]
            patient = await self._patient()
            await self._do(profile.change_language, patient.tag, patient.patient_id, wanted)
            await self._look()
            await self._tell("Saved")

    @rx.event
    @access(PATIENT)
    async def save_time_zone(self, form: Any) -> None:
        """Keep by which clock the patient lives."""
        async with self._answering():
            wanted = inputs.fields(form, "time_zone", most=60)["time_zone"]
            patient = await self._patient()
            await self._do(wishes.change_time_zone, patient.tag, patient.patient_id, wanted)
            await self._look()
            await self._tell("Saved", "We go by this clock when we remind you.")

    @rx.event
    @access(PATIENT)
    async def start_feed(self) -> None:
        """A private address for the calendar; an earlier one ends."""
        async with self._answering():
            patient = await self._patient()
            await self._do(profile.start_feed, patient.tag, patient.patient_id)
            await self._look()

    @rx.event
    @access(PATIENT)
    async def stop_feed(self) -> None:
        """Take the address back."""
        async with self._answering():
            patient = await self._patient()
            await self._do(profile.stop_feed, patient.tag, patient.patient_id)
            await self._look()
            await self._tell("The address has ended", "Calendars that used it see nothing any more.")

    async def _look(self) -> None:
        patient = await self._patient()

        def read(read: Reading) -> None:
            known = profile.own(read, patient.patient_id)
            self.email, self.language = known.email, known.language
            self.wants_email, self.wants_sms = known.wants_email_reminders, known.wants_sms_reminders
            self.wants_news, self.time_zone = known.wants_news, known.time_zone or ""
            self.silent_email, self.silent_sms = silences.for_patient(read, patient.patient_id)
            token = profile.feed_token(read, patient.patient_id)
            base = read.settings.public_url.rstrip("/")
            self.feed_url = f"{base}/calendar/{token}/visits.ics" if token else ""
            name = catalogue(read).clinic.name
            self.feed_into = calendars.following(subscriptions(self.feed_url, name)) if token else []
            looked_at = profile.feed_read_at(read, patient.patient_id)
            day = wording.day(looked_at, "UTC", known.language, length="medium") if looked_at else ""
            self.feed_read = f"A calendar last looked on {day}." if day else ""
            self.devices = [
                DeviceView(
                    one.session_id,
                    one.name,
                    f"since {wording.day(one.since_at, 'UTC', known.language, length='medium')} · {one.address}",
                    one.is_here,
                )
                for one in sessions.devices(read, Kind.PATIENT, patient.account_id, here=patient.session_id)
            ]

        await self._ask(read)
        self.edition += 1

    async def _read_notes(self) -> None:
        self.errors, self.told, self.typed_email, self.shows_typed = {}, {}, "", False
        self.look_at = ""
        for form in ("password", "email"):
            found = await self._ask(notes.of, self._visitor, form)
            if found is None:
                continue
            self.errors = {
                f"{form}-{name}": Problem.of(code, **facts).sentence for name, (code, facts) in found.fields.items()
            }
            self.look_at = next(iter(self.errors), f"{form}-title")
            if found.code:
                self.told, self.is_good = (
                    {form: Problem.of(found.code, **found.facts).sentence},
                    found.code in GOOD_NEWS,
                )
            self.typed_email = str(found.typed.get("email", ""))
            await self._do(notes.forget, self._visitor)

"""What every step of the wizard does: open only when the steps before are done, show the cart, say what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import drafts, queries, rules, telling
from clinic_portal.booking.types import Draft
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.web.booking import views
from clinic_portal.web.booking.steps import STEPS, TIME, Step, following, furthest, may_open
from clinic_portal.web.booking.views import LineView
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem


@dataclass(frozen=True)
class Scene:
    """Everything a step shows, from one read."""

    now: datetime
    clinic: Catalogue
    draft: Draft
    working: frozenset[int]


def scene(read: Reading, owner: str) -> Scene:
    """The clinic and this browser's draft as they stand now."""
    clinic, draft = catalogue(read), queries.draft(read, owner)
    return Scene(read.now, clinic, draft, queries.working_at(read, clinic, draft.location_id))


class Summary(Door, rx.State):
    """The aside of every step: the cart, the place, the total, the held time. Also what was just refused, in words."""

    clinic_name: str = ""
    clinic_phone: str = ""
    step: str = ""
    is_loaded: bool = False
    lines: list[LineView] = []
    later: list[LineView] = []
    total: str = ""
    total_duration: str = ""
    place: str = ""
    address: str = ""
    several_places: bool = False
    hold_seconds: int = 0
    hold_key: str = ""
    held_when: str = ""
    terms: str = ""
    notice_title: str = ""
    notice_text: str = ""

    @rx.event
    @access(PUBLIC)
    async def dismiss_notice(self) -> None:
        """Put the notice away."""
        self.notice_title = self.notice_text = ""

    @rx.event
    @access(PUBLIC)
    async def hold_over(self) -> EventSpec | None:
        """The countdown reached zero: if the time is really let go, say so and go back to the times."""
        async with self._answering():
            now = await self._ask(scene, self._visitor)
            if now.draft.hold is not None:
                self.hold_seconds = max(1, int((now.draft.hold.expires_at - now.now).total_seconds()))
                return None
            self.hold_key = ""
            if now.draft.hold_ran_out:
                await self._say(Problem.of("hold_ran_out"))
                return rx.redirect(TIME.path)
        return None

    async def _say(self, told: Problem) -> None:
        self.notice_title, self.notice_text = told.title, told.sentence

    def _show(self, now: Scene, step: Step) -> None:
        clinic, draft = now.clinic, now.draft
        place, language = clinic.locations[draft.location_id], clinic.clinic.language
        provider = clinic.providers.get(draft.hold.provider_id if draft.hold else draft.provider_id or 0)
        self.clinic_name, self.step, self.is_loaded = clinic.clinic.name, step.name, True
        self.clinic_phone = wording.phone(place.phone or clinic.clinic.phone)
        self.lines = views.lines(clinic, draft.now_lines, provider.name if provider else "")
        self.later = views.lines(clinic, draft.later_lines, "")
        total_minor = sum(line.price_minor for line in draft.now_lines)
        is_prepaid = not total_minor and any(line.lot for line in draft.now_lines)
        self.total = "Prepaid" if is_prepaid else views.price(clinic, total_minor)
        minutes = sum(line.duration_minutes for line in draft.now_lines)
        self.total_duration = wording.duration(minutes, language) if minutes else ""
        self.place, self.address, self.several_places = place.name, place.street, len(clinic.locations) > 1
        self.hold_seconds, self.hold_key, self.held_when, self.terms = 0, "", "", ""
        if draft.hold:
            start_at = draft.hold.start_at
            self.hold_seconds = max(0, int((draft.hold.expires_at - now.now).total_seconds()))
            self.hold_key = f"{draft.hold.appointment_id}-{now.now.timestamp()}"
            told = wording.day(start_at, place.time_zone, language, length="short")
            self.held_when = f"{told}, {wording.time(start_at, place.time_zone, language)}"
            under = rules.terms(clinic, queries.priced_services(clinic, draft))
            if under.policy:
                self.terms = telling.terms(
                    under.policy,
                    start_at=start_at,
                    zone=place.time_zone,
                    covered_minor=under.covered_minor,
                    currency=clinic.clinic.currency,
                    language=language,
                    now=now.now,
                    prepaid=sum(line.lot is not None for line in draft.now_lines),
                ).sentence


class WizardStep(Door, mixin=True):
    """Shared by the States of all steps."""

    async def _open(self, step: Step) -> tuple[Scene, EventSpec | None]:
        """Read the scene and show the aside; a redirect where an earlier step is to be done first."""
        now = await self._scene()
        summary = await self.get_state(Summary)
        summary._show(now, step)
        if may_open(step, now.draft):
            return now, None
        return now, rx.redirect(furthest(now.draft).path)

    async def _scene(self) -> Scene:
        """The scene, as whoever is signed in: they book for themselves (S60), and leave nothing here once they left."""
        now = await self._ask(scene, self._visitor)
        patient = await self._patient_if_any()
        if patient is not None and not await self._ask(drafts.is_as_on_file, now.draft, patient.patient_id):
            await self._do(drafts.sign_in, self._visitor, patient.patient_id)
        elif patient is None and now.draft.patient_id is not None:
            await self._do(drafts.sign_out, self._visitor)
            await self._say(Problem.of("signed_out"))
        else:
            return now
        return await self._ask(scene, self._visitor)

    async def _go_on(self, step: Step) -> EventSpec:
        """To the step after this one, or back to the first that is not done."""
        now = await self._ask(scene, self._visitor)
        choice = now.clinic.clinic.provider_choice != "first_available"
        onward = following(step, now.draft, may_choose_provider=choice)
        if STEPS.index(onward) > STEPS.index(step):  # whoever is sent back reads why
            summary = await self.get_state(Summary)
            summary.notice_title = summary.notice_text = ""
        return rx.redirect(onward.path)

    async def _say(self, told: Problem) -> None:
        summary = await self.get_state(Summary)
        await summary._say(told)


def splits(now: Scene) -> list[list[str]]:
    """The names of the services by visit, where no one provider performs them all (S70); else one visit."""
    services = [now.clinic.services[line.service_id] for line in now.draft.now_lines if line.is_offered]
    return [[service.name for service in visit] for visit in rules.visits(now.clinic, services, now.working)]

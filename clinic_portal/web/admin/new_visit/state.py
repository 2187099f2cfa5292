"""Booking on a patient's behalf: whom, what, where, with whom and when; nothing is kept before it is booked (P15)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import desk
from clinic_portal.booking.desk import Override
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Conflict, Invalid, SlotTaken, Unusable
from clinic_portal.patients import desk as patients
from clinic_portal.patients.queries import search
from clinic_portal.scheduling.availability import local_date, wall_to_minute
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.frame import NEW_VISIT
from clinic_portal.web.admin.new_visit import views
from clinic_portal.web.admin.new_visit.choices import Wish, read_all, summary, those, wish_of
from clinic_portal.web.admin.new_visit.views import ShelfView, SumView, WhenView, WhoView
from clinic_portal.web.admin.person import meant, person_fields
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "New appointment"
NAMES = ("given_name", "family_name", "phone", "email", "birth_on")


@dataclass(frozen=True)
class Typing:
    """A new patient as they were typed, and who may be the same."""

    typed: dict[str, str] = field(default_factory=dict)
    number: int = 0


class NewVisit(AdminPage, rx.State):
    """The page, in its four parts."""

    who: list[WhoView] = []
    what: list[ShelfView] = []
    when: list[WhenView] = []
    sum: list[SumView] = []
    _wish: Wish = Wish()
    _typing: Typing = Typing()

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def enter(self) -> EventSpec | None:
        """Begin with what the address names: a patient, a place, a provider, a day, a minute of it."""
        async with self._answering():
            clinic = await self._open(PAGE)
            actor = await self._staff()
            self._wish, self._typing = wish_of(self.router.url.query_parameters, clinic, actor), Typing()
            self.who = [WhoView(may_add=actor.may(Permission.CHANGE_PATIENTS))]
            await self._look(clinic, actor)
            return None if self._wish.patient_id else rx.set_focus("wanted")
        return None

    # ---- the patient

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def seek(self, wanted: Any) -> None:
        """Look for a patient by what was typed so far."""
        async with self._answering():
            typed = inputs.text(wanted, most=100).strip()
            if self.who:
                found = await self._found(typed)
                told = "" if found or len(typed) < 2 else f"Nobody was found for “{typed}”."
                self.who = [replace(self.who[0], wanted=typed, found=found, told=told)]

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def first(self, form: Any) -> EventSpec | None:
        """Enter in the search: the one that was found, where it is one."""
        async with self._answering():
            found = await self._found(inputs.fields(form, "wanted", most=100)["wanted"].strip())
            if len(found) == 1:
                return await self._pick(found[0].id)
        return None

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def pick(self, patient_id: Any) -> EventSpec | None:
        """It is for this patient."""
        async with self._answering():
            return await self._pick(inputs.row_id(patient_id))
        return None

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def another(self) -> EventSpec | None:
        """It is for somebody else."""
        async with self._answering():
            self._wish, self._typing = replace(self._wish, patient_id=0), Typing()
            self.who = [WhoView(may_add=(await self._staff()).may(Permission.CHANGE_PATIENTS))]
            await self._again()
            return rx.set_focus("wanted")
        return None

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def begin(self) -> None:
        """Write down a patient nobody knows yet, beginning with what was looked for."""
        async with self._answering():
            self._draw(meant(self.who[0].wanted if self.who else ""), {})

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def leave(self) -> EventSpec | None:
        """Rather look for one."""
        async with self._answering():
            if self.who:
                self.who = [replace(self.who[0], form=[], known=[], may_add_another=False)]
            return rx.set_focus("wanted")
        return None

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def add(self, form: Any) -> EventSpec | None:
        """Keep the new patient; one who may be known already is offered instead."""
        async with self._answering():
            return await self._add(inputs.fields(form, *NAMES, most=320), is_another=False)
        return None

    @rx.event
    @access(Permission.CHANGE_PATIENTS)
    async def add_another(self) -> EventSpec | None:
        """It is another person, who is reached in the same way."""
        async with self._answering():
            return await self._add(self._typing.typed, is_another=True)
        return None

    async def _add(self, typed: dict[str, str], *, is_another: bool) -> EventSpec | None:
        clinic, actor = await self._ask(catalogue), await self._staff()
        try:
            made = await self._do(
                patients.add,
                actor,
                typed,
                phone_region=clinic.clinic.phone_region,
                zone=str(zone_of(clinic)),
                language=clinic.clinic.language,
                is_another=is_another,
            )
        except Unusable as refusal:
            self._draw(typed, {one.field: problem(one).sentence for one in refusal.faults})
            return None
        except Conflict as refusal:
            if refusal.code != "patient_known":
                raise
            self._draw(typed, {})
            known = await self._ask(those, actor, _ids(refusal), clinic.clinic.language)
            may_add = bool(refusal.facts.get("may_add"))
            self.who = [replace(self.who[0], known=known, may_add_another=may_add)]
            return rx.set_focus("known")
        return await self._pick(made)

    async def _found(self, typed: str) -> list[views.PersonView]:
        if len(typed) < 2:
            return []
        language = (await self._ask(catalogue)).clinic.language
        return [views.person(one, language) for one in await self._ask(search, await self._staff(), typed, most=8)]

    async def _pick(self, patient_id: int) -> EventSpec:
        self._wish, self._typing = replace(self._wish, patient_id=patient_id), Typing()
        await self._again()
        return rx.set_focus("person")

    def _draw(self, typed: dict[str, str], errors: dict[str, str]) -> None:
        number = self._typing.number + 1
        self._typing = Typing(typed, number)
        form = person_fields(NAMES, typed, errors, {"phone": "The phone or the e-mail is needed."})
        if self.who:
            self.who = [replace(self.who[0], form=form, form_key=number, known=[], may_add_another=False)]

    # ---- what, where, with whom, when

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def choose(self, service_id: Any, is_chosen: Any) -> None:
        """This treatment, or not."""
        async with self._answering():
            wanted, ticked = inputs.row_id(service_id), inputs.choice(is_chosen, (True, False))
            kept = tuple(one for one in self._wish.services if one != wanted)
            self._wish = replace(self._wish, services=(*kept, wanted) if ticked else kept)
            await self._again()

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def go_to(self, location_id: Any) -> None:
        """At this location."""
        async with self._answering():
            self._wish = replace(self._wish, location_id=inputs.row_id(location_id), start=None)
            await self._again()

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def with_whom(self, provider_id: Any) -> None:
        """With this provider; 0 is whoever is free first."""
        async with self._answering():
            self._wish = replace(self._wish, provider_id=inputs.row_id(provider_id, least=0))
            await self._again()

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def on_day(self, iso: Any) -> None:
        """On this day."""
        async with self._answering():
            self._wish = replace(self._wish, on=inputs.iso_date(iso), start=None)
            await self._again()

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def turn(self, days: Any) -> None:
        """A day on or back."""
        async with self._answering():
            on = self._on() + timedelta(days=inputs.choice(days, (-1, 1)))
            self._wish = replace(self._wish, on=inputs.iso_date(on.isoformat()), start=None)
            await self._again()

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def at(self, key: Any) -> None:
        """At this time."""
        async with self._answering():
            start = inputs.epoch_minute(key)
            zone = await self._zone()
            self._wish = replace(self._wish, start=start, on=local_date(start, zone))
            await self._again()

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def exactly(self, form: Any) -> None:
        """At a time that is typed."""
        async with self._answering():
            typed = inputs.fields(form, "exact", most=5)["exact"]
            minute = inputs.minute_of_day(typed)
            self._wish = replace(self._wish, start=wall_to_minute(self._on(), minute, await self._zone()))
            await self._again()

    # ---- booked

    @rx.event
    @access(Permission.BOOK_VISITS)
    async def book(self) -> EventSpec | None:
        """Book it as it is shown."""
        async with self._answering():
            return await self._book(None)
        return None

    @rx.event
    @access(Permission.OVERRIDE_RULES)
    async def book_anyway(self, form: Any) -> EventSpec | None:
        """Book it beyond the rules, for a reason."""
        async with self._answering():
            try:
                return await self._book(Override(inputs.fields(form, "reason", most=600)["reason"]))
            except Invalid as refusal:
                if refusal.field != "reason" or not self.sum:
                    raise
                self.sum = [replace(self.sum[0], error=problem(refusal).sentence)]
                return rx.set_focus("reason")
        return None

    async def _book(self, override: Override | None) -> EventSpec | None:
        wish = self._wish
        if not wish.is_whole or wish.start is None:
            return None  # the second of two clicks: it is booked
        actor = await self._staff()
        try:
            made = await self._do(
                desk.book,
                actor,
                patient_id=wish.patient_id,
                location_id=wish.location_id,
                provider_id=wish.provider_id or None,
                service_ids=wish.services,
                start=wish.start,
                override=override,
            )
        except (Conflict, SlotTaken) as refusal:
            await self._again()  # its reason stands beside the time by now
            if refusal.code not in ("desk_refused", "slot_taken"):
                raise
            return rx.set_focus("refused")
        at = {"on": self._on().isoformat(), "location": wish.location_id}
        told = " · ".join(one.told for one in self.sum[0].facts[:3])
        self._wish = replace(wish, services=(), start=None)
        self.sum = [
            replace(
                self.sum[0],
                refused="",
                near=[],
                booked=made.reference,
                visit_href=f"/admin/visit?id={made.appointment_id}",
                calendar_href=f"/admin/calendar?{urlencode(at)}",
                again_href=f"{NEW_VISIT}?patient={wish.patient_id}",
            )
        ]
        await self._tell("Booked", told)
        return rx.set_focus("booked")

    # ---- drawn

    def _on(self) -> date:
        if self._wish.on is None:
            raise inputs.BadInput  # the page was not entered
        return self._wish.on

    async def _zone(self) -> ZoneInfo:
        return ZoneInfo((await self._ask(catalogue)).locations[self._wish.location_id].time_zone)

    async def _again(self) -> None:
        await self._look(await self._ask(catalogue), await self._staff())

    async def _look(self, clinic: Catalogue, actor: StaffActor) -> None:
        if self._wish.location_id not in clinic.locations:
            self._wish = replace(self._wish, location_id=next(iter(clinic.locations)), start=None)
        if actor.only_calendar_of is not None:
            self._wish = replace(self._wish, provider_id=actor.only_calendar_of)
        offered = tuple(one for one in self._wish.services if one in clinic.services)
        self._wish = replace(self._wish, services=offered)
        seen = await self._ask(read_all, actor, self._wish)
        self._wish = replace(self._wish, on=seen.on)
        language = clinic.clinic.language
        if seen.who is None:
            self._wish = replace(self._wish, patient_id=0)
        elif self.who:
            person = views.chosen(self._wish.patient_id, seen.who, language)
            self.who = [WhoView(person=[person], may_add=self.who[0].may_add)]
        opened = {one.id for one in self.what if one.is_open} | {
            shelf.category_id for shelf in seen.shelves for one in shelf.offers if one.service_id in self._wish.services
        }
        self.what = views.shelves(seen.shelves, clinic, self._wish.services, opened)
        self.when = [
            views.when(
                clinic,
                location_id=self._wish.location_id,
                providers=seen.providers,
                provider_id=self._wish.provider_id,
                is_free_to_choose=actor.only_calendar_of is None,
                on=seen.on,
                times=seen.times,
                start=self._wish.start,
            )
        ]
        self.sum = [summary(clinic, self._wish, seen)]


def _ids(refusal: Conflict) -> list[int]:
    found = refusal.facts.get("ids")
    return [one for one in found if isinstance(one, int)] if isinstance(found, list) else []

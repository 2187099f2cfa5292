"""How long a form holds, when it is sent, and with which services it is asked for. This holds at once, draft or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Unusable
from clinic_portal.forms import queries, templates
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.rules import Validity
from clinic_portal.forms.types import FormInfo
from clinic_portal.web import inputs
from clinic_portal.web.admin.forms import words
from clinic_portal.web.admin.forms.base import Writing
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

VALIDITIES = ("per_visit", "days", "for_good")


@dataclass
class ServiceTick:
    """A service, belonging to the form or not."""

    id: int
    name: str
    is_ticked: bool


@dataclass
class CategoryTicks:
    """A category with its services."""

    id: int
    name: str
    is_whole: bool
    told: str
    services: list[ServiceTick] = field(default_factory=list)


class Rules(Writing, mixin=True):
    """The rules as they are ticked and typed; kept by Save."""

    rule_name: str = ""
    validity: str = "for_good"
    days: str = ""
    delay_number: str = ""
    delay_unit: str = "hours"
    categories: list[CategoryTicks] = []
    rules_key: int = 0
    rule_errors: dict[str, str] = {}
    _is_unsaved: bool = False

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def choose_validity(self, value: Any) -> None:
        """Each visit, so many days, or for good."""
        async with self._answering():
            self.validity = inputs.choice(value, VALIDITIES)
            self._is_unsaved = True

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def tick_service(self, service_id: Any) -> None:
        """With this service, or not."""
        async with self._answering():
            wanted = inputs.row_id(service_id)
            chosen = self._chosen()
            self._tick(await self._clinic(), chosen ^ {wanted})
            self._is_unsaved = True

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def tick_category(self, category_id: Any) -> None:
        """With all services of a category, or with none of them."""
        async with self._answering():
            wanted = inputs.row_id(category_id)
            clinic, chosen = await self._clinic(), self._chosen()
            all_of_it = {one.id for one in clinic.services.values() if one.category_id == wanted}
            self._tick(clinic, chosen - all_of_it if all_of_it <= chosen else chosen | all_of_it)
            self._is_unsaved = True

    @rx.event
    @access(Permission.WRITE_FORMS)
    async def save_rules(self, form: Any) -> None:
        """Keep them."""
        async with self._answering():
            typed = inputs.fields(form, "rule_name", "days", "delay_number", "delay_unit", most=500)
            self.rule_name, self.days, self.delay_number = typed["rule_name"], typed["days"], typed["delay_number"]
            wrong: dict[str, str] = {}
            days = _number(self.days, wrong, "days") if self.validity == "days" else None
            delay = 0
            if self.kind == Kind.AFTER:
                self.delay_unit = inputs.choice(typed["delay_unit"], tuple(words.UNITS))
                delay = (_number(self.delay_number, wrong, "delay_number") or 0) * words.UNITS[self.delay_unit]
            try:
                if not wrong:
                    await self._do(
                        templates.set_rules,
                        await self._staff(),
                        inputs.row_id(self.form_id),
                        name=self.rule_name,
                        validity=Validity(self.validity == "per_visit", days),
                        delay_minutes=delay,
                        service_ids=self._chosen(),
                    )
            except Unusable as refusal:
                names = {"name": "rule_name", "valid_days": "days", "delay": "delay_number"}
                wrong = {names.get(fault.field, fault.field): problem(fault).sentence for fault in refusal.faults}
                if "delay_number" in wrong:
                    wrong["delay_number"] = "Please choose a time of up to a year."
            self.rule_errors = wrong
            if wrong:
                self._focus(next(iter(wrong)))
                return
            clinic = await self._clinic()
            self._draw_rules(clinic, await self._ask(queries.form, self.form_id))
            await self._tell("Saved", "It holds for new bookings. What was asked for a booked visit stays.")

    def _draw_rules(self, clinic: Catalogue, form: FormInfo) -> None:
        self.name = self.rule_name = form.name
        told = form.validity
        self.validity = "per_visit" if told.is_per_visit else "for_good" if told.days is None else "days"
        self.days = str(told.days or 365)
        number, self.delay_unit = words.delay(form.delay_minutes)
        self.delay_number, self.rule_errors, self._is_unsaved = str(number), {}, False
        self.rules_key += 1
        self._tick(clinic, set(form.service_ids))

    def _tick(self, clinic: Catalogue, chosen: set[int]) -> None:
        self.categories = []
        for category in clinic.categories.values():
            offered = [one for one in clinic.services.values() if one.category_id == category.id]
            if offered:
                ticks = [ServiceTick(one.id, one.name, one.id in chosen) for one in offered]
                count = sum(one.is_ticked for one in ticks)
                self.categories.append(
                    CategoryTicks(
                        category.id,
                        category.name,
                        count == len(ticks),
                        f"{count} of {len(ticks)}" if count else "",
                        ticks,
                    )
                )

    def _chosen(self) -> set[int]:
        return {one.id for category in self.categories for one in category.services if one.is_ticked}


def _number(typed: str, wrong: dict[str, str], name: str) -> int | None:
    told = inputs.digits(typed)
    if not told or len(told) > 6 or told != "".join(typed.split()):
        wrong[name] = "Please write a whole number."
        return None
    return int(told)

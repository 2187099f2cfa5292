"""What is asked before hours, people or things are taken from under visits: which they are, and that they stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.booking import stranded
from clinic_portal.booking.stranded import VISITS_STAY, StrandedVisit
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.components.basics import SMALL, button

MOST_SHOWN = 50


@dataclass
class KeptView:
    """A visit that stays: when and whose, what it is, and where it is found; a time only held is found nowhere."""

    when: str
    what: str
    href: str


@dataclass
class AskView:
    """What is asked, of which form or line of the page."""

    about: str
    title: str
    more: str
    visits: list[KeptView] = field(default_factory=list)


class Asks(AdminPage, mixin=True):
    """Shared by the pages that ask; at most one question is open at a time."""

    asked: list[AskView] = []
    _seen: list[int] = []

    async def _wonder(self, refusal: Conflict, clinic: Catalogue, about: str) -> None:
        """Show the visits a change would leave outside. Raises the refusal again where it is another."""
        if refusal.code != VISITS_STAY:
            raise refusal
        ids = refusal.facts["appointment_ids"]
        assert isinstance(ids, tuple)
        found = await self._ask(stranded.told, await self._staff(), ids, most=MOST_SHOWN)
        self._seen = list(ids)
        self.asked = [_ask(found, len(ids), about, clinic.clinic.language)]

    def _agreed(self, about: str) -> tuple[int, ...]:
        """The visits that were shown with this question."""
        return tuple(self._seen) if any(one.about == about for one in self.asked) else ()

    def _settle(self) -> None:
        """Nothing is asked any more."""
        self.asked, self._seen = [], []


def _ask(found: list[StrandedVisit], count: int, about: str, language: str) -> AskView:
    title = "One visit is booked there" if count == 1 else f"{count} visits are booked there"
    more = f"and {count - len(found)} later ones" if count > len(found) else ""
    return AskView(about, title, more, [_kept(one, language) for one in found])


def _kept(one: StrandedVisit, language: str) -> KeptView:
    day = wording.day(one.start_at, one.time_zone, language, length="medium")
    when = f"{day}, {wording.time(one.start_at, one.time_zone, language)}"
    if not one.patient_name:
        return KeptView(f"{when} · someone is booking it just now", f"{one.provider_name} · {one.location_name}", "")
    told = " · ".join((", ".join(one.service_names), one.provider_name, one.location_name))
    return KeptView(f"{when} · {one.patient_name}", told, f"/admin/visit?id={one.appointment_id}")


def asks(asked: Any, about: Any, agree: rx.Component, *, leave: str, on_leave: Any) -> rx.Component:
    """The question about one form or line, where it is open: `agree` says that the visits stay, `leave` nothing.

    The focus goes to `leave`: whoever presses Enter by habit keeps all as it is.
    """
    return rx.foreach(asked, lambda ask: rx.cond(ask.about == about, _question(ask, agree, _leaves(leave, on_leave))))


def _leaves(label: str, handler: Any) -> rx.Component:
    return button(label, ghost=True, small=True, on_click=handler, auto_focus=True, aria_describedby="asked")


def _question(ask: Any, *answers: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h3(ask.title, id="asked"),
        rx.el.p("They stay booked as they are. Move or cancel each that cannot take place.", class_name="mt-1"),
        rx.el.ul(
            rx.foreach(
                ask.visits,
                lambda visit: rx.el.li(
                    rx.cond(
                        visit.href != "",
                        rx.el.a(visit.when, href=visit.href, target="_blank", class_name="link"),
                        rx.el.span(visit.when),
                    ),
                    rx.el.span(visit.what, class_name=f"{SMALL} block"),
                ),
            ),
            class_name="asked-visits",
        ),
        rx.el.p(ask.more, class_name="mb-3 empty:hidden"),
        rx.el.div(*answers, class_name="flex flex-wrap gap-3 mt-3"),
        aria_labelledby="asked",
        class_name="asked",
    )

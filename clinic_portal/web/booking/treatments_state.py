"""State of the first step: shelves, places, and what deep links ask for."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import drafts, rules
from clinic_portal.web import inputs
from clinic_portal.web.booking import views
from clinic_portal.web.booking.cart import CartStep
from clinic_portal.web.booking.steps import TREATMENTS
from clinic_portal.web.booking.views import ChoiceView
from clinic_portal.web.booking.wizard import Scene, scene
from clinic_portal.web.gate import PUBLIC, access


class Treatments(CartStep, rx.State):
    """What can be booked, and where (S61, S62)."""

    _step = TREATMENTS
    places: list[ChoiceView] = []
    open_shelf: str = ""

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Show the shelves; a link may name a category, service, provider or location."""
        async with self._answering():
            asked = {name: str(value)[:80] for name, value in self.router.url.query_parameters.items()}
            await self._follow(asked)
            now, redirect = await self._open(TREATMENTS)
            self._show(now)
            self.open_shelf = asked.get("category", self.open_shelf)
            return redirect
        return None

    @rx.event
    @access(PUBLIC)
    async def choose_place(self, location_id: Any) -> None:
        """Choose where to be treated."""
        async with self._answering():
            await self._do(drafts.choose_location, self._visitor, inputs.row_id(location_id))
        await self._again()

    @rx.event
    @access(PUBLIC)
    async def go_on(self) -> EventSpec | None:
        """To the patient's details."""
        async with self._answering():
            return await self._go_on(TREATMENTS)
        return None

    def _show(self, now: Scene) -> None:
        super()._show(now)
        self.places = views.places(now.clinic, now.draft.location_id)

    async def _follow(self, asked: dict[str, str]) -> None:
        """Do what a deep link asks for: what it names that is not offered is passed over."""
        now = await self._ask(scene, self._visitor)
        clinic = now.clinic
        for place in clinic.locations.values():
            if asked.get("location") == place.slug and place.id != now.draft.location_id:
                await self._do(drafts.choose_location, self._visitor, place.id)
        for service in clinic.services.values():
            in_cart = any(line.service_id == service.id for line in now.draft.lines)
            if asked.get("service") == service.slug and rules.bookable(clinic, service.id) and not in_cart:
                await self._do(drafts.add_service, self._visitor, service.id)
        for provider in clinic.providers.values():
            if asked.get("provider") == provider.slug and rules.is_choosable(clinic, provider.id):
                await self._do(drafts.wish_for_provider, self._visitor, provider.id)

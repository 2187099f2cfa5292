"""Adding to and taking from the cart: the same on the first step and on the visit's."""

from __future__ import annotations

from typing import Any, ClassVar

import reflex as rx

from clinic_portal.booking import drafts
from clinic_portal.web import inputs
from clinic_portal.web.booking import views
from clinic_portal.web.booking.steps import Step
from clinic_portal.web.booking.views import CategoryView
from clinic_portal.web.booking.wizard import Scene, WizardStep
from clinic_portal.web.gate import PUBLIC, access


class CartStep(WizardStep, mixin=True):
    """A step that shows the shelves; `_step` says which it is."""

    _step: ClassVar[Step]
    shelves: list[CategoryView] = []

    @rx.event
    @access(PUBLIC)
    async def add(self, service_id: Any) -> None:
        """Put a service into the cart (S62)."""
        async with self._answering():
            await self._do(drafts.add_service, self._visitor, inputs.row_id(service_id))
        await self._again()

    @rx.event
    @access(PUBLIC)
    async def remove(self, service_id: Any) -> None:
        """Take a service out of the cart."""
        async with self._answering():
            await self._do(drafts.remove_service, self._visitor, inputs.row_id(service_id))
        await self._again()

    async def _again(self) -> None:
        """Show the step as it stands now."""
        async with self._answering():
            now, _ = await self._open(self._step)
            self._show(now)

    def _show(self, now: Scene) -> None:
        here = now.clinic.locations[now.draft.location_id].name
        self.shelves = views.shelves(now.clinic, now.draft, now.working, here=here)

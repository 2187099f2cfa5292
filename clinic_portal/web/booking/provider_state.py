"""State of the fifth step: a provider by name, or the first available."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import drafts, rules
from clinic_portal.web import inputs
from clinic_portal.web.booking import views
from clinic_portal.web.booking.steps import PROVIDER
from clinic_portal.web.booking.views import ChoiceView
from clinic_portal.web.booking.wizard import Scene, WizardStep
from clinic_portal.web.gate import PUBLIC, access


class ProviderStep(WizardStep, rx.State):
    """Whom to see, as far as the clinic lets the patient choose (S71, S72)."""

    choices: list[ChoiceView] = []

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Show who performs all of the cart; on to the times where there is nothing to choose."""
        async with self._answering():
            now, redirect = await self._open(PROVIDER)
            self._show(now)
            return redirect
        return None

    @rx.event
    @access(PUBLIC)
    async def choose(self, provider_id: Any) -> EventSpec | None:
        """Choose a provider; 0 is the first available."""
        async with self._answering():
            chosen = inputs.row_id(provider_id, least=0)
            await self._do(drafts.choose_provider, self._visitor, chosen or None)
            return await self._go_on(PROVIDER)
        now, redirect = await self._open(PROVIDER)
        self._show(now)
        return redirect

    def _show(self, now: Scene) -> None:
        services = [now.clinic.services[line.service_id] for line in now.draft.now_lines if line.is_offered]
        self.choices = views.providers(
            now.clinic,
            rules.choosable(now.clinic, services, now.working),
            now.draft,
            first_available=rules.may_take_first_available(now.clinic),
        )

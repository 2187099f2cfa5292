"""State of the second step: who is coming."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import drafts
from clinic_portal.core.errors import Unusable
from clinic_portal.web import inputs
from clinic_portal.web.booking.steps import DETAILS
from clinic_portal.web.booking.wizard import WizardStep
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import problem


class Details(WizardStep, rx.State):
    """Name, e-mail and phone (S63)."""

    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    errors: dict[str, str] = {}

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Show what this browser has typed before."""
        async with self._answering():
            now, redirect = await self._open(DETAILS)
            self.errors = {}
            if redirect is None and now.draft.patient_id is not None:
                return await self._go_on(DETAILS)
            self.given_name, self.family_name = now.draft.given_name, now.draft.family_name
            self.email, self.phone = now.draft.email, now.draft.phone_typed
            return redirect
        return None

    @rx.event
    @access(PUBLIC)
    async def save(self, form: Any) -> EventSpec | None:
        """Check and keep the details; each field that cannot be used gets its own sentence."""
        async with self._answering():
            fields = inputs.fields(form, "given_name", "family_name", "email", "phone", "time_zone", most=300)
            self.given_name, self.family_name = fields["given_name"], fields["family_name"]
            self.email, self.phone = fields["email"], fields["phone"]
            try:
                await self._do(drafts.save_details, self._visitor, **fields)
            except Unusable as refusal:
                self.errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                return rx.set_focus(refusal.faults[0].field)
            self.errors = {}
            return await self._go_on(DETAILS)
        return None

"""State of the third step: the code by SMS."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.queries import resend_seconds
from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.booking import drafts
from clinic_portal.bootstrap import services
from clinic_portal.core import wording
from clinic_portal.core.errors import TooMany
from clinic_portal.web import inputs
from clinic_portal.web.booking.steps import CODE
from clinic_portal.web.booking.wizard import WizardStep
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.problems import Problem


class Code(WizardStep, rx.State):
    """Six digits that prove the phone (S66, S67)."""

    phone: str = ""
    is_verified: bool = False
    resend_in_seconds: int = 0
    waits: int = 0
    error: str = ""
    was_sent: bool = False
    texts_from: str = ""

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Send a code, unless one is on its way or the phone is proved already."""
        async with self._answering():
            now, redirect = await self._open(CODE)
            self.error = ""
            number = services().settings.texting_number
            self.texts_from = wording.phone(number) if number else ""
            self.phone = wording.phone(now.draft.phone)
            self.is_verified = now.draft.is_phone_verified
            if redirect is None and self.is_verified and now.draft.patient_id is not None:
                return await self._go_on(CODE)  # they signed in here, and proved this phone before
            if redirect is None and not self.is_verified:
                waiting = await self._ask(
                    resend_seconds, purpose=drafts.BOOKING_CODE, owner=self._visitor, phone=now.draft.phone
                )
                if waiting is None:
                    await self._send()
                else:
                    self.was_sent = True
                    self._wait(waiting)
            return redirect
        return None

    @rx.event
    @access(PUBLIC)
    async def resend(self) -> None:
        """Send a new code; the old one is void."""
        async with self._answering():
            await self._send()

    @rx.event
    @access(PUBLIC)
    async def resend_ready(self) -> None:
        """The half minute is over."""
        self._wait(0)

    @rx.event
    @access(PUBLIC)
    async def check(self, form: Any) -> EventSpec | None:
        """Try the typed digits."""
        async with self._answering():
            typed = inputs.fields(form, "code", most=40)["code"]
            digits = inputs.digits(typed)
            if len(digits) != 6:
                self.error = "Please type the six digits from the message."
                return rx.set_focus("code")
            answer = await self._do(drafts.answer_code, self._visitor, digits)
            if answer is CodeAnswer.RIGHT:
                self.error, self.is_verified = "", True
                return await self._go_on(CODE)
            self.error = Problem.of(answer.value).sentence
            return rx.set_focus("code")
        return None

    @rx.event
    @access(PUBLIC)
    async def go_on(self) -> EventSpec | None:
        """On, where the phone is proved already."""
        async with self._answering():
            return await self._go_on(CODE)
        return None

    async def _send(self) -> None:
        try:
            await self._do(drafts.send_code, self._visitor, address=self.router.session.client_ip)
        except TooMany as refusal:
            self.error = Problem.of(refusal.code, **refusal.facts).sentence
            self._wait(int(str(refusal.facts["retry_seconds"])) if refusal.code == "code_resend" else 0)
            return
        self.error, self.was_sent = "", True
        self._wait(30)

    def _wait(self, seconds: int) -> None:
        self.resend_in_seconds = seconds
        self.waits += 1

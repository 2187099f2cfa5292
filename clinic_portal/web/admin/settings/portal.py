"""Portal access: who has never logged in, and the Welcome Email to them (S12, S14, S15)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic import editing
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.messaging import activation
from clinic_portal.messaging.types import Activation
from clinic_portal.patients.joining import count_never_signed_in
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, may, zone_of
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.components.basics import MUTED, SMALL, button, card
from clinic_portal.web.components.countdown import countdown
from clinic_portal.web.gate import access


class PortalAccess(AdminPage, rx.State):
    """A count, a switch, a button, and how far it has come."""

    never: int = 0
    is_enabled: bool = False
    is_running: bool = False
    total: int = 0
    done: int = 0
    last_run: str = ""
    beat: int = 0

    @rx.event
    @access(Permission.INVITE_PATIENTS)
    async def enter(self) -> None:
        """Show how it stands."""
        async with self._answering():
            await self._open("Portal access")
            await self._look()

    @rx.event
    @access(Permission.INVITE_PATIENTS, by_itself=True)
    async def refresh(self) -> None:
        """Show how far it has come."""
        async with self._answering():
            await self._look()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def switch(self, is_on: Any) -> None:
        """ "Activation email enabled" (S12)."""
        async with self._answering():
            wanted = inputs.choice(is_on, (True, False))
            typed = {"activation_email_enabled": "yes" if wanted else ""}
            await self._do(editing.change_clinic, await self._staff(), typed)
            await self._look()

    @rx.event
    @access(Permission.INVITE_PATIENTS)
    async def activate(self) -> None:
        """ "Activate now" (S15)."""
        async with self._answering():
            await self._do(activation.start, await self._staff())
        await self._look()

    async def _look(self) -> None:
        clinic = await self._open("Portal access", keeps_notice=True)

        def read(read: Reading) -> tuple[int, Activation | None]:
            return count_never_signed_in(read), activation.progress(read)

        self.never, run = await self._ask(read)
        self.is_enabled = clinic.clinic.activation_email_enabled
        self.is_running = run is not None and run.is_running
        self.total, self.done, self.last_run = 0, 0, ""
        self.beat += 1
        if run is not None:
            self.total, self.done = run.total, run.done
        if run is not None and run.finished_at is None and not run.is_running:
            self.last_run = f"It stopped at {run.done} of {run.total}. Press the button to go on."
        if run is not None and run.finished_at is not None:
            language = clinic.clinic.language
            when = wording.day(run.finished_at, str(zone_of(clinic)), language, length="medium")
            self.last_run = f"Last time, {when}: {run.done} Welcome {'Email' if run.done == 1 else 'Emails'} sent."


def page() -> rx.Component:
    """The count first."""
    return settings_frame(
        "Portal access",
        card(
            rx.el.h2("Welcome Email"),
            rx.el.p(
                "When a patient books for the first time, they get an e-mail that opens their portal.",
                class_name=f"{MUTED} mt-1 mb-3",
            ),
            rx.el.button(
                rx.el.span(class_name=rx.cond(PortalAccess.is_enabled, "switch on", "switch"), aria_hidden="true"),
                "Activation email enabled",
                type="button",
                role="switch",
                aria_checked=rx.cond(PortalAccess.is_enabled, "true", "false"),
                disabled=~may(Permission.CHANGE_CLINIC),
                on_click=PortalAccess.switch(~PortalAccess.is_enabled),
                class_name="flex items-center gap-3 bg-transparent border-0 p-0 font-semibold min-h-[32px]",
            ),
            class_name="mb-5",
        ),
        card(
            rx.el.div(
                rx.el.div(
                    rx.el.p(
                        PortalAccess.never,
                        id="never",
                        class_name="font-[family-name:var(--serif)] text-[32px] leading-tight",
                    ),
                    rx.el.p("patients have never logged in to their portal", class_name=MUTED),
                ),
                rx.cond(
                    PortalAccess.is_running,
                    rx.fragment(),
                    button(
                        "Activate now",
                        on_click=PortalAccess.activate,
                        disabled=(PortalAccess.never == 0) | ~PortalAccess.is_enabled,
                    ),
                ),
                class_name="flex justify-between items-center gap-4 flex-wrap",
            ),
            rx.el.p(
                rx.cond(
                    PortalAccess.is_enabled,
                    "It sends the Welcome Email to all of them, and only to them.",
                    "Welcome Emails are switched off above, so none can be sent.",
                ),
                class_name=f"{SMALL} mt-2",
            ),
            rx.cond(
                PortalAccess.is_running, _progress(), rx.el.p(PortalAccess.last_run, class_name="mt-4 empty:hidden")
            ),
        ),
        page="Portal access",
    )


def _progress() -> rx.Component:
    return rx.el.div(
        rx.el.label(
            f"Sending: {PortalAccess.done} of {PortalAccess.total}",
            html_for="sending",
            class_name="block font-semibold mb-1.5",
        ),
        rx.el.progress(id="sending", value=PortalAccess.done, max=PortalAccess.total, class_name="w-full"),
        rx.el.span(
            countdown(seconds=1, on_end=PortalAccess.refresh, key=PortalAccess.beat),
            class_name="sr",
            aria_hidden="true",
        ),
        role="status",
        class_name="mt-4",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/settings/portal", page, [PortalAccess.enter], "Portal access"),
)

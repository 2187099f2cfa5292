"""Wallet: whether patients find theirs in the portal (S34), and two rules of memberships."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic import editing
from clinic_portal.clinic.types import Catalogue
from clinic_portal.web import inputs
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.keeping import KeepsSettings
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, card
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import access

PAGE = "Wallet"
FIELDS = ("grace_days", "longest_pause_months")


class WalletRules(KeepsSettings, rx.State):
    """A switch, and two numbers."""

    is_on: bool = False
    form: list[FieldView] = []
    form_key: int = 0

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show how it stands."""
        async with self._answering():
            self._show(await self._open(PAGE))

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def switch(self, is_on: Any) -> None:
        """Show patients their wallets, or show them no more (S34)."""
        async with self._answering():
            wanted = inputs.choice(is_on, (True, False))
            typed = {"is_wallet_shown": "yes" if wanted else ""}
            await self._do(editing.change_clinic, await self._staff(), typed)
            self._show(await self._open(PAGE))

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep the numbers."""
        async with self._answering():
            wrong = await self._keep(form, FIELDS, most=20)
            if wrong:
                self._draw(*wrong)
                return
            self._show(await self._open(PAGE))
            await self._tell("Saved", "It holds for memberships from now on.")

    def _show(self, clinic: Catalogue) -> None:
        self.is_on = clinic.clinic.is_wallet_shown
        self._draw({name: str(getattr(clinic.clinic, name)) for name in FIELDS}, {})

    def _draw(self, values: dict[str, str], errors: dict[str, str]) -> None:
        self.form_key += 1
        told = (
            ("Days of grace after a refused renewal", "The member keeps all benefits meanwhile. 0 is none."),
            ("Longest pause a member may choose, in months", "0 leaves pausing to staff."),
        )
        shown = [
            FieldView(name, label, values[name], "number", errors.get(name, ""), hint)
            for name, (label, hint) in zip(FIELDS, told, strict=True)
        ]
        self.form = focused(shown, is_opened=False)


def page() -> rx.Component:
    """The switch first."""
    return settings_frame(
        PAGE,
        card(
            rx.el.h2("In the portal"),
            rx.el.p(
                "Credit, deposits, treatments and products that a patient has left, with until when they are good and "
                "what happened. Off, there is no such page: patients are still offered what they have when they book, and "
                "staff see wallets all the same.",
                class_name=f"{MUTED} mt-1 mb-4 max-w-[65ch]",
            ),
            rx.el.button(
                rx.el.span(class_name=rx.cond(WalletRules.is_on, "switch on", "switch"), aria_hidden="true"),
                "Patients see their wallet",
                type="button",
                role="switch",
                aria_checked=rx.cond(WalletRules.is_on, "true", "false"),
                on_click=WalletRules.switch(~WalletRules.is_on),
                class_name="flex items-center gap-3 bg-transparent border-0 p-0 font-semibold min-h-[32px]",
            ),
            class_name="mb-5",
        ),
        rx.el.form(
            rx.el.h2("Memberships"),
            rx.el.p("For all plans alike.", class_name=f"{SMALL} mt-1 mb-4"),
            fields(WalletRules.form, WalletRules.form_key),
            button("Save", type="submit", small=True, class_name="mt-5"),
            id="membership-rules",
            no_validate=True,
            on_submit=WalletRules.save,
            class_name=f"{CARD} min-w-0",
        ),
        page=PAGE,
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/settings/wallet", page, [WalletRules.enter], "Wallet"),)

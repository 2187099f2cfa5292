"""Deposits and cards: where a deposit goes back to, what is held on a card, and the clinic's currency (P6, S79)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from babel.numbers import get_currency_name
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import rules
from clinic_portal.clinic import policies
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Unusable
from clinic_portal.core.money import currencies, least_minor, renamed
from clinic_portal.web import inputs
from clinic_portal.web.admin.settings.keeping import KeepsSettings
from clinic_portal.web.admin.settings.policy import PAGE, Policy
from clinic_portal.web.admin.settings.policy_views import amount
from clinic_portal.web.components.basics import CARD, ERROR, SMALL, button
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

FIELDS = ("deposit_returns_to", "card_hold_minor")
RETURNS = [["card", "Back to the card it was paid with"], ["wallet", "Into the patient’s wallet, for another visit"]]


class Money(KeepsSettings, rx.State):
    """Two settings as a form, and the currency, which is changed deliberately."""

    form: list[FieldView] = []
    form_key: int = 0
    currency: str = ""
    currencies: list[list[str]] = []
    wanted: str = ""
    error: str = ""
    consequences: list[str] = []

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show how they stand."""
        async with self._answering():
            self._show(await self._ask(catalogue))

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep them."""
        async with self._answering():
            wrong = await self._keep(form, FIELDS, most=40)
            if wrong:
                self._draw(*wrong)
                return
            self._show(await self._open(PAGE))
            await self._tell("Saved", "It holds for what is booked from now on.")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def look_at(self, currency: Any) -> None:
        """Say what another currency would change."""
        async with self._answering():
            wanted = inputs.choice(currency, sorted(currencies()))
            clinic = await self._ask(catalogue)
            self.wanted, self.error = wanted, ""
            self.consequences = consequences(clinic, wanted) if wanted != clinic.clinic.currency else []

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def keep(self) -> EventSpec:
        """Rather not."""
        self.wanted, self.error, self.consequences = self.currency, "", []
        return rx.set_focus("currency")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def change(self) -> EventSpec | None:
        """Take the other currency from now on."""
        async with self._answering():
            wanted = inputs.choice(self.wanted, sorted(currencies()))
            try:
                await self._do(policies.change_currency, await self._staff(), wanted)
            except Unusable as refusal:
                self.error = problem(refusal.faults[0]).sentence
                return rx.set_focus("currency")
            self._show(await self._ask(catalogue))
            await (await self.get_state(Policy))._look()
            await self._tell(
                f"Prices are in {wanted} now",
                "What was booked keeps its own. Please read over texts that name amounts.",
            )
        return None

    def _show(self, clinic: Catalogue) -> None:
        info = clinic.clinic
        self.currency = self.wanted = info.currency
        self.error, self.consequences = "", []
        told = sorted((get_currency_name(one, locale=wording.locale("en")), one) for one in currencies())
        self.currencies = [[code, f"{name} ({code})"] for name, code in told]
        self._draw(
            {
                "deposit_returns_to": info.deposit_returns_to,
                "card_hold_minor": amount(info.card_hold_minor, info.currency),
            },
            {},
        )

    def _draw(self, values: dict[str, str], errors: dict[str, str]) -> None:
        self.form_key += 1
        self.form = focused(
            [
                FieldView(
                    "deposit_returns_to",
                    "A deposit cancelled in time goes",
                    values["deposit_returns_to"],
                    "choice",
                    errors.get("deposit_returns_to", ""),
                    choices=RETURNS,
                ),
                FieldView(
                    "card_hold_minor",
                    f"Held on a card to prove it, {self.currency}",
                    values["card_hold_minor"],
                    "text",
                    errors.get("card_hold_minor", ""),
                    "Only where a policy asks for a card and no deposit is paid. It is let go as soon as the visit is "
                    "booked, and never taken.",
                ),
            ],
            is_opened=False,
        )


def consequences(clinic: Catalogue, wanted: str) -> list[str]:
    """What another currency changes, as sentences."""
    info = clinic.clinic

    def now(minor: int) -> str:
        return wording.money(minor, info.currency, info.language)

    def then(minor: int) -> str:
        return wording.money(renamed(minor, info.currency, wanted), wanted, info.language)

    told = []
    priced = [one for one in clinic.services.values() if one.price_minor]
    if priced:
        deposits = " and deposits" if any(rules.deposit_minor([one]) for one in priced) else ""
        one = priced[0]
        told.append(
            f"Prices{deposits} keep their number: {one.name} costs {then(one.price_minor)} instead of "
            f"{now(one.price_minor)}. Nothing is converted."
        )
    in_force = [one for one in (clinic.policy, *clinic.own_policies.values()) if one is not None]
    if any(one.fee_minor or one.noshow_fee_minor for one in in_force):
        told.append("Policies that name an amount are published anew, with the same number.")
    told.append(f"The hold on a card becomes {wording.money(least_minor(wanted), wanted, info.language)}.")
    return [*told, f"What is booked already stays in {info.currency}."]


def money_cards() -> rx.Component:
    """The form, and the currency beside it."""
    return rx.el.div(
        rx.el.form(
            fields(Money.form, Money.form_key),
            button("Save", type="submit", small=True, class_name="mt-5"),
            id="money",
            no_validate=True,
            on_submit=Money.save,
            class_name=f"{CARD} min-w-0",
        ),
        _currency(),
        class_name="grid grid-cols-1 xl:grid-cols-2 gap-5 items-start",
    )


def _currency() -> rx.Component:
    return rx.el.div(
        rx.el.label("Currency", html_for="currency", class_name="block font-semibold mb-1.5"),
        rx.el.select(
            rx.foreach(Money.currencies, lambda one: rx.el.option(one[1], value=one[0])),
            id="currency",
            value=Money.wanted,
            on_change=Money.look_at,
            aria_invalid=rx.cond(Money.error != "", "true", "false"),
            aria_describedby="currency-hint currency-error",
            class_name="field",
        ),
        rx.el.p("Of all prices, deposits and fees from now on.", id="currency-hint", class_name=f"{SMALL} mt-1.5"),
        rx.el.p(
            Money.error,
            id="currency-error",
            role="alert",
            class_name=ERROR,
        ),
        rx.el.div(
            rx.cond(
                Money.consequences,
                rx.el.div(
                    rx.el.p(f"If you change to {Money.wanted}", class_name="font-semibold"),
                    rx.el.ul(
                        rx.foreach(Money.consequences, lambda one: rx.el.li(one, class_name="mt-1.5")),
                        class_name="list-disc pl-5 mt-1 mb-0",
                    ),
                    rx.el.div(
                        button(f"Change to {Money.wanted}", small=True, on_click=Money.change),
                        button(f"Keep {Money.currency}", ghost=True, small=True, on_click=Money.keep),
                        class_name="flex flex-wrap gap-3 mt-4",
                    ),
                    id="consequences",
                    class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-4",
                ),
            ),
            role="status",
        ),
        class_name=f"{CARD} min-w-0",
    )

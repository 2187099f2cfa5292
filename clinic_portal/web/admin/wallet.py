"""A patient's wallet on their page: what staff see of it, put in and take out, with a reason (P7)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import staff as people
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import statement
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import ids
from clinic_portal.core.errors import DomainError, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.wallet import giving
from clinic_portal.web import inputs
from clinic_portal.web.admin import wallet_forms as forms
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.wallet_forms import HAND, ITEM, STEPS, TAKE
from clinic_portal.web.components.fields import FieldView
from clinic_portal.web.gate import access
from clinic_portal.web.portal import wallet_views
from clinic_portal.web.portal.wallet_views import WalletView
from clinic_portal.web.problems import problem


class WalletPart(AdminPage, rx.State):
    """The wallet of the patient the address names; `step` is what somebody is about to do with it."""

    w: WalletView = WalletView()
    is_shown: bool = False  # to patients
    step: str = ""
    lot: int = 0
    title: str = ""
    form: list[FieldView] = []
    form_key: int = 0
    _most: int = statement.PAGE
    _key: str = ""
    _currencies: list[str] = []

    @rx.event
    @access(Permission.HANDLE_WALLETS)
    async def ask(self, what: Any) -> None:
        """Somebody is about to give something, or to take credit."""
        async with self._answering():
            await self._begin(inputs.choice(what, STEPS), 0)

    @rx.event
    @access(Permission.HANDLE_WALLETS)
    async def ask_lot(self, what: Any, lot_id: Any) -> None:
        """Somebody is about to take some of a lot, or to hand a product over."""
        async with self._answering():
            await self._begin(inputs.choice(what, (ITEM, HAND)), inputs.row_id(lot_id))

    @rx.event
    @access(Permission.HANDLE_WALLETS)
    async def keep(self) -> EventSpec:
        """Rather not."""
        self.step = ""
        return rx.set_focus("wallet-title")

    @rx.event
    @access(Permission.HANDLE_WALLETS)
    async def more(self) -> EventSpec | None:
        """Show more of what happened."""
        async with self._answering():
            self._most = min(self._most + statement.PAGE, statement.MOST)
            await self._look(await self._open("Patient"), await self._staff(), self._wanted())
            return None if self.w.more else rx.set_focus("history")
        return None

    @rx.event
    @access(Permission.HANDLE_WALLETS)
    async def save(self, form: Any) -> EventSpec | None:
        """Do it; once, however often the button is pressed."""
        async with self._answering():
            if self.step not in (*STEPS, ITEM, HAND):
                return None
            clinic, actor, wanted = await self._open("Patient"), await self._staff(), self._wanted()
            typed = inputs.fields(form, *forms.NAMES, most=600)
            try:
                await self._done(clinic, actor, wanted, typed)
            except Unusable as refusal:
                errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                self._draw(clinic, typed, errors)
                return None
            except DomainError:
                self.step = ""
                await self._look(clinic, actor, wanted)
                raise
            told = forms.DONE[self.step]
            self.step = ""
            await self._look(clinic, actor, wanted)
            await self._tell(told, "" if self.is_shown else "Patients are not shown their wallets just now.")
            return rx.set_focus("wallet-title")
        return None

    async def _done(self, clinic: Catalogue, actor: StaffActor, wanted: int, typed: dict[str, str]) -> None:
        told = {"reason": typed["reason"], "key": self._key}
        if self.step == TAKE:
            currency = inputs.choice(typed["currency"] or clinic.clinic.currency, self._currencies)
            await self._do(giving.take_credit, actor, wanted, typed["amount"], currency=currency, **told)
        elif self.step == ITEM:
            await self._do(giving.take_items, actor, wanted, inputs.row_id(self.lot), typed["count"], **told)
        elif self.step == HAND:
            await self._do(giving.hand_over, actor, wanted, inputs.row_id(self.lot), key=self._key)
        else:
            await self._do(giving.give, actor, wanted, forms.given(self.step, typed), key=self._key)

    async def _begin(self, step: str, lot: int) -> None:
        clinic = await self._open("Patient")
        self.step, self.lot, self._key = step, lot, ids.nonce()
        name = next((one.name for one in self.w.things if one.id == lot), "")
        self.title = forms.title(step, name)
        self._draw(clinic, {}, {})

    def _draw(self, clinic: Catalogue, typed: dict[str, str], errors: dict[str, str]) -> None:
        self.form_key += 1
        self.form = forms.fields_of(self.step, clinic, self._currencies, typed, errors)

    def _wanted(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("id", ""))

    async def _enter(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        self.step, self._most = "", statement.PAGE
        await self._look(clinic, actor, wanted)

    async def _look(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        self.w = WalletView()
        names = await self._ask(people.names)

        def read(read: Reading) -> tuple[WalletView, list[str]]:
            found = statement.for_staff(read, actor, wanted, most=self._most)
            view = wallet_views.desk(found, clinic.clinic.currency, read.now, names)
            return view, sorted(found.credit) or [clinic.clinic.currency]

        self.w, self._currencies = await self._ask(read)
        self.is_shown = clinic.clinic.is_wallet_shown

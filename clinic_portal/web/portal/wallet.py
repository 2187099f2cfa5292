"""A patient's wallet (S33); where the clinic does not show it, this page does not exist (S34)."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import statement
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal import wallet_views
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.wallet_views import WalletView

HERE = "Wallet"


class Purse(PortalPage, rx.State):
    """The wallet of whoever is signed in, with as much of its history as was asked for."""

    is_missing: bool = False
    w: WalletView = WalletView()
    _most: int = statement.PAGE

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show it."""
        async with self._answering():
            self._most = statement.PAGE
            await self._open(HERE)
            await self._look()

    @rx.event
    @access(PATIENT)
    async def more(self) -> EventSpec | None:
        """Show more of what happened."""
        async with self._answering():
            self._most = min(self._most + statement.PAGE, statement.MOST)
            await self._look()
            if not (self.w.more or self.is_missing):
                return rx.set_focus("history")
        return None

    async def _look(self) -> None:
        """Show the wallet as it stands; for who is not to see one, nothing is there and never was."""
        self.is_missing, self.w = True, WalletView()
        patient = await self._patient()

        def read(read: Reading) -> WalletView:
            found = statement.of_patient(read, patient.patient_id, most=self._most)
            return wallet_views.mine(found, catalogue(read), read.now)

        try:
            self.w = await self._ask(read)
        except NotAllowed:
            return
        self.is_missing = False

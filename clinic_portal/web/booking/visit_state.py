"""State of the fourth step: add, edit, and part services that need two providers."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.booking import drafts
from clinic_portal.web import inputs
from clinic_portal.web.booking.cart import CartStep
from clinic_portal.web.booking.steps import VISIT
from clinic_portal.web.booking.wizard import Scene, splits
from clinic_portal.web.gate import PUBLIC, access


class VisitStep(CartStep, rx.State):
    """The cart once more, with everything that could be added (S68-S70)."""

    _step = VISIT
    is_repriced: bool = False
    first_visit: str = ""
    other_visits: str = ""
    needs_split: bool = False
    has_gone: bool = False

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> EventSpec | None:
        """Show the cart."""
        async with self._answering():
            now, redirect = await self._open(VISIT)
            self._show(now)
            return redirect
        return None

    @rx.event
    @access(PUBLIC)
    async def part(self) -> None:
        """Book the first visit now and set the others aside (S70)."""
        async with self._answering():
            now, _ = await self._open(VISIT)
            first = set(splits(now)[0]) if now.draft.now_lines else set()
            aside = [line.service_id for line in now.draft.now_lines if line.name not in first]
            await self._do(drafts.set_aside, self._visitor, aside, is_later=True)
        await self._again()

    @rx.event
    @access(PUBLIC)
    async def bring_back(self, service_id: Any) -> None:
        """Take a service that was set aside into this visit again."""
        async with self._answering():
            await self._do(drafts.set_aside, self._visitor, [inputs.row_id(service_id)], is_later=False)
        await self._again()

    @rx.event
    @access(PUBLIC)
    async def use(self, service_id: Any, is_used: Any) -> None:
        """Pay for a service with something of the wallet, or with money after all."""
        async with self._answering():
            wanted = inputs.row_id(service_id)
            await self._do(drafts.use_item, self._visitor, wanted, is_used=is_used is True)
        await self._again()

    @rx.event
    @access(PUBLIC)
    async def go_on(self) -> EventSpec | None:
        """The visit is right as it stands, prices included."""
        async with self._answering():
            await self._do(drafts.agree_to_visit, self._visitor)
            return await self._go_on(VISIT)
        await self._again()
        return None

    def _show(self, now: Scene) -> None:
        super()._show(now)
        self.is_repriced = any(line.is_repriced for line in now.draft.now_lines)
        self.has_gone = any(not line.is_offered for line in now.draft.now_lines)
        parted = splits(now)
        self.needs_split = len(parted) > 1
        self.first_visit = " and ".join(parted[0]) if parted else ""
        self.other_visits = " and ".join(name for visit in parted[1:] for name in visit)

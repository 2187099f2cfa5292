"""What the clinic owes in all wallets, now or at the end of any day before (P7, P18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.core.errors import Invalid
from clinic_portal.core.work import Reading
from clinic_portal.wallet import liability, rules
from clinic_portal.wallet.liability import Owed
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem

PAGE = "Liability"
KINDS = {"credit": "Credit", "deposit": "Deposits kept for visits", "items": "Treatments and products"}
ORIGINS = {
    "deposit": "Deposits",
    "paid": "Payments given back, deposits become credit",
    "package": "Packages",
    "membership": "Memberships",
    "gift": "Gifts and promotions",
    "staff": "Added by staff",
}


@dataclass
class PartView:
    """A line: what it is, how much, and what of it expires when."""

    name: str
    detail: str
    amount: str
    in_30: str
    in_90: str
    never: str


@dataclass
class CurrencyView:
    """What is owed in one currency."""

    code: str
    total: str
    in_30: str
    in_90: str
    kinds: list[PartView] = field(default_factory=list)
    origins: list[PartView] = field(default_factory=list)


class Owing(AdminPage, rx.State):
    """The sums of a day."""

    on: str = ""
    told: str = ""
    error: str = ""
    csv: str = ""
    sums: list[CurrencyView] = []

    @rx.event
    @access(Permission.SEE_SALES)
    async def enter(self) -> None:
        """Show how it stands now."""
        async with self._answering():
            self.sums, self.error = [], ""
            await self._look(None)

    @rx.event
    @access(Permission.SEE_SALES)
    async def look_at(self, on: Any) -> None:
        """Show how it stood at the end of a day."""
        async with self._answering():
            typed = inputs.text(on, most=10)
            self.error = ""
            await self._look(inputs.iso_date(typed) if typed else None)

    async def _look(self, on: date | None) -> None:
        clinic, actor = await self._open(PAGE), await self._staff()

        def read(read: Reading) -> tuple[date, datetime | None, tuple[Owed, ...]]:
            today = wording.local(read.now, clinic.time_zone).date()
            at = end_of(clinic, on, today)
            return today, at, liability.owed(read, actor, at=at)

        try:
            today, at, found = await self._ask(read)
        except Invalid as refusal:
            self.error = problem(refusal).sentence
            return
        day, language = on or today, clinic.clinic.language
        self.on, self.csv = day.isoformat(), "/admin/liability.csv" + (f"?on={day.isoformat()}" if at else "")
        told = wording.day(day, "UTC", language)
        self.told = f"At the end of {told}" if at else f"Now, {told}"
        self.sums = currencies(found, clinic.clinic.currency, language)


def end_of(clinic: Catalogue, on: date | None, today: date) -> datetime | None:
    """The instant at which a day that is over ended; None for now. Raises Invalid for a day to come."""
    if on is None or on == today:
        return None
    if on > today:
        raise Invalid("on", "wallet_day_future")
    return rules.expires_at(on, clinic.time_zone)


def currencies(found: Sequence[Owed], usual: str, language: str) -> list[CurrencyView]:
    """Sums as words, one part for each currency; the clinic's own first, also where nothing is owed."""
    codes = sorted({one.currency for one in found} | {usual}, key=lambda code: (code != usual, code))
    return [_currency(code, [one for one in found if one.currency == code], language) for code in codes]


def _currency(code: str, mine: Sequence[Owed], language: str) -> CurrencyView:
    def money(minor: int) -> str:
        return wording.money(minor, code, language)

    def part(name: str, some: Sequence[Owed]) -> PartView:
        count = sum(one.count for one in some)
        return PartView(
            name=name,
            detail=f"{count} left" if count else "",
            amount=money(sum(one.minor for one in some)),
            in_30=money(sum(one.in_30_days_minor for one in some)),
            in_90=money(sum(one.in_90_days_minor for one in some)),
            never=money(sum(one.never_minor for one in some)),
        )

    whole = part("", mine)
    by_kind = [part(name, [one for one in mine if one.kind == kind]) for kind, name in KINDS.items()]
    by_origin = [
        part(name, some) for key, name in ORIGINS.items() if (some := [one for one in mine if one.origin == key])
    ]
    return CurrencyView(code, whole.amount, whole.in_30, whole.in_90, by_kind, by_origin)

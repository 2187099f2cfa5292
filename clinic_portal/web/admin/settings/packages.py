"""State of the settings of packages: the list, and a form for one of them with its card beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Conflict, Unusable
from clinic_portal.core.work import Reading
from clinic_portal.packages import editing, queries, rules, words
from clinic_portal.packages.types import PackageInfo
from clinic_portal.payments import queries as payments
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.settings.policy_views import amount
from clinic_portal.web.booking.views import price
from clinic_portal.web.gate import access
from clinic_portal.web.problems import problem
from clinic_portal.web.shop import views
from clinic_portal.web.shop.views import OfferView

PAGE = "Packages"
CLOSED, NEW = -1, 0
BLANK = dict.fromkeys(editing.FIELDS, "") | {"count": "6", "valid_days": "365"}


@dataclass
class PackageRow:
    """A package in the list."""

    id: int
    name: str
    detail: str
    note: str  # why it is not on sale; empty where it is
    is_active: bool


class PackageDesk(AdminPage, rx.State):
    """What is sold as packages, and the one that is being written."""

    rows: list[PackageRow] = []
    editing: int = CLOSED
    form: dict[str, str] = {}
    errors: dict[str, str] = {}
    form_key: int = 0
    choices: list[list[str]] = []
    currency: str = ""
    card: OfferView = OfferView()
    to: str = ""
    moves: int = 0
    _revision: int = 0

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show the list."""
        async with self._answering():
            self.editing, self.moves = CLOSED, 0
            await self._list()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def edit(self, package_id: Any) -> None:
        """Open the form of a package; 0 is a new one."""
        async with self._answering():
            wanted = inputs.row_id(package_id, least=NEW)
            clinic = await self._open(PAGE)
            found = await self._ask(queries.package, wanted) if wanted else None
            self._revision = found.revision if found else 0
            self.form = _form(found) if found else dict(BLANK)
            self.choices, self.currency = _choices(clinic, found), clinic.clinic.currency
            self.errors, self.editing = {}, wanted
            self.form_key += 1
            await self._draw()
            self._focus("name")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def close(self) -> None:
        """Put the form away; nothing is saved."""
        self._focus("add" if self.editing == NEW else f"change-{self.editing}")
        self.editing = CLOSED

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def write(self, field: Any, text: Any) -> None:
        """Keep what is typed, and show how patients would see it."""
        async with self._answering():
            name = inputs.choice(field, editing.FIELDS)
            self.form = {**self.form, name: inputs.text(text, most=2000)}
            await self._draw()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep the package: for those who buy it from now on."""
        async with self._answering():
            self.form = inputs.fields(form, *editing.FIELDS, most=2000)
            actor, wanted = await self._staff(), inputs.row_id(self.editing, least=NEW)
            try:
                if wanted:
                    await self._do(editing.change, actor, wanted, self.form, revision=self._revision)
                else:
                    await self._do(editing.add, actor, self.form)
            except Unusable as refusal:
                self.errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                self._focus(next(name for name in editing.FIELDS if name in self.errors))
                return
            except Conflict:
                self.editing = CLOSED
                await self._list()
                raise
            self.editing = CLOSED
            await self._list()
            await self._tell("Saved", "For whoever buys it from now on; what was sold stays as it was sold.")
            self._focus("notice")

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def switch(self, package_id: Any) -> None:
        """Sell it no more, or again."""
        async with self._answering():
            wanted, actor = inputs.row_id(package_id), await self._staff()
            before = await self._ask(queries.package, wanted)
            told = {"is_active": not before.is_active, "revision": before.revision}
            await self._do(editing.switch, actor, wanted, **told)
            await self._list()

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def move_up(self, package_id: Any) -> None:
        """One place up in the list, which is the order patients see."""
        async with self._answering():
            await self._do(editing.move_up, await self._staff(), inputs.row_id(package_id))
            await self._list()

    async def _list(self) -> None:
        clinic = await self._open(PAGE)

        def read(read: Reading) -> list[PackageRow]:
            many = payments.packages_sold(read)
            return [_row(clinic, one, many.get(one.id, 0)) for one in queries.every(read)]

        self.rows = await self._ask(read)

    async def _draw(self) -> None:
        def read(read: Reading) -> OfferView:
            found = editing.previewed(read, self.form)
            return views.card(catalogue(read), found) if found else OfferView()

        self.card = await self._ask(read)

    def _focus(self, on: str) -> None:
        self.to = on
        self.moves += 1


def _form(info: PackageInfo) -> dict[str, str]:
    is_service = info.service_id is not None
    thing = f"{rules.SERVICE}:{info.service_id}" if is_service else f"{rules.CATEGORY}:{info.category_id}"
    return {
        "name": info.name,
        "description": info.description,
        "what": thing,
        "count": str(info.count),
        "price_minor": amount(info.price_minor, info.currency),
        "valid_days": "" if info.valid_days is None else str(info.valid_days),
    }


def _choices(clinic: Catalogue, info: PackageInfo | None) -> list[list[str]]:
    """Every treatment, and every category that has one."""
    services = [[f"{rules.SERVICE}:{one.id}", one.name] for one in clinic.services.values()]
    filled = {one.category_id for one in clinic.services.values()}
    any_of = [
        [f"{rules.CATEGORY}:{one.id}", f"Any treatment of {one.name}"]
        for one in clinic.categories.values()
        if one.id in filled
    ]
    chosen = [["", "Please choose"]] if info is None or not _is_offered(clinic, info) else []
    return [*chosen, *services, *any_of]


def _is_offered(clinic: Catalogue, info: PackageInfo) -> bool:
    return bool(queries.singles_minor(clinic, info.service_id, info.category_id))


def _row(clinic: Catalogue, info: PackageInfo, many: int) -> PackageRow:
    named = queries.named(clinic, info.service_id, info.category_id)
    note = ""
    if not info.is_active:
        note = "not sold any more"
    elif info.currency != clinic.clinic.currency:
        note = f"not on sale: its price is in {info.currency}"
    elif not _is_offered(clinic, info):
        note = "not on sale: its treatment is switched off"
    parts = (
        views.in_it(info.count, named, is_any=info.category_id is not None),
        price(clinic, info.price_minor, info.currency),
        words.holds(info.valid_days).lower(),
        f"{many} sold" if many else "",
    )
    return PackageRow(info.id, info.name, " · ".join(part for part in parts if part), note, info.is_active)

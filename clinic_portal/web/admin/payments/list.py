"""Payments, the newest first: what asks for attention before all others, by kind, by patient or visit."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import till
from clinic_portal.core import wording
from clinic_portal.payments.listing import Show
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, list_address, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.payments import pieces, views, words
from clinic_portal.web.admin.payments.views import LineView
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, turning
from clinic_portal.web.gate import access

PAGE = "Payments"
NOTHING = {
    Show.ALL: "No payment was asked for yet. Holds, deposits and fees will stand here.",
    Show.ATTENTION: "Nothing needs you. Fees that fail, disputes and refunds that fail will stand here.",
    Show.FEES: "No fee was charged yet.",
    Show.DEPOSITS: "No deposit was asked for yet.",
    Show.HOLDS: "No card was checked yet.",
    Show.PACKAGES: "No package was bought yet.",
    Show.MEMBERSHIPS: "No membership was paid yet.",
    Show.REFUNDS: "Nothing was given back yet.",
}


class Payments(AdminPage, rx.State):
    """What was looked for, and what was found."""

    show: str = "all"
    wanted: str = ""
    shown: list[LineView] = []
    asking: list[LineView] = []
    asking_count: int = 0
    nobodys: list[str] = []
    nothing: str = ""
    older: str = ""
    newest: str = ""
    charges: bool = False

    @rx.event
    @access(Permission.SEE_PAYMENTS)
    async def enter(self) -> None:
        """Show what the address says."""
        async with self._answering():
            asked = self.router.url.query_parameters
            show = next((one for one in Show if one.value == asked.get("show", "")), Show.ALL)
            self.wanted = self._kept(self.wanted)
            await self._list(show, inputs.id_in_address(asked.get("before", "")) or None)

    @rx.event
    @access(Permission.SEE_PAYMENTS)
    async def look_for(self, form: Any) -> EventSpec | None:
        """Look for a patient's payments, or a visit's."""
        async with self._answering():
            self.wanted = inputs.fields(form, "wanted", most=100)["wanted"].strip()
            show = next((one for one in Show if one.value == self.show), Show.ALL)
            await self._list(show, None)  # other words may have the same address
            return rx.redirect(_address(show, self.wanted))
        return None

    async def _list(self, show: Show, before: int | None) -> None:
        clinic, actor = await self._open(PAGE), await self._staff()
        found = await self._ask(till.page, actor, show, wanted=self.wanted, before_id=before)
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        self.show, self.charges = show.value, actor.may(Permission.CHARGE_FEES)
        self.shown = [views.line(one, zone, language) for one in found.lines]
        self.asking = [views.line(one, zone, language) for one in found.asking]
        self.asking_count = found.attention_count
        self.nobodys = [
            f"{words.difference(one.kind)}, {wording.moment(one.found_at, zone, language)}"
            + (f" ({one.intent_id})" if one.intent_id else "")
            for one in found.nobodys
        ]
        self.nothing = NOTHING[show] if not self.wanted else "No payment of that patient or visit was found."
        last = found.lines[-1].payment.id if found.has_more else 0
        self.older = _address(show, self.wanted, last) if last else ""
        self.newest = _address(show, self.wanted) if before else ""


def _address(show: Show, wanted: str, before: int = 0) -> str:
    return list_address("/admin/payments", show="" if show is Show.ALL else show.value, words=wanted, before=before)


def page() -> rx.Component:
    """Tabs, what asks for attention, and the list."""
    return admin_frame(
        PAGE,
        pieces.tabs(Payments.show, Payments.asking_count, charges=Payments.charges),
        rx.cond(Payments.asking, _asking()),
        rx.cond(Payments.nobodys, _nobodys()),
        rx.el.section(
            rx.el.div(
                rx.el.h2(
                    rx.cond(
                        Payments.wanted != "",
                        f"Found for “{Payments.wanted}”",
                        rx.match(Payments.show, *[(name, title) for name, title in _titles()], "All payments"),
                    ),
                    class_name="!text-[18px] overflow-anywhere",
                ),
                _search(),
                class_name="flex items-center justify-between gap-3 flex-wrap mb-2",
            ),
            rx.cond(
                Payments.shown,
                pieces.lines(Payments.shown, "payments"),
                rx.el.div(
                    rx.el.p(Payments.nothing, id="nothing", class_name=MUTED),
                    rx.cond(
                        Payments.wanted != "", rx.el.a("All payments", href="/admin/payments", class_name="link mt-1")
                    ),
                    class_name="py-3",
                ),
            ),
            class_name=CARD,
        ),
        turning(Payments.newest, Payments.older),
        here=PAGE,
        page=PAGE,
    )


def _titles() -> list[tuple[str, str]]:
    return [(name, label) for name, label in pieces.TABS if name != "all"]


def _asking() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(f"Needs attention: {Payments.asking_count}", class_name="!text-[18px]"),
            rx.cond(
                Payments.asking_count > Payments.asking.length(),
                rx.el.a("Show all", href="/admin/payments?show=attention", class_name="link"),
            ),
            class_name="flex items-center justify-between gap-3 flex-wrap mb-2",
        ),
        pieces.lines(Payments.asking, "asking"),
        class_name=f"{CARD} mb-5 !border-l-4 !border-l-[#c98a1b]",
    )


def _nobodys() -> rx.Component:
    return rx.el.section(
        rx.el.h2("At the payment service, not in our books", class_name="!text-[18px]"),
        rx.el.ul(
            rx.foreach(Payments.nobodys, lambda told: rx.el.li(told, class_name="py-1.5 overflow-anywhere")),
            class_name="list-none p-0 mt-1 mb-0",
        ),
        rx.el.p("Please look these up in the payment service’s own pages.", class_name=f"{SMALL} mt-1"),
        id="nobodys",
        class_name=f"{CARD} mb-5 !border-l-4 !border-l-[#c98a1b]",
    )


def _search() -> rx.Component:
    return rx.el.form(
        rx.el.label("Search payments", html_for="wanted", class_name="sr"),
        rx.el.input(
            id="wanted",
            name="wanted",
            type="search",
            default_value=Payments.wanted,
            key=f"{Payments.show}-{Payments.wanted}",
            placeholder="Patient or reference",
            max_length=100,
            class_name="field !min-h-[40px] !py-1.5 min-w-0 sm:!w-[210px]",
        ),
        button("Search", type="submit", ghost=True, small=True),
        on_submit=Payments.look_for,
        role="search",
        aria_label="Payments",
        class_name="flex gap-2 items-center w-full sm:w-auto",
    )

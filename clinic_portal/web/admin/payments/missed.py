"""Visits that have begun and at which nobody was checked in: staff say who did not come, and charge for it (P5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import till
from clinic_portal.booking.till import Unattended
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.payments.listing import attention_count
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.noshow import AsksNoShow, asking
from clinic_portal.web.admin.payments import pieces
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.follow import follow
from clinic_portal.web.gate import access

PAGE = "Missed visits"
AT_ONCE = 30


@dataclass
class MissedView:
    """A visit nobody was checked in to."""

    id: int
    when: str
    who: str
    patient_href: str
    what: str
    reference: str
    fee: str
    label: str


class Missed(AsksNoShow, rx.State):
    """The visits, and the one somebody is about to mark."""

    visits: list[MissedView] = []
    has_more: bool = False
    asking_count: int = 0

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def enter(self) -> None:
        """Show the newest."""
        async with self._answering():
            self.asked, self.visits = [], []
            await self._look()

    @rx.event
    @access(Permission.CHARGE_FEES)
    async def more(self) -> None:
        """Show older ones, too."""
        async with self._answering():
            await self._look(skip=len(self.visits))

    async def _anew(self) -> None:
        self.visits = []
        await self._look(keeps_notice=True)

    async def _look(self, *, skip: int = 0, keeps_notice: bool = False) -> None:
        clinic = await self._open(PAGE, keeps_notice=keeps_notice)
        actor = await self._staff()

        def read(read: Reading) -> tuple[list[Unattended], bool, int]:
            found, has_more = till.unattended(read, actor, skip=skip, most=AT_ONCE)
            return found, has_more, attention_count(read)

        found, self.has_more, self.asking_count = await self._ask(read)
        self.visits = [*self.visits[:skip], *(_view(one, clinic.clinic.language) for one in found)]


def _view(one: Unattended, language: str) -> MissedView:
    fee = wording.money(one.fee_minor, one.currency, language) if one.fee_minor else ""
    return MissedView(
        id=one.appointment_id,
        when=wording.moment(one.start_at, one.time_zone, language, length="short"),
        who=one.who,
        patient_href=f"/admin/patient?id={one.patient_id}",
        what=f"{' and '.join(one.service_names)} · {one.provider_name}",
        reference=one.reference,
        fee=fee,
        label=f"Did not come: charge {fee}" if fee else "Did not come: no fee",
    )


def page() -> rx.Component:
    """The visits, newest first."""
    return admin_frame(
        "Payments",
        pieces.tabs("missed", Missed.asking_count, charges=True),
        rx.el.section(
            rx.el.h2("Missed visits", class_name="!text-[18px]"),
            rx.el.p(
                "Visits of the last 30 days that have begun and at which nobody was checked in. If a patient did not "
                "come, say so here: what the policy they accepted asks is charged.",
                class_name=f"{MUTED} mt-1 mb-2 max-w-[640px]",
            ),
            rx.cond(
                Missed.visits,
                rx.el.ul(rx.foreach(Missed.visits, _visit), id="missed", class_name="list-none p-0 m-0"),
                rx.el.p("None: everybody came, or no visit has begun.", id="nothing", class_name="py-3"),
            ),
            class_name=CARD,
        ),
        follow(to=Missed.focus_on, number=Missed.focus_number),
        rx.cond(Missed.has_more, button("Older", ghost=True, small=True, on_click=Missed.more, class_name="mt-4")),
        here="Payments",
        page=PAGE,
    )


def _visit(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5"),
            rx.el.div(
                rx.el.a(one.who, href=one.patient_href, class_name="link !text-[15px] font-semibold overflow-anywhere"),
                rx.el.p(one.what, class_name=f"{MUTED} text-[14px] overflow-anywhere"),
                class_name="min-w-0",
            ),
            rx.el.span(one.reference, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5"),
            rx.el.div(
                rx.cond(
                    _is_asked(one),
                    rx.fragment(),
                    button(
                        one.label,
                        rx.el.span(": ", one.who, class_name="sr"),
                        id=f"missed-{one.id}",
                        ghost=True,
                        small=True,
                        on_click=Missed.ask(one.id),
                    ),
                ),
                class_name="md:text-right",
            ),
            class_name="grid gap-x-5 gap-y-1 md:grid-cols-[150px_minmax(0,1fr)_104px_250px] items-start",
        ),
        rx.cond(_is_asked(one), asking(Missed, Missed.asked[0])),
        class_name="py-3.5 border-b border-[var(--line)] last:border-0",
    )


def _is_asked(one: Any) -> Any:
    return Missed.asked & (Missed.asked[0].id == one.id)

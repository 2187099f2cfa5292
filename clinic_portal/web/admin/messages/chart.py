"""The messages of a patient on their page: how they are reached, what was said, what is still to come (B6)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.clinic.types import Catalogue
from clinic_portal.messaging import attending
from clinic_portal.messaging import chart as charts
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.messages import chart_views, pieces
from clinic_portal.web.admin.messages.chart_views import GroupView, ReachView
from clinic_portal.web.admin.payments.pieces import standing
from clinic_portal.web.components.basics import CARD, MUTED, SMALL
from clinic_portal.web.gate import access


class MessagesPart(AdminPage, rx.State):
    """The messages of the patient the address names; replies are read one by one, which the activity log notes."""

    reach: list[ReachView] = []
    coming: list[str] = []
    groups: list[GroupView] = []
    has_more: bool = False
    _opened: dict[int, str] = {}

    @rx.event
    @access(Permission.HANDLE_MESSAGES)
    async def read_reply(self, reply_id: Any) -> None:
        """Show the words of a reply."""
        async with self._answering():
            clinic, actor, wanted = await self._open("Patient", keeps_notice=True), await self._staff(), self._wanted()
            asked = inputs.row_id(reply_id)
            said = await self._do(attending.open_reply, actor, asked)
            self._opened = {**self._opened, asked: said or "(no words)"}
            await self._look(clinic, actor, wanted)

    def _wanted(self) -> int:
        return inputs.id_in_address(self.router.url.query_parameters.get("id", ""))

    async def _enter(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        self._opened = {}
        await self._look(clinic, actor, wanted)

    async def _look(self, clinic: Catalogue, actor: StaffActor, wanted: int) -> None:
        found = await self._ask(charts.chart, actor, wanted)
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        self.reach = [chart_views.reach(one, zone, language) for one in found.reach]
        self.coming = [chart_views.coming(one, zone, language) for one in found.coming]
        self.groups = chart_views.groups(found, zone, language, self._opened)
        self.has_more = found.has_more


def messages() -> rx.Component:
    """How they are reached beside what was said."""
    return rx.el.div(
        rx.el.div(_reach(), rx.cond(MessagesPart.coming, _coming()), class_name="grid gap-5"),
        _groups(),
        class_name="grid grid-cols-1 xl:grid-cols-[320px_minmax(0,1fr)] gap-5 items-start",
    )


def _reach() -> rx.Component:
    return rx.el.section(
        rx.el.h2("How they are reached"),
        rx.el.ul(
            rx.foreach(
                MessagesPart.reach,
                lambda one: rx.el.li(
                    rx.el.p(rx.el.b(one.title)),
                    rx.el.p(one.address, class_name="overflow-anywhere empty:hidden"),
                    rx.el.p(
                        rx.el.span(rx.cond(one.is_silent, "! ", "✓ "), aria_hidden="true"),
                        one.told,
                        class_name=rx.cond(
                            one.is_silent,
                            "text-[14px] font-medium text-[#6b4600] overflow-anywhere",
                            f"{SMALL} overflow-anywhere",
                        ),
                    ),
                    class_name="py-2.5 border-b border-[var(--line)] last:border-0",
                ),
            ),
            id="reach",
            class_name="list-none p-0 mt-1 mb-0",
        ),
        class_name=CARD,
    )


def _coming() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Still to come"),
        rx.el.ul(
            rx.foreach(MessagesPart.coming, lambda told: rx.el.li(told, class_name="py-1.5 overflow-anywhere")),
            id="coming",
            class_name="list-none p-0 mt-1 mb-0",
        ),
        class_name=CARD,
    )


def _groups() -> rx.Component:
    return rx.el.section(
        rx.cond(
            MessagesPart.groups,
            rx.el.div(
                rx.foreach(
                    MessagesPart.groups,
                    lambda group: rx.el.section(
                        rx.el.h2(group.title, class_name="!text-[18px] overflow-anywhere"),
                        rx.el.ul(rx.foreach(group.said, _entry), class_name="list-none p-0 mt-1 mb-0"),
                    ),
                ),
                rx.cond(
                    MessagesPart.has_more,
                    rx.el.p("Only the newest hundred are shown. The rest is under Messages.", class_name=SMALL),
                ),
                id="said-to-them",
                class_name="grid gap-6",
            ),
            rx.el.div(
                rx.el.h2("Messages"),
                rx.el.p(
                    "Nothing was sent to them and nothing came from them yet.",
                    id="nothing-said",
                    class_name=f"{MUTED} mt-1",
                ),
            ),
        ),
        class_name=f"{CARD} min-w-0",
    )


def _entry(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(one.when, class_name=f"{SMALL} num whitespace-nowrap md:pt-0.5"),
            rx.el.div(
                rx.cond(
                    one.is_reply,
                    rx.el.b(one.what),
                    rx.el.a(rx.el.b(one.what), href=one.href, class_name="text-inherit overflow-anywhere"),
                ),
                rx.cond(one.is_reply, _words(one)),
                rx.el.p(one.note, class_name=f"{MUTED} text-[14px] overflow-anywhere empty:hidden"),
                class_name="min-w-0 max-md:col-span-2 max-md:row-start-2",
            ),
            rx.el.span(standing(one.state, one.kind), class_name="text-right"),
            class_name=(
                "grid gap-x-5 gap-y-1 max-md:grid-cols-[minmax(0,1fr)_auto] md:grid-cols-[150px_minmax(0,1fr)_auto] "
                "items-start py-3"
            ),
        ),
        key=rx.cond(one.is_reply, "reply-", "message-") + one.id.to(str),
        class_name="border-b border-[var(--line)] last:border-0",
    )


def _words(one: Any) -> rx.Component:
    return rx.cond(
        one.is_open,
        rx.el.blockquote(one.words, class_name=pieces.BUBBLE),
        rx.el.button(
            "Read it",
            rx.el.span(", the reply of ", one.when, class_name="sr"),
            type="button",
            class_name="link block mt-1",
            on_click=MessagesPart.read_reply(one.id),
        ),
    )

"""The activity log: who, when, what, before and after (P15)."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from clinic_portal.accounts import staff
from clinic_portal.accounts.log import LogLine, lines
from clinic_portal.accounts.roles import Permission
from clinic_portal.core import wording
from clinic_portal.forms import queries as forms
from clinic_portal.web import inputs
from clinic_portal.web.admin import log_words
from clinic_portal.web.admin.base import AdminPage, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, SMALL, button
from clinic_portal.web.gate import access


@dataclass
class LineView:
    """A line of the log."""

    when: str
    who: str
    what: str
    subject: str
    detail: str


class Log(AdminPage, rx.State):
    """The newest lines, and older ones on request."""

    shown: list[LineView] = []
    last_id: int = 0
    has_more: bool = False

    @rx.event
    @access(Permission.SEE_LOG)
    async def enter(self) -> None:
        """Show the newest."""
        async with self._answering():
            self.shown, self.last_id = [], 0
            await self._more()

    @rx.event
    @access(Permission.SEE_LOG)
    async def more(self) -> None:
        """Show older ones, too."""
        async with self._answering():
            await self._more()

    async def _more(self) -> None:
        clinic = await self._open("Activity log")
        actor = await self._staff()
        found: list[LogLine] = await self._ask(lines, actor, before_id=self.last_id or None, most=50)
        names = {f"staff:{one.id}": one.name for one in await self._ask(staff.members)}
        names |= {f"form:{one.id}": one.name for one in (await self._ask(forms.forms)).values()}
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        self.shown = self.shown + [
            LineView(
                when=f"{wording.day(one.at, zone, language, length='short')}, {wording.time(one.at, zone, language)}",
                who=one.who,
                what=log_words.deed(one.action),
                subject="" if one.subject == one.actor else log_words.subject(one.subject, clinic, names),
                detail=log_words.detail(one.detail),
            )
            for one in found
        ]
        self.last_id = inputs.row_id(found[-1].id) if found else self.last_id
        self.has_more = len(found) == 50


def page() -> rx.Component:
    """A table that is a list on a phone."""
    return admin_frame(
        "Activity log",
        rx.el.ol(
            rx.foreach(
                Log.shown,
                lambda one: rx.el.li(
                    rx.el.span(one.when, class_name=f"{SMALL} whitespace-nowrap"),
                    rx.el.b(one.who, class_name="overflow-anywhere"),
                    rx.el.span(
                        one.what, " ", rx.el.span(one.subject, class_name=SMALL), class_name="overflow-anywhere"
                    ),
                    rx.el.span(one.detail, class_name="text-[13px] overflow-anywhere"),
                    class_name="grid md:grid-cols-[160px_130px_200px_minmax(0,1fr)] gap-x-4 py-2.5 border-b border-[var(--line)] last:border-0",
                ),
            ),
            id="log",
            class_name=f"{CARD} list-none !py-2 m-0",
        ),
        rx.cond(Log.has_more, button("Older", ghost=True, small=True, on_click=Log.more, class_name="mt-4")),
        here="Activity log",
        page="Activity log",
    )

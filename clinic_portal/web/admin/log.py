"""The activity log: who, when, what, before and after; searched by person, deed, subject and time (P15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts import staff
from clinic_portal.accounts.log import LogLine, head, lines
from clinic_portal.accounts.roles import Permission
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.forms import queries as forms
from clinic_portal.web import inputs
from clinic_portal.web.admin import log_search, log_words
from clinic_portal.web.admin.base import AdminPage, list_address, zone_of
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, turning
from clinic_portal.web.gate import access

PAGE = "Activity log"
PORTION = 50
FIELDS = ("said", "who", "what", "first", "last")


@dataclass
class LineView:
    """A line of the log; `href` is where its subject is seen."""

    when: str
    who: str
    what: str
    subject: str
    detail: str
    href: str


class Log(AdminPage, rx.State):
    """What was looked for, and a page of what was found."""

    shown: list[LineView] = []
    asked: dict[str, str] = {}
    people: list[list[str]] = []
    older: str = ""
    newest: str = ""
    head: str = ""

    @rx.event
    @access(Permission.SEE_LOG)
    async def enter(self) -> None:
        """Show what the address says."""
        async with self._answering():
            told = self.router.url.query_parameters
            asked = {name: inputs.text(told.get(name, "")[:100], most=100).strip() for name in FIELDS}
            asked["said"] = self._kept(self.asked.get("said", ""))
            await self._list(asked, inputs.id_in_address(told.get("before", "")) or None)

    @rx.event
    @access(Permission.SEE_LOG)
    async def look_for(self, form: Any) -> EventSpec | None:
        """Look for some lines; all but the words stands in the address."""
        async with self._answering():
            typed = inputs.fields(form, *FIELDS, most=100)
            asked = {name: typed[name].strip() for name in FIELDS}
            await self._list(asked, None)  # other words may have the same address
            return rx.redirect(_address(asked))
        return None

    async def _list(self, asked: dict[str, str], before: int | None) -> None:
        clinic, actor = await self._open(PAGE), await self._staff()

        def read(read: Reading) -> tuple[list[LogLine], list[tuple[str, str]], dict[str, str], tuple[int, str]]:
            team = staff.names(read)
            days = inputs.day_in_address(asked["first"]), inputs.day_in_address(asked["last"])
            wanted = log_search.wanted(read, actor, team, asked["said"], asked["who"], asked["what"], *days)
            found = lines(read, actor, wanted, before_id=before, most=PORTION + 1)
            names = team | {f"form:{one.id}": one.name for one in forms.forms(read).values()}
            return found, log_search.actors(team), names, head(read, actor)

        found, people, names, (number, told_head) = await self._ask(read)
        zone, language = str(zone_of(clinic)), clinic.clinic.language
        self.shown = [
            LineView(
                when=wording.moment(one.at, zone, language, length="short"),
                who=one.who,
                what=log_words.deed(one.action),
                subject="" if one.subject == one.actor else log_words.subject(one.subject, clinic, names),
                detail=log_words.detail(one.detail),
                href=log_words.page(one.subject),
            )
            for one in found[:PORTION]
        ]
        self.asked, self.people = asked, [["", "Anyone"], *([tag, name] for tag, name in people)]
        self.older = _address(asked, found[PORTION - 1].id) if len(found) > PORTION else ""
        self.newest = _address(asked) if before else ""
        self.head = f"{told_head}:{number}" if number else ""


def _address(asked: dict[str, str], before: int = 0) -> str:
    told = {name: value for name, value in asked.items() if name != "said"}
    return list_address("/admin/log", **told, words=asked["said"], before=before)


def page() -> rx.Component:
    """The search, then a table that is a list on a phone."""
    return admin_frame(
        PAGE,
        _search(),
        rx.cond(
            Log.shown,
            rx.el.ol(rx.foreach(Log.shown, _line), id="log", class_name=f"{CARD} list-none !py-2 m-0"),
            rx.el.div(
                rx.el.p("Nothing was found. The words may be a patient’s name, a visit’s reference, a service,"),
                rx.el.p("someone of the team, or what was done: “refund”, “hours”, “signed in”."),
                id="nothing",
                class_name=f"{CARD} {MUTED}",
            ),
        ),
        turning(Log.newest, Log.older),
        rx.cond(
            Log.head != "",
            rx.el.p(
                "The log is sealed entry by entry. Note its head elsewhere now and then: with it, ",
                rx.el.code("clinic-portal verify-audit --head"),
                " proves later that nothing of it was altered or cut off.",
                rx.el.code(Log.head, id="head", class_name="block mt-1 overflow-anywhere"),
                class_name=f"{SMALL} mt-6",
            ),
        ),
        here=PAGE,
        page=PAGE,
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.when, class_name=f"{SMALL} whitespace-nowrap"),
        rx.el.b(one.who, class_name="overflow-anywhere"),
        rx.el.span(
            one.what,
            " ",
            rx.cond(
                (one.href != "") & (one.subject != ""),
                rx.el.a(one.subject, href=one.href, class_name="link"),
                rx.el.span(one.subject, class_name=SMALL),
            ),
            class_name="overflow-anywhere",
        ),
        rx.el.span(one.detail, class_name="text-[13px] overflow-anywhere"),
        class_name="log-line",
    )


def _search() -> rx.Component:
    return rx.el.form(
        _field(
            "Words",
            "said",
            rx.el.input(type="search", placeholder="Name, visit, deed", max_length=100, **_box("said")),
        ),
        _field(
            "Who",
            "who",
            rx.el.select(rx.foreach(Log.people, lambda one: rx.el.option(one[1], value=one[0])), **_box("who")),
        ),
        _field(
            "What about",
            "what",
            rx.el.select(
                rx.el.option("Anything", value=""),
                *[rx.el.option(label, value=name) for name, (label, _) in log_words.GROUPS.items()],
                **_box("what"),
            ),
        ),
        _field("From", "first", rx.el.input(type="date", **_box("first"))),
        _field("Until", "last", rx.el.input(type="date", **_box("last"))),
        rx.el.div(
            button("Search", type="submit", small=True),
            rx.el.a("Everything", href="/admin/log", class_name="link"),
            class_name="flex gap-4 items-center",
        ),
        on_submit=Log.look_for,
        key=Log.asked.to_string(),
        role="search",
        aria_label="Activity log",
        id="log-search",
        class_name=f"{CARD} log-search mb-5",
    )


def _box(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "default_value": Log.asked[name], "class_name": "field !min-h-[40px] !py-1.5"}


def _field(label: str, name: str, control: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="block text-[13px] font-medium mb-1"),
        control,
        class_name="min-w-0",
    )

"""The medical history: seen and edited by the patient (S31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.core import wording
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.patients import history
from clinic_portal.patients import history_rules as rules
from clinic_portal.patients.queries import language_of
from clinic_portal.web import inputs
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, step_title
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.components.follow import follow
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.problems import Problem, problem


@dataclass
class ItemView:
    """An item in words."""

    item: str
    version: int
    title: str
    detail: str
    told: str


@dataclass
class KindView:
    """A kind with its items. `may_add`: there is room for another."""

    kind: str
    title: str
    one: str
    none: str
    listed: list[ItemView] = field(default_factory=list)
    may_add: bool = True
    may_say_none: bool = False


@dataclass
class PastView:
    """What was said once."""

    title: str
    detail: str
    told: str


class HistoryPage(PortalPage, rx.State):
    """The items by kind; at most one form open."""

    kinds: list[KindView] = []
    editing_kind: str = ""
    editing_item: str = ""
    editing_version: int = 0
    standing: str = ""  # what an item says by now, where it was changed while its form was open
    form: list[FieldView] = []
    form_key: int = 0
    focus_on: str = ""
    focus_number: int = 0
    past_item: str = ""
    past: list[PastView] = []

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show the history as it stands."""
        async with self._answering():
            await self._open("Medical history")
            self.past_item = ""
            self._put_away()
            await self._look()

    @rx.event
    @access(PATIENT)
    async def add(self, kind: Any) -> None:
        """Open an empty form."""
        async with self._answering():
            known = inputs.choice(kind, tuple(rules.KINDS))
            self._put_away()
            self.editing_kind = known
            self._show_form({}, {})

    @rx.event
    @access(PATIENT)
    async def edit(self, item: Any) -> None:
        """Open the form of an item."""
        async with self._answering():
            wanted = inputs.text(item, most=40)
            patient = await self._patient()
            for one in await self._ask(history.current, patient.patient_id):
                if one.item == wanted:
                    self._put_away()
                    self.editing_kind, self.editing_item, self.editing_version = one.kind, one.item, one.version
                    self._show_form(one.fields, {})

    @rx.event
    @access(PATIENT)
    async def close(self) -> None:
        """Put the form away; nothing is saved. The focus goes back to the button that opened it."""
        opened_by = f"change-{self.editing_item}" if self.editing_item else f"add-{self.editing_kind}"
        self.focus_on, self.focus_number = opened_by, self.focus_number + 1
        self._put_away()

    @rx.event
    @access(PATIENT)
    async def save(self, form: Any) -> None:
        """Keep what was typed."""
        async with self._answering():
            kind = inputs.choice(self.editing_kind, tuple(rules.KINDS))
            typed = inputs.fields(form, *(one.name for one in rules.KINDS[kind].fields), most=2200)
            patient = await self._patient()
            try:
                if self.editing_item:
                    await self._do(
                        history.amend,
                        patient.tag,
                        patient.patient_id,
                        self.editing_item,
                        typed,
                        seen_version=self.editing_version,
                    )
                else:
                    await self._do(history.record, patient.tag, patient.patient_id, kind, typed)
            except Unusable as refusal:
                self._show_form(typed, {fault.field: problem(fault).sentence for fault in refusal.faults})
                return
            except (Conflict, NotAllowed) as refusal:
                await self._overtaken(typed)
                await self._say(Problem.of(refusal.code, **refusal.facts))
                return
            self._put_away()
            await self._look()
            await self._tell("Saved")

    @rx.event
    @access(PATIENT)
    async def say_none(self, kind: Any) -> None:
        """ "None that I know of": that is an answer too."""
        async with self._answering():
            known = inputs.choice(kind, tuple(rules.KINDS))
            patient = await self._patient()
            try:
                await self._do(history.record, patient.tag, patient.patient_id, known, {"none": "yes"})
            finally:
                await self._look()
            await self._tell("Saved")

    @rx.event
    @access(PATIENT)
    async def remove(self, item: Any, version: Any) -> None:
        """Take an item out."""
        async with self._answering():
            wanted, seen = inputs.text(item, most=40), inputs.row_id(version)
            patient = await self._patient()
            try:
                await self._do(history.remove, patient.tag, patient.patient_id, wanted, seen_version=seen)
            finally:
                self._put_away()
                await self._look()
            await self._tell("Removed", "It is not part of your history any more. That it was there stays on record.")

    @rx.event
    @access(PATIENT)
    async def show_past(self, item: Any) -> None:
        """Show what was said before, by whom and when; or put it away."""
        async with self._answering():
            wanted = inputs.text(item, most=40)
            if self.past_item == wanted:
                self.past_item, self.past = "", []
                return
            patient = await self._patient()
            language = await self._ask(language_of, patient.patient_id)
            zone = await self._zone()
            kind = next((one.kind for one in self.kinds if any(x.item == wanted for x in one.listed)), "")
            if not kind:
                raise NotAllowed()
            found = await self._ask(history.versions, patient.patient_id, wanted)
            self.past = [
                PastView(*rules.told(kind, one.fields), _told(one.recorded_by, one.recorded_at, zone, language))
                for one in found
            ]
            self.past_item = wanted

    def _put_away(self) -> None:
        self.editing_kind = self.editing_item = self.standing = ""
        self.editing_version = 0

    async def _overtaken(self, typed: Mapping[str, str]) -> None:
        """Show how things stand; what was typed stays, beside what the item says by now, unless it is gone."""
        await self._look()
        if not self.editing_item:
            return
        now = [one for kind in self.kinds for one in kind.listed if one.item == self.editing_item]
        if not now:
            self._put_away()
            return
        self.editing_version = now[0].version
        self.standing = ". ".join(part for part in (now[0].title, now[0].detail, now[0].told) if part)
        self._show_form(typed, {})

    async def _zone(self) -> str:
        clinic = await self._open("Medical history", keeps_notice=True)
        return clinic.time_zone

    async def _look(self) -> None:
        patient = await self._patient()
        language, zone = await self._ask(language_of, patient.patient_id), await self._zone()
        found = {kind: KindView(kind, rule.title, rule.one, rule.none) for kind, rule in rules.KINDS.items()}
        said_none: set[str] = set()
        for one in await self._ask(history.current, patient.patient_id):
            title, detail = rules.told(one.kind, one.fields)
            told = _told(one.recorded_by, one.recorded_at, zone, language)
            found[one.kind].listed.append(ItemView(one.item, one.version, title, detail, told))
            if rules.says_none(one.fields):
                said_none.add(one.kind)
        for kind, shown in found.items():
            shown.may_add = not (kind in rules.ONLY_ONE and shown.listed)
            shown.may_say_none = bool(shown.none) and not shown.listed
        self.kinds = list(found.values())

    def _show_form(self, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        self.form_key += 1
        self.form = focused(
            [
                FieldView(
                    one.name,
                    one.label if one.is_required else f"{one.label} (optional)",
                    values.get(one.name, ""),
                    "choice" if one.choices else "area" if one.most >= 1000 else "text",
                    errors.get(one.name, ""),
                    choices=[["", ""], *(list(pair) for pair in one.choices)] if one.choices else [],
                )
                for one in rules.KINDS[self.editing_kind].fields
            ]
        )


def _told(by: str, at: Any, zone: str, language: str) -> str:
    who = "you" if by.startswith("patient:") else "the clinic"
    return f"Told by {who} on {wording.moment(at, zone, language)}"


def page() -> rx.Component:
    """A card for each kind."""
    return portal_frame(
        step_title("Medical history"),
        rx.el.p(
            "What your provider should know before a treatment. Only you and those who treat you can read it; it is kept "
            "encrypted, and every change stays on record.",
            class_name=f"{MUTED} mt-1 max-w-[70ch]",
        ),
        rx.el.div(
            rx.foreach(HistoryPage.kinds, _kind), class_name="grid grid-cols-1 lg:grid-cols-2 gap-5 mt-6 items-start"
        ),
        follow(to=HistoryPage.focus_on, number=HistoryPage.focus_number),
        here="Medical history",
    )


def _kind(kind: Any) -> rx.Component:
    is_new = (HistoryPage.editing_kind == kind.kind) & (HistoryPage.editing_item == "")
    return rx.el.section(
        rx.el.h2(kind.title),
        rx.cond(
            kind.listed,
            rx.el.ul(rx.foreach(kind.listed, _item), class_name="list-none p-0 mt-2 mb-0"),
            rx.el.p("Nothing told yet.", class_name=f"{MUTED} mt-1"),
        ),
        rx.cond(
            is_new,
            _form(),
            rx.el.div(
                rx.cond(
                    kind.may_add,
                    button(
                        "Add",
                        ghost=True,
                        small=True,
                        id=f"add-{kind.kind}",
                        aria_label=f"Add {kind.one}",
                        on_click=HistoryPage.add(kind.kind),
                    ),
                ),
                rx.cond(
                    kind.may_say_none,
                    button(kind.none, ghost=True, small=True, on_click=HistoryPage.say_none(kind.kind)),
                ),
                class_name="flex flex-wrap gap-3 mt-4 empty:hidden",
            ),
        ),
        aria_label=kind.title,
        class_name=CARD,
    )


def _item(one: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(
            HistoryPage.editing_item == one.item,
            _form(),
            rx.el.div(
                rx.el.div(
                    rx.el.p(one.title, class_name="font-semibold overflow-anywhere"),
                    rx.el.p(one.detail, class_name="overflow-anywhere empty:hidden"),
                    rx.el.p(one.told, class_name=SMALL),
                ),
                rx.el.div(
                    rx.el.button(
                        "Change",
                        type="button",
                        class_name="link",
                        id=f"change-{one.item}",
                        aria_label=f"Change {one.title}",
                        on_click=HistoryPage.edit(one.item),
                    ),
                    rx.el.button(
                        "Remove",
                        type="button",
                        class_name="link",
                        aria_label=f"Remove {one.title}",
                        on_click=HistoryPage.remove(one.item, one.version),
                    ),
                    rx.cond(
                        one.version > 1,
                        rx.el.button(
                            "Before",
                            type="button",
                            class_name="link",
                            aria_label=f"What was said before of {one.title}",
                            aria_expanded=rx.cond(HistoryPage.past_item == one.item, "true", "false"),
                            on_click=HistoryPage.show_past(one.item),
                        ),
                    ),
                    class_name="flex gap-4 mt-1",
                ),
                rx.cond(
                    HistoryPage.past_item == one.item,
                    rx.el.ol(
                        rx.foreach(
                            HistoryPage.past,
                            lambda past: rx.el.li(
                                past.title,
                                rx.cond(past.detail != "", f" · {past.detail}", ""),
                                rx.el.br(),
                                rx.el.span(past.told, class_name=SMALL),
                            ),
                        ),
                        class_name="mt-2 pl-5 text-[14px]",
                    ),
                ),
            ),
        ),
        class_name="py-3 border-t border-[var(--line)] first:border-0",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.cond(
            HistoryPage.standing != "",
            rx.el.p(
                "By now it says: ",
                rx.el.b(HistoryPage.standing),
                class_name="rounded-[var(--radius-m)] bg-[var(--sunken)] px-4 py-3 overflow-anywhere",
            ),
        ),
        fields(HistoryPage.form, HistoryPage.form_key),
        rx.el.div(
            button("Save", type="submit", small=True),
            button("Do not save", ghost=True, small=True, on_click=HistoryPage.close),
            class_name="flex gap-3",
        ),
        no_validate=True,
        on_submit=HistoryPage.save,
        class_name="grid gap-4 mt-4",
    )

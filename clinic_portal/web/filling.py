"""A form being filled in, for the two pages that show one: the patient's, and the desk's (a mixin, not a parent State).

What is typed is kept in the database with every answer; the State holds what is on the screen.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from clinic_portal.booking import paperwork
from clinic_portal.core.errors import Conflict, DomainError, Invalid, Unusable
from clinic_portal.forms import answers, filling
from clinic_portal.forms.types import Draft, Hand
from clinic_portal.web import inputs
from clinic_portal.web.door import Door
from clinic_portal.web.forms import views
from clinic_portal.web.forms.opened import Around, as_shown, keep_unshown
from clinic_portal.web.forms.views import LinkView, QuestionView, SectionView, Shown, StepView
from clinic_portal.web.identity import device_called
from clinic_portal.web.problems import problem


class Filling(Door, mixin=True):
    """The form on the screen. `stage`: fill, confirm ("has anything changed?"), done, off (nothing to fill in)."""

    stage: str = ""
    request_id: int = 0
    title: str = ""
    intro: str = ""
    kind: str = ""
    steps: list[StepView] = []
    step: str = ""
    step_title: str = ""
    step_help: str = ""
    place: str = ""
    questions: list[QuestionView] = []
    answers: dict[str, str] = {}
    seen: dict[str, int] = {}
    acks: dict[str, str] = {}
    done: int = 0
    total: int = 0
    progress: str = ""
    missing: list[LinkView] = []
    sections: list[SectionView] = []
    is_first: bool = True
    is_last: bool = False
    before: str = ""
    after: str = ""
    signs_later: str = ""
    hides: int = 0
    since: str = ""
    document_id: int = 0
    off_title: str = ""
    off_text: str = ""
    focus_on: str = ""
    focus_number: int = 0
    _draft_id: int = 0
    _version_id: int = 0
    _revision: int = 0
    _shows_all: bool = False
    _errors: dict[str, str] = {}
    _aside: dict[str, Any] = {}
    _differs: list[str] = []
    _blank_rows: dict[str, int] = {}
    _own: dict[str, int] = {}

    async def _who(self) -> tuple[int, Hand]:
        """Whose form it is, and whose hand fills it in. Raises NotAllowed."""
        raise NotImplementedError

    async def _sent(self, patient_id: int) -> None:
        """Show what comes after a form was sent."""

    def _device(self) -> tuple[str, str]:
        """The network address and the device, as the server sees them."""
        return self.router.session.client_ip, device_called(self.router.headers.user_agent)

    async def _enter(self, request_id: int) -> None:
        """Show the form: where it was left, or as it stands by now when the page has it already."""
        if request_id != self.request_id or not self._draft_id:
            self._forget()
        patient_id, hand = await self._who()
        self.request_id = request_id
        try:
            draft, around = await self._do(as_shown, paperwork.begin, patient_id, request_id, hand)
        except Conflict as refusal:
            self._forget()
            self._turn_off(refusal)
            return
        self._show(draft, around)

    async def _keep(self, form: Any, link: Any, value: Any, base: Any, mark: Any) -> None:
        """Keep an answer as it was given. The page holds on to it until it reads its `mark` in `acks`."""
        request_id, link, mark = inputs.row_id(form), inputs.text(link, most=40), inputs.text(mark, most=40)
        revision = inputs.row_id(base, least=0)
        patient_id, hand = await self._who()
        is_shown = request_id == self.request_id and self._draft_id > 0
        if not is_shown:  # another form's page, or the server knows nothing any more of the one that is shown
            await self._do(keep_unshown, patient_id, request_id, link, value, revision, hand)
            return
        try:
            draft, around = await self._do(
                as_shown, filling.save, patient_id, self._draft_id, link, value,
                seen=max(revision, self._own.get(link, 0)), hand=hand,
            )  # fmt: skip
        except DomainError as refusal:
            self.acks = {**self.acks, link: mark}
            if refusal.code == "document_closed":
                await self._enter(request_id)
                return
            if not isinstance(refusal, Conflict | Invalid) or refusal.code not in ("answer_changed", "answer_long"):
                await self._look()
                raise
            draft, around = await self._ask(as_shown, filling.draft, patient_id, self._draft_id, hand)
            self._put_aside(link, value, refusal)
        else:
            self._own[link] = draft.seen.get(link, 0)
            self._take_back(link)
        self.acks = {**self.acks, link: mark}
        self._check_again(draft, around)
        self._show(draft, around)

    async def _look(self) -> None:
        """Another device may have answered."""
        if self._draft_id and self.stage in ("fill", "confirm"):
            patient_id, _ = await self._who()
            found = await self._found(patient_id)
            if found:
                self._show(*found)

    async def _go(self, step: Any, link: Any = "") -> None:
        """To another step, or to one of its questions."""
        wanted, to = inputs.text(step, most=41), inputs.text(link, most=41)
        patient_id, _ = await self._who()
        self.step = wanted
        found = await self._found(patient_id)
        if found:
            self._shows_all = self._shows_all or to in found[0].carried
            self._show(*found)
            self._focus(to or "form-step")

    async def _tell_change(self, has_changes: Any) -> None:
        """The answer to "has anything changed since …?"."""
        told = inputs.choice(has_changes, (True, False))
        patient_id, hand = await self._who()
        self.step = ""
        self._show(*await self._do(as_shown, filling.confirm, patient_id, self._draft_id, has_changes=told, hand=hand))
        self._focus("form-step")

    async def _show_all(self) -> None:
        """What was carried over as well."""
        self._shows_all = True
        self.step = ""
        await self._look()
        if self.steps:
            await self._go(self.steps[0].key)

    async def _resolve(self, link: Any, which: Any) -> None:
        """Two devices gave two answers: one of them it is."""
        link, mine = inputs.text(link, most=40), inputs.choice(which, ("mine", "theirs")) == "mine"
        patient_id, hand = await self._who()
        if link not in self._differs:
            return
        found = await self._found(patient_id)
        if found is None:
            return
        draft, around = found
        if mine:
            seen = draft.seen.get(link, 0)
            draft, around = await self._do(
                as_shown, filling.save, patient_id, self._draft_id, link, self._aside[link], seen=seen, hand=hand
            )
        self._own[link] = draft.seen.get(link, 0)
        self._take_back(link)
        self._show(draft, around)
        self._focus(link)

    async def _add_row(self, link: Any) -> None:
        """One more row in a list."""
        link = inputs.text(link, most=40)
        one = next((one for one in self.questions if one.link == link and one.rows), None)
        if one is not None and len(one.rows) < answers.ROWS_MOST:
            self._blank_rows[link] = len(one.rows) + 1
            place = len(one.rows)
            await self._look()
            self._focus(f"{link}-{place}-name")

    async def _remove_row(self, link: Any, place: Any) -> None:
        """A row less."""
        link, place = inputs.text(link, most=40), inputs.row_id(place, least=0)
        patient_id, hand = await self._who()
        draft = await self._ask(filling.draft, patient_id, self._draft_id, hand)
        answer = draft.answers.get(link)
        rows = list(answer["rows"]) if isinstance(answer, dict) and "rows" in answer else []
        self._blank_rows[link] = max(1, max(self._blank_rows.get(link, 1), len(rows)) - 1)
        if place < len(rows):
            del rows[place]
            told = {"none": False, "rows": rows}
            seen = draft.seen.get(link, 0)
            draft = await self._do(filling.save, patient_id, self._draft_id, link, told, seen=seen, hand=hand)
            self._own[link] = draft.seen.get(link, 0)
        await self._look()
        self._focus(f"{link}-{max(0, min(place, self._blank_rows[link] - 1))}-name")

    async def _send(self) -> None:
        """Complete the form, or show what keeps it from being complete."""
        patient_id, hand = await self._who()
        undecided = {one.link for one in self.missing} & set(self._differs)
        if undecided:
            await self._show_first(dict.fromkeys(undecided, ""))
            return
        try:
            self.document_id = await self._do(
                paperwork.complete, patient_id, self._draft_id, seen_revision=self._revision, hand=hand
            )
        except Unusable as refusal:
            self._errors = views.errors_of(refusal.faults)
            if "" in self._errors:
                await self._say(problem(refusal.faults[0]))
                return
            await self._show_first(self._errors)
        except Conflict as refusal:
            await self._send_refused(refusal, patient_id, hand)
        else:
            await self._finished(patient_id)

    async def _send_refused(self, refusal: Conflict, patient_id: int, hand: Hand) -> None:
        if refusal.code == "form_changed":
            self._forget(but_form=True)
            self._show(*await self._do(as_shown, paperwork.begin, patient_id, self.request_id, hand))
        elif refusal.code in ("document_changed", "form_unconfirmed"):
            await self._look()
        elif refusal.code in ("visit_ended", "form_unpublished", "form_begun", "document_closed"):
            self._forget(but_form=True)
            self._turn_off(refusal)
            return
        await self._say(problem(refusal))

    async def _finished(self, patient_id: int) -> None:
        document_id = self.document_id
        self._forget(but_form=True)
        self.stage, self.document_id = "done", document_id
        await self._sent(patient_id)
        self._focus("form-done")

    async def _show_first(self, errors: dict[str, str]) -> None:
        """Go to the first question at fault, and show them all."""
        patient_id, _ = await self._who()
        found = await self._found(patient_id)
        if found is None:
            return
        draft, around = found
        self._shows_all = self._shows_all or bool(set(errors) & draft.carried)
        self._show(draft, around)
        order = [one for one in self.missing if one.link in errors]
        if order:
            self.step = order[0].step
            self._show(draft, around)
        self._focus(order[0].link if order else next(iter(errors), "form-step"))

    async def _found(self, patient_id: int) -> tuple[Draft, Around] | None:
        """The form as it stands; None where it was completed on another device, which the page says then."""
        _, hand = await self._who()
        try:
            return await self._ask(as_shown, filling.draft, patient_id, self._draft_id, hand)
        except Conflict:
            await self._enter(self.request_id)
            return None

    def _show(self, draft: Draft, around: Around) -> None:
        if self._version_id and draft.version.id != self._version_id:  # another device went over to the new version
            self._errors, self._aside, self._differs = {}, {}, []
        self._draft_id, self._version_id, self._revision = draft.document_id, draft.version.id, draft.revision
        self.since = views.since(draft, around.zone, around.language)
        shown = Shown(self.step, self._shows_all, self._errors, self._aside, tuple(self._differs), self._blank_rows)
        view = views.form_view(draft, shown, patient=around.patient, region=around.region, language=around.language)
        for one in fields(view):
            self._set(one.name, getattr(view, one.name))
        if not draft.is_confirmed:
            self._set("sections", views.carried_sections(draft, around.language))
        self._set("stage", "fill" if draft.is_confirmed else "confirm")

    def _set(self, name: str, value: Any) -> None:
        """Only what is another than before travels to the page."""
        if getattr(self, name) != value:
            setattr(self, name, value)

    def _check_again(self, draft: Draft, around: Around) -> None:
        """Refusals that were said go as soon as the answer will do."""
        if self._errors:
            still = views.faults_of(draft, around.region)
            self._errors = {one: still[one] for one in self._errors if one in still or one in self._aside}

    def _put_aside(self, link: str, value: Any, refusal: Conflict | Invalid) -> None:
        self._aside[link] = value
        if isinstance(refusal, Conflict):
            self._differs = [*[one for one in self._differs if one != link], link]
        else:
            self._errors[link] = problem(refusal).sentence

    def _take_back(self, link: str) -> None:
        self._aside.pop(link, None)
        self._differs = [one for one in self._differs if one != link]

    def _focus(self, on: str) -> None:
        self.focus_on = on
        self.focus_number += 1

    def _turn_off(self, refusal: DomainError) -> None:
        told = problem(refusal)
        self.stage, self.off_title, self.off_text = "off", told.title, told.sentence
        self.document_id = inputs.row_id(refusal.facts.get("document_id", 0), least=0)

    def _forget(self, *, but_form: bool = False) -> None:
        """Nothing of a form is on the page."""
        self.step = self.off_title = self.off_text = self.stage = ""
        self.document_id = self._draft_id = self._version_id = self._revision = 0
        self._errors, self._aside, self._differs, self._blank_rows, self._own = {}, {}, [], {}, {}
        self.answers, self.seen, self.acks, self.questions, self.sections, self.missing = {}, {}, {}, [], [], []
        self._shows_all = False
        if not but_form:
            self.request_id, self.title, self.focus_on, self.focus_number = 0, "", "", 0

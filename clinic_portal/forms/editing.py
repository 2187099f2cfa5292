"""What an editor does to a form, each deed from a form to the next one. Pure: nothing is read, nothing is kept.

The names that link items (`link_id`, an option's code) are made here, short and never used twice in a form; people do
not see them. A condition that an edit leaves without sense is dropped, and the deed says of which items.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.forms.answers import decimal
from clinic_portal.forms.conditions import answers, earlier, operators, pruned
from clinic_portal.forms.definition import (
    MOST_ITEMS,
    SILENT,
    WITH_OPTIONS,
    Condition,
    Consent,
    Content,
    Item,
    Option,
    Questionnaire,
    Section,
    Type,
)

C = TypeVar("C", bound=Content)
P = TypeVar("P", bound=BaseModel)
MOST_SECTIONS, MOST_OPTIONS, MOST_CONDITIONS = 60, 60, 10
WORDED = ("text", "help", "unit", "least_label", "most_label")
NUMBERS = ("least", "most")
KIN: tuple[frozenset[Type], ...] = (
    frozenset({Type.SHORT_TEXT, Type.LONG_TEXT}),
    frozenset({Type.YES_NO, Type.YES_NO_EXPLAIN}),
    WITH_OPTIONS,
    frozenset({Type.PHOTO, Type.FILE}),
)
"""Types that an item may change between without losing what was written."""


@dataclass(frozen=True, slots=True)
class Edit(Generic[C]):
    """A form after a deed: `at` is what was made or moved, `dropped` the items that lost a condition by it."""

    content: C
    at: str = ""
    dropped: tuple[str, ...] = ()


def say(content: C, field: str, words: str) -> Edit[C]:
    """Write a form's own words: its title, intro, statement or text. Raises Unusable, NotAllowed."""
    if field not in ("title", "intro", "statement", "html") or field not in type(content).model_fields:
        raise NotAllowed()
    return Edit(_with(content, **{field: words}))


# A questionnaire's items


def add_item(form: Questionnaire, kind: Type, after: str = "") -> Edit[Questionnaire]:
    """Put a new item after another, or at the end. Raises Conflict (`form_full`), NotAllowed."""
    link = _next("q", [one.link_id for one in form.items])
    values: dict[str, Any] = {"link_id": link, "type": kind}
    if kind in WITH_OPTIONS:
        values["options"] = (Option(code="o1"), Option(code="o2"))
    if kind is Type.SCALE:
        values |= {"least": 0, "most": 10}
    place = _place(form.items, after) + 1 if after else len(form.items)
    return _insert(form, place, Item.model_validate(values))


def duplicate_item(form: Questionnaire, link: str) -> Edit[Questionnaire]:
    """Put the same once more, below it. Raises Conflict (`form_full`), NotAllowed."""
    place = _place(form.items, link)
    made: Item = _with(form.items[place], link_id=_next("q", [one.link_id for one in form.items]))
    return _insert(form, place + 1, made)


def remove_item(form: Questionnaire, link: str) -> Edit[Questionnaire]:
    """Take an item out. Raises NotAllowed."""
    place = _place(form.items, link)
    near = form.items[place + 1 : place + 2] or form.items[max(0, place - 1) : place]
    rest = _settled(form, form.items[:place] + form.items[place + 1 :])
    return Edit(rest.content, near[0].link_id if near else "", rest.dropped)


def move_item(form: Questionnaire, link: str, to: int) -> Edit[Questionnaire]:
    """Put an item at a place, counted from 0; beyond the ends is at the end. Raises NotAllowed."""
    place = _place(form.items, link)
    rest = list(form.items[:place] + form.items[place + 1 :])
    rest.insert(max(0, min(to, len(rest))), form.items[place])
    moved = _settled(form, tuple(rest))
    return Edit(moved.content, link, moved.dropped)


def shift_item(form: Questionnaire, link: str, *, up: bool) -> Edit[Questionnaire]:
    """One place up or down. Raises NotAllowed."""
    return move_item(form, link, _place(form.items, link) + (-1 if up else 1))


def say_item(form: Questionnaire, link: str, field: str, words: str) -> Edit[Questionnaire]:
    """Write an item's text, help, unit or labels, or the bounds of a number. Raises Unusable, NotAllowed."""
    if field in NUMBERS:
        bound = decimal(words)
        if words.strip() and (bound is None or abs(bound) > 10**9):
            raise Unusable([Invalid(field, "answer_number")])
        return _changed(form, link, **{field: bound})
    if field not in WORDED:
        raise NotAllowed()
    return _changed(form, link, **{field: words})


def require_item(form: Questionnaire, link: str, *, is_required: bool) -> Edit[Questionnaire]:
    """Say whether it must be answered. Raises NotAllowed, for what asks nothing too."""
    if form.items[_place(form.items, link)].type in SILENT:
        raise NotAllowed()
    return _changed(form, link, is_required=is_required)


def kin(kind: Type) -> tuple[Type, ...]:
    """What an item of this type may become, itself among them; nothing where there is no choice."""
    family = next((one for one in KIN if kind in one), frozenset())
    return tuple(one for one in Type if one in family)


def retype_item(form: Questionnaire, link: str, kind: Type) -> Edit[Questionnaire]:
    """Ask the same in another way. Raises NotAllowed for a type that is no kin."""
    if kind not in kin(form.items[_place(form.items, link)].type):
        raise NotAllowed()
    return _changed(form, link, type=kind)


# Options of a choice


def add_option(form: Questionnaire, link: str) -> Edit[Questionnaire]:
    """One more answer to choose, at the end; `at` is its code. Raises Conflict (`form_full`), NotAllowed."""
    item = form.items[_place(form.items, link)]
    if item.type not in WITH_OPTIONS:
        raise NotAllowed()
    if len(item.options) >= MOST_OPTIONS:
        raise Conflict("form_full", limit=MOST_OPTIONS)
    code = _next("o", [one.code for one in item.options])
    return Edit(_changed(form, link, options=(*item.options, Option(code=code))).content, code)


def say_option(form: Questionnaire, link: str, code: str, words: str) -> Edit[Questionnaire]:
    """Write an answer's words. Raises Unusable, NotAllowed."""
    options = form.items[_place(form.items, link)].options
    place = _place_of(options, code)
    return _changed(form, link, options=(*options[:place], _with(options[place], label=words), *options[place + 1 :]))


def isolate_option(form: Questionnaire, link: str, code: str) -> Edit[Questionnaire]:
    """Say which answer takes the others away; none where `code` is empty. Raises NotAllowed.

    Only where several can be chosen: of one choice, the others are away anyway.
    """
    item = form.items[_place(form.items, link)]
    if item.type is not Type.CHOICES:
        raise NotAllowed()
    if code:
        _place_of(item.options, code)
    alone = (one.model_copy(update={"stands_alone": one.code == code}) for one in item.options)
    return _changed(form, link, options=tuple(alone))


def remove_option(form: Questionnaire, link: str, code: str) -> Edit[Questionnaire]:
    """Take an answer away. Raises NotAllowed."""
    options = form.items[_place(form.items, link)].options
    place = _place_of(options, code)
    return _changed(form, link, options=options[:place] + options[place + 1 :])


def shift_option(form: Questionnaire, link: str, code: str, *, up: bool) -> Edit[Questionnaire]:
    """One place up or down. Raises NotAllowed."""
    options = list(form.items[_place(form.items, link)].options)
    place = _place_of(options, code)
    one = options.pop(place)
    options.insert(max(0, place + (-1 if up else 1)), one)
    return Edit(_changed(form, link, options=tuple(options)).content, code)


# Conditions


def add_condition(form: Questionnaire, link: str) -> Edit[Questionnaire]:
    """Show it only when the nearest earlier question has its first answer. Raises Conflict, NotAllowed."""
    item = form.items[_place(form.items, link)]
    before = earlier(form, link)
    if not before or len(item.shown_when) >= MOST_CONDITIONS:
        raise Conflict("form_condition_none" if not before else "form_full", limit=MOST_CONDITIONS)
    telling = [one for one in before if answers(one)]
    return _changed(form, link, shown_when=(*item.shown_when, _first((telling or before)[-1])))


def set_condition(form: Questionnaire, link: str, n: int, field: str, value: str) -> Edit[Questionnaire]:
    """Change what a condition asks: its `question`, `operator` or `answer`. Raises Unusable, NotAllowed."""
    item = form.items[_place(form.items, link)]
    before = {one.link_id: one for one in earlier(form, link)}
    if not 0 <= n < len(item.shown_when):
        raise NotAllowed()
    condition = item.shown_when[n]
    if field == "question" and value in before:
        condition = _first(before[value])
    elif field == "operator" and value in operators(before[condition.question]):
        known = answers(before[condition.question])
        keeps = value != "answered" and (not known or condition.answer in known)
        condition = _with(condition, operator=value, answer=condition.answer if keeps else "".join(known[:1]))
        condition = _with(condition, answer="") if value == "answered" else condition
    elif field == "answer" and (not (known := answers(before[condition.question])) or value in known):
        condition = _with(condition, answer=value.strip())
    else:
        raise NotAllowed()
    return _changed(form, link, shown_when=(*item.shown_when[:n], condition, *item.shown_when[n + 1 :]))


def remove_condition(form: Questionnaire, link: str, n: int) -> Edit[Questionnaire]:
    """Take a condition away. Raises NotAllowed."""
    item = form.items[_place(form.items, link)]
    if not 0 <= n < len(item.shown_when):
        raise NotAllowed()
    return _changed(form, link, shown_when=item.shown_when[:n] + item.shown_when[n + 1 :])


def join_conditions(form: Questionnaire, link: str, how: str) -> Edit[Questionnaire]:
    """Whether `all` of its conditions must hold or `any`. Raises Unusable, NotAllowed."""
    return _changed(form, link, shown_if=how)


# A consent


def add_section(form: Consent, after: str = "") -> Edit[Consent]:
    """Put a new section after another, or at the end. Raises Conflict (`form_full`), NotAllowed."""
    if len(form.sections) >= MOST_SECTIONS:
        raise Conflict("form_full", limit=MOST_SECTIONS)
    made = Section(link_id=_next("s", [one.link_id for one in form.sections]))
    place = _place(form.sections, after) + 1 if after else len(form.sections)
    return Edit(_with(form, sections=(*form.sections[:place], made, *form.sections[place:])), made.link_id)


def say_section(form: Consent, link: str, field: str, words: str) -> Edit[Consent]:
    """Write a section's title or text. Raises Unusable, NotAllowed."""
    if field not in ("title", "html"):
        raise NotAllowed()
    return _section(form, link, lambda one: _with(one, **{field: words}))


def initial_section(form: Consent, link: str, *, asks_initials: bool) -> Edit[Consent]:
    """Say whether patients put their initials under it. Raises NotAllowed."""
    return _section(form, link, lambda one: _with(one, asks_initials=asks_initials))


def remove_section(form: Consent, link: str) -> Edit[Consent]:
    """Take a section out. Raises NotAllowed."""
    place = _place(form.sections, link)
    return Edit(_with(form, sections=form.sections[:place] + form.sections[place + 1 :]))


def shift_section(form: Consent, link: str, *, up: bool) -> Edit[Consent]:
    """One place up or down. Raises NotAllowed."""
    rest = list(form.sections)
    place = _place(form.sections, link)
    one = rest.pop(place)
    rest.insert(max(0, place + (-1 if up else 1)), one)
    return Edit(_with(form, sections=tuple(rest)), link)


def ask_signatures(form: Consent, *, guardian: str, witness: bool, provider: bool) -> Edit[Consent]:
    """Say who signs beside the patient (P10). Raises Unusable."""
    return Edit(_with(form, guardian=guardian, asks_witness=witness, asks_provider=provider))


def _first(question: Item) -> Condition:
    """The condition one begins with: the question's first answer."""
    operator = operators(question)[0]
    return Condition(question=question.link_id, operator=operator, answer="".join(answers(question)[:1]))


def _insert(form: Questionnaire, place: int, made: Item) -> Edit[Questionnaire]:
    if len(form.items) >= MOST_ITEMS:
        raise Conflict("form_full", limit=MOST_ITEMS)
    return Edit(_with(form, items=(*form.items[:place], made, *form.items[place:])), made.link_id)


def _changed(form: Questionnaire, link: str, **values: Any) -> Edit[Questionnaire]:
    place = _place(form.items, link)
    made = _with(form.items[place], **values)
    changed = _settled(form, (*form.items[:place], made, *form.items[place + 1 :]))
    return Edit(changed.content, link, changed.dropped)


def _settled(form: Questionnaire, items: tuple[Item, ...]) -> Edit[Questionnaire]:
    kept, dropped = pruned(_with(form, items=items))
    return Edit(kept, "", dropped)


def _section(form: Consent, link: str, change: Callable[[Section], Section]) -> Edit[Consent]:
    place = _place(form.sections, link)
    made = change(form.sections[place])
    return Edit(_with(form, sections=(*form.sections[:place], made, *form.sections[place + 1 :])), link)


class _Linked(Protocol):
    @property
    def link_id(self) -> str: ...


def _place(among: Sequence[_Linked], link: str) -> int:
    for place, one in enumerate(among):
        if one.link_id == link:
            return place
    raise NotAllowed()


def _place_of(options: Sequence[Option], code: str) -> int:
    for place, one in enumerate(options):
        if one.code == code:
            return place
    raise NotAllowed()


def _next(letter: str, taken: Sequence[str]) -> str:
    """The next name of a kind, such as `q7`: above every other, so that none is given twice in a row of edits."""
    numbers = [int(one[1:]) for one in taken if one[:1] == letter and one[1:].isdecimal() and len(one) < 10]
    return f"{letter}{max(numbers, default=0) + 1}"


def _with(one: P, **values: Any) -> P:
    """The same with other values, checked as when it is read. Raises Unusable."""
    told: Mapping[str, Any] = {name: getattr(one, name) for name in type(one).model_fields}
    try:
        return type(one).model_validate({**told, **values})
    except ValidationError as fault:
        long = [at for at in fault.errors() if at["type"] == "string_too_long"]
        if long:
            limit = long[0].get("ctx", {}).get("max_length")
            raise Unusable([Invalid(str(long[0]["loc"][0]), "answer_long", limit=limit)]) from None
        raise Unusable([Invalid("content", "form_shape")]) from None

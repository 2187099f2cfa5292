"""The items of a questionnaire as the editor shows them. Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass, field

from clinic_portal.forms import editing
from clinic_portal.forms.conditions import answers, earlier, operators
from clinic_portal.forms.definition import SILENT, WITH_OPTIONS, Condition, Item, Questionnaire, Type
from clinic_portal.web.admin.forms import words


@dataclass
class ItemRow:
    """An item in the list: `look` is heading, paragraph or question."""

    link: str
    number: str
    name: str
    is_unnamed: bool
    type: str
    look: str
    is_required: bool
    when: str
    fault: str
    is_first: bool
    is_last: bool


@dataclass
class OptionView:
    """An answer to choose, being written."""

    code: str
    label: str
    n: int
    is_first: bool
    is_last: bool


@dataclass
class ConditionView:
    """A condition: what it says, and what it could say. `takes`: choice, number, or nothing."""

    n: int
    question: str
    operator: str
    answer: str
    takes: str
    questions: list[list[str]] = field(default_factory=list)
    operators: list[list[str]] = field(default_factory=list)
    answers: list[list[str]] = field(default_factory=list)


@dataclass
class ItemView:
    """The settings of the item that is open."""

    link: str = ""
    kind: str = ""
    look: str = ""
    text: str = ""
    help: str = ""
    kin: list[list[str]] = field(default_factory=list)
    may_require: bool = False
    is_required: bool = False
    has_options: bool = False
    options: list[OptionView] = field(default_factory=list)
    may_isolate: bool = False  # several can be chosen: one may take the others away
    alone: str = ""
    is_number: bool = False
    is_scale: bool = False
    unit: str = ""
    least: str = ""
    most: str = ""
    least_label: str = ""
    most_label: str = ""
    may_depend: bool = False
    conditions: list[ConditionView] = field(default_factory=list)
    shown_if: str = "all"
    place: str = "0"
    places: list[list[str]] = field(default_factory=list)


def rows(form: Questionnaire, faults: dict[str, str]) -> list[ItemRow]:
    """All items in their order; questions are numbered, as patients count them."""
    known = {one.link_id: one for one in form.items}
    found, number = [], 0
    for n, one in enumerate(form.items):
        number += one.type not in SILENT
        found.append(
            ItemRow(
                link=one.link_id,
                number="" if one.type in SILENT else str(number),
                name=words.short(words.item_name(one), 140),
                is_unnamed=not one.text.strip(),
                type=words.TYPE_NAMES[one.type],
                look=_look(one),
                is_required=one.is_required,
                when=_when(one, known),
                fault=faults.get(one.link_id, ""),
                is_first=n == 0,
                is_last=n == len(form.items) - 1,
            )
        )
    return found


def settings(form: Questionnaire, link: str) -> ItemView:
    """The settings of an item; empty where it is there no more."""
    one = next((one for one in form.items if one.link_id == link), None)
    if one is None:
        return ItemView()
    before = earlier(form, link)
    return ItemView(
        link=link,
        kind=one.type.value,
        look=_look(one),
        text=one.text,
        help=one.help,
        kin=[[kind.value, words.TYPE_NAMES[kind]] for kind in editing.kin(one.type)],
        may_require=one.type not in SILENT,
        is_required=one.is_required,
        has_options=one.type in WITH_OPTIONS,
        options=[
            OptionView(each.code, each.label, n + 1, n == 0, n == len(one.options) - 1)
            for n, each in enumerate(one.options)
        ],
        may_isolate=one.type is Type.CHOICES,
        alone=next((each.code for each in one.options if each.stands_alone), ""),
        is_number=one.type is Type.NUMBER,
        is_scale=one.type is Type.SCALE,
        unit=one.unit,
        least="" if one.least is None else f"{one.least:f}",
        most="" if one.most is None else f"{one.most:f}",
        least_label=one.least_label,
        most_label=one.most_label,
        may_depend=bool(before),
        conditions=[_condition(n, each, before) for n, each in enumerate(one.shown_when)],
        shown_if=one.shown_if,
        place=str(form.items.index(one)),
        places=_places([each for each in form.items if each is not one]),
    )


def _places(others: list[Item]) -> list[list[str]]:
    """Where an item may stand among the others."""
    after = [[str(n), f"After “{words.short(words.item_name(one), 60)}”"] for n, one in enumerate(others, 1)]
    return [["0", "At the beginning"], *after]


def _look(one: Item) -> str:
    return one.type.value if one.type in SILENT else "question"


def _condition(n: int, one: Condition, before: list[Item]) -> ConditionView:
    question = next(each for each in before if each.link_id == one.question)
    known = answers(question)
    takes = "" if one.operator == "answered" else "choice" if known else "number"
    return ConditionView(
        n,
        one.question,
        one.operator,
        one.answer,
        takes,
        [[each.link_id, words.short(words.item_name(each), 70)] for each in before],
        [[each, words.OPERATORS[each]] for each in dict.fromkeys((*operators(question), one.operator))],
        [[each, words.short(words.answer_name(question, each), 50)] for each in known],
    )


def _when(one: Item, known: dict[str, Item]) -> str:
    told = [words.condition(known[each.question], each) for each in one.shown_when if each.question in known]
    if not told:
        return ""
    return "Shown when " + (" or " if one.shown_if == "any" else " and ").join(told)

"""What keeps a form from being published: asked by the clinic file and by the editor of staff. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic_portal.forms.answers import decimal
from clinic_portal.forms.definition import (
    SILENT,
    WITH_OPTIONS,
    Condition,
    Consent,
    Content,
    Item,
    Questionnaire,
    Type,
)
from clinic_portal.forms.richtext import clean, text_of
from clinic_portal.forms.rules import GUARDIAN, PATIENT

MOST_STEPS = 11
HTML_MOST = 60_000
OTHER = "other"
_BY_NUMBER = frozenset({Type.NUMBER, Type.SCALE})
_BY_YES = {Type.YES_NO: ("yes", "no"), Type.YES_NO_EXPLAIN: ("yes", "no"), Type.ACKNOWLEDGEMENT: ("yes",)}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a form: at a `link_id`, or at `title`, `items`, `sections`, `statement` or `html`."""

    where: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def faults(content: Content) -> list[Fault]:
    """Everything that is wrong with a form, in its order; none: it may be published."""
    found = [] if content.title.strip() else [Fault("title", "form_text_empty")]
    if isinstance(content, Questionnaire):
        found += _questionnaire(content)
    elif isinstance(content, Consent):
        found += _consent(content)
    else:
        found += _html("html", content.html)
    return found


def _questionnaire(form: Questionnaire) -> Iterator[Fault]:
    if all(item.type in SILENT for item in form.items):
        yield Fault("items", "form_no_question")
    yield from _links(item.link_id for item in form.items)
    before: dict[str, Item] = {}
    for item in form.items:
        yield from _item(item)
        for condition in item.shown_when:
            code = unfit(condition, before.get(condition.question))
            if code:
                yield Fault(item.link_id, code, {"question": condition.question, "answer": condition.answer})
        before.setdefault(item.link_id, item)


def _consent(form: Consent) -> Iterator[Fault]:
    if not form.sections:
        yield Fault("sections", "form_no_section")
    yield from _links(section.link_id for section in form.sections)
    for section in form.sections:
        yield from _html(section.link_id, section.html)
    if not form.statement.strip():
        yield Fault("statement", "form_text_empty")


def _html(where: str, html: str) -> Iterator[Fault]:
    told = clean(html)
    if not text_of(told).strip():
        yield Fault(where, "form_text_empty")
    elif len(told) > HTML_MOST:
        yield Fault(where, "form_text_long", {"limit": HTML_MOST})


def _links(link_ids: Iterable[str]) -> Iterator[Fault]:
    """Each part has its own name, and none has a signature's."""
    for link_id, count in Counter(link_ids).items():
        if count > 1:
            yield Fault(link_id, "form_link_twice", {"link_id": link_id})
        if link_id in (PATIENT, GUARDIAN):
            yield Fault(link_id, "form_link_reserved", {"link_id": link_id})


def _item(item: Item) -> Iterator[Fault]:
    link = item.link_id
    if not item.text.strip():
        yield Fault(link, "form_text_empty")
    if item.type in SILENT and item.is_required:
        yield Fault(link, "form_silent_required")
    if item.type not in WITH_OPTIONS:
        if item.options:
            yield Fault(link, "form_options_unwanted")
    elif not item.options:
        yield Fault(link, "form_options_missing")
    else:
        yield from _options(item)
    if item.type is Type.SCALE and not _is_scale(item):
        yield Fault(link, "form_scale", {"limit": MOST_STEPS})
    if item.type is Type.NUMBER and item.least is not None and item.most is not None and item.least >= item.most:
        yield Fault(link, "form_range")


def _options(item: Item) -> Iterator[Fault]:
    labels = [" ".join(one.label.split()).casefold() for one in item.options]
    for told in ([one.code for one in item.options], [one for one in labels if one]):
        if len(set(told)) < len(told):
            yield Fault(item.link_id, "form_options_twice")
            break
    if not all(one.label.strip() for one in item.options):
        yield Fault(item.link_id, "form_options_empty")
    if item.type is Type.CHOICE_OTHER and OTHER in {one.code for one in item.options}:
        yield Fault(item.link_id, "form_options_other")


def _is_scale(item: Item) -> bool:
    """Whole numbers from the least up to the most, few enough to tap one."""
    if item.least is None or item.most is None:
        return False
    are_whole = item.least == item.least.to_integral_value() and item.most == item.most.to_integral_value()
    return are_whole and 1 <= item.most - item.least <= MOST_STEPS - 1


def unfit(condition: Condition, asked: Item | None) -> str:
    """The code of what is wrong with a condition, `asked` being the earlier item it names; empty when it will do."""
    if asked is None:
        return "form_condition_later"
    if asked.type in SILENT:
        return "form_condition_silent"
    if condition.operator == "answered":
        return ""
    if asked.type in _BY_NUMBER:
        return "" if _is_number(condition, asked) else "form_condition_answer"
    if condition.operator in ("at_least", "at_most"):
        return "form_condition_operator"
    if asked.type in _BY_YES:
        return "" if condition.answer in _BY_YES[asked.type] else "form_condition_answer"
    if asked.type in WITH_OPTIONS:
        codes = {one.code for one in asked.options} | ({OTHER} if asked.type is Type.CHOICE_OTHER else set())
        return "" if condition.answer in codes else "form_condition_answer"
    return "form_condition_operator"


def _is_number(condition: Condition, asked: Item) -> bool:
    """Whether a condition waits for a number that can be given; equal is what is spelled alike."""
    number = decimal(condition.answer)
    if number is None or (condition.operator in ("is", "is_not") and condition.answer != f"{number.normalize():f}"):
        return False
    return (asked.least is None or number >= asked.least) and (asked.most is None or number <= asked.most)

"""Decisions about forms: what is shown, what will do, who is of age."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic_portal.forms import answers, checking, definition, rules
from clinic_portal.forms.definition import Kind, Questionnaire


def form(*items: dict[str, Any]) -> Questionnaire:
    found = definition.read(Kind.QUESTIONNAIRE, {"title": "A form", "items": list(items)})
    assert isinstance(found, Questionnaire)
    assert checking.faults(found) == []
    return found


@pytest.mark.parametrize("typed", ["2", "2.0", " 2 ", "02", "2,0", "٢"])
def test_a_number_is_a_number_however_it_is_typed(typed: str) -> None:
    """Else a question that must be answered is hidden while one signs, and shown without an answer ever after."""
    asked = form(
        {"link_id": "children", "type": "number", "text": "How many children?"},
        {
            "link_id": "twins",
            "type": "yes_no",
            "text": "Twins?",
            "is_required": True,
            "shown_when": [{"question": "children", "operator": "is", "answer": "2"}],
        },
    )
    _, faults = rules.completed(asked, {"children": typed}, region="US")
    assert [(one.field, one.code) for one in faults] == [("twins", "answer_missing")]


@pytest.mark.parametrize(
    ("born", "today", "is_minor"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), True),
        (date(2008, 2, 29), date(2026, 3, 1), False),
        (date(2008, 11, 25), date(2026, 11, 24), True),
        (date(2008, 11, 25), date(2026, 11, 25), False),
        (None, date(2026, 11, 25), False),
    ],
)
def test_one_is_of_age_from_the_day_of_the_eighteenth_birthday(born: date | None, today: date, is_minor: bool) -> None:
    assert rules.is_minor(born, today) is is_minor


@pytest.mark.parametrize(
    ("before", "chosen", "meant"),
    [
        (["a"], ["a", "none"], ["none"]),
        (["none"], ["a", "none"], ["a"]),
        (None, ["a", "b"], ["a", "b"]),
        (None, ["none"], ["none"]),
        (["a", "none"], ["a", "none"], ["a"]),
    ],
)
def test_none_of_these_stands_alone_and_what_was_chosen_last_decides(
    before: list[str] | None, chosen: list[str], meant: list[str]
) -> None:
    options = [{"code": one, "label": one} for one in ("a", "b")]
    asked = form(
        {
            "link_id": "some",
            "type": "choices",
            "text": "Any of these?",
            "options": [*options, {"code": "none", "label": "None of these", "stands_alone": True}],
        }
    )
    assert answers.settled(asked.items[0], before, chosen) == meant

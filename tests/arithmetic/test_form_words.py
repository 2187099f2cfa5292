"""Forms in words, as staff read them."""

from __future__ import annotations

from types import SimpleNamespace as Made
from typing import Any

import pytest

from clinic_portal.forms.comparing import Change
from clinic_portal.forms.definition import Item, Kind, Type
from clinic_portal.forms.rules import Validity
from clinic_portal.web.admin.forms import preview, question_views, words
from tests.arithmetic.test_form_editing import FORM


def clinic(**categories: int) -> Any:
    """A clinic with so many services in each category, numbered through."""
    names = {n: Made(id=n, name=name) for n, name in enumerate(categories, 1)}
    services: dict[int, Any] = {}
    for category in names.values():
        for n in range(categories[category.name]):
            number = len(services) + 1
            services[number] = Made(id=number, name=f"{category.name} {n + 1}", category_id=category.id)
    return Made(categories=names, services=services)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ([], "No service yet"),
        ([3], "Toxin 3"),
        (range(1, 22), "All services"),
        (range(1, 13), "All 12 of Toxin"),
        ([*range(1, 13), 13], "All 12 of Toxin and Peels 1"),
        ([1, 13], "Toxin 1 and Peels 1"),
        ([1, 2, 3, 4, 5], "Toxin 1, Toxin 2 and 3 more"),
        (range(1, 18), "All 12 of Toxin and all 5 of Peels"),
        ([*range(1, 19), 20], "19 of 21 services"),
        ([999], "No service yet"),
    ],
)
def test_services_are_told_by_whole_categories_and_never_as_a_wall_of_names(wanted: Any, told: str) -> None:
    assert words.services(clinic(Toxin=12, Peels=5, Lasers=2, Brows=2), set(wanted)) == told


def test_nearly_all_services_are_told_by_what_is_missing() -> None:
    assert words.services(clinic(A=2, B=2, C=2, D=2), {1, 2, 3, 4, 5, 6}) == "All services but D"


@pytest.mark.req("P11")
@pytest.mark.parametrize(
    ("kind", "validity", "told"),
    [
        (Kind.CONSENT, Validity(True, None), "Asked at each visit"),
        (Kind.CONSENT, Validity(False, None), "Asked once, holds for good"),
        (Kind.QUESTIONNAIRE, Validity(False, 365), "Holds for a year"),
        (Kind.QUESTIONNAIRE, Validity(False, 730), "Holds for 2 years"),
        (Kind.QUESTIONNAIRE, Validity(False, 180), "Holds for 6 months"),
        (Kind.QUESTIONNAIRE, Validity(False, 45), "Holds for 45 days"),
        (Kind.AFTER, Validity(False, None), ""),
    ],
)
def test_how_long_it_holds(kind: Kind, validity: Validity, told: str) -> None:
    assert words.validity(kind, validity) == told


@pytest.mark.req("P12")
@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "Sent when the visit ends"),
        (30, "Sent 30 minutes after the visit"),
        (60, "Sent 1 hour after the visit"),
        (90, "Sent 90 minutes after the visit"),
        (2880, "Sent 2 days after the visit"),
        (20160, "Sent 2 weeks after the visit"),
    ],
)
def test_when_it_is_sent(minutes: int, told: str) -> None:
    assert words.delay_told(minutes) == told
    number, unit = words.delay(minutes)
    assert number * words.UNITS[unit] == minutes


def test_every_type_of_item_is_offered_once_in_plain_words() -> None:
    offered = [kind for group in words.TYPES.values() for kind in group]
    assert sorted(offered) == sorted(Type)


@pytest.mark.parametrize("how", ["added", "removed", "changed", "moved"])
@pytest.mark.parametrize("what", ["item", "section"])
def test_every_change_has_words(how: str, what: str) -> None:
    assert "“Risks”" in words.change(Change(how, what, "Risks"))
    assert "without words" in words.change(Change(how, what, " "))


def test_a_condition_is_told_as_half_a_sentence() -> None:
    rows = question_views.rows(FORM, {})
    assert [one.when for one in rows] == [
        "",
        "Shown when “Are you pregnant?” is Yes",
        "",
        "Shown when “Your skin?” is Oily",
    ]


def test_settings_offer_only_earlier_questions_and_their_answers() -> None:
    view = question_views.settings(FORM, "q4")
    (condition,) = view.conditions
    assert [link for link, _ in condition.questions] == ["q1", "q2", "q3"]
    assert condition.answers == [["o1", "Dry"], ["o2", "Oily"]]
    assert view.place == "3"
    assert [label for _, label in view.places] == [
        "At the beginning",
        "After “Are you pregnant?”",
        "After “Which week?”",
        "After “Your skin?”",
    ]
    assert question_views.settings(FORM, "gone").link == ""


def test_a_scale_half_written_is_drawn_with_few_steps() -> None:
    huge = Item.model_validate({"link_id": "q1", "type": "scale", "text": "Pain?", "least": 0, "most": 10**9})
    drawn = preview._drawable(huge)
    assert (drawn.least, drawn.most) == (0, 10)

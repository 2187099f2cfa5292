"""Any questionnaire that staff can publish can be filled in, completed, and read back as it was answered."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Unusable
from clinic_portal.core.work import Services
from clinic_portal.forms import (
    answers,
    checking,
    conditions,
    definition,
    documents,
    filling,
    requests,
    rules,
    verifying,
)
from clinic_portal.forms import queries as forms
from clinic_portal.forms.definition import (
    LISTS,
    SILENT,
    WITH_FILES,
    WITH_OPTIONS,
    Condition,
    Item,
    Option,
    Questionnaire,
    Type,
)
from clinic_portal.forms.types import Draft
from tests.factories import SmallClinic, booked, small_clinic
from tests.forms_kit import HAND, SIGNATURE, TYPED, finish, put

pytestmark = [pytest.mark.req("S7"), pytest.mark.req("B5")]
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30).filter(
    lambda one: bool(one.strip())
)
TYPES = [one for one in Type if one not in WITH_FILES]  # files are kept first, each with a verb of its own


@st.composite
def items(draw: st.DrawFn, link: str, before: list[Item]) -> Item:
    kind = draw(st.sampled_from(TYPES))
    told: dict[str, Any] = {"link_id": link, "type": kind, "text": draw(WORDS)}
    if kind not in SILENT:
        told["is_required"] = draw(st.booleans())
    if kind in WITH_OPTIONS:
        labels = draw(st.lists(WORDS, min_size=1, max_size=4, unique_by=lambda one: " ".join(one.split()).casefold()))
        told["options"] = tuple(Option(code=f"o{place}", label=label) for place, label in enumerate(labels))
    if kind is Type.SCALE:
        least = draw(st.integers(-5, 5))
        told |= {"least": Decimal(least), "most": Decimal(least + draw(st.integers(1, 10)))}
    if kind is Type.NUMBER and draw(st.booleans()):
        told |= {"least": Decimal("-10.5"), "most": Decimal(99), "unit": "kg"}
    asked = [one for one in before if one.type not in SILENT]
    if asked:
        told["shown_when"] = tuple(draw(st.lists(conditions_on(asked), max_size=2)))
        told["shown_if"] = draw(st.sampled_from(["all", "any"]))
    return Item(**told)


@st.composite
def conditions_on(draw: st.DrawFn, asked: list[Item]) -> Condition:
    """What `checking` lets pass, which is more than what the editor offers."""
    question = draw(st.sampled_from(asked))
    operator = draw(st.sampled_from(["is", "is_not", "answered", "at_least", "at_most"]))
    answer = draw(st.sampled_from([*conditions.answers(question), "yes", "1", "2", "-3", "0.5"]))
    found = Condition(question=question.link_id, operator=operator, answer=answer)
    return found if not checking.unfit(found, question) else Condition(question=question.link_id, operator="answered")


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    found: list[Item] = []
    for place in range(draw(st.integers(1, 9))):
        found.append(draw(items(f"q{place}", found)))
    if all(one.type in SILENT for one in found):
        found.append(Item(link_id="q-last", type=Type.YES_NO, text="Is that so?"))
    return Questionnaire(title=draw(WORDS), intro=draw(st.just("") | WORDS), items=tuple(found))


def fitting(item: Item) -> st.SearchStrategy[Any]:
    """Answers as people give them, of the sort that will do."""
    kind = item.type
    number = st.sampled_from(["1", " 1 ", "01", "1,0", "2", "-3", "0.5", "7.250", "3e0"])
    if kind is Type.SCALE:
        number = st.integers(int(item.least or 0), int(item.most or 0)).map(str) | number
    codes = st.sampled_from([one.code for one in item.options] or [""])
    plain = {
        Type.EMAIL: st.sampled_from(["a@example.org", " Amara.Reed@Example.ORG "]),
        Type.PHONE: st.sampled_from(["(512) 555-0142", "+49 30 901820", "+1 512 555 0142"]),
        Type.NUMBER: number,
        Type.SCALE: number,
        Type.DATE: st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat),
        Type.YES_NO: st.sampled_from(["yes", "no"]),
        Type.YES_NO_EXPLAIN: st.fixed_dictionaries({"value": st.sampled_from(["yes", "no", ""]), "text": WORDS}),
        Type.CHOICE: codes,
        Type.CHOICES: st.lists(codes, max_size=4, unique=True),
        Type.CHOICE_OTHER: st.fixed_dictionaries({"value": codes | st.just("other"), "text": WORDS | st.just("")}),
        Type.ADDRESS: st.fixed_dictionaries({one: WORDS | st.just("") for one in answers.ADDRESS}),
        Type.ACKNOWLEDGEMENT: st.just("yes"),
        Type.INITIALS: st.sampled_from(["AR", "Á. R."]),
        Type.SIGNATURE: st.sampled_from([SIGNATURE, TYPED]),
    }
    if kind in LISTS:
        row = st.fixed_dictionaries({name: WORDS | st.just("") for name in LISTS[kind]})
        return st.fixed_dictionaries({"none": st.booleans(), "rows": st.lists(row, max_size=3)})
    return plain.get(kind, WORDS)


@pytest.fixture
def made(tmp_path: Path) -> SmallClinic:
    from clinic_portal import migrations
    from clinic_portal.core.db import Database
    from clinic_portal.core.settings import Settings
    from tests.conftest import MONDAY_MORNING

    url = f"sqlite:///{tmp_path}/clinic.db"
    kept = Settings(
        _env_file=None,
        mode="demo",
        database_url=url,
        data_dir=tmp_path,
        secret_key="a test key of more than 32 characters",
    )
    services = Services(Database(url), FixedClock(MONDAY_MORNING), kept)
    migrations.upgrade(services.database)
    return small_clinic(services)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_questionnaire_is_filled_in_and_read_back_as_it_was_answered(
    made: SmallClinic, data: st.DataObject
) -> None:
    form = data.draw(questionnaires())
    assert checking.faults(form) == []
    services = made.services
    if "patient" not in made.ids:
        visit = booked(made, "a", date(2026, 11, 27), "10:00", "botox").appointment_id
        made.ids |= {"patient": services.ask(queries.visit, visit).patient_id, "forms": 0}
    who = made["patient"]
    made.ids["forms"] += 1
    slug = f"form-{made['forms']}"
    put(made, slug, "questionnaire", definition.written(form))
    request_id = services.do(ask, who, slug)
    draft = services.do(paperwork.begin, who, request_id, HAND)
    assert (
        draft.version.content
        == form
        == definition.read(definition.Kind.QUESTIONNAIRE, json.loads(json.dumps(definition.written(form))))
    )
    for item in form.items:
        if item.type not in SILENT and data.draw(st.integers(0, 5)):
            seen = draft.seen.get(item.link_id, 0)
            draft = services.do(
                filling.save, who, draft.document_id, item.link_id, data.draw(fitting(item)), seen=seen, hand=HAND
            )
    told, faults = rules.completed(form, draft.answers, region="US")
    refused = completed(services, who, draft)
    event("refused" if faults else "completed")
    assert refused == [(one.field, one.code) for one in faults]
    if refused:
        return
    found = services.ask(documents.own, who, draft.document_id)
    assert (found.answers, found.version.content) == (told, form)
    assert found.answers
    again = rules.completed(form, found.answers, region="US")
    assert again == (found.answers, []), "what is read later is what was to be answered, and it is answered"
    assert set(found.answered_at) == set(found.answers)
    assert services.ask(lambda read: list(verifying.findings(read))) == []


def ask(work: Any, patient_id: int, slug: str) -> int:
    template_id = next(one.id for one in forms.forms(work).values() if one.slug == slug)
    return requests.ask_anew(work, patient_id, template_id)


def completed(services: Services, patient_id: int, draft: Draft) -> list[tuple[str, str]]:
    """Complete it; what keeps it from being so."""
    try:
        finish(services, patient_id, draft)
    except Unusable as refusal:
        return [(one.field, one.code) for one in refusal.faults]
    return []

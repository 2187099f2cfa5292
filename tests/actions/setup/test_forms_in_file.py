"""Forms in a clinic file: loaded, loaded again, changed, taken out, exported, refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.work import Services
from clinic_portal.forms import definition, models, queries, templates
from clinic_portal.forms.answers import kept
from clinic_portal.forms.checking import faults
from clinic_portal.forms.definition import (
    LISTS,
    SILENT,
    WITH_FILES,
    Consent,
    Instruction,
    Item,
    Kind,
    Questionnaire,
    Type,
)
from clinic_portal.forms.rules import Validity, completed, countersigners, shown
from clinic_portal.forms.types import FormInfo
from clinic_portal.setup.demo import FILE, FORMS, lumen
from clinic_portal.setup.export import export
from clinic_portal.setup.load import load
from clinic_portal.setup.part import ClinicFileError
from clinic_portal.setup.schema import ClinicFile, parse
from tests.factories import rows, staff

QUESTIONS: dict[str, Any] = {
    "slug": "sun-check",
    "kind": "questionnaire",
    "name": "Sun check",
    "categories": ["laser"],
    "validity": {"days": 30},
    "content": {
        "title": "Your skin and the sun",
        "items": [
            {"link_id": "tan", "type": "yes_no", "text": "Are you tanned?", "is_required": True},
            {
                "link_id": "tanner",
                "type": "choice",
                "text": "By what?",
                "options": [{"code": "sun", "label": "The sun"}, {"code": "bed", "label": "A tanning bed"}],
                "shown_when": [{"question": "tan", "answer": "yes"}],
            },
            {"link_id": "pain", "type": "scale", "text": "Does it hurt?", "least": "0", "most": "10"},
        ],
    },
}
AFTERWARDS: dict[str, Any] = {
    "slug": "sun-after",
    "kind": "after",
    "name": "After the laser",
    "services": ["hair-legs"],
    "delay": {"days": 1, "hours": 12},
    "content": {"title": "After your laser", "html": "<p>Stay out of the sun.</p>\n<ul>\n<li>Cool it.</li>\n</ul>"},
}


def with_forms(*forms: dict[str, Any]) -> ClinicFile:
    """The demo clinic with these forms."""
    return parse(FILE.read_text(), [yaml.safe_dump(one) for one in forms])


def without_forms() -> ClinicFile:
    return parse(FILE.read_text() + "\nforms: []\n")


def changed(form: dict[str, Any], **told: Any) -> dict[str, Any]:
    return {**form, **told}


def with_item(change: Callable[[list[dict[str, Any]]], object]) -> dict[str, Any]:
    """The questions with a change in their items."""
    made: dict[str, Any] = yaml.safe_load(yaml.safe_dump(QUESTIONS))
    change(made["content"]["items"])
    return made


def by_slug(services: Services) -> dict[str, FormInfo]:
    return {one.slug: one for one in services.ask(queries.forms).values()}


def services_of(services: Services, slug: str) -> set[str]:
    known = services.ask(catalogue).services
    return {known[key].slug for key in by_slug(services)[slug].service_ids}


@pytest.mark.req("S39")
def test_a_form_belongs_to_the_services_and_to_those_of_the_categories_it_names(services: Services) -> None:
    services.do(load, with_forms(changed(QUESTIONS, services=["lash-lift"]), AFTERWARDS))
    laser = {"hair-lip", "hair-underarms", "hair-legs", "ipl-face", "vessel"}
    assert services_of(services, "sun-check") == laser | {"lash-lift"}
    assert services_of(services, "sun-after") == {"hair-legs"}


@pytest.mark.req("S39")
def test_a_form_may_belong_to_all_services_or_to_none(services: Services) -> None:
    services.do(load, with_forms(changed(QUESTIONS, categories=[], all=True), changed(AFTERWARDS, services=[])))
    assert len(services_of(services, "sun-check")) == len(services.ask(catalogue).services)
    assert services_of(services, "sun-after") == set()


@pytest.mark.req("P11")
@pytest.mark.parametrize(
    ("told", "holds"),
    [
        ("visit", Validity(True, None)),
        ("forever", Validity(False, None)),
        ({"days": 365}, Validity(False, 365)),
    ],
)
def test_how_long_a_form_holds_is_as_the_file_says(services: Services, told: Any, holds: Validity) -> None:
    services.do(load, with_forms(changed(QUESTIONS, validity=told)))
    assert by_slug(services)["sun-check"].validity == holds


@pytest.mark.req("P12")
@pytest.mark.parametrize(
    ("delay", "minutes"),
    [({"minutes": 90}, 90), ({"hours": 2}, 120), ({"days": 1, "hours": 12}, 2160), ({"weeks": 2}, 20160)],
)
def test_a_delay_is_told_in_minutes_hours_days_or_weeks(
    services: Services, delay: dict[str, int], minutes: int
) -> None:
    services.do(load, with_forms(changed(AFTERWARDS, delay=delay)))
    assert by_slug(services)["sun-after"].delay_minutes == minutes


def test_loading_forms_twice_changes_nothing_the_second_time(services: Services) -> None:
    assert services.do(load, with_forms(QUESTIONS, AFTERWARDS)).added["form"] == 2
    version = services.ask(catalogue).version
    assert services.do(load, with_forms(QUESTIONS, AFTERWARDS)).is_empty
    assert services.ask(catalogue).version == version
    assert len(rows(services, models.FormVersion)) == 2


@pytest.mark.req("P10")
def test_a_changed_content_is_the_next_version_and_the_first_stays_as_it_was(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS))
    content = {**QUESTIONS["content"], "title": "Sun"}
    report = services.do(load, with_forms(changed(QUESTIONS, content=content)))
    assert report.changed["form"] == 1
    titles = [one.content["title"] for one in sorted(rows(services, models.FormVersion), key=lambda one: one.version)]
    assert titles == ["Your skin and the sun", "Sun"]
    assert by_slug(services)["sun-check"].version == 2


def test_a_changed_rule_is_no_new_version(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS))
    report = services.do(load, with_forms(changed(QUESTIONS, name="Sun and skin", validity="visit")))
    assert report.changed["form"] == 1
    found = by_slug(services)["sun-check"]
    assert (found.name, found.validity, found.version) == ("Sun and skin", Validity(True, None), 1)


def test_a_form_that_is_not_in_the_file_any_more_is_switched_off_and_kept(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS, AFTERWARDS))
    report = services.do(load, with_forms(QUESTIONS))
    assert report.switched_off["form"] == 1
    assert {slug: one.is_active for slug, one in by_slug(services).items()} == {"sun-check": True, "sun-after": False}
    assert services.do(load, with_forms(QUESTIONS)).is_empty


def test_a_form_that_is_in_the_file_again_is_switched_on(services: Services) -> None:
    for file in (with_forms(QUESTIONS), without_forms(), with_forms(QUESTIONS)):
        services.do(load, file)
    found = by_slug(services)["sun-check"]
    assert (found.is_active, found.version) == (True, 1)


def test_a_file_that_says_nothing_of_forms_leaves_them_as_they_are(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS))
    assert services.do(load, parse(FILE.read_text())).is_empty
    assert by_slug(services)["sun-check"].is_active


def test_a_file_with_an_empty_list_of_forms_asks_for_none(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS))
    assert services.do(load, without_forms()).switched_off["form"] == 1


def test_rich_text_of_a_file_is_sanitised(services: Services) -> None:
    content = {"title": "After", "html": '<p onclick="a()">Rest.</p><script>b()</script>'}
    services.do(load, with_forms(changed(AFTERWARDS, content=content)))
    assert [one.content["html"] for one in rows(services, models.FormVersion)] == ["<p>Rest.</p>"]


def test_exported_forms_load_back_to_the_same(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS, AFTERWARDS, changed(AFTERWARDS, slug="more", services=[])))
    first = services.ask(export)
    assert services.do(load, parse(first)).is_empty
    assert services.ask(export) == first
    told = {one["slug"]: one for one in yaml.safe_load(first)["forms"]}
    assert told["sun-after"] == changed(AFTERWARDS, delay={"hours": 36}, validity="visit")
    assert told["sun-check"]["content"] == QUESTIONS["content"]


def test_the_export_of_a_clinic_is_a_clinic_of_its_own_elsewhere(services: Services) -> None:
    services.do(load, lumen())
    told = yaml.safe_load(services.ask(export))["forms"]
    assert len(told) == len(FORMS)
    services.do(load, without_forms())
    assert yaml.safe_load(services.ask(export))["forms"] == []
    services.do(load, lumen())
    assert yaml.safe_load(services.ask(export))["forms"] == told


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (changed(QUESTIONS, services=["moon-peel"]), "form sun-check: there is no service moon-peel."),
        (changed(QUESTIONS, categories=["moon"]), "form sun-check: there is no category moon."),
        (changed(QUESTIONS, all=True), "form sun-check: give either all, or services and categories."),
        (changed(QUESTIONS, delay={"days": 1}), "form sun-check: only what is for afterwards has a delay."),
        (changed(AFTERWARDS, delay={"weeks": 53}), "form sun-after: its delay is longer than a year."),
        (changed(AFTERWARDS, delay={"years": 1}), "forms.1.delay.years"),
        (changed(QUESTIONS, validity="always"), "forms.1.validity"),
        (changed(QUESTIONS, validity={"days": 0}), "forms.1.validity"),
        (changed(QUESTIONS, kind="quiz"), "forms.1.kind"),
        (changed(QUESTIONS, name=" "), "forms.1.name: write a name in one line."),
        (changed(QUESTIONS, kind="consent"), "form sun-check: content.items: Extra inputs are not permitted."),
        (changed(AFTERWARDS, content={"title": "After", "html": "<p> </p>"}), "form sun-after: html: it says nothing."),
        (with_item(lambda items: items.append(items[0])), "form sun-check: tan: this link_id stands there twice."),
        (with_item(list.reverse), "tanner: its condition names tan, which asks nothing before it."),
        (
            with_item(lambda items: items[1]["shown_when"][0].update(answer="maybe")),
            "tanner: its condition waits for “maybe”, which is no answer to tan.",
        ),
        (with_item(lambda items: items[1].update(options=[])), "tanner: it has no options."),
        (with_item(lambda items: items[2].update(most="50")), "pain: a scale goes from one whole number up to another"),
        (with_item(lambda items: items[0].update(type="riddle")), "form sun-check: content.items.1.type"),
    ],
)
def test_a_form_with_a_fault_is_refused_with_a_sentence_that_names_it(form: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClinicFileError) as refusal:
        with_forms(form)
    assert any(sentence in fault for fault in refusal.value.faults), refusal.value.faults


def test_two_forms_of_one_slug_are_refused() -> None:
    with pytest.raises(ClinicFileError, match="sun-check stands there twice"):
        with_forms(QUESTIONS, QUESTIONS)


def test_a_form_file_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(ClinicFileError, match="no YAML"):
        parse(FILE.read_text(), ["{slug: what?, kind"])


def test_a_form_cannot_become_one_of_another_kind_and_nothing_is_loaded(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS))
    with pytest.raises(ClinicFileError, match="of the kind questionnaire"):
        services.do(load, with_forms(changed(AFTERWARDS, slug="new"), changed(AFTERWARDS, slug="sun-check")))
    assert list(by_slug(services)) == ["sun-check"]


def test_a_draft_of_staff_is_not_touched_by_a_file(services: Services) -> None:
    services.do(load, with_forms(QUESTIONS))
    made = services.do(templates.add, staff(services).actor, Kind.CONSENT, "My own")
    services.do(load, without_forms())
    found = services.ask(queries.forms)[made]
    assert (found.is_active, found.has_draft) == (True, True)


# the demo clinic's own


def contents(kind: type) -> dict[str, Any]:
    return {one.slug: one.read() for one in lumen().forms or [] if isinstance(one.read(), kind)}


def test_every_form_of_the_demo_clinic_can_be_published() -> None:
    assert {one.slug: faults(one.read()) for one in lumen().forms or [] if faults(one.read())} == {}
    assert all(definition.read(one.kind, definition.written(one.read())) for one in lumen().forms or [])


def test_the_demo_intake_asks_25_questions_or_more_of_most_types() -> None:
    intake = contents(Questionnaire)["medical-intake"]
    asked = [item.type for item in intake.items if item.type not in SILENT]
    assert len(asked) >= 25
    assert len(set(asked)) >= 15
    assert any(item.shown_when for item in intake.items)


def test_the_demo_intake_asks_of_a_due_date_only_where_somebody_may_be_pregnant() -> None:
    intake = contents(Questionnaire)["medical-intake"]
    cases = {"cannot": False, "no": False, "maybe": False, "yes": True}
    for answer, is_asked in cases.items():
        links = {item.link_id for item in shown(intake, {"could-be-pregnant": answer})}
        assert ("due-on" in links) is is_asked
        assert ("nursing" in links) is (answer != "cannot")


@pytest.mark.req("P10")
def test_filler_and_laser_are_countersigned_by_the_provider_and_photographs_are_not() -> None:
    found = {slug: countersigners(one) for slug, one in contents(Consent).items()}
    assert found["consent-filler"] == found["consent-laser"] == ("provider",)
    assert found["consent-photographs"] == found["consent-neurotoxin"] == ()


def test_every_demo_consent_has_sections_and_asks_initials() -> None:
    for slug, consent in contents(Consent).items():
        assert 5 <= len(consent.sections) <= 9, slug
        assert any(one.asks_initials for one in consent.sections), slug


@pytest.mark.req("S42")
@pytest.mark.req("S45")
def test_every_treatment_of_the_demo_has_instructions_before_and_after(services: Services) -> None:
    services.do(load, lumen())
    known = services.ask(catalogue)
    treated = [one for one in known.services.values() if known.categories[one.category_id].slug != "consultations"]
    for one in treated:
        kinds = {form.kind for form in services.ask(queries.assigned, [one.id])}
        missing = {Kind.BEFORE, Kind.AFTER} - kinds - ({Kind.BEFORE} if one.slug == "filler-dissolve" else set())
        assert not missing, one.slug


@pytest.mark.req("S39")
def test_the_demo_asks_with_a_lash_lift_for_what_belongs_to_it_and_for_nothing_else(services: Services) -> None:
    services.do(load, lumen())
    lift = next(key for key, one in services.ask(catalogue).services.items() if one.slug == "lash-lift")
    asked = [one.slug for one in services.ask(queries.assigned, [lift])]
    assert asked == ["brow-lash-check", "before-brows", "after-brows"]


def test_every_instruction_for_afterwards_says_when_to_call_911() -> None:
    after = {one.slug: one.read() for one in lumen().forms or [] if one.kind is Kind.AFTER}
    assert [slug for slug, one in after.items() if isinstance(one, Instruction) and "911" not in one.html] == []


def test_the_demo_uses_every_type_of_question_but_those_of_identity() -> None:
    used = {item.type for one in contents(Questionnaire).values() for item in one.items}
    assert set(Type) - used == {Type.EMAIL, Type.ADDRESS, Type.FILE}


def plain_answer(item: Item) -> Any:
    """Something true that can be said to a question."""
    drawn = {"method": "drawn", "name": "Amara Reed", "strokes": [[[40, 150], [120, 40], [200, 150]]]}
    known: dict[Type, Any] = {
        Type.PHONE: "512 555 0100",
        Type.NUMBER: str(item.most),
        Type.DATE: "2026-12-03",
        Type.YES_NO: "yes",
        Type.YES_NO_EXPLAIN: {"value": "yes", "text": "Since May."},
        Type.CHOICE: item.options[-1].code if item.options else "",
        Type.CHOICES: [one.code for one in item.options],
        Type.CHOICE_OTHER: {"value": "other", "text": "Freckles"},
        Type.SCALE: str(item.least),
        Type.ACKNOWLEDGEMENT: "yes",
        Type.INITIALS: "AR",
        Type.SIGNATURE: drawn,
    }
    if item.type in LISTS:
        return {"none": True, "rows": []}
    return ["a photo"] if item.type in WITH_FILES else known.get(item.type, "Plain words")


@pytest.mark.parametrize("slug", sorted(contents(Questionnaire)))
def test_every_demo_questionnaire_can_be_completed_and_not_without_what_it_requires(slug: str) -> None:
    form = contents(Questionnaire)[slug]
    answers = {item.link_id: kept(item, plain_answer(item)) for item in form.items if item.type not in SILENT}
    assert completed(form, answers, region="US")[1] == []
    missing = {one.field for one in completed(form, {}, region="US")[1]}
    assert missing == {item.link_id for item in shown(form, {}) if item.is_required}
    assert missing

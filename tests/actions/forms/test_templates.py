"""Staff write forms: who may, two at once, versions that never change, services, copies, what is asked of whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import paperwork, queries
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed, Unusable
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.forms import drafting, editing, models, templates
from clinic_portal.forms import queries as forms
from clinic_portal.forms.definition import Kind, Type
from clinic_portal.forms.rules import Validity
from clinic_portal.forms.types import FormInfo, VersionInfo
from tests.at_once import Deed, meanwhile
from tests.factories import SmallClinic, booked, rows, small_clinic, staff
from tests.forms_kit import INTAKE, fill_intake, put_all

FRIDAY = date(2026, 11, 27)
VERSION = table(models.FormVersion)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    return made


@pytest.fixture
def owner(made: SmallClinic) -> StaffActor:
    return actor(made, "owner")


def actor(made: SmallClinic, role: str) -> StaffActor:
    found: StaffActor = staff(made.services, role).actor
    return found


def form(made: SmallClinic, slug: str) -> FormInfo:
    return next(one for one in made.services.ask(forms.forms).values() if one.slug == slug)


def seen(made: SmallClinic, owner: StaffActor, form_id: int) -> VersionInfo:
    """The form as an editor's page shows it."""
    return made.services.ask(forms.for_editor, owner, form_id)


def asks(made: SmallClinic, owner: StaffActor, form_id: int, words: str, after: str = "") -> VersionInfo:
    """One more question, written at once on a page that shows the newest state."""
    done = made.services.do(
        drafting.edit,
        owner,
        form_id,
        lambda content: editing.add_item(content, Type.SHORT_TEXT),  # type: ignore[arg-type, return-value]
        seen=after or seen(made, owner, form_id).digest,
    )
    return made.services.do(
        drafting.edit,
        owner,
        form_id,
        lambda content: editing.say_item(content, done.edit.at, "text", words),  # type: ignore[arg-type, return-value]
        seen=done.after.digest,
    ).after


def publishes(made: SmallClinic, owner: StaffActor, form_id: int, *, asks_anew: bool = True) -> int:
    found = seen(made, owner, form_id)
    return made.services.do(drafting.publish, owner, form_id, seen=found.digest, asks_anew=asks_anew)


def sets(made: SmallClinic, owner: StaffActor, form_id: int, **values: Any) -> None:
    rules: dict[str, Any] = {
        "name": "Intake",
        "validity": Validity(False, 365),
        "delay_minutes": 0,
        "service_ids": [made["botox"]],
    }
    made.services.do(templates.set_rules, owner, form_id, **{**rules, **values})


def patient_of(made: SmallClinic, clock: str, *wanted: str) -> int:
    """Somebody new, who booked for that time."""
    email = f"at-{clock.replace(':', '-')}@example.org"
    visit = booked(made, f"browser at {clock}", FRIDAY, clock, *(wanted or ("botox",)), email=email)
    return made.services.ask(queries.visit, visit.appointment_id).patient_id


def asked_of(made: SmallClinic, patient_id: int) -> list[str]:
    return [one.request.title for one in made.services.ask(paperwork.to_do, patient_id)]


# Who may


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_may_write_forms_writes_them(made: SmallClinic, owner: StaffActor, role: str) -> None:
    who, intake = actor(made, role), form(made, "intake").id
    draft = asks(made, owner, intake, "Do you smoke?")
    tries: list[Callable[[], Any]] = [
        lambda: made.services.do(templates.add, who, Kind.CONSENT, "Mine"),
        lambda: made.services.do(templates.copy, who, intake),
        lambda: made.services.do(templates.save_draft, who, intake, INTAKE, seen_revision=draft.revision),
        lambda: made.services.do(templates.publish, who, intake, seen_revision=draft.revision),
        lambda: made.services.do(drafting.publish, who, intake, seen=draft.digest, asks_anew=True),
        lambda: made.services.do(drafting.discard, who, intake, seen=draft.digest),
        lambda: asks(made, who, intake, "Mine?", draft.digest),
        lambda: sets(made, who, intake),
        lambda: made.services.do(templates.switch, who, intake, is_active=False),
        lambda: made.services.ask(forms.for_editor, who, intake),
        lambda: made.services.ask(forms.versions, who, intake),
    ]
    before = rows(made.services, models.FormVersion)
    for each in tries:
        with pytest.raises(NotAllowed):
            each()
    assert rows(made.services, models.FormVersion) == before


def test_a_form_that_is_not_there_looks_like_one_that_is_not_yours(made: SmallClinic, owner: StaffActor) -> None:
    for verb, more in ((templates.copy, {}), (templates.switch, {"is_active": True})):
        with pytest.raises(NotAllowed, match="not_found"):
            made.services.do(verb, owner, 999, **more)
    with pytest.raises(NotAllowed, match="not_found"):
        seen(made, owner, 999)


# Drafts and versions


def test_a_new_form_is_asked_of_nobody_until_it_is_published(made: SmallClinic, owner: StaffActor) -> None:
    made_id = made.services.do(templates.add, owner, Kind.QUESTIONNAIRE, "  Skin  type ")
    asks(made, owner, made_id, "How does your skin react to the sun?")
    sets(made, owner, made_id, name="Skin type", service_ids=[made["botox"]])
    assert "Skin  type" not in asked_of(made, patient_of(made, "10:00"))
    assert publishes(made, owner, made_id) == 1
    assert "Skin  type" in asked_of(made, patient_of(made, "12:00"))
    assert form(made, "skin-type").name == "Skin type"


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x07b"])
def test_a_form_needs_a_name_that_can_be_read(made: SmallClinic, owner: StaffActor, name: str) -> None:
    with pytest.raises(Unusable) as refused:
        made.services.do(templates.add, owner, Kind.CONSENT, name)
    assert [(one.field, one.code) for one in refused.value.faults] == [("name", "form_name")]


@pytest.mark.req("P10")
def test_editing_what_is_in_force_begins_a_draft_and_changes_nothing_for_patients(
    made: SmallClinic, owner: StaffActor
) -> None:
    intake = form(made, "intake").id
    standing = seen(made, owner, intake)
    draft = asks(made, owner, intake, "Do you smoke?")
    assert (draft.version, form(made, "intake").version) == (0, 1)
    assert made.services.ask(forms.version, standing.id) == standing


def test_what_changes_nothing_begins_no_draft(made: SmallClinic, owner: StaffActor) -> None:
    intake = form(made, "intake").id
    before = seen(made, owner, intake)

    def same(content: Any) -> Any:
        return editing.say(content, "title", content.title)

    done = made.services.do(drafting.edit, owner, intake, same, seen=before.digest)
    assert done.after == before
    assert not form(made, "intake").has_draft


def test_of_two_who_write_at_once_the_second_is_told_and_overwrites_nothing(
    made: SmallClinic, owner: StaffActor
) -> None:
    intake = form(made, "intake").id
    both = seen(made, owner, intake).digest
    first = asks(made, owner, intake, "Do you smoke?", both)
    with pytest.raises(Conflict, match="draft_changed"):
        asks(made, actor(made, "owner"), intake, "Do you drink?", both)
    assert seen(made, owner, intake) == first


def titled(owner: StaffActor, form_id: int, title: str, saw: str) -> Deed:
    """Write another title on a page that shows that state."""
    return lambda work: drafting.edit(
        work,
        owner,
        form_id,
        lambda content: editing.say(content, "title", title),
        seen=saw,
    )


@pytest.mark.parametrize("is_new", [False, True])
def test_of_two_in_the_same_instant_one_is_told(made: SmallClinic, owner: StaffActor, is_new: bool) -> None:
    intake = form(made, "intake").id
    if not is_new:
        asks(made, owner, intake, "Do you smoke?")
    saw = seen(made, owner, intake).digest
    came = meanwhile(made.services, titled(owner, intake, "One", saw), titled(owner, intake, "Two", saw))
    assert came == "draft_changed"
    assert seen(made, owner, intake).content.title == "One"


def test_what_is_written_while_it_is_published_is_told_and_not_lost_in_silence(
    made: SmallClinic, owner: StaffActor
) -> None:
    intake = form(made, "intake").id
    saw = asks(made, owner, intake, "Do you smoke?").digest

    def publish(work: UnitOfWork) -> None:
        drafting.publish(work, owner, intake, seen=saw, asks_anew=True)

    came = meanwhile(made.services, titled(owner, intake, "Late", saw), publish)
    assert (came, form(made, "intake").version) == ("draft_changed", 1)


def test_a_draft_begun_anew_is_not_the_one_that_was_thrown_away(made: SmallClinic, owner: StaffActor) -> None:
    intake = form(made, "intake").id
    old = asks(made, owner, intake, "Do you smoke?")
    made.services.do(drafting.discard, owner, intake, seen=old.digest)
    asks(made, owner, intake, "Do you drink?")
    with pytest.raises(Conflict, match="draft_changed"):
        asks(made, owner, intake, "And coffee?", old.digest)
    with pytest.raises(Conflict, match="draft_changed"):
        made.services.do(drafting.publish, owner, intake, seen=old.digest, asks_anew=True)
    with pytest.raises(Conflict, match="draft_changed"):
        made.services.do(drafting.discard, owner, intake, seen=old.digest)


def test_nobody_publishes_what_they_did_not_see(made: SmallClinic, owner: StaffActor) -> None:
    intake = form(made, "intake").id
    saw = asks(made, owner, intake, "Do you smoke?")
    asks(made, owner, intake, "Do you drink?")
    with pytest.raises(Conflict, match="draft_changed"):
        made.services.do(drafting.publish, owner, intake, seen=saw.digest, asks_anew=True)
    with pytest.raises(Conflict, match="draft_changed"):
        made.services.do(templates.publish, owner, intake, seen_revision=saw.revision)
    assert form(made, "intake").version == 1


def test_a_thrown_away_draft_leaves_what_is_in_force(made: SmallClinic, owner: StaffActor) -> None:
    intake = form(made, "intake").id
    standing = seen(made, owner, intake)
    draft = asks(made, owner, intake, "Do you smoke?")
    assert made.services.do(drafting.discard, owner, intake, seen=draft.digest) == standing


def test_a_form_never_published_keeps_its_draft(made: SmallClinic, owner: StaffActor) -> None:
    fresh = made.services.do(templates.add, owner, Kind.CONSENT, "Mine")
    with pytest.raises(Conflict, match="form_unpublished"):
        made.services.do(drafting.discard, owner, fresh, seen=seen(made, owner, fresh).digest)


def test_what_is_wrong_with_a_draft_is_told_and_nothing_is_published(made: SmallClinic, owner: StaffActor) -> None:
    fresh = made.services.do(templates.add, owner, Kind.QUESTIONNAIRE, "Empty")
    with pytest.raises(Unusable) as refused:
        publishes(made, owner, fresh)
    assert [(one.field, one.code) for one in refused.value.faults] == [("items", "form_no_question")]
    assert form(made, "empty").version == 0


@pytest.mark.parametrize("content", [{"items": [{"link_id": "A B", "type": "date"}]}, {"sections": []}, 7, None])
def test_what_is_no_such_form_at_all_is_not_kept(made: SmallClinic, owner: StaffActor, content: Any) -> None:
    fresh = made.services.do(templates.add, owner, Kind.QUESTIONNAIRE, "Empty")
    before = seen(made, owner, fresh)
    with pytest.raises(Unusable) as refused:
        made.services.do(templates.save_draft, owner, fresh, content, seen_revision=before.revision)
    assert [one.code for one in refused.value.faults] == ["form_shape"]
    assert seen(made, owner, fresh) == before


def test_rich_text_is_cleaned_when_it_is_kept(made: SmallClinic, owner: StaffActor) -> None:
    fresh = made.services.do(templates.add, owner, Kind.BEFORE, "Before")

    def write(content: Any) -> Any:
        return editing.say(content, "html", '<p onclick="x()">Rest</p><script>x()</script>')

    done = made.services.do(drafting.edit, owner, fresh, write, seen=seen(made, owner, fresh).digest)
    assert done.after.content.html == "<p>Rest</p>"  # type: ignore[union-attr]


@pytest.mark.req("P10")
@pytest.mark.req("P11")
def test_each_publication_is_the_next_version_and_the_earlier_ones_stay(made: SmallClinic, owner: StaffActor) -> None:
    intake = form(made, "intake").id
    first = made.services.ask(forms.versions, owner, intake)[0]
    asks(made, owner, intake, "Do you smoke?")
    assert publishes(made, owner, intake) == 2
    listed = made.services.ask(forms.versions, owner, intake)
    assert [one.version for one in listed] == [2, 1]
    assert listed[1] == first
    assert listed[0].published_by == owner.tag


@pytest.mark.req("P10")
@pytest.mark.req("B5")
@pytest.mark.parametrize("column", ["content", "digest", "version", "counts_from", "published_at", "template_id"])
def test_the_database_itself_refuses_to_change_a_published_version(
    made: SmallClinic, owner: StaffActor, column: str
) -> None:
    standing = seen(made, owner, form(made, "intake").id)
    values = {
        "content": {"title": "Another"},
        "digest": "0" * 64,
        "version": 9,
        "counts_from": 9,
        "published_at": None,
        "template_id": form(made, "toxin-consent").id,
    }
    changed = update(VERSION).where(VERSION.c.id == standing.id).values({column: values[column]})
    with pytest.raises(DBAPIError):
        made.services.do(lambda work: work.execute(changed))
    assert seen(made, owner, form(made, "intake").id) == standing


@pytest.mark.req("P10")
@pytest.mark.req("B5")
def test_the_database_itself_refuses_to_delete_a_published_version(made: SmallClinic, owner: StaffActor) -> None:
    standing = seen(made, owner, form(made, "intake").id)
    with pytest.raises(DBAPIError):
        made.services.do(lambda work: work.execute(delete(VERSION).where(VERSION.c.id == standing.id)))
    assert seen(made, owner, form(made, "intake").id) == standing


@pytest.mark.req("P11")
@pytest.mark.parametrize("asks_anew", [True, False])
def test_answers_to_an_earlier_version_hold_as_was_chosen(
    made: SmallClinic, owner: StaffActor, asks_anew: bool
) -> None:
    who = patient_of(made, "10:00")
    (request,) = [one for one in made.services.ask(paperwork.to_do, who) if one.request.title == "About your health"]
    fill_intake(made.services, who, request.request.id)
    asks(made, owner, form(made, "intake").id, "Do you smoke?")
    publishes(made, owner, form(made, "intake").id, asks_anew=asks_anew)
    assert ("About your health" in asked_of(made, who)) is asks_anew


# Rules, services, switches, copies


@pytest.mark.req("S39")
def test_a_form_is_asked_with_its_services_from_the_next_booking_on(made: SmallClinic, owner: StaffActor) -> None:
    early = patient_of(made, "9:00", "peel")
    sets(made, owner, form(made, "toxin-consent").id, name="Consent", service_ids=[made["peel"]])
    assert "Consent to neurotoxin" not in asked_of(made, early)
    assert "Consent to neurotoxin" in asked_of(made, patient_of(made, "11:00", "peel"))
    assert "Consent to neurotoxin" not in asked_of(made, patient_of(made, "13:00", "botox"))


def test_a_service_that_is_not_offered_is_refused_and_one_switched_off_stays(
    made: SmallClinic, owner: StaffActor
) -> None:
    from clinic_portal.clinic.models import Service

    intake = form(made, "intake").id
    with pytest.raises(NotAllowed):
        sets(made, owner, intake, service_ids=[999])
    made.change(Service, "peel", is_active=False)
    sets(made, owner, intake, service_ids=[made["botox"]])
    assert form(made, "intake").service_ids == {made["botox"], made["peel"]}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"validity": Validity(False, 0)}, "valid_days"),
        ({"validity": Validity(False, 3651)}, "valid_days"),
        ({"delay_minutes": -1}, "delay"),
        ({"delay_minutes": 60 * 24 * 366}, "delay"),
        ({"name": " "}, "name"),
    ],
)
def test_rules_out_of_bounds_are_refused(
    made: SmallClinic, owner: StaffActor, values: dict[str, Any], field: str
) -> None:
    before = form(made, "intake")
    with pytest.raises(Unusable) as refused:
        sets(made, owner, before.id, **values)
    assert [one.field for one in refused.value.faults] == [field]
    assert form(made, "intake") == before


@pytest.mark.req("P11")
@pytest.mark.req("P12")
def test_rules_are_kept_and_written_to_the_activity_log(made: SmallClinic, owner: StaffActor) -> None:
    after = form(made, "toxin-after").id
    sets(made, owner, after, name="Aftercare", validity=Validity(True, None), delay_minutes=2880)
    found = form(made, "toxin-after")
    assert (found.name, found.validity, found.delay_minutes) == ("Aftercare", Validity(True, None), 2880)
    logged = [one for one in rows(made.services, AuditEntry) if one.action == "form.changed"]
    assert [(one.actor, one.subject) for one in logged] == [(owner.tag, f"form:{after}")]


def test_a_form_switched_off_is_asked_of_nobody_and_back_on_it_is(made: SmallClinic, owner: StaffActor) -> None:
    intake = form(made, "intake").id
    made.services.do(templates.switch, owner, intake, is_active=False)
    assert "About your health" not in asked_of(made, patient_of(made, "10:00"))
    made.services.do(templates.switch, owner, intake, is_active=True)
    assert "About your health" in asked_of(made, patient_of(made, "12:00"))


def test_a_copy_holds_the_same_as_a_draft_and_belongs_to_no_service(made: SmallClinic, owner: StaffActor) -> None:
    consent = form(made, "toxin-consent")
    made_id = made.services.do(templates.copy, owner, consent.id)
    copied = seen(made, owner, made_id)
    assert copied.content == seen(made, owner, consent.id).content
    assert copied.version == 0
    found = made.services.ask(forms.form, made_id)
    assert (found.name, found.service_ids, found.version) == ("Consent to neurotoxin (copy)", frozenset(), 0)


def test_a_copy_of_a_form_with_the_longest_name_has_a_name_too(made: SmallClinic, owner: StaffActor) -> None:
    intake = form(made, "intake").id
    sets(made, owner, intake, name="x" * 120)
    made.services.do(templates.copy, owner, intake)
    copies = [one for one in made.services.ask(forms.forms).values() if one.name.startswith("xx")]
    assert len(copies) == 2

"""Whose a form is, who sees which answers, and what is asked and sent once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from clinic_portal.booking import actions, paperwork, queries
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Services
from clinic_portal.forms import documents, filling, requests, verifying
from clinic_portal.forms import queries as forms
from clinic_portal.forms.types import Hand
from clinic_portal.patients.models import ProfileClaim
from tests.factories import SmallClinic, booked, patient, rows, small_clinic, staff
from tests.forms_kit import HAND, answer, fill_intake, put_all, sign_consent

FRIDAY = date(2026, 11, 27)
DESK = Hand("staff:2", "The desk", "10.0.0.2", "Safari", may_see_before=False)
DOCTOR = Hand("staff:3", "Dr. Osei", "10.0.0.2", "Safari")
NONE = {"none": True, "rows": []}


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    return made


def book(made: SmallClinic, owner: str = "a", clock: str = "10:00", service: str = "botox", **more: Any) -> int:
    visit = booked(made, owner, FRIDAY, clock, service, **more).appointment_id
    return made.services.ask(queries.visit, visit).patient_id


def request_of(made: SmallClinic, patient_id: int, slug: str) -> int:
    def read(read: Any) -> int:
        slugs = {one.id: one.slug for one in forms.forms(read).values()}
        return next(one.id for one in requests.of_patient(read, patient_id) if slugs[one.template_id] == slug)

    return made.services.ask(read)


def template_of(made: SmallClinic, slug: str) -> int:
    return made.services.ask(lambda read: next(one.id for one in forms.forms(read).values() if one.slug == slug))


def test_what_a_patient_adds_at_home_to_a_form_begun_at_the_desk_is_not_shown_at_the_desk(made: SmallClinic) -> None:
    who = book(made)
    request_id = request_of(made, who, "intake")
    draft = made.services.do(paperwork.begin, who, request_id, DESK)
    answer(made.services, who, draft, "pregnant", "yes", HAND)
    with pytest.raises(Conflict) as refused:
        made.services.do(paperwork.begin, who, request_id, DESK)
    assert refused.value.code == "form_begun"
    for look in (
        lambda: answer(made.services, who, draft, "note", "x", DESK),
        lambda: made.services.ask(filling.draft, who, draft.document_id, DESK),
        lambda: made.services.do(filling.confirm, who, draft.document_id, hand=DESK),
        lambda: made.services.do(paperwork.complete, who, draft.document_id, seen_revision=1, hand=DESK),
    ):
        with pytest.raises(Conflict) as refused:
            look()
        assert refused.value.code == "form_begun"


def test_what_was_carried_over_before_somebody_who_treats_is_not_shown_at_the_desk(made: SmallClinic) -> None:
    who = book(made)
    fill_intake(made.services, who, request_of(made, who, "intake"))
    owner = staff(made.services).actor
    request_id = made.services.do(paperwork.ask_for_form, owner, who, template_of(made, "intake"))
    draft = made.services.do(paperwork.begin, who, request_id, DOCTOR)
    assert draft.answers
    with pytest.raises(Conflict) as refused:
        made.services.do(paperwork.begin, who, request_id, DESK)
    assert refused.value.code == "form_begun"


def test_a_form_begun_at_the_desk_is_gone_on_with_at_the_desk(made: SmallClinic) -> None:
    who = book(made)
    request_id = request_of(made, who, "intake")
    draft = made.services.do(paperwork.begin, who, request_id, DESK)
    answer(made.services, who, draft, "pregnant", "no", DESK)
    assert made.services.do(paperwork.begin, who, request_id, DESK).answers == {"pregnant": "no"}


@pytest.mark.req("S45")
def test_an_email_whose_instructions_were_withdrawn_meanwhile_is_dropped(made: SmallClinic, clock: FixedClock) -> None:
    who = book(made)
    request_id = request_of(made, who, "toxin-after")
    visit = made.services.ask(lambda read: paperwork.papers_of_patient(read, who)[0].visit)
    clock.advance(visit.end_at - clock.now())
    owner = staff(made.services).actor
    made.services.do(requests.withdraw, owner, request_id)
    from clinic_portal.booking import care as facts

    assert made.services.ask(facts.after, request_id) is None


@pytest.mark.req("B5")
def test_documents_follow_a_profile_that_turned_out_to_be_anothers_and_verify(made: SmallClinic) -> None:
    from clinic_portal.messaging.queries import claim

    me = patient(made.services)
    apart = book(made, "guest", email="amara@example.org", phone="+15125550188")
    assert apart != me.actor.patient_id
    document_id = sign_consent(made.services, apart, request_of(made, apart, "toxin-consent"))
    (row,) = rows(made.services, ProfileClaim)
    token = made.services.ask(claim, row.id).token
    made.services.do(actions.answer_claim, token, is_mine=True)
    assert made.services.ask(documents.own, me.actor.patient_id, document_id).line.state == "completed"
    assert made.services.ask(lambda read: list(verifying.findings(read))) == []


def test_a_list_of_documents_asks_the_database_as_often_however_long_it_is(made: SmallClinic) -> None:
    who, owner = book(made), staff(made.services).actor
    for _ in range(2):
        request_id = made.services.do(paperwork.ask_for_form, owner, who, template_of(made, "toxin-consent"))
        sign_consent(made.services, who, request_id)
    few = statements(made, who)
    for _ in range(6):
        request_id = made.services.do(paperwork.ask_for_form, owner, who, template_of(made, "toxin-consent"))
        sign_consent(made.services, who, request_id)
    assert statements(made, who) == few


def statements(made: SmallClinic, patient_id: int) -> int:
    counted: list[str] = []

    def count(*told: Any) -> None:
        counted.append(told[2])

    engine = made.services.database.engine
    own = Services(made.services.database, made.services.clock, made.services.settings)
    event.listen(engine, "before_cursor_execute", count)
    own.ask(documents.of_patient, patient_id)
    own.ask(paperwork.to_do, patient_id)
    event.remove(engine, "before_cursor_execute", count)
    return len(counted)

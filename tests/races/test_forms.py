"""Forms that several devices begin, change and complete in the same instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.db import table
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.forms import filling, requests, verifying
from clinic_portal.forms import queries as forms
from clinic_portal.forms.models import DocumentSeal, FormDocument, FormRequest
from clinic_portal.forms.types import Draft
from tests.factories import SmallClinic, booked, rows, small_clinic, staff
from tests.forms_kit import HAND, answer, put_all
from tests.races.racing import at_once

MANY = 6
NONE = {"none": True, "rows": []}


@pytest.fixture
def made(services: Services) -> SmallClinic:
    made = small_clinic(services)
    put_all(made)
    return made


def asked(made: SmallClinic) -> tuple[int, int]:
    """A patient, and the request for the intake."""
    visit = booked(made, "a", date(2026, 11, 27), "10:00", "botox").appointment_id
    who = made.services.ask(queries.visit, visit).patient_id

    def read(read: Any) -> int:
        slugs = {one.id: one.slug for one in forms.forms(read).values()}
        return next(one.id for one in requests.of_patient(read, who) if slugs[one.template_id] == "intake")

    return who, made.services.ask(read)


def filled(made: SmallClinic) -> tuple[int, Draft]:
    """An intake that could be completed."""
    who, request_id = asked(made)
    draft = made.services.do(paperwork.begin, who, request_id, HAND)
    draft = answer(made.services, who, draft, "pregnant", "no")
    return who, answer(made.services, who, draft, "allergies", NONE)


def at_the_same_time(services: Services, *acts: Callable[[Services], str]) -> Counter[str]:
    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        return acts[number % len(acts)](own)

    return at_once(services, MANY, attempt)


def begin(who: int, request_id: int) -> Callable[[Services], str]:
    def act(own: Services) -> str:
        own.do(paperwork.begin, who, request_id, HAND)
        return "begun"

    return act


def complete(who: int, draft: Draft) -> Callable[[Services], str]:
    def act(own: Services) -> str:
        own.do(paperwork.complete, who, draft.document_id, seen_revision=draft.revision, hand=HAND)
        return "completed"

    return act


def unlocked(act: Callable[[Services], str]) -> Callable[[Services], str]:
    """The same without waiting for one's turn."""

    def without(own: Services) -> str:
        UnitOfWork.in_turn = lambda self, *about: None  # type: ignore[method-assign]
        return act(own)

    return without


def test_a_form_begun_on_many_devices_at_once_is_one_draft(made: SmallClinic) -> None:
    who, request_id = asked(made)
    assert at_the_same_time(made.services, begin(who, request_id)) == {"begun": MANY}
    assert len(rows(made.services, FormDocument)) == 1


@pytest.mark.req("B5")
def test_a_form_completed_on_many_devices_at_once_is_completed_once(made: SmallClinic) -> None:
    who, draft = filled(made)
    assert at_the_same_time(made.services, complete(who, draft)) == {"completed": MANY}
    assert len(rows(made.services, DocumentSeal)) == 1
    assert made.services.ask(lambda read: list(verifying.findings(read))) == []


def test_an_answer_saved_while_the_form_is_completed_is_kept_or_refused_never_lost(made: SmallClinic) -> None:
    who, draft = filled(made)

    def save(own: Services) -> str:
        own.do(filling.save, who, draft.document_id, "note", "In the last second", seen=0, hand=HAND)
        return "saved"

    outcome = at_the_same_time(made.services, complete(who, draft), save)
    assert outcome in ({"completed": 3, "document_closed": 3}, {"document_changed": 3, "saved": 3})
    assert made.services.ask(lambda read: list(verifying.findings(read))) == []


def test_a_form_begun_while_it_is_completed_is_not_begun_a_second_time(made: SmallClinic) -> None:
    who, draft = filled(made)
    outcome = at_the_same_time(made.services, begin(who, draft.request.id), complete(who, draft))
    assert outcome["completed"] == MANY / 2
    assert outcome["begun"] + outcome["document_closed"] == MANY / 2
    assert len(rows(made.services, FormDocument)) == 1


def test_a_form_withdrawn_while_it_is_completed_is_one_of_both(made: SmallClinic) -> None:
    who, draft = filled(made)
    owner = staff(made.services).actor

    def withdraw(own: Services) -> str:
        own.do(requests.withdraw, owner, draft.request.id)
        return "withdrawn"

    outcome = at_the_same_time(made.services, withdraw, complete(who, draft))
    (document,) = rows(made.services, FormDocument)
    request = next(one for one in rows(made.services, FormRequest) if one.id == draft.request.id)
    assert (document.state == "completed") != (request.withdrawn_at is not None), outcome


def test_without_taking_turns_a_form_would_be_begun_many_times(made: SmallClinic) -> None:
    """The control: what waits for its turn is what keeps it one (SQLite has one writer at a time anyway)."""
    who, request_id = asked(made)

    def is_begun_often() -> bool:
        made.services.do(lambda work: work.execute(delete(table(FormDocument))))
        at_the_same_time(made.services, unlocked(begin(who, request_id)))
        return len(rows(made.services, FormDocument)) > 1

    # They meet in most rounds, not in every one.
    assert made.services.database.is_sqlite or any(is_begun_often() for _ in range(8))

"""Whoever can write to the database, and has no key, alters nothing of a document unnoticed (B5)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, delete, text, update
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.db import table
from clinic_portal.core.work import Services
from clinic_portal.forms import bodies, chain, documents, verifying
from clinic_portal.forms import queries as forms
from clinic_portal.forms.models import DocumentSeal, FormDocument, FormVersion
from clinic_portal.forms.types import Hand
from clinic_portal.patients.models import Patient
from tests.factories import SmallClinic, booked, rows, small_clinic, staff
from tests.forms_kit import TYPED, fill_intake, put_all, sign_consent

pytestmark = pytest.mark.req("B5")
FRIDAY = date(2026, 11, 27)
VERSION, DOCUMENT, SEAL = table(FormVersion), table(FormDocument), table(DocumentSeal)


@pytest.fixture
def made(services: Services) -> SmallClinic:
    """An intake answered, a consent signed and countersigned, another visit's consent signed and void."""
    made = small_clinic(services)
    put_all(made)
    owner = staff(services).actor
    hand = Hand(owner.tag, owner.name, "10.0.0.2", "Safari")
    for number, clock in enumerate(("10:00", "13:00")):
        visit = booked(made, f"b{number}", FRIDAY, clock, "botox").appointment_id
        who = services.ask(queries.visit, visit).patient_id
        asked = requests_of(services, who, visit)
        if number == 0:
            fill_intake(services, who, asked["intake"])
        signed = sign_consent(services, who, asked["toxin-consent"])
        if number == 0:
            services.do(documents.countersign, owner, signed, "provider", {**TYPED, "name": "Dr. Osei"}, hand)
        else:
            services.do(documents.void, owner, signed, "For the wrong visit")
    return made


def requests_of(services: Services, patient_id: int, appointment_id: int) -> dict[str, int]:
    """A visit's requests by the slug of their form."""

    def read(read: Any) -> dict[str, int]:
        slugs = {one.id: one.slug for one in forms.forms(read).values()}
        papers = paperwork.papers_of_patient(read, patient_id)
        mine = [one.request for one in papers if one.visit and one.visit.appointment_id == appointment_id]
        return {slugs[one.template_id]: one.id for one in mine}

    return services.ask(read)


def findings(services: Services) -> list[str]:
    return services.ask(lambda read: list(verifying.findings(read)))


def attack(services: Services, deed: Callable[[Connection], Any]) -> None:
    """What somebody does who may write to the database, and take its guards away."""
    by_hand = create_engine(services.settings.database_url)  # none of our manners, so no foreign keys on SQLite
    with by_hand.begin() as connection:
        if services.database.is_sqlite:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        deed(connection)
    by_hand.dispose()


def altered(value: Any) -> Any:
    """Another value of its kind, as close by as can be."""
    if isinstance(value, dict):
        return {**value, "title": f"{value['title']}."}
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, datetime):
        return value + timedelta(seconds=1)
    place = len(value) // 2
    return value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]


COLUMNS = [
    *((FormVersion, one.name) for one in VERSION.c),
    *((FormDocument, one.name) for one in DOCUMENT.c),
    *((DocumentSeal, one.name) for one in SEAL.c),
]


@pytest.mark.parametrize(("model", "column"), COLUMNS, ids=lambda one: getattr(one, "__tablename__", one))
def test_whatever_is_altered_is_told(made: SmallClinic, model: type[SQLModel], column: str) -> None:
    target = table(model)
    (key,) = target.primary_key.columns
    some = next(one for one in rows(made.services, model) if getattr(one, column) is not None)
    value = altered(getattr(some, column))
    assert value != getattr(some, column)
    mine = update(target).where(key == getattr(some, key.name))
    attack(made.services, lambda connection: connection.execute(mine.values(**{column: value})))
    assert findings(made.services)


def test_nothing_is_told_of_what_nobody_altered(made: SmallClinic) -> None:
    assert len(rows(made.services, DocumentSeal)) == 5
    assert findings(made.services) == []


def test_nothing_is_told_after_the_keys_were_changed(made: SmallClinic) -> None:
    services = made.services
    old = services.settings.sealing_keys[0]
    changed = services.settings.model_copy(
        update={
            "data_key": SecretStr("another key of more than thirty-two characters"),
            "old_data_keys": [SecretStr(old)],
        }
    )
    before = [one.body for one in rows(services, FormDocument)]
    after = Services(services.database, services.clock, changed)
    for reseal in (bodies.reseal, chain.reseal):
        portion, _ = after.do(reseal, after_id=0)
        assert portion
    assert not {one.body for one in rows(services, FormDocument)} & set(before)
    assert findings(after) == []


def last(services: Services, model: type[SQLModel]) -> Any:
    return rows(services, model)[-1]


def test_the_newest_link_taken_off_is_told(made: SmallClinic) -> None:
    newest = last(made.services, DocumentSeal).sequence
    attack(made.services, lambda connection: connection.execute(delete(SEAL).where(SEAL.c.sequence == newest)))
    assert findings(made.services)


def test_the_newest_document_taken_away_with_its_links_is_told(made: SmallClinic) -> None:
    newest = last(made.services, FormDocument).id

    def deed(connection: Connection) -> None:
        connection.execute(delete(SEAL).where(SEAL.c.document_id == newest))
        connection.execute(delete(DOCUMENT).where(DOCUMENT.c.id == newest))

    attack(made.services, deed)
    assert findings(made.services)


@pytest.mark.parametrize(("model", "key"), [(FormDocument, "id"), (DocumentSeal, "sequence")])
def test_two_sealed_texts_that_changed_places_are_told(made: SmallClinic, model: type[SQLModel], key: str) -> None:
    one, other = rows(made.services, model)[:2]
    target = table(model)

    def deed(connection: Connection) -> None:
        for place, body in ((one, other.body), (other, one.body)):
            connection.execute(update(target).where(target.c[key] == getattr(place, key)).values(body=body))

    attack(made.services, deed)
    assert len(findings(made.services)) >= 2


@pytest.mark.parametrize("state", ["draft", "hidden", "completed"])
def test_a_void_document_that_counts_as_another_is_told(made: SmallClinic, state: str) -> None:
    attack(
        made.services,
        lambda connection: connection.execute(update(DOCUMENT).where(DOCUMENT.c.state == "void").values(state=state)),
    )
    assert findings(made.services)


@pytest.mark.parametrize("state", ["draft", "hidden", "void"])
def test_a_completed_document_that_counts_as_another_is_told(made: SmallClinic, state: str) -> None:
    attack(
        made.services,
        lambda connection: connection.execute(
            update(DOCUMENT).where(DOCUMENT.c.state == "completed").values(state=state)
        ),
    )
    assert findings(made.services)


def test_another_text_under_a_signature_with_its_digest_is_told(made: SmallClinic) -> None:
    from clinic_portal.forms import definition

    signed = next(one for one in rows(made.services, FormVersion) if one.content["title"] == "Consent to neurotoxin")
    content = {**signed.content, "statement": "I pay twice."}
    attack(
        made.services,
        lambda connection: connection.execute(
            update(VERSION).where(VERSION.c.id == signed.id).values(content=content, digest=definition.digest(content))
        ),
    )
    assert findings(made.services)


def test_another_text_that_nobody_signed_yet_is_told_too(made: SmallClinic) -> None:
    """Instructions are read, never signed: that patients read what the clinic published is worth as much."""
    from clinic_portal.forms import definition

    told = next(one for one in rows(made.services, FormVersion) if one.content["title"] == "After your visit")
    content = {**told.content, "html": "<p>Lie down at once.</p>"}
    attack(
        made.services,
        lambda connection: connection.execute(
            update(VERSION).where(VERSION.c.id == told.id).values(content=content, digest=definition.digest(content))
        ),
    )
    assert findings(made.services)


def test_a_published_version_taken_away_is_told(made: SmallClinic) -> None:
    told = next(one for one in rows(made.services, FormVersion) if one.content["title"] == "After your visit")
    attack(made.services, lambda connection: connection.execute(delete(VERSION).where(VERSION.c.id == told.id)))
    assert findings(made.services)


def test_a_version_put_in_past_the_editor_is_told(made: SmallClinic) -> None:
    told = next(one for one in rows(made.services, FormVersion) if one.content["title"] == "After your visit")
    values = {one.name: getattr(told, one.name) for one in VERSION.c if one.name != "id"} | {"version": 2}
    attack(made.services, lambda connection: connection.execute(VERSION.insert().values(**values)))
    assert findings(made.services)


def test_a_document_moved_to_a_profile_that_was_joined_to_no_owner_is_told(made: SmallClinic) -> None:
    """The database alone says whose profile it turned out to be; the owner's answer is in the log."""
    booked(made, "c", FRIDAY, "15:00", "facial", email="other@example.org", phone="+15125550199")
    mine, theirs = (one.id for one in rows(made.services, Patient)[:2])
    patient = table(Patient)

    def deed(connection: Connection) -> None:
        connection.execute(update(patient).where(patient.c.id == mine).values(merged_into_id=theirs))
        connection.execute(update(DOCUMENT).where(DOCUMENT.c.patient_id == mine).values(patient_id=theirs))

    attack(made.services, deed)
    assert findings(made.services)


def test_the_guards_of_the_database_refuse_what_ends_up_in_no_log(made: SmallClinic) -> None:
    """Without power over the database's shape, a completed document does not become a draft again."""
    with suppress(Exception), made.services.database.engine.connect() as connection:
        connection.execute(update(DOCUMENT).where(DOCUMENT.c.state == "completed").values(state="draft"))
        connection.commit()
    assert "draft" not in {one.state for one in rows(made.services, FormDocument)}

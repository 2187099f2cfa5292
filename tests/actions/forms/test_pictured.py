"""Pictures and photos of a document: printed with it, and proved with it."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.work import Services
from clinic_portal.forms import documents, files, pictured, pictures, press, verifying
from clinic_portal.forms.ports import Picture, RichText, Sheet
from clinic_portal.forms.uploads import JPEG, Checked
from tests.factories import SmallClinic, booked, small_clinic, staff
from tests.files_kit import Form, asks_for_photos
from tests.forms_kit import CONSENT, answer, finish, put, sign_consent


@pytest.fixture
def address(services: Services) -> str:
    """Where a picture of the clinic's own is shown."""
    checked = Checked(JPEG, b"a face, marked", 10, 10)
    kept = files.keep(services.settings, pictured.room(services.settings), checked, services.clock.now())
    return services.do(pictures.add, staff(services).actor, kept, "Where we inject")


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return small_clinic(services)


def signed(made: SmallClinic, address: str) -> tuple[int, int]:
    """A patient and their consent, whose text shows the picture."""
    html = f'<p>Here:</p><img src="{address}" alt="Where we inject">'
    what = {**CONSENT["sections"][0], "html": html}
    put(made, "pictured", "consent", {**CONSENT, "sections": [what, CONSENT["sections"][1]]})
    visit = made.services.ask(queries.visit, booked(made, "a", date(2026, 11, 27), "10:00", "botox").appointment_id)
    [paper] = made.services.ask(paperwork.papers_of_patient, visit.patient_id)
    return visit.patient_id, sign_consent(made.services, visit.patient_id, paper.request.id)


def sheet(services: Services, patient_id: int, document_id: int) -> Sheet:
    return services.ask(lambda read: press.sheet(read, documents.own(read, patient_id, document_id)))


def findings(services: Services) -> list[str]:
    return services.ask(lambda read: list(verifying.findings(read)))


@pytest.mark.req("B5")
def test_a_picture_of_a_text_is_printed_with_it(made: SmallClinic, address: str) -> None:
    text = next(one for one in sheet(made.services, *signed(made, address)).body if isinstance(one, RichText))
    assert text.pictures[address].content == b"a face, marked"


@pytest.mark.req("B5")
def test_a_picture_exchanged_after_it_was_signed_is_found(made: SmallClinic, address: str) -> None:
    _, document_id = signed(made, address)
    assert findings(made.services) == []
    picture_id = address.rpartition("/")[2].removesuffix(".jpg")
    pictured.room(made.services.settings)._write(picture_id, b"another face", at=0)
    assert findings(made.services) == [f"Picture {picture_id} in document {document_id} is missing or was altered."]


@pytest.mark.req("S29")
def test_the_photos_of_an_answer_are_printed_under_it(made: SmallClinic) -> None:
    form = Form(asks_for_photos(made))
    kept = form.attach(data=b"my face")
    form.draft = answer(form.services, form.patient_id, form.draft, "skin", [kept.id])
    form.draft = answer(form.services, form.patient_id, form.draft, "name", "A mole")
    body = sheet(form.services, form.patient_id, finish(form.services, form.patient_id, form.draft)).body
    assert Picture(b"my face", JPEG, "Photo 1") in body

"""A form that asks for photos and letters, and a patient who fills it in."""

from __future__ import annotations

from datetime import date
from typing import Any

from clinic_portal.booking import paperwork, queries
from clinic_portal.core.work import Services
from clinic_portal.forms import attached, files
from clinic_portal.forms.files import FileInfo, Kept
from clinic_portal.forms.uploads import JPEG, PDF, Checked
from tests.factories import SmallClinic, booked
from tests.forms_kit import HAND, answer, finish, put

FRIDAY, BY = date(2026, 11, 27), "patient:1"
ASKS: dict[str, Any] = {
    "title": "Photos of your skin",
    "items": [
        {"link_id": "name", "type": "short_text", "text": "What is it?"},
        {"link_id": "skin", "type": "photo", "text": "A photo of it"},
        *({"link_id": f"paper-{number}", "type": "file", "text": "A letter"} for number in range(5)),
    ],
}
MAL: dict[str, Any] = {"phone": "+15125550199", "name": ("Mal", "Lory"), "email": "mal@example.org"}


def asks_for_photos(made: SmallClinic) -> SmallClinic:
    """The clinic asks for photos with every visit for neurotoxin."""
    put(made, "photos", "questionnaire", ASKS)
    return made


class Form:
    """A form being filled in by a patient of their own, who has booked."""

    def __init__(self, made: SmallClinic, owner: str = "a", clock: str = "10:00", **more: Any) -> None:
        self.services = made.services
        visit = booked(made, owner, FRIDAY, clock, "botox", **more)
        self.patient_id = made.services.ask(queries.visit, visit.appointment_id).patient_id
        paper = made.services.ask(paperwork.papers_of_patient, self.patient_id)[-1]
        self.draft = made.services.do(paperwork.begin, self.patient_id, paper.request.id, HAND)

    @property
    def document_id(self) -> int:
        return self.draft.document_id

    def attach(self, item: str = "skin", data: bytes = b"a face", media_type: str = JPEG) -> FileInfo:
        kept = keep(self.services, data, media_type)
        return self.services.do(files.attach, self.patient_id, self.document_id, item, kept, BY)

    def complete(self) -> int:
        self.draft = answer(self.services, self.patient_id, self.draft, "name", "A mole")
        return finish(self.services, self.patient_id, self.draft)


def keep(services: Services, data: bytes = b"a face", media_type: str = JPEG) -> Kept:
    """Bytes in the vault that belong to nothing yet."""
    size = None if media_type == PDF else 10
    checked = Checked(media_type, data, size, size)
    return files.keep(services.settings, attached.room(services.settings), checked, services.clock.now())


def on_disk(services: Services, room: str = "files") -> set[str]:
    """The names of all that lies in a room of the vault."""
    return {path.name for path in (services.settings.data_dir / room).rglob("*") if path.is_file()}

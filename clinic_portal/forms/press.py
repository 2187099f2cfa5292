"""What a printed document shows beside its own words: gathered here, put in order by `printing`."""

from collections.abc import Iterator

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.work import Reading
from clinic_portal.forms import files, pictured, pictures, printing, rules
from clinic_portal.forms.definition import WITH_FILES
from clinic_portal.forms.ports import Picture, Sheet
from clinic_portal.forms.types import Document
from clinic_portal.patients.queries import language_of, names

PHOTOS_MOST = 12
"""A PDF of more would be too heavy to send on; the others are counted in words, and seen on the document's page."""


def sheet(read: Reading, found: Document) -> Sheet:
    """A document as it is printed in its patient's language. The caller has authorised it."""
    clinic, patient_id = catalogue(read), found.line.patient_id
    about = printing.Circumstances(
        patient_name=names(read, [patient_id])[patient_id],
        clinic_name=clinic.clinic.name,
        language=language_of(read, patient_id),
        time_zone=clinic.time_zone,
        pictures=dict(_pictures(read, found)),
        photos=dict(_photos(read, found)),
    )
    return printing.sheet(found, about)


def _pictures(read: Reading, found: Document) -> Iterator[tuple[str, Picture]]:
    """Those of the text by their address; one that is gone is told by its words."""
    for source in pictured.sources(found.version.content):
        try:
            media_type, content = pictures.opened(read, source.rpartition("/")[2])
        except (NotAllowed, Unreadable):
            continue
        yield source, Picture(content, media_type, "")


def _photos(read: Reading, found: Document) -> Iterator[tuple[str, Picture]]:
    """The first of those in the answers, by the file's id."""
    asked = rules.asked(found.version.content, is_minor=False)
    ids = [one for item in asked.items if item.type in WITH_FILES for one in found.answers.get(item.link_id, [])]
    shown = [one for one in files.listed(read, found.line.patient_id, ids) if one.is_image][:PHOTOS_MOST]
    for number, one in enumerate(shown, start=1):
        try:
            info, content = files.opened(read, found.line.patient_id, one.id)
        except (NotAllowed, Unreadable):
            continue
        yield one.id, Picture(content, info.media_type, f"Photo {number}")

"""The clinic's pictures in a text that is signed: what was seen with it is proved with it (B5)."""

import hashlib
import re
from collections.abc import Iterator, Mapping

from sqlalchemy import select

from clinic_portal.core.db import table
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.settings import Settings
from clinic_portal.core.vault import Room
from clinic_portal.core.work import Reading
from clinic_portal.forms import file_models
from clinic_portal.forms.definition import Consent, Content, Instruction

_PICTURE = table(file_models.Picture)
_SOURCE = re.compile(r'src="(/pictures/([0-9a-f]{32})\.(?:jpg|png))"')


def room(settings: Settings) -> Room:
    """Where the clinic's own pictures lie."""
    return Room(settings, "pictures")


def sources(content: Content) -> dict[str, str]:
    """The addresses of the pictures in a text, and the id of each."""
    texts = [one.html for one in content.sections] if isinstance(content, Consent) else []
    texts += [content.html] if isinstance(content, Instruction) else []
    return {source: picture_id for text in texts for source, picture_id in _SOURCE.findall(text)}


def digests(read: Reading, content: Content) -> dict[str, str]:
    """The SHA-256 of each picture in a text, by its id: what a signed document proves of them."""
    ids = list(sources(content).values())
    rows = read.execute(select(_PICTURE.c.id, _PICTURE.c.sha256).where(_PICTURE.c.id.in_(ids))).all() if ids else []
    return {row.id: row.sha256 for row in rows}


def findings(read: Reading, document_id: int, proved: Mapping[str, str]) -> Iterator[str]:
    """A sentence for every picture in a document that is not as it was when the document was completed."""
    for picture_id, sha256 in proved.items():
        try:
            is_whole = hashlib.sha256(room(read.settings).get(picture_id)).hexdigest() == sha256
        except Unreadable:
            is_whole = False
        if not is_whole:
            yield f"Picture {picture_id} in document {document_id} is missing or was altered."

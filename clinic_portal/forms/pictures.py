"""The clinic's own pictures, which stand in its instructions and may be seen by anyone who has their address."""

import hashlib
import re

from sqlalchemy import insert, select

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core.db import table
from clinic_portal.core.errors import Invalid, NotAllowed
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import file_models, pictured
from clinic_portal.forms.files import Kept
from clinic_portal.forms.uploads import EXTENSIONS

ALT_MOST = 300
_PICTURE = table(file_models.Picture)
_NAME = re.compile(r"([0-9a-f]{32})\.(jpg|png)")


def add(work: UnitOfWork, actor: StaffActor, kept: Kept, alt: str) -> str:
    """A picture for instructions; the address it is shown at. The same picture again has the address it had.

    Raises NotAllowed; Invalid without words for those who do not see it, and for what is no image.
    """
    actor.must(Permission.WRITE_FORMS)
    told = " ".join(alt.split())
    if not told or len(told) > ALT_MOST:
        raise Invalid("alt", "picture_alt" if not told else "text_long", limit=ALT_MOST)
    image = kept.checked
    if not image.is_image:
        raise Invalid("file", "file_image")
    work.in_turn("pictures")
    known = work.execute(select(_PICTURE).where(_PICTURE.c.sha256 == kept.sha256)).first()
    if known is not None:
        return _address(known.id, known.media_type)
    values = {
        "id": kept.id,
        "media_type": image.media_type,
        "size_bytes": len(image.data),
        "sha256": kept.sha256,
        "width": image.width,
        "height": image.height,
        "alt": told,
        "created_at": work.now,
        "created_by": actor.tag,
    }
    work.execute(insert(_PICTURE), values)
    work.record(actor.tag, "picture.added", "clinic:1", picture=kept.id)
    return _address(kept.id, image.media_type)


def opened(read: Reading, name: str) -> tuple[str, bytes]:
    """The media type and bytes of a picture, by its name `<id>.jpg`. Raises NotAllowed, Unreadable."""
    asked = _NAME.fullmatch(name)
    row = read.execute(select(_PICTURE).where(_PICTURE.c.id == asked[1])).first() if asked else None
    if row is None or asked is None or EXTENSIONS[row.media_type] != asked[2]:
        raise NotAllowed()
    told = pictured.room(read.settings).get(row.id)
    if hashlib.sha256(told).hexdigest() != row.sha256:
        raise Unreadable("altered")
    return row.media_type, told


def _address(picture_id: str, media_type: str) -> str:
    return f"/pictures/{picture_id}.{EXTENSIONS[media_type]}"

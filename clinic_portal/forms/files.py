"""Files that belong to answers: attached, opened, taken away; their bytes are in the vault.

The bytes are kept first, outside any transaction; then the row that names them. What a crash leaves in between is
swept after a day.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, insert, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.accounts.types import Limit
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.settings import Settings
from clinic_portal.core.vault import SHELVES, Room
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import attached, documents, file_models, filling, models, pictured, rules
from clinic_portal.forms.answers import FILES_MOST
from clinic_portal.forms.definition import WITH_FILES, Item, Type
from clinic_portal.forms.uploads import EXTENSIONS, PDF, Checked
from clinic_portal.patients.access import must_see

MOST_OF_DOCUMENT = 40
MOST_BYTES_OF_PATIENT = 100 * 1024 * 1024
PER_SENDER = Limit("file_per_sender", 120, timedelta(hours=1))
ORPHANED_AFTER = timedelta(days=1)
_FILE = table(file_models.FormFile)
_PICTURE = table(file_models.Picture)
_DOCUMENT = table(models.FormDocument)


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that lie in the vault and belong to nothing yet."""

    id: str
    checked: Checked
    sha256: str


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file, without its bytes."""

    id: str
    patient_id: int
    document_id: int
    link_id: str
    media_type: str
    size_bytes: int
    sha256: str
    width: int | None
    height: int | None
    created_at: datetime

    @property
    def name(self) -> str:
        """A name of ours to save it under: what it was called may tell more than its owner knows."""
        return f"{'document' if self.media_type == PDF else 'photo'}.{EXTENSIONS[self.media_type]}"

    @property
    def is_image(self) -> bool:
        """Whether it may be shown inside a page."""
        return self.media_type != PDF


def keep(settings: Settings, where: Room, checked: Checked, now: datetime) -> Kept:
    """Bring bytes to the disk, outside any transaction; a row is to name them, or they are taken away."""
    return Kept(where.put(checked.data, now=now), checked, hashlib.sha256(checked.data).hexdigest())


def item_of(read: Reading, patient_id: int, document_id: int, link_id: str) -> Item:
    """The item a file is to belong to, while its form is being filled in.

    Raises NotAllowed alike for another's document, an unknown one and an item that takes no file; Conflict
    (`document_closed`) once it is completed; Conflict where no more files fit.
    """
    draft = filling.standing(read, patient_id, document_id)
    asked = rules.asked(draft.version.content, is_minor=draft.is_minor)
    for item in asked.items:
        if item.link_id == link_id and item.type in WITH_FILES:
            _must_fit(read, patient_id, document_id, link_id)
            return item
    raise NotAllowed()


def attach(work: UnitOfWork, patient_id: int, document_id: int, link_id: str, kept: Kept, by_tag: str) -> FileInfo:
    """A file belongs to an answer from now on.

    Raises like `item_of`; Invalid (`file_image`) for a PDF where a photo is asked for, Conflict (`file_room`).
    """
    work.in_turn("files", str(patient_id))
    work.in_turn("document", str(document_id))
    item = item_of(work, patient_id, document_id, link_id)
    if item.type is Type.PHOTO and not kept.checked.is_image:
        raise Invalid("file", "file_image")
    used = select(func.coalesce(func.sum(_FILE.c.size_bytes), 0)).where(_of(patient_id))
    if int(work.execute(used).scalar_one()) + len(kept.checked.data) > MOST_BYTES_OF_PATIENT:
        raise Conflict("file_room")
    values = {
        "id": kept.id,
        "patient_id": patient_id,
        "document_id": document_id,
        "link_id": link_id,
        "media_type": kept.checked.media_type,
        "size_bytes": len(kept.checked.data),
        "sha256": kept.sha256,
        "width": kept.checked.width,
        "height": kept.checked.height,
        "created_at": work.now,
        "created_by": by_tag,
    }
    work.execute(insert(_FILE), values)
    work.record(by_tag, "file.attached", f"patient:{patient_id}", document=document_id)
    return _info(_row(work, patient_id, kept.id))


def detach(work: UnitOfWork, patient_id: int, file_id: str, by_tag: str) -> bool:
    """A file belongs to its answer no more; whether its bytes are to go. One of a completed document stays there.

    Raises NotAllowed alike for another's, an unknown one, and one that was taken away.
    """
    row = _row(work, patient_id, file_id)
    work.in_turn("document", str(row.document_id))
    state = work.execute(select(_DOCUMENT.c.state).where(_DOCUMENT.c.id == row.document_id)).scalar()
    if state != "draft":
        return False
    same = and_(_FILE.c.id == file_id, _FILE.c.removed_at.is_(None))
    if work.execute(update(_FILE).where(same).values(removed_at=work.now)).rowcount != 1:
        raise NotAllowed()
    work.record(by_tag, "file.removed", f"patient:{patient_id}", document=row.document_id)
    return True


def opened(read: Reading, patient_id: int, file_id: str) -> tuple[FileInfo, bytes]:
    """A file of the patient's own. Raises NotAllowed alike for another's and an unknown one; Unreadable."""
    row = _row(read, patient_id, file_id)
    return _info(row), _bytes(read, row)


def opened_for_staff(work: UnitOfWork, actor: StaffActor, file_id: str) -> tuple[FileInfo, bytes]:
    """A file as those who treat may see it; that it was looked at is in the log. Raises NotAllowed, Unreadable."""
    actor.must(Permission.SEE_CHARTS)
    row = _row(work, None, file_id)
    must_see(work, actor, row.patient_id)
    told = _bytes(work, row)
    work.record(actor.tag, "file.read", f"patient:{row.patient_id}", document=row.document_id)
    return _info(row), told


def listed(read: Reading, patient_id: int, file_ids: Collection[str]) -> list[FileInfo]:
    """Those of these ids that are files of the patient's, in the order given: what an answer names."""
    rows = read.execute(select(_FILE).where(_of(patient_id), _FILE.c.id.in_(file_ids))).all() if file_ids else []
    found = {row.id: _info(row) for row in rows}
    return [found[one] for one in file_ids if one in found]


def owner(read: Reading, actor: StaffActor, document_id: int) -> int:
    """Whose form staff fill in at the desk. Raises NotAllowed."""
    actor.must(Permission.HANDLE_FORMS)
    patient_id = documents.owner(read, document_id)
    must_see(read, actor, patient_id)
    return patient_id


def patient_of(read: Reading, actor: StaffActor, file_id: str) -> int:
    """Whose file staff take away at the desk. Raises NotAllowed."""
    actor.must(Permission.HANDLE_FORMS)
    patient_id = int(_row(read, None, file_id).patient_id)
    must_see(read, actor, patient_id)
    return patient_id


def move(work: UnitOfWork, apart: int, known: int) -> None:
    """A profile turned out to be another's (P16): its files are theirs."""
    work.execute(update(_FILE).where(_FILE.c.patient_id == apart).values(patient_id=known))


def reseal(read: Reading) -> int:
    """Seal every file anew under the present key; how many were. Raises Unreadable."""
    changed = 0
    for where, rows in _all(read):
        changed += sum(where.reseal(row.id) for row in rows)
    return changed


def findings(read: Reading) -> Iterator[str]:
    """A sentence for every file that is missing or altered; none when all are as they were attached."""
    for where, rows in _all(read):
        for row in rows:
            try:
                is_whole = hashlib.sha256(where.get(row.id)).hexdigest() == row.sha256
            except Unreadable:
                is_whole = False
            if not is_whole:
                yield f"File {row.id} is missing or was altered."


def sweep(work: UnitOfWork, *, shelf: int | None = None) -> int:
    """Take away files that no row names, a day after they were kept; how many. One shelf at a time, by the minute."""
    looked_at = int(work.now.timestamp() // 60) % SHELVES if shelf is None else shelf
    gone = 0
    for where, which in ((attached.room(work.settings), _FILE), (pictured.room(work.settings), _PICTURE)):
        old = list(where.older(work.now - ORPHANED_AFTER, shelf=looked_at))
        named = select(which.c.id).where(which.c.id.in_(old))
        if which is _FILE:
            named = named.where(_FILE.c.removed_at.is_(None))
        known = set(work.execute(named).scalars()) if old else set()
        for file_id in old:
            if file_id not in known:
                where.remove(file_id)
                gone += 1
    return gone


def _must_fit(read: Reading, patient_id: int, document_id: int, link_id: str) -> None:
    here = and_(_of(patient_id), _FILE.c.document_id == document_id)
    by_item = select(_FILE.c.link_id, func.count()).where(here).group_by(_FILE.c.link_id)
    counted = {row[0]: int(row[1]) for row in read.execute(by_item)}
    if counted.get(link_id, 0) >= FILES_MOST:
        raise Conflict("file_many", limit=FILES_MOST)
    if sum(counted.values()) >= MOST_OF_DOCUMENT:
        raise Conflict("file_many", limit=MOST_OF_DOCUMENT)


def _all(read: Reading) -> Iterator[tuple[Room, list[Row[Any]]]]:
    there = select(_FILE.c.id, _FILE.c.sha256).where(_FILE.c.removed_at.is_(None)).order_by(_FILE.c.id)
    yield attached.room(read.settings), read.execute(there).all()
    yield pictured.room(read.settings), read.execute(select(_PICTURE.c.id, _PICTURE.c.sha256)).all()


def _of(patient_id: int) -> Any:
    return and_(_FILE.c.patient_id == patient_id, _FILE.c.removed_at.is_(None))


def _row(read: Reading, patient_id: int | None, file_id: str) -> Row[Any]:
    there = and_(_FILE.c.id == file_id, _FILE.c.removed_at.is_(None))
    mine = there if patient_id is None else and_(there, _FILE.c.patient_id == patient_id)
    row: Row[Any] | None = read.execute(select(_FILE).where(mine)).first()
    if row is None:
        raise NotAllowed()
    return row


def _bytes(read: Reading, row: Row[Any]) -> bytes:
    told = attached.room(read.settings).get(row.id)
    if hashlib.sha256(told).hexdigest() != row.sha256:
        raise Unreadable("altered")
    return told


def _info(row: Row[Any]) -> FileInfo:
    return FileInfo(
        id=row.id,
        patient_id=row.patient_id,
        document_id=row.document_id,
        link_id=row.link_id,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        width=row.width,
        height=row.height,
        created_at=row.created_at,
    )

"""Files at rest, each sealed for its own place, outside of everything that is served.

A file is written beside its place, brought to the disk, read back and only then given its name: after a crash it is
there whole or not at all. Its name is random, and it is written before the row that names it. So a row is never
without its file; a file without a row is what a crash left, and is swept later.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from clinic_portal.core import ids, sealing
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.settings import Settings

ID = re.compile(r"[0-9a-f]{32}")
SHELVES = 256


class Room:
    """A folder of sealed files, `<data_dir>/<name>/<two letters>/<id>`; each is sealed for its room and its id."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._folder = settings.data_dir / name

    def put(self, data: bytes, *, now: datetime) -> str:
        """Keep a file; its new id. Raises OSError, and then nothing is there."""
        file_id = ids.nonce()
        self._write(file_id, data, at=now.timestamp())
        return file_id

    def get(self, file_id: str) -> bytes:
        """What a file holds. Raises Unreadable when it was altered or moved here, or is not there."""
        try:
            sealed = self._path(file_id).read_bytes()
        except FileNotFoundError:
            raise Unreadable("not there") from None
        return sealing.open_bytes(self._settings, self._place(file_id), sealed)

    def remove(self, file_id: str) -> None:
        """Take a file away; that it is gone already is fine."""
        with suppress(FileNotFoundError):
            self._path(file_id).unlink()

    def older(self, than: datetime, *, shelf: int | None = None) -> Iterator[str]:
        """The ids of files kept before an instant, on one of the `SHELVES` or on all; what no crash completed goes."""
        shelves = sorted(self._folder.glob("??")) if shelf is None else [self._folder / f"{shelf:02x}"]
        for folder in shelves:
            for path in folder.iterdir() if folder.is_dir() else ():
                with suppress(FileNotFoundError):  # taken away meanwhile
                    if datetime.fromtimestamp(path.stat().st_mtime, UTC) < than:
                        if ID.fullmatch(path.name):
                            yield path.name
                        elif path.suffix == ".new":
                            path.unlink()

    def reseal(self, file_id: str) -> bool:
        """Seal a file anew under the present key; whether that was needed. Raises Unreadable."""
        path = self._path(file_id)
        try:
            with path.open("rb") as file:
                if sealing.is_current_file(self._settings, file.read(64)):
                    return False
            kept_at = path.stat().st_mtime
        except FileNotFoundError:
            raise Unreadable("not there") from None
        self._write(file_id, self.get(file_id), at=kept_at)
        return True

    def _write(self, file_id: str, data: bytes, *, at: float) -> None:
        path = self._path(file_id)
        sealed = sealing.seal_bytes(self._settings, self._place(file_id), data)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f"{file_id}.{ids.nonce()[:8]}.new")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            os.utime(beside, (at, at))
            if sealing.open_bytes(self._settings, self._place(file_id), beside.read_bytes()) != data:
                raise OSError("read back otherwise than written")
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _to_disk(path.parent)
        _to_disk(path.parent.parent)

    def _place(self, file_id: str) -> str:
        return f"{self._name}:{file_id}"

    def _path(self, file_id: str) -> Path:
        if not ID.fullmatch(file_id):
            raise Unreadable("no id")
        return self._folder / file_id[:2] / file_id


def _to_disk(folder: Path) -> None:
    """A new name is safe only once its folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

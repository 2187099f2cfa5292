"""Files at rest: sealed for their place, whole or not there at all, sealed anew when keys change."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.settings import Settings
from clinic_portal.core.vault import Room
from clinic_portal.server import BUILD

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TOLD = b"a photo of a face, as bytes" * 50


@pytest.fixture
def kept(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, secret_key="a test key of more than thirty-two characters")


@pytest.fixture
def room(kept: Settings) -> Room:
    return Room(kept, "files")


def path_of(settings: Settings, file_id: str, room: str = "files") -> Path:
    return settings.data_dir / room / file_id[:2] / file_id


def test_what_was_kept_comes_back_as_it_was(room: Room) -> None:
    assert room.get(room.put(TOLD, now=NOW)) == TOLD


def test_nothing_of_it_is_readable_on_the_disk(room: Room, kept: Settings) -> None:
    file_id = room.put(TOLD, now=NOW)
    found = [path for path in kept.data_dir.rglob("*") if path.is_file()]
    assert found == [path_of(kept, file_id)]
    assert b"photo" not in found[0].read_bytes()


def test_nobody_else_of_the_machine_may_open_it(room: Room, kept: Settings) -> None:
    path = path_of(kept, room.put(TOLD, now=NOW))
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("place", [0, 5, 13, 40, -1])
def test_a_byte_altered_on_the_disk_is_refused(room: Room, kept: Settings, place: int) -> None:
    file_id = room.put(TOLD, now=NOW)
    path = path_of(kept, file_id)
    altered = bytearray(path.read_bytes())
    altered[place] ^= 1
    path.write_bytes(altered)
    with pytest.raises(Unreadable):
        room.get(file_id)


@pytest.mark.parametrize("left", [0, 3, 11, 30])
def test_a_file_that_was_cut_off_is_refused(room: Room, kept: Settings, left: int) -> None:
    file_id = room.put(TOLD, now=NOW)
    path = path_of(kept, file_id)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(Unreadable):
        room.get(file_id)


def test_a_file_put_in_the_place_of_another_is_refused(room: Room, kept: Settings) -> None:
    mine, another = room.put(TOLD, now=NOW), room.put(b"another's", now=NOW)
    shutil.copy(path_of(kept, another), path_of(kept, mine))
    with pytest.raises(Unreadable):
        room.get(mine)


def test_a_file_carried_into_another_room_is_refused(room: Room, kept: Settings) -> None:
    file_id = room.put(TOLD, now=NOW)
    there = path_of(kept, file_id, "pictures")
    there.parent.mkdir(parents=True)
    shutil.copy(path_of(kept, file_id), there)
    with pytest.raises(Unreadable):
        Room(kept, "pictures").get(file_id)


@pytest.mark.parametrize(
    "file_id", ["", "..", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "\n", "/etc/passwd", "a" * 32, "\0" * 32]
)
def test_what_is_no_id_of_a_file_leads_nowhere(room: Room, file_id: str) -> None:
    with pytest.raises(Unreadable):
        room.get(file_id)


def test_it_opens_under_an_earlier_key_and_is_sealed_anew_under_the_present_one(room: Room, kept: Settings) -> None:
    file_id = room.put(TOLD, now=NOW)
    changed = kept.model_copy(update={"data_key": SecretStr("another key of more than thirty-two characters")})
    assert Room(changed, "files").get(file_id) == TOLD
    assert Room(changed, "files").reseal(file_id)
    assert not Room(changed, "files").reseal(file_id)
    assert Room(changed, "files").get(file_id) == TOLD
    with pytest.raises(Unreadable):
        room.get(file_id)


def test_sealing_anew_leaves_it_as_old_as_it_was(room: Room, kept: Settings) -> None:
    file_id = room.put(TOLD, now=NOW)
    changed = kept.model_copy(update={"data_key": SecretStr("another key of more than thirty-two characters")})
    Room(changed, "files").reseal(file_id)
    assert list(room.older(NOW)) == []
    assert list(room.older(NOW + timedelta(seconds=1))) == [file_id]


def test_old_files_are_found_shelf_by_shelf(room: Room) -> None:
    kept = {room.put(b"x", now=NOW) for _ in range(20)}
    room.put(b"younger", now=NOW + timedelta(hours=2))
    by_shelf = {one for shelf in range(256) for one in room.older(NOW + timedelta(hours=1), shelf=shelf)}
    assert by_shelf == set(room.older(NOW + timedelta(hours=1))) == kept


def test_what_a_crash_left_half_written_is_no_file_and_goes(room: Room, kept: Settings) -> None:
    file_id = room.put(TOLD, now=NOW)
    half = path_of(kept, file_id).with_name(f"{'b' * 32}.12345678.new")
    half.write_bytes(b"half")
    assert set(room.older(datetime.now(UTC) + timedelta(days=1))) == {file_id}
    assert not half.exists()


def test_removing_twice_is_harmless(room: Room) -> None:
    file_id = room.put(TOLD, now=NOW)
    room.remove(file_id)
    room.remove(file_id)
    with pytest.raises(Unreadable):
        room.get(file_id)


def test_a_disk_that_refuses_leaves_nothing_behind(kept: Settings) -> None:
    (kept.data_dir / "files").write_text("no folder")
    with pytest.raises(OSError, match="files"):
        Room(kept, "files").put(TOLD, now=NOW)


def test_files_do_not_lie_where_the_server_serves_from() -> None:
    assert not Settings(_env_file=None).data_dir.resolve().is_relative_to(BUILD.resolve())

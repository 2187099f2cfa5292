"""Health data at rest: what opens, what does not, and how a key is changed."""

from __future__ import annotations

import base64

import pytest

from clinic_portal.core import sealing
from clinic_portal.core.settings import Settings

OLD, NEW = "an old data key of more than thirty-two characters", "a new data key of more than thirty-two characters"


def having(data_key: str, *old: str) -> Settings:
    return Settings(
        _env_file=None,
        mode="demo",
        secret_key="a test key of more than thirty-two characters",
        data_key=data_key,
        old_data_keys=list(old),
    )


@pytest.mark.parametrize("text", ["", "Latex", "日本語 العربية 🙂", "x" * 100_000])
def test_what_was_sealed_opens_at_its_place(text: str) -> None:
    assert sealing.open_sealed(having(NEW), "a:b:1", sealing.seal(having(NEW), "a:b:1", text)) == text


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert sealing.seal(having(NEW), "a", "Latex") != sealing.seal(having(NEW), "a", "Latex")


def test_it_opens_at_no_other_place() -> None:
    with pytest.raises(sealing.Unreadable):
        sealing.open_sealed(having(NEW), "a:b:2", sealing.seal(having(NEW), "a:b:1", "Latex"))


def test_no_byte_of_it_can_be_altered() -> None:
    sealed = sealing.seal(having(NEW), "a", "Latex")
    head, body = sealed.rsplit(".", 1)
    raw = base64.urlsafe_b64decode(body)
    for position in range(len(raw)):
        altered = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(sealing.Unreadable):
            sealing.open_sealed(having(NEW), "a", f"{head}.{base64.urlsafe_b64encode(altered).decode()}")


@pytest.mark.parametrize("sealed", ["", "Latex", "v1", "v1..", "v2.00000000.AAAA", "v1.00000000.AAAA", "v1.{key}.%%"])
def test_what_was_never_sealed_is_refused(sealed: str) -> None:
    key = sealing.seal(having(NEW), "a", "x").split(".")[1]
    with pytest.raises(sealing.Unreadable):
        sealing.open_sealed(having(NEW), "a", sealed.format(key=key))


def test_an_old_key_still_opens_and_no_longer_seals() -> None:
    sealed = sealing.seal(having(OLD), "a", "Latex")
    assert sealing.open_sealed(having(NEW, OLD), "a", sealed) == "Latex"
    assert not sealing.is_current(having(NEW, OLD), sealed)
    assert sealing.is_current(having(NEW, OLD), sealing.seal(having(NEW, OLD), "a", "Latex"))


def test_a_key_that_was_taken_away_opens_nothing() -> None:
    with pytest.raises(sealing.Unreadable, match="unknown key"):
        sealing.open_sealed(having(NEW), "a", sealing.seal(having(OLD), "a", "Latex"))

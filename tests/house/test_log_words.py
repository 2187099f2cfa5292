"""The activity log says everything in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clinic_portal.clinic.editing import TABLES
from clinic_portal.web.admin import log_words

ROOT = Path(__file__).resolve().parents[2]
RECORD = re.compile(
    r"\.record\(\s*[^()]*?(?:\([^()]*\)[^()]*?)*?\"([a-z_]+\.[a-z_]+)\"(?: if \w+ else \"([a-z_.]+)\")?"
)


def recorded() -> set[str]:
    found = {
        action
        for path in (ROOT / "clinic_portal").rglob("*.py")
        for pair in RECORD.findall(path.read_text())
        for action in pair
        if action
    }
    return found | {f"{kind}.{verb}" for kind in TABLES for verb in log_words.VERBS}


def test_the_log_has_entries_to_say() -> None:
    assert len(recorded()) > 50


@pytest.mark.req("P15")
@pytest.mark.parametrize("action", sorted(recorded()))
def test_every_entry_of_the_log_has_words(action: str) -> None:
    assert not re.search(r"[_:]", log_words.deed(action))


@pytest.mark.req("P15")
def test_before_and_after_are_told_one_beside_the_other() -> None:
    told = {"before": {"price_minor": 24000, "is_active": True}, "after": {"price_minor": 25000, "is_active": False}}
    assert log_words.detail(told) == "price minor: 24000 → 25000; is active: yes → no"

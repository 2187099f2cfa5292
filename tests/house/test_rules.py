"""The rules of the house that no tool knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "clinic_portal").rglob("*.py"))
READS_CLOCK = re.compile(r"datetime\.now|datetime\.utcnow|date\.today|time\.time\(")
MAKES_RANDOM = re.compile(r"\bsecrets\.|\buuid4|\brandom\.(random|choice|randint|randrange|shuffle)\(|os\.urandom")


def where(pattern: re.Pattern[str]) -> set[str]:
    return {path.relative_to(ROOT / "clinic_portal").as_posix() for path in SOURCES if pattern.search(path.read_text())}


def test_only_the_clock_reads_the_time() -> None:
    assert where(READS_CLOCK) == {"core/clock.py"}


def test_only_ids_make_randomness() -> None:
    assert where(MAKES_RANDOM) - {"setup/people.py"} == {"core/ids.py"}


def test_one_place_commits() -> None:
    assert where(re.compile(r"\.commit\(\)")) == {"core/work.py", "migrations.py"}


def test_nothing_prints() -> None:
    assert where(re.compile(r"^\s*print\(", re.MULTILINE)) == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_module_can_be_read_in_a_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500


def test_no_money_is_a_float() -> None:
    assert where(re.compile(r"(_minor|price|amount)\w*\s*[:=(].*\bfloat\b|\bfloat\(.*(_minor|price|amount)")) == set()

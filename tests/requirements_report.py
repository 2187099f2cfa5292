"""Keeps which numbered requirement each test proves and how it ended, for `clinic-portal requirements`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

RESULTS = Path(".pytest_cache") / "requirements.json"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write each test's numbers where its report carries them, also from an xdist worker."""
    for item in items:
        for mark in item.iter_markers("req"):
            item.user_properties.append(("req", mark.args[0]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    numbers = [value for name, value in report.user_properties if name == "req"]
    if numbers and (report.when == "call" or report.outcome != "passed"):
        for number in numbers:
            _seen.setdefault(str(number), {})[report.nodeid] = report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not _seen:
        return
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for number, outcomes in _seen.items():
        kept.setdefault(number, {}).update(outcomes)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True))


_seen: dict[str, dict[str, str]] = {}

"""The shape of the house: who imports whom, what a page's state may hold, words that do not belong here."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import reflex as rx

import clinic_portal.clinic_portal

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "clinic_portal"
DOMAINS = (
    "accounts", "booking", "clinic", "forms", "memberships", "messaging", "packages", "patients", "payments",
    "scheduling", "wallet",
)  # fmt: skip
assert clinic_portal.clinic_portal.app


def imported(path: Path) -> set[str]:
    """Every module a file imports, names from it included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def states(of: type = rx.State) -> Iterator[type]:
    """Every State of ours."""
    for one in of.__subclasses__():
        if one.__module__.startswith("clinic_portal."):
            yield one
        yield from states(one)


STATES = sorted(set(states()), key=lambda one: one.__name__)
ON_PAGES = [one for one in STATES if not one._mixin]  # type: ignore[attr-defined]


def test_imports_point_down() -> None:
    """In a process of its own: it sets logging up anew, and every logger there was would be silent after it."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domains_tables_are_known_in_the_domain_alone(domain: str) -> None:
    """Besides it: the list of tables for migrations, and the room that loads and exports a whole clinic."""
    for path in PACKAGE.rglob("*.py"):
        where = path.relative_to(PACKAGE).parts[0]
        if where not in (domain, "tables.py", "setup"):
            assert f"clinic_portal.{domain}.models" not in imported(path), path


@pytest.mark.parametrize("path", [*PACKAGE.rglob("rules.py"), *(PACKAGE / "scheduling").glob("[ai][vn]*.py")], ids=str)
def test_rules_and_arithmetic_know_no_database_and_no_clock(path: Path) -> None:
    known = {name.split(".")[0] for name in imported(path)}
    assert not known & {"sqlalchemy", "sqlmodel", "reflex", "starlette", "time", "secrets", "random"}


def test_only_integrations_reach_outside() -> None:
    outside = {"twilio", "smtplib", "httpx", "requests", "urllib.request", "socket", "aiohttp", "stripe"}
    reaching = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name == one or name.startswith(f"{one}.") for name in imported(path) for one in outside)
    }
    assert {path for path in reaching if not path.startswith("integrations/")} <= {"doctor.py", "cli.py"}


PLAIN = (str, int, bool)
SECRET = re.compile(r"token|secret|digest|hash|password|owner|visitor|cookie|nonce|session")


def holds_only_what_a_page_shows(kind: Any) -> bool:
    """Text, numbers, ticks, and lists of our own views of them: never a row, an instant or an object."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (list, dict, tuple):
        return all(holds_only_what_a_page_shows(one) for one in inside)
    if dataclasses.is_dataclass(kind):
        fields = typing.get_type_hints(kind)
        return kind.__module__.startswith("clinic_portal.web.") and all(
            holds_only_what_a_page_shows(one) and not SECRET.search(name) for name, one in fields.items()
        )
    return kind in PLAIN


def test_there_are_states_to_look_at() -> None:
    assert len(ON_PAGES) >= 10


@pytest.mark.parametrize("state", ON_PAGES, ids=lambda one: one.__name__)
def test_a_pages_state_holds_only_what_the_page_shows(state: Any) -> None:
    hints = typing.get_type_hints(state)
    for name in state.base_vars:
        assert holds_only_what_a_page_shows(hints[name]), name
        assert not SECRET.search(name), name


@pytest.mark.parametrize("state", STATES, ids=lambda one: one.__name__)
def test_a_state_computes_nothing_and_keeps_nothing_in_the_browser(state: Any) -> None:
    """Computed vars run for every visitor and at build time; what lies in the browser can be set to anything."""
    assert state.computed_vars == {}
    assert not any(state._is_client_storage(name) for name in state.base_vars)


@pytest.mark.parametrize("state", STATES, ids=lambda one: one.__name__)
def test_every_public_method_of_a_state_is_an_event_on_purpose(state: Any) -> None:
    """An undecorated one would be callable all the same."""
    source = ast.parse(Path(ROOT / (state.__module__.replace(".", "/") + ".py")).read_text())
    for node in ast.walk(source):
        if isinstance(node, ast.ClassDef) and node.name == state.__name__:
            for method in node.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and not method.name.startswith("_"):
                    assert [ast.unparse(one) for one in method.decorator_list][:1] == ["rx.event"], method.name


def test_a_state_never_reads_a_database_by_itself() -> None:
    """It asks through the door, off the event loop."""
    for path in (PACKAGE / "web").rglob("*.py"):
        if path.parts[-2] != "http":
            assert not re.search(
                r"\.session\b(?!\.)|rx\.session|rx\.Model|services\(\)\.(do|ask)\(", path.read_text()
            ), path


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in listed.splitlines() if not name.startswith(".ci/")]
    return [path for path in paths if path.is_file() and path.suffix not in (".woff2", ".png", ".ico", ".lock")]


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of the machine it was written on, no talk of how it was written."""
    foreign = re.compile("|".join(["/work" + "/", r"\.\./" + "shared", "prompt" + " injection", "language" + " model"]))
    for path in tracked():
        try:
            told = path.read_text()
        except UnicodeDecodeError:
            continue
        assert not foreign.search(told), path

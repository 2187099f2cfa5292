"""The unit of work: what an action is given, and the only `commit()` of the application."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Executable, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from clinic_portal.core import audit, crypto, outbox
from clinic_portal.core.clock import Clock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")
Memory = dict[str, tuple[int, Any]]
TRIES = 4
"""How often an action is begun that the database ends because it and another wait for one another."""
_DEADLOCK = "40P01"


class Reading:
    """What a query is given: a session to read with, the instant it reads at, and the settings."""

    def __init__(self, session: Session, now: datetime, settings: Settings, memory: Memory) -> None:
        self.session = session
        self.now = now
        self.settings = settings
        self._memory = memory
        self._read: dict[str, Any] = {}

    def execute(self, statement: Executable, rows: Sequence[dict[str, Any]] | dict[str, Any] | None = None) -> Any:
        """Run a statement on columns in this transaction; a fifth quicker than through the session's object layer."""
        return self.session.connection().execute(statement, rows)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gave the first time in this transaction; for what does not change within one."""
        if name not in self._read:
            self._read[name] = make()
        return self._read[name]  # type: ignore[no-any-return]

    def kept(self, name: str, version: int, make: Callable[[], T]) -> T:
        """What `make` gave for this version, kept in the process; for small data that seldom changes."""
        found = self._memory.get(name)
        if found is None or found[0] != version:
            found = (version, make())
            self._remember(name, found)
        return found[1]

    def _remember(self, name: str, found: tuple[int, Any]) -> None:
        self._memory[name] = found


class UnitOfWork(Reading):
    """What an action is given. Nothing is kept unless the caller, `Services.do`, commits."""

    def __init__(self, session: Session, now: datetime, settings: Settings, memory: Memory) -> None:
        super().__init__(session, now, settings, memory)
        self._events: list[dict[str, Any]] = []
        self._entries: list[dict[str, Any]] = []
        self._to_remember: Memory = {}
        self._is_halfway = False

    def _remember(self, name: str, found: tuple[int, Any]) -> None:
        """Only once this is kept: what was read here may never have been, and its version be given out again."""
        if not self._is_halfway:
            self._to_remember[name] = found

    def raises_version(self) -> None:
        """What processes keep for a version changes with this transaction: what is read in it may be halfway."""
        self._is_halfway = True
        self._memory, self._to_remember = {}, {}

    def in_turn(self, *about: str) -> None:
        """Wait for every other transaction about the same thing, and let later ones wait for this to end.

        What is read next and acted upon stays true until then. (SQLite has one writer at a time anyway.)
        """
        if self.session.connection().dialect.name == "postgresql":
            number = int(crypto.digest("\x1f".join(about))[:15], 16)
            self.execute(select(func.pg_advisory_xact_lock(number)))

    def emit(
        self,
        kind: str,
        dedupe_key: str,
        *,
        after: timedelta = timedelta(0),
        priority: int = outbox.USUAL,
        max_attempts: int = 8,
        **payload: Any,
    ) -> None:
        """Ask the worker to do `kind` with `payload` (ids only) once this transaction is kept."""
        run_at = self.now + after
        self._events.append(
            outbox.row(
                kind, dedupe_key, payload, now=self.now, run_at=run_at, priority=priority, max_attempts=max_attempts
            )
        )

    def record(self, actor: str, action: str, subject: str, **detail: Any) -> None:
        """Write to the activity log that `actor` did `action` to `subject` (both `kind:id`)."""
        self._entries.append(
            {"at": self.now, "actor": actor, "action": action, "subject": subject, "detail": detail},
        )

    @property
    def readings(self) -> Memory:
        """What was read for a version, for the process to keep once this is committed."""
        return self._to_remember

    def flush(self) -> bool:
        """Write what was gathered, in one statement a table; whether the outbox got anything."""
        self.session.flush()
        if self._entries:
            audit.write(self.session, self._entries)
        if self._events:
            outbox.write(self.session, self._events)
        return bool(self._events)


class Services:
    """Runs actions and queries against one database with one clock."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self.database = database
        self.clock = clock
        self.settings = settings
        self._memory: Memory = {}
        self.on_emitted: list[Callable[[], None]] = []
        """Called after a commit that put something into the outbox (the embedded worker wakes up)."""

    def do(self, action: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action in one transaction and keep what it did; an exception keeps nothing.

        One that the database ended for a deadlock is run again from its beginning: nothing of it was kept.
        """
        for _ in range(TRIES - 1):
            try:
                return self._do(action, *args, **kwargs)
            except DBAPIError as fault:
                if getattr(fault.orig, "sqlstate", "") != _DEADLOCK:
                    raise
        return self._do(action, *args, **kwargs)

    def _do(self, action: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self.database.writing() as session:
            work = UnitOfWork(session, self.clock.now(), self.settings, self._memory)
            result = action(work, *args, **kwargs)
            emitted = work.flush()
            session.commit()
        self._memory.update(work.readings)
        if emitted:
            for wake in self.on_emitted:
                wake()
        return result

    def ask(self, query: Callable[Concatenate[Reading, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query; nothing it does is kept."""
        with self.database.reading() as session:
            return query(Reading(session, self.clock.now(), self.settings, self._memory), *args, **kwargs)

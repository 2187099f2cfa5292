"""Brings a database to the newest schema, and tells whether it is there."""

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from alembic import command
from clinic_portal.core.db import Database

_ROOT = Path(__file__).resolve().parent.parent


def upgrade(database: Database) -> None:
    """Run every migration that is still missing; harmless when there is none."""
    with database.engine.connect() as connection:
        command.upgrade(_config(connection), "head")
        connection.commit()


def is_current(database: Database) -> bool:
    """Whether the schema is the newest one."""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_config()).get_current_head()


def is_declared(_thing: object, name: str | None, *_: object) -> bool:
    """Whether the tables of the code tell of it: not what makes a search quick, which is made where it can be."""
    return not (name or "").removeprefix("ix_").startswith("patient_trigrams")


def is_empty(database: Database) -> bool:
    """Whether nothing stands in the database at all, so that there is nothing to back up before it is migrated."""
    return not inspect(database.engine).get_table_names()


def new_revision(database: Database, message: str, slug: str) -> None:
    """Write a migration from the difference between tables and database; a person reads and finishes it."""
    with database.engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=slug)


def _config(connection: object = None) -> Config:
    config = Config(str(_ROOT / "alembic.ini"))
    config.attributes["connection"] = connection
    return config

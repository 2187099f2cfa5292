"""What a command needs to stand before it does its part: tables, a clinic; and where an empty one is set up."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from clinic_portal.core.work import Services


def fail(*sentences: str, code: int = 2) -> NoReturn:
    """Say what is wrong and stop."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(code)


def migrate_now(services: Services) -> None:
    """Make or update the tables."""
    from clinic_portal import migrations

    migrations.upgrade(services.database)


def must_be_migrated(services: Services) -> None:
    """Go on only with the newest tables."""
    from clinic_portal import migrations

    try:
        current = migrations.is_current(services.database)
    except Exception:
        fail("The database does not answer: check CLINIC_DATABASE_URL, then `clinic-portal doctor`.")
    if not current:
        fail("The database is not migrated. Run `clinic-portal migrate` first.")


def begun(services: Services) -> None:
    """An empty database is given its tables; one that is behind is not changed unasked: it wants a backup first."""
    from clinic_portal import migrations

    with suppress(Exception):  # a database that is away is told of below
        if migrations.is_empty(services.database):
            migrate_now(services)
            click.echo("The database was empty: its tables are made.")
    must_be_migrated(services)


def say_where_to_set_up(services: Services) -> None:
    """One line as long as nobody is there: whoever reads it may become the owner."""
    from clinic_portal.accounts import setup_key

    address = services.ask(setup_key.address)
    if address:
        click.echo(f"Set up your clinic: {address}")
        sys.stdout.flush()


def must_have_clinic(services: Services) -> None:
    """Go on only with a clinic."""
    from clinic_portal.clinic.queries import version
    from clinic_portal.core.errors import DomainError

    must_be_migrated(services)
    try:
        services.ask(version)
    except DomainError:
        fail("There is no clinic yet: set it up in the browser (`clinic-portal serve`) or `clinic-portal load FILE`.")

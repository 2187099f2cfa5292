"""The migrations lead from nothing to exactly the tables the code declares."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from clinic_portal import migrations
from clinic_portal.core.work import Services
from clinic_portal.tables import metadata

ALL = {"compare_type": True, "include_object": migrations.is_declared}


def test_upgrading_an_empty_database_leaves_no_drift(services: Services) -> None:
    with services.database.engine.connect() as connection:
        drift = compare_metadata(MigrationContext.configure(connection, opts=ALL), metadata)
    assert drift == []


def test_an_upgraded_database_is_current_and_upgrading_again_is_harmless(services: Services) -> None:
    assert migrations.is_current(services.database)
    migrations.upgrade(services.database)
    assert migrations.is_current(services.database)

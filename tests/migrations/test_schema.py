"""The migrations lead from nothing to exactly the tables the code declares."""

from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from alembic import command
from clinic_portal import migrations
from clinic_portal.booking.models import Appointment
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.tables import metadata
from tests.factories import rows, small_clinic
from tests.reports_kit import has_visit

ALL = {"compare_type": True, "include_object": migrations.is_declared}


def test_upgrading_an_empty_database_leaves_no_drift(services: Services) -> None:
    with services.database.engine.connect() as connection:
        drift = compare_metadata(MigrationContext.configure(connection, opts=ALL), metadata)
    assert drift == []


def test_an_upgraded_database_is_current_and_upgrading_again_is_harmless(services: Services) -> None:
    assert migrations.is_current(services.database)
    migrations.upgrade(services.database)
    assert migrations.is_current(services.database)


def test_what_staff_did_not_ask_for_before_it_was_kept_with_the_visit_is_read_from_the_log(services: Services) -> None:
    made, at = small_clinic(services), datetime(2026, 11, 10, 16, 0, tzinfo=UTC)
    waived, free = (has_visit(made, at, "cancelled", cancelled_by="staff:1") for _ in range(2))

    def was_cancelled(work: UnitOfWork) -> None:
        told = {"reference": "LMN-1", "fee_minor": 0}
        work.record("staff:1", "appointment.cancelled", f"appointment:{free}", **told)
        work.record("staff:1", "appointment.cancelled", f"appointment:{waived}", **told, fee_not_asked_for_minor=4750)

    services.do(was_cancelled)
    with services.database.engine.connect() as connection:
        command.downgrade(migrations._config(connection), "search")
        connection.commit()
    migrations.upgrade(services.database)
    assert {row.id: row.waived_fee_minor for row in rows(services, Appointment)} == {waived: 4750, free: None}

"""Runs migrations on the connection `clinic_portal.migrations` hands over."""

from alembic import context
from clinic_portal.migrations import is_declared
from clinic_portal.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    include_object=is_declared,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()

"""A visit cancelled late whose fee staff did not ask for: what it would have been, for the reports."""

import sqlalchemy as sa

from alembic import op

revision = "waived"
down_revision = "search"
branch_labels = None
depends_on = None

_VISIT = sa.table("appointment", sa.column("id", sa.BigInteger), sa.column("waived_fee_minor", sa.Integer))
_ENTRY = sa.table(
    "audit_entry", sa.column("action", sa.String), sa.column("subject", sa.String), sa.column("detail", sa.JSON)
)


def upgrade() -> None:
    op.add_column("appointment", sa.Column("waived_fee_minor", sa.Integer(), nullable=True))
    bind = op.get_bind()
    cancelled = sa.select(_ENTRY.c.subject, _ENTRY.c.detail).where(_ENTRY.c.action == "appointment.cancelled")
    for subject, detail in bind.execute(cancelled).all():  # the log has kept it
        if minor := detail.get("fee_not_asked_for_minor"):
            mine = _VISIT.c.id == int(subject.partition(":")[2])
            bind.execute(sa.update(_VISIT).where(mine).values(waived_fee_minor=minor))


def downgrade() -> None:
    op.drop_column("appointment", "waived_fee_minor")

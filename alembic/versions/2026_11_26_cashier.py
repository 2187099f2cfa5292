"""The cashier: keys no other books have, fees paid by a deposit, the wallet's entries, memberships' beginnings."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from clinic_portal.core.db import BigId, UtcDateTime

revision = "cashier"
down_revision = "payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    when = UtcDateTime(timezone=True)
    op.drop_column("booking_draft", "accepted_at")  # what was accepted is kept with the payment
    op.drop_column("booking_draft", "accepted_policy_id")
    op.add_column("payment", sa.Column("from_deposit_minor", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("payment", sa.Column("nonce", text(), nullable=False, server_default=""))
    op.add_column("refund", sa.Column("nonce", text(), nullable=False, server_default=""))
    op.add_column("payment", sa.Column("attended_at", when, nullable=True))
    disputed = sa.text("disputed_at IS NOT NULL")
    op.create_index("ix_payment_purpose_id", "payment", ["purpose", "id"])
    op.create_index(
        "ix_payment_disputed_at", "payment", ["disputed_at"], sqlite_where=disputed, postgresql_where=disputed
    )
    op.create_index("ix_refund_state", "refund", ["state"])
    op.create_table(
        "wallet_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("dedupe_key", text(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("kind", text(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", text(), nullable=False),
        sa.Column("actor", text(), nullable=False),
        sa.Column("made_at", when, nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_wallet_entry_amount_not_nothing")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_wallet_entry_patient_id")),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_wallet_entry_appointment_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_wallet_entry_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_entry")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_wallet_entry_dedupe_key")),
    )
    op.create_index("ix_wallet_entry_patient_id", "wallet_entry", ["patient_id"])
    op.create_index("ix_wallet_entry_appointment_id", "wallet_entry", ["appointment_id"])
    op.create_table(
        "membership",
        sa.Column("id", BigId, nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("started_at", when, nullable=False),
        sa.Column("ended_at", when, nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_membership_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_membership_live", "membership", ["patient_id"], unique=True, sqlite_where=live, postgresql_where=live
    )


def downgrade() -> None:
    op.drop_table("membership")
    op.drop_table("wallet_entry")
    op.drop_index("ix_refund_state", "refund")
    op.drop_index("ix_payment_disputed_at", "payment")
    op.drop_index("ix_payment_purpose_id", "payment")
    op.drop_column("payment", "attended_at")
    op.drop_column("refund", "nonce")
    op.drop_column("payment", "nonce")
    op.drop_column("payment", "from_deposit_minor")
    op.add_column("booking_draft", sa.Column("accepted_policy_id", sa.Integer(), nullable=True))
    op.add_column("booking_draft", sa.Column("accepted_at", UtcDateTime(timezone=True), nullable=True))

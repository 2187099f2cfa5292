"""What the staff's day needs: who sees what, care teams, notes, reasons, what is retired, a log that is searched."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from clinic_portal.core.db import BigId, UtcDateTime

revision = "day"
down_revision = "wallet"
branch_labels = None
depends_on = None

_WHEN = UtcDateTime(timezone=True)
_TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    for table, name in (
        ("staff", "sees_every_calendar"),
        ("staff", "sees_every_patient"),
        ("service_category", "is_active"),
        ("pool", "is_active"),
    ):
        op.add_column(table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
    for table in ("pool", "pool_unit"):
        op.add_column(table, sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
        op.execute(f"UPDATE {table} SET position = id")
    op.add_column("time_off", sa.Column("kind", _TEXT, nullable=False, server_default="time_off"))
    for name in ("booked_by", "cancelled_by"):
        op.add_column("appointment", sa.Column(name, _TEXT, nullable=False, server_default=""))
    op.add_column("appointment", sa.Column("is_overridden", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("appointment", sa.Column("told_sequence", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_appointment_location_id_start_at", "appointment", ["location_id", "start_at"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "id"])
    for name in ("actor", "action"):
        op.create_index(f"ix_audit_entry_{name}", "audit_entry", [name, "at", "id"])
    op.create_table(
        "care_team",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("since_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_care_team_patient_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_care_team_provider_id")),
        sa.PrimaryKeyConstraint("patient_id", "provider_id", name=op.f("pk_care_team")),
    )
    op.create_index(op.f("ix_care_team_provider_id"), "care_team", ["provider_id"])
    op.execute(
        "INSERT INTO care_team (patient_id, provider_id, since_at) "
        "SELECT patient_id, provider_id, MIN(COALESCE(booked_at, created_at)) FROM appointment "
        "WHERE patient_id IS NOT NULL AND status NOT IN ('held', 'expired') GROUP BY patient_id, provider_id"
    )
    op.create_table(
        "patient_note",
        sa.Column("id", BigId, nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("nonce", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", _WHEN, nullable=False),
        sa.Column("written_by", _TEXT, nullable=False),
        sa.Column("ended_at", _WHEN, nullable=True),
        sa.Column("ended_by", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_note_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_note")),
        sa.UniqueConstraint("nonce", name=op.f("uq_patient_note_nonce")),
    )
    op.create_index(op.f("ix_patient_note_patient_id"), "patient_note", ["patient_id"])
    op.create_table(
        "visit_reason",
        sa.Column("id", BigId, nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("nonce", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", _WHEN, nullable=False),
        sa.Column("written_by", _TEXT, nullable=False),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_visit_reason_appointment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_reason")),
        sa.UniqueConstraint("nonce", name=op.f("uq_visit_reason_nonce")),
    )
    op.create_index(op.f("ix_visit_reason_appointment_id"), "visit_reason", ["appointment_id"])


def downgrade() -> None:
    op.drop_table("visit_reason")
    op.drop_table("patient_note")
    op.drop_table("care_team")
    op.drop_index("ix_appointment_location_id_start_at", "appointment")
    for name in ("at", "actor", "action"):
        op.drop_index(f"ix_audit_entry_{name}", "audit_entry")
    for table, names in (
        ("appointment", ("told_sequence", "is_overridden", "cancelled_by", "booked_by")),
        ("time_off", ("kind",)),
        ("pool_unit", ("position",)),
        ("pool", ("position", "is_active")),
        ("service_category", ("is_active",)),
        ("staff", ("sees_every_patient", "sees_every_calendar")),
    ):
        for name in names:
            op.drop_column(table, name)

"""Accounts, sessions, medical history, what patients may change.

SQLite adds columns in place: making a table anew (Alembic's batch mode) would drop one that others refer to.
"""

import sqlalchemy as sa
import sqlmodel

import clinic_portal.core.db
from alembic import op
from clinic_portal.accounts.emails import email_key
from clinic_portal.patients.rules import search_key

revision = "accounts"
down_revision = "guards"
branch_labels = None
depends_on = None

TEXT, FLAG, NUMBER = sqlmodel.sql.sqltypes.AutoString(), sa.Boolean(), sa.Integer()
INSTANT = clinic_portal.core.db.UtcDateTime(timezone=True)
COLUMNS = (
    ("appointment", "cancelled_at", INSTANT, None),
    ("appointment", "late_fee_minor", NUMBER, None),
    ("clinic", "patients_may_cancel", FLAG, sa.true()),
    ("clinic", "patients_may_reschedule", FLAG, sa.true()),
    ("clinic", "change_until_minutes", NUMBER, "0"),
    ("clinic", "activation_email_enabled", FLAG, sa.true()),
    ("clinic", "is_second_factor_required", FLAG, sa.false()),
    ("patient", "search_key", TEXT, ""),
    ("patient", "welcomed_at", INSTANT, None),
    ("patient", "birth_on", sa.Date(), None),
    *(
        ("patient", name, TEXT, "")
        for name in (
            "pronouns",
            "street",
            "city",
            "region",
            "postal_code",
            "country",
            "emergency_name",
            "emergency_phone",
        )
    ),
    ("patient", "wants_email_reminders", FLAG, sa.true()),
    ("patient", "wants_sms_reminders", FLAG, sa.true()),
    ("patient", "wants_news", FLAG, sa.false()),
    ("patient", "feed_nonce", TEXT, None),
    ("patient", "feed_digest", TEXT, None),
    ("staff", "email", TEXT, ""),
    ("staff", "last_signed_in_at", INSTANT, None),
    ("staff", "second_factor", TEXT, None),
    ("staff", "second_factor_at", INSTANT, None),
    ("staff", "second_factor_step", NUMBER, "0"),
)
REFERENCES = (
    ("booking_draft", "patient_id", "patient"),
    ("patient", "account_id", "account"),
    ("staff", "provider_id", "provider"),
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("first_signed_in_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_signed_in_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_account_email_key")),
    )
    op.create_table(
        "account_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("revoked_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_account_session_token_digest")),
    )
    op.create_index("ix_account_session_expires_at", "account_session", ["expires_at"])
    op.create_index("ix_account_session_who", "account_session", ["kind", "subject_id"])

    op.create_table(
        "activation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("started_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("last_patient_id", sa.Integer(), nullable=False),
        sa.Column("finished_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation_run")),
    )
    op.create_table(
        "form_note",
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("form", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_form_note")),
    )
    op.create_index("ix_form_note_at", "form_note", ["at"])

    op.create_table(
        "link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("nonce", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token_digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_link_token_digest")),
    )
    op.create_index("ix_link_expires_at", "link", ["expires_at"])
    op.create_index("ix_link_subject_id", "link", ["subject_id"])

    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_email_key", "registration", ["email_key"])

    op.create_table(
        "spent_captcha",
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_captcha")),
    )
    op.create_index("ix_spent_captcha_at", "spent_captcha", ["at"])

    op.create_table(
        "history_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_history_entry_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_entry")),
    )
    op.create_index("ix_history_entry_item", "history_entry", ["item"])
    op.create_index("ix_history_entry_patient_id", "history_entry", ["patient_id", "is_current"])

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("used_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_code_digest")),
    )
    op.create_index("ix_recovery_code_staff_id", "recovery_code", ["staff_id"])
    for table, column, kind, default in COLUMNS:
        op.add_column(table, sa.Column(column, kind, nullable=default is None, server_default=default))
    for table, column, target in REFERENCES:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES {target} (id)")
        else:
            op.add_column(table, sa.Column(column, NUMBER))
            op.create_foreign_key(f"fk_{table}_{column}", table, target, [column], ["id"])
    op.create_index("ix_patient_account_id", "patient", ["account_id"], unique=True)
    op.create_index("ix_patient_feed_digest", "patient", ["feed_digest"], unique=True)
    op.execute("UPDATE staff SET email = email_key")
    _fold_patients()


def _fold_patients() -> None:
    """What is searched and compared by, worked out anew: names without accents, addresses without wider folding."""
    patient = sa.table("patient", *(sa.column(name) for name in ("id", "given_name", "family_name", "email")))
    values = sa.table("patient", sa.column("id"), sa.column("search_key"), sa.column("email_key"))
    to = sa.update(values).where(values.c.id == sa.bindparam("row_id"))
    to = to.values(search_key=sa.bindparam("names"), email_key=sa.bindparam("address"))
    rows = [
        {"row_id": row.id, "names": search_key(row.given_name, row.family_name), "address": email_key(row.email)}
        for row in op.get_bind().execute(sa.select(patient))
    ]
    if rows:
        op.get_bind().execute(to, rows)


def downgrade() -> None:
    op.drop_index("ix_patient_feed_digest", "patient")
    op.drop_index("ix_patient_account_id", "patient")
    for table, column, _ in REFERENCES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table, column, _, _ in reversed(COLUMNS):
        op.drop_column(table, column)
    for table in (
        "recovery_code",
        "history_entry",
        "spent_captcha",
        "registration",
        "link",
        "form_note",
        "activation_run",
        "account_session",
        "account",
    ):
        op.drop_table(table)

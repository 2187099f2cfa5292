"""Forms: templates and their versions, what is asked of whom, documents and their chain.

The database itself refuses what must never be: a published version, a completed document or a link of the chain
changed or deleted. What is sealed may be sealed anew under another key; its proof is in the chain. A completed document
may become void, and follows its patient's profile when two turn out to be one.
"""

import sqlalchemy as sa
import sqlmodel

import clinic_portal.core.db
from alembic import op

revision = "forms"
down_revision = "accounts"
branch_labels = None
depends_on = None


GUARDS = (
    # table, columns that stay, which rows
    ("form_version", ("template_id", "version", "content", "digest", "counts_from", "published_at"), "OLD.version > 0"),
    (
        "form_document",
        (
            "template_id",
            "version_id",
            "request_id",
            "appointment_id",
            "began_at",
            "began_by",
            "completed_at",
            "completed_by",
            "valid_until_at",
        ),
        "OLD.state <> 'draft'",
    ),
    ("document_seal", ("sequence", "document_id", "deed", "at", "by", "evidence", "mark"), "1 = 1"),
)


def upgrade() -> None:
    op.create_table(
        "document_seal",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_document_seal")),
    )
    op.create_index("ix_document_seal_document_id", "document_seal", ["document_id"])

    op.create_table(
        "form_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("is_per_visit", sa.Boolean(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("delay_minutes", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_template")),
        sa.UniqueConstraint("slug", name=op.f("uq_form_template_slug")),
    )
    op.create_table(
        "form_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("counts_from", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("published_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(version = 0) = (published_at IS NULL)", name=op.f("ck_form_version_draft_or_published")),
        sa.ForeignKeyConstraint(["template_id"], ["form_template.id"], name=op.f("fk_form_version_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("template_id", "version", name=op.f("uq_form_version_template_id_version")),
    )
    op.create_index("ix_form_version_template_id", "form_version", ["template_id"])

    op.create_table(
        "form_service",
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_form_service_service_id")),
        sa.ForeignKeyConstraint(["template_id"], ["form_template.id"], name=op.f("fk_form_service_template_id")),
        sa.PrimaryKeyConstraint("template_id", "service_id", name=op.f("pk_form_service")),
    )
    op.create_index("ix_form_service_service_id", "form_service", ["service_id"])

    op.create_table(
        "form_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("withdrawn_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("read_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_form_request_appointment_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_form_request_patient_id")),
        sa.ForeignKeyConstraint(["template_id"], ["form_template.id"], name=op.f("fk_form_request_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_request")),
        sa.UniqueConstraint("appointment_id", "template_id", name=op.f("uq_form_request_appointment_id_template_id")),
    )
    op.create_index("ix_form_request_patient_id", "form_request", ["patient_id"])

    op.create_table(
        "form_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("began_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("began_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("changed_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("completed_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("valid_until_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_form_document_appointment_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_form_document_patient_id")),
        sa.ForeignKeyConstraint(["request_id"], ["form_request.id"], name=op.f("fk_form_document_request_id")),
        sa.ForeignKeyConstraint(["template_id"], ["form_template.id"], name=op.f("fk_form_document_template_id")),
        sa.ForeignKeyConstraint(["version_id"], ["form_version.id"], name=op.f("fk_form_document_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_document")),
    )
    op.create_index("ix_form_document_patient_id", "form_document", ["patient_id", "template_id", "state"])
    op.create_index("ix_form_document_request_id", "form_document", ["request_id"])

    _guard()
    _guard_state()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER form_document_state" + ("" if is_sqlite else " ON form_document"))
    for table, _, _ in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
        else:
            op.execute(f"DROP TRIGGER {table}_no_update ON {table}")
            op.execute(f"DROP TRIGGER {table}_no_delete ON {table}")
    for table in ("form_document", "form_request", "form_service", "form_version", "form_template", "document_seal"):
        op.drop_table(table)


def _guard() -> None:
    """Triggers that refuse to change, or delete, what is published, completed or sealed."""
    for table, columns, rows in GUARDS:
        named = ", ".join(f'"{one}"' for one in columns)
        if op.get_bind().dialect.name == "sqlite":
            refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {named} ON {table} WHEN {rows} {refuse}")
            op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {rows} {refuse}")
        else:
            act = f"FOR EACH ROW WHEN ({rows}) EXECUTE FUNCTION refuse_change()"
            op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {named} ON {table} {act}")
            op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {act}")


def _guard_state() -> None:
    """What is completed becomes void at most, and what is void stays so."""
    when = "OLD.state <> 'draft' AND NOT (OLD.state = 'completed' AND NEW.state = 'void')"
    begin = "CREATE TRIGGER form_document_state BEFORE UPDATE OF state ON form_document"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{begin} WHEN {when} BEGIN SELECT RAISE(ABORT, 'form_document is append-only'); END")
    else:
        op.execute(f"{begin} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()")

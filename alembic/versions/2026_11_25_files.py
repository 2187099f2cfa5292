"""Files: what patients attach to answers, and the clinic's own pictures."""

import sqlalchemy as sa
import sqlmodel

import clinic_portal.core.db
from alembic import op

revision = "files"
down_revision = "forms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "form_file",
        sa.Column("id", text(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("link_id", text(), nullable=False),
        sa.Column("media_type", text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("removed_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["form_document.id"], name=op.f("fk_form_file_document_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_form_file_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_file")),
    )
    op.create_index("ix_form_file_document_id", "form_file", ["document_id"])
    op.create_index("ix_form_file_patient_id", "form_file", ["patient_id"])
    op.create_table(
        "picture",
        sa.Column("id", text(), nullable=False),
        sa.Column("media_type", text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", text(), nullable=False),
        sa.Column("created_at", clinic_portal.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("sha256", name=op.f("uq_picture_sha256")),
    )


def downgrade() -> None:
    op.drop_table("picture")
    op.drop_table("form_file")

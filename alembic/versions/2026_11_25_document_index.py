"""What a patient's documents hold until is read from the index: a row lies behind its sealed answers."""

from alembic import op

revision = "document_index"
down_revision = "files"
branch_labels = None
depends_on = None

NAME, TABLE = "ix_form_document_patient_id", "form_document"


def upgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["patient_id", "template_id", "state", "valid_until_at"])


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["patient_id", "template_id", "state"])

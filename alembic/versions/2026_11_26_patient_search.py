"""Patients are found quickly: the three-letter parts of names, e-mails and phones; dates of birth."""

import sqlalchemy as sa

from alembic import op

revision = "search"
down_revision = "day"
branch_labels = None
depends_on = None

_NEW = "NEW.id, NEW.search_key, NEW.email_key, NEW.phone"
_OLD = "'delete', OLD.id, OLD.search_key, OLD.email_key, OLD.phone"
_PUT = f"INSERT INTO patient_trigrams (rowid, search_key, email_key, phone) VALUES ({_NEW});"
_TAKE = f"INSERT INTO patient_trigrams (patient_trigrams, rowid, search_key, email_key, phone) VALUES ({_OLD});"
_SQLITE = (
    "CREATE VIRTUAL TABLE patient_trigrams USING fts5 (search_key, email_key, phone, content='patient', "
    "content_rowid='id', tokenize='trigram case_sensitive 1')",
    "INSERT INTO patient_trigrams (patient_trigrams) VALUES ('rebuild')",
    f"CREATE TRIGGER patient_trigrams_insert AFTER INSERT ON patient BEGIN {_PUT} END",
    f"CREATE TRIGGER patient_trigrams_delete AFTER DELETE ON patient BEGIN {_TAKE} END",
    "CREATE TRIGGER patient_trigrams_update AFTER UPDATE OF search_key, email_key, phone ON patient "
    f"BEGIN {_TAKE} {_PUT} END",
)
_POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_patient_trigrams ON patient USING gin "
    "(search_key gin_trgm_ops, email_key gin_trgm_ops, phone gin_trgm_ops)",
)


def upgrade() -> None:
    op.create_index(op.f("ix_patient_birth_on"), "patient", ["birth_on"])
    op.execute("UPDATE patient SET search_key = trim(replace(search_key, '  ', ' '))")
    op.execute("UPDATE patient SET search_key = replace(' ' || search_key, ' ', '  ') || ' '")
    bind = op.get_bind()
    try:
        with bind.begin_nested():
            for statement in _SQLITE if bind.dialect.name == "sqlite" else _POSTGRES:
                bind.execute(sa.text(statement))
    except sa.exc.DBAPIError:  # an SQLite without trigrams, a role that may not make the extension: `doctor` says so
        pass


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER IF EXISTS patient_trigrams_{name}")
        op.execute("DROP TABLE IF EXISTS patient_trigrams")
    else:
        op.execute("DROP INDEX IF EXISTS ix_patient_trigrams")
    op.execute("UPDATE patient SET search_key = trim(replace(search_key, '  ', ' '))")
    op.drop_index(op.f("ix_patient_birth_on"), "patient")

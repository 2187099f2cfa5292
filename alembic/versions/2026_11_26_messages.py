"""Messages: what became of each, replies, who is not reached any more, reminders, the clinic's own words."""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from clinic_portal.core.db import BigId, UtcDateTime

revision = "messages"
down_revision = "cashier"
branch_labels = None
depends_on = None

_WHEN = UtcDateTime(timezone=True)
_MESSAGE = (
    ("about_at", _WHEN),
    ("stands_in_for_id", BigId),
    ("letter", sa.Text()),
    ("first_tried_at", _WHEN),
    ("sending_at", _WHEN),
    ("delivered_at", _WHEN),
    ("opened_at", _WHEN),
    ("failed_at", _WHEN),
    ("attended_at", _WHEN),
    ("attended_by", sqlmodel.sql.sqltypes.AutoString()),
)
_CLINIC = (
    ("brand_colour", sqlmodel.sql.sqltypes.AutoString(), "#9c4a31"),
    ("email_names_services", sa.Boolean(), sa.false()),
    ("email_carries_instructions", sa.Boolean(), sa.true()),
    ("quiet_from_minutes", sa.Integer(), "1260"),
    ("quiet_until_minutes", sa.Integer(), "480"),
)


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    with op.batch_alter_table("message") as batch:
        for name, kind in _MESSAGE:
            batch.add_column(sa.Column(name, kind, nullable=True))
        batch.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("unknown_outcomes", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("due_at", _WHEN, nullable=True))
        batch.create_foreign_key(batch.f("fk_message_stands_in_for_id"), "message", ["stands_in_for_id"], ["id"])
        batch.create_index("ix_message_stands_in_for_id", ["stands_in_for_id"])
        batch.create_index("ix_message_sender_id", ["sender_id"])
        batch.create_index("ix_message_state", ["state", "id"])
        batch.create_index("ix_message_kind", ["kind", "subject_id"])
        batch.create_index("ix_message_of_kind", ["kind", "id"])
        batch.create_index("ix_message_created_at", ["created_at"])
    op.execute("UPDATE message SET due_at = created_at")
    op.execute("UPDATE message SET failed_at = created_at WHERE state = 'failed'")
    with op.batch_alter_table("message") as batch:
        batch.alter_column("due_at", nullable=False)
    asking = sa.text("state = 'failed' AND attended_at IS NULL")
    op.create_index(
        "ix_message_asking",
        "message",
        ["state", "attended_at", "id", "kind"],
        sqlite_where=asking,
        postgresql_where=asking,
    )
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_index("ix_outbox_state_run_at")
        batch.create_index("ix_outbox_state_priority", ["state", "priority", "run_at"])
    _by_channel()
    for name, kind, usual in _CLINIC:
        op.add_column("clinic", sa.Column(name, kind, nullable=False, server_default=usual))
    op.add_column("patient", sa.Column("time_zone", text(), nullable=True))
    op.add_column("patient", sa.Column("feed_read_at", _WHEN, nullable=True))
    op.add_column("booking_draft", sa.Column("time_zone", text(), nullable=True))
    op.add_column("appointment", sa.Column("moved_at", _WHEN, nullable=True))
    op.add_column("appointment", sa.Column("remind_at", _WHEN, nullable=True))
    op.create_table(
        "unreachable",
        sa.Column("id", BigId, nullable=False),
        sa.Column("channel", text(), nullable=False),
        sa.Column("address", text(), nullable=False),
        sa.Column("reason", text(), nullable=False),
        sa.Column("since_at", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreachable")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_unreachable_channel_address")),
    )
    op.create_table(
        "reply",
        sa.Column("id", BigId, nullable=False),
        sa.Column("sender_id", text(), nullable=False),
        sa.Column("from_address", text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("keyword", text(), nullable=True),
        sa.Column("media", sa.Integer(), nullable=False),
        sa.Column("received_at", _WHEN, nullable=False),
        sa.Column("attended_at", _WHEN, nullable=True),
        sa.Column("attended_by", text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("sender_id", name=op.f("uq_reply_sender_id")),
    )
    op.create_index("ix_reply_from_address", "reply", ["from_address"])
    op.create_index("ix_reply_attended_at", "reply", ["attended_at"])
    op.create_table(
        "provider_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("nonce", text(), nullable=False),
        sa.Column("digest", text(), nullable=False),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("read_at", _WHEN, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_provider_feed_made_by")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_provider_feed_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_feed")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_provider_feed_provider_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_provider_feed_digest")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", text(), nullable=False),
        sa.Column("channel", text(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("added_at", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("about", "channel", "lead_minutes", name=op.f("uq_reminder_about_channel_lead_minutes")),
    )
    op.create_table(
        "message_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("channel", text(), nullable=False),
        sa.Column("subject", text(), nullable=False),
        sa.Column("heading", text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", _WHEN, nullable=False),
        sa.Column("changed_by", text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_text")),
        sa.UniqueConstraint("name", "channel", name=op.f("uq_message_text_name_channel")),
    )
    op.create_table(
        "trial_text",
        sa.Column("id", BigId, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("channel", text(), nullable=False),
        sa.Column("subject", text(), nullable=False),
        sa.Column("heading", text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_trial_text_staff_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_trial_text_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_text")),
    )
    op.create_index("ix_trial_text_staff_id", "trial_text", ["staff_id"])


def _by_channel() -> None:
    """What waits to be sent waits by channel from now on."""
    outbox = sa.table("outbox", sa.column("id"), sa.column("kind"), sa.column("payload", sa.JSON()), sa.column("state"))
    message = sa.table("message", sa.column("id"), sa.column("channel"))
    waiting = sa.select(outbox).where(outbox.c.kind == "message.deliver", outbox.c.state.in_(("ready", "leased")))
    for row in op.get_bind().execute(waiting).all():
        of = sa.select(message.c.channel).where(message.c.id == row.payload["message_id"])
        channel = op.get_bind().execute(of).scalar() or "email"
        op.execute(outbox.update().where(outbox.c.id == row.id).values(kind=f"message.{channel}"))


def downgrade() -> None:
    op.execute("UPDATE outbox SET kind = 'message.deliver' WHERE kind IN ('message.email', 'message.sms')")
    for name in ("provider_feed", "trial_text", "message_text", "reminder", "reply", "unreachable"):
        op.drop_table(name)
    op.drop_column("appointment", "moved_at")
    op.drop_column("patient", "feed_read_at")
    op.drop_column("patient", "time_zone")
    for name, _, _ in _CLINIC:
        op.drop_column("clinic", name)
    with op.batch_alter_table("outbox") as batch:
        batch.drop_index("ix_outbox_state_priority")
        batch.drop_column("priority")
        batch.create_index("ix_outbox_state_run_at", ["state", "run_at"])
    op.drop_index("ix_message_asking", "message")
    with op.batch_alter_table("message") as batch:
        for name in ("created_at", "of_kind", "kind", "state", "sender_id", "stands_in_for_id"):
            batch.drop_index(f"ix_message_{name}")
        batch.drop_constraint(batch.f("fk_message_stands_in_for_id"), type_="foreignkey")
        for name in ("due_at", "unknown_outcomes", "attempts", *(name for name, _ in _MESSAGE)):
            batch.drop_column(name)

"""Tables of messages."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime

_ASKING = text("state = 'failed' AND attended_at IS NULL")


class Message(SQLModel, table=True):
    """The delivery ledger: one message to one person by one channel, and what became of it (B6).

    It is written anew from `kind` and the ids each time it is tried, unless nobody knows whether the last try arrived:
    then the same text goes out again, once, under the same `message_id`. `letter` is that text, sealed; of what holds
    no secret the subject and the words stay readable for staff. `sending_at` is set while a sender has it.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_state", "state", "id"),
        Index("ix_message_kind", "kind", "subject_id"),
        Index("ix_message_of_kind", "kind", "id"),
        Index(
            "ix_message_asking", "state", "attended_at", "id", "kind", sqlite_where=_ASKING, postgresql_where=_ASKING
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    dedupe_key: str = Field(unique=True)
    kind: str  # appointment_booked, phone_code, …
    channel: str  # email | sms
    to_address: str
    message_id: str = Field(unique=True)
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", index=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    subject_id: int | None = None  # the row the text is about, where it is not an appointment
    about_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the start of the visit it reminds of
    stands_in_for_id: int | None = Field(  # the message of the other channel that did not arrive
        default=None, sa_column=Column(BigId, ForeignKey("message.id"), nullable=True, index=True)
    )
    state: str = "queued"  # queued | sent | delivered | failed | dropped
    attempts: int = 0
    unknown_outcomes: int = 0
    letter: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    sender_id: str | None = Field(default=None, index=True)  # the sender's own id
    last_error: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    due_at: datetime = Field(sa_type=UtcDateTime)
    first_tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sending_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # where known: its link was followed
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # staff have seen to its failure
    attended_by: str | None = None


class Unreachable(SQLModel, table=True):
    """An address to which nothing is sent by this channel any more, and why (P14).

    `stop`: its owner replied STOP, honoured at once; `bounced` and `invalid`: what is sent there comes back.
    """

    __tablename__ = "unreachable"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    channel: str
    address: str  # E.164, or an e-mail address folded for comparing
    reason: str  # stop | bounced | invalid
    since_at: datetime = Field(sa_type=UtcDateTime)


class Reply(SQLModel, table=True):
    """A text message that came in. The words are sealed: people write about their health."""

    __tablename__ = "reply"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    sender_id: str = Field(unique=True)  # the SMS service's own id: told twice, kept once
    from_address: str = Field(index=True)  # E.164
    body: str = Field(sa_column=Column(Text, nullable=False))
    keyword: str | None = None  # stop | start | help, where it is nothing but that
    media: int = 0  # pictures that came with it; they stay with the SMS service
    received_at: datetime = Field(sa_type=UtcDateTime)
    attended_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    attended_by: str | None = None


class Reminder(SQLModel, table=True):
    """When the clinic reminds, of what and how: so long before a visit's start (P14)."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("about", "channel", "lead_minutes"),)

    id: int | None = Field(default=None, primary_key=True)
    about: str  # visit | forms: the visit itself, or forms that are still to be filled in
    channel: str
    lead_minutes: int
    added_at: datetime = Field(sa_type=UtcDateTime)  # what was due before that is not made up for


class MessageText(SQLModel, table=True):
    """The clinic's own words for one message by one channel (P13); without a row our words hold."""

    __tablename__ = "message_text"
    __table_args__ = (UniqueConstraint("name", "channel"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str  # of the text: appointment_booked, account_link.activate, …
    channel: str
    subject: str = ""
    heading: str = ""
    body: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str


class TrialText(SQLModel, table=True):
    """Words a member of staff sends themselves to look at, before they hold for anybody (P13)."""

    __tablename__ = "trial_text"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    staff_id: int = Field(foreign_key="staff.id", index=True)
    name: str
    channel: str
    subject: str = ""
    heading: str = ""
    body: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: int | None = Field(default=None, foreign_key="patient.id")  # whose data fill it in
    made_at: datetime = Field(sa_type=UtcDateTime)


class ProviderFeed(SQLModel, table=True):
    """The private address under which a provider's calendar is followed; it follows from the nonce and our key."""

    __tablename__ = "provider_feed"

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", unique=True)
    nonce: str
    digest: str = Field(unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: int = Field(foreign_key="staff.id")  # it works for as long as they may handle it
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when a calendar last looked, by the hour


class SandboxMessage(SQLModel, table=True):
    """What the sandbox senders "sent", to be read at /demo. Empty outside demo mode."""

    __tablename__ = "sandbox_message"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    message_id: str = Field(unique=True)
    channel: str
    to_address: str
    subject: str = ""
    text: str = Field(sa_column=Column(Text, nullable=False))
    html: str = Field(default="", sa_column=Column(Text, nullable=False))
    attachment_name: str = ""
    attachment: str = Field(default="", sa_column=Column(Text, nullable=False))
    sent_at: datetime = Field(sa_type=UtcDateTime)


class ActivationRun(SQLModel, table=True):
    """ "Activate now": the Welcome Email to everyone who never logged in, in portions, in the background (S15)."""

    __tablename__ = "activation_run"

    id: int | None = Field(default=None, primary_key=True)
    started_by: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    total: int
    done: int = 0
    last_patient_id: int = 0
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

"""Tables of messages."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime


class Message(SQLModel, table=True):
    """The delivery ledger: one message to one person by one channel, and what became of it (B6).

    The text is not kept: it is rendered from `kind` and the ids when it is sent. `message_id` stays
    the same when a send is repeated.
    """

    __tablename__ = "message"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    dedupe_key: str = Field(unique=True)
    kind: str  # appointment_booked, phone_code, …
    channel: str  # email | sms
    to_address: str
    message_id: str = Field(unique=True)
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", index=True)
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    subject_id: int | None = None  # the row the text is about, where it is not an appointment
    state: str = "queued"  # queued | sent | failed | dropped
    sender_id: str | None = None  # the sender's own id
    last_error: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


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

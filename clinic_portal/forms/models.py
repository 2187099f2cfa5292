"""Tables of forms: what staff wrote, what is asked of whom, what was answered and signed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime


class FormTemplate(SQLModel, table=True):
    """A form of the clinic: what it is called and how long it holds. Its content is in versions."""

    __tablename__ = "form_template"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    kind: str  # questionnaire | consent | before | after
    name: str  # what staff call it
    is_per_visit: bool = False  # asked for each visit anew (P11)
    valid_days: int | None = None  # holds so many days; None: for good
    delay_minutes: int = 0  # after the visit's end, for the e-mail of kind `after` (P12)
    is_active: bool = True
    position: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)


class FormVersion(SQLModel, table=True):
    """A version of a form's content. A published one never changes (the database refuses); a draft has no version yet.

    `counts_from`: answers to that version and later ones hold still; a version that asks anew counts from itself.
    """

    __tablename__ = "form_version"
    __table_args__ = (
        UniqueConstraint("template_id", "version"),
        CheckConstraint("(version = 0) = (published_at IS NULL)", name="draft_or_published"),
    )

    id: int | None = Field(default=None, primary_key=True)
    template_id: int = Field(foreign_key="form_template.id", index=True)
    version: int  # 0: the draft, of which there is one at most
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # see `definition`
    digest: str  # of the content's one spelling
    counts_from: int = 0
    revision: int = 0  # of a draft: rises with each save, so that two editors notice each other
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FormService(SQLModel, table=True):
    """A form belongs to a service (S39)."""

    __tablename__ = "form_service"

    template_id: int = Field(foreign_key="form_template.id", primary_key=True)
    service_id: int = Field(foreign_key="service.id", primary_key=True, index=True)


class FormRequest(SQLModel, table=True):
    """A form is asked of a patient: for a visit, from the moment it is booked (S41), or by staff, for none or for one.

    Whether it is still to be done is decided when it is looked at: by what was completed, its validity, and the visit.
    """

    __tablename__ = "form_request"
    __table_args__ = (UniqueConstraint("appointment_id", "template_id"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    patient_id: int = Field(foreign_key="patient.id", index=True)
    template_id: int = Field(foreign_key="form_template.id")
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_by: str  # booking, patient, staff:2
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # instructions: first opened in the portal
    mailed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # instructions: the e-mail was asked for


class FormDocument(SQLModel, table=True):
    """A form being filled in, or completed: then it never changes again (the database refuses), but may be voided.

    `body` is sealed: answers, initials, signatures. `state`: draft, completed, void.
    """

    __tablename__ = "form_document"
    __table_args__ = (Index("ix_form_document_patient_id", "patient_id", "template_id", "state", "valid_until_at"),)

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    patient_id: int = Field(foreign_key="patient.id")
    template_id: int = Field(foreign_key="form_template.id")
    version_id: int = Field(foreign_key="form_version.id")
    request_id: int = Field(foreign_key="form_request.id", index=True)
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")
    state: str = "draft"
    revision: int = 0  # rises with each answer
    body: str = Field(sa_column=Column(Text, nullable=False))
    began_at: datetime = Field(sa_type=UtcDateTime)
    began_by: str
    changed_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_by: str | None = None
    valid_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # None: for good, or for its visit


class DocumentSeal(SQLModel, table=True):
    """A link of the chain over all documents: completed, countersigned or voided. Append-only (B5).

    `body` is sealed evidence; `evidence` its plain digest; `mark` is keyed, and covers the link before.
    """

    __tablename__ = "document_seal"

    sequence: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
    document_id: int = Field(sa_column=Column(BigId, nullable=False, index=True))
    deed: str  # completed | countersigned | voided
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    evidence: str
    mark: str

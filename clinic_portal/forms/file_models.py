"""Tables of files: what patients attach to answers, and the clinic's own pictures. The bytes lie in the vault."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import UtcDateTime


class FormFile(SQLModel, table=True):
    """A photo or a PDF that belongs to an answer. Its id is random, and names its file in the vault.

    `sha256` is of what a reader gets: what was signed can name it.
    """

    __tablename__ = "form_file"

    id: str = Field(primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    document_id: int = Field(sa_column=Column(BigInteger, ForeignKey("form_document.id"), nullable=False, index=True))
    link_id: str
    media_type: str
    size_bytes: int
    sha256: str
    width: int | None = None  # None: no image
    height: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str  # patient:7, staff:2
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Picture(SQLModel, table=True):
    """A picture of the clinic's own, for its instructions; anyone who has its address may see it."""

    __tablename__ = "picture"

    id: str = Field(primary_key=True)
    media_type: str
    size_bytes: int
    sha256: str = Field(unique=True)
    width: int
    height: int
    alt: str  # what it shows, for those who do not see it
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str

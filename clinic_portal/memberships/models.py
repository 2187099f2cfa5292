"""Tables of memberships."""

from datetime import datetime

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime

_LIVE = text("ended_at IS NULL")


class Membership(SQLModel, table=True):
    """A patient enrolled by staff; at most one that has not ended."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("uq_membership_live", "patient_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    patient_id: int = Field(foreign_key="patient.id")
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

"""Tables of hours and of what is occupied."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, SmallInteger
from sqlmodel import Field, SQLModel

from clinic_portal.core.db import BigId, UtcDateTime

PROVIDER, UNIT = 1, 2
"""Kinds of subject that can be occupied: a provider; a room or device."""


class WeeklyShift(SQLModel, table=True):
    """Working hours of a provider at a location on a weekday (0 = Monday), as wall time: minutes after midnight."""

    __tablename__ = "weekly_shift"
    __table_args__ = (
        CheckConstraint("0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440", name="within_day"),
        CheckConstraint("0 <= weekday AND weekday <= 6", name="weekday"),
    )

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", index=True)
    location_id: int = Field(foreign_key="location.id", index=True)
    weekday: int
    start_minute: int
    end_minute: int


class WeeklyBreak(SQLModel, table=True):
    """A break inside a weekly shift, wall time."""

    __tablename__ = "weekly_break"

    id: int | None = Field(default=None, primary_key=True)
    shift_id: int = Field(foreign_key="weekly_shift.id", index=True)
    start_minute: int
    end_minute: int
    name: str = "Break"


class DateHours(SQLModel, table=True):
    """Hours of a provider at a location on one date, in place of the weekly ones; without times, not working (P3)."""

    __tablename__ = "date_hours"

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", index=True)
    location_id: int = Field(foreign_key="location.id")
    on: date = Field(index=True)
    start_minute: int | None = None
    end_minute: int | None = None


class TimeOff(SQLModel, table=True):
    """A provider is away, wherever they would work: off, or on a break of that one day."""

    __tablename__ = "time_off"

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", index=True)
    start_at: datetime = Field(sa_type=UtcDateTime)
    end_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    kind: str = "time_off"  # time_off | break


class Occupancy(SQLModel, table=True):
    """A stretch of time in which a provider, room or device serves one appointment, its buffers included.

    A hold blocks until `hold_expires_at`; without it the row blocks for good. `is_blocking` falls when the appointment
    is cancelled or a hold ends. Minutes are whole minutes since 1970-01-01T00:00Z, half-open: integers make the
    overlap guard one comparison on every database and listing fast. Two blocking rows of one subject never overlap:
    SQLite's trigger and PostgreSQL's exclusion constraint (both made by the migration) refuse the second (B1).
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("start_minute < end_minute", name="forward"),
        Index("ix_occupancy_subject", "subject_kind", "subject_id", "is_blocking", "start_minute", "end_minute"),
        Index("ix_occupancy_start_minute", "start_minute"),
        Index("ix_occupancy_newest", "subject_kind", "subject_id", "appointment_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    appointment_id: int = Field(foreign_key="appointment.id", index=True)
    subject_kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    subject_id: int
    start_minute: int = Field(sa_column=Column(BigInteger, nullable=False))
    end_minute: int = Field(sa_column=Column(BigInteger, nullable=False))
    is_blocking: bool = Field(default=True, sa_column=Column(Boolean, nullable=False))
    hold_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ScheduleChange(SQLModel, table=True):
    """A stretch of a location's time that became occupied or free: what open pages listen to (B3). Kept an hour."""

    __tablename__ = "schedule_change"

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True))
    at: datetime = Field(sa_type=UtcDateTime)
    location_id: int
    start_minute: int = Field(sa_column=Column(BigInteger, nullable=False))
    end_minute: int = Field(sa_column=Column(BigInteger, nullable=False))

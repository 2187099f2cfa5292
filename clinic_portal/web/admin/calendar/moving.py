"""A visit that is to lie elsewhere: what is wanted, whether it fits, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import desk
from clinic_portal.booking.board import Board, BoardVisit
from clinic_portal.core import wording
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import UnitOfWork
from clinic_portal.scheduling.availability import epoch_minute, instant


@dataclass(frozen=True, slots=True)
class Moving:
    """A visit as it is to be; `start` is an epoch minute, `sequence` the state that was seen."""

    appointment_id: int
    sequence: int
    start: int
    provider_id: int
    minutes: int
    tells_patient: bool = True


class Fits(DomainError):
    """It would fit: raised so that nothing of the trial stays."""

    def __init__(self) -> None:
        super().__init__("fits")


def as_it_is(visit: BoardVisit) -> Moving:
    """Where it lies now."""
    minutes = int((visit.end_at - visit.start_at).total_seconds() // 60)
    return Moving(visit.appointment_id, visit.sequence, epoch_minute(visit.start_at), visit.provider_id, minutes)


def move(work: UnitOfWork, actor: StaffActor, wanted: Moving, override: desk.Override | None = None) -> None:
    """Do it. Raises like `desk.move`."""
    desk.move(
        work,
        actor,
        wanted.appointment_id,
        start=wanted.start,
        provider_id=wanted.provider_id,
        minutes=wanted.minutes,
        seen_sequence=wanted.sequence,
        override=override,
        tells_patient=wanted.tells_patient,
    )


def try_out(work: UnitOfWork, actor: StaffActor, wanted: Moving) -> NoReturn:
    """See whether it would be done, and leave all as it was. Raises Fits, or what `desk.move` raises."""
    move(work, actor, wanted)
    raise Fits()


def told(board: Board, before: BoardVisit, wanted: Moving, language: str) -> str:
    """What was done, for those who did it: `Moved to 10:30 with Lena; Amara is told.`"""
    zone = board.time_zone
    start_at, was = instant(wanted.start), as_it_is(before)
    whom = before.patient_name.partition(" ")[0] or "The patient"
    if (wanted.start, wanted.provider_id) == (was.start, was.provider_id):
        end_at = instant(wanted.start + wanted.minutes)
        return f"{before.patient_name or 'The visit'} now takes until {wording.time(end_at, zone, language)}."
    day = "" if _same_day(start_at, before.start_at, zone) else f"{_day(start_at, zone, language)}, "
    who = next((one.name for one in board.providers if one.id == wanted.provider_id), "")
    news = f"{whom} is told" if wanted.tells_patient else f"{whom} is not told"
    return f"Moved to {day}{wording.time(start_at, zone, language)}{f' with {who}' if who else ''}; {news}."


def _same_day(one: datetime, other: datetime, zone: str) -> bool:
    return wording.local(one, zone).date() == wording.local(other, zone).date()


def _day(at: datetime, zone: str, language: str) -> str:
    return wording.day(at, zone, language, length="short")

"""A day of one provider in Chicago as the staff's pages read it, made of values."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

from clinic_portal.booking.board import Board, BoardBlock, BoardProvider, BoardVisit
from clinic_portal.clinic.types import UnitInfo

ON = date(2026, 12, 3)


def at(hour: int, minute: int = 0) -> datetime:
    """A wall time in Chicago, which is six hours behind UTC in December."""
    return datetime(2026, 12, 3 + (hour + 6) // 24, (hour + 6) % 24, minute, tzinfo=UTC)


def visit(start: datetime, end: datetime, status: str = "booked", number: int = 1) -> BoardVisit:
    """Amara's."""
    return BoardVisit(
        appointment_id=number,
        reference=f"LMN-{number}",
        sequence=0,
        status=status,
        provider_id=7,
        patient_id=42,
        patient_name="Amara Reed",
        service_names=("Botox",),
        start_at=start,
        end_at=end,
        unit_ids=(3,),
        total_minor=24000,
        currency="USD",
        forms_missing=0,
        is_unpaid=False,
        is_untold=False,
        is_first=False,
        is_override=False,
        has_alert=False,
    )


def blocks(*works: tuple[int, int]) -> tuple[BoardBlock, ...]:
    """What is left of the day by these hours of work, and the breaks between them."""
    off = [BoardBlock("off", 7, at(0), at(works[0][0])), BoardBlock("off", 7, at(works[-1][1]), at(24))]
    between = itertools.pairwise(works)
    return (*off, *(BoardBlock("break", 7, at(one[1]), at(other[0])) for one, other in between))


def board_of(*visits: BoardVisit) -> Board:
    """Maya works from nine to five, with a break at noon."""
    return Board(
        location_id=1,
        time_zone="America/Chicago",
        first_on=ON,
        days=1,
        providers=(BoardProvider(7, "Maya", "", True),),
        units=(UnitInfo(3, 1, 1, "Room 1"),),
        visits=visits,
        blocks=blocks((9, 12), (13, 17)),
    )

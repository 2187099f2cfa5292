"""What staff read on the visits of a day, on Today and in the calendar alike. Patients never see these words."""

from __future__ import annotations

from datetime import datetime

from clinic_portal.booking import day_rules
from clinic_portal.booking.board import BoardVisit

STATUS = {"arrived": ("◐", "arrived"), "fulfilled": ("✓", "done"), "noshow": ("✕", "missed")}
"""How a visit stands: a sign, and its word beside it."""
BLOCKS = {"off": "Not working", "break": "Break", "time_off": "Time off", "holiday": "Closed"}
"""Time in which nobody can be booked."""
NOBODY = "Booked"
"""A visit of a patient they may not see."""
UNTOLD = "Not told"
"""Nothing that was sent about a visit arrived."""
OVERRIDE = "Beyond the rules"


def forms_missing(count: int) -> str:
    """So many forms are missing; empty for none."""
    return f"{count} form{'' if count == 1 else 's'} missing" if count else ""


def kind(visit: BoardVisit, now: datetime) -> str:
    """How its block looks: blue is to come, green is there or over, grey is missed (S51)."""
    return "off" if visit.status == "noshow" else "past" if day_rules.is_over(visit, now) else "upcoming"

"""What was dropped or typed in the calendar, as the times that are meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from clinic_portal.booking.board import Board, BoardVisit
from clinic_portal.core.errors import Conflict
from clinic_portal.scheduling.availability import epoch_minute, wall_to_minute
from clinic_portal.web import inputs
from clinic_portal.web.admin.calendar.moving import Moving
from clinic_portal.web.admin.calendar.sheet import Look


def visit_of(board: Board, appointment_id: int) -> BoardVisit:
    """A visit of the page. Raises Conflict where it is not there any more."""
    for one in board.visits:
        if one.appointment_id == appointment_id:
            return one
    raise Conflict("visit_moved_on")


def start_of(found: Look, visit: BoardVisit, on: date, minute: int) -> int:
    """The epoch minute of a wall time; where the visit stands there already, its own, in a doubled hour too."""
    at = visit.start_at.astimezone(found.zone)
    if (at.date(), at.hour * 60 + at.minute) == (on, minute):
        return epoch_minute(visit.start_at)
    return wall_to_minute(on, minute, found.zone)


def moving_of(found: Look, visit: BoardVisit, typed: Mapping[str, str], was: Moving) -> tuple[Moving, dict[str, str]]:
    """What the dialog's fields say, and what is wrong with them."""
    errors, start, minutes = {}, was.start, was.minutes
    try:
        at = datetime.fromisoformat(f"{inputs.iso_date(typed['date'])}T{typed['time']}")
        start = start_of(found, visit, at.date(), at.hour * 60 + at.minute)
    except ValueError:
        errors["time"] = "Please choose a time."
    except inputs.BadInput:
        errors["date"] = "Please choose a date."
    if typed["minutes"].strip().isdecimal() and 0 < int(typed["minutes"][:6]) <= 1440:
        minutes = int(typed["minutes"])
    else:
        errors["minutes"] = "Please give the length in minutes."
    return replace(was, start=start, provider_id=inputs.row_id(typed["provider"]), minutes=minutes), errors


def span_of(found: Look, typed: Mapping[str, str]) -> tuple[tuple[datetime, datetime] | None, dict[str, str]]:
    """From when until when, on the location's wall clock; or what is wrong with it."""
    ends, errors = [], {}
    for name in ("start_at", "end_at"):
        try:
            inputs.iso_date(typed[name][:10])
            ends.append(datetime.fromisoformat(typed[name]).replace(tzinfo=found.zone).astimezone(UTC))
        except (ValueError, inputs.BadInput):
            errors[name] = "Please choose a day and a time."
    if not errors and ends[1] <= ends[0]:
        errors["end_at"] = "It must end after it begins."
    return ((ends[0], ends[1]) if not errors else None), errors

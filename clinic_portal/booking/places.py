"""The places whose day staff look at: the open ones, and those retired at which visits still stand."""

from datetime import timedelta

from sqlalchemy import and_, select

from clinic_portal.booking import models
from clinic_portal.booking.types import STANDING
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import LocationInfo
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading

_APPOINTMENT = table(models.Appointment)
_A_DAY = timedelta(days=1)


def places(read: Reading) -> dict[int, LocationInfo]:
    """The clinic's open locations by id, in order, and behind them the closed ones with visits that are not over."""
    clinic = catalogue(read)
    if not clinic.closed_locations:
        return clinic.locations
    stands = and_(
        _APPOINTMENT.c.location_id.in_(clinic.closed_locations),
        _APPOINTMENT.c.start_at > read.now - _A_DAY,  # none lasts longer
        _APPOINTMENT.c.end_at > read.now,
        _APPOINTMENT.c.status.in_(STANDING),
    )
    busy = set(read.execute(select(_APPOINTMENT.c.location_id).where(stands).distinct()).scalars())
    return clinic.locations | {number: one for number, one in clinic.closed_locations.items() if number in busy}

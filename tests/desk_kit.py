"""Staff at the calendar: who they are, and what they book, move and look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import desk, queries, reasons
from clinic_portal.booking.board import Board, BoardVisit, board
from clinic_portal.booking.types import Visit
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Services
from clinic_portal.patients.actions import profile_for_booking
from clinic_portal.patients.types import Contact
from tests import factories
from tests.factories import SmallClinic, minute

THURSDAY, FRIDAY = date(2026, 12, 3), date(2026, 12, 4)
"""The fixed clock stands at nine in the morning of Monday, November 23."""


def front_desk(services: Services) -> StaffActor:
    """Someone at the front desk."""
    actor: StaffActor = factories.staff(services, "front_desk").actor
    return actor


def provider(services: Services, provider_id: int, **may: bool) -> StaffActor:
    """A provider who signed in, whose calendar is this one; `may`: what the owner set."""
    return replace(factories.staff(services, "provider").actor, provider_id=provider_id, **may)


def patient(services: Services, name: str = "Amara", family_name: str = "Reed", phone: str = "+15125550142") -> int:
    """Somebody the clinic knows; the id of their profile."""
    contact = Contact(name, family_name, f"{name.lower()}@example.org", phone)
    return services.do(profile_for_booking, contact, language="en")


def books(
    made: SmallClinic,
    patient_id: int,
    at: str,
    *wanted: str,
    on: date = THURSDAY,
    who: str | None = "lena",
    reason: str | None = None,
    actor: StaffActor | None = None,
    start: int | None = None,
) -> Visit:
    """The front desk books a visit at a wall time in Chicago; `reason` overrides the rules."""
    done = made.services.do(
        desk.book,
        actor or front_desk(made.services),
        patient_id=patient_id,
        location_id=made["downtown"],
        provider_id=made[who] if who else None,
        service_ids=[made[one] for one in wanted or ("facial",)],
        start=minute(on, at) if start is None else start,
        override=desk.Override(reason) if reason is not None else None,
    )
    return now_of(made.services, done.appointment_id)


def moves(
    made: SmallClinic,
    visit: Visit,
    at: str,
    *,
    on: date = THURSDAY,
    who: str | None = None,
    reason: str | None = None,
    actor: StaffActor | None = None,
    seen_sequence: int | None = None,
    **more: Any,
) -> Visit:
    """The front desk moves a visit; to the same provider, unless told."""
    made.services.do(
        desk.move,
        actor or front_desk(made.services),
        visit.appointment_id,
        start=minute(on, at),
        provider_id=made[who] if who else visit.provider_id,
        seen_sequence=visit.sequence if seen_sequence is None else seen_sequence,
        override=desk.Override(reason) if reason is not None else None,
        **more,
    )
    return now_of(made.services, visit.appointment_id)


def now_of(services: Services, appointment_id: int) -> Visit:
    """The visit as it stands."""
    return services.ask(queries.visit, appointment_id)


def whys(made: SmallClinic, visit: Visit) -> list[tuple[str, str]]:
    """The reasons kept about a visit, the newest first: (kind, words)."""
    found = made.services.do(reasons.of_visit, front_desk(made.services), visit.appointment_id)
    return [(one.kind, one.body) for one in found]


def looks(made: SmallClinic, on: date = THURSDAY, *, actor: StaffActor | None = None, **more: Any) -> Board:
    """What the calendar shows of the clinic's place."""
    return made.services.ask(board, actor or front_desk(made.services), made["downtown"], on, **more)


def on_board(found: Board, visit: Visit) -> BoardVisit:
    """One visit of a calendar."""
    return next(one for one in found.visits if one.appointment_id == visit.appointment_id)


def refusal(verb: Any, *args: Any, **more: Any) -> DomainError:
    """What a verb of this kit is refused with."""
    try:
        verb(*args, **more)
    except DomainError as refused:
        return refused
    raise AssertionError("it was done")


def why(verb: Any, *args: Any, **more: Any) -> tuple[Any, Any]:
    """The rule a booking or move is refused by, and whether it may be overridden."""
    refused = refusal(verb, *args, **more)
    assert refused.code == "desk_refused", refused.code
    return refused.facts["reason"], refused.facts["may_override"]

"""What a clinic that was founded in the first run does next; shown to its owner until all is done or put away."""

from dataclasses import dataclass

from sqlalchemy import select

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.queries import is_anything_booked
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.audit import ENTRY
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms.queries import forms
from clinic_portal.messaging.lead_times import lead_times

FOUNDED, PUT_AWAY = "clinic.founded", "first_steps.put_away"
_CLINIC = "clinic:1"


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Something worth doing in the first days, by name."""

    name: str
    is_done: bool


def steps(read: Reading, actor: StaffActor) -> tuple[FirstStep, ...]:
    """What there is to do, done or not. Nothing for others than owners, once it was put away, or when all is done."""
    if not actor.may(Permission.CHANGE_CLINIC) or not _is_shown(read):
        return ()
    clinic, everyone = catalogue(read), staff.members(read)
    me = next(one for one in everyone if one.id == actor.staff_id)
    done = {
        "visit": is_anything_booked(read),
        "policy": clinic.policy is not None,
        "services": len(clinic.services) > 1,
        "forms": bool(forms(read)),
        "reminders": bool(lead_times(read)),
        "senders": "sandbox" not in (read.settings.email_sender, read.settings.sms_sender),
        "second_factor": me.has_second_factor,
        "team": len(everyone) > 1,
    }
    return () if all(done.values()) else tuple(FirstStep(name, is_done) for name, is_done in done.items())


def put_away(work: UnitOfWork, actor: StaffActor) -> None:
    """Show it no more; the log remembers. Raises NotAllowed."""
    actor.must(Permission.CHANGE_CLINIC)
    if _is_shown(work):
        work.record(actor.tag, PUT_AWAY, _CLINIC)


def _is_shown(read: Reading) -> bool:
    told = select(ENTRY.c.action).where(ENTRY.c.subject == _CLINIC, ENTRY.c.action.in_((FOUNDED, PUT_AWAY)))
    return set(read.execute(told).scalars()) == {FOUNDED}

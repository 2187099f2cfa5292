"""What a patient wants to be written about, and by which clock they live (P14)."""

from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import and_, select, update

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.core import crypto
from clinic_portal.core.db import table
from clinic_portal.core.errors import Invalid, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.patients import models, profile

_PATIENT = table(models.Patient)
_TOLD_TO_HIDE = {"Atlantic/Reykjavik"}  # by browsers that keep their own to themselves, beside UTC
_AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def time_zones() -> tuple[str, ...]:
    """The time zones a patient chooses among, by their IANA names."""
    return tuple(sorted(one for one in available_timezones() if one.split("/")[0] in _AREAS and "/" in one))


def unsubscribe_token(read: Reading, patient_id: int) -> str:
    """What the address holds at which a patient gets no more reminders by e-mail: worked out, never kept."""
    return f"{patient_id}-{crypto.keyed(read.settings.key, 'unsubscribe', str(patient_id))}"


def unsubscribe(work: UnitOfWork, token: str) -> bool:
    """No more reminders by e-mail to whom this token is for, at once; again is harmless. False for a token that is
    none, or whose patient is none."""
    written = token.partition("-")[0]
    if not (written.isascii() and written.isdigit() and len(written) <= 18):
        return False
    if not crypto.same(token, unsubscribe_token(work, int(written))):
        return False
    known = work.execute(
        select(_PATIENT.c.id, _PATIENT.c.merged_into_id, _PATIENT.c.wants_email_reminders).where(
            _PATIENT.c.id == int(written)
        )
    ).first()
    if known is None:
        return False
    ids = {known.id, known.merged_into_id or known.id}
    wanting = and_(_PATIENT.c.id.in_(ids), _PATIENT.c.wants_email_reminders)
    if work.execute(update(_PATIENT).where(wanting).values(wants_email_reminders=False)).rowcount:
        work.record(f"patient:{max(ids)}", "patient.unsubscribed", f"patient:{max(ids)}")
    return True


def change_by_staff(work: UnitOfWork, actor: StaffActor, patient_id: int, *, by_email: bool, by_sms: bool) -> None:
    """How a patient told the desk they want to be reminded. Raises NotAllowed, for no such patient too."""
    actor.must(Permission.HANDLE_MESSAGES)
    known = profile.for_staff(work, actor, patient_id).profile
    profile.change_notifications(
        work,
        actor.tag,
        patient_id,
        wants_email_reminders=by_email,
        wants_sms_reminders=by_sms,
        wants_news=known.wants_news,
    )


def change_time_zone(work: UnitOfWork, actor_tag: str, patient_id: int, zone: str) -> None:
    """The zone by whose clock the patient is written to; blank: that of the place they come to. Raises Invalid."""
    wanted = zone or None
    if wanted is not None and wanted not in time_zones():
        raise Invalid("time_zone", "time_zone_unknown")
    before = work.execute(select(_PATIENT.c.id, _PATIENT.c.time_zone).where(_PATIENT.c.id == patient_id)).first()
    if before is None:
        raise NotAllowed()
    if before.time_zone == wanted:
        return
    work.execute(update(_PATIENT).where(_PATIENT.c.id == patient_id).values(time_zone=wanted))
    work.record(actor_tag, "patient.time_zone_changed", f"patient:{patient_id}", before=before.time_zone, after=wanted)


def note_time_zone(work: UnitOfWork, patient_id: int, zone: str) -> None:
    """Their browser tells its zone: it holds where none is known. One that is none is passed over."""
    if zone in time_zones() and zone not in _TOLD_TO_HIDE:
        unknown = and_(_PATIENT.c.id == patient_id, _PATIENT.c.time_zone.is_(None))
        work.execute(update(_PATIENT).where(unknown).values(time_zone=zone))

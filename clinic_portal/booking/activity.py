"""What was done about a patient and their visits, for those who may read the log (P15)."""

from sqlalchemy import select

from clinic_portal.accounts import staff
from clinic_portal.accounts.log import LogLine
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import models
from clinic_portal.core.audit import ENTRY
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading
from clinic_portal.patients import access
from clinic_portal.patients.queries import names

PAGE = 50
_APPOINTMENT = table(models.Appointment)
_WHO = {"command": "The command line", "booking": "The booking page"}


def of_patient(
    read: Reading, actor: StaffActor, patient_id: int, *, before_id: int = 0, most: int = PAGE
) -> list[LogLine]:
    """The newest lines about a patient and their visits, older than an id where one is given. Raises NotAllowed."""
    actor.must(Permission.SEE_LOG)
    access.must_see(read, actor, patient_id)
    visits = read.execute(select(_APPOINTMENT.c.id).where(_APPOINTMENT.c.patient_id == patient_id)).scalars()
    subjects = [f"patient:{patient_id}", *(f"appointment:{one}" for one in visits)]
    about = select(ENTRY).where(ENTRY.c.subject.in_(subjects), *([ENTRY.c.id < before_id] if before_id else []))
    team = {f"staff:{one.id}": one.name for one in staff.members(read)}
    who = {**_WHO, **team, f"patient:{patient_id}": names(read, [patient_id]).get(patient_id, "")}
    return [
        LogLine(row.id, row.at, row.actor, who.get(row.actor) or _other(row.actor), row.action, row.subject, row.detail)
        for row in read.execute(about.order_by(ENTRY.c.id.desc()).limit(most))
    ]


def _other(actor: str) -> str:
    return {"patient": "Another patient", "account": "The patient"}.get(
        actor.partition(":")[0], actor.replace(":", " ")
    )

"""What was done about a patient and their visits, for those who may read the log (P15)."""

from dataclasses import replace

from clinic_portal.accounts import log
from clinic_portal.accounts.log import LogLine
from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import trail
from clinic_portal.core.work import Reading
from clinic_portal.patients import access
from clinic_portal.patients.queries import names

PAGE = 50
_OTHERS = {"patient": "Another patient", "account": "The patient"}


def of_patient(
    read: Reading, actor: StaffActor, patient_id: int, *, before_id: int = 0, most: int = PAGE
) -> list[LogLine]:
    """The newest lines about a patient and their visits, older than an id where one is given. Raises NotAllowed."""
    access.must_see(read, actor, patient_id)
    subjects = [f"patient:{patient_id}", *trail.visits_of(read, [patient_id])]
    found = log.about(read, actor, subjects, before_id=before_id or None, most=most)
    known = {f"patient:{patient_id}": names(read, [patient_id]).get(patient_id, "")}
    return [replace(one, who=known.get(one.actor) or _who(one)) for one in found]


def _who(one: LogLine) -> str:
    """The same at the beginning of a line, and a patient by no number: whoever else that is, is of no matter here."""
    return _OTHERS.get(one.actor.partition(":")[0]) or one.who[:1].upper() + one.who[1:]

"""A patient's forms as staff see them: what is missing, what was completed, what can be asked for (S49)."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking import paperwork, queries
from clinic_portal.booking.paperwork import Paper
from clinic_portal.booking.types import STANDING, VisitLine
from clinic_portal.core.work import Reading
from clinic_portal.forms import documents, filling
from clinic_portal.forms import queries as forms
from clinic_portal.forms.types import DocumentLine, FormInfo
from clinic_portal.patients.access import must_see


@dataclass(frozen=True, slots=True)
class Folder:
    """What is asked of a patient and what they have given; never what was answered.

    `reasons`: why documents are void, by their ids; empty for those who may not read charts.
    """

    missing: tuple[Paper, ...]  # forms, soonest visit first
    documents: tuple[DocumentLine, ...]  # newest first, void ones too
    reasons: Mapping[int, str]
    can_ask: tuple[FormInfo, ...]
    coming: tuple[VisitLine, ...]  # for which a form can be asked


def folder(read: Reading, actor: StaffActor, patient_id: int) -> Folder:
    """A patient's documents, for those who handle forms. Raises NotAllowed."""
    actor.must(Permission.HANDLE_FORMS)
    must_see(read, actor, patient_id)
    held = documents.of_patient(read, patient_id, with_void=True)
    void = [one.id for one in held if one.state == "void"]
    coming = queries.visits_of(read, patient_id).upcoming
    return Folder(
        missing=tuple(one for one in paperwork.to_do(read, patient_id) if one.is_form),
        documents=tuple(held),
        reasons=documents.void_reasons(read, actor, void) if actor.may(Permission.SEE_CHARTS) else {},
        can_ask=tuple(
            one for one in forms.forms(read).values() if one.is_active and one.version and one.kind in filling.ANSWERED
        ),
        coming=tuple(one for one in coming if one.status in STANDING),
    )

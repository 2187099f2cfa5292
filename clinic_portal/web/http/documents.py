"""Completed documents as PDF files: the patient's own, and for those of the staff who may read charts (B5, S28, S29)."""

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts.roles import Permission
from clinic_portal.bootstrap import services
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import documents, press
from clinic_portal.forms.ports import Sheet
from clinic_portal.web import inputs
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.http.press import printed

MISSING = "We could not find that document"


@access(PATIENT)
async def mine(request: Request) -> Response:
    """A document of the patient's own; 404 for any other."""
    patient_id, number = request.state.admitted.patient.patient_id, _number(request)
    return await printed(
        f"document-{number}",
        lambda: services().ask(lambda read: press.sheet(read, documents.own(read, patient_id, number))),
        missing=MISSING,
        onward=("Forms and instructions", "/portal/forms"),
    )


@access(Permission.SEE_CHARTS)
async def for_staff(request: Request) -> Response:
    """A document as staff who treat read it; that it was read is in the activity log."""
    actor, number = request.state.admitted.staff, _number(request)

    def read(work: UnitOfWork) -> Sheet:
        return press.sheet(work, documents.for_staff(work, actor, number))

    return await printed(
        f"document-{number}", lambda: services().do(read), missing=MISSING, onward=("To the day", "/admin")
    )


def _number(request: Request) -> int:
    return inputs.id_in_address(request.query_params.get("id"))

"""Receipts as PDF files, for their patient and for staff who see payments; and the dispute file, for those (P15)."""

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import receipt_words, receipts
from clinic_portal.bootstrap import services
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms.ports import Sheet
from clinic_portal.messaging import dispute_sheet, disputes
from clinic_portal.web import inputs
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.http.press import printed

MISSING = "We could not find that receipt"


@access(PATIENT)
async def mine(request: Request) -> Response:
    """A receipt of the patient's own; 404 for any other."""
    patient_id, wanted = request.state.admitted.patient.patient_id, _wanted(request)
    return await printed(
        f"receipt-{receipts.number(wanted)}",
        lambda: services().ask(lambda read: receipt_words.sheet(receipts.own(read, patient_id, wanted))),
        missing=MISSING,
        onward=("All appointments", "/portal/appointments"),
    )


@access(Permission.SEE_PAYMENTS)
async def for_staff(request: Request) -> Response:
    """A receipt as its patient has it."""
    actor, wanted = request.state.admitted.staff, _wanted(request)
    return await printed(
        f"receipt-{receipts.number(wanted)}",
        lambda: services().ask(lambda read: receipt_words.sheet(receipts.for_staff(read, actor, wanted))),
        missing=MISSING,
        onward=("To the day", "/admin"),
    )


@access(Permission.SEE_PAYMENTS)
async def dispute(request: Request) -> Response:
    """The dispute file of a payment; that it was made is in the activity log."""
    actor, wanted = request.state.admitted.staff, _wanted(request)

    def read(work: UnitOfWork) -> Sheet:
        return dispute_sheet.sheet(disputes.for_staff(work, actor, wanted))

    return await printed(
        f"dispute-{receipts.number(wanted)}",
        lambda: services().do(read),
        missing="We could not find that payment",
        onward=("To the day", "/admin"),
    )


def _wanted(request: Request) -> int:
    return inputs.id_in_address(request.query_params.get("id"))

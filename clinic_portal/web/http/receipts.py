"""Receipts as PDF files, for their patient and for staff who see payments; and the dispute file, for those (P15)."""

import re

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts.roles import Permission
from clinic_portal.booking import receipt_words, receipts, visit_receipts
from clinic_portal.bootstrap import services
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms.ports import Sheet
from clinic_portal.messaging import dispute_sheet, disputes
from clinic_portal.web import inputs
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.http.press import printed

_REFERENCE = re.compile(r"[A-Z0-9-]{3,20}")
MISSING = "We could not find that receipt"


@access(PATIENT)
async def mine(request: Request) -> Response:
    """A receipt of the patient's own; 404 for any other."""
    patient_id, wanted, reference = request.state.admitted.patient.patient_id, _wanted(request), _reference(request)

    def read(read: Reading) -> Sheet:
        if reference:
            return visit_receipts.sheet(visit_receipts.own(read, patient_id, reference))
        return receipt_words.sheet(receipts.own(read, patient_id, wanted))

    return await printed(
        _name(wanted, reference),
        lambda: services().ask(read),
        missing=MISSING,
        onward=("All appointments", "/portal/appointments"),
    )


@access(Permission.SEE_PAYMENTS)
async def for_staff(request: Request) -> Response:
    """A receipt as its patient has it."""
    actor, wanted, reference = request.state.admitted.staff, _wanted(request), _reference(request)

    def read(read: Reading) -> Sheet:
        if reference:
            return visit_receipts.sheet(visit_receipts.for_staff(read, actor, reference))
        return receipt_words.sheet(receipts.for_staff(read, actor, wanted))

    return await printed(
        _name(wanted, reference),
        lambda: services().ask(read),
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


def _reference(request: Request) -> str:
    """The confirmation of the visit whose receipt is asked for; empty where it is a payment's, or what is none."""
    told = request.query_params.get("visit", "").upper()
    return told if _REFERENCE.fullmatch(told) else ""


def _name(payment_id: int, reference: str) -> str:
    number = visit_receipts.number(reference) if reference else receipts.number(payment_id)
    return f"receipt-{number}"

"""Completed documents as PDF files: the patient's own, and for those of the staff who may read charts (B5, S28, S29)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts.roles import Permission
from clinic_portal.bootstrap import printer, services
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import UnitOfWork
from clinic_portal.forms import documents, press
from clinic_portal.forms.ports import Sheet
from clinic_portal.web import inputs
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.http import plain

_presses = ThreadPoolExecutor(max_workers=2, thread_name_prefix="press")
"""A PDF takes a processor for a while: two at once, and everybody else goes on."""


@access(PATIENT)
async def mine(request: Request) -> Response:
    """A document of the patient's own; 404 for any other."""
    patient_id, number = request.state.admitted.patient.patient_id, _number(request)
    return await _printed(
        number,
        lambda: services().ask(lambda read: press.sheet(read, documents.own(read, patient_id, number))),
        onward=("Forms and instructions", "/portal/forms"),
    )


@access(Permission.SEE_CHARTS)
async def for_staff(request: Request) -> Response:
    """A document as staff who treat read it; that it was read is in the activity log."""
    actor, number = request.state.admitted.staff, _number(request)

    def read(work: UnitOfWork) -> Sheet:
        return press.sheet(work, documents.for_staff(work, actor, number))

    return await _printed(number, lambda: services().do(read), onward=("To the day", "/admin"))


async def _printed(number: int, find: Callable[[], Sheet], *, onward: tuple[str, str]) -> Response:
    try:
        sheet = await asyncio.to_thread(find)
    except DomainError:
        return plain.page("We could not find that document", "The link may be old.", onward=onward, status=404)
    body = await asyncio.get_running_loop().run_in_executor(_presses, printer().pdf, sheet)
    return Response(
        body,
        media_type="application/pdf",
        headers={
            "content-disposition": f'attachment; filename="document-{number}.pdf"',
            "cache-control": "private, no-store",
        },
    )


def _number(request: Request) -> int:
    return inputs.id_in_address(request.query_params.get("id"))

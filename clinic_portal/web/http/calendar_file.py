"""Visits for the patient's own calendar (S83): the file of one visit, and a private feed of all."""

import asyncio
import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clinic_portal.booking.access import visit_of
from clinic_portal.booking.queries import booked_here
from clinic_portal.bootstrap import services
from clinic_portal.core.errors import DomainError
from clinic_portal.core.work import Reading
from clinic_portal.messaging.queries import calendar_feed, calendar_file
from clinic_portal.patients.profile import patient_of_feed
from clinic_portal.web.gate import PATIENT, PUBLIC, access
from clinic_portal.web.http import plain
from clinic_portal.web.identity import cookies_in


@access(PUBLIC)
async def booked(request: Request) -> Response:
    """The calendar entry of the last visit booked with this browser's cookie; 404 for any other browser."""
    visitor = cookies_in(request.scope, services().settings).visitor
    try:
        body = await asyncio.to_thread(
            lambda: services().ask(lambda read: calendar_file(read, booked_here(read, visitor)))
        )
    except DomainError:
        return plain.page(
            "There is no booking to download",
            "Not in this browser, at least.",
            onward=("Book a visit", "/book"),
            status=404,
        )
    return _ics(body, "attachment")


@access(PATIENT)
async def mine(request: Request) -> Response:
    """The calendar entry of one of the patient's visits; 404 for any other's."""
    reference = request.query_params.get("ref", "")[:20]
    patient_id = request.state.admitted.patient.patient_id
    try:
        body = await asyncio.to_thread(
            lambda: services().ask(lambda read: calendar_file(read, visit_of(read, patient_id, reference)))
        )
    except DomainError:
        return plain.page(
            "We could not find that visit",
            "The link may be old.",
            onward=("All appointments", "/portal/appointments"),
            status=404,
        )
    return _ics(body, "attachment")


@access(PUBLIC)
async def feed(request: Request) -> Response:
    """All visits of the patient whose private address this is; 404 once it was revoked."""
    token = request.path_params["token"]

    def read_feed(read: Reading) -> bytes | None:
        patient_id = patient_of_feed(read, token) if re.fullmatch(r"[0-9a-f]{64}", token) else None
        return calendar_feed(read, patient_id) if patient_id is not None else None

    body = await asyncio.to_thread(lambda: services().ask(read_feed))
    return _ics(body, "inline") if body is not None else PlainTextResponse("There is no such calendar.", 404)


def _ics(body: bytes, how: str) -> Response:
    return Response(
        body,
        media_type="text/calendar; charset=utf-8; method=PUBLISH",
        headers={
            "content-disposition": f'{how}; filename="appointment.ics"',
            "cache-control": "no-store",
        },
    )

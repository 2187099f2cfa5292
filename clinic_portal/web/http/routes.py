"""Every plain endpoint, each marked with who may call it, each behind the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from clinic_portal.core.work import Services
from clinic_portal.web.gate import MARK, SIGNED, Admitted, Mark, admit, entrance
from clinic_portal.web.http import (
    calendar_file,
    challenge,
    demo_letters,
    documents,
    entry,
    files,
    forms,
    health,
    hooks,
    liability,
    members,
    passwords,
    plain,
    receipts,
    registration,
    reports,
    sandbox_pay,
    setup,
    sms_hooks,
    staff_entry,
    unsubscribing,
)
from clinic_portal.web.identity import cookies_in
from clinic_portal.web.inputs import BadInput
from clinic_portal.web.problems import bug

ROUTES = (
    Route("/healthz", health.alive, methods=["GET"]),
    Route("/readyz", health.ready, methods=["GET"]),
    Route("/booked/appointment.ics", calendar_file.booked, methods=["GET"]),
    Route("/portal/appointment.ics", calendar_file.mine, methods=["GET"]),
    Route("/portal/document.pdf", documents.mine, methods=["GET"]),
    Route("/admin/document.pdf", documents.for_staff, methods=["GET"]),
    Route("/portal/receipt.pdf", receipts.mine, methods=["GET"]),
    Route("/admin/receipt.pdf", receipts.for_staff, methods=["GET"]),
    Route("/admin/dispute.pdf", receipts.dispute, methods=["GET"]),
    Route("/admin/members.csv", members.members, methods=["GET"]),
    Route("/admin/liability.csv", liability.sheet, methods=["GET"]),
    Route("/admin/reports.csv", reports.sheet, methods=["GET"]),
    Route("/calendar/{token:str}/visits.ics", calendar_file.feed, methods=["GET"]),
    Route("/calendar/visit/{token:str}/appointment.ics", calendar_file.by_token, methods=["GET"]),
    Route("/calendar/provider/{token:str}/visits.ics", calendar_file.provider_feed, methods=["GET"]),
    Route("/challenge/{purpose:str}", challenge.challenge, methods=["GET"]),
    Route("/auth/sign-in", entry.sign_in, methods=["POST"]),
    Route("/auth/sign-out", entry.sign_out, methods=["POST"]),
    Route("/auth/sign-out-everywhere", entry.sign_out_everywhere, methods=["POST"]),
    Route("/auth/register", registration.register, methods=["POST"]),
    Route("/auth/send-again", registration.send_again, methods=["POST"]),
    Route("/auth/confirm", registration.confirm, methods=["POST"]),
    Route("/auth/activate", registration.activate, methods=["POST"]),
    Route("/auth/forgot", passwords.forgot, methods=["POST"]),
    Route("/auth/reset", passwords.reset, methods=["POST"]),
    Route("/auth/password", passwords.change, methods=["POST"]),
    Route("/auth/email", passwords.change_email, methods=["POST"]),
    Route("/auth/confirm-email", passwords.confirm_email, methods=["POST"]),
    Route("/auth/setup", setup.claim, methods=["POST"]),
    Route("/admin/booking-address.svg", setup.booking_picture, methods=["GET"]),
    Route("/auth/staff/sign-in", staff_entry.sign_in, methods=["POST"]),
    Route("/auth/staff/code", staff_entry.code, methods=["POST"]),
    Route("/auth/staff/sign-out", staff_entry.sign_out, methods=["POST"]),
    Route("/auth/staff/forgot", staff_entry.forgot, methods=["POST"]),
    Route("/auth/staff/join", staff_entry.join, methods=["POST"]),
    Route("/auth/staff/password", staff_entry.change_password, methods=["POST"]),
    Route("/auth/staff/second-factor/begin", staff_entry.begin_second_factor, methods=["POST"]),
    Route("/auth/staff/second-factor/confirm", staff_entry.confirm_second_factor, methods=["POST"]),
    Route("/auth/staff/second-factor/codes", staff_entry.renew_recovery_codes, methods=["POST"]),
    Route("/auth/staff/second-factor/off", staff_entry.give_up_second_factor, methods=["POST"]),
    Route("/portal/files", files.attach, methods=["POST"]),
    Route("/portal/files/remove", files.remove, methods=["POST"]),
    Route("/portal/file", files.mine, methods=["GET"]),
    Route("/admin/files", files.attach_at_desk, methods=["POST"]),
    Route("/admin/files/remove", files.remove_at_desk, methods=["POST"]),
    Route("/admin/file", files.for_staff, methods=["GET"]),
    Route("/admin/pictures", files.add_picture, methods=["POST"]),
    Route("/pictures/{name:str}", files.picture, methods=["GET"]),
    Route("/unsubscribe/{token:str}", unsubscribing.ask, methods=["GET"]),
    Route("/unsubscribe/{token:str}", unsubscribing.stop, methods=["POST"]),
    Route("/auth/staff/second-factor.svg", staff_entry.picture, methods=["GET"]),
    Route("/auth/staff/second-factor.txt", staff_entry.key, methods=["GET"]),
)
DEMO_ROUTES = (
    Route("/demo/letter/{letter_id:int}", demo_letters.letter, methods=["GET"]),
    Route("/sandbox/pay/{session_id:str}", sandbox_pay.show, methods=["GET"]),
    Route("/sandbox/pay/{session_id:str}", sandbox_pay.pay, methods=["POST"]),
)
HOOKS = {
    "stripe": Route("/hooks/stripe", hooks.hear, methods=["POST"]),
    "sandbox": Route("/hooks/sandbox", hooks.hear, methods=["POST"]),
}
"""Where a gateway tells things by itself, by the gateway's name."""
HOME = ("To the front page", "/")
SMS_HOOKS = (
    Route("/hooks/twilio/status", sms_hooks.status, methods=["POST"]),
    Route("/hooks/twilio/inbound", sms_hooks.inbound, methods=["POST"]),
)
"""Where the SMS service tells what became of messages, and what people reply."""
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoints(services: Services) -> Starlette:
    """The endpoints as one application; the pages are mounted behind it."""
    settings = services.settings
    routes = [*ROUTES, *(DEMO_ROUTES if settings.is_demo else ())]
    if settings.payment_gateway != "sandbox" or settings.is_demo:
        routes += [hook for name, hook in HOOKS.items() if name == settings.payment_gateway]
    if settings.sms_sender == "twilio":
        routes += SMS_HOOKS
    return Starlette(routes=[Route(one.path, guarded(services, one.endpoint), methods=one.methods) for one in routes])


def guarded(services: Services, endpoint: Any) -> Endpoint:
    """An endpoint behind the gate: marked, its mark met, and a post only from a page of ours (CSRF) or signed."""
    who: Mark | None = getattr(endpoint, MARK, None)

    async def behind_gate(request: Request) -> Response:
        if who is SIGNED:
            request.state.admitted = Admitted()
            return await hooks.quietly(endpoint, request)
        if request.method == "POST" and not forms.is_from_here(request):
            return plain.page("That was not sent by a page of ours", "Nothing was done.", onward=HOME, status=403)
        cookies = cookies_in(request.scope, services.settings)
        admitted = await asyncio.to_thread(admit, services, who, cookies)
        if admitted is None:
            if who is None:
                return PlainTextResponse("Not found", 404)
            return RedirectResponse(entrance(who, cookies), status_code=303)
        request.state.admitted = admitted
        try:
            return await endpoint(request)
        except BadInput:
            sentence = "Something in this form made no sense to us. Nothing was done."
            return plain.page("That did not work", sentence, onward=HOME, status=400)
        except Exception as fault:
            told = bug(fault)
            return plain.page(told.title, told.sentence, onward=HOME, status=500)

    return behind_gate

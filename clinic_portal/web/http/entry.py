"""Patients sign in and out."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts import entry, notes, passwords, sessions
from clinic_portal.accounts.types import Credentials, Kind
from clinic_portal.booking import drafts
from clinic_portal.bootstrap import services
from clinic_portal.core import crypto, ids
from clinic_portal.core.errors import Conflict, DomainError
from clinic_portal.core.work import UnitOfWork
from clinic_portal.web.gate import PATIENT, PUBLIC, access
from clinic_portal.web.http import forms
from clinic_portal.web.identity import PORTAL, VISITOR, cookie, cookies_in, device_of, no_cookie

FORM = "sign-in"


@access(PUBLIC)
async def sign_in(request: Request) -> Response:
    """E-mail, password and CAPTCHA (S23); then back to where they were (S24)."""
    typed = await forms.fields(request, "email", "password", "next", forms.captcha_field())
    onward = forms.safe_next(typed["next"], "/portal")
    back = f"/sign-in?next={quote(onward, safe='/')}"
    settings, address = services().settings, forms.here(request)
    try:
        answer = await forms.solved(request, FORM, typed[forms.captcha_field()])

        def knock(work: UnitOfWork) -> None:
            forms.spend_captcha(work, answer)
            entry.knock(work, typed["email"], address=address)

        await forms.do(knock)
        known = await forms.ask(entry.credentials, typed["email"])
        right = await forms.slowly(
            passwords.matches, settings, typed["password"], known.password_hash if known else None
        )
        if not right or known is None:
            raise Conflict("sign_in_wrong")
        new_hash = None
        if passwords.is_outdated(settings, known.password_hash):
            new_hash = await forms.slowly(passwords.hashed, settings, typed["password"])
        return await let_in(request, known, onward, new_hash=new_hash)
    except DomainError as refusal:
        return await forms.refuse(request, FORM, refusal, back, {"email": typed["email"]})


async def let_in(request: Request, known: Credentials, onward: str, *, new_hash: str | None = None) -> Response:
    """Begin a session, and a new visitor's cookie with it, which the cart goes over to (session fixation, rule 4)."""
    settings, address, device = services().settings, forms.here(request), device_of(request.scope)
    before, visitor = cookies_in(request.scope, settings), ids.token()

    def enter(work: UnitOfWork) -> str:
        token = entry.entered(work, known, device=device, address=address, new_hash=new_hash)
        old = sessions.find(work, Kind.PATIENT, before.portal)
        if old:
            sessions.end(work, old.id)
        if before.visitor:
            notes.forget(work, before.visitor)
            drafts.change_owner(work, before.visitor, crypto.digest(visitor))
        return token

    token = await forms.do(enter)
    return forms.go(onward, cookie(settings, PORTAL, token), cookie(settings, VISITOR, visitor))


@access(PUBLIC)
async def sign_out(request: Request) -> Response:
    """End this browser's session and forget its cart; nothing of the patient stays in the browser."""
    await _end(request, everywhere=False)
    return _gone(request)


@access(PATIENT)
async def sign_out_everywhere(request: Request) -> Response:
    """End every session of this patient."""
    await _end(request, everywhere=True)
    return _gone(request)


async def _end(request: Request, *, everywhere: bool) -> None:
    cookies = cookies_in(request.scope, services().settings)

    def end(work: UnitOfWork) -> None:
        session = sessions.find(work, Kind.PATIENT, cookies.portal)
        if session:
            sessions.end(work, session.id)
            if everywhere:
                sessions.end_all(work, Kind.PATIENT, session.subject_id)
            work.record(f"account:{session.subject_id}", "account.signed_out", f"account:{session.subject_id}")
        if cookies.visitor:
            drafts.forget(work, cookies.visitor)

    await forms.do(end)


def _gone(request: Request) -> Response:
    settings = services().settings
    away = [no_cookie(settings, PORTAL), cookie(settings, VISITOR, ids.token())]
    response = forms.go("/sign-in?why=goodbye", *away)
    if not cookies_in(request.scope, settings).staff:  # it would sign staff out as well
        response.headers["clear-site-data"] = '"cache", "storage"'
    return response

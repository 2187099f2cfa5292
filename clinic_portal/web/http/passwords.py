"""Patients forget a password, choose another, change their e-mail address."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts import entry, limits, links, passwords
from clinic_portal.accounts.emails import email_address
from clinic_portal.accounts.types import Credentials, Purpose
from clinic_portal.bootstrap import services
from clinic_portal.core.errors import DomainError, Invalid, TooMany
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import joining
from clinic_portal.web.gate import PATIENT, PUBLIC, access
from clinic_portal.web.http import forms
from clinic_portal.web.identity import PORTAL, no_cookie

SETTINGS = "/portal/settings"


@access(PUBLIC)
async def forgot(request: Request) -> Response:
    """Ask for a link; the answer is the same for every address."""
    typed = await forms.fields(request, "email", forms.captcha_field())
    kept = {"email": typed["email"]}
    try:
        email = email_address(typed["email"])
        answer = await forms.solved(request, "forgot", typed[forms.captcha_field()])
        await forms.do(forms.spend_captcha, answer)
        await forms.do(entry.forgot, email, address=forms.here(request))
    except TooMany as refusal:
        if refusal.code != "mail_per_email":
            return await forms.refuse(request, "forgot", refusal, "/forgot", kept)
    except DomainError as refusal:
        return await forms.refuse(request, "forgot", refusal, "/forgot", kept)
    return await forms.refuse(request, "forgot", "reset_sent", "/forgot", kept)


@access(PUBLIC)
async def reset(request: Request) -> Response:
    """The button behind the link: a new password; everybody is signed out."""
    typed = await forms.fields(request, "token", "password")
    back = f"/reset?t={typed['token']}" if typed["token"].isalnum() else "/reset"
    try:
        link = await forms.ask(links.look, Purpose.RESET, typed["token"])
        password_hash = await forms.new_hash(typed["password"], link.email)
        await forms.do(joining.reset_password, typed["token"], password_hash)
    except DomainError as refusal:
        return await forms.refuse(request, "reset", refusal, back)
    return forms.go("/sign-in?why=password_changed", no_cookie(services().settings, PORTAL))


@access(PATIENT)
async def change(request: Request) -> Response:
    """A new password by one who knows the old one (S37)."""
    typed = await forms.fields(request, "current", "password")
    back = f"{SETTINGS}#password"
    try:
        known = await _proved(request, typed["current"])
        password_hash = await forms.new_hash(typed["password"], known.email)
        session = request.state.admitted.signed_in
        await forms.do(entry.change_password, known, password_hash, here=session.id)
    except DomainError as refusal:
        return await forms.refuse(request, "password", refusal, back)
    return await forms.refuse(request, "password", "password_changed", back)


@access(PATIENT)
async def change_email(request: Request) -> Response:
    """Another address, by one who knows the password; it counts once its link was used."""
    typed = await forms.fields(request, "current", "email")
    back, kept = f"{SETTINGS}#email", {"email": typed["email"]}
    try:
        email = email_address(typed["email"])
        known = await _proved(request, typed["current"])
        await forms.do(entry.begin_email_change, known.subject_id, email, address=forms.here(request))
    except DomainError as refusal:
        return await forms.refuse(request, "email", refusal, back, kept)
    return await forms.refuse(request, "email", "email_change_sent", back)


@access(PUBLIC)
async def confirm_email(request: Request) -> Response:
    """The button behind the link to a new address."""
    typed = await forms.fields(request, "token")
    back = f"/new-email?t={typed['token']}" if typed["token"].isalnum() else "/new-email"
    try:

        def settle(work: UnitOfWork) -> None:
            limits.spend(work, entry.PER_ADDRESS, forms.here(request))
            joining.change_email(work, typed["token"])

        await forms.do(settle)
    except DomainError as refusal:
        return await forms.refuse(request, "new-email", refusal, back)
    return forms.go("/sign-in?why=email_changed", no_cookie(services().settings, PORTAL))


async def _proved(request: Request, password: str) -> Credentials:
    """The account of one who is signed in, proved once more by password. Raises Invalid, TooMany, Conflict."""
    patient = request.state.admitted.patient
    known = await forms.ask(entry.credentials_of, patient.account_id)
    await forms.do(entry.knock, known.email, address=forms.here(request))
    if not await forms.slowly(passwords.matches, services().settings, password, known.password_hash):
        raise Invalid("current", "current_wrong")
    await forms.do(entry.right, known.email)
    return known

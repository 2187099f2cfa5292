"""Patients come to their portal: by registering (S17-S21) or by the Welcome Email (S11)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from clinic_portal.accounts import entry as accounts
from clinic_portal.accounts import limits, passwords
from clinic_portal.bootstrap import services
from clinic_portal.clinic.queries import catalogue
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Conflict, DomainError, Invalid, TooMany, Unusable
from clinic_portal.core.work import UnitOfWork
from clinic_portal.patients import joining, rules
from clinic_portal.patients.types import Contact
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.http import forms
from clinic_portal.web.http.entry import let_in
from clinic_portal.web.identity import cookies_in

CONTACT = ("given_name", "family_name", "email", "phone")


@access(PUBLIC)
async def register(request: Request) -> Response:
    """All their information and a password; the address is proved by a link before anybody is let in (S19)."""
    captcha = forms.captcha_field()
    typed = await forms.fields(request, *CONTACT, *joining.DETAILS, "password", "understood", captcha)
    kept = {name: typed[name] for name in (*CONTACT, *joining.DETAILS)}
    settings, address = services().settings, forms.here(request)
    visitor = cookies_in(request.scope, settings).visitor
    try:
        answer = await forms.solved(request, "register", typed[captcha])
        await forms.do(forms.spend_captcha, answer)
        clinic = await forms.ask(catalogue)
        contact, details = await forms.slowly(_read, typed, clinic)
        password_hash = await forms.slowly(passwords.hashed, settings, typed["password"])
        await forms.do(joining.register, contact, details, password_hash=password_hash, owner=visitor, address=address)
    except TooMany as refusal:
        if refusal.code != "mail_per_email":  # one address asked for too often: the answer is the same as ever
            return await forms.refuse(request, "register", refusal, "/register", kept)
    except DomainError as refusal:
        return await forms.refuse(request, "register", refusal, "/register", kept)
    return await forms.refuse(request, "register/sent", "sent", "/register/sent", {"email": typed["email"]})


def _read(typed: dict[str, str], clinic: Catalogue) -> tuple[Contact, dict[str, str]]:
    """Contact and details in their normal forms. Raises Unusable with every field at fault."""
    faults: list[Invalid] = []
    contact = None
    try:
        contact = rules.contact(**{name: typed[name] for name in CONTACT}, region=clinic.clinic.phone_region)
    except Unusable as refusal:
        faults += refusal.faults
    zone = ZoneInfo(clinic.time_zone)
    today = services().clock.now().astimezone(zone).date()
    details, more = rules.details({name: typed[name] for name in joining.DETAILS}, today=today)
    faults += more
    try:
        passwords.check(typed["password"], about=(*(typed[name] for name in CONTACT), clinic.clinic.name))
    except Invalid as fault:
        faults.append(fault)
    if not typed["understood"]:
        faults.append(Invalid("understood", "understood_missing"))
    if faults or contact is None:
        raise Unusable(faults)
    return contact, details


@access(PUBLIC)
async def send_again(request: Request) -> Response:
    """The link of a registration once more; the answer is the same for every address."""
    typed = await forms.fields(request, "email")
    try:
        await forms.do(joining.send_again, typed["email"], address=forms.here(request))
    except TooMany as refusal:
        if refusal.code != "mail_per_email":
            return await forms.refuse(request, "register/sent", refusal, "/register/sent", typed)
    return await forms.refuse(request, "register/sent", "sent_again", "/register/sent", typed)


@access(PUBLIC)
async def confirm(request: Request) -> Response:
    """The button behind the link of a registration: now the account exists, and they are in (S19, S20)."""
    typed = await forms.fields(request, "token", "password")
    settings = services().settings
    visitor = cookies_in(request.scope, settings).visitor
    back = f"/register/confirm?t={typed['token']}" if typed["token"].isalnum() else "/register/confirm"
    try:
        await forms.do(_count, forms.here(request))
        waiting = await forms.ask(joining.pending, typed["token"], visitor)
        if waiting.needs_password:
            right = await forms.slowly(passwords.matches, settings, typed["password"], waiting.password_hash)
            if not right:
                raise Invalid("password", "confirm_password_wrong")
        await forms.do(joining.confirm, typed["token"])
        known = await forms.ask(accounts.credentials, waiting.email)
        if known is None:
            raise Conflict("link_ended")
        return await let_in(request, known, "/portal?new=1")
    except DomainError as refusal:
        return await forms.refuse(request, "confirm", refusal, back)


@access(PUBLIC)
async def activate(request: Request) -> Response:
    """The button behind the Welcome Email's link: a password of their own, and they are in (S11)."""
    typed = await forms.fields(request, "token", "password", "phone")
    back = f"/welcome?t={typed['token']}" if typed["token"].isalnum() else "/welcome"
    try:
        await forms.do(_count, forms.here(request))
        link = await forms.ask(joining.invited, typed["token"])
        region = (await forms.ask(catalogue)).clinic.phone_region
        phone = rules.phone_number(typed["phone"], region)
        password_hash = await forms.new_hash(typed["password"], link.email)
        await forms.do(joining.activate, typed["token"], password_hash, phone=phone)
        known = await forms.ask(accounts.credentials, link.email)
        if known is None:
            raise Conflict("link_ended")
        return await let_in(request, known, "/portal?new=1")
    except DomainError as refusal:
        return await forms.refuse(request, "welcome", refusal, back, {"phone": typed["phone"]})


def _count(work: UnitOfWork, address: str) -> None:
    limits.spend(work, accounts.PER_ADDRESS, address)

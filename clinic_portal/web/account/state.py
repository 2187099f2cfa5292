"""State of the forms that are posted natively: what they say, what was typed before, what a link is about."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import reflex as rx

from clinic_portal.accounts import links, notes
from clinic_portal.accounts.types import FormProblem, Purpose
from clinic_portal.bootstrap import captcha, services
from clinic_portal.clinic.queries import about
from clinic_portal.core import wording
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading
from clinic_portal.patients import joining
from clinic_portal.web import inputs
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.http.forms import safe_next
from clinic_portal.web.problems import Problem

FORMS = (
    "sign-in", "register", "register/sent", "confirm", "welcome", "forgot", "reset", "new-email",
    "staff", "staff-code", "staff-forgot", "join", "second-factor", "setup",
)  # fmt: skip
GOOD_NEWS = (
    "sent", "sent_again", "reset_sent", "staff_reset_sent", "password_changed", "email_change_sent", "second_factor_off",
)  # fmt: skip
WHY = ("signed_out", "goodbye", "idle", "password_changed", "email_changed")


class Entry(Door, rx.State):
    """One form at a time. The token of a link stands in the address and is not kept here."""

    clinic_name: str = ""
    clinic_phone: str = ""
    form: str = ""
    sentence: str = ""
    is_good: bool = False
    errors: dict[str, str] = {}
    first_wrong: str = ""  # the field the page goes to
    typed: dict[str, str] = {}
    refill: dict[str, str] = {}  # what is put back into the fields, once
    refills: int = 0
    is_ready: bool = False
    onward: str = ""
    is_open: bool = True
    needs_proof: bool = False
    name: str = ""
    email: str = ""
    shows_typed: bool = False
    captcha_kind: str = ""
    captcha_site_key: str = ""

    @rx.event
    @access(PUBLIC)
    async def enter(self, form: Any) -> AsyncIterator[None]:
        """Open a form: what its last try said, and what its link is about. Opening a link changes nothing."""
        async with self._answering():
            self._anew(inputs.choice(form, FORMS))
            clinic = await self._ask(about)
            if clinic is not None:
                self.clinic_name, self.clinic_phone = clinic.name, wording.phone(clinic.phone)
            self._invite_captcha()
            why = self.router.url.query_parameters.get("why", "")
            if why in WHY:
                self.sentence, self.is_good = Problem.of(f"why_{why}").sentence, why != "signed_out"
            if self.form in _LINKS:
                await self._look_at_link()
            told = await self._ask(notes.of, self._visitor, self.form)
            if told is not None:
                self._show(told)
                await self._do(notes.forget, self._visitor)
                yield
                self.refill = {}

    @rx.event
    @access(PUBLIC)
    async def show_password(self) -> None:
        """Show the password, or hide it again."""
        self.shows_typed = not self.shows_typed

    def _anew(self, form: str) -> None:
        self.form, self.sentence, self.is_good, self.errors, self.typed = form, "", False, {}, {}
        self.first_wrong = ""
        self.name, self.email, self.is_open, self.needs_proof = "", "", True, False
        self.shows_typed = False
        self.is_ready = True
        wished = self.router.url.query_parameters.get("next", "")
        is_staff = form.startswith("staff")
        under = ("/admin", "/setup") if is_staff else ("/book", "/portal")
        self.onward = safe_next(wished, "/admin" if is_staff else "/portal", under=under)

    def _invite_captcha(self) -> None:
        chosen = captcha(services())
        self.captcha_kind = chosen.name
        if chosen.name == "recaptcha":
            self.captcha_site_key = str(chosen.challenge("")["sitekey"])

    async def _look_at_link(self) -> None:
        found = re.search(r"[?&]t=([0-9a-f]{64})(?:&|$)", f"?{self.router.url.query}")
        try:
            link = await self._ask(_LINKS[self.form], found[1] if found else "", self._visitor)
            self.name, self.email, self.needs_proof = link
        except NotAllowed:
            self.is_open = False

    def _show(self, told: FormProblem) -> None:
        self.typed = self.refill = dict(told.typed)
        self.refills += 1
        self.errors = {name: Problem.of(code, **facts).sentence for name, (code, facts) in told.fields.items()}
        self.first_wrong = next(iter(self.errors), "")
        if told.code and (self.is_open or told.code != "link_ended"):  # the page says so already
            self.sentence, self.is_good = Problem.of(told.code, **told.facts).sentence, told.code in GOOD_NEWS

    async def _say(self, told: Problem) -> None:
        self.sentence, self.is_good = told.sentence, False


About = tuple[str, str, bool]
"""Whom a link is to, the address it proves, and whether a password known before is asked for."""


def _registration(read: Reading, token: str, visitor: str) -> About:
    waiting = joining.pending(read, token, visitor)
    return waiting.given_name, waiting.email, waiting.needs_password


def _invitation(read: Reading, token: str, visitor: str) -> About:
    link = joining.invited(read, token)
    return joining.invitation(read, link.subject_id).given_name, link.email, False


def _reset(read: Reading, token: str, visitor: str) -> About:
    return "", links.look(read, Purpose.RESET, token).email, False


def _new_email(read: Reading, token: str, visitor: str) -> About:
    return "", links.look(read, Purpose.CHANGE_EMAIL, token).email, False


def _join(read: Reading, token: str, visitor: str) -> About:
    try:
        return "", links.look(read, Purpose.INVITE, token).email, False
    except NotAllowed:
        return "", links.look(read, Purpose.STAFF_RESET, token).email, False


_LINKS: dict[str, Callable[[Reading, str, str], About]] = {
    "confirm": _registration,
    "welcome": _invitation,
    "reset": _reset,
    "new-email": _new_email,
    "join": _join,
}

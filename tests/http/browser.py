"""A browser as the endpoints see one: cookies, an origin, and forms that are posted."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urljoin, urlsplit

import altcha
import httpx

from clinic_portal.accounts import notes
from clinic_portal.accounts.types import FormProblem
from clinic_portal.core import crypto
from clinic_portal.core.clock import Clock
from clinic_portal.core.settings import Settings
from clinic_portal.integrations.altcha_captcha import COST, LASTS
from clinic_portal.web.problems import Problem
from tests.factories import PASSWORD
from tests.site import Site


def solution(challenge: dict[str, Any]) -> str:
    """What the widget would put into its form."""
    puzzle = altcha.Challenge.from_dict(challenge)
    solved = altcha.solve_challenge(puzzle)
    assert solved is not None
    return altcha.Payload(puzzle, solved).to_base64()


def fields_of(answer: str) -> dict[str, Any]:
    """What stands in a CAPTCHA's answer."""
    return dict(json.loads(base64.b64decode(answer)))


def easy_answer(settings: Settings, clock: Clock, purpose: str) -> str:
    """A solved challenge of the site's, with so little work in it that hundreds of tests may solve one."""
    puzzle = altcha.create_challenge(
        "PBKDF2/SHA-256",
        COST,
        counter=1,
        data={"purpose": purpose, "until": int((clock.now() + LASTS).timestamp())},
        hmac_secret=crypto.keyed(settings.key, "captcha", "challenge"),
        hmac_key_secret=crypto.keyed(settings.key, "captcha", "key"),
    )
    return solution(dict(puzzle.to_dict()))


class Browser:
    """Cookies are kept, redirects are looked at and not followed, and every post comes from a page of ours."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.client = httpx.Client(base_url=site.url, headers={"Origin": site.url}, timeout=20)
        self.client.get("/sign-in")

    def close(self) -> None:
        self.client.close()

    def cookie(self, name: str) -> str:
        """The raw value of one of its cookies; empty without one."""
        return str(self.client.cookies.get(name) or "")

    def has(self, name: str, value: str) -> Browser:
        """Put a cookie there, in the place of the one that was."""
        if self.cookie(name):
            self.client.cookies.delete(name)
        self.client.cookies.set(name, value, domain="localhost.local", path="/")
        return self

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.client.post(path, data=form)

    def person(self, purpose: str) -> str:
        """What the widget would put into a form, once it has seen a person."""
        return easy_answer(self.site.settings, self.site.clock, purpose)

    def signs_in(self, email: str, password: str = PASSWORD, onward: str = "", **more: str) -> httpx.Response:
        form = {"email": email, "password": password, "next": onward, "altcha": self.person("sign-in"), **more}
        return self.post("/auth/sign-in", **form)

    def signs_in_as_staff(self, email: str, password: str = PASSWORD, onward: str = "") -> httpx.Response:
        return self.post(
            "/auth/staff/sign-in", email=email, password=password, next=onward, altcha=self.person("staff")
        )

    def told(self, form: str) -> FormProblem | None:
        """What the page of a form is to say when it opens again in this browser."""
        return self.site.services.ask(notes.of, crypto.digest(self.cookie("visitor")), form)

    def sentence(self, form: str) -> str:
        """The same in words: the form's own sentence, else those beside its fields."""
        told = self.told(form)
        assert told is not None, f"nothing is said by {form}"
        if told.code:
            return Problem.of(told.code, **told.facts).sentence
        return " ".join(Problem.of(code, **facts).sentence for code, facts in told.fields.values())

    def is_in(self) -> bool:
        """Whether the patient's pages are open to it: a file of theirs is missing, not forbidden."""
        return self.get("/portal/appointment.ics?ref=LMN-NONE00").status_code == 404

    def lands_at(self, answer: httpx.Response) -> str:
        """Where a redirect leads, as a browser reads it: the whole address."""
        assert answer.status_code == 303, answer.text
        return urljoin(str(answer.request.url), answer.headers["location"])

    def lands_under(self, answer: httpx.Response, *paths: str) -> bool:
        """Whether a redirect stays on this site, under one of these paths."""
        parts = urlsplit(self.lands_at(answer))
        ours = urlsplit(self.site.url)
        stays = (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
        return stays and any(parts.path == one or parts.path.startswith(f"{one}/") for one in paths)

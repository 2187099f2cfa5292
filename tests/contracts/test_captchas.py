"""What every CAPTCHA must do: on ALTCHA, made here, and on reCAPTCHA against a server that answers as Google's does."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import altcha
import pytest
from pydantic import SecretStr

from clinic_portal.accounts import captcha as captchas
from clinic_portal.accounts.captcha import Captcha
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Invalid
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.integrations import recaptcha
from clinic_portal.integrations.altcha_captcha import LASTS, AltchaCaptcha
from clinic_portal.integrations.recaptcha import Recaptcha
from clinic_portal.web.problems import Problem

SECRET, HOST, ADDRESS = "the site's own secret", "book.lumen.example", "192.0.2.7"


class Side(Protocol):
    """A CAPTCHA, and the person before it."""

    captcha: Captcha

    def solve(self, purpose: str) -> str: ...


@dataclass
class AltchaSide:
    captcha: Captcha
    clock: FixedClock

    def solve(self, purpose: str) -> str:
        puzzle = altcha.Challenge.from_dict(self.captcha.challenge(purpose))
        solved = altcha.solve_challenge(puzzle)
        assert solved is not None
        return altcha.Payload(puzzle, solved).to_base64()


@dataclass
class Siteverify:
    """Answers as https://developers.google.com/recaptcha/docs/verify says, or otherwise when told to."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    solved: set[str] = field(default_factory=set)
    says: Callable[[dict[str, str]], bytes] | None = None
    status: int = 200
    waits_seconds: float = 0
    speaks_http: bool = True

    def answer(self, form: dict[str, str]) -> bytes:
        self.asked.append(form)
        if self.says is not None:
            return self.says(form)
        told: dict[str, Any] = {"success": False, "error-codes": []}
        if form.get("secret") != SECRET:
            told["error-codes"].append("invalid-input-secret")
        elif form.get("response") not in self.solved:
            told["error-codes"].append("invalid-input-response")
        else:
            self.solved.discard(form["response"])  # a second look at the same answer: timeout-or-duplicate
            told = {"success": True, "challenge_ts": "2026-11-23T15:00:00Z", "hostname": HOST}
        return json.dumps(told).encode()


@dataclass
class RecaptchaSide:
    captcha: Captcha
    google: Siteverify

    def solve(self, purpose: str) -> str:
        response = f"03A-{len(self.google.solved)}-{purpose}"
        self.google.solved.add(response)
        return response


@pytest.fixture
def google() -> Iterator[Siteverify]:
    told = Siteverify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = told.answer(dict(urllib.parse.parse_qsl(body)))
            time.sleep(told.waits_seconds)
            if not told.speaks_http:
                self.wfile.write(b"220 mail.example ESMTP\r\n")
                return
            try:
                self.send_response(told.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever asked has gone

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/siteverify"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clinics(plain_settings: Settings, google: Siteverify) -> Settings:
    changed = {
        "recaptcha_url": google.url,
        "recaptcha_secret": SecretStr(SECRET),
        "recaptcha_site_key": "the site's key",
        "public_url": f"https://{HOST}",
    }
    return plain_settings.model_copy(update=changed)


@pytest.fixture
def altcha_side(clinics: Settings, clock: FixedClock) -> AltchaSide:
    return AltchaSide(AltchaCaptcha(clinics, clock), clock)


@pytest.fixture
def recaptcha_side(clinics: Settings, google: Siteverify) -> RecaptchaSide:
    return RecaptchaSide(Recaptcha(clinics), google)


@pytest.fixture(params=["altcha", "recaptcha"])
def side(request: pytest.FixtureRequest) -> Side:
    found: Side = request.getfixturevalue(f"{request.param}_side")
    return found


def refusal(captcha: Captcha, answer: str, purpose: str = "sign-in") -> str:
    with pytest.raises(Invalid) as told:
        captcha.check(purpose, answer, address=ADDRESS)
    assert told.value.field == "captcha"
    assert Problem.of(told.value.code) != Problem.of("not_found"), "it has words of its own"
    return told.value.code


# ── both ──


@pytest.mark.req("S23")
def test_a_person_comes_through(side: Side) -> None:
    assert side.captcha.check("sign-in", side.solve("sign-in"), address=ADDRESS).digest


def test_two_answers_have_two_names(side: Side) -> None:
    one, two = side.solve("sign-in"), side.solve("sign-in")
    first, second = (side.captcha.check("sign-in", answer, address=ADDRESS) for answer in (one, two))
    assert first != second


@pytest.mark.parametrize("kind", ["altcha", "recaptcha"])
def test_an_answer_counts_once(services: Services, kind: str, request: pytest.FixtureRequest) -> None:
    side: Side = request.getfixturevalue(f"{kind}_side")
    solved = side.captcha.check("sign-in", side.solve("sign-in"), address=ADDRESS)
    services.do(captchas.spend, solved)
    with pytest.raises(Invalid, match="captcha_again"):
        services.do(captchas.spend, solved)


def test_without_an_answer_nobody_does(side: Side) -> None:
    assert refusal(side.captcha, "") == "captcha_missing"


@pytest.mark.parametrize(
    "junk",
    [
        "x", "x" * 4001, "W10=", "bnVsbA==", "\u202e", "&success=true", "a&secret=b", "%00",
        base64.b64encode(b"[" * 2900).decode(),
    ],
    ids=lambda junk: junk[:12],
)  # fmt: skip
def test_junk_does_not(side: Side, junk: str) -> None:
    assert refusal(side.captcha, junk) in ("captcha_wrong", "captcha_missing")


def test_what_the_page_is_given_holds_no_secret(side: Side) -> None:
    told = str(side.captcha.challenge("sign-in"))
    assert SECRET not in told
    assert "change-me" not in told


def test_the_field_of_its_widget_is_named(side: Side) -> None:
    assert side.captcha.field in ("altcha", "g-recaptcha-response")
    assert side.captcha.name in ("altcha", "recaptcha")


# ── ALTCHA alone ──


def test_an_answer_for_another_form_is_refused(altcha_side: AltchaSide) -> None:
    assert refusal(altcha_side.captcha, altcha_side.solve("register")) == "captcha_wrong"


@pytest.mark.parametrize(("seconds", "code"), [(-1, ""), (0, "captcha_old"), (3600, "captcha_old")])
def test_an_answer_lasts_an_hour(altcha_side: AltchaSide, seconds: int, code: str) -> None:
    answer = altcha_side.solve("sign-in")
    altcha_side.clock.advance(LASTS + timedelta(seconds=seconds))
    if code:
        assert refusal(altcha_side.captcha, answer) == code
    else:
        altcha_side.captcha.check("sign-in", answer, address=ADDRESS)


def test_a_spent_answer_is_remembered_for_longer_than_it_lasts() -> None:
    assert captchas.KEPT > LASTS


def test_another_installations_answer_is_refused(altcha_side: AltchaSide, clinics: Settings, clock: FixedClock) -> None:
    other = clinics.model_copy(update={"secret_key": SecretStr("another key of more than thirty-two characters")})
    assert refusal(AltchaCaptcha(other, clock), altcha_side.solve("sign-in")) == "captcha_wrong"


@pytest.mark.parametrize("what", ["cost", "keyLength", "nonce", "keyPrefix", "keySignature", "algorithm", "data"])
def test_a_puzzle_made_easier_is_refused(altcha_side: AltchaSide, what: str) -> None:
    payload = json.loads(base64.b64decode(altcha_side.solve("sign-in")))
    usual = payload["challenge"]["parameters"]
    assert what in usual, "the control"
    usual[what] = {"cost": 1, "keyLength": 1, "data": {"purpose": "sign-in", "until": 2**40}}.get(what, "00")
    assert refusal(altcha_side.captcha, base64.b64encode(json.dumps(payload).encode()).decode()) == "captcha_wrong"


def test_the_same_answer_in_other_clothes_has_the_same_name(altcha_side: AltchaSide) -> None:
    """Else it could be spent twice."""
    answer = altcha_side.solve("sign-in")
    payload = json.loads(base64.b64decode(answer))
    payload["more"], payload["solution"]["time"] = "x", 17
    dressed = base64.b64encode(json.dumps(payload, indent=2).encode()).decode()
    checked = [altcha_side.captcha.check("sign-in", one, address=ADDRESS) for one in (answer, dressed)]
    assert checked[0] == checked[1]


# ── reCAPTCHA alone ──


def test_google_is_asked_with_the_sites_secret_and_the_visitors_address(
    recaptcha_side: RecaptchaSide, google: Siteverify
) -> None:
    answer = recaptcha_side.solve("sign-in")
    recaptcha_side.captcha.check("sign-in", answer, address=ADDRESS)
    assert google.asked == [{"secret": SECRET, "response": answer, "remoteip": ADDRESS}]


def test_an_answer_shown_to_google_twice_is_refused_by_google(recaptcha_side: RecaptchaSide) -> None:
    answer = recaptcha_side.solve("sign-in")
    recaptcha_side.captcha.check("sign-in", answer, address=ADDRESS)
    assert refusal(recaptcha_side.captcha, answer) == "captcha_wrong"


@pytest.mark.parametrize(
    "told",
    [
        {"success": False, "hostname": HOST},
        {"success": True},
        {"success": True, "hostname": "evil.example"},
        {"success": True, "hostname": f"{HOST}.evil.example"},
        {"success": "true", "hostname": HOST},
        {"success": 1, "hostname": HOST},
        {"hostname": HOST},
        {},
        [],
        None,
        "success",
        [True],
    ],
    ids=str,
)
def test_whatever_is_not_a_plain_yes_for_this_site_is_a_no(
    recaptcha_side: RecaptchaSide, google: Siteverify, told: object
) -> None:
    google.says = lambda form: json.dumps(told).encode()
    assert refusal(recaptcha_side.captcha, "03A") == "captcha_wrong"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"success": true', b"\xff\xfe", b"[" * 5000, b'{"success": true}' + b" " * 30_000 + b"x"],
    ids=lambda body: repr(body[:12]),
)
def test_an_answer_that_makes_no_sense_lets_nobody_through(
    recaptcha_side: RecaptchaSide, google: Siteverify, body: bytes
) -> None:
    google.says = lambda form: body
    assert refusal(recaptcha_side.captcha, "03A") in ("captcha_away", "captcha_wrong")


@pytest.mark.parametrize("status", [302, 400, 403, 429, 500, 503])
def test_where_google_refuses_to_answer_nobody_is_let_through(
    recaptcha_side: RecaptchaSide, google: Siteverify, status: int
) -> None:
    google.status = status
    assert refusal(recaptcha_side.captcha, recaptcha_side.solve("sign-in")) == "captcha_away"


def test_where_something_else_answers_nobody_is_let_through(recaptcha_side: RecaptchaSide, google: Siteverify) -> None:
    google.speaks_http = False
    assert refusal(recaptcha_side.captcha, recaptcha_side.solve("sign-in")) == "captcha_away"


def test_where_google_cannot_be_reached_nobody_is_let_through_and_it_is_logged_without_secrets(
    clinics: Settings, free_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    away = Recaptcha(clinics.model_copy(update={"recaptcha_url": f"http://127.0.0.1:{free_port}/siteverify"}))
    with caplog.at_level(logging.DEBUG):
        assert refusal(away, "the visitor's answer") == "captcha_away"
    assert "reCAPTCHA did not answer" in caplog.text
    for secret in (SECRET, "the visitor's answer", ADDRESS):
        assert secret not in caplog.text


def test_a_slow_google_is_waited_for_so_long_and_no_longer(
    recaptcha_side: RecaptchaSide, google: Siteverify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recaptcha, "TIMEOUT_SECONDS", 0.3)
    google.waits_seconds = 1.5
    begin = time.monotonic()
    assert refusal(recaptcha_side.captcha, recaptcha_side.solve("sign-in")) == "captcha_away"
    assert time.monotonic() - begin < 1.4

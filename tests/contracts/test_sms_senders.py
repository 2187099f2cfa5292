"""What every SMS sender must do: on the sandbox, and on Twilio's client against a strict counterpart.

The counterpart is a script named by CONTRACT_COUNTERPART that checks requests against Twilio's published API.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Protocol

import pytest
from pydantic import SecretStr

from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.sms import SandboxSms
from clinic_portal.integrations.twilio_sms import TwilioSms
from clinic_portal.messaging import queries
from clinic_portal.messaging.ports import SendFailed, Sms, SmsSender
from tests.contracts.counterpart_log import Log

MakeSms = Callable[..., Sms]
ACCOUNT = "AC" + "0" * 32


class Side(Protocol):
    """A sender and the other side of it."""

    sender: SmsSender

    def arrived(self) -> list[tuple[str, str]]: ...


@dataclass
class SandboxSide:
    services: Services
    sender: SmsSender

    def arrived(self) -> list[tuple[str, str]]:
        return [(one.to_address, one.text) for one in self.services.ask(queries.sandbox)]


@dataclass
class TwilioSide(Log):
    sender: SmsSender

    def arrived(self) -> list[tuple[str, str]]:
        assert all(one["errors"] == [] for one in self.requests())
        return [(one["params"]["To"], one["params"]["Body"]) for one in self.requests()]


def twilio(settings: Settings, base: str, **values: Any) -> TwilioSms:
    given = {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": SecretStr("a token"),
        "twilio_from": "+15125550100",
        "twilio_api_base": base,
    }
    return TwilioSms(settings.model_copy(update={**given, **values}))


@pytest.fixture(params=["sandbox", "twilio"])
def side(request: pytest.FixtureRequest, services: Services) -> Side:
    if request.param == "sandbox":
        return SandboxSide(services, SandboxSms(services))
    base = request.getfixturevalue("counterpart")
    return TwilioSide(base, twilio(services.settings, base))


# On both


@pytest.mark.req("S82")
def test_an_sms_arrives_as_it_was_written(side: Side, sms: MakeSms) -> None:
    assert side.sender.send(sms())
    assert side.arrived() == [("+15125550142", "Lumen: 123456 ✓")]


@pytest.mark.req("B6")
def test_a_number_that_is_none_is_refused_for_good(side: Side, sms: MakeSms) -> None:
    with pytest.raises(SendFailed) as refusal:
        side.sender.send(sms(to="+15005550001"))
    assert (refusal.value.reason, refusal.value.permanent) == ("sms_21211", True)
    assert "+15005550001" not in str(refusal.value)


# On Twilio


def test_a_messaging_service_is_named_in_place_of_a_number(
    counterpart: str, plain_settings: Settings, sms: MakeSms
) -> None:
    sender = twilio(plain_settings, counterpart, twilio_from="MG" + "1" * 32)
    side = TwilioSide(counterpart, sender)
    sender.send(sms())
    one = side.only()
    assert one["path"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert one["params"]["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in one["params"]
    assert one["errors"] == []


class Moody(BaseHTTPRequestHandler):
    """Answers every request with the status, body and headers its server was told."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body, headers = self.server.answer  # type: ignore[attr-defined]
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def moody() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Moody)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.req("B6")
@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (400, {"code": 21211, "message": "invalid", "status": 400}, {}, ("sms_21211", True, None)),
        (400, {"code": 21614, "message": "no mobile", "status": 400}, {}, ("sms_21614", True, None)),
        (400, {"code": 21610, "message": "opted out", "status": 400}, {}, ("sms_21610", True, None)),
        (401, {"code": 20003, "message": "who?", "status": 401}, {}, ("sms_20003", False, None)),
        (429, {"code": 20429, "message": "slowly"}, {"Retry-After": "7"}, ("sms_429", False, 7)),
        (429, {"code": 20429, "message": "slowly"}, {}, ("sms_429", False, None)),
        (503, b"<html>", {"Retry-After": "soon"}, ("sms_503", False, None)),
        (500, b"", {}, ("sms_500", False, None)),
    ],
)
def test_each_refusal_is_final_or_not(
    moody: HTTPServer,
    plain_settings: Settings,
    sms: MakeSms,
    status: int,
    body: object,
    headers: dict[str, str],
    expected: tuple[str, bool, int | None],
) -> None:
    moody.answer = (status, body, headers)  # type: ignore[attr-defined]
    with pytest.raises(SendFailed) as refusal:
        twilio(plain_settings, f"http://127.0.0.1:{moody.server_port}").send(sms())
    failure = refusal.value
    assert (failure.reason, failure.permanent, failure.retry_after_seconds) == expected


def test_an_answer_that_makes_no_sense_or_none_at_all_is_tried_again(
    moody: HTTPServer, plain_settings: Settings, sms: MakeSms, free_port: int
) -> None:
    moody.answer = (201, b"not json", {})  # type: ignore[attr-defined]
    for base in (f"http://127.0.0.1:{moody.server_port}", f"http://127.0.0.1:{free_port}"):
        with pytest.raises(SendFailed) as failure:
            twilio(plain_settings, base).send(sms())
        assert (failure.value.reason, failure.value.permanent) == ("sms_unreachable", False)


def test_neither_number_nor_text_is_logged(
    counterpart: str, plain_settings: Settings, sms: MakeSms, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.DEBUG, logger="clinic_portal"),
        caplog.at_level(logging.INFO, logger="twilio"),
    ):
        twilio(plain_settings, counterpart).send(sms())
    assert "5125550142" not in caplog.text
    assert "123456" not in caplog.text

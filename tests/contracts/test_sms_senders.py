"""What every SMS sender must do: on the sandbox, and on Twilio's client against a strict counterpart.

The counterpart is a script named by CONTRACT_COUNTERPART that checks requests against Twilio's published API.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.integrations import twilio_sms
from clinic_portal.integrations.sandbox.sms import SandboxSms
from clinic_portal.integrations.twilio_notices import TwilioNotices
from clinic_portal.integrations.twilio_sms import TwilioSms
from clinic_portal.messaging import queries
from clinic_portal.messaging.ports import SendFailed, Sms, SmsSender
from clinic_portal.messaging.types import Fate
from tests.contracts.counterpart_log import Log

MakeSms = Callable[..., Sms]
ACCOUNT = "AC" + "0" * 32
TRIED = datetime(2026, 11, 23, 15, tzinfo=UTC)


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
    """Answers every request with the status, body and headers its server was told, or not at all."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(*self.server.answer)  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self._answer(*self.server.listed)  # type: ignore[attr-defined]

    def _answer(self, status: int, body: object, headers: dict[str, str]) -> None:
        self.server.asked.append((self.command, self.path))  # type: ignore[attr-defined]
        if body == b"say nothing":
            self.server.patience.wait(1)  # type: ignore[attr-defined]
        if body in (b"say nothing", b"hang up"):
            return
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
    server.asked, server.patience = [], threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.patience.set()  # type: ignore[attr-defined]
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
        (401, {"code": 20003, "message": "who?", "status": 401}, {}, ("sms_20003", False, 300)),
        (400, {"code": 21606, "message": "not your number", "status": 400}, {}, ("sms_21606", False, 300)),
        (400, {"code": 21611, "message": "queue full", "status": 400}, {}, ("sms_21611", False, 30)),
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
    assert not failure.is_unknown


def test_a_refused_connection_is_certainly_not_sent_and_the_channel_rests(
    plain_settings: Settings, sms: MakeSms, free_port: int
) -> None:
    with pytest.raises(SendFailed) as failed:
        twilio(plain_settings, f"http://127.0.0.1:{free_port}").send(sms())
    failure = failed.value
    assert (failure.reason, failure.permanent, failure.is_unknown) == ("sms_unreachable", False, False)
    assert failure.retry_after_seconds == twilio_sms.REST_SECONDS


@pytest.mark.parametrize("body", [b"not json", b"", b"{}", b"hang up", b"say nothing"])
def test_after_an_answer_that_makes_no_sense_or_none_at_all_nobody_knows(
    monkeypatch: pytest.MonkeyPatch, moody: HTTPServer, plain_settings: Settings, sms: MakeSms, body: bytes
) -> None:
    monkeypatch.setattr(twilio_sms, "TIMEOUT_SECONDS", 0.3)
    moody.answer = (201, body, {})  # type: ignore[attr-defined]
    with pytest.raises(SendFailed) as failed:
        twilio(plain_settings, f"http://127.0.0.1:{moody.server_port}").send(sms())
    failure = failed.value
    assert (failure.reason, failure.permanent, failure.is_unknown) == ("sms_no_answer", False, True)


# A repeat


def listed(*messages: dict[str, str]) -> tuple[int, object, dict[str, str]]:
    told = [{"sid": f"SM{number:032}", **one} for number, one in enumerate(messages)]
    return (200, {"messages": told, "page": 0, "next_page_uri": None}, {})


@pytest.mark.req("B6")
def test_a_text_whose_answer_was_lost_and_that_went_out_is_not_sent_twice(
    moody: HTTPServer, plain_settings: Settings, sms: MakeSms
) -> None:
    message = sms(tried_at=TRIED)
    moody.listed = listed({"body": "another", "status": "sent"}, {"body": message.body, "status": "queued"})  # type: ignore[attr-defined]
    assert twilio(plain_settings, f"http://127.0.0.1:{moody.server_port}").send(message) == f"SM{1:032}"
    asked = moody.asked  # type: ignore[attr-defined]
    assert [method for method, _ in asked] == ["GET"]
    assert parse_qs(urlsplit(asked[0][1]).query) == {
        "To": [message.to],
        "DateSent>": ["2026-11-23T14:59:00Z"],
        "PageSize": ["50"],
    }


@pytest.mark.req("B6")
@pytest.mark.parametrize(
    "told",
    [
        listed(),
        listed({"body": "another", "status": "sent"}),
        listed({"body": "Lumen: 123456 ✓", "status": "failed"}),
        (403, {"code": 20403, "message": "may not list"}, {}),
    ],
)
def test_a_text_that_is_not_in_the_list_goes_out_once_more(
    moody: HTTPServer, plain_settings: Settings, sms: MakeSms, told: tuple[int, object, dict[str, str]]
) -> None:
    moody.listed = told  # type: ignore[attr-defined]
    moody.answer = (201, {"sid": "SM" + "9" * 32}, {})  # type: ignore[attr-defined]
    assert twilio(plain_settings, f"http://127.0.0.1:{moody.server_port}").send(sms(tried_at=TRIED)) == "SM" + "9" * 32
    assert [method for method, _ in moody.asked] == ["GET", "POST"]  # type: ignore[attr-defined]


@pytest.mark.req("B6")
@pytest.mark.parametrize("told", [(500, b"", {}), (429, b"", {"Retry-After": "9"}), (200, b"not json", {})])
def test_while_the_list_cannot_be_read_nothing_is_sent(
    moody: HTTPServer, plain_settings: Settings, sms: MakeSms, told: tuple[int, object, dict[str, str]]
) -> None:
    moody.listed = told  # type: ignore[attr-defined]
    with pytest.raises(SendFailed) as failed:
        twilio(plain_settings, f"http://127.0.0.1:{moody.server_port}").send(sms(tried_at=TRIED))
    assert (failed.value.permanent, failed.value.is_unknown) == (False, False)
    assert [method for method, _ in moody.asked] == ["GET"]  # type: ignore[attr-defined]


def test_the_list_is_asked_as_twilio_publishes_it(counterpart: str, plain_settings: Settings, sms: MakeSms) -> None:
    side = TwilioSide(counterpart, twilio(plain_settings, counterpart))
    with pytest.raises(SendFailed):  # the counterpart checks what is asked, and lists nothing
        side.sender.send(sms(tried_at=TRIED))
    assert side.only()["method"] == "GET"
    assert side.only()["errors"] == []


def test_twilio_is_told_where_to_say_what_became_of_a_message(
    counterpart: str, plain_settings: Settings, sms: MakeSms
) -> None:
    side = TwilioSide(counterpart, twilio(plain_settings, counterpart, public_url="https://book.lumen.example/"))
    side.sender.send(sms(key="a-b_c@lumen.example"))
    told = side.only()["params"]["StatusCallback"]
    assert told == "https://book.lumen.example/hooks/twilio/status?m=a-b_c@lumen.example"
    assert side.only()["errors"] == []


def test_what_twilio_is_told_to_call_names_the_message_at_our_door(
    counterpart: str, plain_settings: Settings, sms: MakeSms
) -> None:
    public = {"public_url": "https://book.lumen.example"}
    side = TwilioSide(counterpart, twilio(plain_settings, counterpart, **public))
    sid = side.sender.send(sms(key="a-b_c@lumen.example"))
    url = side.only()["params"]["StatusCallback"]
    fields = {"AccountSid": ACCOUNT, "MessageSid": sid, "MessageStatus": "delivered", "ErrorCode": ""}
    signature = RequestValidator("a token").compute_signature(url, fields)
    given = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": SecretStr("a token"), **public}
    told = TwilioNotices(plain_settings.model_copy(update=given)).read_told(
        url.removeprefix("https://book.lumen.example"), list(fields.items()), signature
    )
    assert told is not None
    assert (told.message_id, told.sender_id, told.fate) == ("a-b_c@lumen.example", sid, Fate.DELIVERED)


def test_where_twilio_cannot_reach_us_it_is_told_no_address(
    counterpart: str, plain_settings: Settings, sms: MakeSms
) -> None:
    side = TwilioSide(counterpart, twilio(plain_settings, counterpart, public_url="http://localhost:3000"))
    side.sender.send(sms())
    assert "StatusCallback" not in side.only()["params"]


@pytest.mark.parametrize(("status", "reason"), [(401, "sms_401"), (500, "sms_500")])
def test_credentials_are_tried_without_sending_anything(
    moody: HTTPServer, plain_settings: Settings, status: int, reason: str
) -> None:
    sender = twilio(plain_settings, f"http://127.0.0.1:{moody.server_port}")
    moody.listed = listed()  # type: ignore[attr-defined]
    sender.check()
    moody.listed = (status, {"code": 20003, "message": "who?"}, {})  # type: ignore[attr-defined]
    with pytest.raises(SendFailed, match=reason):
        sender.check()
    assert {method for method, _ in moody.asked} == {"GET"}  # type: ignore[attr-defined]


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

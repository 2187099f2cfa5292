"""What the doctor finds about senders, and what it says to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from pydantic import SecretStr

from clinic_portal import bootstrap, doctor
from clinic_portal.core.clock import SystemClock
from clinic_portal.core.db import Database
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Services
from clinic_portal.integrations import twilio_sms
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.messaging.ports import Senders

Findings = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch, plain_settings: Settings) -> Findings:
    def look(email: SmtpEmail | None = None, **values: Any) -> list[tuple[str, str]]:
        settings = plain_settings.model_copy(update=values)
        services = Services(Database("sqlite://"), SystemClock(), settings)
        if email is not None:
            sms = bootstrap.senders(services).sms
            monkeypatch.setattr(doctor, "senders", lambda _: Senders(email=email, sms=sms))
        return [(one.level, one.text) for one in doctor._senders(services)]

    return look


def wants_a_password(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=given.password == b"right", handled=False)


@pytest.mark.parametrize(
    ("password", "level", "word"), [("right", "ok", "takes e-mail"), ("wrong", "fault", "CLINIC_SMTP_PASSWORD")]
)
def test_the_relay_is_tried_up_to_the_sign_in(
    findings: Findings,
    serve: Callable[..., int],
    smtp: Callable[..., SmtpEmail],
    password: str,
    level: str,
    word: str,
) -> None:
    port = serve(authenticator=wants_a_password, auth_required=True)
    sender = smtp(port, smtp_username="clinic", smtp_password=SecretStr(password))
    found = findings(sender, email_sender="smtp", smtp_host="127.0.0.1", smtp_port=port)[0]
    assert (found[0], word in found[1]) == (level, True)


def test_a_relay_without_tls_a_wrong_certificate_and_silence_each_have_their_words(
    findings: Findings, serve: Callable[..., int], smtp: Callable[..., SmtpEmail], free_port: int
) -> None:
    assert "does not answer" in findings(smtp(free_port), email_sender="smtp")[0][1]
    port = serve()
    assert "certificate" in findings(smtp(port, trusts=False), email_sender="smtp")[0][1]


def test_a_relay_without_tls_is_told_of(
    findings: Findings, serve: Callable[..., int], smtp: Callable[..., SmtpEmail]
) -> None:
    assert "offers no TLS" in findings(smtp(serve(with_tls=False)), email_sender="smtp")[0][1]


def test_where_nothing_hears_what_comes_back_it_says_so(
    findings: Findings, serve: Callable[..., int], smtp: Callable[..., SmtpEmail]
) -> None:
    sender = smtp(serve())
    assert [level for level, text in findings(sender, email_sender="smtp") if "comes back" in text] == ["warn"]
    assert not any("comes back" in text for _, text in findings(sender, email_sender="smtp", bounce_address="b@x.org"))


def test_a_bounce_mailbox_that_is_not_there_is_a_fault(
    findings: Findings, serve: Callable[..., int], smtp: Callable[..., SmtpEmail]
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        where = {"bounce_imap_host": "127.0.0.1", "bounce_imap_port": nobody.getsockname()[1]}
        found = findings(smtp(serve()), email_sender="smtp", **where)
    assert [(level, "CLINIC_BOUNCE_IMAP_HOST" in text) for level, text in found if "mailbox" in text] == [
        ("fault", True)
    ]


TWILIO = {
    "sms_sender": "twilio",
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": SecretStr("a token"),
    "twilio_from": "+15125550100",
    "public_url": "https://book.lumen.example",
}


def test_what_twilio_needs_is_named(findings: Findings) -> None:
    found = findings(sms_sender="twilio")[-1]
    assert found[0] == "fault"
    assert all(name in found[1] for name in ("ACCOUNT_SID", "AUTH_TOKEN", "TWILIO_FROM"))


def test_twilio_away_is_no_fault_of_ours(findings: Findings, free_port: int) -> None:
    found = findings(**TWILIO, twilio_api_base=f"http://127.0.0.1:{free_port}")[-1]
    assert (found[0], "does not answer" in found[1]) == ("warn", True)


def test_twilio_that_refuses_our_token_is_a_fault(findings: Findings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise twilio_sms.SendFailed("sms_401", permanent=False)

    monkeypatch.setattr(twilio_sms.TwilioSms, "check", refuse)
    found = findings(**TWILIO)[-1]
    assert (found[0], "AUTH_TOKEN" in found[1]) == ("fault", True)


def test_without_https_nobody_tells_whether_a_text_arrived(findings: Findings, free_port: int) -> None:
    where = {"public_url": "http://localhost:3000", "twilio_api_base": f"http://127.0.0.1:{free_port}"}
    assert any("not https" in text for level, text in findings(**{**TWILIO, **where}) if level == "warn")

"""What every e-mail sender must do: on the sandbox, and on SMTP against a real server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol

import pytest
from aiosmtpd.smtp import AuthResult
from pydantic import SecretStr

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.email import SandboxEmail
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.messaging import queries
from clinic_portal.messaging.ports import Email, EmailSender, SendFailed
from tests.contracts.smtp_kit import Relay

MakeEmail = Callable[..., Email]


@dataclass
class Arrived:
    """An e-mail as it reached the other side."""

    to: str
    subject: str
    text: str
    html: str
    attachment_name: str
    attachment: str


class Side(Protocol):
    """A sender and the other side of it."""

    sender: EmailSender

    def arrived(self) -> list[Arrived]: ...


@dataclass
class SmtpSide:
    relay: Relay
    sender: EmailSender

    def arrived(self) -> list[Arrived]:
        found = {str(message["Message-ID"]): message for message in self.relay.messages}
        return [_as_arrived(message) for message in found.values()]


@dataclass
class SandboxSide:
    services: Services
    sender: EmailSender

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(one.to_address, one.subject, one.text, one.html, one.attachment_name, one.attachment)
            for one in self.services.ask(queries.sandbox)
        ]


def _as_arrived(message: EmailMessage) -> Arrived:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    (attached,) = message.iter_attachments() if message.get_content_type() == "multipart/mixed" else (None,)
    return Arrived(
        to=message["To"].addresses[0].addr_spec,
        subject=message["Subject"],
        text=text.get_content().replace("\r\n", "\n"),
        html=html.get_content().strip(),
        attachment_name=attached.get_filename() or "" if attached else "",
        attachment=attached.get_content().decode() if attached else "",
    )


@pytest.fixture(params=["sandbox", "smtp"])
def side(request: pytest.FixtureRequest, services: Services) -> Side:
    if request.param == "sandbox":
        return SandboxSide(services, SandboxEmail(services))
    port = request.getfixturevalue("serve")()
    return SmtpSide(request.getfixturevalue("relay"), request.getfixturevalue("smtp")(port))


# On both


@pytest.mark.req("S82")
def test_an_email_arrives_with_both_texts_and_its_calendar_file(side: Side, email: MakeEmail) -> None:
    message = email()
    assert side.sender.send(message)
    (one,) = side.arrived()
    assert (one.to, one.subject) == ("amara@example.org", "Your appointment · Thursday")
    assert one.text == "Żółć, you are booked.\n"
    assert one.html == "<p>Żółć, you are booked.</p>"
    assert one.attachment_name == "appointment.ics"
    assert one.attachment == (message.ics or b"").decode()


@pytest.mark.req("B6")
def test_an_email_sent_twice_is_one_email_to_its_reader(side: Side, email: MakeEmail) -> None:
    message = email()
    assert side.sender.send(message) == side.sender.send(message)
    side.sender.send(email())
    assert len(side.arrived()) == 2


def test_an_email_without_a_calendar_file_has_no_attachment(side: Side, email: MakeEmail) -> None:
    side.sender.send(email(ics=None))
    assert side.arrived()[0].attachment_name == ""


# On SMTP


@pytest.fixture
def encrypted(serve: Callable[..., int], smtp: Callable[..., SmtpEmail]) -> SmtpEmail:
    return smtp(serve())


def test_the_message_is_built_as_mail_clients_want_it(
    encrypted: SmtpEmail, relay: Relay, email: MakeEmail, clock: FixedClock
) -> None:
    encrypted.send(email(message_id="stable@lumen.example"))
    (message,) = relay.messages
    assert message["Message-ID"] == "<stable@lumen.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert str(message["From"]) == '"Lumen, Aesthetics" <hello@lumen.example>'
    assert message["To"].addresses[0].display_name == "Amara Żółć"
    assert message["Reply-To"].addresses[0].addr_spec == "desk@lumen.example"
    assert message["Date"].datetime == clock.now()
    assert message.get_content_type() == "multipart/mixed"
    alternative, attached = message.iter_parts()
    kinds = [part.get_content_type() for part in alternative.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    calendar = list(alternative.iter_parts())[2]
    assert calendar.get_param("method") == "REQUEST"
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert "METHOD:REQUEST" in calendar.get_content()
    assert attached.get_content_type() == "application/ics"
    assert relay.kept[0].mail_from == "hello@lumen.example"


@pytest.mark.parametrize(
    ("answer", "reason", "is_permanent"),
    [
        ("550 no such user", "smtp_550", True),
        ("550 5.1.1 no such user", "bounced_5.1.1", True),
        ("550 5.7.1 looks like spam", "smtp_550", True),
        ("553 not allowed", "smtp_553", True),
        ("451 4.7.1 greylisted, come back", "smtp_451", False),
        ("452 mailbox full", "smtp_452", False),
    ],
)
def test_a_refused_recipient_is_final_with_5xx_and_not_with_4xx(
    encrypted: SmtpEmail, relay: Relay, email: MakeEmail, answer: str, reason: str, is_permanent: bool
) -> None:
    relay.answers["amara@example.org"] = answer
    with pytest.raises(SendFailed) as refusal:
        encrypted.send(email())
    assert (refusal.value.reason, refusal.value.permanent) == (reason, is_permanent)
    assert "amara" not in str(refusal.value)


@pytest.mark.parametrize(("answer", "is_permanent"), [("554 looks like spam", True), ("421 busy", False)])
def test_a_refused_message_is_told_apart_in_the_same_way(
    encrypted: SmtpEmail, relay: Relay, email: MakeEmail, answer: str, is_permanent: bool
) -> None:
    relay.after_data = answer
    with pytest.raises(SendFailed) as refusal:
        encrypted.send(email())
    assert (refusal.value.reason, refusal.value.permanent) == (f"smtp_{answer[:3]}", is_permanent)


def test_without_tls_nothing_is_sent_unless_settings_allow_it(
    serve: Callable[..., int], smtp: Callable[..., SmtpEmail], relay: Relay, email: MakeEmail
) -> None:
    port = serve(with_tls=False)
    with pytest.raises(SendFailed, match="smtp_unsupported"):
        smtp(port).send(email())
    assert relay.kept == []
    smtp(port, smtp_starttls=False).send(email())
    assert len(relay.kept) == 1


def test_a_relay_with_a_certificate_of_nobody_gets_nothing(
    serve: Callable[..., int], smtp: Callable[..., SmtpEmail], relay: Relay, email: MakeEmail
) -> None:
    with pytest.raises(SendFailed, match="smtp_certificate") as failure:
        smtp(serve(), trusts=False).send(email())
    assert not failure.value.permanent
    assert relay.kept == []


def test_a_relay_that_is_down_is_tried_again(smtp: Callable[..., SmtpEmail], free_port: int, email: MakeEmail) -> None:
    with pytest.raises(SendFailed) as failure:
        smtp(free_port).send(email())
    assert (failure.value.reason, failure.value.permanent) == ("smtp_unreachable", False)


@pytest.mark.parametrize(("password", "is_right"), [("right", True), ("wrong", False)])
def test_it_signs_in_and_a_wrong_password_loses_no_message(
    serve: Callable[..., int],
    smtp: Callable[..., SmtpEmail],
    relay: Relay,
    email: MakeEmail,
    password: str,
    is_right: bool,
) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password == b"right", handled=False)

    port = serve(authenticator=check, auth_required=True)
    sender = smtp(port, smtp_username="clinic", smtp_password=SecretStr(password))
    if is_right:
        sender.send(email())
        return
    with pytest.raises(SendFailed) as failure:
        sender.send(email())
    assert (failure.value.reason, failure.value.permanent) == ("smtp_535", False)


@pytest.mark.parametrize("part", ["to_name", "from_name", "subject", "to", "reply_to", "message_id"])
def test_a_line_break_can_begin_no_header(encrypted: SmtpEmail, relay: Relay, email: MakeEmail, part: str) -> None:
    with pytest.raises(SendFailed) as refusal:
        encrypted.send(email(**{part: "a@example.org\r\nBcc: everyone@example.org"}))
    assert (refusal.value.reason, refusal.value.permanent) == ("email_malformed", True)
    assert relay.kept == []


@pytest.mark.parametrize("address", ["", "amara", "amara@", "@example.org", "a b@example.org", "a@example..org"])
def test_what_is_no_address_is_given_up(encrypted: SmtpEmail, relay: Relay, email: MakeEmail, address: str) -> None:
    with pytest.raises(SendFailed) as refusal:
        encrypted.send(email(to=address))
    assert (refusal.value.reason, refusal.value.permanent) == ("email_malformed", True)


def test_a_domain_beyond_ascii_travels_in_its_dns_form(encrypted: SmtpEmail, relay: Relay, email: MakeEmail) -> None:
    encrypted.send(email(to="amara@żółć.example"))
    assert relay.kept[0].rcpt_tos == ["amara@xn--kda4b0koi.example"]


def test_a_long_address_to_unsubscribe_at_arrives_as_it_is(
    encrypted: SmtpEmail, relay: Relay, email: MakeEmail
) -> None:
    where = f"<https://book.a-clinic-with-a-long-name.example/unsubscribe?m={'a' * 90}>, <mailto:hello@lumen.example>"
    one_click = "List-Unsubscribe=One-Click"
    encrypted.send(email(headers={"List-Unsubscribe": where, "List-Unsubscribe-Post": one_click}))
    raw = relay.kept[0].content
    assert isinstance(raw, bytes)
    assert b"List-Unsubscribe: " + where.replace(", ", ",\r\n ").encode() in raw
    assert relay.messages[0]["List-Unsubscribe-Post"] == one_click


@pytest.mark.parametrize("value", ["<https://x.example>\r\nBcc: all@example.org", "<https://żółć.example>"])
def test_no_header_of_a_message_brings_another_or_what_is_not_ascii(
    encrypted: SmtpEmail, relay: Relay, email: MakeEmail, value: str
) -> None:
    with pytest.raises(SendFailed, match="email_malformed"):
        encrypted.send(email(headers={"List-Unsubscribe": value}))
    assert relay.kept == []


def test_long_words_beyond_ascii_travel_in_seven_bits_and_arrive_whole(
    encrypted: SmtpEmail, relay: Relay, email: MakeEmail
) -> None:
    subject, text = "Żółć " * 40 + "end", "Zażółć gęślą jaźń. " * 100 + "\n"
    encrypted.send(email(subject=subject, text=text))
    (message,) = relay.messages
    body = message.get_body(("plain",))
    assert body is not None
    assert (message["Subject"], body.get_content().replace("\r\n", "\n")) == (subject, text)
    raw = relay.kept[0].content
    assert isinstance(raw, bytes)
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998

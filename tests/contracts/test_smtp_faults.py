"""What SMTP does when the relay refuses, is slow, or goes away: what was certainly not sent, and what nobody knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clinic_portal.integrations import smtp_email, smtp_line
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.messaging.ports import Email, SendFailed
from tests.contracts.smtp_kit import Relay
from tests.contracts.surly import Surly

pytestmark = pytest.mark.req("B6")
MakeEmail = Callable[..., Email]


@pytest.fixture
def surly() -> Iterator[Callable[..., Surly]]:
    running: list[Surly] = []

    def start(*told: str, **how: Any) -> Surly:
        running.append(Surly(*told, **how))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def to(smtp: Callable[..., SmtpEmail]) -> Callable[[Surly], SmtpEmail]:
    return lambda relay: smtp(relay.port, smtp_starttls=False)


def failure(sender: SmtpEmail, message: Email) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        sender.send(message)
    return failed.value


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_hung_up_before_the_message_was_handed_over_nothing_was_sent(
    surly: Callable[..., Surly], to: Callable[[Surly], SmtpEmail], email: MakeEmail, step: str
) -> None:
    failed = failure(to(surly(step, "drop")), email())
    assert (failed.reason, failed.permanent, failed.is_unknown) == ("smtp_unreachable", False, False)
    assert failed.retry_after_seconds == smtp_line.REST_SECONDS


def test_hung_up_after_the_message_was_handed_over_nobody_knows(
    surly: Callable[..., Surly], to: Callable[[Surly], SmtpEmail], email: MakeEmail
) -> None:
    relay = surly("end", "drop")
    failed = failure(to(relay), email())
    assert (failed.reason, failed.permanent, failed.is_unknown) == ("smtp_no_answer", False, True)
    assert len(relay.taken) == 1


def test_hung_up_in_the_middle_of_a_large_message_it_was_not_sent(
    surly: Callable[..., Surly], to: Callable[[Surly], SmtpEmail], email: MakeEmail
) -> None:
    relay = surly("middle", "drop")
    failed = failure(to(relay), email(text="long words\n" * 2_000_000))
    assert (failed.reason, failed.is_unknown) == ("smtp_unreachable", False)
    assert relay.taken == []


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"])
def test_who_answers_a_byte_at_a_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
    surly: Callable[..., Surly],
    to: Callable[[Surly], SmtpEmail],
    email: MakeEmail,
    step: str,
) -> None:
    monkeypatch.setattr(smtp_email, "MESSAGE_SECONDS", 0.3)
    begun = time.monotonic()
    failed = failure(to(surly(step, "drip")), email())
    assert time.monotonic() - begun < 5
    assert failed.is_unknown == (step == "end")
    assert not failed.permanent


@pytest.mark.parametrize(
    ("step", "does", "is_permanent", "rests"),
    [
        ("greeting", "554 go away", False, True),
        ("greeting", "421 too many", False, True),
        ("MAIL", "550 not from you", False, True),
        ("MAIL", "451 later", False, True),
        ("MAIL", "421 closing", False, True),
        ("RCPT", "550 nobody here", True, False),
        ("RCPT", "451 later", False, False),
        ("RCPT", "530 sign in first", False, True),
        ("RCPT", "421 closing", False, True),
        ("DATA", "554 no valid recipients", True, False),
        ("DATA", "421 closing", False, True),
        ("end", "552 too much", True, False),
        ("end", "451 later", False, False),
        ("end", "421 closing", False, True),
    ],
)
def test_a_refusal_is_of_one_message_or_of_all(
    surly: Callable[..., Surly],
    to: Callable[[Surly], SmtpEmail],
    email: MakeEmail,
    step: str,
    does: str,
    is_permanent: bool,
    rests: bool,
) -> None:
    failed = failure(to(surly(step, does)), email())
    assert (failed.reason, failed.permanent, failed.is_unknown) == (f"smtp_{does[:3]}", is_permanent, False)
    assert bool(failed.retry_after_seconds) == rests


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("does", ["drop", "421 idle for too long"])
def test_a_connection_that_ended_meanwhile_is_replaced_without_a_word(
    surly: Callable[..., Surly], to: Callable[[Surly], SmtpEmail], email: MakeEmail, step: str, does: str
) -> None:
    relay = surly()
    sender = to(relay)
    sender.send(email())
    relay.step, relay.does, relay.only = step, does, 1
    sender.send(email())
    assert (len(relay.taken), relay.connections) == (2, 2)


def test_a_replaced_connection_is_not_replaced_again(
    surly: Callable[..., Surly], to: Callable[[Surly], SmtpEmail], email: MakeEmail
) -> None:
    relay = surly()
    sender = to(relay)
    sender.send(email())
    relay.step, relay.does = "MAIL", "drop"
    assert failure(sender, email()).reason == "smtp_unreachable"
    assert relay.connections == 2


def test_a_line_that_begins_with_a_dot_arrives_with_it(
    smtp: Callable[..., SmtpEmail], serve: Callable[..., int], relay: Relay, email: MakeEmail
) -> None:
    smtp(serve()).send(email(text=".\n.hidden\n..\n", ics=None))
    (message,) = relay.messages
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == [".", ".hidden", ".."]


# Connections


def test_one_connection_carries_many_messages(
    smtp: Callable[..., SmtpEmail], serve: Callable[..., int], relay: Relay, email: MakeEmail
) -> None:
    sender = smtp(serve())
    for _ in range(5):
        sender.send(email())
    assert (len(relay.kept), relay.connections) == (5, 1)


def test_a_refused_recipient_costs_no_connection_and_is_not_carried_into_the_next_message(
    smtp: Callable[..., SmtpEmail], serve: Callable[..., int], relay: Relay, email: MakeEmail
) -> None:
    sender = smtp(serve())
    relay.answers["amara@example.org"] = "550 nobody here"
    failure(sender, email())
    sender.send(email(to="bao@example.org"))
    assert [one.rcpt_tos for one in relay.kept] == [["bao@example.org"]]
    assert relay.connections == 1


def test_a_connection_is_let_go_after_so_many_messages(
    monkeypatch: pytest.MonkeyPatch,
    smtp: Callable[..., SmtpEmail],
    serve: Callable[..., int],
    relay: Relay,
    email: MakeEmail,
) -> None:
    monkeypatch.setattr(smtp_email, "MOST_USES", 2)
    sender = smtp(serve())
    for _ in range(4):
        sender.send(email())
    assert relay.connections == 2


def test_a_connection_that_was_idle_for_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
    smtp: Callable[..., SmtpEmail],
    serve: Callable[..., int],
    relay: Relay,
    email: MakeEmail,
) -> None:
    sender = smtp(serve())
    sender.send(email())
    monkeypatch.setattr(smtp_email, "IDLE_SECONDS", -1)
    sender.send(email())
    assert relay.connections == 2


def test_eight_at_once_each_arrive_once_and_whole(
    smtp: Callable[..., SmtpEmail], serve: Callable[..., int], relay: Relay, email: MakeEmail
) -> None:
    sender = smtp(serve())
    with ThreadPoolExecutor(8) as side_by_side:
        sent = list(side_by_side.map(sender.send, [email() for _ in range(40)]))
    assert sorted(str(one["Message-ID"]).strip("<>") for one in relay.messages) == sorted(sent)
    assert relay.connections <= 40
    assert len(sender._free) <= smtp_email.KEPT_OPEN


def test_closed_it_keeps_nothing_open_and_can_still_send(
    smtp: Callable[..., SmtpEmail], serve: Callable[..., int], relay: Relay, email: MakeEmail
) -> None:
    sender = smtp(serve())
    sender.send(email())
    sender.close()
    sender.send(email())
    assert sender._free == []
    assert relay.connections == 2


def test_bounces_go_to_an_address_of_their_own(
    smtp: Callable[..., SmtpEmail], serve: Callable[..., int], relay: Relay, email: MakeEmail
) -> None:
    smtp(serve(), bounce_address="bounces@lumen.example").send(email())
    assert relay.kept[0].mail_from == "bounces@lumen.example"
    assert relay.messages[0]["From"].addresses[0].addr_spec == "hello@lumen.example"


def test_a_wrong_certificate_says_so_and_lets_the_channel_rest(
    smtp: Callable[..., SmtpEmail], serve: Callable[..., int], email: MakeEmail
) -> None:
    failed = failure(smtp(serve(), trusts=False), email())
    assert (failed.reason, failed.retry_after_seconds) == ("smtp_certificate", smtp_line.LONG_REST_SECONDS)

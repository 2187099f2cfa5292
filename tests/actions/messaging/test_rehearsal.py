"""What phones and mail servers say in a rehearsal, by the verbs of the true ones."""

from __future__ import annotations

from typing import Any

import pytest

from clinic_portal.bootstrap import cashier
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.email import SandboxEmail
from clinic_portal.integrations.sandbox.sms import SandboxSms
from clinic_portal.messaging import heard, queries, rehearsal, unreachable
from clinic_portal.messaging.models import Message, Reply
from clinic_portal.messaging.ports import Senders
from clinic_portal.messaging.types import Channel
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, finish

pytestmark = pytest.mark.req("B7")


@pytest.fixture
def worker(services: Services) -> Worker:
    return Worker(services, Senders(SandboxEmail(services), SandboxSms(services)), cashier(services))


def letter(services: Services, channel: str) -> Any:
    return next(one for one in services.ask(queries.sandbox) if one.channel == channel)


def state(services: Services, letter_id: int) -> str | None:
    return next(one.state for one in services.ask(queries.sandbox) if one.id == letter_id)


@pytest.mark.req("B6")
def test_a_text_is_told_to_have_arrived_a_moment_later(
    services: Services, worker: Worker, booked: int, clock: FixedClock
) -> None:
    finish(worker)
    text, mail = letter(services, "sms"), letter(services, "email")
    assert (text.state, mail.state) == ("sent", "sent")
    clock.advance(rehearsal.A_MOMENT)
    finish(worker)
    assert (state(services, text.id), state(services, mail.id)) == ("delivered", "sent")


@pytest.mark.req("B6")
def test_an_email_to_a_mailbox_that_is_never_there_comes_back(
    services: Services, worker: Worker, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    factories.booked(clinic, "browser", THURSDAY, "10:30", "botox", email="Bounce@example.org")
    finish(worker)
    assert services.ask(unreachable.silence, Channel.EMAIL, "bounce@example.org") is None
    clock.advance(rehearsal.A_MOMENT)
    finish(worker)
    assert services.ask(unreachable.silence, Channel.EMAIL, "bounce@example.org") is not None
    assert {one.state for one in factories.rows(services, Message) if one.channel == "email"} == {"failed"}


@pytest.mark.req("B6")
def test_a_text_to_a_phone_that_is_never_on_does_not_arrive(
    services: Services, worker: Worker, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    factories.booked(clinic, "browser", THURSDAY, "10:30", "botox", phone="(512) 555-0199")
    finish(worker)
    clock.advance(rehearsal.A_MOMENT)
    finish(worker)
    texts = [one for one in factories.rows(services, Message) if one.kind == "appointment_booked"]
    assert {one.channel: (one.state, one.last_error) for one in texts} == {
        "sms": ("failed", "sms_30003"),
        "email": ("sent", None),
    }


def test_a_phone_answers_and_stop_is_honoured(services: Services, worker: Worker, booked: int) -> None:
    finish(worker)
    text = letter(services, "sms")
    services.do(rehearsal.reply, text.id, "See you then! 🙂")
    services.do(rehearsal.reply, text.id, "Stop")
    first, second = factories.rows(services, Reply)
    assert services.ask(heard.words, first.sender_id, first.body) == "See you then! 🙂"
    assert (first.from_address, first.keyword, second.keyword) == (text.to_address, None, "stop")
    assert services.ask(unreachable.silence, Channel.SMS, text.to_address) is not None


@pytest.mark.parametrize(("channel", "error"), [("sms", "sms_30003"), ("email", "bounced_5.1.1")])
def test_a_message_can_be_made_not_to_arrive(
    services: Services, worker: Worker, booked: int, channel: str, error: str
) -> None:
    finish(worker)
    about = letter(services, channel)
    assert services.do(rehearsal.fail, about.id)
    assert not services.do(rehearsal.fail, about.id)
    (row,) = [one for one in factories.rows(services, Message) if one.state == "failed"]
    assert (row.channel, row.last_error) == (channel, error)


def test_an_email_cannot_answer_and_a_text_that_never_was_neither(
    services: Services, worker: Worker, booked: int
) -> None:
    finish(worker)
    for letter_id in (letter(services, "email").id, 10**6):
        with pytest.raises(NotAllowed):
            services.do(rehearsal.reply, letter_id, "hello")
    assert factories.rows(services, Reply) == []

"""What the SMS service tells: in any order, more than once, before we wrote down ourselves what we sent."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from clinic_portal.core import audit, outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.messaging import delivery, heard, unreachable
from clinic_portal.messaging.models import Message, Reply, Unreachable
from clinic_portal.messaging.ports import Incoming, Told
from clinic_portal.messaging.types import Channel, Fate
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import Notebook, finish

SID = "SM" + "0" * 32
pytestmark = pytest.mark.req("B6")


def text(services: Services) -> Any:
    return next(
        one for one in factories.rows(services, Message) if (one.kind, one.channel) == ("appointment_booked", "sms")
    )


def tells(services: Services, fate: Fate, reason: str = "", *, sender_id: str = "") -> bool:
    about = text(services)
    return services.do(heard.told, Told(about.message_id, sender_id or about.sender_id or SID, fate, reason))


def reply(services: Services, body: str, *, sender_id: str = SID, keyword: str | None = None) -> bool:
    return services.do(heard.replied, Incoming(sender_id, factories.MOBILE, body, keyword))


@pytest.mark.parametrize("order", permutations((Fate.TAKEN, Fate.DELIVERED, Fate.TAKEN)))
def test_in_whatever_order_it_is_told_what_was_delivered_was_delivered(
    services: Services, worker: Worker, booked: int, order: tuple[Fate, ...]
) -> None:
    finish(worker)
    for fate in order:
        tells(services, fate)
    assert text(services).state == "delivered"
    assert text(services).delivered_at == services.clock.now()


def test_what_did_not_arrive_is_final_and_said_once(services: Services, worker: Worker, booked: int) -> None:
    finish(worker)
    assert tells(services, Fate.FAILED, "sms_30003")
    assert not tells(services, Fate.FAILED, "sms_30003")
    assert not tells(services, Fate.DELIVERED)
    assert (text(services).state, text(services).last_error) == ("failed", "sms_30003")


def test_what_is_told_before_we_wrote_down_that_we_sent_it_keeps_it_from_going_out_again(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once(only={"appointment.booked"})
    for row in services.do(lambda work: outbox.claim(work.session, now=work.now, limit=9, only={"message.sms"})):
        services.do(delivery.begin, row, services.ask(delivery.written, row))  # sent, and killed before the mark
    tells(services, Fate.DELIVERED)
    clock.advance(outbox.LEASE)
    finish(worker)
    assert sent.texts == []
    assert (text(services).state, text(services).sender_id) == ("delivered", SID)


def test_our_own_mark_comes_late_and_takes_nothing_back(
    services: Services, worker: Worker, booked: int, clock: FixedClock
) -> None:
    worker.run_once(only={"appointment.booked"})
    (row,) = services.do(lambda work: outbox.claim(work.session, now=work.now, limit=9, only={"message.sms"}))
    services.do(delivery.begin, row, services.ask(delivery.written, row))
    tells(services, Fate.FAILED, "sms_30007")
    services.do(delivery.mark_sent, row, SID)
    assert (text(services).state, text(services).last_error) == ("failed", "sms_30007")


def test_what_is_told_of_an_earlier_try_or_of_no_message_of_ours_changes_nothing(
    services: Services, worker: Worker, booked: int
) -> None:
    finish(worker)
    assert not tells(services, Fate.FAILED, "sms_30003", sender_id="SM" + "f" * 32)
    assert not services.do(heard.told, Told("nobody@example.org", SID, Fate.DELIVERED))
    assert text(services).state == "sent"


@pytest.mark.req("P14")
@pytest.mark.parametrize(
    ("reason", "known"),
    [("sms_21610", "stop"), ("sms_21211", "invalid"), ("sms_30006", "invalid"), ("sms_30003", None)],
)
def test_a_refusal_that_is_about_the_number_is_remembered_for_the_number(
    services: Services, worker: Worker, booked: int, reason: str, known: str | None
) -> None:
    finish(worker)
    tells(services, Fate.FAILED, reason)
    found = services.ask(unreachable.silence, Channel.SMS, factories.MOBILE)
    assert (found.reason if found else None) == known


@pytest.mark.req("P14")
@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop. ", "StopAll", "UNSUBSCRIBE", "cancel", "End", "quit", "REVOKE", "OPTOUT", "“stop”"]
)
def test_stop_is_honoured_at_once_in_all_its_words(services: Services, booked: int, word: str) -> None:
    assert reply(services, word)
    assert services.ask(unreachable.silence, Channel.SMS, factories.MOBILE).reason == "stop"


@pytest.mark.req("P14")
def test_the_services_own_word_for_it_counts_too(services: Services, booked: int) -> None:
    reply(services, "laat me met rust", keyword="stop")
    assert services.ask(unreachable.silence, Channel.SMS, factories.MOBILE).reason == "stop"


@pytest.mark.req("P14")
@pytest.mark.parametrize("word", ["Please stop calling me at work", "can I cancel my visit?", "I start at 9", ""])
def test_a_sentence_with_such_a_word_is_a_reply_like_any_other(services: Services, booked: int, word: str) -> None:
    reply(services, word)
    assert services.ask(unreachable.silence, Channel.SMS, factories.MOBILE) is None
    (kept,) = factories.rows(services, Reply)
    assert (kept.keyword, kept.attended_at) == (None, None)


@pytest.mark.req("P14")
def test_start_takes_back_a_stop_and_both_are_in_the_log_without_a_word_said(services: Services, booked: int) -> None:
    reply(services, "STOP")
    reply(services, "Start!", sender_id="SM" + "1" * 32)
    assert factories.rows(services, Unreachable) == []
    entries = [one for one in factories.rows(services, audit.AuditEntry) if one.action.startswith("sms.")]
    assert [(one.action, one.detail) for one in entries] == [("sms.stopped", {}), ("sms.started", {})]


@pytest.mark.req("P14")
def test_a_stop_told_again_after_a_start_stops_nothing(services: Services, booked: int) -> None:
    reply(services, "STOP")
    reply(services, "START", sender_id="SM" + "1" * 32)
    assert not reply(services, "STOP")
    assert services.ask(unreachable.silence, Channel.SMS, factories.MOBILE) is None


def test_a_reply_is_kept_sealed_whoever_it_is_from_and_once(services: Services, booked: int) -> None:
    words = "My lip is swollen, is that normal? 😟"
    assert services.do(heard.replied, Incoming(SID, "+15125559999", words, media=1))
    assert not services.do(heard.replied, Incoming(SID, "+15125559999", "something else"))
    (kept,) = factories.rows(services, Reply)
    assert "swollen" not in kept.body
    assert services.ask(heard.words, kept.sender_id, kept.body) == words
    assert (kept.from_address, kept.media) == ("+15125559999", 1)

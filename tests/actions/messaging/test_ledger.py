"""From an event to a message sent once, and what happens when it cannot be sent."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.booking import drafts
from clinic_portal.booking import models as booking
from clinic_portal.bootstrap import cashier
from clinic_portal.core import outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services, UnitOfWork
from clinic_portal.messaging import actions, delivery, models
from clinic_portal.messaging.ports import Senders, SendFailed, Sms
from clinic_portal.messaging.types import Channel
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish, ledger


def change(services: Services, model: Any, **values: Any) -> None:
    services.do(lambda work: work.session.execute(update(model).values(**values)))


def claim(services: Services) -> list[OutboxRow]:
    return services.do(lambda work: outbox.claim(work.session, now=work.now, limit=100))


def deliver_again(work: UnitOfWork, message_id: int) -> None:
    work.emit(actions.DELIVER[Channel.EMAIL], f"again {message_id}", message_id=message_id)


def emit_again(work: UnitOfWork, appointment_id: int) -> None:
    work.emit("appointment.booked", "the same, told twice", appointment_id=appointment_id)


@pytest.mark.req("S82")
@pytest.mark.req("B6")
def test_a_booking_is_confirmed_by_email_and_by_sms(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    finish(worker)
    assert [email.to for email in sent.emails] == ["amara@example.org"]
    assert [sms.to for sms in sent.texts if "booked" in sms.body] == [factories.MOBILE]
    told = ledger(services)
    assert {channel: entry.state for channel, entry in told.items()} == {"email": "sent", "sms": "sent"}
    assert told["email"].appointment_id == booked
    assert told["email"].sent_at == services.clock.now()


@pytest.mark.req("S82")
def test_the_same_event_told_twice_sends_nothing_twice(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    services.do(emit_again, booked)
    finish(worker)
    services.do(lambda work: work.emit("appointment.booked", "later still", appointment_id=booked))
    finish(worker)
    assert len(sent.emails) == 1
    assert len([sms for sms in sent.texts if "booked" in sms.body]) == 1


@pytest.mark.req("S66")
def test_a_code_is_sent_at_once_and_a_code_no_longer_open_is_not(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    services.do(drafts.add_service, "browser", clinic["facial"])
    services.do(
        drafts.save_details,
        "browser",
        given_name="Amara",
        family_name="Reed",
        email="amara@example.org",
        phone=factories.MOBILE,
    )
    services.do(drafts.send_code, "browser", address="here")
    clock.advance(timedelta(seconds=40))
    services.do(drafts.send_code, "browser", address="here")  # the first is void now
    finish(worker)
    assert [sms.body[:6] for sms in sent.texts] == [factories.code_for(services, "browser")]
    states = sorted(row.state for row in factories.rows(services, models.Message))
    assert states == ["dropped", "sent"]


@pytest.mark.req("B6")
def test_an_expired_code_is_dropped_rather_than_sent_late(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    services.do(drafts.add_service, "browser", clinic["facial"])
    services.do(
        drafts.save_details,
        "browser",
        given_name="Amara",
        family_name="Reed",
        email="amara@example.org",
        phone=factories.MOBILE,
    )
    services.do(drafts.send_code, "browser", address="here")
    clock.advance(timedelta(minutes=10))
    finish(worker)
    assert sent.kept == []
    assert ledger(services, "phone_code")["sms"].last_error == "code_ended"


@pytest.mark.req("B6")
@pytest.mark.parametrize(("status", "reason"), [("cancelled", "cancelled"), ("noshow", "past")])
def test_a_confirmation_of_what_is_no_more_is_dropped(
    services: Services, worker: Worker, sent: Notebook, booked: int, status: str, reason: str
) -> None:
    change(services, booking.Appointment, status=status)
    finish(worker)
    assert sent.emails == []
    assert {entry.state for entry in ledger(services).values()} == {"dropped"}
    assert {entry.last_error for entry in ledger(services).values()} == {reason}


@pytest.mark.req("B6")
def test_a_passing_failure_is_tried_again_after_a_pause_under_the_same_message_id(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    tried: list[str] = []

    def refuse(message: Any) -> SendFailed | None:
        if isinstance(message, Sms):
            return None
        tried.append(message.message_id)
        return SendFailed("smtp_451", permanent=False) if len(tried) < 3 else None

    sent.refuse = refuse
    finish(worker)
    assert ledger(services)["email"].state == "queued"
    assert ledger(services)["email"].last_error == "smtp_451"
    assert len(tried) == 1
    clock.advance(timedelta(seconds=10))
    finish(worker)
    assert len(tried) == 1, "not before its pause is over"
    for _ in range(2):
        clock.advance(timedelta(minutes=2))
        finish(worker)
    assert len(tried) == 3
    assert len(set(tried)) == 1
    entry = ledger(services)["email"]
    assert (entry.state, entry.last_error) == ("sent", None)


@pytest.mark.req("B6")
def test_a_refusal_for_good_is_given_up_at_once_and_the_other_channel_still_tells(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    sent.refuse = lambda message: None if isinstance(message, Sms) else SendFailed("smtp_550", permanent=True)
    finish(worker)
    told = ledger(services)
    assert (told["email"].state, told["email"].last_error) == ("failed", "smtp_550")
    assert told["sms"].state == "sent"
    dead = [row for row in factories.rows(services, OutboxRow) if row.state == outbox.DEAD]
    assert [row.last_error for row in dead] == ["smtp_550"]


@pytest.mark.req("B6")
def test_attempts_end_and_staff_can_ask_for_another(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock, caplog: Any
) -> None:
    sent.refuse = lambda message: None if isinstance(message, Sms) else SendFailed("smtp_451", permanent=False)
    for _ in range(24):
        finish(worker)
        assert ledger(services)["email"].state == "queued", "a relay may be down for a day"
        clock.advance(timedelta(hours=1))
    finish(worker)
    failed = ledger(services)["email"]
    assert failed.state == "failed"
    assert "given up" in caplog.text
    sent.refuse = lambda message: None
    services.do(actions.send_again, failed.id, actor="staff:1")
    finish(worker)
    assert ledger(services)["email"].state == "sent"
    with pytest.raises(NotAllowed):
        services.do(actions.send_again, failed.id, actor="staff:1")


@pytest.mark.req("B6")
def test_a_killed_workers_row_is_taken_over_when_its_lease_runs_out(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once()  # plans the messages
    claim(services)  # a worker takes them, and is killed
    finish(worker)
    assert sent.kept == []
    clock.advance(outbox.LEASE)
    finish(worker)
    assert len(sent.emails) == 1
    assert {entry.state for entry in ledger(services).values()} == {"sent"}


@pytest.mark.req("B6")
def test_a_worker_whose_lease_passed_on_changes_nothing_any_more(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once()
    late = claim(services)
    clock.advance(outbox.LEASE)
    sent.refuse = lambda message: SendFailed("smtp_451", permanent=False)
    finish(worker)
    before = ledger(services)
    for row in late:
        services.do(delivery.mark_failed, row, SendFailed("smtp_550", permanent=True))
    assert ledger(services) == before
    for row in late:
        services.do(delivery.mark_sent, row, "an id")
    assert {entry.state for entry in ledger(services).values()} == {"sent"}, "what was sent was sent"
    clock.advance(timedelta(hours=2))
    sent.refuse = lambda message: None
    finish(worker)
    assert sent.kept == [], "and is not sent again"


@pytest.mark.req("B6")
def test_what_was_sent_stays_sent_when_its_delivery_is_asked_for_again(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    finish(worker)
    before = ledger(services)
    for entry in before.values():
        services.do(deliver_again, entry.id)
    finish(worker)
    assert ledger(services) == before
    assert len(sent.emails) == 1


@pytest.mark.req("B6")
def test_two_workers_at_once_send_nothing_twice(
    services: Services, sent: Notebook, clinic: factories.SmallClinic
) -> None:
    for hour in range(9, 15):
        factories.booked(
            clinic,
            f"browser {hour}",
            THURSDAY,
            f"{hour}:00",
            "facial",
            phone=f"+1512555010{hour - 9}",
            email=f"p{hour}@example.org",
        )
    senders = Senders(email=sent, sms=sent)
    both = [threading.Thread(target=finish, args=(Worker(services, senders, cashier(services)),)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    finish(Worker(services, senders, cashier(services)))
    assert sorted(email.to for email in sent.emails) == sorted(f"p{hour}@example.org" for hour in range(9, 15))
    confirmations = [sms.to for sms in sent.texts if "booked" in sms.body]
    assert len(confirmations) == len(set(confirmations)) == 6


@pytest.mark.req("B6")
def test_a_bug_while_sending_is_tried_again_and_tells_no_one_whose_message_it_was(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock, caplog: Any
) -> None:
    def explode(message: Any) -> SendFailed | None:
        raise RuntimeError(f"cannot send to {message.to}")

    sent.refuse = explode
    with caplog.at_level(logging.DEBUG, logger="clinic_portal"):
        for _ in range(12):
            finish(worker)
            clock.advance(timedelta(hours=1, minutes=1))
    assert {entry.state for entry in ledger(services).values()} == {"failed"}
    assert {entry.last_error for entry in ledger(services).values()} == {"RuntimeError"}
    assert "amara@example.org" not in caplog.text
    assert factories.MOBILE not in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_reaction_that_fails_keeps_nothing_and_is_tried_again(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    services.do(lambda work: work.emit("appointment.booked", "of nothing", appointment_id=987654))
    services.do(lambda work: work.emit("nobody.listens", "nothing"))
    finish(worker)
    assert sent.kept == []
    states = {row.kind: (row.state, row.last_error) for row in factories.rows(services, OutboxRow)}
    assert states["appointment.booked"] == (outbox.READY, "NotAllowed")
    assert states["nobody.listens"] == (outbox.DROPPED, "no_reaction")


@pytest.mark.req("B6")
def test_the_outbox_and_the_ledger_hold_no_text_and_the_outbox_no_address(
    services: Services, worker: Worker, booked: int
) -> None:
    finish(worker)
    for row in factories.rows(services, OutboxRow):
        assert all(isinstance(value, int) for value in row.payload.values())
    for message in factories.rows(services, models.Message):
        assert "Botox" not in repr(message)

"""A message between its turn and its end: what is unknown, what is refused, who is not reached, who goes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.booking import changes, drafts
from clinic_portal.booking.models import Appointment
from clinic_portal.bootstrap import cashier
from clinic_portal.clinic import models as clinics
from clinic_portal.core import outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.messaging import copies, delivery, invariants, unreachable
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.ports import Email, Senders, SendFailed, Sms
from clinic_portal.messaging.types import Channel
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish, ledger

pytestmark = pytest.mark.req("B6")


def claim(services: Services, kind: str) -> list[OutboxRow]:
    return services.do(lambda work: outbox.claim(work.session, now=work.now, limit=100, only={kind}))


def message(services: Services, kind: str, channel: str) -> Any:
    return next(one for one in factories.rows(services, Message) if (one.kind, one.channel) == (kind, channel))


def begun(services: Services, row: OutboxRow) -> Email | Sms | None:
    return services.do(delivery.begin, row, services.ask(delivery.written, row))


def begun_and_killed(services: Services, clock: FixedClock) -> list[Email | Sms | None]:
    """E-mails handed over by a worker that was killed before it could write down what came of it."""
    handed = [begun(services, row) for row in claim(services, "message.email")]
    clock.advance(outbox.LEASE)
    return handed


def emails_only(reason: str = "smtp_550", *, permanent: bool = True, is_unknown: bool = False) -> Any:
    failure = SendFailed(reason, permanent=permanent, is_unknown=is_unknown)
    return lambda message: failure if isinstance(message, Email) else None


def test_what_a_killed_worker_had_in_hand_goes_out_once_more_with_the_very_same_words(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once(only={"appointment.booked"})
    (first,) = begun_and_killed(services, clock)
    services.do(lambda work: work.execute(update(factories.table(clinics.Clinic)).values(name="Renamed", version=99)))
    finish(worker)
    assert sent.emails == [first]
    assert ledger(services)["email"].state == "sent"


def test_after_a_second_time_nobody_can_tell_it_goes_out_no_third_time(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once(only={"appointment.booked"})
    begun_and_killed(services, clock)
    begun_and_killed(services, clock)
    finish(worker)
    assert sent.emails == []
    told = ledger(services)
    assert (told["email"].state, told["email"].last_error) == ("failed", "outcome_unknown")
    assert told["sms"].state == "sent"


def test_no_answer_is_no_refusal_the_same_words_go_out_once_more(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    tried: list[Email | Sms] = []

    def silent(given: Email | Sms) -> SendFailed | None:
        if isinstance(given, Email):
            tried.append(given)
        return emails_only("smtp_unreachable", permanent=False, is_unknown=True)(given)

    sent.refuse = silent
    finish(worker)
    services.do(lambda work: work.execute(update(factories.table(clinics.Clinic)).values(name="Renamed", version=99)))
    for _ in range(4):
        clock.advance(timedelta(hours=1))
        finish(worker)
    assert len(tried) == 2
    assert tried[0] == tried[1]
    assert ledger(services)["email"].last_error == "smtp_unreachable"


def test_a_refusal_is_an_answer_later_words_are_new_ones(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    sent.refuse = emails_only("smtp_451", permanent=False)
    finish(worker)
    services.do(lambda work: work.execute(update(factories.table(clinics.Clinic)).values(name="Renamed", version=99)))
    clock.advance(timedelta(hours=1))
    sent.refuse = lambda given: None
    finish(worker)
    assert "Renamed" in sent.emails[0].text


def test_what_was_in_hand_is_not_repeated_when_its_visit_was_cancelled_meanwhile(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock, clinic: factories.SmallClinic
) -> None:
    worker.run_once(only={"appointment.booked"})
    begun_and_killed(services, clock)
    visit = message(services, "appointment_booked", "email")
    seen = factories.rows(services, Appointment)[0]
    services.do(changes.cancel, visit.patient_id, seen.reference, shown_fee_minor=0)
    finish(worker)
    assert [one.subject.split(":")[0] for one in sent.emails] == ["Cancelled"]


def test_a_confirmation_that_is_late_for_a_visit_moved_meanwhile_leaves_it_to_the_letter_of_the_new_time(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    worker.run_once(only={"appointment.booked"})
    visit = message(services, "appointment_booked", "email")
    reference = factories.rows(services, Appointment)[0].reference
    services.do(changes.move, visit.patient_id, reference, factories.minute(THURSDAY, "14:00"))
    finish(worker)
    assert [one.subject.split(":")[0] for one in sent.emails] == ["Your new time"]
    assert ledger(services)["email"].last_error == "moved_again"


@pytest.mark.req("P14")
@pytest.mark.parametrize("reason", ["stop", "bounced", "invalid"])
def test_nothing_goes_where_nothing_is_wanted_or_nothing_arrives(
    services: Services, worker: Worker, sent: Notebook, booked: int, reason: str
) -> None:
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, reason)
    finish(worker)
    assert sent.texts == []
    entry = ledger(services)["sms"]
    assert (entry.state, entry.last_error) == ("dropped", f"unreachable_{reason}")
    assert ledger(services)["email"].state == "sent"


@pytest.mark.req("P14")
def test_who_is_reached_by_neither_channel_is_for_staff_to_see_to_though_both_are_dropped_at_once(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, "stop")
    services.do(unreachable.note, Channel.EMAIL, "amara@example.org", "bounced")
    finish(worker)
    assert sent.kept == []
    assert sorted(one.state for one in ledger(services).values()) == ["dropped", "failed"]


@pytest.mark.req("P14")
@pytest.mark.req("S66")
@pytest.mark.parametrize(("reason", "sends"), [("stop", 0), ("invalid", 1)])
def test_a_code_goes_where_an_earlier_one_came_back_but_never_where_its_owner_said_stop(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, reason: str, sends: int
) -> None:
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, reason)
    services.do(drafts.add_service, "browser", clinic["facial"])
    who = {"given_name": "Amara", "family_name": "Reed", "email": "amara@example.org", "phone": factories.MOBILE}
    services.do(drafts.save_details, "browser", **who)
    services.do(drafts.send_code, "browser", address="here")
    finish(worker)
    assert len(sent.texts) == sends


def test_who_is_told_by_the_other_channel_is_told_once_and_both_are_in_the_ledger(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    finish(worker)
    first = message(services, "appointment_booked", "sms")
    services.do(
        lambda work: work.execute(
            update(factories.table(Message)).where(Message.channel == "email").values(dedupe_key="another")  # type: ignore[arg-type]
        )
    )
    assert services.do(delivery.not_delivered, first.id, "sms_30003")
    assert not services.do(delivery.not_delivered, first.id, "sms_30003")
    finish(worker)
    stands_in = next(one for one in factories.rows(services, Message) if one.stands_in_for_id == first.id)
    assert (stands_in.channel, stands_in.state, stands_in.to_address) == ("email", "sent", "amara@example.org")
    assert message(services, "appointment_booked", "sms").state == "failed"


def test_what_was_said_stays_for_staff_and_what_lets_somebody_in_does_not(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    finish(worker)
    for one in factories.rows(services, Message):
        said = services.ask(copies.said, one.id)
        if one.kind in ("phone_code", "account_link"):
            assert (said, one.letter) == (None, None)
        else:
            assert said is not None
            assert "booked" in said.text
            assert "booked" not in (one.letter or "")


def test_a_code_goes_before_ten_thousand_letters_that_are_due(services: Services, booked: int) -> None:
    rows = [
        outbox.row("nobody.listens", f"bulk {n}", {}, now=services.clock.now(), run_at=services.clock.now(), priority=2)
        for n in range(10_000)
    ]
    services.do(lambda work: outbox.write(work.session, rows))
    services.do(lambda work: work.emit("phone_code.requested", "late", priority=outbox.URGENT, code_id=1))
    first = services.do(lambda work: outbox.claim(work.session, now=work.now, limit=1))
    assert [row.kind for row in first] == ["phone_code.requested"]


def test_a_channel_that_asks_for_a_rest_gets_it_and_the_other_goes_on(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic, clock: FixedClock
) -> None:
    for hour in range(9, 13):
        who = {"phone": f"+1512555010{hour - 9}", "email": f"p{hour}@example.org"}
        factories.booked(clinic, f"browser {hour}", THURSDAY, f"{hour}:00", "facial", **who)
    while worker.run_once(but={"message.sms"}):
        pass
    assert len(sent.emails) == 4
    before = sent.tries
    limited = SendFailed("sms_429", permanent=False, retry_after_seconds=120)
    sent.refuse = lambda given: limited if isinstance(given, Sms) else None
    worker.run_once(only={"message.sms"})
    asked = sent.tries - before
    assert worker.run_once(only={"message.sms"}) == 0
    assert sent.tries - before == asked
    sent.refuse = lambda given: None
    clock.advance(timedelta(minutes=4))
    finish(worker)
    assert {one.state for one in factories.rows(services, Message) if one.kind == "appointment_booked"} == {"sent"}


def test_a_row_whose_workers_die_again_and_again_is_given_up(
    services: Services, booked: int, clock: FixedClock
) -> None:
    services.do(lambda work: work.emit("nobody.listens", "poison"))
    for _ in range(17):
        services.do(lambda work: outbox.claim(work.session, now=work.now, limit=100))
        clock.advance(outbox.LEASE)
    poison = next(row for row in factories.rows(services, OutboxRow) if row.kind == "nobody.listens")
    assert (poison.state, poison.last_error) == (outbox.DEAD, "worker_died")


def test_a_worker_whose_lease_passed_on_hands_nothing_over(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    worker.run_once(only={"appointment.booked"})
    late = claim(services, "message.email")
    clock.advance(outbox.LEASE)
    finish(Worker(services, Senders(sent, sent), cashier(services)))
    assert [begun(services, row) for row in late] == [None]
    assert len(sent.emails) == 1


def test_no_message_waits_that_nobody_will_send(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    sent.refuse = emails_only("smtp_451", permanent=False)
    finish(worker)
    assert services.ask(invariants.broken) == []
    services.do(lambda work: work.execute(outbox.OUTBOX.delete()))
    waits = message(services, "appointment_booked", "email").id
    assert services.ask(invariants.broken) == [f"Message {waits} waits, and nothing will send it."]

"""Instructions by e-mail: before a visit with its booking, after it at their delay, never for one that was not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from clinic_portal.booking import changes, models
from clinic_portal.booking.access import visit_of
from clinic_portal.booking.queries import visit
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.work import Services
from clinic_portal.messaging import care
from clinic_portal.messaging.ports import Email, SendFailed
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish
from tests.forms_kit import AFTER, put, put_all


@pytest.fixture
def clinic(services: Services) -> factories.SmallClinic:
    made = factories.small_clinic(services)
    put_all(made)
    return made


def letters(sent: Notebook, about: str) -> list[Email]:
    return [one for one in sent.emails if one.subject.startswith(about)]


def go_to(clock: FixedClock, at: datetime) -> None:
    clock.advance(at - clock.now())


def work_on(worker: Worker) -> None:
    worker.tend()
    finish(worker)


def mark(services: Services, appointment_id: int, status: str) -> None:
    column = table(models.Appointment)
    services.do(lambda work: work.execute(update(column).where(column.c.id == appointment_id).values(status=status)))


@pytest.mark.req("S42")
def test_instructions_for_before_come_with_the_booking(worker: Worker, sent: Notebook, booked: int) -> None:
    finish(worker)
    [letter] = letters(sent, "Before your visit")
    assert "No alcohol the day before." in letter.text
    assert "No alcohol the day before." in letter.html


@pytest.mark.req("S41")
def test_the_confirmation_names_the_forms_to_fill_in(
    clinic: factories.SmallClinic, worker: Worker, sent: Notebook, booked: int
) -> None:
    clinic.settings(email_names_services=True)
    finish(worker)
    [letter] = letters(sent, "You’re booked")[:1] or [one for one in sent.emails if "booked" in one.text]
    for part in (letter.text, letter.html):
        assert "About your health" in part
        assert "Consent to neurotoxin" in part
        assert "After your visit" not in part


def test_a_visit_without_instructions_brings_no_empty_letter(
    clinic: factories.SmallClinic, worker: Worker, sent: Notebook
) -> None:
    factories.booked(clinic, "browser", THURSDAY, "10:30", "facial")
    finish(worker)
    assert letters(sent, "Before your visit") == []


@pytest.mark.req("S45")
@pytest.mark.req("P12")
def test_instructions_for_afterwards_come_at_their_delay_and_once(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    finish(worker)
    due_at = services.ask(visit, booked).end_at + timedelta(hours=2)
    go_to(clock, due_at - timedelta(minutes=1))
    work_on(worker)
    assert letters(sent, "After your visit") == []
    go_to(clock, due_at)
    work_on(worker)
    work_on(worker)
    [letter] = letters(sent, "After your visit")
    assert "Stay upright for four hours." in letter.text


@pytest.mark.req("S45")
@pytest.mark.parametrize("status", ["cancelled", "noshow"])
def test_nothing_comes_after_a_visit_that_was_not(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock, status: str
) -> None:
    finish(worker)
    mark(services, booked, status)
    go_to(clock, services.ask(visit, booked).end_at + timedelta(hours=3))
    work_on(worker)
    assert letters(sent, "After your visit") == []


@pytest.mark.req("S45")
def test_a_visit_marked_as_missed_while_the_letter_waits_gets_none(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    finish(worker)
    go_to(clock, services.ask(visit, booked).end_at + timedelta(hours=3))
    worker.tend()
    mark(services, booked, "noshow")
    finish(worker)
    assert letters(sent, "After your visit") == []


@pytest.mark.req("S45")
def test_a_moved_visit_moves_its_instructions_along(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    finish(worker)
    before = services.ask(visit, booked)
    start = factories.minute(THURSDAY + timedelta(days=7), "10:30")
    services.do(changes.move, before.patient_id, before.reference, start)
    go_to(clock, before.end_at + timedelta(hours=3))
    work_on(worker)
    assert letters(sent, "After your visit") == []
    go_to(clock, services.ask(visit, booked).end_at + timedelta(hours=2))
    work_on(worker)
    assert len(letters(sent, "After your visit")) == 1


@pytest.mark.req("P12")
def test_each_instruction_has_its_own_delay(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    clinic.settings(email_names_services=True)
    later = {"title": "Two weeks on", "html": "<p>How did it settle?</p>"}
    put(clinic, "later", "after", later, delay_minutes=14 * 24 * 60)
    booked = factories.booked(clinic, "browser", THURSDAY, "10:30", "botox").appointment_id
    finish(worker)
    go_to(clock, services.ask(visit, booked).end_at + timedelta(days=1))
    work_on(worker)
    assert [AFTER["title"].upper() in one.text for one in letters(sent, "After your visit")] == [True]
    go_to(clock, services.ask(visit, booked).end_at + timedelta(days=14))
    work_on(worker)
    assert ["TWO WEEKS ON" in one.text for one in letters(sent, "After your visit")] == [False, True]


@pytest.mark.req("S42")
def test_a_cancelled_visit_sends_nothing_to_get_ready_for(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    about = services.ask(visit, booked)
    fee = services.ask(lambda read: changes.fee_minor(read, visit_of(read, about.patient_id, about.reference)))
    services.do(changes.cancel, about.patient_id, about.reference, shown_fee_minor=fee)
    finish(worker)
    assert letters(sent, "Before your visit") == []


@pytest.mark.req("B6")
def test_instructions_that_did_not_arrive_are_told_of_by_sms_without_a_word_of_them(
    worker: Worker, sent: Notebook, booked: int
) -> None:
    refused = SendFailed("smtp_550", permanent=True)
    sent.refuse = lambda letter: refused if isinstance(letter, Email) and letter.subject.startswith("Before") else None
    finish(worker)
    [told] = [one.body for one in sent.texts if "could not reach you by e-mail" in one.body]
    assert "/portal" in told
    assert "alcohol" not in told


@pytest.mark.req("S45")
def test_a_worker_that_was_down_for_days_sends_all_that_came_due_meanwhile(
    services: Services,
    worker: Worker,
    sent: Notebook,
    clinic: factories.SmallClinic,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(care, "PORTION", 2)
    for hour in range(9, 14):
        who = {"phone": f"+1512555010{hour - 9}", "email": f"p{hour}@example.org"}
        factories.booked(clinic, f"browser {hour}", THURSDAY, f"{hour}:00", "botox", provider="maya", **who)
    clock.advance(timedelta(days=14))
    work_on(worker)
    assert len({one.to for one in letters(sent, "After your visit")}) == 5

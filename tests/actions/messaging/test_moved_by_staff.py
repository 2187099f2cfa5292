"""Staff change a visit once more before the news of its move is out: the patient hears how it stands then (S82)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinic_portal.booking import changes, desk
from clinic_portal.booking.types import Visit
from clinic_portal.core.clock import FixedClock
from clinic_portal.messaging.ports import Email, SendFailed, Sms
from clinic_portal.worker import Worker
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish, ledger
from tests.desk_kit import books, front_desk, moves, now_of, patient
from tests.factories import SmallClinic, minute, staff
from tests.visits_kit import checks_in

pytestmark = pytest.mark.req("S82", "P15")


@pytest.fixture
def moved(clinic: SmallClinic, worker: Worker, sent: Notebook) -> Visit:
    """A visit the patient knows of, moved from half past ten to two; that it moved is not sent yet."""
    visit = books(clinic, patient(clinic.services), "10:30")
    finish(worker)
    sent.kept.clear()
    after = moves(clinic, visit, "14:00")
    worker.run_once(only={"appointment.moved"})
    return after


def longer(clinic: SmallClinic, visit: Visit) -> None:
    moves(clinic, visit, "14:00", minutes=45)


def to_maya(clinic: SmallClinic, visit: Visit) -> None:
    moves(clinic, visit, "14:00", who="maya", tells_patient=False)


def later(clinic: SmallClinic, visit: Visit) -> None:
    moves(clinic, visit, "15:00", tells_patient=False)


def times(sent: Notebook) -> tuple[list[str], int]:
    """The subjects of the e-mails, and how many SMS there are."""
    return [one.subject.split(":")[0] for one in sent.emails], len(sent.texts)


@pytest.mark.parametrize("change", [longer, to_maya, later])
def test_what_is_changed_without_a_word_keeps_no_news_back(
    clinic: SmallClinic, worker: Worker, sent: Notebook, moved: Visit, change: Callable[[SmallClinic, Visit], None]
) -> None:
    change(clinic, moved)
    finish(worker)
    assert times(sent) == (["Your new time"], 1)


def test_the_letter_tells_the_time_it_has_by_then(
    clinic: SmallClinic, worker: Worker, sent: Notebook, moved: Visit
) -> None:
    later(clinic, moved)
    finish(worker)
    assert "3:00" in sent.emails[0].text
    assert "2:00" not in sent.emails[0].text


def test_who_came_early_is_still_told(
    clinic: SmallClinic, worker: Worker, sent: Notebook, moved: Visit, clock: FixedClock
) -> None:
    clock.advance(moved.start_at - timedelta(minutes=20) - clock.now())
    checks_in(clinic.services, moved)
    finish(worker)
    assert times(sent) == (["Your new time"], 1)


def test_moved_twice_with_a_word_they_hear_of_the_last_alone(
    clinic: SmallClinic, worker: Worker, sent: Notebook, moved: Visit
) -> None:
    moves(clinic, moved, "15:00")
    finish(worker)
    assert times(sent) == (["Your new time"], 1)
    assert "3:00" in sent.emails[0].text


def test_moved_on_by_its_patient_they_hear_of_that_alone(
    clinic: SmallClinic, worker: Worker, sent: Notebook, moved: Visit
) -> None:
    clinic.services.do(changes.move, moved.patient_id, moved.reference, minute(THURSDAY, "15:00"))
    finish(worker)
    assert times(sent) == (["Your new time"], 1)


def test_a_confirmation_that_waits_tells_of_the_time_staff_moved_it_to_without_a_word(
    clinic: SmallClinic, worker: Worker, sent: Notebook
) -> None:
    visit = books(clinic, patient(clinic.services), "10:30")
    worker.run_once(only={"appointment.booked"})
    moves(clinic, visit, "15:00", tells_patient=False)
    finish(worker)
    assert ledger(clinic.services)["email"].state == "sent"
    assert any("3:00" in one.text for one in sent.emails)


def test_words_that_may_not_have_arrived_are_not_said_again_of_a_time_that_is_over(
    clinic: SmallClinic, worker: Worker, sent: Notebook, moved: Visit, clock: FixedClock
) -> None:
    def silent(given: Email | Sms) -> SendFailed | None:
        return SendFailed("smtp_unreachable", permanent=False, is_unknown=True) if isinstance(given, Email) else None

    sent.refuse = silent
    finish(worker)
    later(clinic, now_of(clinic.services, moved.appointment_id))
    sent.refuse = lambda given: None
    clock.advance(timedelta(hours=1))
    finish(worker)
    assert "3:00" in sent.emails[0].text


@pytest.mark.parametrize(("after", "told"), [(timedelta(minutes=-1), 1), (timedelta(0), 0)])
def test_that_it_is_called_off_is_told_until_it_would_be_over(
    clinic: SmallClinic, worker: Worker, sent: Notebook, moved: Visit, clock: FixedClock, after: timedelta, told: int
) -> None:
    finish(worker)
    sent.kept.clear()
    cancelled = {"seen_sequence": moved.sequence, "reason": "Lena is ill", "waives_fee": True}
    clinic.services.do(desk.cancel, staff(clinic.services).actor, moved.appointment_id, **cancelled)
    clock.advance(moved.end_at + after - clock.now())
    finish(worker)
    assert [one.subject.split(":")[0] for one in sent.emails].count("Cancelled") == told


def test_who_tells_it_on_the_phone_sends_nothing(clinic: SmallClinic, worker: Worker, sent: Notebook) -> None:
    visit = books(clinic, patient(clinic.services), "10:30", actor=front_desk(clinic.services))
    finish(worker)
    sent.kept.clear()
    later(clinic, visit)
    finish(worker)
    assert sent.kept == []

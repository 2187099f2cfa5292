"""What reminders say, at the moment they are written, and when they are not sent after all (P14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.booking import changes
from clinic_portal.booking import models as booking
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.forms.models import FormRequest
from clinic_portal.messaging import models, quiet, unreachable
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.patients import models as patients
from clinic_portal.patients import wishes
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish
from tests.forms_kit import put_all
from tests.reminder_kit import person, rule, visits

pytestmark = pytest.mark.req("P14")
NOON = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
"""Thursday, 12:00 in Chicago."""


def work_on(worker: Worker) -> None:
    worker.tend()
    finish(worker)


def go_to(clock: FixedClock, at: datetime) -> None:
    clock.advance(at - clock.now())


def told(sent: Notebook) -> Email | Sms:
    [one] = sent.kept
    return one


def change(services: Services, model: Any, **values: Any) -> None:
    services.do(lambda work: work.execute(update(table(model)).values(**values)))


@pytest.fixture
def visit(services: Services, clinic: factories.SmallClinic) -> int:
    return visits(clinic, [person(services)], [NOON])[0]


def test_an_email_tells_day_time_place_how_to_change_it_and_what_that_costs_now(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    go_to(clock, NOON - timedelta(hours=24))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Email)
    assert letter.subject.startswith("See you tomorrow, 12:00")
    for words in (
        "Thursday, December 3, 2026",
        "Lumen Downtown",
        "214 Congress Ave",
        "Cancel it in your portal; to move it, call",
        "Free cancellation is over for this visit. Cancelling now costs $120.00",
        "/portal/visit?ref=LMN-R0000000",
    ):
        assert words in letter.text
    assert "Botox" not in letter.text + letter.html
    assert letter.ics is None


def test_before_it_costs_anything_it_says_until_when_it_is_free(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "email", 72)
    go_to(clock, NOON - timedelta(hours=72))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Email)
    assert letter.subject.startswith("See you on Thu, Dec 3, 12:00")
    assert "Move or cancel it in your portal. Free to cancel until Tue, Dec 1, 2026" in letter.text


def test_where_the_clinic_lets_nobody_change_visits_online_it_says_to_call(
    services: Services,
    clinic: factories.SmallClinic,
    worker: Worker,
    sent: Notebook,
    visit: int,
    clock: FixedClock,
) -> None:
    clinic.settings(patients_may_cancel=False, patients_may_reschedule=False)
    rule(services, "email", 72)
    go_to(clock, NOON - timedelta(hours=72))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Email)
    assert "To move or cancel it, please call" in letter.text


def test_a_text_tells_it_in_a_few_lines_and_how_to_get_no_more(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    go_to(clock, NOON - timedelta(hours=24))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Sms)
    assert letter.body.startswith("Lumen Aesthetics: see you tomorrow, Thu, Dec 3, 12:00 PM at Lumen Downtown.")
    assert letter.body.endswith("Reply STOP to end texts.")
    assert "$120.00" in letter.body
    assert "Botox" not in letter.body


def test_what_waits_past_midnight_says_today(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    go_to(clock, NOON - timedelta(hours=2))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Sms)
    assert "see you today, Thu, Dec 3, 12:00 PM" in letter.body


def test_tomorrow_is_told_at_the_moment_it_is_written_after_the_patients_own_night(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    early = datetime(2026, 12, 3, 14, 30, tzinfo=UTC)  # 8:30 on Thursday in Chicago, 3:30 on Friday in Auckland
    visits(clinic, [person(services, time_zone="Pacific/Auckland")], [early])
    rule(services, "sms", 30)
    go_to(clock, datetime(2026, 12, 2, 8, 30, tzinfo=UTC))  # 2:30 on Wednesday in Chicago, 21:30 there: quiet
    work_on(worker)
    assert sent.kept == []
    go_to(clock, datetime(2026, 12, 2, 19, 0, tzinfo=UTC))  # 13:00 on Wednesday; 8:00 on Thursday there
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Sms)
    assert "see you tomorrow, Thu, Dec 3, 8:30 AM" in letter.body


def test_a_visit_that_is_tomorrow_only_by_one_of_two_clocks_is_told_by_its_day(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    visits(clinic, [person(services, time_zone="Asia/Tokyo")], [NOON])  # 3:00 on Friday there
    rule(services, "sms", 24)
    go_to(clock, datetime(2026, 12, 2, 23, 30, tzinfo=UTC))  # 17:30 on Wednesday; 8:30 on Thursday there
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Sms)
    assert "see you tomorrow, Thu, Dec 3" in letter.body
    sent.kept.clear()
    visits(clinic, [person(services, "Kenji", time_zone="Asia/Tokyo")], [NOON + timedelta(hours=24)])
    rule(services, "sms", 37)  # 23:00 on Wednesday in Chicago, 14:00 on Thursday there
    go_to(clock, NOON + timedelta(hours=24 - 37))
    work_on(worker)
    assert isinstance(sent.kept[-1], Sms)
    assert "see you on Fri, Dec 4" in sent.kept[-1].body


def test_forms_that_are_missing_are_told_by_their_number(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    put_all(clinic)
    factories.booked(clinic, "browser", THURSDAY, "12:00", "botox", provider="maya")
    finish(worker)
    sent.kept.clear()
    rule(services, "email", 48, "forms")
    go_to(clock, NOON - timedelta(hours=48))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Email)
    assert letter.subject.startswith("Your forms before you come on Thu, Dec 3")
    assert "/portal/forms" in letter.text
    assert "Botox" not in letter.text + letter.html + letter.subject


def test_forms_that_were_filled_in_before_its_turn_drop_it(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    put_all(clinic)
    factories.booked(clinic, "browser", THURSDAY, "12:00", "botox", provider="maya")
    finish(worker)
    sent.kept.clear()
    rule(services, "email", 48, "forms")
    go_to(clock, NOON - timedelta(hours=48))
    worker.tend()
    change(services, FormRequest, withdrawn_at=clock.now())
    finish(worker)
    assert sent.kept == []
    [row] = [one for one in factories.rows(services, models.Message) if one.kind == "forms_reminder"]
    assert (row.state, row.last_error) == ("dropped", "forms_done")


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        pytest.param({"status": "cancelled"}, "cancelled", id="it was cancelled"),
        pytest.param({"start_at": NOON + timedelta(days=1)}, "moved_again", id="it was moved"),
        pytest.param({"status": "arrived", "start_at": NOON - timedelta(days=3)}, "moved_again", id="it began"),
    ],
)
def test_a_reminder_that_makes_no_sense_any_more_is_dropped(
    services: Services,
    worker: Worker,
    sent: Notebook,
    visit: int,
    clock: FixedClock,
    meanwhile: dict[str, Any],
    reason: str,
) -> None:
    rule(services, "email", 24)
    go_to(clock, NOON - timedelta(hours=24))
    worker.tend()
    change(services, booking.Appointment, **meanwhile)
    finish(worker)
    assert sent.kept == []
    [row] = factories.rows(services, models.Message)
    assert (row.state, row.last_error) == ("dropped", reason)


def test_who_wants_none_any_more_when_its_turn_comes_gets_none(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    go_to(clock, NOON - timedelta(hours=24))
    worker.tend()
    change(services, patients.Patient, wants_email_reminders=False)
    finish(worker)
    assert sent.kept == []
    [row] = factories.rows(services, models.Message)
    assert row.last_error == "opted_out"


def test_one_that_replies_stop_before_its_turn_comes_is_told_by_email(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "sms", 24)
    go_to(clock, NOON - timedelta(hours=24))
    worker.tend()
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, unreachable.STOP)
    finish(worker)
    assert isinstance(told(sent), Email)


def test_a_reminder_that_meets_the_quiet_hours_waits_for_their_end(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "sms", 15)  # 21:00 the evening before: quiet, so 8:00
    go_to(clock, NOON - timedelta(hours=10))
    change(services, patients.Patient, time_zone="UTC")
    worker.tend()
    change(services, patients.Patient, time_zone="America/Chicago")
    finish(worker)
    assert sent.kept == []
    [row] = [one for one in factories.rows(services, OutboxRow) if one.kind == "message.sms"]
    assert row.run_at == datetime(2026, 12, 3, 14, 0, tzinfo=UTC)
    go_to(clock, row.run_at)
    finish(worker)
    assert isinstance(told(sent), Sms)


def test_a_confirmation_keeps_no_quiet_hours(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    go_to(clock, datetime(2026, 11, 24, 6, 0, tzinfo=UTC))  # midnight
    factories.booked(clinic, "browser", THURSDAY, "12:00", "botox", provider="maya")
    finish(worker)
    assert (len(sent.texts), len(sent.emails)) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "channel", "waits"),
    [
        (Kind.VISIT_REMINDER, Channel.EMAIL, True),
        (Kind.FORMS_REMINDER, Channel.SMS, True),
        (Kind.AFTER_VISIT, Channel.EMAIL, True),
        (Kind.PAYMENT_RECEIPT, Channel.SMS, True),
        (Kind.PAYMENT_RECEIPT, Channel.EMAIL, False),
        (Kind.FEE_FAILED, Channel.SMS, True),
        (Kind.PHONE_CODE, Channel.SMS, False),
        (Kind.ACCOUNT_LINK, Channel.EMAIL, False),
        (Kind.APPOINTMENT_MOVED, Channel.SMS, False),
        (Kind.NOT_BOOKED, Channel.SMS, False),
        (Kind.BEFORE_VISIT, Channel.EMAIL, False),
    ],
)
def test_what_comes_by_itself_waits_for_the_morning_and_what_somebody_waits_for_does_not(
    services: Services, clinic: factories.SmallClinic, clock: FixedClock, kind: Kind, channel: Channel, waits: bool
) -> None:
    go_to(clock, datetime(2026, 11, 24, 6, 0, tzinfo=UTC))  # midnight
    row = SimpleNamespace(kind=kind.value, channel=channel.value, patient_id=None, appointment_id=None)
    morning = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert services.ask(quiet.wait_until, row) == (morning if waits else None)


def test_an_email_carries_the_ways_to_get_no_more_and_its_foot_says_so(
    services: Services, worker: Worker, sent: Notebook, visit: int, clock: FixedClock
) -> None:
    rule(services, "email", 24)
    go_to(clock, NOON - timedelta(hours=24))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Email)
    [who] = factories.rows(services, patients.Patient)
    url = f"{services.settings.public_url.rstrip('/')}/unsubscribe/{services.ask(wishes.unsubscribe_token, who.id)}"
    assert letter.headers["List-Unsubscribe"].startswith(f"<{url}>, <mailto:hello@lumen.example?subject=")
    assert f"No more reminders by e-mail: {url}" in letter.text
    assert f'href="{url}"' in letter.html


def test_what_a_patient_did_themselves_carries_no_such_way(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    factories.booked(clinic, "browser", THURSDAY, "12:00", "botox", provider="maya")
    finish(worker)
    [letter] = sent.emails
    assert "List-Unsubscribe" not in letter.headers
    assert "unsubscribe" not in letter.html + letter.text


def test_a_visit_moved_by_its_patient_is_reminded_of_at_its_new_time_alone(
    services: Services, clinic: factories.SmallClinic, worker: Worker, sent: Notebook, clock: FixedClock
) -> None:
    told_at = factories.booked(clinic, "browser", THURSDAY, "12:00", "botox", provider="maya")
    finish(worker)
    rule(services, "email", 24)
    sent.kept.clear()
    go_to(clock, NOON - timedelta(hours=70))
    [who] = factories.rows(services, patients.Patient)
    services.do(changes.move, who.id, told_at.reference, factories.minute(THURSDAY, "15:00"))
    finish(worker)
    sent.kept.clear()
    go_to(clock, NOON - timedelta(hours=24))
    work_on(worker)
    assert sent.kept == []
    clock.advance(timedelta(hours=3))
    work_on(worker)
    letter = told(sent)
    assert isinstance(letter, Email)
    assert letter.subject.startswith("See you tomorrow, 3:00")

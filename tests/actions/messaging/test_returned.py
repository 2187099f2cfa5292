"""What follows when a mail server says later that an e-mail did not arrive."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from clinic_portal.booking import changes
from clinic_portal.booking.queries import visit
from clinic_portal.core.work import Services
from clinic_portal.messaging import unreachable
from clinic_portal.messaging.models import Message, Unreachable
from clinic_portal.messaging.returned import returned
from clinic_portal.messaging.types import Bounce, Channel
from clinic_portal.patients.models import Patient
from clinic_portal.web.admin.messages import words
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish

pytestmark = pytest.mark.req("B6")


def confirmation(services: Services) -> Any:
    return next(
        one for one in factories.rows(services, Message) if (one.kind, one.channel) == ("appointment_booked", "email")
    )


def comes_back(services: Services, status: str = "5.1.1", action: str = "failed") -> bool:
    return services.do(returned, Bounce(confirmation(services).message_id, status, action))


def move(services: Services, appointment_id: int, clock: str) -> None:
    found = services.ask(visit, appointment_id)
    services.do(changes.move, found.patient_id, found.reference, factories.minute(THURSDAY, clock))


@pytest.fixture
def mailed(services: Services, worker: Worker, booked: int) -> int:
    finish(worker)
    return booked


@pytest.mark.req("P14")
@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.10", "5.2.1"])
def test_where_there_is_no_such_mailbox_it_failed_and_nothing_more_is_sent_there(
    services: Services, mailed: int, status: str
) -> None:
    assert comes_back(services, status)
    failed = confirmation(services)
    assert (failed.state, failed.last_error, failed.failed_at) == ("failed", f"bounced_{status}", services.clock.now())
    found = services.ask(unreachable.silence, Channel.EMAIL, failed.to_address.upper())
    assert found is not None
    assert found.reason == unreachable.BOUNCED


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "5.1.8", "5.1.0", "5.0.0", "4.4.7"])
def test_a_full_mailbox_a_suspicion_or_a_fault_of_ours_fails_one_message_and_silences_nobody(
    services: Services, mailed: int, status: str
) -> None:
    assert comes_back(services, status)
    assert confirmation(services).state == "failed"
    assert factories.rows(services, Unreachable) == []


def test_what_is_only_delayed_stays_sent(services: Services, mailed: int) -> None:
    assert comes_back(services, "4.4.1", "delayed")
    assert (confirmation(services).state, confirmation(services).last_error) == ("sent", "delayed_4.4.1")
    assert comes_back(services, "4.4.7", "failed")
    assert confirmation(services).state == "failed"


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_success_changes_nothing(services: Services, mailed: int, action: str) -> None:
    assert not comes_back(services, "2.0.0", action)
    assert (confirmation(services).state, confirmation(services).last_error) == ("sent", None)


def test_a_report_that_comes_twice_is_noted_once(services: Services, mailed: int) -> None:
    assert comes_back(services)
    before = len(factories.rows(services, Message))
    assert not comes_back(services)
    assert not comes_back(services, "4.4.1", "delayed")
    assert len(factories.rows(services, Message)) == before
    assert confirmation(services).last_error == "bounced_5.1.1"


def test_a_report_about_a_message_nobody_sent_is_nothing(services: Services, mailed: int) -> None:
    assert not services.do(returned, Bounce("made-up@lumen.example", "5.1.1", "failed"))
    assert factories.rows(services, Unreachable) == []


def test_a_report_that_names_a_text_message_is_nothing(services: Services, mailed: int) -> None:
    text = next(one for one in factories.rows(services, Message) if one.channel == "sms")
    assert not services.do(returned, Bounce(text.message_id, "5.1.1", "failed"))


@pytest.mark.req("P14")
def test_the_next_message_goes_by_the_other_channel_and_to_a_new_address_again(
    services: Services, worker: Worker, sent: Notebook, mailed: int
) -> None:
    comes_back(services)
    finish(worker)
    sent.kept.clear()
    move(services, mailed, "11:30")
    finish(worker)
    assert sent.emails == []
    assert sent.texts
    sent.kept.clear()
    patients = factories.table(Patient)
    services.do(
        lambda work: work.execute(update(patients).values(email="new@example.org", email_key="new@example.org"))
    )
    move(services, mailed, "12:30")
    finish(worker)
    assert [one.to for one in sent.emails] == ["new@example.org"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("bounced_5.1.1", "no such mailbox"),
        ("bounced_5.1.8", "came back (5.1.8)"),
        ("bounced_5.2.2", "came back (5.2.2)"),
        ("delayed_4.4.1", "not take it yet"),
        ("smtp_no_answer", "may have arrived"),
        ("sms_no_answer", "may have arrived"),
        ("smtp_certificate", "certificate"),
        ("sms_401", "token"),
    ],
)
def test_each_code_has_words_for_staff(code: str, said: str) -> None:
    assert said in words.why(code).told

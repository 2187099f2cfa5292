"""Who was not told of their visit, and a patient's messages as their profile shows them (B6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.accounts.roles import ROLES, StaffActor
from clinic_portal.booking import changes
from clinic_portal.booking.models import Appointment
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.messaging import attending, chart, heard, unreachable, untold
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.ports import Email, Incoming, SendFailed, Sms
from clinic_portal.messaging.types import Channel
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import Notebook, finish

pytestmark = pytest.mark.req("B6")
SID = "SM" + "1" * 32
REFUSED = SendFailed("smtp_550", permanent=True)


def desk(role: str = "front_desk") -> StaffActor:
    return StaffActor(1, 1, "Nadia", role)


def not_told(services: Services, visit: int, role: str = "front_desk") -> str:
    found = services.ask(untold.of_visits, desk(role), [visit]).get(visit)
    return found.kind if found else ""


def refuses(sent: Notebook, *kinds: type) -> None:
    sent.refuse = lambda one: REFUSED if isinstance(one, kinds) else None


def test_who_was_reached_by_one_channel_was_told(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    refuses(sent, Email)
    finish(worker)
    assert not_told(services, booked) == ""


def test_who_was_reached_by_no_channel_was_not_told_until_somebody_sees_to_it(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    refuses(sent, Email, Sms)
    finish(worker)
    assert not_told(services, booked) == "appointment_booked"
    for one in factories.rows(services, Message):
        if one.kind == "appointment_booked":
            services.do(attending.attended, desk(), one.id)
    assert not_told(services, booked) == ""


def test_what_still_waits_is_not_lost(services: Services, worker: Worker, sent: Notebook, booked: int) -> None:
    sent.refuse = lambda one: SendFailed("smtp_451", permanent=False)
    finish(worker)
    assert not_told(services, booked) == ""


@pytest.mark.req("P14")
def test_who_wants_no_texts_and_whose_letters_come_back_was_not_told(
    services: Services, worker: Worker, booked: int
) -> None:
    services.do(unreachable.note, Channel.SMS, factories.MOBILE, unreachable.STOP)
    services.do(unreachable.note, Channel.EMAIL, "amara@example.org", unreachable.BOUNCED)
    finish(worker)
    assert not_told(services, booked) == "appointment_booked"


def test_the_newest_news_of_a_visits_time_is_the_one_that_counts(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    refuses(sent, Email, Sms)
    finish(worker)
    refuses(sent)
    clock.advance(timedelta(minutes=5))
    (visit,) = factories.rows(services, Appointment)
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    finish(worker)
    assert not_told(services, booked) == ""


@pytest.mark.parametrize("role", [one for one in ROLES if one not in ("owner", "front_desk")])
def test_who_handles_no_messages_learns_nothing_of_them(
    services: Services, worker: Worker, sent: Notebook, booked: int, role: str
) -> None:
    refuses(sent, Email, Sms)
    finish(worker)
    assert not_told(services, booked, role) == ""
    (visit,) = factories.rows(services, Appointment)
    with pytest.raises(NotAllowed):
        services.ask(chart.chart, desk(role), visit.patient_id)


def test_a_letter_that_came_back_is_told_to_the_patient_only_while_the_address_is_still_theirs(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    assert not services.ask(untold.lost_email, booked, "amara@example.org")
    refuses(sent, Email)
    finish(worker)
    assert services.ask(untold.lost_email, booked, "Amara@example.org")
    assert not services.ask(untold.lost_email, booked, "amara.reed@example.org")
    lost = next(one for one in factories.rows(services, Message) if one.state == "failed")
    refuses(sent)
    services.do(attending.send_again, desk(), lost.id)
    finish(worker)
    assert not services.ask(untold.lost_email, booked, "amara@example.org")


def test_a_profile_shows_what_was_sent_what_was_replied_and_what_nothing_arrives_at(
    services: Services, worker: Worker, booked: int
) -> None:
    finish(worker)
    services.do(heard.replied, Incoming(SID, factories.MOBILE, "STOP"))
    (visit,) = factories.rows(services, Appointment)
    found = services.ask(chart.chart, desk(), visit.patient_id)
    assert {one.channel for one in found.lines} == {"email", "sms"}
    assert [one.sender_id for one in found.replies] == [SID]
    assert [one.silence.reason if one.silence else "" for one in found.reach] == ["", "stop"]
    assert not found.has_more


@pytest.mark.parametrize("patient_id", [0, -1, 987654])
def test_there_is_no_profile_of_nobody(services: Services, booked: int, patient_id: int) -> None:
    with pytest.raises(NotAllowed):
        services.ask(chart.chart, desk(), patient_id)

"""The delivery ledger as staff look through it, and what they do about what did not arrive (B6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinic_portal.accounts.roles import ROLES, StaffActor
from clinic_portal.booking import changes
from clinic_portal.booking.models import Appointment
from clinic_portal.core import audit, outbox
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.messaging import attending, heard, listing, unreachable
from clinic_portal.messaging.listing import Show
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.ports import Email, Incoming, SendFailed, Told
from clinic_portal.messaging.types import Channel, Fate, Kind, State
from clinic_portal.web.admin.messages import words
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import THURSDAY, Notebook, finish

pytestmark = pytest.mark.req("B6")
SID = "SM" + "0" * 32


def desk(role: str = "front_desk") -> StaffActor:
    return StaffActor(1, 1, "Nadia", role)


def email(services: Services) -> Any:
    found = factories.rows(services, Message)
    return next(one for one in found if (one.kind, one.channel) == ("appointment_booked", "email"))


@pytest.fixture
def bounced(services: Services, worker: Worker, sent: Notebook, booked: int) -> int:
    """The confirmation by e-mail was refused, the one by SMS arrived; the id of the first."""
    sent.refuse = lambda one: SendFailed("smtp_550", permanent=True) if isinstance(one, Email) else None
    finish(worker)
    sent.refuse = lambda one: None
    return int(email(services).id)


def test_what_did_not_arrive_stands_first_and_says_that_the_other_channel_told_it(
    services: Services, bounced: int
) -> None:
    found = services.ask(listing.attention, desk())
    (line,) = found.failed
    assert (line.id, line.who, line.last_error, line.is_told_otherwise) == (bounced, "Amara Reed", "smtp_550", True)
    assert line.visit is not None
    assert found.failed_count == services.ask(listing.asking_count) == 1


def test_who_sees_to_it_takes_it_off_the_list_and_stays_in_its_story(services: Services, bounced: int) -> None:
    services.do(attending.attended, desk(), bounced)
    assert services.ask(listing.attention, desk()).failed == ()
    found = services.ask(listing.sheet, desk(), bounced)
    assert (found.attended_by, found.line.is_attended) == ("staff:1", True)
    with pytest.raises(Conflict):
        services.do(attending.attended, desk(), bounced)
    assert [one.action for one in factories.rows(services, audit.AuditEntry)][-1] == "message.attended"


def test_what_is_sent_again_arrives_and_asks_for_nobody_any_more(
    services: Services, worker: Worker, sent: Notebook, bounced: int
) -> None:
    services.do(attending.send_again, desk(), bounced)
    finish(worker)
    assert [one.to for one in sent.emails] == ["amara@example.org"]
    assert services.ask(listing.attention, desk()).failed == ()
    with pytest.raises(Conflict):
        services.do(attending.send_again, desk(), bounced)


def test_what_is_told_late_of_the_first_try_is_not_told_of_the_second(
    services: Services, worker: Worker, sent: Notebook, bounced: int
) -> None:
    first = email(services).message_id
    services.do(attending.send_again, desk(), bounced)
    finish(worker)
    services.do(heard.told, Told(first, "an id", Fate.FAILED, "sms_30003"))
    assert email(services).state == "sent"
    assert email(services).message_id != first


def test_nothing_is_sent_again_of_a_visit_that_is_off(services: Services, bounced: int) -> None:
    visit = factories.rows(services, Appointment)[0]
    services.do(changes.cancel, visit.patient_id, visit.reference, shown_fee_minor=0)
    with pytest.raises(Conflict) as refusal:
        services.do(attending.send_again, desk(), bounced)
    assert refusal.value.code == "message_past"


@pytest.mark.req("P14")
@pytest.mark.parametrize(("reason", "is_lifted"), [("bounced", True), ("stop", False)])
def test_an_address_is_tried_again_but_a_stop_is_its_owners_to_take_back(
    services: Services, bounced: int, reason: str, is_lifted: bool
) -> None:
    services.do(unreachable.note, Channel.EMAIL, "amara@example.org", reason)
    with pytest.raises(Conflict):
        services.do(attending.send_again, desk(), bounced)
    if is_lifted:
        services.do(attending.try_address, desk(), bounced)
    else:
        with pytest.raises(Conflict):
            services.do(attending.try_address, desk(), bounced)
    assert (services.ask(unreachable.silence, Channel.EMAIL, "amara@example.org") is None) is is_lifted


def test_a_code_that_did_not_arrive_is_over_and_asks_for_nobody(
    services: Services, worker: Worker, sent: Notebook, clinic: factories.SmallClinic
) -> None:
    from clinic_portal.booking import drafts

    services.do(drafts.add_service, "browser", clinic["facial"])
    who = {"given_name": "Amara", "family_name": "Reed", "email": "amara@example.org", "phone": factories.MOBILE}
    services.do(drafts.save_details, "browser", **who)
    services.do(drafts.send_code, "browser", address="here")
    sent.refuse = lambda one: SendFailed("sms_21211", permanent=True)
    finish(worker)
    assert services.ask(listing.asking_count) == 0


def test_a_reply_stands_with_whoever_has_its_number_until_it_is_seen_to(services: Services, booked: int) -> None:
    services.do(heard.replied, Incoming(SID, factories.MOBILE, "Running ten minutes late"))
    (reply,) = services.ask(listing.attention, desk()).replies
    assert [name for _, name in reply.patients] == ["Amara Reed"]
    assert services.do(attending.open_reply, desk(), reply.id) == "Running ten minutes late"
    services.do(attending.reply_attended, desk(), reply.id)
    assert services.ask(listing.attention, desk()).replies == ()
    _, replies = services.ask(listing.of_patient, desk(), reply.patients[0][0])
    assert [one.id for one in replies] == [reply.id]
    deeds = [one.action for one in factories.rows(services, audit.AuditEntry)][-2:]
    assert deeds == ["reply.read", "reply.attended"]


def test_a_reply_of_a_number_nobody_has_is_kept_too(services: Services, booked: int) -> None:
    services.do(heard.replied, Incoming(SID, "+15125559999", "Wrong number?"))
    (reply,) = services.ask(listing.attention, desk()).replies
    assert reply.patients == ()


def test_a_channel_by_which_nothing_goes_out_is_told_with_its_reason(
    services: Services, worker: Worker, sent: Notebook, booked: int
) -> None:
    sent.refuse = lambda one: SendFailed("smtp_535", permanent=False) if isinstance(one, Email) else None
    finish(worker)
    (stuck,) = services.ask(listing.attention, desk()).stuck
    assert (stuck.channel, stuck.count, stuck.reason) == ("email", 1, "smtp_535")


def test_tasks_that_were_given_up_are_told_and_tried_again(
    services: Services, worker: Worker, booked: int, clock: FixedClock
) -> None:
    services.do(lambda work: work.emit("appointment.booked", "of nothing", appointment_id=987654))
    for _ in range(9):
        finish(worker)
        clock.advance(timedelta(hours=2))
    assert services.ask(listing.attention, desk()).dead_tasks == (("appointment.booked", 1),)
    assert services.do(attending.try_tasks, desk()) == 1
    ready = [one for one in factories.rows(services, outbox.OutboxRow) if one.state == outbox.READY]
    assert [one.kind for one in ready] == ["appointment.booked"]


def test_messages_are_found_by_patient_by_visit_and_by_how_they_stand(
    services: Services, worker: Worker, sent: Notebook, bounced: int, clinic: factories.SmallClinic
) -> None:
    who = {"phone": "+15125550177", "email": "bo@example.org", "name": ("Bo", "Lind")}
    factories.booked(clinic, "other", THURSDAY, "13:00", "facial", **who)
    finish(worker)

    def found(show: Show = Show.ALL, wanted: str = "") -> set[str]:
        return {one.who for one in services.ask(listing.lines, desk(), show, wanted=wanted)[0] if one.who}

    reference = factories.rows(services, Appointment)[0].reference
    assert found() == {"Amara Reed", "Bo Lind"}
    assert found(wanted="lind") == {"Bo Lind"}
    assert found(wanted=reference.lower()) == {"Amara Reed"}
    assert found(Show.FAILED) == {"Amara Reed"}
    assert found(wanted="nobody at all") == set()


def test_the_list_goes_on_where_a_page_ends(services: Services, worker: Worker, booked: int) -> None:
    finish(worker)
    first, has_more = services.ask(listing.lines, desk(), Show.ALL, most=1)
    second, _ = services.ask(listing.lines, desk(), Show.ALL, before_id=first[0].id, most=1)
    assert has_more
    assert second[0].id < first[0].id


@pytest.mark.parametrize("role", [one for one in ROLES if one not in ("owner", "front_desk")])
def test_who_handles_no_messages_sees_and_does_nothing(services: Services, bounced: int, role: str) -> None:
    for look in (listing.attention, lambda read, who: listing.lines(read, who, Show.ALL)):
        with pytest.raises(NotAllowed):
            services.ask(look, desk(role))  # type: ignore[arg-type]
    for read in (listing.sheet, listing.of_patient):
        with pytest.raises(NotAllowed):
            services.ask(read, desk(role), bounced)  # type: ignore[arg-type]
    for verb in (attending.attended, attending.send_again, attending.open_reply, attending.try_address):
        with pytest.raises(NotAllowed):
            services.do(verb, desk(role), bounced)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        services.do(attending.try_tasks, desk(role))


@pytest.mark.parametrize("message_id", [0, -1, 987654])
def test_a_message_that_is_not_there_is_not_there(services: Services, booked: int, message_id: int) -> None:
    with pytest.raises(NotAllowed):
        services.ask(listing.sheet, desk(), message_id)


def test_every_kind_state_and_channel_has_words() -> None:
    assert words.KINDS.keys() == {one.value for one in Kind}
    assert words.STATES.keys() == {one.value for one in State}
    assert words.CHANNELS.keys() == {one.value for one in Channel}


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("smtp_550", "refused it (550)"),
        ("smtp_451", "did not take it (451)"),
        ("bounced_5.1.1", "no such mailbox"),
        ("bounced_5.2.2", "came back (5.2.2)"),
        ("sms_500", "fault of its own"),
        ("sms_63016", "refused it (63016)"),
        ("RuntimeError", "went wrong here"),
    ],
)
def test_a_reason_nobody_foresaw_still_says_what_helps(reason: str, says: str) -> None:
    assert says in words.why(reason).told
    assert words.why(reason).helps

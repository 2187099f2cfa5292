"""What a patient wants to be written about: from the letter, at the desk, and by which clock (P14)."""

from __future__ import annotations

import pytest

from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.errors import Invalid, NotAllowed
from clinic_portal.core.work import Services
from clinic_portal.patients import models, wishes
from tests import factories
from tests.reminder_kit import person

pytestmark = pytest.mark.req("P14")


@pytest.fixture
def who(services: Services) -> int:
    factories.small_clinic(services)
    return person(services)


def known(services: Services, patient_id: int) -> models.Patient:
    return next(one for one in factories.rows(services, models.Patient) if one.id == patient_id)


def actions(services: Services) -> list[str]:
    return [one.action for one in factories.rows(services, AuditEntry)]


def test_the_address_in_a_letter_ends_reminders_by_email_at_once(services: Services, who: int) -> None:
    assert services.do(wishes.unsubscribe, services.ask(wishes.unsubscribe_token, who))
    assert not known(services, who).wants_email_reminders
    assert known(services, who).wants_sms_reminders


def test_it_does_so_once_however_often_it_is_followed(services: Services, who: int) -> None:
    token = services.ask(wishes.unsubscribe_token, who)
    assert [services.do(wishes.unsubscribe, token) for _ in range(3)] == [True, True, True]
    assert actions(services).count("patient.unsubscribed") == 1


def test_it_stays_good_after_they_were_switched_on_again(services: Services, who: int) -> None:
    token = services.ask(wishes.unsubscribe_token, who)
    services.do(wishes.unsubscribe, token)
    owner = factories.staff(services)
    services.do(wishes.change_by_staff, owner.actor, who, by_email=True, by_sms=True)
    assert services.do(wishes.unsubscribe, token)
    assert not known(services, who).wants_email_reminders


@pytest.mark.parametrize("forged", ["", "1", "1-", "-", "x-y", "1-" + "0" * 64, "²-0", "9" * 30, "1-é", "01-{proof}"])
def test_a_forged_address_changes_nothing(services: Services, who: int, forged: str) -> None:
    proof = services.ask(wishes.unsubscribe_token, who).partition("-")[2]
    assert not services.do(wishes.unsubscribe, forged.replace("{proof}", proof))
    assert known(services, who).wants_email_reminders


def test_the_address_of_one_patient_is_not_that_of_another(services: Services, who: int) -> None:
    other = person(services, "Juno")
    proof = services.ask(wishes.unsubscribe_token, who).partition("-")[2]
    assert not services.do(wishes.unsubscribe, f"{other}-{proof}")
    assert known(services, other).wants_email_reminders


def test_an_address_of_nobody_ends_nothing(services: Services, who: int) -> None:
    assert not services.do(wishes.unsubscribe, services.ask(wishes.unsubscribe_token, 999))


@pytest.mark.parametrize("role", ["owner", "front_desk"])
def test_the_desk_keeps_what_a_patient_told_them(services: Services, who: int, role: str) -> None:
    desk = factories.staff(services, role)
    services.do(wishes.change_by_staff, desk.actor, who, by_email=False, by_sms=True)
    now = known(services, who)
    assert (now.wants_email_reminders, now.wants_sms_reminders) == (False, True)
    assert "patient.notifications_changed" in actions(services)


@pytest.mark.parametrize("role", ["provider", "read_only"])
def test_who_does_not_handle_messages_changes_no_wishes(services: Services, who: int, role: str) -> None:
    actor = factories.staff(services, role).actor
    with pytest.raises(NotAllowed):
        services.do(wishes.change_by_staff, actor, who, by_email=False, by_sms=False)
    assert known(services, who).wants_email_reminders


def test_nobodys_wishes_cannot_be_changed(services: Services, who: int) -> None:
    actor = factories.staff(services).actor
    with pytest.raises(NotAllowed):
        services.do(wishes.change_by_staff, actor, 999, by_email=False, by_sms=False)


def test_a_time_zone_is_chosen_and_given_up_again(services: Services, who: int) -> None:
    services.do(wishes.change_time_zone, f"patient:{who}", who, "Asia/Tokyo")
    assert known(services, who).time_zone == "Asia/Tokyo"
    services.do(wishes.change_time_zone, f"patient:{who}", who, "")
    assert known(services, who).time_zone is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "posixrules", "CST6CDT"])
def test_a_time_zone_that_is_none_is_refused(services: Services, who: int, zone: str) -> None:
    with pytest.raises(Invalid, match="time_zone_unknown"):
        services.do(wishes.change_time_zone, f"patient:{who}", who, zone)


def test_the_browsers_zone_holds_where_none_is_known_and_changes_none(services: Services, who: int) -> None:
    for hidden in ("Mars/Olympus", "UTC", "Etc/UTC", "Atlantic/Reykjavik", ""):
        services.do(wishes.note_time_zone, who, hidden)
    assert known(services, who).time_zone is None
    services.do(wishes.note_time_zone, who, "America/Denver")
    services.do(wishes.note_time_zone, who, "Asia/Tokyo")
    assert known(services, who).time_zone == "America/Denver"

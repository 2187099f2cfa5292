"""A patient's own information: what they may change, and what must be proved first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed, Unusable
from clinic_portal.core.work import Services
from clinic_portal.patients import access, profile
from clinic_portal.patients.queries import search
from clinic_portal.patients.types import Profile
from tests import factories
from tests.factories import SignedIn, code_for, rows, small_clinic

HOUSE = {"phone_region": "US", "zone": "America/Chicago"}
ANOTHER_PHONE = "+15125550177"


@pytest.fixture
def amara(services: Services) -> SignedIn:
    small_clinic(services)
    return factories.patient(services)


def change(services: Services, who: SignedIn, **typed: str) -> None:
    services.do(profile.change, who.actor.tag, who.actor.patient_id, **HOUSE, typed=typed)


def now(services: Services, who: SignedIn) -> Profile:
    return services.ask(profile.own, who.actor.patient_id)


@pytest.mark.req("S2")
@pytest.mark.req("S36")
def test_information_is_changed_as_typed_in_its_normal_form(services: Services, amara: SignedIn) -> None:
    change(
        services,
        amara,
        given_name=" Ama\u0301ra ",
        birth_on="1990-05-12",
        city="Austin",
        emergency_name="Jo Reed",
        emergency_phone="(512) 555-0155",
    )
    told = now(services, amara)
    assert (told.given_name, told.city, told.emergency_phone) == ("Amára", "Austin", "+15125550155")
    assert told.birth_on is not None
    assert told.birth_on.isoformat() == "1990-05-12"


@pytest.mark.req("S2")
def test_the_log_names_the_fields_and_not_what_stands_in_them(services: Services, amara: SignedIn) -> None:
    change(services, amara, city="Marfa", family_name="Reed")
    (entry,) = [one for one in rows(services, AuditEntry) if one.action == "patient.changed"]
    assert entry.detail == {"fields": ["city"]}
    assert entry.actor == amara.actor.tag


@pytest.mark.req("S2")
def test_saving_without_a_change_leaves_no_trace(services: Services, amara: SignedIn) -> None:
    change(services, amara, given_name="Amara")
    assert not [one for one in rows(services, AuditEntry) if one.action == "patient.changed"]


@pytest.mark.req("S2")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", " "),
        ("family_name", "x" * 200),
        ("birth_on", "1890-13-40"),
        ("birth_on", "2026-11-24"),
        ("emergency_phone", "911"),
        ("city", "Aus\x00tin"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_changed(
    services: Services, amara: SignedIn, field: str, value: str
) -> None:
    with pytest.raises(Unusable) as refused:
        change(services, amara, **({"postal_code": "78701"} | {field: value}))
    assert [one.field for one in refused.value.faults] == [field]
    assert now(services, amara).postal_code == ""


def test_today_is_the_clinics_today(services: Services, clock: FixedClock, amara: SignedIn) -> None:
    clock.advance(timedelta(hours=14))  # 23:00 on the 23rd in Chicago, the 24th in UTC
    with pytest.raises(Unusable):
        change(services, amara, birth_on="2026-11-24")


@pytest.mark.parametrize("field", ["email", "phone", "phone_verified_at", "id", "account_id"])
def test_what_must_be_proved_or_is_not_theirs_is_no_field_of_the_form(
    services: Services, amara: SignedIn, field: str
) -> None:
    with pytest.raises(ValueError, match="not a profile's fields"):
        change(services, amara, **{field: "1"})


@pytest.mark.req("S66")
def test_a_new_phone_counts_when_its_code_was_typed(services: Services, amara: SignedIn) -> None:
    mine = amara.actor.patient_id
    phone = services.do(
        profile.begin_phone_change, mine, amara.digest, "(512) 555-0177", region="US", address="10.0.0.1"
    )
    assert (phone, now(services, amara).phone) == (ANOTHER_PHONE, factories.MOBILE)
    digits = code_for(services, amara.digest)
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    finish = (profile.finish_phone_change, amara.actor.tag, mine, amara.digest, phone)
    assert services.do(*finish, wrong) is CodeAnswer.WRONG
    assert now(services, amara).phone == factories.MOBILE
    assert services.do(*finish, digits) is CodeAnswer.RIGHT
    assert now(services, amara).phone == ANOTHER_PHONE


@pytest.mark.req("S66")
def test_a_code_proves_only_the_number_it_was_sent_to(services: Services, amara: SignedIn) -> None:
    mine = amara.actor.patient_id
    services.do(profile.begin_phone_change, mine, amara.digest, ANOTHER_PHONE, region="US", address="10.0.0.1")
    digits = code_for(services, amara.digest)
    services.do(profile.finish_phone_change, amara.actor.tag, mine, amara.digest, "+15125550178", digits)
    assert now(services, amara).phone == factories.MOBILE


def test_the_number_they_proved_already_is_not_asked_for_again(services: Services, amara: SignedIn) -> None:
    mine = amara.actor.patient_id
    services.do(profile.begin_phone_change, mine, amara.digest, ANOTHER_PHONE, region="US", address="10.0.0.1")
    digits = code_for(services, amara.digest)
    services.do(profile.finish_phone_change, amara.actor.tag, mine, amara.digest, ANOTHER_PHONE, digits)
    with pytest.raises(Conflict, match="phone_same"):
        services.do(profile.begin_phone_change, mine, amara.digest, ANOTHER_PHONE, region="US", address="10.0.0.1")


def test_a_language_that_is_not_offered_is_refused(services: Services, amara: SignedIn) -> None:
    services.do(profile.change_language, amara.actor.tag, amara.actor.patient_id, "es")
    with pytest.raises(Invalid):
        services.do(profile.change_language, amara.actor.tag, amara.actor.patient_id, "tlh")
    assert now(services, amara).language == "es"


def test_notifications_are_kept_each_on_its_own(services: Services, amara: SignedIn) -> None:
    services.do(
        profile.change_notifications,
        amara.actor.tag,
        amara.actor.patient_id,
        wants_email_reminders=False,
        wants_sms_reminders=True,
        wants_news=False,
    )
    told = now(services, amara)
    assert (told.wants_email_reminders, told.wants_sms_reminders, told.wants_news) == (False, True, False)


def test_the_calendars_address_is_private_renewed_and_revoked(services: Services, amara: SignedIn) -> None:
    mine = amara.actor.patient_id
    assert services.ask(profile.feed_token, mine) is None
    services.do(profile.start_feed, amara.actor.tag, mine)
    first = services.ask(profile.feed_token, mine)
    assert first is not None
    assert services.ask(profile.patient_of_feed, first) == mine
    services.do(profile.start_feed, amara.actor.tag, mine)
    second = services.ask(profile.feed_token, mine)
    assert second is not None
    assert second != first
    assert services.ask(profile.patient_of_feed, first) is None
    services.do(profile.stop_feed, amara.actor.tag, mine)
    assert services.ask(profile.patient_of_feed, second) is None
    assert services.ask(profile.patient_of_feed, "") is None


@pytest.mark.parametrize("wanted", ["amara", "REED", "amara reed", "reed ama", "5550142", "amara@example"])
def test_staff_find_a_patient_by_what_they_say_at_the_desk(services: Services, amara: SignedIn, wanted: str) -> None:
    factories.patient(services, "sofia@example.org", phone="+15125550143")
    change(services, factories.patient(services, "sofia@example.org"), given_name="Sofia", family_name="Lind")
    desk = factories.staff(services, "front_desk").actor
    found = services.ask(search, desk, wanted)
    assert [one.id for one in found] == [amara.actor.patient_id]


@pytest.mark.parametrize("wanted", ["%", "_", "\\", "'; --", "nobody", "00"])
def test_what_nobody_is_called_finds_nobody(services: Services, amara: SignedIn, wanted: str) -> None:
    assert services.ask(search, factories.staff(services, "front_desk").actor, wanted) == []


def test_a_session_that_was_ended_is_nobodys(services: Services, amara: SignedIn) -> None:
    from clinic_portal.accounts import sessions

    services.do(sessions.end, amara.actor.session_id)
    assert services.ask(access.signed_in, amara.digest) is None
    with pytest.raises(NotAllowed):
        services.ask(profile.own, 10**6)

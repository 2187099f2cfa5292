"""How a patient comes to a portal: the address is proved first, and one profile comes of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_portal.accounts import entry, links, passwords
from clinic_portal.accounts.models import Account, Link
from clinic_portal.accounts.types import Purpose
from clinic_portal.booking.queries import visits_of
from clinic_portal.bootstrap import cashier
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed, TooMany
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.email import SandboxEmail
from clinic_portal.integrations.sandbox.sms import SandboxSms
from clinic_portal.messaging.ports import Senders
from clinic_portal.messaging.queries import sandbox
from clinic_portal.patients import joining, profile
from clinic_portal.patients.models import Patient
from clinic_portal.patients.models import Registration as Waiting
from clinic_portal.patients.types import Contact
from clinic_portal.worker import Worker
from tests.factories import MOBILE, PASSWORD, SmallClinic, booked, patient, rows, small_clinic

AMARA = Contact("Amara", "Reed", "amara@example.org", MOBILE)
DAY = date(2026, 12, 3)


@pytest.fixture
def clinic(services: Services) -> SmallClinic:
    return small_clinic(services)


def register(services: Services, who: Contact = AMARA, *, owner: str = "mine", **details: str) -> None:
    hashed = passwords.hashed(services.settings, PASSWORD)
    services.do(joining.register, who, details, password_hash=hashed, owner=owner, address="10.0.0.1")


def newest(services: Services) -> Any:
    return services.ask(links.sheet, max(one.id for one in rows(services, Link)))


def post(services: Services) -> list[tuple[str, str]]:
    """Whom the worker has written e-mails to, and their subjects, oldest first."""
    worker = Worker(services, Senders(SandboxEmail(services), SandboxSms(services)), cashier(services))
    while worker.run_once():
        pass
    return [(one.to_address, one.subject) for one in reversed(services.ask(sandbox)) if one.channel == "email"]


@pytest.mark.req("S18")
@pytest.mark.req("S19")
def test_registering_lets_nobody_in_before_the_address_is_proved(clinic: SmallClinic) -> None:
    register(clinic.services)
    assert clinic.services.ask(entry.credentials, AMARA.email) is None
    assert rows(clinic.services, Patient) == []
    assert post(clinic.services) == [(AMARA.email, "Please confirm your e-mail address")]


@pytest.mark.req("S19")
def test_the_link_makes_the_account_and_a_profile_with_all_that_was_typed(clinic: SmallClinic) -> None:
    register(clinic.services, birth_on="1990-05-17", street="1 Main St", city="Austin")
    clinic.services.do(joining.confirm, newest(clinic.services).token)
    made = rows(clinic.services, Patient)[0]
    assert (made.given_name, made.phone, made.street) == ("Amara", MOBILE, "1 Main St")
    assert made.birth_on == date(1990, 5, 17)
    assert made.phone_verified_at is None


@pytest.mark.req("S20")
def test_the_same_address_as_an_existing_record_ties_the_account_to_it(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    register(clinic.services, Contact("A.", "Reed-Smith", "AMARA@example.org", "+15125550199"), city="Austin")
    _, patient_id = clinic.services.do(joining.confirm, newest(clinic.services).token)
    known = rows(clinic.services, Patient)
    assert [one.id for one in known] == [patient_id]
    assert (known[0].family_name, known[0].phone, known[0].city) == ("Reed-Smith", "+15125550199", "Austin")
    assert known[0].phone_verified_at is None


@pytest.mark.req("S20")
def test_before_the_address_is_proved_the_record_is_not_touched(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    before = rows(clinic.services, Patient)[0].model_dump()
    register(clinic.services, city="Austin")
    assert rows(clinic.services, Patient)[0].model_dump() == before


@pytest.mark.req("S21")
def test_another_address_makes_a_profile_of_its_own(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    register(clinic.services, Contact("Amara", "Reed", "other@example.org", MOBILE))
    _, patient_id = clinic.services.do(joining.confirm, newest(clinic.services).token)
    assert [one.email for one in rows(clinic.services, Patient)] == [AMARA.email, "other@example.org"]
    assert patient_id == 2


def test_a_profile_kept_apart_is_never_tied(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    booked(clinic, "other", DAY, "12:00", "facial", phone="+15125550143")
    register(clinic.services)
    _, patient_id = clinic.services.do(joining.confirm, newest(clinic.services).token)
    assert patient_id == rows(clinic.services, Patient)[0].id


def test_a_profile_joined_later_opens_with_the_same_account(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    me = patient(clinic.services)
    booked(clinic, "other", DAY, "12:00", "facial", phone="+15125550143")
    from clinic_portal.booking.actions import answer_claim
    from clinic_portal.patients.models import ProfileClaim
    from clinic_portal.patients.queries import claim

    token = clinic.services.ask(claim, rows(clinic.services, ProfileClaim)[0].id).token
    clinic.services.do(answer_claim, token, is_mine=True)
    assert len(clinic.services.ask(visits_of, me.actor.patient_id).upcoming) == 2


def test_an_address_that_has_a_portal_gets_another_letter_and_the_page_says_the_same(clinic: SmallClinic) -> None:
    patient(clinic.services)
    before = len(post(clinic.services))
    register(clinic.services)
    assert post(clinic.services)[before:] == [(AMARA.email, "You have a portal at Lumen Aesthetics already")]
    assert len(rows(clinic.services, Account)) == 1


def test_in_another_browser_the_password_of_the_registration_is_asked_for(clinic: SmallClinic) -> None:
    """Else somebody could register another person's address and wait for them to press the button."""
    register(clinic.services, owner="the stranger's browser")
    token = newest(clinic.services).token
    assert clinic.services.ask(joining.pending, token, "the owner's browser").needs_password
    assert not clinic.services.ask(joining.pending, token, "the stranger's browser").needs_password


@pytest.mark.req("S11")
def test_a_link_works_once(clinic: SmallClinic) -> None:
    register(clinic.services)
    token = newest(clinic.services).token
    clinic.services.do(joining.confirm, token)
    with pytest.raises(NotAllowed, match="link_ended"):
        clinic.services.do(joining.confirm, token)


@pytest.mark.req("S11")
@pytest.mark.parametrize("token", ["", "0" * 64, "of another purpose"])
def test_a_link_for_something_else_opens_nothing(clinic: SmallClinic, token: str) -> None:
    register(clinic.services)
    if token == "of another purpose":
        patient(clinic.services, "two@example.org")
        clinic.services.do(entry.forgot, "two@example.org", address="x")
        token = newest(clinic.services).token
    with pytest.raises(NotAllowed, match="link_ended"):
        clinic.services.do(joining.confirm, token)


@pytest.mark.req("S11")
def test_a_link_expires(clinic: SmallClinic, clock: FixedClock) -> None:
    register(clinic.services)
    clock.advance(links.LASTS[Purpose.REGISTER])
    with pytest.raises(NotAllowed, match="link_ended"):
        clinic.services.do(joining.confirm, newest(clinic.services).token)


def test_the_link_sent_again_ends_the_one_before(clinic: SmallClinic) -> None:
    register(clinic.services)
    first = newest(clinic.services).token
    clinic.services.do(joining.send_again, AMARA.email, address="x")
    with pytest.raises(NotAllowed):
        clinic.services.do(joining.confirm, first)
    clinic.services.do(joining.confirm, newest(clinic.services).token)


def test_sending_again_to_nobody_sends_nothing_and_says_the_same(clinic: SmallClinic) -> None:
    clinic.services.do(joining.send_again, "nobody@example.org", address="x")
    assert post(clinic.services) == []


def test_an_address_is_not_flooded_with_letters(clinic: SmallClinic) -> None:
    for _ in range(entry.MAIL_PER_EMAIL.times):
        register(clinic.services)
    with pytest.raises(TooMany):
        register(clinic.services)


def test_registrations_nobody_confirmed_are_forgotten(clinic: SmallClinic, clock: FixedClock) -> None:
    register(clinic.services)
    clock.advance(timedelta(days=4))
    clinic.services.do(joining.forget_old)
    assert rows(clinic.services, Waiting) == []


def test_two_registrations_of_one_address_make_one_account(clinic: SmallClinic) -> None:
    register(clinic.services, owner="one")
    first = newest(clinic.services).token
    register(clinic.services, owner="two")
    second = newest(clinic.services).token
    clinic.services.do(joining.confirm, first)
    with pytest.raises((NotAllowed, Conflict)):
        clinic.services.do(joining.confirm, second)
    assert len(rows(clinic.services, Account)) == 1


@pytest.mark.req("S10")
@pytest.mark.req("S13")
def test_the_welcome_email_goes_out_with_the_first_booking_and_not_with_later_ones(clinic: SmallClinic) -> None:
    clinic.settings(activation_email_enabled=True)
    booked(clinic, "guest", DAY, "10:00", "facial")
    assert "Welcome to Lumen Aesthetics: your patient portal" in [subject for _, subject in post(clinic.services)]
    before = len(post(clinic.services))
    booked(clinic, "another browser", DAY, "14:00", "facial")
    assert [subject[:16] for _, subject in post(clinic.services)[before:]] == ["Your appointment"]


@pytest.mark.req("S12")
def test_with_the_switch_off_nobody_is_welcomed(clinic: SmallClinic) -> None:
    clinic.settings(activation_email_enabled=False)
    booked(clinic, "guest", DAY, "10:00", "facial")
    assert not [subject for _, subject in post(clinic.services) if "Welcome" in subject]


def test_nobody_is_welcomed_to_a_profile_kept_apart(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    post(clinic.services)
    clinic.settings(activation_email_enabled=True)
    booked(clinic, "other", DAY, "12:00", "facial", phone="+15125550143")
    assert not [subject for _, subject in post(clinic.services) if "Welcome" in subject]


@pytest.mark.req("S11")
def test_the_welcome_emails_link_opens_the_profile_it_was_sent_for(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    clinic.services.do(joining.welcome, 1)
    _, patient_id = clinic.services.do(joining.activate, newest(clinic.services).token, "a hash", phone=MOBILE)
    assert (patient_id, rows(clinic.services, Patient)[0].account_id) == (1, 1)


@pytest.mark.req("S11")
def test_the_welcome_emails_link_has_ended_once_there_is_an_account(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    clinic.services.do(joining.welcome, 1)
    token = newest(clinic.services).token
    patient(clinic.services)
    for verb in (lambda work, t: joining.activate(work, t, "a hash", phone=MOBILE), joining.invited):
        with pytest.raises((NotAllowed, Conflict)):
            clinic.services.do(verb, token)


def test_the_welcome_emails_link_has_ended_once_the_address_is_another(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    clinic.services.do(joining.welcome, 1)
    token = newest(clinic.services).token

    def another(work: Any) -> None:
        work.session.get_one(Patient, 1).email_key = "else@example.org"

    clinic.services.do(another)
    with pytest.raises(NotAllowed):
        clinic.services.do(joining.activate, token, "a hash", phone=MOBILE)


@pytest.mark.req("S14")
def test_the_count_of_those_who_never_logged_in_falls_as_they_do(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    booked(clinic, "two", DAY, "12:00", "facial", email="two@example.org", phone="+15125550143")
    assert clinic.services.ask(joining.count_never_signed_in) == 2
    patient(clinic.services)
    assert clinic.services.ask(joining.count_never_signed_in) == 1


def test_a_changed_address_is_the_accounts_and_the_profiles(clinic: SmallClinic) -> None:
    me = patient(clinic.services)
    clinic.services.do(entry.begin_email_change, me.actor.account_id, "new@example.org", address="x")
    assert clinic.services.ask(entry.credentials, "new@example.org") is None
    clinic.services.do(joining.change_email, newest(clinic.services).token)
    assert clinic.services.ask(entry.credentials, "new@example.org") is not None
    assert rows(clinic.services, Patient)[0].email == "new@example.org"
    assert (AMARA.email, "Your e-mail address was changed") in post(clinic.services)


def test_an_address_another_account_has_is_not_taken_from_it(clinic: SmallClinic) -> None:
    me = patient(clinic.services)
    patient(clinic.services, "two@example.org", phone="+15125550143")
    clinic.services.do(entry.begin_email_change, me.actor.account_id, "two@example.org", address="x")
    with pytest.raises(Conflict, match="account_known"):
        clinic.services.do(joining.change_email, newest(clinic.services).token)


THEIRS, STRANGERS = "+15125550177", "+15125550199"


def of(clinic: SmallClinic, patient_id: int) -> tuple[str, str, bool]:
    row = next(one for one in rows(clinic.services, Patient) if one.id == patient_id)
    return f"{row.given_name} {row.family_name}", row.phone, row.phone_verified_at is not None


def test_whoever_booked_first_under_somebodys_address_is_not_who_they_are(clinic: SmallClinic) -> None:
    """A stranger books with Amara's address and a phone of their own; then Amara registers and proves the address."""
    booked(clinic, "stranger", DAY, "10:00", "facial", phone=STRANGERS, name=("Mallory", "X"))
    contact = Contact(AMARA.given_name, AMARA.family_name, AMARA.email, THEIRS)
    clinic.services.do(joining.register, contact, {}, password_hash="a hash", owner="hers", address="x")
    _, patient_id = clinic.services.do(joining.confirm, newest(clinic.services).token)
    assert of(clinic, patient_id) == ("Amara Reed", THEIRS, False)
    booked(clinic, "stranger again", DAY, "12:00", "facial", phone=STRANGERS, name=("Mallory", "X"))
    assert len(clinic.services.ask(visits_of, patient_id).upcoming) == 1


@pytest.mark.req("S20")
def test_with_the_phone_on_file_the_profile_stays_as_it_is(clinic: SmallClinic) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial", name=("Amara Jane", "Reed"))
    register(clinic.services)
    _, patient_id = clinic.services.do(joining.confirm, newest(clinic.services).token)
    assert of(clinic, patient_id) == ("Amara Jane Reed", MOBILE, True)


@pytest.mark.req("S11")
@pytest.mark.parametrize(("phone", "is_proved"), [(MOBILE, True), (THEIRS, False)])
def test_whoever_takes_the_welcome_up_says_what_their_number_is(
    clinic: SmallClinic, phone: str, is_proved: bool
) -> None:
    booked(clinic, "guest", DAY, "10:00", "facial")
    clinic.services.do(joining.welcome, 1)
    clinic.services.do(joining.activate, newest(clinic.services).token, "a hash", phone=phone)
    assert of(clinic, 1)[1:] == (phone, is_proved)


def test_a_registration_from_a_browser_without_a_cookie_asks_for_its_password(clinic: SmallClinic) -> None:
    register(clinic.services, owner="")
    assert clinic.services.ask(joining.pending, newest(clinic.services).token, "").needs_password


def test_a_password_chosen_anew_ends_the_calendars_private_address(clinic: SmallClinic) -> None:
    me = patient(clinic.services)
    clinic.services.do(profile.start_feed, me.actor.tag, me.actor.patient_id)
    clinic.services.do(entry.forgot, AMARA.email, address="x")
    clinic.services.do(joining.reset_password, newest(clinic.services).token, "a hash")
    assert clinic.services.ask(profile.feed_token, me.actor.patient_id) is None


def test_a_booking_with_a_code_for_the_number_on_file_proves_it_there(clinic: SmallClinic) -> None:
    me = patient(clinic.services).actor.patient_id
    assert of(clinic, me)[1:] == (MOBILE, False)
    booked(clinic, "guest", DAY, "10:00", "facial")
    assert of(clinic, me)[1:] == (MOBILE, True)

"""Sessions end by time, by idleness and on request; a token is nowhere but in its cookie."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.accounts import entry, links, passwords, sessions, staff
from clinic_portal.accounts.emails import email_key
from clinic_portal.accounts.models import AccountSession, Link
from clinic_portal.accounts.types import Kind, Purpose
from clinic_portal.core import crypto
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, NotAllowed, TooMany
from clinic_portal.core.work import Services
from clinic_portal.patients import access
from tests import factories
from tests.factories import PASSWORD, SignedIn, patient, rows, small_clinic

EMAIL = "amara@example.org"


@pytest.fixture
def me(services: Services) -> SignedIn:
    small_clinic(services)
    return patient(services)


def is_in(services: Services, who: SignedIn) -> bool:
    return services.ask(access.signed_in, who.digest) is not None


def again(services: Services) -> SignedIn:
    """The same patient in another browser."""
    return patient(services)


def test_the_database_does_not_know_the_token(services: Services, me: SignedIn) -> None:
    kept = rows(services, AccountSession)[0].model_dump()
    assert me.cookie not in str(kept)
    assert kept["token_digest"] == crypto.digest(me.cookie)


def test_every_sign_in_has_a_token_of_its_own(services: Services, me: SignedIn) -> None:
    assert again(services).cookie != me.cookie


@pytest.mark.parametrize("forged", ["", "0" * 64, "x"])
def test_a_made_up_token_opens_nothing(services: Services, me: SignedIn, forged: str) -> None:
    assert services.ask(access.signed_in, forged) is None


def test_a_patients_cookie_is_no_staffs_cookie_and_the_other_way_round(services: Services, me: SignedIn) -> None:
    someone = factories.staff(services)
    assert services.ask(staff.signed_in, me.digest) is None
    assert services.ask(access.signed_in, someone.digest) is None


def test_an_idle_session_ends(services: Services, me: SignedIn, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=services.settings.patient_idle_minutes, seconds=-1))
    assert is_in(services, me)
    clock.advance(timedelta(seconds=1))
    assert not is_in(services, me)


def test_a_sign_of_life_keeps_it(services: Services, me: SignedIn, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=20))
    services.do(sessions.touch, me.actor.session_id)
    clock.advance(timedelta(minutes=20))
    assert is_in(services, me)


def test_a_sign_of_life_comes_too_late_for_one_that_ended(services: Services, me: SignedIn, clock: FixedClock) -> None:
    services.do(sessions.end, me.actor.session_id)
    services.do(sessions.touch, me.actor.session_id)
    assert not is_in(services, me)


def test_no_session_lasts_for_ever(services: Services, me: SignedIn, clock: FixedClock) -> None:
    for _ in range(14 * 24 * 3):
        clock.advance(timedelta(minutes=20))
        services.do(sessions.touch, me.actor.session_id)
    assert not is_in(services, me)


def test_signing_out_everywhere_ends_every_session(services: Services, me: SignedIn) -> None:
    other = again(services)
    services.do(sessions.end_all, Kind.PATIENT, me.actor.account_id)
    assert not is_in(services, me)
    assert not is_in(services, other)


def test_one_signs_out_ones_own_other_browsers_only(services: Services, me: SignedIn) -> None:
    stranger = patient(services, "two@example.org", phone="+15125550143")
    ended = services.do(sessions.end_one_of, Kind.PATIENT, me.actor.account_id, stranger.actor.session_id)
    assert not ended
    assert is_in(services, stranger)


def test_the_list_of_devices_names_this_one_first_and_no_stranger(services: Services, me: SignedIn) -> None:
    other = again(services)
    patient(services, "two@example.org", phone="+15125550143")
    found = services.ask(sessions.devices, Kind.PATIENT, me.actor.account_id, here=me.actor.session_id)
    assert [(one.session_id, one.is_here) for one in found] == [
        (me.actor.session_id, True),
        (other.actor.session_id, False),
    ]


def newest_link(services: Services) -> str:
    return services.ask(links.sheet, max(one.id for one in rows(services, Link))).token


def test_a_forgotten_password_is_chosen_anew_and_everyone_is_signed_out(services: Services, me: SignedIn) -> None:
    services.do(entry.forgot, EMAIL, address="x")
    services.do(entry.reset, newest_link(services), passwords.hashed(services.settings, "another horse entirely"))
    known = services.ask(entry.credentials, EMAIL)
    assert known is not None
    assert passwords.matches(services.settings, "another horse entirely", known.password_hash)
    assert not is_in(services, me)


def test_a_link_for_a_new_password_works_once_and_for_an_hour(
    services: Services, me: SignedIn, clock: FixedClock
) -> None:
    services.do(entry.forgot, EMAIL, address="x")
    token = newest_link(services)
    services.do(entry.reset, token, "a hash")
    with pytest.raises(NotAllowed, match="link_ended"):
        services.do(entry.reset, token, "another hash")
    services.do(entry.forgot, EMAIL, address="x")
    clock.advance(links.LASTS[Purpose.RESET])
    with pytest.raises(NotAllowed, match="link_ended"):
        services.do(entry.reset, newest_link(services), "a hash")


def test_asking_for_nobodys_password_looks_the_same_and_writes_to_nobody(services: Services, me: SignedIn) -> None:
    before = len(rows(services, Link))
    services.do(entry.forgot, "nobody@example.org", address="x")
    made = rows(services, Link)[before:]
    assert [(one.purpose, one.email) for one in made] == [("nobody", "")]


def test_a_changed_password_signs_every_other_browser_out(services: Services, me: SignedIn) -> None:
    other = again(services)
    known = services.ask(entry.credentials, EMAIL)
    assert known is not None
    services.do(entry.change_password, known, "a hash", here=me.actor.session_id)
    assert is_in(services, me)
    assert not is_in(services, other)


def test_a_password_reset_meanwhile_is_not_overwritten_by_whoever_knew_the_old_one(
    services: Services, me: SignedIn
) -> None:
    old = services.ask(entry.credentials, EMAIL)
    assert old is not None
    services.do(entry.forgot, EMAIL, address="x")
    services.do(entry.reset, newest_link(services), "the owner's hash")
    with pytest.raises(Conflict, match="password_changed_meanwhile"):
        services.do(entry.change_password, old, "the thief's hash", here=0)
    after = services.ask(entry.credentials, EMAIL)
    assert after is not None
    assert after.password_hash == "the owner's hash"


def test_every_owner_is_told_that_their_password_changed_also_when_many_change_at_once(
    services: Services, me: SignedIn
) -> None:
    patient(services, "two@example.org", phone="+15125550143")
    for email in (EMAIL, "two@example.org", EMAIL):
        known = services.ask(entry.credentials, email)
        assert known is not None
        services.do(entry.change_password, known, f"{known.password_hash}x", here=0)
    told = [one.email for one in rows(services, Link) if one.purpose == Purpose.PASSWORD_CHANGED]
    assert told == [EMAIL, "two@example.org", EMAIL]


def test_a_password_changed_in_that_instant_lets_nobody_in_with_the_old_one(services: Services, me: SignedIn) -> None:
    known = services.ask(entry.credentials, EMAIL)
    assert known is not None
    services.do(entry.change_password, known, "a hash", here=0)
    with pytest.raises(Conflict, match="sign_in_wrong"):
        services.do(entry.entered, known, device="x", address="x")


def test_an_account_is_guessed_at_so_often_and_no_more(services: Services, me: SignedIn) -> None:
    for _ in range(entry.WRONG_PER_ACCOUNT.times):
        services.do(entry.knock, EMAIL, address="x")
    with pytest.raises(TooMany, match="sign_in_per_account"):
        services.do(entry.knock, "AMARA@example.org", address="elsewhere")


@pytest.mark.parametrize("typed", [f" {EMAIL}", f"{EMAIL}\u00a0", EMAIL.upper(), f"\t{EMAIL}\n"], ids=repr)
def test_the_same_address_written_otherwise_is_counted_with_it(services: Services, me: SignedIn, typed: str) -> None:
    for _ in range(entry.WRONG_PER_ACCOUNT.times):
        services.do(entry.knock, typed, address="x")
    with pytest.raises(TooMany, match="sign_in_per_account"):
        services.do(entry.knock, EMAIL, address="elsewhere")


def test_tries_with_the_right_password_do_not_count(services: Services, me: SignedIn) -> None:
    for _ in range(2 * entry.WRONG_PER_ACCOUNT.times):
        services.do(entry.knock, EMAIL, address="x")
        again(services)


@pytest.mark.req("S20")
def test_letters_that_only_look_alike_make_another_address(services: Services, me: SignedIn) -> None:
    """Case folding would make them one, and whoever owns that other mailbox would come into this portal."""
    for address in ("amar\u0430@example.org", "\u017famara@example.org", "\uff21mara@example.org"):
        assert services.ask(entry.credentials, address) is None
    assert email_key("stra\u00dfe@example.org") != email_key("strasse@example.org")


def test_an_address_nobody_has_is_counted_all_the_same(services: Services, me: SignedIn) -> None:
    for _ in range(entry.WRONG_PER_ACCOUNT.times):
        services.do(entry.knock, "nobody@example.org", address="x")
    with pytest.raises(TooMany, match="sign_in_per_account"):
        services.do(entry.knock, "nobody@example.org", address="x")


def test_a_network_address_may_try_so_often_and_no_more(services: Services, me: SignedIn) -> None:
    for n in range(entry.PER_ADDRESS.times):
        services.do(entry.knock, f"p{n}@example.org", address="10.9.9.9")
    with pytest.raises(TooMany, match="sign_in_per_address"):
        services.do(entry.knock, EMAIL, address="10.9.9.9")


def test_a_password_hashed_at_an_older_cost_is_hashed_anew_at_sign_in(services: Services, me: SignedIn) -> None:
    known = services.ask(entry.credentials, EMAIL)
    assert known is not None
    dearer = services.settings.model_copy(update={"password_cost": 5})
    assert passwords.is_outdated(dearer, known.password_hash)
    services.do(entry.entered, known, device="x", address="x", new_hash=passwords.hashed(dearer, PASSWORD))
    after = services.ask(entry.credentials, EMAIL)
    assert after is not None
    assert not passwords.is_outdated(dearer, after.password_hash)
    assert passwords.matches(dearer, PASSWORD, after.password_hash)

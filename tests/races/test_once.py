"""What works once works once, however many want it in the same instant: links, CAPTCHAs, codes, the last owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from clinic_portal.accounts import captcha, entry, links, second_factor
from clinic_portal.accounts import staff as people
from clinic_portal.accounts.captcha import Solved
from clinic_portal.accounts.models import Account, Link, SpentCaptcha, Staff
from clinic_portal.accounts.types import Purpose
from clinic_portal.clinic import models as clinic
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.patients import joining
from clinic_portal.patients.models import Patient
from clinic_portal.patients.types import Contact
from tests.actions.clinic.test_founding import walk
from tests.factories import MOBILE, SignedIn, patient, rows, small_clinic, staff
from tests.races.racing import at_once

MANY = 6
EMAIL = "amara@example.org"


def newest(services: Services) -> str:
    return services.ask(links.sheet, max(one.id for one in rows(services, Link))).token


def used_at_once(services: Services, purpose: Purpose, token: str, use: Any) -> dict[str, int]:
    """Everyone finds the link open; then everyone uses it."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        found = own.ask(links.look, purpose, token)
        links.look = lambda read, asked, given: found
        ready.wait()
        own.do(use, token, f"hash {number}")
        return "used"

    return dict(at_once(services, MANY, attempt))


ONCE = {"used": 1, "link_ended": MANY - 1}


def test_one_link_for_a_new_password_used_many_times_at_once_counts_once(services: Services) -> None:
    small_clinic(services)
    me = patient(services, EMAIL)
    services.do(entry.forgot, EMAIL, address="x")
    assert used_at_once(services, Purpose.RESET, newest(services), joining.reset_password) == ONCE
    known = services.ask(entry.credentials_of, me.actor.account_id)
    assert known.password_hash.startswith("hash ")


@pytest.mark.req("S19")
def test_one_registration_confirmed_many_times_at_once_makes_one_account_and_one_profile(services: Services) -> None:
    small_clinic(services)
    contact = Contact("Amara", "Reed", EMAIL, MOBILE)
    services.do(joining.register, contact, {}, password_hash="x", owner="b", address="x")
    confirm = lambda work, token, _: joining.confirm(work, token)  # noqa: E731
    assert used_at_once(services, Purpose.REGISTER, newest(services), confirm) == ONCE
    assert len(rows(services, Account)) == 1
    assert len(rows(services, Patient)) == 1


@pytest.mark.req("S20")
def test_two_registrations_of_one_address_confirmed_at_once_make_one_account(services: Services) -> None:
    """Each with a link of its own, in another browser."""
    small_clinic(services)
    tokens = []
    for n in range(2):
        contact = Contact("Amara", f"Reed {n}", EMAIL, MOBILE)
        services.do(joining.register, contact, {}, password_hash="x", owner=f"b{n}", address="x")
        tokens.append(newest(services))

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        own.do(joining.confirm, tokens[number])
        return "used"

    outcome = at_once(services, 2, attempt)
    assert outcome["used"] == 1
    assert outcome["account_known"] + outcome["link_ended"] == 1
    assert len(rows(services, Account)) == 1
    assert len(rows(services, Patient)) == 1


@pytest.mark.req("S11")
def test_one_welcome_email_taken_up_many_times_at_once_makes_one_account(services: Services) -> None:
    from tests.factories import booked

    made = small_clinic(services)
    booked(made, "browser", services.clock.now().date() + timedelta(days=3), "10:00", "facial", email=EMAIL)
    (who,) = rows(services, Patient)
    services.do(joining.welcome, who.id, again=True)
    activate = lambda work, token, hashed: joining.activate(work, token, hashed, phone=MOBILE)  # noqa: E731
    assert used_at_once(services, Purpose.ACTIVATE, newest(services), activate) == ONCE
    assert len(rows(services, Account)) == 1


def test_one_invitation_taken_up_many_times_at_once_sets_one_password(services: Services) -> None:
    owner = staff(services)
    services.do(people.invite, owner.actor, email="new@lumen.example", name="New", role="read_only")

    def choose(work: Any, token: str, password_hash: str) -> None:
        people.choose_password(work, Purpose.INVITE, token, password_hash)

    assert used_at_once(services, Purpose.INVITE, newest(services), choose) == ONCE


def test_one_solved_captcha_is_spent_once(services: Services) -> None:
    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        own.do(captcha.spend, Solved("a digest"))
        return "spent"

    assert at_once(services, MANY, attempt) == {"spent": 1, "captcha_again": MANY - 1}
    assert len(rows(services, SpentCaptcha)) == 1


@pytest.fixture
def guarded(services: Services, clock: FixedClock) -> tuple[SignedIn, pyotp.TOTP, list[str]]:
    """Someone whose authenticator is in force, and its recovery codes."""
    who = staff(services)
    services.do(second_factor.begin, who.actor.staff_id)
    uri = services.ask(second_factor.enrolment_uri, who.actor.staff_id, "Lumen")
    app = pyotp.TOTP(parse_qs(urlsplit(uri).query)["secret"][0])
    codes = services.do(second_factor.confirm, who.actor.staff_id, app.at(clock.now()))
    assert codes is not None
    clock.advance(timedelta(minutes=5))
    return who, app, codes


def answered_at_once(services: Services, staff_id: int, typed: list[str]) -> dict[str, int]:
    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        return "right" if own.do(second_factor.answer, staff_id, typed[number % len(typed)]) else "wrong"

    return dict(at_once(services, MANY, attempt))


def test_one_recovery_code_used_many_times_at_once_lets_in_once(
    services: Services, guarded: tuple[SignedIn, pyotp.TOTP, list[str]]
) -> None:
    who, _, codes = guarded
    assert answered_at_once(services, who.actor.staff_id, codes[:1]) == {"right": 1, "wrong": MANY - 1}
    left = services.ask(second_factor.recovery_codes_left, who.actor.staff_id)
    assert left == second_factor.RECOVERY_CODES - 1


def test_one_code_of_the_authenticator_typed_many_times_at_once_lets_in_once(
    services: Services, guarded: tuple[SignedIn, pyotp.TOTP, list[str]], clock: FixedClock
) -> None:
    who, app, _ = guarded
    assert answered_at_once(services, who.actor.staff_id, [app.at(clock.now())]) == {"right": 1, "wrong": MANY - 1}


def test_wrong_codes_sent_at_once_all_count(
    services: Services, guarded: tuple[SignedIn, pyotp.TOTP, list[str]], clock: FixedClock
) -> None:
    who, _, _ = guarded

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        return "right" if own.do(second_factor.answer, who.actor.staff_id, "000000") else "wrong"

    many = second_factor.WRONG.times + 6
    assert at_once(services, many, attempt) == {"wrong": second_factor.WRONG.times, second_factor.WRONG.name: 6}


def test_passwords_tried_at_once_all_count(services: Services) -> None:
    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        own.do(entry.knock, EMAIL, address=f"192.0.2.{number}")
        return "counted"

    many = entry.WRONG_PER_ACCOUNT.times + 5
    outcome = at_once(services, many, attempt)
    assert outcome == {"counted": entry.WRONG_PER_ACCOUNT.times, entry.WRONG_PER_ACCOUNT.name: 5}


def test_two_owners_who_demote_each_other_at_once_leave_one(services: Services) -> None:
    one, two = staff(services, "owner"), staff(services, "owner", email="second@lumen.example")
    pairs = [(one.actor, two.actor.staff_id), (two.actor, one.actor.staff_id)]

    def attempt(own: Services, number: int, ready: Any) -> str:
        by, whom = pairs[number]
        ready.wait()
        own.do(people.change, by, whom, name="Lesser", role="read_only", provider_id=None)
        return "changed"

    outcome = at_once(services, 2, attempt)
    assert outcome["changed"] == 1
    assert [row.role for row in rows(services, Staff)].count("owner") == 1


def test_a_password_changed_in_the_instant_of_a_sign_in_leaves_no_session_of_the_old_one(services: Services) -> None:
    from clinic_portal.accounts.models import AccountSession

    small_clinic(services)
    me = patient(services, EMAIL)
    services.do(entry.forgot, EMAIL, address="x")
    token, known = newest(services), services.ask(entry.credentials, EMAIL)
    assert known is not None

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        if number == 0:
            own.do(joining.reset_password, token, "a new hash")
            return "reset"
        own.do(entry.entered, known, device="x", address="x")
        return "entered"

    at_once(services, MANY, attempt)
    live = [one for one in rows(services, AccountSession) if one.revoked_at is None]
    assert live == []
    assert services.ask(entry.credentials_of, me.actor.account_id).password_hash == "a new hash"


def test_an_empty_installation_claimed_many_times_at_once_has_one_owner(services: Services) -> None:
    """Everyone has the key, and found nobody there."""

    def attempt(own: Services, number: int, ready: Any) -> str:
        assert not own.ask(people.is_anybody)
        ready.wait()
        who = {"email": f"owner{number}@lumen.example", "name": f"Owner {number}", "password_hash": "x"}
        own.do(people.found_owner, **who, device="Firefox", address=f"10.0.0.{number}")
        return "owner"

    assert dict(at_once(services, MANY, attempt)) == {"owner": 1, "setup_claimed": MANY - 1}
    assert len(rows(services, Staff)) == 1


def test_each_step_of_the_first_run_done_in_many_windows_at_once_makes_one_of_each(services: Services) -> None:
    owner = staff(services).actor

    def attempt(own: Services, number: int, ready: Any) -> str:
        ready.wait()
        walk(own, owner)
        return "done"

    assert dict(at_once(services, MANY, attempt)) == {"done": MANY}
    made = (clinic.Clinic, clinic.Location, clinic.Provider, clinic.ServiceCategory, clinic.Service)
    assert [len(rows(services, one)) for one in made] == [1, 1, 1, 1, 1]

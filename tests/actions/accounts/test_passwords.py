"""Passwords: length over composition, none that is common, none cut short."""

from __future__ import annotations

import pytest

from clinic_portal.accounts import passwords
from clinic_portal.core.errors import Invalid
from clinic_portal.core.settings import Settings


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None, secret_key="a key of more than thirty-two characters!", password_cost=4)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "ich esse gern Zwetschgen", "うさぎとかめのながいながいはなし"]
)
def test_a_few_words_are_a_password(password: str) -> None:
    passwords.check(password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("Tr0ub4dor&3", "password_short"),
        ("passwordpassword", "password_guessable"),
        ("aaaaaaaaaaaaaaaa", "password_guessable"),
        ("1234567890123456", "password_guessable"),
        ("qwertyuiopqwertyuiop", "password_guessable"),
        ("x" * 129, "password_long"),
    ],
)
def test_what_is_short_long_or_easily_guessed_is_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check(password)
    assert (refusal.value.field, refusal.value.code) == ("password", code)


def test_what_is_about_the_person_is_refused() -> None:
    with pytest.raises(Invalid, match="password_guessable"):
        passwords.check("amara.reed@example.org", about=("amara.reed@example.org",))


def test_a_password_counts_in_full_beyond_bcrypts_72_bytes(settings: Settings) -> None:
    long = "a long sentence " * 6
    known = passwords.hashed(settings, long + "that ends so")
    assert passwords.matches(settings, long + "that ends so", known)
    assert not passwords.matches(settings, long + "that ends otherwise", known)


def test_letters_written_in_two_ways_are_the_same(settings: Settings) -> None:
    known = passwords.hashed(settings, "caf\u00e9 caf\u00e9 caf\u00e9")
    assert passwords.matches(settings, "cafe\u0301 cafe\u0301 cafe\u0301", known)


def test_without_an_account_no_password_matches(settings: Settings) -> None:
    assert not passwords.matches(settings, "anything at all here", None)

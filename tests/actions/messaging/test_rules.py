"""When to try again, how long an SMS is, and what no longer makes sense."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic_portal.messaging import rules

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def seconds(kind: str, attempts: int, **more: int) -> float:
    return rules.pause(kind, attempts, spread_by="a row", **more).total_seconds()


def test_pauses_grow_to_an_hour_and_codes_come_back_within_seconds() -> None:
    usual = [seconds("appointment_booked", attempts) for attempts in range(1, 8)]
    assert usual == sorted(usual)
    assert 24 <= usual[0] <= 36
    assert max(usual) <= 3600
    assert 2 * 3600 < sum(usual) < 4 * 3600
    codes = [seconds("phone_code", attempts) for attempts in range(1, 8)]
    assert codes[0] < 3
    assert sum(codes) < 600


def test_rows_that_failed_together_do_not_come_back_together() -> None:
    pauses = {rules.pause("appointment_booked", 3, spread_by=f"row {n}") for n in range(50)}
    assert len(pauses) == 50


def test_a_sender_may_ask_for_a_longer_pause_but_not_for_more_than_an_hour() -> None:
    assert seconds("phone_code", 1, retry_after_seconds=20) == 20
    assert seconds("phone_code", 1, retry_after_seconds=999_999) == 3600


@pytest.mark.parametrize(
    ("body", "alphabet", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 153, "GSM-7", 306, 3),  # an escaped character is never cut: 76 of them in a part
        ("ż" * 70, "UCS-2", 70, 1),
        ("ż" * 71, "UCS-2", 71, 2),
        ("🙂" * 36, "UCS-2", 72, 2),
        ("é" * 160, "GSM-7", 160, 1),
        ("\u202f", "UCS-2", 1, 1),
    ],
)
def test_an_sms_is_counted_as_it_is_paid_for(body: str, alphabet: str, units: int, segments: int) -> None:
    assert rules.sms_size(body) == rules.SmsSize(alphabet, units, segments)


@pytest.mark.parametrize(
    ("status", "minutes", "reason"),
    [
        ("booked", 1, None),
        ("arrived", 1, None),
        ("cancelled", 1, "cancelled"),
        ("booked", 0, "past"),
        ("noshow", 1, "past"),
        ("fulfilled", -5, "past"),
    ],
)
def test_a_confirmation_makes_sense_until_the_visit(status: str, minutes: int, reason: str | None) -> None:
    assert rules.outdated_visit(status, NOW + timedelta(minutes=minutes), NOW) == reason

"""Every setting says what it is for, and production refuses what must not be."""

from __future__ import annotations

import pytest

from clinic_portal.core.settings import Settings

GOOD = {
    "mode": "production",
    "secret_key": "x" * 40,
    "email_sender": "smtp",
    "sms_sender": "twilio",
    "public_url": "https://book.example.org",
}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    assert Settings.model_fields[name].description


def test_a_complete_production_has_no_fault() -> None:
    assert Settings(_env_file=None, **GOOD).faults() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_key", "change-me"),
        ("secret_key", "short"),
        ("email_sender", "sandbox"),
        ("sms_sender", "sandbox"),
        ("public_url", "http://book.example.org"),
    ],
)
def test_production_refuses_placeholders_sandboxes_and_plain_http(name: str, value: str) -> None:
    [fault] = Settings(_env_file=None, **(GOOD | {name: value})).faults()
    assert f"CLINIC_{name.upper()}" in fault


STRIPE = GOOD | {
    "payment_gateway": "stripe",
    "stripe_secret_key": "sk_live_1",
    "stripe_webhook_secrets": "whsec_1, whsec_2",
}


def test_a_production_with_stripe_has_no_fault() -> None:
    assert Settings(_env_file=None, **STRIPE).faults() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stripe_secret_key", ""),
        ("stripe_secret_key", "pk_live_1"),
        ("stripe_webhook_secrets", ""),
        ("stripe_webhook_secrets", "sk_live_1"),
    ],
)
def test_production_refuses_stripe_without_its_keys(name: str, value: str) -> None:
    [fault] = Settings(_env_file=None, **(STRIPE | {name: value})).faults()
    assert f"CLINIC_{name.upper()}" in fault
    assert "sk_live_1" not in fault


def test_origins_are_an_exact_list() -> None:
    made = Settings(
        _env_file=None, public_url="https://a.example/", extra_origins="https://b.example, https://c.example"
    )
    assert made.origins == ["https://a.example", "https://b.example", "https://c.example"]

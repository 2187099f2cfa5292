"""Letters about accounts: each owner gets theirs, whatever else happens in that second or happened long ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.accounts import entry, links
from clinic_portal.bootstrap import cashier
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.email import SandboxEmail
from clinic_portal.integrations.sandbox.sms import SandboxSms
from clinic_portal.messaging.ports import Senders
from clinic_portal.messaging.queries import sandbox
from clinic_portal.worker import Worker
from tests.factories import patient, small_clinic

AMARA, NOOR = "amara@example.org", "noor@example.org"


@pytest.fixture(autouse=True)
def _two_accounts(services: Services) -> None:
    small_clinic(services)
    patient(services, AMARA)
    patient(services, NOOR, phone="+15125550143")


def letters(services: Services, subject: str) -> list[str]:
    """Who got that letter."""
    worker = Worker(services, Senders(SandboxEmail(services), SandboxSms(services)), cashier(services))
    while worker.run_once():
        pass
    return sorted(one.to_address for one in services.ask(sandbox) if one.subject == subject)


def test_of_two_passwords_changed_in_one_second_both_owners_are_told(services: Services) -> None:
    for email in (AMARA, NOOR):
        known = services.ask(entry.credentials, email)
        assert known is not None
        services.do(entry.change_password, known, "a new hash", here=0)
    assert letters(services, "Your password was changed") == [AMARA, NOOR]


def test_a_link_asked_for_after_a_long_quiet_time_is_sent(services: Services, clock: FixedClock) -> None:
    services.do(entry.forgot, AMARA, address="x")
    assert letters(services, "A new password for your portal") == [AMARA]
    clock.advance(timedelta(days=40))
    services.do(links.forget_old)
    services.do(entry.forgot, AMARA, address="x")
    assert letters(services, "A new password for your portal") == [AMARA, AMARA]

"""A text whose answer was lost: the service is asked before it goes out again, and only then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.messaging.ports import SendFailed, Sms
from clinic_portal.worker import Worker
from tests.actions.messaging.conftest import Notebook, finish, ledger

pytestmark = pytest.mark.req("B6")


def test_a_repeat_says_since_when_it_may_have_arrived(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    seen: list[Any] = []

    def lose(message: Any) -> SendFailed | None:
        if not isinstance(message, Sms) or "booked" not in message.body:
            return None
        seen.append(message.tried_at)
        return SendFailed("sms_no_answer", permanent=False, is_unknown=True) if len(seen) == 1 else None

    sent.refuse = lose
    first = clock.now()
    finish(worker)
    clock.advance(timedelta(minutes=5))
    finish(worker)
    assert seen == [None, first]
    assert ledger(services)["sms"].state == "sent"


def test_after_a_definite_refusal_nothing_is_asked(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    seen: list[Any] = []

    def refuse(message: Any) -> SendFailed | None:
        if not isinstance(message, Sms) or "booked" not in message.body:
            return None
        seen.append(message.tried_at)
        return SendFailed("sms_503", permanent=False) if len(seen) == 1 else None

    sent.refuse = refuse
    finish(worker)
    clock.advance(timedelta(minutes=5))
    finish(worker)
    assert seen == [None, None]

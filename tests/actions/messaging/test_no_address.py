"""Whom the clinic reaches by one channel alone is sent nothing by the other (P14)."""

from __future__ import annotations

import pytest

from clinic_portal.core.work import Services
from clinic_portal.messaging.actions import plan
from clinic_portal.messaging.models import Message
from clinic_portal.messaging.types import Channel, Kind
from tests.factories import rows, small_clinic


@pytest.mark.req("P14")
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_without_an_address_nothing_is_planned(services: Services, channel: Channel) -> None:
    small_clinic(services)
    assert services.do(plan, Kind.APPOINTMENT_BOOKED, channel, 1, to="") is False
    assert rows(services, Message) == []

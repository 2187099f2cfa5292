"""What a payment says of the phone: when a code proved it, not when its owner came back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic_portal.booking import drafts, holds
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from tests.card_kit import till
from tests.factories import minute, patient, small_clinic
from tests.fees_kit import FRIDAY, has_booked


@pytest.mark.req("S66")
def test_a_patient_who_comes_back_was_proved_when_the_code_was_right(services: Services, clock: FixedClock) -> None:
    made, desk = small_clinic(services), till(services)
    proved_at = clock.now()
    has_booked(made, desk)
    clock.advance(timedelta(days=2))
    me = patient(services).actor.patient_id
    services.do(drafts.add_service, "here", made["facial"])
    services.do(drafts.sign_in, "here", me)
    services.do(drafts.agree_to_visit, "here")
    services.do(drafts.choose_provider, "here", None)
    services.do(holds.hold, "here", minute(FRIDAY, "14:00"))
    paid = desk.pays("here", made["policy"], patient_id=me)
    assert paid.phone_verified_at == proved_at

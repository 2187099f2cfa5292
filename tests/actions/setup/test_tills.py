"""The demo's money is as the cashier would have left it."""

from __future__ import annotations

from datetime import timedelta

from clinic_portal.booking import invariants
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.payments.models import Payment
from clinic_portal.payments.types import Purpose, State
from clinic_portal.setup.demo import lumen
from clinic_portal.setup.load import load
from clinic_portal.setup.people import seed
from tests.factories import rows


def test_what_the_demo_paid_stands_in_the_gateways_books_too(services: Services) -> None:
    services.do(load, lumen())
    services.do(seed)
    gateway = SandboxGateway(services)
    ours = rows(services, Payment)
    assert {one.state for one in ours} >= {State.RELEASED, State.PAID, State.FAILED, State.WAIVED}
    theirs = {one.id: one for one in gateway.recent(services.clock.now() - timedelta(days=400))}
    for one in ours:
        told = theirs[one.intent_id]
        named = None if one.purpose == Purpose.MEMBERSHIP and told.payment_id is None else one.id  # renewed by itself
        assert (told.payment_id, told.amount_minor, told.captured_minor, told.card is not None) == (
            named, one.amount_minor, one.captured_minor, True,
        )  # fmt: skip
    assert services.ask(invariants.broken) == []

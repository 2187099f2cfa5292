"""What the demo clinic sold: members, packages and gifts, in order in both books."""

from __future__ import annotations

from collections import Counter

from clinic_portal.booking.invariants import broken
from clinic_portal.core.outbox import OutboxRow
from clinic_portal.core.work import Services
from clinic_portal.memberships.models import Membership, MembershipPeriod
from clinic_portal.payments.models import Payment
from clinic_portal.setup.demo import lumen
from clinic_portal.setup.load import load
from clinic_portal.setup.people import seed
from clinic_portal.wallet.models import WalletLot
from tests.factories import rows


def test_the_demo_has_members_packages_and_gifts_and_its_books_are_in_order(services: Services) -> None:
    services.do(load, lumen())
    services.do(seed)
    states = Counter(one.state for one in rows(services, Membership))
    assert states["active"] > 18
    assert {"paused", "overdue", "ended"} <= states.keys()
    assert Counter(one.purpose for one in rows(services, Payment))["package"] == 25
    assert {"package", "membership", "gift"} == {one.origin for one in rows(services, WalletLot)}
    assert {one.state for one in rows(services, MembershipPeriod)} == {"paid", "failed"}
    assert rows(services, OutboxRow) == []
    assert services.ask(broken) == []

"""A cashier at the sandbox gateway whose notices go nowhere, and the way through its page."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.booking import actions, queries
from clinic_portal.booking.actions import Booked
from clinic_portal.booking.cashier import Cashier
from clinic_portal.booking.paying import Acceptance
from clinic_portal.core.work import Services
from clinic_portal.integrations.sandbox.gateway import SandboxGateway
from clinic_portal.memberships import actions as memberships
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo

VISA, DECLINED, NO_MONEY, ASKS = "4242424242424242", "4000000000000002", "4000000000009995", "4000002500003155"
FRONT_DESK = StaffActor(1, 1, "The front desk", "front_desk")
ALWAYS_ASKS, LATER_DECLINED = "4000002760003184", "4000000000000341"


@dataclass(frozen=True)
class Till:
    """A cashier, and the gateway it stands at."""

    services: Services
    gateway: SandboxGateway
    cashier: Cashier

    def goes_to_page(self, owner: str, policy_id: int | None, *, patient_id: int | None = None) -> str:
        """The id of the gateway's page that a browser is sent to."""
        url = self.cashier.begin(owner, Acceptance(policy_id, patient_id, "10.0.0.9", "Firefox on Linux"))
        assert url is not None
        return url.rpartition("/")[2]

    def gives(self, owner: str, policy_id: int | None, number: str = VISA, *, patient_id: int | None = None) -> None:
        """A browser that gives its card on the gateway's page and does not come back."""
        page = self.goes_to_page(owner, policy_id, patient_id=patient_id)
        self.gateway.pay(page, number, authenticated=True)

    def pays(
        self, owner: str, policy_id: int | None, number: str = VISA, *, patient_id: int | None = None
    ) -> PaymentInfo:
        """A browser that gives its card on the gateway's page and comes back."""
        self.gives(owner, policy_id, number, patient_id=patient_id)
        found = self.cashier.returned(owner)
        assert found is not None
        return found

    def books(self, owner: str, policy_id: int | None, number: str = VISA, *, patient_id: int | None = None) -> Booked:
        """A browser that goes all the way: it gives its card, where one is asked for; the visit that came of it."""
        url = self.cashier.begin(owner, Acceptance(policy_id, patient_id, "10.0.0.9", "Firefox on Linux"))
        if url is None:
            return self.services.do(actions.book, owner, accepted_policy_id=policy_id, patient_id=patient_id)
        self.gateway.pay(url.rpartition("/")[2], number, authenticated=True)
        paid = self.cashier.returned(owner)
        assert paid is not None
        assert paid.is_booked, paid.failure_code
        self.cashier.finish(paid.id)
        visit = self.services.ask(queries.booked_here, owner)
        return Booked(visit.appointment_id, visit.reference, visit.patient_id)

    def adds_card(self, patient_id: int, number: str = "") -> None:
        """A patient, made a member for it (S32), goes to the page that saves a card; with a number, they type it."""
        self.services.do(memberships.enrol, FRONT_DESK, patient_id)
        page = self.cashier.add_card(patient_id).rpartition("/")[2]
        if number:
            self.gateway.pay(page, number, authenticated=True)

    def of_visit(self, appointment_id: int) -> tuple[PaymentInfo, ...]:
        """Every payment of a visit."""
        return self.services.ask(payments.of_appointment, appointment_id)


def till(services: Services) -> Till:
    """A till at the sandbox gateway."""
    gateway = SandboxGateway(services, deliver=lambda _body, _signature: None)
    return Till(services, gateway, Cashier(services, gateway))

"""A package on sale, buyers with and without a portal, and what they have afterwards."""

from __future__ import annotations

from typing import Any

from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.booking import selling
from clinic_portal.booking.selling import Order, Standing
from clinic_portal.core.work import Services
from clinic_portal.packages import editing, purchase, queries
from clinic_portal.packages.types import Offer
from clinic_portal.payments import queries as payments
from clinic_portal.payments.types import PaymentInfo
from clinic_portal.wallet import lots
from clinic_portal.wallet import queries as wallet
from clinic_portal.wallet.types import LotInfo
from tests import factories
from tests.card_kit import VISA, Till
from tests.factories import SmallClinic

GUEST = {"given_name": "Ines", "family_name": "Moreau", "email": "ines@example.org", "phone": "+15125550177"}


def typed(made: SmallClinic, **told: str) -> dict[str, str]:
    """A form of a package: six facials at 480, each of which costs 95."""
    usual = {
        "name": "Glow package",
        "description": "",
        "what": f"service:{made['facial']}",
        "count": "6",
        "price_minor": "480.00",
        "valid_days": "365",
    }
    return usual | told


def on_sale(made: SmallClinic, **told: str) -> Offer:
    """A package that can be bought."""
    owner = factories.staff(made.services, "owner").actor
    package_id = made.services.do(editing.add, owner, typed(made, **told))
    return next(one for one in made.services.ask(queries.on_sale) if one.package.id == package_id)


def order(offer: Offer, patient_id: int | None, owner: str = "", *, seen_id: int = 0, **other: Any) -> Order:
    """What a buyer asks for who read that offer."""
    told = {"package_id": offer.package.id, "revision": offer.package.revision, "seen_id": seen_id}
    return Order(**told | {"patient_id": patient_id, "owner": owner} | other)


def is_somebody(services: Services, owner: str, **told: str) -> None:
    """A browser whose buyer said who they are and proved their phone."""
    services.do(purchase.save_details, owner, **GUEST | told)
    services.do(purchase.send_code, owner, address=f"home of {owner}")
    digits = factories.code_for(services, owner)
    assert services.do(purchase.answer_code, owner, digits) is CodeAnswer.RIGHT


def pays(desk: Till, asked: Order, number: str = VISA) -> PaymentInfo:
    """A buyer who goes to the page, pays and comes back."""
    page = desk.cashier.buy(asked).rpartition("/")[2]
    desk.gateway.pay(page, number, authenticated=True)
    found = desk.cashier.package_returned(asked.patient_id, asked.owner)
    assert found is not None
    return found


def bought(made: SmallClinic, desk: Till, offer: Offer | None = None) -> PaymentInfo:
    """A package a patient of the portal has bought."""
    patient = factories.patient(made.services).actor
    return pays(desk, order(offer or on_sale(made), patient.patient_id))


def standing(services: Services, paid: PaymentInfo) -> Standing:
    """How a package stands."""
    found = services.ask(selling.standing, services.ask(payments.payment, paid.id))
    assert found is not None
    return found


def lot_of(services: Services, paid: PaymentInfo) -> LotInfo:
    """What came into the wallet by a payment."""
    (found,) = services.ask(wallet.lots_of_payment, paid.id)
    return found


def uses(made: SmallClinic, paid: PaymentInfo, count: int) -> None:
    """So many of a package were handed over."""
    from clinic_portal.wallet.types import EntryKind

    lot = lot_of(made.services, paid)
    key = f"used {lot.left}"
    made.services.do(lots.take, EntryKind.USED, lot.patient_id, lot.id, count, key=key, actor="staff:1")

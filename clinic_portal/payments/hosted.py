"""The gateway's own page of a payment, opened or found again: a transaction, a call, a transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from clinic_portal.core.errors import Conflict
from clinic_portal.core.work import Services
from clinic_portal.payments import pages, queries, rules
from clinic_portal.payments.ports import CheckoutRequest, GatewayRefused, PaymentGateway, SubscriptionTerms
from clinic_portal.payments.types import PaymentInfo, State


@dataclass(frozen=True, slots=True)
class Door:
    """How a page is come to and left: where it leads back to, paid or left, why there is none for a payment that went
    another way meanwhile, and what it begins beside the payment."""

    back: str
    left: str
    gone: Callable[[PaymentInfo], str]
    begins: Callable[[PaymentInfo], SubscriptionTerms | None] = lambda paid: None


def open_page(
    services: Services, gateway: PaymentGateway, payment_id: int, door: Door, settle: Callable[[int], PaymentInfo]
) -> str:
    """Where a payment is paid; `settle` brings it as far as it goes first. Raises Conflict when it is settled by now.

    A page that is definitely refused is asked for under a new key, a few times; then as for somebody new, since the
    gateway may have forgotten who the patient was to it.
    """
    for before in range(rules.MOST_ATTEMPTS):
        paid = settle(payment_id)
        if paid.state is State.OPEN and paid.page_url:
            return paid.page_url
        if not paid.awaits_page:
            raise Conflict(door.gone(paid))
        try:
            told = gateway.open_checkout(_request(services, paid, door, is_known=not before))
        except GatewayRefused:
            services.do(pages.ask_anew, paid)
            continue
        services.do(pages.opened, paid, told)
    raise Conflict("card_page_refused")


def _request(services: Services, paid: PaymentInfo, door: Door, *, is_known: bool) -> CheckoutRequest:
    home = services.settings.public_url.rstrip("/")
    known = paid.patient_id if is_known else None
    customer = services.ask(queries.customer_of, known, account=paid.account) if known else None
    assert paid.expires_at is not None
    return CheckoutRequest(
        payment_id=paid.id,
        purpose=paid.purpose,
        amount_minor=paid.amount_minor,
        currency=paid.currency,
        item=paid.item,
        consent=paid.consent,
        reference=paid.reference,
        email=paid.email,
        customer_id=customer,
        language=paid.language,
        expires_at=paid.expires_at,
        back_url=f"{home}{door.back}",
        cancel_url=f"{home}{door.left}",
        key=rules.checkout_key(paid),
        subscription=door.begins(paid),
    )

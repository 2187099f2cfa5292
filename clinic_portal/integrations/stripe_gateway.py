"""Money through Stripe: hosted Checkout, manual capture, off-session charges, refunds.

Written for the API version its SDK is pinned to (2026-10-28.endive). Cards are the only way to pay, since nothing
else can be held now and charged later; `allowed_payment_method_types` says so (`payment_method_types` is refused since
2026-09-30). The page is Stripe's own, reached by a redirect: `ui_mode` is left at its default, `hosted_page`.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import stripe

from clinic_portal.core.clock import Clock
from clinic_portal.core.settings import Settings
from clinic_portal.integrations import stripe_notices, stripe_subscriptions
from clinic_portal.integrations import stripe_shapes as shapes
from clinic_portal.integrations.stripe_shapes import translated
from clinic_portal.integrations.stripe_subscriptions import StripeSubscriptions
from clinic_portal.payments.ports import (
    ChargeRequest,
    Checkout,
    CheckoutRequest,
    CheckoutStatus,
    Declined,
    GatewayAway,
    GatewayRefund,
    GatewayRefused,
    Intent,
    IntentStatus,
    Notice,
    RefundRequest,
)
from clinic_portal.payments.types import AT_BOOKING, Purpose

logging.getLogger("stripe").disabled = True  # the SDK logs what Stripe says, and that may quote what was sent

_INTENT = ["payment_method", "latest_charge"]
_SESSION = ["payment_intent.payment_method", "payment_intent.latest_charge", "setup_intent.payment_method"]
_LOCALES = frozenset(
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl "
    "sv th tr vi zh zh-HK zh-TW".split()
)


_AT_BOOKING = {"capture_method": "manual", "setup_future_usage": "off_session"}
"""Reserved, and kept for fees; a card that pays a fee is not kept, since nobody agreed to that there."""


class StripeGateway(StripeSubscriptions):
    """The gateway whose key the settings hold."""

    account: str

    def __init__(self, settings: Settings, clock: Clock, *, retries: int = 2) -> None:
        key = settings.stripe_secret_key.get_secret_value()
        self.account = "stripe:test" if is_test_key(key) else "stripe:live"
        self._clock = clock
        self._home = settings.public_url
        self._secrets = [one.get_secret_value() for one in settings.stripe_webhook_secrets]
        self._api = stripe.StripeClient(
            key,
            base_addresses={"api": settings.stripe_api_base.rstrip("/")} if settings.stripe_api_base else None,
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=settings.stripe_timeout_seconds),
        ).v1

    def open_checkout(self, asked: CheckoutRequest) -> Checkout:
        """Open a hosted page; asked again under the same key, the same page."""
        params = _page(asked)
        with translated():
            try:
                told = self._api.checkout.sessions.create(params, {"idempotency_key": asked.key})  # type: ignore[arg-type]
            except stripe.APIError as error:
                if shapes.was_replayed(error):  # a fault remembered under the key; a page nobody has seen does no harm
                    raise GatewayRefused("fault_remembered") from None
                raise
            return shapes.checkout(told.to_dict())

    def checkout(self, session_id: str) -> Checkout:
        """How a hosted page stands now, with what was paid or saved there."""
        with translated():
            return shapes.checkout(self._api.checkout.sessions.retrieve(session_id, {"expand": _SESSION}).to_dict())

    def expire_checkout(self, session_id: str) -> Checkout:
        """End a hosted page now; how it stands then. One that is complete stays complete."""
        try:
            with translated():
                told = self._api.checkout.sessions.expire(session_id, {"expand": _SESSION})
                return shapes.checkout(told.to_dict())
        except GatewayRefused:
            now = self.checkout(session_id)
            if now.status is CheckoutStatus.OPEN:
                raise
            return now

    def charge(self, asked: ChargeRequest) -> Intent:
        """Charge a saved card. Raises Declined."""
        params = {
            **shapes.units(asked.amount_minor, asked.currency),
            "customer": asked.customer_id,
            "payment_method": asked.method_id,
            "off_session": True,
            "confirm": True,
            "return_url": self._home,  # asked for with `confirm`; a card charged off-session never goes there
            "description": _described(asked.item, asked.reference),
            "metadata": shapes.marks(
                payment_id=asked.payment_id,
                purpose=asked.purpose.value,
                reference=asked.reference,
                policy_version=asked.policy_version,
                key=asked.key,
            ),
            "expand": _INTENT,
        }
        with translated():
            try:
                told = self._api.payment_intents.create(params, {"idempotency_key": asked.key})  # type: ignore[arg-type]
                made = shapes.intent(told.to_dict())
            except stripe.CardError as error:
                raise shapes.declined(error) from None
            except stripe.APIError as error:
                found = self._made_under(asked) if shapes.was_replayed(error) else None
                if found is None:
                    raise
                made = found
        if made.status is IntentStatus.UNFINISHED:
            raise Declined(made.failure_code or "authentication_required", intent_id=made.id)
        return made

    def intent(self, intent_id: str) -> Intent:
        """How a payment stands now."""
        with translated():
            return shapes.intent(self._api.payment_intents.retrieve(intent_id, {"expand": _INTENT}).to_dict())

    def capture(self, intent_id: str, *, key: str) -> Intent:
        """Take what is reserved; how it stands then, also when it was taken or given back before."""
        return self._settle(intent_id, key, lambda options: self._api.payment_intents.capture(
            intent_id, {"expand": _INTENT}, options
        ))  # fmt: skip

    def release(self, intent_id: str, *, key: str) -> Intent:
        """Give back what is reserved; how it stands then, also when it was given back or taken before."""
        return self._settle(intent_id, key, lambda options: self._api.payment_intents.cancel(
            intent_id, {"cancellation_reason": "requested_by_customer", "expand": _INTENT}, options
        ))  # fmt: skip

    def refund(self, asked: RefundRequest) -> GatewayRefund:
        """Give back money that was taken."""
        params: Any = {
            "payment_intent": asked.intent_id,
            "amount": asked.amount_minor,
            "reason": "requested_by_customer",
            "metadata": shapes.marks(refund_id=asked.refund_id, payment_id=asked.payment_id),
        }
        with translated():
            try:
                told = self._api.refunds.create(params, {"idempotency_key": asked.key})
                return shapes.refund(told.to_dict())
            except stripe.APIError as error:
                if not shapes.was_replayed(error):
                    raise
                for one in self._api.refunds.list({"payment_intent": asked.intent_id, "limit": 100}).auto_paging_iter():
                    found = shapes.refund(one.to_dict())
                    if found.refund_id == asked.refund_id:
                        return found
                raise

    def refund_of(self, gateway_id: str) -> GatewayRefund:
        """How a refund stands now."""
        with translated():
            return shapes.refund(self._api.refunds.retrieve(gateway_id).to_dict())

    def open_customer(self, *, email: str, name: str, patient_id: int, key: str) -> str:
        """A customer whose cards are kept; its id."""
        params: Any = {"email": email, "name": name, "metadata": shapes.marks(patient_id=patient_id)}
        with translated():
            return self._api.customers.create(params, {"idempotency_key": key}).id

    def forget_card(self, method_id: str) -> None:
        """Keep a card no longer; one that is gone already is no fault."""
        try:
            with translated():
                self._api.payment_methods.detach(method_id)
        except GatewayRefused as refusal:
            if refusal.code != "resource_missing" and self._is_attached(method_id):
                raise

    def recent(self, since: datetime) -> Iterator[Intent]:
        """Every payment made since then, ours or not, newest first."""
        params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100, "expand": ["data.latest_charge"]}
        with translated():
            for told in self._api.payment_intents.list(params).auto_paging_iter():
                yield shapes.intent(told.to_dict())

    def read_notice(self, body: bytes, signature: str) -> Notice | None:
        """A notice, once its signature is proved; None for a kind that concerns nothing here. Raises NoticeRefused."""
        is_live = self.account == "stripe:live"
        return stripe_notices.read(body, signature, self._secrets, self._clock.now(), is_live=is_live)

    def _settle(self, intent_id: str, key: str, act: Callable[[Any], stripe.PaymentIntent]) -> Intent:
        # Neither capture nor cancel can be done twice, whatever the key: the state is asked when an answer helps not.
        try:
            with translated():
                try:
                    told = act({"idempotency_key": key})
                except stripe.APIError as error:
                    if not shapes.was_replayed(error):
                        raise
                    told = act({"idempotency_key": f"{key}:again"})
                return shapes.intent(told.to_dict())
        except (GatewayRefused, GatewayAway):
            now = self.intent(intent_id)
            if now.status not in (IntentStatus.PAID, IntentStatus.CANCELLED):
                raise
            return now

    def _made_under(self, asked: ChargeRequest) -> Intent | None:
        # Stripe remembers a fault of its own under the key: what came of it is told by its list alone.
        for told in self._api.payment_intents.list({"customer": asked.customer_id, "limit": 100}).auto_paging_iter():
            if (told.to_dict().get("metadata") or {}).get("key") == asked.key:
                return self.intent(told.id)
        return None

    def _is_attached(self, method_id: str) -> bool:
        with translated():
            return self._api.payment_methods.retrieve(method_id).customer is not None


def is_test_key(key: str) -> bool:
    """Whether a secret or restricted key moves no true money."""
    return key.startswith(("sk_test_", "rk_test_"))


def _page(asked: CheckoutRequest) -> dict[str, Any]:
    """The parameters of a Checkout Session. The same request gives the same ones, or its key would be refused."""
    marks = shapes.marks(payment_id=asked.payment_id, purpose=asked.purpose.value, reference=asked.reference)
    money = shapes.units(asked.amount_minor, asked.currency)
    params: dict[str, Any] = {
        "allowed_payment_method_types": ["card"],
        "client_reference_id": str(asked.payment_id),
        "custom_text": {"submit": {"message": asked.consent}} if asked.consent else None,
        "customer": asked.customer_id,
        "customer_creation": None if asked.customer_id else "always",
        "customer_email": None if asked.customer_id else asked.email,
        "expires_at": int(asked.expires_at.timestamp()),
        "locale": asked.language if asked.language in _LOCALES else "auto",
        "metadata": marks,
        "success_url": asked.back_url,
        "cancel_url": asked.cancel_url,
    }
    if asked.purpose is Purpose.CARD:
        params |= {"mode": "setup", "currency": money["currency"], "setup_intent_data": {"metadata": marks}}
    elif asked.subscription is not None:  # the mode makes a customer by itself
        params |= stripe_subscriptions.page(asked.subscription, asked.currency) | {"customer_creation": None}
    else:
        price = {"currency": money["currency"], "unit_amount": money["amount"], "product_data": {"name": asked.item}}
        params |= {
            "mode": "payment",
            "submit_type": "book" if asked.purpose in AT_BOOKING else "pay",
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_intent_data": {
                "description": _described(asked.item, asked.reference),
                "metadata": marks,
                **(_AT_BOOKING if asked.purpose in AT_BOOKING else {"capture_method": "automatic"}),
            },
        }
    return {name: value for name, value in params.items() if value is not None}


def _described(item: str, reference: str) -> str:
    return f"{item} · {reference}" if reference else item

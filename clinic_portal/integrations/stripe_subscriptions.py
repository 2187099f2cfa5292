"""Stripe's subscriptions and invoices: how they stand, and how they are had to stand otherwise.

What is wanted is compared with what is there, so that asking again changes nothing. Nothing is ever prorated. Terms
with another interval begin with the next period by way of a trial that lasts until then: a price with another interval
would be charged at once.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import stripe
from stripe._v1_services import V1Services

from clinic_portal.integrations import stripe_shapes as shapes
from clinic_portal.integrations.stripe_shapes import translated
from clinic_portal.payments.ports import (
    GatewayAway,
    GatewayRefused,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionStatus,
    SubscriptionTerms,
    SubscriptionWishes,
)

_CARD = ["default_payment_method"]


class StripeSubscriptions:
    """The part of the gateway that takes money period by period."""

    _api: V1Services

    def subscription(self, subscription_id: str) -> Subscription:
        """How a subscription stands now."""
        with translated():
            return shapes.subscription(self._subscription(subscription_id))

    def invoices_of(self, subscription_id: str) -> tuple[Invoice, ...]:
        """The invoices of a subscription, the oldest first."""
        params: Any = {"subscription": subscription_id, "limit": 100, "expand": ["data.payments"]}
        with translated():
            found = [shapes.invoice(told.to_dict()) for told in self._api.invoices.list(params).auto_paging_iter()]
            return tuple(self._with_failure(one) for one in reversed(found))

    def invoice_of(self, intent_id: str) -> Invoice | None:
        """The invoice a payment is for; None where it is for none."""
        payment = {"type": "payment_intent", "payment_intent": intent_id}
        params: Any = {"payment": payment, "limit": 1, "expand": ["data.invoice"]}
        with translated():
            told = self._api.invoice_payments.list(params)
            for one in told.to_dict()["data"]:
                found = shapes.invoice(one["invoice"])
                return replace(found, intent_id=intent_id) if found.subscription_id else None
            return None

    def change_subscription(self, wishes: SubscriptionWishes) -> Subscription:
        """Have a subscription stand as it is wished; how it stands then."""
        with translated():
            for key in (wishes.key, f"{wishes.key}:again"):  # a fault of Stripe's own is remembered under the first
                told = self._subscription(wishes.subscription_id)
                params: Any = self._changes(told, wishes)
                if not params:
                    return shapes.subscription(told)
                try:
                    made = self._api.subscriptions.update(wishes.subscription_id, params, {"idempotency_key": key})
                    return shapes.subscription(made.to_dict())
                except stripe.APIError as error:
                    if not shapes.was_replayed(error) or key != wishes.key:
                        raise
            raise GatewayAway("unclear")

    def end_subscription(self, subscription_id: str) -> Subscription:
        """End a subscription now; what it asks for still is asked no more. One that has ended stays so."""
        try:
            with translated():
                self._api.subscriptions.cancel(subscription_id)
        except GatewayRefused:
            if self.subscription(subscription_id).status is not SubscriptionStatus.ENDED:
                raise
        with translated():
            params: Any = {"subscription": subscription_id, "status": "open", "limit": 100}
            for one in self._api.invoices.list(params).auto_paging_iter():
                self._api.invoices.void_invoice(one.id, {}, {"idempotency_key": f"void:{one.id}"})
        return self.subscription(subscription_id)

    def pay_invoice(self, invoice_id: str, *, method_id: str | None, key: str) -> Invoice:
        """Charge an open invoice now, to this card or to the subscription's; how it stands then. Raises Declined."""
        params: Any = {"expand": ["payments"]}
        if method_id is not None:
            params["payment_method"] = method_id
        with translated():
            try:
                return shapes.invoice(self._api.invoices.pay(invoice_id, params, {"idempotency_key": key}).to_dict())
            except stripe.CardError as error:
                raise shapes.declined(error) from None

    def _subscription(self, subscription_id: str) -> Mapping[str, Any]:
        with translated():
            told: Mapping[str, Any] = self._api.subscriptions.retrieve(subscription_id, {"expand": _CARD}).to_dict()
            return told

    def _with_failure(self, invoice: Invoice) -> Invoice:
        """Why an open invoice was refused stands with its payment."""
        if invoice.status is not InvoiceStatus.OPEN or not invoice.attempts or invoice.intent_id is None:
            return invoice
        with translated():
            found = shapes.intent(self._api.payment_intents.retrieve(invoice.intent_id).to_dict())
        return replace(invoice, failure_code=found.failure_code)

    def _changes(self, told: Mapping[str, Any], wishes: SubscriptionWishes) -> dict[str, Any]:
        """What differs from what is wished; empty where nothing does."""
        now, item = shapes.subscription(told), told["items"]["data"][0]
        params: dict[str, Any] = {}
        if now.is_ending != wishes.is_ending:
            params["cancel_at_period_end"] = wishes.is_ending
        if (now.is_paused, now.resumes_at) != (wishes.is_paused, _whole(wishes.resumes_at)):
            params["pause_collection"] = _pause(wishes)
        if wishes.restarts and now.is_paused:
            params["billing_cycle_anchor"] = {"type": "now"}
        if wishes.method_id is not None and shapes.id_of(told.get("default_payment_method")) != wishes.method_id:
            params["default_payment_method"] = wishes.method_id
        if now.version_id != wishes.terms.version_id:
            params["metadata"] = shapes.marks(version_id=wishes.terms.version_id)
            params["items"] = [{"id": item["id"], "price_data": self._price(wishes.terms, wishes.currency, wishes.key)}]
            if item["price"]["recurring"]["interval"] != wishes.terms.period:
                params["trial_end"] = item["current_period_end"]
        if params:
            params |= {"proration_behavior": "none", "expand": _CARD}
        return params

    def _price(self, terms: SubscriptionTerms, currency: str, key: str) -> dict[str, Any]:
        """What is charged each period, under a name of its own; one too many after a fault does no harm."""
        try:
            made = self._api.products.create({"name": terms.plan}, {"idempotency_key": f"{key}:product"})
        except stripe.APIError as error:
            if not shapes.was_replayed(error):
                raise
            made = self._api.products.create({"name": terms.plan}, {"idempotency_key": f"{key}:product:again"})
        return price(terms, currency) | {"product": made.id}


def price(terms: SubscriptionTerms, currency: str) -> dict[str, Any]:
    """What is charged each period, without what it is called."""
    money = shapes.units(terms.fee_minor, currency)
    return {
        "currency": money["currency"],
        "unit_amount": money["amount"],
        "recurring": {"interval": terms.period},
    }


def page(terms: SubscriptionTerms, currency: str) -> dict[str, Any]:
    """The parameters of a Checkout Session that begins a subscription."""
    lines = [{"quantity": 1, "price_data": price(terms, currency) | {"product_data": {"name": terms.plan}}}]
    if terms.setup_fee_minor:
        money = shapes.units(terms.setup_fee_minor, currency)
        once = {"currency": money["currency"], "unit_amount": money["amount"], "product_data": {"name": "Joining fee"}}
        lines.append({"quantity": 1, "price_data": once})
    marks = shapes.marks(membership_id=terms.membership_id, version_id=terms.version_id)
    return {"mode": "subscription", "line_items": lines, "subscription_data": {"metadata": marks}}


def _pause(wishes: SubscriptionWishes) -> Any:
    """An empty value is Stripe's word for taking away."""
    if not wishes.is_paused:
        return ""
    ends = {"resumes_at": int(wishes.resumes_at.timestamp())} if wishes.resumes_at else {}
    return {"behavior": "void"} | ends


def _whole(instant: datetime | None) -> datetime | None:
    """Stripe counts in whole seconds."""
    return instant.replace(microsecond=0) if instant else None

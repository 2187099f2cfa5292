"""Stripe's replies read into the values of `payments.ports`, and its errors into our three.

A reply is read as a plain dict, tolerantly: what is missing is told as nothing, and `payments.rules.mismatch` then
refuses to believe it. Of an error only codes travel on: its message may quote what was sent.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import stripe

from clinic_portal.core.money import is_counted_alike
from clinic_portal.payments.ports import (
    Checkout,
    CheckoutStatus,
    Declined,
    GatewayAway,
    GatewayCard,
    GatewayRefund,
    GatewayRefused,
    Intent,
    IntentStatus,
    Invoice,
    InvoiceStatus,
    RefundStatus,
    Subscription,
    SubscriptionStatus,
)

_INTENT: Final = {
    "requires_capture": IntentStatus.AUTHORISED,
    "succeeded": IntentStatus.PAID,
    "processing": IntentStatus.PROCESSING,
    "canceled": IntentStatus.CANCELLED,
}
_REFUND: Final = {
    "succeeded": RefundStatus.DONE,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_SUBSCRIPTION: Final = {
    "incomplete": SubscriptionStatus.INCOMPLETE,
    "past_due": SubscriptionStatus.OVERDUE,
    "unpaid": SubscriptionStatus.OVERDUE,
    "canceled": SubscriptionStatus.ENDED,
    "incomplete_expired": SubscriptionStatus.ENDED,
}
_INVOICE: Final = {
    "draft": InvoiceStatus.DRAFT,
    "open": InvoiceStatus.OPEN,
    "paid": InvoiceStatus.PAID,
}
_NEVER_AGAIN: Final = frozenset(
    {
        "expired_card",
        "fraudulent",
        "incorrect_number",
        "invalid_account",
        "lost_card",
        "merchant_blacklist",
        "pickup_card",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "stolen_card",
        "stop_payment_order",
    }
)
"""What a bank says of a card that will never do for this clinic."""


def card(method: Any, customer_id: str | None) -> GatewayCard | None:
    """A card, from a payment method; None for one that is no card or was not expanded."""
    if not isinstance(method, Mapping) or not isinstance(method.get("card"), Mapping):
        return None
    owner = id_of(method.get("customer")) or customer_id
    if owner is None:
        return None
    told = method["card"]
    return GatewayCard(
        method_id=str(method["id"]),
        customer_id=owner,
        fingerprint=str(told.get("fingerprint") or ""),
        brand=str(told.get("brand") or "unknown"),
        last_four=str(told.get("last4") or ""),
        exp_month=int(told.get("exp_month") or 0),
        exp_year=int(told.get("exp_year") or 0),
    )


def intent(told: Mapping[str, Any]) -> Intent:
    """A payment intent."""
    charge = told.get("latest_charge")
    charge = charge if isinstance(charge, Mapping) else {}
    error = told.get("last_payment_error")
    return Intent(
        id=str(told["id"]),
        status=_INTENT.get(str(told.get("status")), IntentStatus.UNFINISHED),
        amount_minor=int(told.get("amount") or 0),
        currency=str(told.get("currency") or "").upper(),
        captured_minor=int(told.get("amount_received") or 0),
        refunded_minor=int(charge.get("amount_refunded") or 0),
        payment_id=number(told, "payment_id"),
        created_at=instant(told.get("created")),
        failure_code=decline_code(error) if isinstance(error, Mapping) else None,
        card=card(told.get("payment_method"), id_of(told.get("customer"))),
        is_disputed=bool(charge.get("disputed")),
    )


def checkout(told: Mapping[str, Any]) -> Checkout:
    """A Checkout Session. How far its payment is, its intent says; `payment_status` waits for the capture."""
    paid, saved = told.get("payment_intent"), told.get("setup_intent")
    customer_id = id_of(told.get("customer"))
    return Checkout(
        id=str(told["id"]),
        url=told.get("url"),
        status=CheckoutStatus(str(told.get("status") or "open")),
        payment_id=number(told, "payment_id"),
        intent=intent(paid) if isinstance(paid, Mapping) else None,
        card=card(saved.get("payment_method"), customer_id) if isinstance(saved, Mapping) else None,
        subscription_id=id_of(told.get("subscription")),
    )


def refund(told: Mapping[str, Any]) -> GatewayRefund:
    """A refund."""
    return GatewayRefund(
        id=str(told["id"]),
        intent_id=id_of(told.get("payment_intent")) or "",
        amount_minor=int(told.get("amount") or 0),
        status=_REFUND.get(str(told.get("status")), RefundStatus.PENDING),
        refund_id=number(told, "refund_id"),
        failure_code=told.get("failure_reason"),
    )


def subscription(told: Mapping[str, Any]) -> Subscription:
    """A subscription; its period stands with the item it is of."""
    item, paused = told["items"]["data"][0], told.get("pause_collection")
    resumes_at = paused.get("resumes_at") if isinstance(paused, Mapping) else None
    return Subscription(
        id=str(told["id"]),
        status=_SUBSCRIPTION.get(str(told.get("status")), SubscriptionStatus.ACTIVE),
        membership_id=number(told, "membership_id"),
        version_id=number(told, "version_id"),
        customer_id=id_of(told.get("customer")) or "",
        period_from_at=instant(item["current_period_start"]),
        period_until_at=instant(item["current_period_end"]),
        anchor_at=instant(told["billing_cycle_anchor"]),
        is_ending=bool(told.get("cancel_at_period_end")),
        is_paused=isinstance(paused, Mapping),
        resumes_at=instant(resumes_at) if resumes_at else None,
        ended_at=instant(told["ended_at"]) if told.get("ended_at") else None,
        card=card(told.get("default_payment_method"), id_of(told.get("customer"))),
    )


def invoice(told: Mapping[str, Any]) -> Invoice:
    """An invoice; its period is that of the line which reaches furthest."""
    of = ((told.get("parent") or {}).get("subscription_details")) or {}
    periods = [one["period"] for one in told["lines"]["data"]]
    period = max(periods, key=lambda one: int(one["end"]))
    payments = [one.get("payment") or {} for one in (told.get("payments") or {}).get("data") or ()]
    intents = [id_of(one.get("payment_intent")) for one in payments]
    paid_at = (told.get("status_transitions") or {}).get("paid_at")
    return Invoice(
        id=str(told["id"]),
        subscription_id=subscription_of(told) or "",
        status=_INVOICE.get(str(told.get("status")), InvoiceStatus.VOID),
        amount_minor=int(told.get("amount_due") or told.get("amount_paid") or 0),
        paid_minor=int(told.get("amount_paid") or 0),
        currency=str(told.get("currency") or "").upper(),
        from_at=instant(period["start"]),
        until_at=instant(period["end"]),
        version_id=number(of, "version_id"),
        is_first=told.get("billing_reason") == "subscription_create",
        attempts=int(told.get("attempt_count") or 0),
        next_try_at=instant(told["next_payment_attempt"]) if told.get("next_payment_attempt") else None,
        intent_id=next((one for one in intents if one), None),
        page_url=told.get("hosted_invoice_url"),
        paid_at=instant(paid_at) if paid_at else None,
    )


def subscription_of(told: Mapping[str, Any]) -> str | None:
    """The subscription that an invoice is of."""
    of = ((told.get("parent") or {}).get("subscription_details")) or {}
    return id_of(of.get("subscription"))


def marks(**values: object) -> Mapping[str, str]:
    """Metadata: what is none or empty is left out, since an empty value is Stripe's word for taking away."""
    return {name: str(value) for name, value in values.items() if value not in (None, "")}


def id_of(told: Any) -> str | None:
    """The id of an object that may have been expanded."""
    found = told.get("id") if isinstance(told, Mapping) else told
    return found if isinstance(found, str) and found else None


def number(told: Mapping[str, Any], name: str) -> int | None:
    """A number of ours among the metadata; None if there is none, or it is none of ours."""
    found = str((told.get("metadata") or {}).get(name) or "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 19 else None


def instant(seconds: Any) -> datetime:
    """An instant, from seconds since 1970."""
    return datetime.fromtimestamp(int(seconds or 0), UTC)


def units(amount_minor: int, currency: str) -> dict[str, Any]:
    """Amount and currency as Stripe wants them. Raises GatewayRefused where its minor unit is another than ours."""
    if not is_counted_alike(currency):
        raise GatewayRefused("currency_units_differ")
    return {"amount": amount_minor, "currency": currency.lower()}


def decline_code(error: Mapping[str, Any]) -> str:
    """Why the bank said no, in one word: the closer one where there are two."""
    code, closer = str(error.get("code") or "card_declined"), error.get("decline_code")
    return str(closer) if code == "card_declined" and closer not in (None, "generic_decline") else code


def declined(error: stripe.CardError) -> Declined:
    """A refusal of the bank."""
    body = error.json_body if isinstance(error.json_body, Mapping) else {}
    told = body.get("error")
    told = told if isinstance(told, Mapping) else {}
    code = decline_code(told)
    again = code not in _NEVER_AGAIN and told.get("advice_code") != "do_not_try_again"
    return Declined(code, intent_id=id_of(told.get("payment_intent")), may_try_again=again)


def was_replayed(error: BaseException | None) -> bool:
    """Whether an answer was only remembered under its idempotency key."""
    headers = error.headers if isinstance(error, stripe.StripeError) else None
    return bool(headers) and str(headers.get("Idempotent-Replayed", "")).lower() == "true"  # type: ignore[union-attr]


@contextmanager
def translated() -> Iterator[None]:
    """Turn the SDK's errors into ours: nobody knows what happened, or nothing did."""
    try:
        yield
    except stripe.CardError as error:
        raise GatewayRefused(declined(error).code) from None
    except stripe.RateLimitError as error:
        wait = str((error.headers or {}).get("Retry-After", ""))
        raise GatewayAway("too_many", retry_after_seconds=int(wait) if wait.isdecimal() else None) from None
    except stripe.APIConnectionError:
        raise GatewayAway("unreachable") from None
    except stripe.IdempotencyError:
        raise GatewayRefused("idempotency_error") from None
    except stripe.AuthenticationError:
        raise GatewayRefused("key_not_accepted") from None
    except stripe.PermissionError:
        raise GatewayRefused("key_may_not") from None
    except stripe.InvalidRequestError as error:
        raise GatewayRefused(error.code or "invalid_request") from None
    except stripe.StripeError as error:  # 5xx, 409 (the key is in use this moment), an answer that makes no sense
        raise GatewayAway(f"status_{error.http_status or 0}") from None
    except (KeyError, TypeError, ValueError):
        raise GatewayAway("unreadable") from None

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
    RefundStatus,
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

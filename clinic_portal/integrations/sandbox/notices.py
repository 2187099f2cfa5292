"""Notices of the sandbox gateway: rendered when they are sent, and signed and read as Stripe's are."""

import http.client
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any

from clinic_portal.core import crypto
from clinic_portal.core.settings import Settings
from clinic_portal.core.work import Reading, Services
from clinic_portal.integrations import notice_seals
from clinic_portal.payments import sandbox_books as books
from clinic_portal.payments.ports import GatewayAway, Notice, NoticeRefused

SEND = "sandbox.notice"
"""The outbox's kind for a notice that is to be sent."""
SECONDS = 5
_STRAIGHT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # to this machine: past any proxy
_CONCERN_US = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.expired",
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "setup_intent.succeeded",
        "charge.refunded",
        "refund.updated",
        "payment_method.detached",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "invoice.paid",
        "invoice.payment_failed",
    }
)


def send(services: Services, event: dict[str, Any]) -> None:
    """Post one notice to this installation's own door. Raises GatewayAway when it was not taken."""
    body, signature = signed(services, event)
    settings = services.settings
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104 - to here
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/hooks/sandbox"
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers)
    try:
        with _STRAIGHT.open(request, timeout=SECONDS):
            return
    except urllib.error.HTTPError as refusal:
        raise GatewayAway(f"notice_{refusal.code}") from None
    except (OSError, http.client.HTTPException) as fault:
        raise GatewayAway(type(fault).__name__) from None


def signed(services: Services, event: dict[str, Any]) -> tuple[bytes, str]:
    """A notice's body and its signature, made now."""
    body = services.ask(_body, event)
    return body, notice_seals.seal(body, secret(services.settings), services.clock.now())


def read(settings: Settings, body: bytes, header: str, now: datetime) -> Notice | None:
    """A notice, once its signature is proved; None for a kind that concerns nothing here. Raises NoticeRefused."""
    notice_seals.prove(body, header, [secret(settings)], now)
    try:
        return _notice(json.loads(body))
    except (ValueError, KeyError, TypeError):
        raise NoticeRefused("unreadable") from None


def secret(settings: Settings) -> str:
    """What this installation's own notices are sealed with."""
    return crypto.keyed(settings.key, "sandbox notices")


def _notice(told: dict[str, Any]) -> Notice | None:
    if told["type"] not in _CONCERN_US:
        return None
    thing = told["data"]["object"]
    metadata = thing.get("metadata", {})
    is_session, is_method = thing["object"] == "checkout.session", thing["object"] == "payment_method"
    return Notice(
        id=str(told["id"]),
        kind=str(told["type"]),
        object_id=str(thing["id"]),
        payment_id=_number(metadata.get("payment_id")),
        intent_id=thing["id"] if thing["object"] == "payment_intent" else thing.get("payment_intent"),
        occurred_at=datetime.fromtimestamp(int(told["created"]), UTC),
        session_id=thing["id"] if is_session else None,
        refund_id=thing["id"] if thing["object"] == "refund" else None,
        method_id=thing["id"] if is_method else thing.get("payment_method"),
        subscription_id=thing["id"] if thing["object"] == "subscription" else thing.get("subscription"),
    )


def _number(told: Any) -> int | None:
    return int(told) if told else None


def _body(reading: Reading, event: dict[str, Any]) -> bytes:
    """The event as JSON, with its object as it stands now."""
    thing = books.kept(reading, event["object_id"])
    data = thing.data if thing else {}
    name = event["type"].rpartition(".")[0].removeprefix("customer.")
    told = {
        "id": event["object_id"],
        "object": name,
        "metadata": {"payment_id": str(data["payment_id"])} if data.get("payment_id") else {},
    }
    if name == "setup_intent":
        told["id"] = f"seti_{event['object_id'].rpartition('_')[2]}"
        told["payment_method"] = data.get("method_id")
    elif name == "charge":
        told["id"] = f"ch_{event['object_id'].rpartition('_')[2]}"
        told["payment_intent"] = event["object_id"]
    elif name == "invoice":
        told["subscription"] = data["subscription_id"]
    elif name in ("checkout.session", "refund"):
        told["payment_intent"] = data.get("intent_id")
    whole = {
        "id": event["event_id"],
        "object": "event",
        "type": event["type"],
        "created": event["occurred"],
        "livemode": False,
        "data": {"object": told},
    }
    return json.dumps(whole, separators=(",", ":")).encode()

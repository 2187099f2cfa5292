"""The sandbox gateway's objects in one transaction: how they are made, found and told of."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from clinic_portal.core import crypto, ids
from clinic_portal.core.work import UnitOfWork
from clinic_portal.payments import sandbox_books as books
from clinic_portal.payments.ports import ChargeRequest, GatewayCard, GatewayRefused, Intent, IntentStatus
from clinic_portal.payments.sandbox_books import Kept

AUTHORISED_FOR = timedelta(days=7)


class Objects:
    """Objects in one transaction, in turn with every other; `events` is what there is to tell."""

    def __init__(self, work: UnitOfWork) -> None:
        books.in_turn(work)
        self._work = work
        self.events: list[dict[str, Any]] = []

    def intent_of(self, kept: Kept) -> Intent:
        """A payment as the port tells of it."""
        data = kept.data
        card = books.kept(self._work, data["method_id"]) if data["method_id"] else None
        return Intent(
            id=kept.id,
            status=IntentStatus(data["status"]),
            amount_minor=data["amount_minor"],
            currency=data["currency"],
            captured_minor=data["captured_minor"],
            refunded_minor=data["refunded_minor"],
            payment_id=data["payment_id"],
            created_at=kept.created_at,
            failure_code=data["failure_code"],
            card=card_of(card) if card else None,
        )

    def _new(self, kind: str, prefix: str, data: dict[str, Any], key: str | None = None) -> Kept:
        return books.keep(self._work, kind, f"{prefix}_{ids.nonce()}", data, key=key)

    def _need(self, object_id: str, kind: str) -> Kept:
        found = books.kept(self._work, object_id)
        if found is None or found.kind != kind:
            raise GatewayRefused("resource_missing")
        return found

    def _again(self, key: str, asked: object) -> Kept | None:
        """What was made under this key, if the same was asked for then."""
        made = books.kept_under(self._work, key)
        if made and made.data["asked"] != asked_for(asked):
            raise GatewayRefused("idempotency_error")
        return made

    def _called(self, key: str, about: str) -> None:
        """Remember that this key meant this object."""
        if self._again(key, about) is None:
            self._new("call", "call", {"asked": about}, key)

    def _cancel(self, intent: Kept) -> None:
        intent.data["status"] = IntentStatus.CANCELLED.value
        books.change(self._work, intent)
        self._tell("payment_intent.canceled", intent)

    def _lapsed(self, intent: Kept) -> Kept:
        """An authorisation that nobody took for a week is the bank's no more."""
        since = intent.data["authorised_at"]
        is_old = bool(since) and datetime.fromisoformat(since) + AUTHORISED_FOR <= self._work.now
        if is_old and intent.data["status"] == IntentStatus.AUTHORISED:
            self._cancel(intent)
        return intent

    def _tell(self, kind: str, about: Kept) -> None:
        event = {"event_id": f"evt_sandbox_{ids.nonce()}", "type": kind, "object_id": about.id}
        self.events.append(event | {"occurred": int(self._work.now.timestamp())})

    def _customer(
        self, email: str, name: str, *, patient_id: int | None = None, asked: str = "", key: str | None = None
    ) -> str:
        data = {"email": email, "name": name, "patient_id": patient_id, "asked": asked}
        return self._new("customer", "cus_sandbox", data, key).id


def asked_for(asked: object) -> str:
    """What was asked for, so that asking otherwise under the same key is found out."""
    if isinstance(asked, str):
        return asked
    return crypto.digest(json.dumps(asdict(asked), default=str, sort_keys=True))  # type: ignore[call-overload]


def new_intent(asked: ChargeRequest | dict[str, Any]) -> dict[str, Any]:
    """A payment of which nothing is reserved or taken so far."""
    told = asked if isinstance(asked, dict) else asdict(asked)
    copied = {name: told[name] for name in ("payment_id", "purpose", "amount_minor", "currency", "item", "reference")}
    return copied | {
        "status": IntentStatus.UNFINISHED.value,
        "captured_minor": 0,
        "refunded_minor": 0,
        "customer_id": None,
        "method_id": None,
        "session_id": None,
        "authorised_at": None,
        "failure_code": None,
    }


def card_of(kept: Kept) -> GatewayCard:
    """A card as the port tells of it."""
    names = ("customer_id", "fingerprint", "brand", "last_four", "exp_month", "exp_year")
    return GatewayCard(method_id=kept.id, **{name: kept.data[name] for name in names})

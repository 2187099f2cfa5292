"""What the stand-in for Stripe keeps and does: customers, pages, payments, refunds and cards, in memory.

A test plays the patient with `pay` and `save_card`, and the bad day with `fail`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from clinic_portal.core.clock import Clock
from tests.stripe_refusals import (
    ASKS_ALWAYS,
    ATTACHES_THEN_DECLINES,
    GOOD,
    REFUSED,
    Json,
    Refusal,
    error,
)
from tests.stripe_renewals import Subscriptions


@dataclass
class StandIn(Subscriptions):
    """The state of it, and what a test may do to it."""

    clock: Clock
    base: str = ""
    things: dict[str, Json] = field(default_factory=dict)
    requests: list[Json] = field(default_factory=list)
    remembered: dict[str, tuple[str, int, Json]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    closing: threading.Event = field(default_factory=threading.Event)

    def fail(self, path: str, mode: str, times: int = 1) -> None:
        """The next requests whose path contains this fail; "POST /v1/…" those that change something alone.

        drop_before, drop_after: no reply, with nothing done or all. 500, 500_after: the same, remembered under the
        key. 503, 429, 409: not now. slow: a reply too late. nonsense: one that is no JSON.
        """
        self.faults += [(path, mode)] * times

    def pay(self, session_id: str, number: str = GOOD) -> str | None:
        """The patient types a card on the page; what the bank said against it."""
        with self.lock:
            page = self.things[session_id]
            assert page["status"] == "open"
            if page["customer"] is None:
                page["customer"] = self._make("cus", "customer", email=page["customer_email"])["id"]
            if page["mode"] == "setup":
                method = self._card(page["customer"], number)
                saved = self._make("seti", "setup_intent", payment_method=method["id"], status="succeeded")
                page |= {"setup_intent": saved["id"], "status": "complete", "url": None}
                return None
            if page["mode"] == "subscription":
                if code := REFUSED.get(number) if number != ATTACHES_THEN_DECLINES else None:
                    return code
                method = self._card(page["customer"], number)
                page["subscription"] = self.begin(page, method["id"])["id"]
                page |= {"status": "complete", "url": None}
                return None
            if page["payment_intent"] is None:
                page["payment_intent"] = self._intent(page["amount"], page["currency"], page["data"])["id"]
            paid = self.things[page["payment_intent"]]
            if code := REFUSED.get(number):
                paid["last_payment_error"] = error(code)
                return code
            method = self._card(page["customer"], number)
            paid |= {"customer": page["customer"], "payment_method": method["id"], "last_payment_error": None}
            self._authorise(paid, is_manual=page["data"]["capture_method"] == "manual")
            page |= {"status": "complete", "url": None}
            return None

    def save_card(self, customer_id: str, number: str = GOOD) -> str:
        """A card that a customer left before; its id."""
        with self.lock:
            return str(self._card(customer_id, number)["id"])

    def of_kind(self, kind: str) -> list[Json]:
        """Everything of one kind, in the order it was made."""
        return [one for one in self.things.values() if one["object"] == kind]

    # What the API does

    def answer(self, method: str, path: str, params: Json, expand: list[str]) -> Json:
        """One request, carried out."""
        parts = path.removeprefix("/v1/").split("/")
        self.tick()
        match (method, parts):
            case ("POST", ["products"]):
                return self._make("prod", "product", **params)
            case ("GET", ["invoices" | "invoice_payments" as kind]):
                return self._list(kind.removesuffix("s"), params, expand)
            case ("POST", ["subscriptions", found]):
                made = self.changed(self._get(found), params)
            case ("DELETE", ["subscriptions", found]):
                made = self._get(found)
                if made["status"] == "canceled":
                    raise Refusal(404, "resource_missing")
                self.end(made)
            case ("POST", ["invoices", found, "pay" | "void" as verb]):
                made = self._get(found)
                if made["status"] != "open":
                    raise Refusal(400, "invoice_not_open")
                if verb == "pay":
                    self.pay_invoice(made, params.get("payment_method"))
                else:
                    made["status"] = "void"
            case ("POST", ["customers"]):
                return self._make("cus", "customer", **params)
            case ("POST", ["checkout", "sessions"]):
                made = self._page(params)
            case ("POST", ["payment_intents"]):
                made = self._charge(params)
            case ("POST", ["refunds"]):
                made = self._refund(params)
            case ("GET", ["payment_intents" | "refunds" as kind]):
                return self._list(kind.removesuffix("s"), params, expand)
            case ("POST", ["checkout", "sessions", found, "expire"]):
                made = self._get(found)
                if made["status"] != "open":
                    raise Refusal(400, None)
                made |= {"status": "expired", "url": None}
            case ("POST", ["payment_intents", found, "capture" | "cancel" as verb]):
                made = self._get(found)
                if made["status"] not in ("requires_capture", *(["requires_payment_method"] * (verb == "cancel"))):
                    raise Refusal(400, "payment_intent_unexpected_state")
                made["status"] = "succeeded" if verb == "capture" else "canceled"
                made["amount_received"] = made["amount"] if verb == "capture" else 0
            case ("POST", ["payment_methods", found, "detach"]):
                made = self._get(found)
                if made["customer"] is None:
                    raise Refusal(400, None)
                made["customer"] = None
            case ("GET", ["checkout", "sessions", found] | [_, found]):
                made = self._get(found)
            case _:
                raise Refusal(404, "url_unknown")
        return self._expanded(made, expand)

    def _page(self, asked: Json) -> Json:
        ahead = int(asked["expires_at"]) - int(self.clock.now().timestamp())
        if not 1800 <= ahead <= 86400:
            raise Refusal(400, None, param="expires_at")
        if asked["allowed_payment_method_types"] != ["card"]:
            raise Refusal(400, "payment_method_types_no_longer_supported")
        if ("customer" in asked) == ("customer_email" in asked):
            raise Refusal(400, "parameter_missing")
        if "customer" in asked:
            self._get(asked["customer"])
        is_setup = asked["mode"] == "setup"
        item = {"currency": asked["currency"]} if is_setup else asked["line_items"][0]["price_data"]
        if asked["mode"] == "subscription" and ("customer_creation" in asked or "recurring" not in item):
            raise Refusal(400, "parameter_unknown")
        if asked["mode"] == "payment" and int(item["unit_amount"]) < 50:
            raise Refusal(400, "amount_too_small")
        page = self._make("cs_test", "checkout.session", status="open", mode=asked["mode"], metadata=asked["metadata"])
        page |= {"payment_intent": None, "setup_intent": None, "payment_status": "unpaid"}
        page |= {"customer": asked.get("customer"), "customer_email": asked.get("customer_email")}
        page |= {"url": f"{self.base}/c/pay/{page['id']}", "amount": int(item.get("unit_amount", 0))}
        page |= {"currency": item["currency"], "data": asked.get("payment_intent_data", {}), "subscription": None}
        page |= {"lines": asked.get("line_items"), "subscription_data": asked.get("subscription_data")}
        return page

    def _charge(self, asked: Json) -> Json:
        method = self._get(asked["payment_method"])
        if asked["off_session"] != "true" or asked["confirm"] != "true" or "return_url" not in asked:
            raise Refusal(400, "parameter_missing")
        if method["customer"] != asked["customer"]:
            raise Refusal(400, "payment_method_unattached")
        made = self._intent(int(asked["amount"]), asked["currency"], asked)
        made |= {"customer": asked["customer"], "payment_method": method["id"]}
        code = "authentication_required" if method["number"] == ASKS_ALWAYS else REFUSED.get(method["number"])
        if code:
            made["last_payment_error"] = error(code)
            raise Refusal(402, kind="card_error", payment_intent=dict(made), **error(code))
        self._authorise(made, is_manual=False)
        return made

    def _refund(self, asked: Json) -> Json:
        paid = self._get(asked["payment_intent"])
        charge = self.things.get(paid["latest_charge"] or "", {})
        left = paid["amount_received"] - charge.get("amount_refunded", 0)
        if paid["status"] != "succeeded" or left == 0:
            raise Refusal(400, "charge_already_refunded" if paid["status"] == "succeeded" else None)
        if int(asked["amount"]) > left:
            raise Refusal(400, None, param="amount")
        charge["amount_refunded"] += int(asked["amount"])
        made = {"payment_intent": paid["id"], "amount": int(asked["amount"]), "currency": paid["currency"]}
        return self._make("re", "refund", status="succeeded", metadata=asked["metadata"], **made)

    def _list(self, kind: str, asked: Json, expand: list[str]) -> Json:
        found = [one for one in reversed(self.of_kind(kind)) if one["created"] >= int(asked.get("created.gte", 0))]
        if "subscription" in asked:
            of = asked["subscription"]
            found = [one for one in found if one["parent"]["subscription_details"]["subscription"] == of]
        if "payment.payment_intent" in asked:
            found = [one for one in found if one["payment"]["payment_intent"] == asked["payment.payment_intent"]]
        for name in ("customer", "payment_intent", "status"):
            found = [one for one in found if name not in asked or one.get(name) == asked[name]]
        if "starting_after" in asked:
            found = found[[one["id"] for one in found].index(asked["starting_after"]) + 1 :]
        size = min(int(asked.get("limit", 10)), 3)  # pages are short here, so that a test turns them
        inner = [one.removeprefix("data.") for one in expand]
        return {
            "object": "list",
            "url": f"/v1/{kind}s",
            "has_more": len(found) > size,
            "data": [self._expanded(one, inner) for one in found[:size]],
        }

    def _make(self, prefix: str, kind: str, **values: Any) -> Json:
        made = {"id": f"{prefix}_{len(self.things) + 1:06d}", "object": kind, "livemode": False, "metadata": {}}
        made |= {"created": int(self.clock.now().timestamp()), **values}
        self.things[made["id"]] = made
        return made

    def _intent(self, amount: int, currency: str, data: Json) -> Json:
        values = {"amount": amount, "currency": currency, "metadata": data.get("metadata", {}), "amount_received": 0}
        blank = dict.fromkeys(("customer", "payment_method", "latest_charge", "last_payment_error"))
        return self._make("pi", "payment_intent", status="requires_payment_method", **values, **blank)

    def _authorise(self, paid: Json, *, is_manual: bool) -> None:
        charge = self._make("ch", "charge", payment_intent=paid["id"], amount_refunded=0, disputed=False)
        paid |= {"latest_charge": charge["id"], "status": "requires_capture" if is_manual else "succeeded"}
        paid["amount_received"] = 0 if is_manual else paid["amount"]

    def _card(self, customer_id: str, number: str) -> Json:
        brand = "mastercard" if number.startswith("5") else "visa"
        card = {"brand": brand, "last4": number[-4:], "exp_month": 12, "exp_year": 2031, "fingerprint": f"fp{number}"}
        return self._make("pm", "payment_method", type="card", customer=customer_id, number=number, card=card)

    def _get(self, found: str) -> Json:
        if found not in self.things:
            raise Refusal(404, "resource_missing")
        return self.things[found]

    def _expanded(self, thing: Json, paths: list[str]) -> Json:
        told = dict(thing)
        for path in paths:
            name, _, rest = path.partition(".")
            if isinstance(told.get(name), str):
                told[name] = dict(self.things[told[name]])
            if rest and isinstance(told.get(name), dict):
                told[name] = self._expanded(told[name], [rest])
        return told

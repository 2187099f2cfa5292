"""A Stripe of our own on this machine: stateful, strict about what it is asked, and able to fail on purpose.

It keeps customers, pages, payments, refunds and cards in memory, remembers answers under their idempotency keys as
the true one does (also a 500, and a refusal of the bank), and refuses parameters that our calls have no need of.
A test plays the patient with `pay` and `save_card`, and the bad day with `fail`.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from clinic_portal.core.clock import Clock

KEY = "sk_test_standin"
VERSION = "2026-10-28.endive"
GOOD, MASTERCARD, DECLINED, POOR = "4242424242424242", "5555555555554444", "4000000000000002", "4000000000009995"
EXPIRED, LOST, STOLEN = "4000000000000069", "4000000000009987", "4000000000009979"
ATTACHES_THEN_DECLINES, ASKS_ONCE, ASKS_ALWAYS = "4000000000000341", "4000002500003155", "4000002760003184"
REFUSED = {
    DECLINED: "generic_decline",
    POOR: "insufficient_funds",
    EXPIRED: "expired_card",
    LOST: "lost_card",
    STOLEN: "stolen_card",
    ATTACHES_THEN_DECLINES: "generic_decline",
}
"""Stripe's published test numbers, and what the bank says of them."""

Json = dict[str, Any]
_ALLOWED = {
    "customers": "email name metadata.*",
    "checkout/sessions": "allowed_payment_method_types client_reference_id custom_text.submit.message customer "
    "customer_creation customer_email expires_at locale metadata.* success_url cancel_url mode currency submit_type "
    "setup_intent_data.metadata.* line_items.quantity line_items.price_data.currency line_items.price_data.unit_amount "
    "line_items.price_data.product_data.name payment_intent_data.capture_method payment_intent_data.description "
    "payment_intent_data.setup_future_usage payment_intent_data.metadata.* expand",
    "payment_intents": "amount currency customer payment_method off_session confirm return_url description metadata.* "
    "expand",
    "refunds": "payment_intent amount reason metadata.* expand",
    "expire": "expand",
    "capture": "expand",
    "cancel": "cancellation_reason expand",
    "detach": "expand",
}


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str | None, kind: str = "invalid_request_error", **facts: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": f"Refused: {code}", **facts}}


@dataclass
class StandIn:
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
        """The next requests whose path contains this fail.

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
            if page["payment_intent"] is None:
                page["payment_intent"] = self._intent(page["amount"], page["currency"], page["data"])["id"]
            paid = self.things[page["payment_intent"]]
            if code := REFUSED.get(number):
                paid["last_payment_error"] = _error(code)
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
        match (method, parts):
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
        if ("customer" in asked) == ("customer_email" in asked) or "{CHECKOUT_SESSION_ID}" not in asked["success_url"]:
            raise Refusal(400, "parameter_missing")
        if "customer" in asked:
            self._get(asked["customer"])
        item = asked["line_items"][0]["price_data"] if asked["mode"] == "payment" else {"currency": asked["currency"]}
        if asked["mode"] == "payment" and int(item["unit_amount"]) < 50:
            raise Refusal(400, "amount_too_small")
        page = self._make("cs_test", "checkout.session", status="open", mode=asked["mode"], metadata=asked["metadata"])
        page |= {"payment_intent": None, "setup_intent": None, "payment_status": "unpaid"}
        page |= {"customer": asked.get("customer"), "customer_email": asked.get("customer_email")}
        page |= {"url": f"{self.base}/c/pay/{page['id']}", "amount": int(item.get("unit_amount", 0))}
        page |= {"currency": item["currency"], "data": asked.get("payment_intent_data", {})}
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
            made["last_payment_error"] = _error(code)
            raise Refusal(402, kind="card_error", payment_intent=dict(made), **_error(code))
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
        for name in ("customer", "payment_intent"):
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


def _error(code: str) -> Json:
    own = {"expired_card", "authentication_required"}
    return {"code": code if code in own else "card_declined", "decline_code": code}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _do(self) -> None:
        standin, url = self.server.standin, urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        fields = parse_qsl(raw if self.command == "POST" else url.query, keep_blank_values=True)
        key = self.headers.get("Idempotency-Key") if self.command == "POST" else None
        with standin.lock:
            standin.requests.append({"method": self.command, "path": url.path, "form": dict(fields), "key": key})
            fault = next((one for one in standin.faults if one[0] in url.path), None)
            if fault:
                standin.faults.remove(fault)
        mode = fault[1] if fault else ""
        if mode == "slow":
            standin.closing.wait(3)
        if mode in ("drop_before", "slow"):
            return self._hang_up()
        if mode in ("429", "503", "409"):
            code = {"409": "idempotency_key_in_use"}.get(mode)
            return self._reply(int(mode), Refusal(0, code, "api_error").body, {"Retry-After": "7"})
        if mode == "nonsense":
            return self._send(200, b"<html>", {})
        status, body, headers = self._answer(standin, url.path, fields, key, mode)
        return self._hang_up() if mode == "drop_after" else self._reply(status, body, headers)

    def _answer(
        self, standin: StandIn, path: str, fields: list[tuple[str, str]], key: str | None, mode: str
    ) -> tuple[int, Json, dict[str, str]]:
        try:
            expand = [value for name, value in fields if name.startswith("expand[")]
            params = self._checked(path, fields)
            asked = json.dumps([path, fields])
            with standin.lock:
                if key in standin.remembered:
                    known, status, body = standin.remembered[key]
                    if known != asked:
                        raise Refusal(400, None, "idempotency_error")
                    return status, body, {"Idempotent-Replayed": "true"}
                try:
                    done = (200, {}) if mode == "500" else (200, standin.answer(self.command, path, params, expand))
                except Refusal as refusal:
                    if refusal.status != 402:
                        raise
                    done = (402, refusal.body)
                if mode.startswith("500"):
                    done = (500, Refusal(500, None, "api_error").body)
                if key:
                    standin.remembered[key] = (asked, done[0], json.loads(json.dumps(done[1])))
                return (*done, {})
        except Refusal as refusal:
            return refusal.status, refusal.body, {}

    def _checked(self, path: str, fields: list[tuple[str, str]]) -> Json:
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            raise Refusal(401, None)
        if self.headers.get("Stripe-Version") != VERSION:
            raise Refusal(400, "version_unknown")
        if self.command == "GET":
            return {re.sub(r"\[(\w+)\]", r".\1", name): value for name, value in fields}
        if not self.headers.get("Idempotency-Key"):
            raise Refusal(400, "key_missing")
        called = path.removeprefix("/v1/")
        allowed = _ALLOWED.get(called) or _ALLOWED.get(called.rsplit("/", 1)[-1])
        if allowed is None:
            raise Refusal(404, "url_unknown")
        for name, _ in fields:
            plain = ".".join(one for one in re.findall(r"[^\[\]]+", name) if not one.isdecimal())
            if plain not in allowed.split() and f"{plain.rpartition('.')[0]}.*" not in allowed.split():
                raise Refusal(400, "parameter_unknown", param=name)
        return _nested(fields)

    def _reply(self, status: int, body: Json, headers: dict[str, str]) -> None:
        self._send(status, json.dumps(body).encode(), headers)

    def _send(self, status: int, raw: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        told = {"Content-Type": "application/json", "Content-Length": str(len(raw)), "Request-Id": "req_1"}
        for name, value in (told | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def _hang_up(self) -> None:
        self.close_connection = True

    do_GET = do_POST = do_DELETE = _do  # noqa: N815 - the names of the server

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    standin: StandIn


def _nested(fields: list[tuple[str, str]]) -> Json:
    """Stripe's form encoding, `a[b][0]=c`, as dicts and lists."""
    root: Json = {}
    for name, value in fields:
        *way, last = re.findall(r"[^\[\]]+", name)
        node = root
        for one in way:
            node = node.setdefault(one, {})
        node[last] = value
    return {name: _folded(value) for name, value in root.items()}


def _folded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(name.isdecimal() for name in value):
        return [_folded(one) for one in value.values()]
    return {name: _folded(one) for name, one in value.items()}


@contextmanager
def running(clock: Clock) -> Iterator[StandIn]:
    """A stand-in that listens on a free port of this machine."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.standin = StandIn(clock, base=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.standin
    finally:
        server.standin.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()

"""A Stripe of our own on this machine: stateful, strict about what it is asked, and able to fail on purpose.

What it keeps is in `stripe_books`; here is how it is asked. It remembers answers under their idempotency keys as the
true one does (also a 500, and a refusal of the bank), and refuses parameters that our calls have no need of.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from clinic_portal.core.clock import Clock
from tests.stripe_books import StandIn
from tests.stripe_refusals import Json, Refusal

KEY = "sk_test_standin"
VERSION = "2026-10-28.endive"
_ALLOWED = {
    "customers": "email name metadata.*",
    "checkout/sessions": "allowed_payment_method_types client_reference_id custom_text.submit.message customer "
    "customer_creation customer_email expires_at locale metadata.* success_url cancel_url mode currency submit_type "
    "setup_intent_data.metadata.* subscription_data.metadata.* line_items.price_data.recurring.interval "
    "line_items.quantity line_items.price_data.currency line_items.price_data.unit_amount "
    "line_items.price_data.product_data.name payment_intent_data.capture_method payment_intent_data.description "
    "payment_intent_data.setup_future_usage payment_intent_data.metadata.* expand",
    "payment_intents": "amount currency customer payment_method off_session confirm return_url description metadata.* "
    "expand",
    "refunds": "payment_intent amount reason metadata.* expand",
    "expire": "expand",
    "capture": "expand",
    "cancel": "cancellation_reason expand",
    "detach": "expand",
    "products": "name",
    "subscriptions/*": "cancel_at_period_end pause_collection pause_collection.behavior pause_collection.resumes_at "
    "billing_cycle_anchor.type default_payment_method metadata.* items.id items.price_data.currency "
    "items.price_data.product items.price_data.unit_amount items.price_data.recurring.interval trial_end "
    "proration_behavior expand",
    "pay": "payment_method expand",
    "void": "expand",
}


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
            fault = next((one for one in standin.faults if one[0] in f"{self.command} {url.path}"), None)
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
        if self.command == "POST" and not self.headers.get("Idempotency-Key"):
            raise Refusal(400, "key_missing")
        called = re.sub(r"^subscriptions/\w+$", "subscriptions/*", path.removeprefix("/v1/"))
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

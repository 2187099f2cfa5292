"""Subscriptions of the stand-in for Stripe: they renew as its clock passes the end of their period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_portal.payments import periods
from tests.stripe_refusals import ASKS_ALWAYS, REFUSED, Json, Refusal, error

LIVE = ("active", "past_due", "trialing")


class Subscriptions:
    """The part of the stand-in that takes money period by period."""

    clock: Any
    base: str
    things: dict[str, Json]
    _make: Any
    _get: Any
    _intent: Any
    _authorise: Any

    def begin(self, page: Json, method_id: str) -> Json:
        """A page was paid: the subscription it asked for, its first invoice paid."""
        recurring, *once = (one["price_data"] for one in page["lines"])
        begins = int(self.clock.now().timestamp())
        made = self._make(
            "sub",
            "subscription",
            status="active",
            customer=page["customer"],
            metadata=dict(page["subscription_data"]["metadata"]),
            billing_cycle_anchor=begins,
            cancel_at_period_end=False,
            pause_collection=None,
            ended_at=None,
            trial_end=None,
            default_payment_method=method_id,
        )
        price = {"unit_amount": int(recurring["unit_amount"]), "recurring": dict(recurring["recurring"])}
        item = {"id": f"si_{made['id']}", "price": price | {"currency": page["currency"]}}
        made["items"] = {"data": [item | {"current_period_start": begins, "current_period_end": 0}]}
        item = made["items"]["data"][0]
        item["current_period_end"] = self._end_of(made)
        more = sum(int(one["unit_amount"]) for one in once)
        self._invoice(made, price["unit_amount"] + more, "subscription_create")
        return dict(made)

    def changed(self, made: Json, asked: Json) -> Json:
        """What an update asks for."""
        if made["status"] not in LIVE:
            raise Refusal(400, None)
        if asked.get("proration_behavior") != "none":
            raise Refusal(400, "parameter_missing")
        item = made["items"]["data"][0]
        if "cancel_at_period_end" in asked:
            made["cancel_at_period_end"] = asked["cancel_at_period_end"] == "true"
        if "pause_collection" in asked:
            pause = asked["pause_collection"]
            ends = int(pause["resumes_at"]) if pause and "resumes_at" in pause else None
            made["pause_collection"] = {"behavior": pause["behavior"], "resumes_at": ends} if pause else None
        if "default_payment_method" in asked:
            if self._get(asked["default_payment_method"])["customer"] != made["customer"]:
                raise Refusal(400, "payment_method_unattached")
            made["default_payment_method"] = asked["default_payment_method"]
        made["metadata"] |= asked.get("metadata", {})
        for one in asked.get("items", ()):
            data = one["price_data"]
            self._get(data["product"])
            if one["id"] != item["id"] or data["currency"] != item["price"]["currency"]:
                raise Refusal(400, None)
            is_other = data["recurring"]["interval"] != item["price"]["recurring"]["interval"]
            if is_other and "trial_end" not in asked:  # it would be charged at once
                raise Refusal(400, "parameter_missing")
            item["price"] |= {"unit_amount": int(data["unit_amount"]), "recurring": dict(data["recurring"])}
            if is_other:
                ends = int(asked["trial_end"])
                made |= {"trial_end": ends, "billing_cycle_anchor": ends, "status": "trialing"}
        if asked.get("billing_cycle_anchor") == {"type": "now"}:
            now = int(self.clock.now().timestamp())
            made["billing_cycle_anchor"] = item["current_period_end"] = now
            self._renew(made)
        return made

    def end(self, made: Json) -> None:
        """It ends now; what is open stays open, as at Stripe."""
        made |= {"status": "canceled", "ended_at": int(self.clock.now().timestamp())}

    def tick(self) -> None:
        """Renew whatever is due."""
        now = int(self.clock.now().timestamp())
        for made in [one for one in self.things.values() if one["object"] == "subscription"]:
            item = made["items"]["data"][0]
            while made["status"] in LIVE and item["current_period_end"] <= now:
                if made["cancel_at_period_end"]:
                    made |= {"status": "canceled", "ended_at": item["current_period_end"]}
                else:
                    self._renew(made)

    def pay_invoice(self, made: Json, method_id: str | None) -> None:
        """Charge an invoice; the bank may say no."""
        of = self.things[made["parent"]["subscription_details"]["subscription"]]
        if code := self._charge_invoice(made, method_id or of["default_payment_method"]):
            raise Refusal(402, kind="card_error", **error(code))
        of["status"] = "active"

    def _renew(self, made: Json) -> None:
        item = made["items"]["data"][0]
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] = self._end_of(made)
        made["status"] = "active" if made["status"] == "trialing" else made["status"]
        pause = made["pause_collection"]
        if pause and pause["resumes_at"] is not None and pause["resumes_at"] <= item["current_period_start"]:
            made["pause_collection"] = pause = None
        self._invoice(made, item["price"]["unit_amount"], "subscription_cycle", is_void=pause is not None)

    def _invoice(self, made: Json, amount: int, reason: str, *, is_void: bool = False) -> None:
        item = made["items"]["data"][0]
        period = {"start": item["current_period_start"], "end": item["current_period_end"]}
        details = {"subscription": made["id"], "metadata": dict(made["metadata"])}
        invoice = self._make(
            "in",
            "invoice",
            status="void" if is_void else "open",
            amount_due=amount,
            amount_paid=0,
            currency=item["price"]["currency"],
            billing_reason=reason,
            attempt_count=0,
            next_payment_attempt=None,
            hosted_invoice_url=f"{self.base}/i/{made['id']}",
            parent={"type": "subscription_details", "subscription_details": details},
            lines={"data": [{"period": period}]},
            payments={"data": []},
            status_transitions={"paid_at": None},
        )
        if is_void:
            return
        code = self._charge_invoice(invoice, made["default_payment_method"])
        invoice["attempt_count"] = 1
        if code:
            made["status"] = "past_due"
            again = datetime.fromtimestamp(period["start"], UTC) + timedelta(days=1)
            invoice["next_payment_attempt"] = int(again.timestamp())

    def _charge_invoice(self, invoice: Json, method_id: str) -> str | None:
        """Charge a card for an invoice; what the bank says against it."""
        method = self.things[method_id]
        data = invoice["payments"]["data"]
        if data:
            paid = self.things[data[0]["payment"]["payment_intent"]]
        else:
            paid = self._intent(invoice["amount_due"], invoice["currency"], {})
            payment = {"type": "payment_intent", "payment_intent": paid["id"]}
            data.append(self._make("inpay", "invoice_payment", invoice=invoice["id"], payment=payment))
        paid |= {"customer": method["customer"], "payment_method": method_id}
        code = "authentication_required" if method["number"] == ASKS_ALWAYS else REFUSED.get(method["number"])
        is_first = invoice["billing_reason"] == "subscription_create"  # its owner is there
        if code and not is_first:
            paid["last_payment_error"] = error(code)
            return code
        paid["last_payment_error"] = None
        self._authorise(paid, is_manual=False)
        invoice |= {"status": "paid", "amount_paid": invoice["amount_due"], "next_payment_attempt": None}
        invoice["status_transitions"] = {"paid_at": int(self.clock.now().timestamp())}
        return None

    def _end_of(self, made: Json) -> int:
        item = made["items"]["data"][0]
        anchor = datetime.fromtimestamp(made["billing_cycle_anchor"], UTC)
        start = datetime.fromtimestamp(item["current_period_start"], UTC)
        return int(periods.following(anchor, item["price"]["recurring"]["interval"], start).timestamp())

"""The sandbox gateway's subscriptions: they renew when the installation's clock has passed a period's end.

That is found whenever anything of them is asked, one period after another however far the clock was moved. A card that
is refused is tried again after 1, 3, 5 and 7 days, then the subscription ends, as an account at Stripe may be set to.
"""

from datetime import datetime
from typing import Any

from clinic_portal.integrations.sandbox.invoices import LIVE, Invoices, instant, told_at
from clinic_portal.integrations.sandbox.objects import asked_for, card_of
from clinic_portal.payments import periods
from clinic_portal.payments import sandbox_books as books
from clinic_portal.payments.ports import (
    GatewayRefused,
    Intent,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionStatus,
    SubscriptionWishes,
)
from clinic_portal.payments.sandbox_books import Kept


class Subscriptions(Invoices):
    """What the gateway can be asked for, of subscriptions too."""

    def subscription(self, subscription_id: str) -> Subscription:
        """How a subscription stands."""
        return self._told(self._timely_subscription(subscription_id))

    def invoices_of(self, subscription_id: str) -> tuple[Invoice, ...]:
        """Its invoices, the oldest first."""
        kept = self._timely_subscription(subscription_id)
        return tuple(self._invoice(self._need(one, "invoice")) for one in kept.data["invoice_ids"])

    def invoice_of(self, intent_id: str) -> Invoice | None:
        """The invoice a payment is for."""
        invoice_id = self._need(intent_id, "intent").data.get("invoice_id")
        return self._invoice(self._need(invoice_id, "invoice")) if invoice_id else None

    def recent(self, since: datetime) -> list[Intent]:
        """Every payment made since then, newest first; what is due by now is made first."""
        for one in books.every(self._work, "subscription"):
            self._advance(one)
        return super().recent(since)

    def change_subscription(self, wishes: SubscriptionWishes) -> Subscription:
        """Have it stand as it is wished."""
        kept = self._timely_subscription(wishes.subscription_id)
        made = self._again(wishes.key, wishes)
        if made is not None:
            return self._told(kept)
        data = kept.data
        if data["status"] not in LIVE:
            raise GatewayRefused("resource_missing")
        if wishes.method_id is not None and not self._is_theirs(wishes.method_id, data["customer_id"]):
            raise GatewayRefused("resource_missing")
        self._new("call", "call", {"asked": asked_for(wishes)}, wishes.key)
        was_paused = data["is_paused"]
        data["is_ending"] = wishes.is_ending
        data |= {"is_paused": wishes.is_paused, "resumes_at": told_at(wishes.resumes_at)}
        data["method_id"] = wishes.method_id or data["method_id"]
        if data["version_id"] != wishes.terms.version_id:
            data |= {"version_id": wishes.terms.version_id, "fee_minor": wishes.terms.fee_minor}
            data |= {"plan": wishes.terms.plan, "next_period": wishes.terms.period}
        if was_paused and wishes.restarts:
            now = self._work.now.replace(microsecond=0).isoformat()
            data |= {"anchor_at": now, "until_at": now}
        books.change(self._work, kept)
        self._tell("customer.subscription.updated", kept)
        self._advance(kept)
        return self._told(kept)

    def end_subscription(self, subscription_id: str) -> Subscription:
        """End it now, and ask for nothing more."""
        kept = self._timely_subscription(subscription_id)
        if kept.data["status"] in LIVE:
            self._end(kept, self._work.now)
        return self._told(kept)

    def pay_invoice(self, invoice_id: str, *, method_id: str | None, key: str) -> Invoice:
        """Charge an open invoice now; where the bank says no, it stays open and says why."""
        invoice = self._need(invoice_id, "invoice")
        kept = self._timely_subscription(invoice.data["subscription_id"])
        invoice = self._need(invoice_id, "invoice")
        asked = f"{invoice_id}:{method_id}"
        if self._again(key, asked) is None:
            if invoice.data["status"] != InvoiceStatus.OPEN:
                raise GatewayRefused("invoice_not_open")
            if method_id is not None and not self._is_theirs(method_id, kept.data["customer_id"]):
                raise GatewayRefused("resource_missing")
            self._try(kept, invoice, method_id or kept.data["method_id"], self._work.now, is_scheduled=False)
            self._new("call", "call", {"asked": asked}, key)
        return self._invoice(self._need(invoice_id, "invoice"))

    # ---- pages -----------------------------------------------------------------------------------------------------

    def _complete(self, page: Kept, card: Kept) -> None:
        """A page that begins a subscription, or pays an invoice of one, was paid."""
        terms = page.data.get("subscription")
        if terms:
            self._begin(page, terms, self._need(page.data["intent_id"], "intent"), card)
        elif page.data.get("invoice_id"):
            intent = self._need(page.data["intent_id"], "intent")
            invoice = self._need(page.data["invoice_id"], "invoice")
            kept = self._need(invoice.data["subscription_id"], "subscription")
            kept.data["method_id"] = card.id
            intent.data["invoice_id"] = invoice.id
            books.change(self._work, intent)
            self._paid(kept, invoice, intent, self._work.now)

    def _begin(self, page: Kept, terms: dict[str, Any], intent: Kept, card: Kept) -> None:
        now = self._work.now.replace(microsecond=0)
        until = periods.nth(now, terms["period"], 1)
        data = {name: terms[name] for name in ("membership_id", "version_id", "plan", "period", "fee_minor")} | {
            "customer_id": page.data["customer_id"],
            "currency": page.data["currency"],
            "method_id": card.id,
            "status": SubscriptionStatus.ACTIVE.value,
            "anchor_at": now.isoformat(),
            "from_at": now.isoformat(),
            "until_at": until.isoformat(),
            "next_period": terms["period"],
            "is_ending": False,
            "is_paused": False,
            "resumes_at": None,
            "ended_at": None,
            "invoice_ids": [],
        }
        kept = self._new("subscription", "sub_sandbox", data)
        page.data["subscription_id"] = kept.id
        books.change(self._work, page)
        invoice = self._new_invoice(kept, page.data["amount_minor"], now, until, is_first=True)
        intent.data["invoice_id"] = invoice.id
        books.change(self._work, intent)
        self._tell("customer.subscription.created", kept)
        self._paid(kept, invoice, intent, now)

    # ---- time ------------------------------------------------------------------------------------------------------

    def _timely_subscription(self, subscription_id: str) -> Kept:
        kept = self._need(subscription_id, "subscription")
        self._advance(kept)
        return kept

    def _advance(self, kept: Kept) -> None:
        """Do what is due by now, in its order: attempts at what is owed, the end, the next period."""
        while (due := self._next_due(kept)) is not None and due[0] <= self._work.now:
            at, what = due
            if what == "try":
                invoice = self._owed(kept)
                assert invoice is not None
                self._try(kept, invoice, kept.data["method_id"], at)
            elif what == "end":
                self._end(kept, at)
            else:
                self._renew(kept, at)

    def _next_due(self, kept: Kept) -> tuple[datetime, str] | None:
        if kept.data["status"] not in LIVE:
            return None
        until = datetime.fromisoformat(kept.data["until_at"])
        owed = self._owed(kept)
        next_try = datetime.fromisoformat(owed.data["next_try_at"]) if owed and owed.data["next_try_at"] else None
        if next_try is not None and next_try <= until:
            return next_try, "try"
        return until, "end" if kept.data["is_ending"] else "renew"

    def _renew(self, kept: Kept, at: datetime) -> None:
        data = kept.data
        resumes = datetime.fromisoformat(data["resumes_at"]) if data["resumes_at"] else None
        if data["is_paused"] and resumes is not None and resumes <= at:
            data |= {"is_paused": False, "resumes_at": None}
        if data["next_period"] != data["period"]:
            data |= {"period": data["next_period"], "anchor_at": at.isoformat()}
        until = periods.following(datetime.fromisoformat(data["anchor_at"]), data["period"], at)
        data |= {"from_at": at.isoformat(), "until_at": until.isoformat()}
        invoice = self._new_invoice(kept, data["fee_minor"], at, until)
        self._tell("customer.subscription.updated", kept)
        if data["is_paused"]:
            invoice.data["status"] = InvoiceStatus.VOID.value
            books.change(self._work, invoice)
            books.change(self._work, kept)
            self._tell("invoice.voided", invoice)
            return
        books.change(self._work, kept)
        self._try(kept, invoice, data["method_id"], at)

    # ---- what there is -----------------------------------------------------------------------------------------------

    def _told(self, kept: Kept) -> Subscription:
        data = kept.data
        card = books.kept(self._work, data["method_id"])
        return Subscription(
            id=kept.id,
            status=SubscriptionStatus(data["status"]),
            membership_id=data["membership_id"],
            version_id=data["version_id"],
            customer_id=data["customer_id"],
            period_from_at=datetime.fromisoformat(data["from_at"]),
            period_until_at=datetime.fromisoformat(data["until_at"]),
            anchor_at=datetime.fromisoformat(data["anchor_at"]),
            is_ending=data["is_ending"],
            is_paused=data["is_paused"],
            resumes_at=instant(data["resumes_at"]),
            ended_at=instant(data["ended_at"]),
            card=card_of(card) if card and card.data["is_kept"] else None,
        )

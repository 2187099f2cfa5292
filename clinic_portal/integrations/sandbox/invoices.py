"""The sandbox gateway's invoices: charged, refused, tried again for a week, paid on a page of their own."""

from datetime import datetime, timedelta

from clinic_portal.integrations.sandbox.ledger import Ledger
from clinic_portal.integrations.sandbox.objects import new_intent
from clinic_portal.payments import sandbox_books as books
from clinic_portal.payments.ports import CheckoutStatus, IntentStatus, Invoice, InvoiceStatus, SubscriptionStatus
from clinic_portal.payments.sandbox_books import Kept
from clinic_portal.payments.types import Purpose

RETRIES = (timedelta(days=1), timedelta(days=3), timedelta(days=5), timedelta(days=7))
"""After the first attempt."""
NO_CARD = "no_card"
PAGE_LASTS = timedelta(days=30)
"""Of an invoice's page: longer than the attempts at it."""
LIVE = (SubscriptionStatus.ACTIVE, SubscriptionStatus.OVERDUE)


class Invoices(Ledger):
    """Periods as they are billed; `kept` is the subscription each time."""

    def _new_invoice(self, kept: Kept, amount: int, at: datetime, until: datetime, *, is_first: bool = False) -> Kept:
        data = {
            "subscription_id": kept.id,
            "status": InvoiceStatus.OPEN.value,
            "amount_minor": amount,
            "currency": kept.data["currency"],
            "version_id": kept.data["version_id"],
            "is_first": is_first,
            "from_at": at.isoformat(),
            "until_at": until.isoformat(),
            "attempts": 0,
            "first_try_at": None,
            "next_try_at": None,
            "failure_code": None,
            "intent_id": None,
            "page_id": None,
            "paid_at": None,
        }
        made = self._new("invoice", "in_sandbox", data)
        kept.data["invoice_ids"].append(made.id)
        return made

    def _owed(self, kept: Kept) -> Kept | None:
        """The invoice that is open still; the newest is the only one that can be."""
        newest = kept.data["invoice_ids"][-1:]
        found = self._need(newest[0], "invoice") if newest else None
        return found if found and found.data["status"] == InvoiceStatus.OPEN else None

    def _is_theirs(self, method_id: str, customer_id: str) -> bool:
        card = books.kept(self._work, method_id)
        is_card = card is not None and card.kind == "card"
        return card is not None and is_card and card.data["is_kept"] and card.data["customer_id"] == customer_id

    def _try(
        self, kept: Kept, invoice: Kept, method_id: str | None, at: datetime, *, is_scheduled: bool = True
    ) -> None:
        """Charge a card for an invoice. One that is tried by hand leaves the other attempts as they are planned."""
        card = books.kept(self._work, method_id) if method_id else None
        is_there = card is not None and bool(card.data["is_kept"])
        code = (card.data["later"] if card and is_there else NO_CARD) or None
        told = {
            "payment_id": None,
            "currency": kept.data["currency"],
            "purpose": Purpose.MEMBERSHIP.value,
            "amount_minor": invoice.data["amount_minor"],
            "item": kept.data["plan"],
            "reference": "",
        }
        values = {"customer_id": kept.data["customer_id"], "method_id": card.id if card else None}
        made = new_intent(told) | values | {"invoice_id": invoice.id, "failure_code": code}
        if code is None:
            made |= {"status": IntentStatus.PAID.value, "captured_minor": invoice.data["amount_minor"]}
        intent = self._new("intent", "pi_sandbox", made)
        if code is None:
            self._tell("payment_intent.succeeded", intent)
            self._paid(kept, invoice, intent, at)
        else:
            self._failed(kept, invoice, code, at, is_scheduled=is_scheduled)

    def _paid(self, kept: Kept, invoice: Kept, intent: Kept, at: datetime) -> None:
        paid = {"status": InvoiceStatus.PAID.value, "intent_id": intent.id, "paid_at": at.isoformat()}
        invoice.data |= paid | {"next_try_at": None, "failure_code": None, "attempts": invoice.data["attempts"] + 1}
        books.change(self._work, invoice)
        self._close_page(invoice)
        if kept.data["status"] in LIVE:
            kept.data["status"] = SubscriptionStatus.ACTIVE.value
        books.change(self._work, kept)
        self._tell("invoice.paid", invoice)

    def _failed(self, kept: Kept, invoice: Kept, code: str, at: datetime, *, is_scheduled: bool) -> None:
        data = invoice.data
        data["failure_code"] = code
        is_last = False
        if is_scheduled:
            data["attempts"] += 1
            tried = data["attempts"]
            is_last = tried > len(RETRIES)
            first = datetime.fromisoformat(data["first_try_at"] or at.isoformat())
            data["first_try_at"] = first.isoformat()
            data["next_try_at"] = told_at(None if is_last else first + RETRIES[tried - 1])
        books.change(self._work, invoice)
        kept.data["status"] = SubscriptionStatus.OVERDUE.value
        books.change(self._work, kept)
        self._tell("invoice.payment_failed", invoice)
        self._tell("customer.subscription.updated", kept)
        if is_last:
            self._end(kept, at)

    def _end(self, kept: Kept, at: datetime) -> None:
        owed = self._owed(kept)
        if owed is not None:
            owed.data |= {"status": InvoiceStatus.VOID.value, "next_try_at": None}
            books.change(self._work, owed)
            self._close_page(owed)
            self._tell("invoice.voided", owed)
        kept.data |= {"status": SubscriptionStatus.ENDED.value, "ended_at": at.isoformat()}
        books.change(self._work, kept)
        self._tell("customer.subscription.deleted", kept)

    def _invoice(self, kept: Kept) -> Invoice:
        data = kept.data
        is_paid, is_open = data["status"] == InvoiceStatus.PAID, data["status"] == InvoiceStatus.OPEN
        return Invoice(
            id=kept.id,
            subscription_id=data["subscription_id"],
            status=InvoiceStatus(data["status"]),
            amount_minor=data["amount_minor"],
            paid_minor=data["amount_minor"] if is_paid else 0,
            currency=data["currency"],
            from_at=datetime.fromisoformat(data["from_at"]),
            until_at=datetime.fromisoformat(data["until_at"]),
            version_id=data["version_id"],
            is_first=data["is_first"],
            attempts=data["attempts"],
            next_try_at=instant(data["next_try_at"]),
            failure_code=data["failure_code"],
            intent_id=data["intent_id"],
            page_url=self._pay_page(kept) if is_open else None,
            paid_at=instant(data["paid_at"]),
        )

    def _close_page(self, invoice: Kept) -> None:
        page = books.kept(self._work, invoice.data["page_id"]) if invoice.data["page_id"] else None
        if page and page.data["status"] == CheckoutStatus.OPEN:
            self._expire(page)

    def _pay_page(self, invoice: Kept) -> str:
        """Where an open invoice is paid: the page that is open for it, or a new one."""
        home = self._work.settings.public_url.rstrip("/")
        page = self._page(invoice.data["page_id"]) if invoice.data["page_id"] else None
        if page is None or page.data["status"] != CheckoutStatus.OPEN:
            kept = self._need(invoice.data["subscription_id"], "subscription")
            back = f"{home}/portal/membership"
            data = {
                "payment_id": None,
                "purpose": Purpose.MEMBERSHIP.value,
                "amount_minor": invoice.data["amount_minor"],
                "currency": invoice.data["currency"],
                "item": kept.data["plan"],
                "consent": "",
                "reference": "",
                "email": "",
                "customer_id": kept.data["customer_id"],
                "language": "en",
                "expires_at": (self._work.now + PAGE_LASTS).isoformat(),
                "back_url": back,
                "cancel_url": back,
                "subscription": None,
                "invoice_id": invoice.id,
                "asked": "",
                "status": CheckoutStatus.OPEN.value,
                "intent_id": None,
                "method_id": None,
            }
            page = self._new("checkout", "cs_sandbox", data)
            invoice.data["page_id"] = page.id
            books.change(self._work, invoice)
        return f"{home}/sandbox/pay/{page.id}"


def instant(told: str | None) -> datetime | None:
    """An instant as it was kept."""
    return datetime.fromisoformat(told) if told else None


def told_at(at: datetime | None) -> str | None:
    """An instant as it is kept."""
    return at.isoformat() if at else None

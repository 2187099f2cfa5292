"""The sandbox gateway's hosted pages, and what a card does when it is put on one."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from clinic_portal.core import crypto
from clinic_portal.integrations.sandbox.cards import PublishedCard
from clinic_portal.integrations.sandbox.objects import Objects, asked_for, card_of, new_intent
from clinic_portal.payments import sandbox_books as books
from clinic_portal.payments.ports import (
    Checkout,
    CheckoutRequest,
    CheckoutStatus,
    GatewayCard,
    GatewayRefused,
    IntentStatus,
)
from clinic_portal.payments.rules import least_minor
from clinic_portal.payments.sandbox_books import Kept
from clinic_portal.payments.types import AT_BOOKING, Purpose

SOONEST, LATEST = timedelta(minutes=30), timedelta(hours=24)
REFUSED_BY_OWNER = "payment_intent_authentication_failure"


class Step(StrEnum):
    """What came of an attempt on the page."""

    PAID = "paid"  # paid, reserved or saved: the page is complete, also when it was before
    DECLINED = "declined"
    ASKS = "asks"  # the bank asks the card's owner first
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt on the page; `code` says why it was declined."""

    step: Step
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """A card as it is put on the page: a test card with what was typed of it, or one that is saved."""

    test: PublishedCard | None
    exp_month: int = 12
    exp_year: int = 0
    method_id: str | None = None


class Pages(Objects):
    """Pages that are opened, looked at, paid and ended."""

    def open_checkout(self, asked: CheckoutRequest) -> Checkout:
        """Open a page, or find the one opened under this key."""
        made = self._again(asked.key, asked)
        if made is None:
            ahead = asked.expires_at - self._work.now
            if not SOONEST <= ahead <= LATEST:
                raise GatewayRefused("expires_at_out_of_range")
            if asked.purpose is not Purpose.CARD and asked.amount_minor < least_minor(asked.currency):
                raise GatewayRefused("amount_too_small")
            if asked.customer_id is not None:
                self._need(asked.customer_id, "customer")
            data = asdict(asked) | {
                "asked": asked_for(asked),
                "expires_at": asked.expires_at.isoformat(),
                "status": CheckoutStatus.OPEN.value,
                "intent_id": None,
                "method_id": None,
            }
            made = self._new("checkout", "cs_sandbox", data, asked.key)
        return self._checkout(self._timely(made))

    def checkout(self, session_id: str) -> Checkout:
        """How a page stands."""
        return self._checkout(self._page(session_id))

    def page(self, session_id: str) -> dict[str, Any]:
        """What a page shows."""
        return self._page(session_id).data

    def expire_checkout(self, session_id: str) -> Checkout:
        """End a page now, unless it is complete."""
        page = self._page(session_id)
        if page.data["status"] == CheckoutStatus.OPEN:
            self._expire(page)
        return self._checkout(page)

    def saved_cards(self, session_id: str) -> list[GatewayCard]:
        """The cards of the page's customer, each once, the newest first."""
        customer = self._page(session_id).data["customer_id"]
        found: dict[str, GatewayCard] = {}
        for card in books.every(self._work, "card") if customer else ():
            if card.data["customer_id"] == customer and card.data["is_kept"]:
                found.setdefault(card.data["fingerprint"], card_of(card))
        return list(found.values())

    def pay(self, session_id: str, shown: Presented, *, authenticated: bool) -> Outcome:
        """Put a card on a page. Two at once pay once."""
        page = self._page(session_id)
        if page.data["status"] != CheckoutStatus.OPEN:
            is_done = page.data["status"] == CheckoutStatus.COMPLETE
            return Outcome(Step.PAID if is_done else Step.EXPIRED)
        saved = self._saved(page, shown.method_id) if shown.method_id else None
        decline = saved.data["now"] if saved else shown.test.now if shown.test else "card_declined"
        asks = saved.data["asks_again"] if saved else bool(shown.test and shown.test.asks)
        if decline:
            return self._declined(page, decline)
        if asks and not authenticated:
            return Outcome(Step.ASKS)
        customer = page.data["customer_id"] or self._customer(page.data["email"], "")
        purpose = Purpose(page.data["purpose"])
        is_kept = purpose in (Purpose.CARD, Purpose.MEMBERSHIP) or purpose in AT_BOOKING
        card = saved or self._new_card(customer, shown, is_kept=is_kept)
        page.data |= {"customer_id": customer, "status": CheckoutStatus.COMPLETE.value, "method_id": card.id}
        if purpose is not Purpose.CARD:
            intent = self._intent_of(page)
            is_manual = purpose in AT_BOOKING
            intent.data |= {"method_id": card.id, "customer_id": customer, "failure_code": None}
            intent.data["status"] = (IntentStatus.AUTHORISED if is_manual else IntentStatus.PAID).value
            intent.data["authorised_at"] = self._work.now.isoformat()
            intent.data["captured_minor"] = 0 if is_manual else intent.data["amount_minor"]
            books.change(self._work, intent)
            self._tell(f"payment_intent.{'amount_capturable_updated' if is_manual else 'succeeded'}", intent)
        books.change(self._work, page)
        if purpose is Purpose.CARD:
            self._tell("setup_intent.succeeded", page)
        self._complete(page, card)
        self._tell("checkout.session.completed", page)
        return Outcome(Step.PAID)

    def _complete(self, page: Kept, card: Kept) -> None:
        """What more comes of a page that was paid."""

    def refuse(self, session_id: str) -> Outcome:
        """The card's owner says no when the bank asks."""
        page = self._page(session_id)
        if page.data["status"] != CheckoutStatus.OPEN:
            is_done = page.data["status"] == CheckoutStatus.COMPLETE
            return Outcome(Step.PAID if is_done else Step.EXPIRED)
        return self._declined(page, REFUSED_BY_OWNER)

    def _checkout(self, page: Kept) -> Checkout:
        data = page.data
        intent = books.kept(self._work, data["intent_id"]) if data["intent_id"] else None
        card = books.kept(self._work, data["method_id"]) if data["method_id"] else None
        is_open = data["status"] == CheckoutStatus.OPEN
        return Checkout(
            id=page.id,
            url=f"{self._work.settings.public_url.rstrip('/')}/sandbox/pay/{page.id}" if is_open else None,
            status=CheckoutStatus(data["status"]),
            payment_id=data["payment_id"],
            intent=self.intent_of(intent) if intent else None,
            card=card_of(card) if card else None,
            subscription_id=data.get("subscription_id"),
        )

    def _page(self, session_id: str) -> Kept:
        return self._timely(self._need(session_id, "checkout"))

    def _timely(self, page: Kept) -> Kept:
        is_over = datetime.fromisoformat(page.data["expires_at"]) <= self._work.now
        if page.data["status"] == CheckoutStatus.OPEN and is_over:
            self._expire(page)
        return page

    def _expire(self, page: Kept) -> None:
        page.data["status"] = CheckoutStatus.EXPIRED.value
        books.change(self._work, page)
        if page.data["intent_id"]:
            self._cancel(self._need(page.data["intent_id"], "intent"))
        self._tell("checkout.session.expired", page)

    def _intent_of(self, page: Kept) -> Kept:
        """The page's payment: made at the first attempt, the same for those after it."""
        if page.data["intent_id"]:
            return self._need(page.data["intent_id"], "intent")
        data = new_intent(page.data) | {"session_id": page.id}
        intent = self._new("intent", "pi_sandbox", data)
        page.data["intent_id"] = intent.id
        return intent

    def _declined(self, page: Kept, code: str) -> Outcome:
        if Purpose(page.data["purpose"]) is not Purpose.CARD:
            intent = self._intent_of(page)
            intent.data["failure_code"] = code
            books.change(self._work, intent)
            books.change(self._work, page)
            self._tell("payment_intent.payment_failed", intent)
        return Outcome(Step.DECLINED, code)

    def _saved(self, page: Kept, method_id: str) -> Kept:
        card = books.kept(self._work, method_id)
        if card is None or card.kind != "card" or not card.data["is_kept"]:
            raise GatewayRefused("resource_missing")
        if page.data["customer_id"] is None or card.data["customer_id"] != page.data["customer_id"]:
            raise GatewayRefused("resource_missing")
        return card

    def _new_card(self, customer_id: str, shown: Presented, *, is_kept: bool) -> Kept:
        assert shown.test is not None
        test = shown.test
        data = {
            "customer_id": customer_id,
            "fingerprint": crypto.keyed(self._work.settings.key, "sandbox card", test.number)[:16],
            "brand": test.brand,
            "last_four": test.number[-4:],
            "exp_month": shown.exp_month,
            "exp_year": shown.exp_year or self._work.now.year + 3,
            "now": "card_declined" if test.later == "card_declined" else "",  # on a page again
            "later": test.later,
            "asks_again": test.asks_again,
            "is_kept": is_kept,
        }
        return self._new("card", "pm_sandbox", data)

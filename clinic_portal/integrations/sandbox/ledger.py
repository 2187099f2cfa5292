"""What the sandbox gateway does within one transaction: its objects, as Stripe would keep them."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from clinic_portal.core import crypto, ids
from clinic_portal.core.work import UnitOfWork
from clinic_portal.integrations.sandbox.cards import PublishedCard
from clinic_portal.payments import sandbox_books as books
from clinic_portal.payments.ports import (
    ChargeRequest,
    Checkout,
    CheckoutRequest,
    CheckoutStatus,
    GatewayCard,
    GatewayRefund,
    GatewayRefused,
    Intent,
    IntentStatus,
    RefundRequest,
    RefundStatus,
)
from clinic_portal.payments.rules import least_minor
from clinic_portal.payments.sandbox_books import Kept
from clinic_portal.payments.types import AT_BOOKING, Purpose

SOONEST, LATEST = timedelta(minutes=30), timedelta(hours=24)
AUTHORISED_FOR = timedelta(days=7)
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


class Ledger:
    """The gateway's objects in one transaction, in turn with every other; `events` is what it has to tell."""

    def __init__(self, work: UnitOfWork) -> None:
        books.in_turn(work)
        self._work = work
        self.events: list[dict[str, Any]] = []

    # Pages

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
                "asked": _asked(asked),
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
                found.setdefault(card.data["fingerprint"], _card(card))
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
        is_kept = purpose is Purpose.CARD or purpose in AT_BOOKING
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
        self._tell("checkout.session.completed", page)
        return Outcome(Step.PAID)

    def refuse(self, session_id: str) -> Outcome:
        """The card's owner says no when the bank asks."""
        page = self._page(session_id)
        if page.data["status"] != CheckoutStatus.OPEN:
            is_done = page.data["status"] == CheckoutStatus.COMPLETE
            return Outcome(Step.PAID if is_done else Step.EXPIRED)
        return self._declined(page, REFUSED_BY_OWNER)

    # Payments

    def charge(self, asked: ChargeRequest) -> Intent:
        """Charge a saved card; a decline is kept with the payment, for whoever asks again under the same key."""
        made = self._again(asked.key, asked)
        if made is None:
            card = books.kept(self._work, asked.method_id)
            if card is None or not card.data["is_kept"] or card.data["customer_id"] != asked.customer_id:
                raise GatewayRefused("resource_missing")
            if asked.amount_minor < least_minor(asked.currency):
                raise GatewayRefused("amount_too_small")
            declined = card.data["later"]
            data = _new_intent(asked) | {
                "asked": _asked(asked),
                "customer_id": asked.customer_id,
                "method_id": card.id,
                "failure_code": declined or None,
            }
            if not declined:
                data |= {"status": IntentStatus.PAID.value, "captured_minor": asked.amount_minor}
            made = self._new("intent", "pi_sandbox", data, asked.key)
            self._tell(f"payment_intent.{'payment_failed' if declined else 'succeeded'}", made)
        return self.intent_of(made)

    def intent(self, intent_id: str) -> Intent:
        """How a payment stands."""
        return self.intent_of(self._payment(intent_id))

    def capture(self, intent_id: str, key: str) -> Intent:
        """Take what is reserved."""
        intent = self._payment(intent_id)
        self._called(key, intent_id)
        status = IntentStatus(intent.data["status"])
        if status is IntentStatus.UNFINISHED:
            raise GatewayRefused("payment_intent_unexpected_state")
        if status is IntentStatus.AUTHORISED:
            intent.data |= {"status": IntentStatus.PAID.value, "captured_minor": intent.data["amount_minor"]}
            books.change(self._work, intent)
            self._tell("payment_intent.succeeded", intent)
        return self.intent_of(intent)

    def release(self, intent_id: str, key: str) -> Intent:
        """Give back what is reserved."""
        intent = self._payment(intent_id)
        self._called(key, intent_id)
        status = IntentStatus(intent.data["status"])
        page = books.kept(self._work, intent.data["session_id"]) if intent.data["session_id"] else None
        if status is IntentStatus.UNFINISHED and page and page.data["status"] == CheckoutStatus.OPEN:
            raise GatewayRefused("payment_intent_unexpected_state")
        if status in (IntentStatus.AUTHORISED, IntentStatus.UNFINISHED):
            self._cancel(intent)
        return self.intent_of(intent)

    def refund(self, asked: RefundRequest) -> GatewayRefund:
        """Give back money that was taken, at once."""
        made = self._again(asked.key, asked)
        if made is None:
            intent = self._payment(asked.intent_id)
            left = intent.data["captured_minor"] - intent.data["refunded_minor"]
            if intent.data["status"] != IntentStatus.PAID:
                raise GatewayRefused("payment_intent_unexpected_state")
            if asked.amount_minor > left:
                raise GatewayRefused("amount_too_large" if left else "charge_already_refunded")
            if asked.amount_minor <= 0:
                raise GatewayRefused("parameter_invalid_integer")
            data = asdict(asked) | {"asked": _asked(asked), "status": RefundStatus.DONE.value}
            made = self._new("refund", "re_sandbox", data, asked.key)
            intent.data["refunded_minor"] += asked.amount_minor
            books.change(self._work, intent)
            self._tell("charge.refunded", intent)
            self._tell("refund.updated", made)
        return _refund(made)

    def refund_of(self, refund_id: str) -> GatewayRefund:
        """How a refund stands."""
        return _refund(self._need(refund_id, "refund"))

    def recent(self, since: datetime) -> list[Intent]:
        """Every payment made since then, newest first."""
        return [self.intent_of(self._lapsed(one)) for one in books.every(self._work, "intent", since=since)]

    # Customers and cards

    def open_customer(self, *, email: str, name: str, patient_id: int, key: str) -> str:
        """A customer, or the one made under this key."""
        asked = crypto.digest(json.dumps([email, name, patient_id]))
        made = self._again(key, asked)
        return made.id if made else self._customer(email, name, patient_id=patient_id, asked=asked, key=key)

    def forget_card(self, method_id: str) -> None:
        """Keep a card no longer."""
        card = books.kept(self._work, method_id)
        if card and card.kind == "card" and card.data["is_kept"]:
            card.data["is_kept"] = False
            books.change(self._work, card)
            self._tell("payment_method.detached", card)

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
            card=_card(card) if card else None,
        )

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
            card=_card(card) if card else None,
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
        if made and made.data["asked"] != _asked(asked):
            raise GatewayRefused("idempotency_error")
        return made

    def _called(self, key: str, about: str) -> None:
        """Remember that this key meant this object."""
        if self._again(key, about) is None:
            self._new("call", "call", {"asked": about}, key)

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

    def _payment(self, intent_id: str) -> Kept:
        return self._lapsed(self._need(intent_id, "intent"))

    def _lapsed(self, intent: Kept) -> Kept:
        """An authorisation that nobody took for a week is the bank's no more."""
        since = intent.data["authorised_at"]
        is_old = bool(since) and datetime.fromisoformat(since) + AUTHORISED_FOR <= self._work.now
        if is_old and intent.data["status"] == IntentStatus.AUTHORISED:
            self._cancel(intent)
        return intent

    def _cancel(self, intent: Kept) -> None:
        intent.data["status"] = IntentStatus.CANCELLED.value
        books.change(self._work, intent)
        self._tell("payment_intent.canceled", intent)

    def _intent_of(self, page: Kept) -> Kept:
        """The page's payment: made at the first attempt, the same for those after it."""
        if page.data["intent_id"]:
            return self._need(page.data["intent_id"], "intent")
        data = _new_intent(page.data) | {"session_id": page.id}
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

    def _customer(
        self, email: str, name: str, *, patient_id: int | None = None, asked: str = "", key: str | None = None
    ) -> str:
        data = {"email": email, "name": name, "patient_id": patient_id, "asked": asked}
        return self._new("customer", "cus_sandbox", data, key).id

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

    def _tell(self, kind: str, about: Kept) -> None:
        event = {"event_id": f"evt_sandbox_{ids.nonce()}", "type": kind, "object_id": about.id}
        self.events.append(event | {"occurred": int(self._work.now.timestamp())})


def _asked(asked: object) -> str:
    """What was asked for, so that asking otherwise under the same key is found out."""
    if isinstance(asked, str):
        return asked
    return crypto.digest(json.dumps(asdict(asked), default=str, sort_keys=True))  # type: ignore[call-overload]


def _new_intent(asked: ChargeRequest | dict[str, Any]) -> dict[str, Any]:
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


def _card(kept: Kept) -> GatewayCard:
    names = ("customer_id", "fingerprint", "brand", "last_four", "exp_month", "exp_year")
    return GatewayCard(method_id=kept.id, **{name: kept.data[name] for name in names})


def _refund(kept: Kept) -> GatewayRefund:
    data = kept.data
    return GatewayRefund(
        kept.id, data["intent_id"], data["amount_minor"], RefundStatus(data["status"]), data["refund_id"]
    )

"""The sandbox gateway's hosted page: looks and behaves like a checkout, and takes the published test cards alone (B7).

Whatever else is typed as a number is dropped where it is read: it is neither kept, logged, shown again nor measured.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from clinic_portal.bootstrap import gateway, services
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.integrations.sandbox.cards import PUBLISHED, PublishedCard, published
from clinic_portal.integrations.sandbox.gateway import Outcome, SandboxGateway, Step
from clinic_portal.payments.ports import CheckoutStatus, GatewayCard, GatewayRefused
from clinic_portal.payments.types import Purpose
from clinic_portal.web.gate import DEMO, access
from clinic_portal.web.http import forms, plain

_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    (files("clinic_portal.web.http") / "sandbox_pay.html.jinja").read_text()
)
_BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express"}
_EXPIRY = re.compile(r"(\d{2}) ?[/-]? ?(\d{4}|\d{2})", re.ASCII)
_TITLES = {
    Purpose.HOLD: "Confirm your card",
    Purpose.DEPOSIT: "Pay your deposit",
    Purpose.CARD: "Add a card",
    Purpose.PACKAGE: "Pay for your package",
}
TEST_CARDS_ONLY = (
    "This is a rehearsal: please type no card of your own here. What you typed was not kept and not sent anywhere. "
    "Use one of the test cards on this page."
)
DECLINES = {
    "card_declined": ("number", "Your card was declined. Try another one."),
    "insufficient_funds": ("number", "There is not enough money on this card. Try another one."),
    "expired_card": ("expiry", "Your card has expired. Try another one."),
    "incorrect_cvc": ("cvc", "The security code is not right for this card."),
    "lost_card": ("number", "Your card was declined, and will not be taken again. Use another one."),
    "payment_intent_authentication_failure": (
        "number",
        "Your bank did not hear a yes from you. Try again, or use another card.",
    ),
}


@dataclass(slots=True)
class Typed:
    """What stands in the fields: never a number that is no test card, never a security code that was sent."""

    number: str = ""
    expiry: str = ""
    cvc: str = ""
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@access(DEMO)
async def show(request: Request) -> Response:
    """The page as it stands; with `?card=n` the n-th test card is filled in."""
    return await _answer(request, _filled(request.query_params.get("card", "")))


@access(DEMO)
async def pay(request: Request) -> Response:
    """A card was typed or chosen, or the bank's question answered."""
    sent = await forms.fields(request, "act", "number", "expiry", "cvc", "name", "method")
    page_id = request.path_params["session_id"]
    its = _gateway()
    if its is None:
        return _unknown()
    try:
        if sent["act"] == "refuse":
            outcome = await asyncio.to_thread(its.refuse_authentication, page_id)
            typed, hidden = Typed(name=sent["name"]), {}
        elif sent["method"]:
            is_yes = sent["act"] == "approve"
            outcome = await asyncio.to_thread(its.pay_with_saved, page_id, sent["method"], authenticated=is_yes)
            typed, hidden = Typed(), {"method": sent["method"]}
        else:
            typed = _read(sent, services().clock.now())
            if typed.errors:
                return await _answer(request, typed)
            outcome = await _pay_typed(its, page_id, typed, is_yes=sent["act"] == "approve")
            hidden = {"number": typed.number, "expiry": typed.expiry, "name": typed.name}
    except GatewayRefused:
        return _unknown()
    return await _after(request, outcome, typed, hidden)


async def _pay_typed(its: SandboxGateway, page_id: str, typed: Typed, *, is_yes: bool) -> Outcome:
    month, year = _expiry(typed.expiry) or (0, 0)
    return await asyncio.to_thread(its.pay, page_id, typed.number, authenticated=is_yes, exp_month=month, exp_year=year)


async def _after(request: Request, outcome: Outcome, typed: Typed, hidden: dict[str, str]) -> Response:
    """Back to the clinic; or the bank's question; or the page again, which says what was wrong."""
    if outcome.step is Step.PAID:
        its, page_id = _gateway(), request.path_params["session_id"]
        assert its is not None
        page = await asyncio.to_thread(its.page, page_id)
        return forms.go(_back(page, page_id))
    if outcome.step is Step.ASKS:
        return await _answer(request, typed, asks=hidden)
    if outcome.step is Step.DECLINED:
        where, sentence = DECLINES.get(outcome.code or "", DECLINES["card_declined"])
        typed.errors = {where: sentence}
        typed.cvc = ""
    return await _answer(request, typed)


def _read(sent: dict[str, str], now: datetime) -> Typed:
    """What was typed, once it is sure that the number is a test card's: else nothing of the card is looked at."""
    card = published(sent["number"])
    if card is None:
        told = TEST_CARDS_ONLY if sent["number"].strip() else "Type the number of a test card."
        return Typed(name=sent["name"], errors={"number": told})
    typed = Typed(card.spaced, sent["expiry"], name=sent["name"])
    expiry = _expiry(sent["expiry"])
    if expiry is None:
        typed.errors["expiry"] = "Type month and year, such as 04 / 30."
    elif (expiry[1], expiry[0]) < (now.year, now.month):
        typed.errors["expiry"] = "This date has passed."
    digits = 4 if card.brand == "amex" else 3
    is_right = sent["act"] == "approve" or re.fullmatch(rf"\d{{{digits}}}", sent["cvc"].strip(), re.ASCII)
    if not is_right:
        typed.errors["cvc"] = f"Type {'four' if digits == 4 else 'three'} digits."
    return typed


def _expiry(typed: str) -> tuple[int, int] | None:
    found = _EXPIRY.fullmatch(typed.strip())
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    return int(found[1]), int(found[2]) + (2000 if len(found[2]) == 2 else 0)


def _filled(chosen: str) -> Typed:
    """The fields with a test card in them, as a link of the page asked for it."""
    number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 3 else 0
    if not 1 <= number <= len(PUBLISHED):
        return Typed()
    card = PUBLISHED[number - 1]
    year = (services().clock.now().year + 4) % 100
    return Typed(card.spaced, f"12 / {year:02}", "1234" if card.brand == "amex" else "123", "Test Card")


async def _answer(request: Request, typed: Typed, asks: dict[str, str] | None = None) -> Response:
    """The page with what is typed and wrong, the bank's question over it, or the word that it has ended or is done."""
    its, page_id = _gateway(), request.path_params["session_id"]
    if its is None:
        return _unknown()
    try:
        page = await asyncio.to_thread(its.page, page_id)
        saved = await asyncio.to_thread(its.saved_cards, page_id)
    except GatewayRefused:
        return _unknown()
    clinic = (await forms.ask(catalogue)).clinic
    purpose, status = Purpose(page["purpose"]), CheckoutStatus(page["status"])
    money = "" if purpose is Purpose.CARD else wording.money(page["amount_minor"], page["currency"], page["language"])
    told = _PAGE.render(
        clinic=clinic.name,
        title=_TITLES.get(purpose, "Pay the fee"),
        purpose=purpose.value,
        reference_is="Receipt" if purpose is Purpose.PACKAGE else "Visit",
        status=status.value,
        page=page,
        money=money,
        act={Purpose.HOLD: "Confirm card", Purpose.CARD: "Save card"}.get(purpose, f"Pay {money}"),
        back=_back(page, page_id),
        here=f"/sandbox/pay/{page_id}",
        saved=[(one.method_id, _called(one)) for one in saved],
        cards=[(number, card, _BRANDS[card.brand]) for number, card in enumerate(PUBLISHED, 1)],
        typed=typed,
        asks=asks,
        bank_card=_ending(asks, saved),
    )
    headers = {"content-security-policy": _POLICY, "x-robots-tag": "noindex"}
    return HTMLResponse(told, 422 if typed.errors else 200, headers)


def _called(card: GatewayCard) -> str:
    return f"{_BRANDS[card.brand]} ending in {card.last_four}, until {card.exp_month:02} / {card.exp_year % 100:02}"


def _ending(asks: dict[str, str] | None, saved: list[GatewayCard]) -> str:
    if not asks:
        return ""
    known: PublishedCard | None = published(asks.get("number", ""))
    ends = known.number[-4:] if known else next((one.last_four for one in saved if one.method_id == asks["method"]), "")
    return f"ending in {ends}"


def _back(page: dict[str, Any], page_id: str) -> str:
    return str(page["back_url"]).replace("{CHECKOUT_SESSION_ID}", page_id)


def _gateway() -> SandboxGateway | None:
    found = gateway(services())
    return found if isinstance(found, SandboxGateway) else None


def _unknown() -> Response:
    return plain.page("There is no such page", "Nothing was charged.", onward=("To the front page", "/"), status=404)

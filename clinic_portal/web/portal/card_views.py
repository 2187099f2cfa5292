"""What pages show of cards on file, as words. Values in, view values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.booking.on_file import CardOnFile, Kept
from clinic_portal.core import wording
from clinic_portal.payments import rules
from clinic_portal.payments.types import CardInfo
from clinic_portal.web.problems import Problem

_BRANDS = {
    "visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover",
    "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay", "eftpos_au": "eftpos", "link": "Link",
    "cartes_bancaires": "Cartes Bancaires",
}  # fmt: skip
_SHORT = {
    "visa": "VISA", "amex": "AMEX", "mastercard": "MC", "discover": "DISC", "jcb": "JCB", "unionpay": "UP",
    "diners": "DC", "cartes_bancaires": "CB", "link": "LINK", "eftpos_au": "EFT",
}  # fmt: skip


@dataclass
class CardView:
    """A card in a list. `state` is empty, `soon` or `over`."""

    id: int
    sign: str
    name: str
    until: str
    state: str
    is_default: bool
    why_kept: str = ""


def card(found: CardOnFile, now: datetime, language: str) -> CardView:
    """A card as its owner sees it."""
    shown = bare(found.card, now)
    shown.why_kept = _why(found.kept, language) if found.kept else ""
    return shown


def bare(found: CardInfo, now: datetime) -> CardView:
    """A card as staff see it: what it is, and until when."""
    is_over = rules.is_card_over(found.exp_month, found.exp_year, now)
    is_ending = rules.is_card_ending(found.exp_month, found.exp_year, now)
    until = f"{found.exp_month:02} / {found.exp_year}"
    return CardView(
        id=found.id,
        sign=_SHORT.get(found.brand, "CARD"),
        name=named(found),
        until=f"Expired {until}" if is_over else f"Expires {until}",
        state="over" if is_over else "soon" if is_ending else "",
        is_default=found.is_default,
    )


def named(found: CardInfo) -> str:
    """`Visa ending in 4242`."""
    return f"{_BRANDS.get(found.brand, 'Card')} ending in {found.last_four}"


def _why(kept: Kept, language: str) -> str:
    on = wording.day(kept.on, "UTC", language) if kept.on else ""
    return Problem.of(kept.code, on=on).sentence

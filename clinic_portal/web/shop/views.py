"""Packages as pages show them: values in, words out. No State, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clinic_portal.booking.selling import Standing
from clinic_portal.clinic.types import Catalogue
from clinic_portal.core import wording
from clinic_portal.packages import words
from clinic_portal.packages.types import Offer
from clinic_portal.payments.types import PaymentInfo
from clinic_portal.web.booking.views import price


@dataclass
class OfferView:
    """A package on a card."""

    id: int = 0
    revision: int = 0
    name: str = ""
    about: str = ""
    what: str = ""
    price: str = ""
    each: str = ""
    single: str = ""  # what as many single treatments cost, where that is one sum and more
    saves: str = ""
    holds: str = ""


@dataclass
class MineView:
    """A package a patient has bought."""

    name: str
    told: str
    href: str


def mine(of: PaymentInfo, one: Standing, zone: str, language: str, *, shows_left: bool) -> MineView:
    """A package of the patient's: when it was bought, and, where the wallet is shown, what is left of it."""
    on = wording.day(one.lot.granted_at, zone, language, length="medium")
    until = words.last_day(one.lot.expires_at, zone, language, length="medium")
    parts = [
        words.what(one.sold.count, one.sold.what),
        f"bought {on}",
        f"{one.left + one.reserved} of {one.sold.count} left" if shows_left else "",
        f"use by {until}" if until and one.left else "",
    ]
    told = " · ".join(part for part in parts if part)
    return MineView(one.sold.name, told, f"/portal/receipt?id={of.id}")


def card(clinic: Catalogue, one: Offer) -> OfferView:
    """A package that can be bought."""
    info, language = one.package, clinic.clinic.language
    is_one_sum = one.saves_least_minor == one.saves_most_minor > 0
    each = price(clinic, info.price_minor // info.count, info.currency)
    return OfferView(
        id=info.id,
        revision=info.revision,
        name=info.name,
        about=info.description,
        what=in_it(info.count, one.what, is_any=info.category_id is not None),
        price=price(clinic, info.price_minor, info.currency),
        each=f"{each} a treatment" if info.price_minor % info.count == 0 and info.count > 1 else "",
        single=price(clinic, info.price_minor + one.saves_least_minor, info.currency) if is_one_sum else "",
        saves=words.saves(one.saves_least_minor, one.saves_most_minor, info.currency, language).replace(".00", ""),
        holds=words.holds(info.valid_days),
    )


def bought(clinic: Catalogue, one: Standing, zone: str, language: str) -> OfferView:
    """A package that was bought."""
    sold = one.sold
    until = words.last_day(one.lot.expires_at, zone, language)
    return OfferView(
        name=sold.name,
        what=in_it(sold.count, sold.what, is_any=sold.category_id is not None),
        price=price(clinic, sold.price_minor, sold.currency),
        holds=f"Use by {until}" if until else words.holds(None),
    )


def in_it(count: int, what: str, *, is_any: bool) -> str:
    """What is in a package, as a line."""
    return words.what(count, words.anything(what) if is_any else what)


def details(told: Mapping[str, str]) -> dict[str, str]:
    """What a form of a buyer holds, as it was typed."""
    return {name: told.get(name, "") for name in FIELDS}


FIELDS = ("given_name", "family_name", "email", "phone")

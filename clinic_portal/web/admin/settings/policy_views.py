"""Policies as their page shows them: values in, words out. No State, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from babel.numbers import get_currency_precision

from clinic_portal.booking import rules, telling
from clinic_portal.clinic import policy_rules
from clinic_portal.clinic.sheets import PolicySheet
from clinic_portal.clinic.types import Catalogue, PolicyInfo, ServiceInfo
from clinic_portal.core import wording
from clinic_portal.core.errors import Unusable
from clinic_portal.web.admin.base import zone_of

FIELDS = ("text", "card_text", "free_hours", "late_kind", "late", "missed_kind", "missed")
FEES = {"fee_percent": "late", "fee_minor": "late", "noshow_fee_percent": "missed", "noshow_fee_minor": "missed"}
"""Which field of the page a fault of a fee stands beside."""
PERCENT, AMOUNT, SAME = "percent", "amount", "same"
EXAMPLE_HOUR = time(10, 30)
NEW = {
    "text": "", "card_text": "", "free_hours": "24", "late_kind": PERCENT, "late": "50", "missed_kind": SAME,
    "missed": "",
}  # fmt: skip


@dataclass
class Preview:
    """How a patient reads a policy: for which visit, what it costs, the text, what the card is for."""

    example: str = ""
    terms: str = ""
    text: str = ""
    card_text: str = ""


@dataclass
class VersionView:
    """A version of a policy."""

    title: str
    terms: str
    text: str
    card_text: str
    is_in_force: bool


@dataclass
class SpecialView:
    """A service that differs: in its policy, or by a deposit."""

    id: int
    name: str
    policy: str
    deposit: str
    has_own: bool


def shown(policy: PolicyInfo | PolicySheet | None) -> dict[str, str]:
    """A policy as the fields of the page; a good beginning without one."""
    if policy is None:
        return dict(NEW)
    late_kind, late = _fee(policy.fee_minor, policy.fee_percent, policy.currency)
    missed_kind, missed = _fee(policy.noshow_fee_minor, policy.noshow_fee_percent, policy.currency)
    return {
        "text": policy.text,
        "card_text": policy.card_text,
        "free_hours": str(policy.free_hours),
        "late_kind": late_kind or PERCENT,
        "late": late,
        "missed_kind": missed_kind or SAME,
        "missed": missed,
    }


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """The fields of the page as the domain reads them."""
    told = {name: form[name] for name in ("text", "card_text", "free_hours")}
    for kind, value, prefix in (("late_kind", "late", ""), ("missed_kind", "missed", "noshow_")):
        if form[kind] in (PERCENT, AMOUNT):
            told[f"{prefix}fee_{'percent' if form[kind] == PERCENT else 'minor'}"] = form[value]
    return told


def amount(minor: int, currency: str) -> str:
    """An amount as it is typed."""
    return str(Decimal(minor).scaleb(-get_currency_precision(currency)))


def card_text(clinic: Catalogue, form: Mapping[str, str]) -> str:
    """The words for the card that follow from the numbers; empty while the numbers are none."""
    values = _values(clinic, form)
    return policy_rules.card_text(values, clinic.clinic.currency, clinic.clinic.language) if values else ""


def preview(clinic: Catalogue, form: Mapping[str, str], service_id: int, now: datetime) -> Preview:
    """What a patient would read for a visit long enough ahead; nothing while the numbers are none."""
    values, service = _values(clinic, form), _example(clinic, service_id)
    if not values or service is None:
        return Preview()
    info, zone = clinic.clinic, zone_of(clinic)
    policy = PolicyInfo(id=0, version=0, service_id=None, currency=info.currency, **values)
    day = (now + timedelta(days=3, hours=policy.free_hours)).astimezone(zone).date()
    start_at = datetime.combine(day, EXAMPLE_HOUR, zone)
    told = telling.terms(
        policy,
        start_at=start_at,
        zone=str(zone),
        covered_minor=service.price_minor,
        currency=info.currency,
        language=info.language,
        now=now,
    )
    when = wording.moment(start_at, str(zone), info.language, length="short")
    price = wording.money(service.price_minor, info.currency, info.language)
    words = form["card_text"].strip() or card_text(clinic, form)
    return Preview(f"{service.name}, {price}, {when}", told.sentence, form["text"].strip(), words)


def versions(clinic: Catalogue, found: Iterable[PolicySheet], names: Mapping[int, str]) -> list[VersionView]:
    """Every version, the newest first; `names` are all services' by id."""
    zone, language = str(zone_of(clinic)), clinic.clinic.language
    return [
        VersionView(
            f"Version {one.version} · {names.get(one.service_id, '') if one.service_id else 'Every service'} · "
            + wording.day(one.published_at, zone, language, length="medium"),
            terms_line(one, language),
            one.text,
            one.card_text,
            one.is_in_force,
        )
        for one in found
    ]


def terms_line(one: PolicyInfo | PolicySheet, language: str) -> str:
    """The numbers of a policy on one line."""
    late = _fee_words(one.fee_minor, one.fee_percent, one.currency, language)
    missed = _fee_words(one.noshow_fee_minor, one.noshow_fee_percent, one.currency, language)
    free = "Free until it begins" if not one.free_hours else f"Free until {one.free_hours} hours before"
    costs = f"{free}; then {late}" if late else free
    return f"{costs}. Missed: {missed or 'the same'}."


def specials(clinic: Catalogue) -> list[SpecialView]:
    """The services that have a rule, a policy or a deposit of their own."""
    return [
        SpecialView(one.id, one.name, _policy_words(clinic, one), deposit(clinic, one), one.policy_rule == "own")
        for one in clinic.services.values()
        if one.policy_rule != "clinic" or rules.deposit_minor([one])
    ]


def deposit(clinic: Catalogue, one: ServiceInfo) -> str:
    """What is paid when a service is booked, in words; empty for nothing."""
    minor = rules.deposit_minor([one])
    told = wording.money(minor, clinic.clinic.currency, clinic.clinic.language)
    return "" if not minor else told if one.deposit_percent is None else f"{one.deposit_percent}%: {told}"


def _policy_words(clinic: Catalogue, one: ServiceInfo) -> str:
    own = clinic.own_policies.get(one.id)
    if one.policy_rule == "own" and own:
        return f"Its own. {terms_line(own, clinic.clinic.language)}"
    return "None: nothing is charged" if one.policy_rule == "none" else "The clinic’s policy"


def _values(clinic: Catalogue, form: Mapping[str, str]) -> dict[str, object] | None:
    """What is typed, as values; the text may still be missing."""
    try:
        return policy_rules.policy(typed({**form, "text": form["text"].strip() or "…"}), clinic.clinic.currency)
    except Unusable:
        return None


def _example(clinic: Catalogue, service_id: int) -> ServiceInfo | None:
    """The service itself, or the first with a price that the clinic's policy holds for."""
    if service_id:
        return clinic.services.get(service_id)
    priced = [one for one in clinic.services.values() if one.price_minor]
    return next((one for one in priced if one.policy_rule == "clinic"), priced[0] if priced else None)


def _fee(minor: int | None, percent: int | None, currency: str) -> tuple[str, str]:
    if minor is not None:
        return AMOUNT, amount(minor, currency)
    return (PERCENT, str(percent)) if percent is not None else ("", "")


def _fee_words(minor: int | None, percent: int | None, currency: str, language: str) -> str:
    if minor is None and percent is None:
        return ""
    if not minor and not percent:
        return "nothing"
    return wording.money(minor, currency, language) if minor is not None else f"{percent}% of the price"

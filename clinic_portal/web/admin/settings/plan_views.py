"""Membership plans as their settings page shows them: values in, words out. No State, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clinic_portal.clinic.types import Catalogue
from clinic_portal.core.errors import Unusable
from clinic_portal.forms.types import FormInfo
from clinic_portal.memberships import editing_rules as rules
from clinic_portal.memberships import words
from clinic_portal.memberships.plan_types import Brings, PlanInfo
from clinic_portal.memberships.sheets import PlanSheet
from clinic_portal.web.admin.settings.policy_views import amount
from clinic_portal.web.memberships.cards import PlanCard, plan_card

NEW = {"period": "month", "is_banked": "yes"}
_STAND_INS = {"name": "Your plan", "period": "month"}
NO_FEE = "—"


@dataclass
class PlanRow:
    """A plan in the list. `state`: offered, off, or stuck (offered, and yet nobody can join)."""

    id: int
    name: str
    terms: str
    members: str
    state: str
    told: str


def row(one: PlanSheet, language: str) -> PlanRow:
    """A plan in the list."""
    plan = _info(one.id, one.name, one.description, _terms(one), ())
    state = "off" if not one.is_active else "offered" if one.is_agreement_fit else "stuck"
    told = {
        "off": "Not on offer",
        "offered": "On offer",
        "stuck": "Nobody can join: its agreement is not published any more",
    }[state]
    costs = ", ".join(filter(None, [words.fee(plan, language), words.to_join(plan, language), words.discount(plan)]))
    return PlanRow(one.id, one.name, costs, members(one.members), state, told)


def members(count: int) -> str:
    """How many are on it."""
    return "No members yet" if not count else "1 member" if count == 1 else f"{count} members"


def form(one: PlanSheet | None) -> dict[str, str]:
    """A plan as the fields of the page; a good beginning without one."""
    if one is None:
        return dict.fromkeys(rules.names(), "") | NEW
    shown = dict.fromkeys(rules.names(), "") | {
        "name": one.name,
        "description": one.description,
        "agreement_id": str(one.agreement_id or ""),
        "period": one.period,
        "fee": amount(one.fee_minor, one.currency),
        "setup_fee": amount(one.setup_fee_minor, one.currency) if one.setup_fee_minor else "",
        "discount": str(one.discount_percent) if one.discount_percent else "",
        "is_banked": "yes" if one.is_banked else "",
    }
    for n, brought in enumerate(one.brings[: rules.ROWS]):
        what, count = _typed(brought, one.currency)
        shown |= {f"what_{n}": what, f"count_{n}": count, f"called_{n}": str(brought.get("product", ""))}
    return shown


def rows_shown(shown: Mapping[str, str]) -> int:
    """How many rows of what a plan brings are drawn: those that say something, at least one."""
    told = [n for n in range(rules.ROWS) if shown.get(f"what_{n}")]
    return max([n + 1 for n in told] or [1])


def whats(clinic: Catalogue) -> list[list[str]]:
    """What a plan may bring, as choices."""
    categories = [[f"category:{one.id}", f"Any of {one.name}"] for one in clinic.categories.values()]
    services = [[f"service:{one.id}", one.name] for one in clinic.services.values()]
    return [["", "Choose…"], ["credit", "Credit in money"], ["product", "A product"], *categories, *services]


def agreements(fit: list[FormInfo], one: PlanSheet | None) -> list[list[str]]:
    """The consents that can be its agreement; the one it has, though it may be published no more."""
    told = [[str(form.id), form.title] for form in fit]
    if one is not None and one.agreement_id and not any(str(one.agreement_id) == key for key, _ in told):
        told.append([str(one.agreement_id), f"{one.agreement or 'A form'} (not published)"])
    return [["", "None yet"], *told]


def preview(clinic: Catalogue, typed: Mapping[str, str]) -> PlanCard:
    """The public card, as far as what was typed makes sense."""
    told, is_free = dict(typed), False
    for _ in range(2):
        try:
            values = rules.plan(told, clinic.clinic.currency)
            break
        except Unusable as refusal:
            for fault in refusal.faults:
                field = fault.field.replace("count_", "what_").replace("called_", "what_")
                told[field] = _STAND_INS.get(field, "")
                if field == "fee":
                    told[field], is_free = "1000", True
    else:
        return PlanCard()
    plan = _info(0, values["name"], values["description"], values, _named(clinic, values["brings"]))
    card = plan_card(plan, clinic.clinic.language)
    if is_free:
        card.fee, card.payments = NO_FEE, ""
    return card


def stays(clinic: Catalogue, one: PlanSheet | None, typed: Mapping[str, str]) -> str:
    """Who keeps the old terms if this is saved; empty where nobody is concerned."""
    if one is None or not one.members:
        return ""
    try:
        values = rules.plan(typed, clinic.clinic.currency)
    except Unusable:
        return ""
    if all(values[name] == _terms(one)[name] for name in rules.TERMS):
        return ""
    who = "1 member stays" if one.members == 1 else f"{one.members} members stay"
    return f"{who} on the terms they signed. What you save here is for whoever joins, or changes to it, from now on."


def _terms(one: PlanSheet) -> dict[str, Any]:
    return {name: getattr(one, name) for name in rules.TERMS} | {"brings": list(one.brings)}


def _info(plan_id: int, name: str, description: str, terms: Mapping[str, Any], brings: tuple[Brings, ...]) -> PlanInfo:
    plain = {part: terms[part] for part in rules.TERMS if part != "brings"}
    return PlanInfo(
        id=plan_id,
        version_id=0,
        version=0,
        name=name,
        description=description,
        agreement_id=None,
        brings=brings,
        is_active=False,
        **plain,
    )


def _named(clinic: Catalogue, brings: list[dict[str, Any]]) -> tuple[Brings, ...]:
    found = []
    for one in brings:
        service, category = (
            clinic.services.get(one.get("service_id", 0)),
            clinic.categories.get(one.get("category_id", 0)),
        )
        name = service.name if service else category.name if category else one.get("product", "")
        found.append(Brings(name=name, **one))
    return tuple(found)


def _typed(brought: Mapping[str, Any], currency: str) -> tuple[str, str]:
    if "credit_minor" in brought:
        return "credit", amount(brought["credit_minor"], currency)
    count = str(brought["count"])
    if "product" in brought:
        return "product", count
    kind = "service" if "service_id" in brought else "category"
    return f"{kind}:{brought[f'{kind}_id']}", count

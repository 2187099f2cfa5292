"""A membership plan in plain words: what it costs, what comes first, what it brings. Pure."""

from clinic_portal.core import wording
from clinic_portal.memberships.plan_types import Brings, PlanInfo


def amount(minor: int, currency: str, language: str) -> str:
    """Money, whole amounts without the zeros: `$99`, `$99.50`."""
    return wording.money(minor, currency, language).removesuffix(".00")


def fee(plan: PlanInfo, language: str) -> str:
    """`$99 a month`."""
    return f"{amount(plan.fee_minor, plan.currency, language)} a {plan.period}"


def to_join(plan: PlanInfo, language: str) -> str:
    """What joining costs beside the fee; empty for nothing."""
    if not plan.setup_fee_minor:
        return ""
    return f"{amount(plan.setup_fee_minor, plan.currency, language)} once, to join"


def payments(plan: PlanInfo, language: str) -> str:
    """What is paid first and then: `First payment $149, then $99 a month.`"""
    first = amount(plan.fee_minor + plan.setup_fee_minor, plan.currency, language)
    return f"First payment {first}, then {fee(plan, language)}."


def discount(plan: PlanInfo) -> str:
    """What members pay less; empty for nothing."""
    return f"{plan.discount_percent}% off every treatment" if plan.discount_percent else ""


def thing(one: Brings, currency: str, language: str) -> str:
    """One thing that a period brings: how many of what, or `$25 in credit`."""
    if one.credit_minor:
        return f"{amount(one.credit_minor * one.count, currency, language)} in credit"
    if one.category_id is not None:
        return f"{one.count} × any of {one.name}"
    return f"{one.count} × {one.name}"


def things(plan: PlanInfo, language: str) -> list[str]:
    """What each period brings."""
    return [f"{thing(one, plan.currency, language)} each {plan.period}" for one in plan.brings]


def keeps(plan: PlanInfo) -> str:
    """What becomes of what is not used within a period; empty where a period brings nothing."""
    if not plan.brings:
        return ""
    if plan.is_banked:
        return f"What you do not use in a {plan.period} stays yours for later."
    return f"To be used within its {plan.period}; it does not carry over."

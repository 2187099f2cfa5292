"""The forms by which staff put something into a wallet or take it out: which fields each has, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clinic_portal.clinic.types import Catalogue
from clinic_portal.wallet import rules
from clinic_portal.web.components.fields import FieldView, focused

CREDIT, TREATMENT, PRODUCT, TAKE, ITEM, HAND = "credit", "treatment", "product", "take", "item", "hand"
STEPS = (CREDIT, TREATMENT, PRODUCT, TAKE)
NAMES = ("what", "amount", "currency", "count", "product", "each", "until", "how", "reason")
HOW = [[rules.GIFT, "A gift from us"], [rules.ADDED, "To put something right"]]
DONE = {
    CREDIT: "Credit added",
    TREATMENT: "Added to the wallet",
    PRODUCT: "Added to the wallet",
    TAKE: "Credit taken out",
    ITEM: "Taken out",
    HAND: "Handed over",
}
_TITLES = {CREDIT: "Give credit", TREATMENT: "Give treatments", PRODUCT: "Give a product", TAKE: "Take credit out"}


def title(step: str, name: str) -> str:
    """What a form is about; `name` is what is taken or handed over."""
    if step == ITEM:
        return f"Take out: {name}"
    return f"Hand over one {name}?" if step == HAND else _TITLES[step]


def fields_of(
    step: str, clinic: Catalogue, currencies: Sequence[str], typed: Mapping[str, str], errors: Mapping[str, str]
) -> list[FieldView]:
    """The fields of a form, with what was typed and what is wrong with it."""
    code = clinic.clinic.currency
    until = FieldView("until", "Good until (with that day)", kind="date", hint="Leave empty for no end.")
    why = "Kept with it, for staff. Patients do not read it."
    reason = FieldView("reason", "Why", kind="text", hint=why)
    how = FieldView("how", "What it is", "gift", "choice", choices=HOW)
    count = FieldView("count", "How many", "1", "number")
    money = FieldView("amount", f"Amount, {code}", kind="text")
    which = FieldView("currency", "Currency", kind="choice", choices=[[one, one] for one in currencies])
    shown = {
        CREDIT: [money, until, how, reason],
        TREATMENT: [FieldView("what", "Which", kind="choice", choices=_offers(clinic)), count, until, how, reason],
        PRODUCT: [
            FieldView("product", "What it is called", kind="text"),
            count,
            FieldView("each", f"What one is worth, {code}", kind="text", hint="For what the clinic owes in all."),
            until,
            how,
            reason,
        ],
        TAKE: [*([which] if len(currencies) > 1 else []), FieldView("amount", "Amount", kind="text"), reason],
        ITEM: [count, reason],
        HAND: [],
    }[step]
    for one in shown:
        one.value, one.error = typed.get(one.name, one.value), errors.get(one.name, "")
    if "what" in errors and not any(one.error for one in shown):
        shown[0].error = errors["what"]
    return focused(shown)


def given(step: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed into a form, as giving takes it."""
    fixed = {CREDIT: {"what": rules.CREDIT}, PRODUCT: {"what": rules.PRODUCT}}.get(step, {})
    return {**typed, **fixed}


def _offers(clinic: Catalogue) -> list[list[str]]:
    """Every service, then any of a category."""
    services = [[f"{rules.SERVICE}:{one.id}", one.name] for one in clinic.services.values()]
    shelves = {one.category_id for one in clinic.services.values()}
    any_of = [
        [f"{rules.CATEGORY}:{one.id}", f"Any of {one.name}"] for one in clinic.categories.values() if one.id in shelves
    ]
    return services + any_of

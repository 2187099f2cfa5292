"""A visit's bill in words: the same ones at the desk, in the portal and on paper. Values in, words out."""

from clinic_portal.booking.bills import Bill, DoneLine, Sums
from clinic_portal.core import wording
from clinic_portal.wallet.types import Origin

ORIGINS = {
    Origin.PACKAGE: "package",
    Origin.MEMBERSHIP: "membership",
    Origin.GIFT: "gift",
    Origin.STAFF: "wallet",
}
HOW = {"card": "by card", "cash": "in cash", "other": ""}
BACK_TO = {"card": "goes back to the card", "wallet": "becomes credit"}


def paid_with(one: DoneLine) -> str:
    """With what of the wallet a line was paid: `Paid with your package: 1 Hydrating facial`; else empty."""
    return f"Paid with your {ORIGINS[one.origin]}: 1 {one.item}" if one.origin is not None else ""


def parts(sums: Sums, currency: str, language: str, *, how: str = "", is_done: bool = True) -> list[tuple[str, str]]:
    """What pays the total, each part with its amount; what pays nothing is left out."""
    desk = f"Paid at the clinic {HOW.get(how, '')}".strip() if is_done else "To be paid at the clinic"
    told = (
        ("Prepaid treatments", sums.items_minor),
        ("Deposit used", sums.deposit_minor),
        ("Credit used", sums.credit_minor),
        (desk, sums.desk_minor),
    )
    return [(what, wording.money(minor, currency, language)) for what, minor in told if minor]


def went_back(bill: Bill, language: str) -> str:
    """What became of the rest of the deposit, as a sentence; empty where nothing was left."""
    if not bill.sums.back_minor:
        return ""
    amount = wording.money(bill.sums.back_minor, bill.currency, language)
    return f"{amount} of the deposit was left over and {BACK_TO[bill.back_to]}."

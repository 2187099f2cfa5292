"""What happened to a wallet in plain words, for its patient and for staff (S33)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clinic_portal.wallet.telling import Names, line
from clinic_portal.wallet.types import ITEM, Account, EntryInfo, EntryKind, LotInfo, Origin

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
LOT = LotInfo(
    7, 1, Origin.PACKAGE, "Hydrating facial", 2, None, "", ITEM, 6, 5, 1, 48000, "USD", None, NOW, None
)  # fmt: skip
NAMES = Names({7: LOT}, {4: "Fri, Dec 4, 2026"}, "Lumen", "en")
ONE = EntryInfo(
    1, EntryKind.GIFT, Account.CREDIT, None, None, None, None, 5000, "USD", "For her birthday", "staff:1", NOW
)
pytestmark = pytest.mark.req("S33")


def money(kind: EntryKind, minor: int, *, visit: int | None = None, account: Account = Account.CREDIT) -> EntryInfo:
    return replace(ONE, kind=kind, amount=minor, visit_id=visit, account=account)


def item(kind: EntryKind, count: int, *, visit: int | None = None, account: Account = Account.ITEMS) -> EntryInfo:
    return replace(ONE, kind=kind, amount=count, unit=ITEM, lot_id=7, visit_id=visit, account=account)


KEPT = (item(EntryKind.RESERVED, -1, visit=4), item(EntryKind.RESERVED, 1, visit=4, account=Account.RESERVED))
FREED = (item(EntryKind.FREED, -1, visit=4, account=Account.RESERVED), item(EntryKind.FREED, 1, visit=4))
CREDITED = (
    money(EntryKind.TO_CREDIT, -5000, visit=4, account=Account.DEPOSIT),
    money(EntryKind.TO_CREDIT, 5000, visit=4),
)


@pytest.mark.parametrize(
    ("entry", "what", "amount"),
    [
        ((ONE,), "A gift from Lumen", "+$50.00"),
        ((money(EntryKind.ADDED, 5000),), "Added by Lumen", "+$50.00"),
        ((money(EntryKind.TAKEN, -5000),), "Taken out by Lumen", "−$50.00"),
        ((money(EntryKind.DEPOSIT, 5000, visit=4),), "Deposit, kept for your visit on Fri, Dec 4, 2026", "+$50.00"),
        (CREDITED, "The deposit for your visit on Fri, Dec 4, 2026 became credit", "$50.00"),
        ((money(EntryKind.RETURNED, 100),), "Given back to you as credit", "+$1.00"),
        ((money(EntryKind.TO_CARD, -100),), "Given back to your card", "−$1.00"),
        ((money(EntryKind.TO_CARD, 100),), "It did not go through: yours again", "+$1.00"),
        ((money(EntryKind.USED, -100, visit=4),), "Paid towards your visit on Fri, Dec 4, 2026", "−$1.00"),
        (
            (money(EntryKind.USED, -100, visit=4, account=Account.DEPOSIT),),
            "Paid your visit on Fri, Dec 4, 2026 with the deposit",
            "−$1.00",
        ),
        ((money(EntryKind.EXPIRED, -100),), "Expired", "−$1.00"),
        ((money(EntryKind.USED, -100, visit=9),), "Paid towards your visit", "−$1.00"),
        ((item(EntryKind.BOUGHT, 6),), "Bought from Lumen", "+6 × Hydrating facial"),
        (KEPT, "Kept for your visit on Fri, Dec 4, 2026", "1 × Hydrating facial"),
        (FREED, "Yours to use again: not used for your visit on Fri, Dec 4, 2026", "1 × Hydrating facial"),
        (
            (item(EntryKind.USED, -1, visit=4, account=Account.RESERVED),),
            "Used for your visit on Fri, Dec 4, 2026",
            "−1 × Hydrating facial",
        ),
        ((item(EntryKind.USED, -1),), "Used", "−1 × Hydrating facial"),
    ],
)
def test_a_patient_reads_what_happened(entry: tuple[EntryInfo, ...], what: str, amount: str) -> None:
    told = line(entry, NAMES)
    assert (told.what, told.amount) == (what, amount)


def test_only_staff_reads_why() -> None:
    assert line((ONE,), NAMES).reason == ""
    assert line((ONE,), NAMES, for_staff=True).reason == "For her birthday"


def test_credit_of_several_gifts_is_spent_in_one_line() -> None:
    told = line((money(EntryKind.USED, -3000, visit=4), money(EntryKind.USED, -2000, visit=4)), NAMES)
    assert (told.amount, told.way) == ("−$50.00", "out")


@pytest.mark.parametrize("kind", list(EntryKind))
@pytest.mark.parametrize("is_staff", [True, False])
def test_everything_that_can_happen_has_words(kind: EntryKind, is_staff: bool) -> None:
    told = line((money(kind, 100, visit=4),), NAMES, for_staff=is_staff)
    assert told.what
    assert "{" not in told.what
    assert not (is_staff and "your" in told.what)


def test_a_product_is_handed_over_and_a_treatment_used() -> None:
    serum = replace(NAMES, lots={7: replace(LOT, service_id=None, product="Serum")})
    used = (item(EntryKind.USED, -1),)
    assert [line(used, names, for_staff=staff).what for names in (NAMES, serum) for staff in (False, True)] == [
        "Used", "Used", "Handed to you", "Handed over",
    ]  # fmt: skip

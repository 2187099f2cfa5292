"""What happened to a wallet, in plain words for its patient and for staff. Pure: values in, sentences out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinic_portal.core import wording
from clinic_portal.wallet.types import ITEM, Account, EntryInfo, EntryKind, LotInfo

_LEAVING = {
    EntryKind.FEE,
    EntryKind.TO_CARD,
    EntryKind.TAKEN,
    EntryKind.USED,
    EntryKind.FORFEITED,
    EntryKind.EXPIRED,
    EntryKind.TAKEN_BACK,
}
_WORDS = {
    EntryKind.DEPOSIT: ("Deposit, kept for {visit}", ""),
    EntryKind.FEE: ("Fee for {visit}, paid from your deposit", "Fee for {visit}, paid from the deposit"),
    EntryKind.TO_CARD: ("Given back to your card", "Given back to the card"),
    EntryKind.TO_CREDIT: ("The deposit for {visit} became credit", ""),
    EntryKind.RETURNED: ("Given back to you as credit", "A payment, given back as credit"),
    EntryKind.ADDED: ("Added by {clinic}", "Added"),
    EntryKind.TAKEN: ("Taken out by {clinic}", "Taken out"),
    EntryKind.GIFT: ("A gift from {clinic}", "A gift"),
    EntryKind.BOUGHT: ("Bought from {clinic}", "Bought"),
    EntryKind.GRANTED: ("Comes with your membership", "Comes with the membership"),
    EntryKind.RESERVED: ("Kept for {visit}", ""),
    EntryKind.FREED: ("Yours to use again: not used for {visit}", "Free again: not used for {visit}"),
    EntryKind.USED: ("Used for {visit}", ""),
    EntryKind.FORFEITED: ("Counts as used: {visit} was missed or cancelled late", ""),
    EntryKind.EXPIRED: ("Expired", ""),
    EntryKind.TAKEN_BACK: ("Taken back: its payment was given back", ""),
}
"""For the patient, and for staff where they are told otherwise."""


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called: lots by id, the days of visits by id, the clinic; and in which language."""

    lots: Mapping[int, LotInfo]
    visits: Mapping[int, str]
    clinic: str
    language: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: `amount` is signed where something came or went, plain where it only moved."""

    id: int
    made_at: datetime
    what: str
    amount: str
    way: str  # in | out | within
    reason: str  # for staff alone
    actor: str


def line(entry: Sequence[EntryInfo], names: Names, *, for_staff: bool = False) -> Line:
    """An entry of the ledger as one line; `entry` is what it did to each of the patient's accounts."""
    first = entry[0]
    amount, net = _amount(entry, names)
    return Line(
        id=first.id,
        made_at=first.made_at,
        what=_what(entry, names, net, for_staff=for_staff),
        amount=amount,
        way="in" if net > 0 else "out" if net < 0 else "within",
        reason=first.reason if for_staff else "",
        actor=first.actor,
    )


def items(count: int, name: str) -> str:
    """So many of something, as a line of a list says it."""
    return f"{count} × {name}"


def amount(count: int, unit: str, name: str, language: str) -> str:
    """Money, or so many of something."""
    return items(count, name) if unit == ITEM else wording.money(count, unit, language)


def _what(entry: Sequence[EntryInfo], names: Names, net: int, *, for_staff: bool) -> str:
    first = entry[0]
    visit_id = next((one.visit_id or one.appointment_id for one in entry if one.visit_id or one.appointment_id), None)
    day = names.visits.get(visit_id or 0, "")
    whose = "the" if for_staff else "your"
    told = {
        "visit": f"{whose} visit on {day}" if day else f"{'a' if for_staff else 'your'} visit",
        "clinic": names.clinic,
    }
    if first.kind in _LEAVING and net > 0:  # what was written in the other direction takes it back
        return "It did not go through: it is in the wallet again" if for_staff else "It did not go through: yours again"
    if first.kind is EntryKind.USED and visit_id is None:
        lot = names.lots.get(first.lot_id or 0)
        if lot is not None and lot.product:
            return "Handed over" if for_staff else "Handed to you"
        return "Used"
    if first.kind is EntryKind.USED and first.account is Account.DEPOSIT:
        return f"Paid {told['visit']} with the deposit"
    if first.kind is EntryKind.USED and first.unit != ITEM:
        return f"Paid towards {told['visit']}"
    plain, desk = _WORDS[first.kind]
    return (desk if for_staff and desk else plain).format_map(told)


def _amount(entry: Sequence[EntryInfo], names: Names) -> tuple[str, int]:
    """What it was about, and which way it went."""
    net = sum(one.amount for one in entry)
    size = abs(net) or max(abs(one.amount) for one in entry)
    first = entry[0]
    lot = names.lots.get(first.lot_id or 0)
    sign = "+" if net > 0 else "−" if net < 0 else ""
    return sign + amount(size, first.unit, lot.name if lot else "treatment", names.language), net

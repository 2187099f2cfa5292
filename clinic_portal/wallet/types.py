"""The wallet as others may know it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ITEM = "item"
"""The unit of what is counted; every other unit is a currency, in its minor units."""
MOST = 100_000_000
"""The most that goes through a wallet at once, in minor units: what is more is a mistyped number."""
MOST_ITEMS = 500


class Account(StrEnum):
    """What an account is: first a patient's, then the clinic's own side."""

    CREDIT = "credit"  # money, free
    DEPOSIT = "deposit"  # money kept for a visit (P6)
    ITEMS = "items"  # treatments and products, free
    RESERVED = "reserved"  # those a booked visit is to use

    GATEWAY = "gateway"  # came from a card, went back to one
    DESK = "desk"  # corrected, added or taken by staff
    GIFTS = "gifts"  # given by the clinic: gifts, promotions, what a membership brings
    SALES = "sales"  # sold: packages
    FEES = "fees"  # kept for a late cancellation, a visit missed
    VISITS = "visits"  # used for a treatment
    EXPIRED = "expired"


class Origin(StrEnum):
    """How a lot came into a wallet."""

    PACKAGE = "package"
    MEMBERSHIP = "membership"
    GIFT = "gift"
    STAFF = "staff"


class EntryKind(StrEnum):
    """Why an entry was made."""

    DEPOSIT = "deposit"  # paid when booked, kept for the visit
    FEE = "fee"  # the clinic keeps it: a late cancellation, a visit missed
    TO_CARD = "to_card"  # goes back to the card it came from
    TO_CREDIT = "to_credit"  # a visit's deposit becomes free credit
    RETURNED = "returned"  # a payment is given back into the wallet instead of to its card
    ADDED = "added"  # staff, with a reason
    TAKEN = "taken"
    GIFT = "gift"
    BOUGHT = "bought"  # a package
    GRANTED = "granted"  # what a membership brings each period
    RESERVED = "reserved"  # for a visit
    FREED = "freed"  # the visit is not to be, and it can be used again
    USED = "used"  # for a treatment, or handed over
    FORFEITED = "forfeited"  # the visit was cancelled late or missed: it counts as used
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"  # its payment was given back


CONTRA = {
    EntryKind.DEPOSIT: Account.GATEWAY,
    EntryKind.FEE: Account.FEES,
    EntryKind.TO_CARD: Account.GATEWAY,
    EntryKind.RETURNED: Account.GATEWAY,
    EntryKind.ADDED: Account.DESK,
    EntryKind.TAKEN: Account.DESK,
    EntryKind.GIFT: Account.GIFTS,
    EntryKind.BOUGHT: Account.SALES,
    EntryKind.GRANTED: Account.GIFTS,
    EntryKind.USED: Account.VISITS,
    EntryKind.FORFEITED: Account.FEES,
    EntryKind.EXPIRED: Account.EXPIRED,
    EntryKind.TAKEN_BACK: Account.SALES,
}
"""The clinic's side of what comes into a wallet or leaves it. Of the others both sides are the patient's."""


@dataclass(frozen=True, slots=True)
class EntryInfo:
    """What one entry did to one account of a patient, newest first in lists; `amount` is signed, in `unit`."""

    id: int
    kind: EntryKind
    account: Account
    appointment_id: int | None  # of the account: what is kept or reserved for that visit
    visit_id: int | None  # the visit the entry belongs to
    payment_id: int | None
    lot_id: int | None
    amount: int
    unit: str
    reason: str
    actor: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class LotInfo:
    """A lot, and what is left of it: `left` free, `reserved` for booked visits."""

    id: int
    patient_id: int
    origin: Origin
    name: str
    service_id: int | None
    category_id: int | None
    product: str
    unit: str
    granted: int
    left: int
    reserved: int
    worth_minor: int
    currency: str
    payment_id: int | None
    granted_at: datetime
    expires_at: datetime | None

    @property
    def owed_minor(self) -> int:
        """What the clinic owes for what is not used yet."""
        return self.worth_minor * (self.left + self.reserved) // self.granted


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot to be: `count` of a service, of any of a category, of a product; or with none of these, money."""

    origin: Origin
    name: str
    count: int
    worth_minor: int
    currency: str
    service_id: int | None = None
    category_id: int | None = None
    product: str = ""
    expires_at: datetime | None = None
    payment_id: int | None = None

    @property
    def is_counted(self) -> bool:
        """Whether it is treatments or products, and no money."""
        return self.service_id is not None or self.category_id is not None or bool(self.product)

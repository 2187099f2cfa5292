"""What a visit uses of what is counted: brought to what is wanted, as often as somebody changes their mind.

Each change is a `turn` of its own: reserved, used, and put back again, each entry is written once.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import and_, func, select

from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.wallet import ledger, queries
from clinic_portal.wallet.ledger import ACCOUNT, ENTRY, POSTING
from clinic_portal.wallet.types import ITEM, Account, EntryKind

_COUNTED = (Account.ITEMS.value, Account.RESERVED.value)


def reserved(read: Reading, appointment_id: int) -> dict[int, int]:
    """How many of which lots are reserved for a visit."""
    found: dict[int, int] = {}
    for lot_id in queries.reserved_for(read, [appointment_id]).get(appointment_id, []):
        found[lot_id] = found.get(lot_id, 0) + 1
    return found


def used(read: Reading, appointment_id: int) -> dict[int, int]:
    """How many of which lots left their patient's wallet for a visit."""
    return used_for(read, [appointment_id]).get(appointment_id, {})


def used_for(read: Reading, appointment_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """The same for many visits, by visit; those that used nothing are left out."""
    joined = POSTING.join(ACCOUNT, ACCOUNT.c.id == POSTING.c.account_id).join(ENTRY, ENTRY.c.id == POSTING.c.entry_id)
    mine = and_(ENTRY.c.appointment_id.in_(appointment_ids), ACCOUNT.c.kind.in_(_COUNTED))
    gone = (-func.sum(POSTING.c.amount)).label("gone")
    rows = select(ENTRY.c.appointment_id, ACCOUNT.c.lot_id, gone).select_from(joined).where(mine)
    found: dict[int, dict[int, int]] = {}
    for row in read.execute(rows.group_by(ENTRY.c.appointment_id, ACCOUNT.c.lot_id)):
        if row.gone:
            found.setdefault(row.appointment_id, {})[row.lot_id] = int(row.gone)
    return found


def use(
    work: UnitOfWork, patient_id: int, appointment_id: int, wanted: Mapping[int, int], *, turn: int, actor: str
) -> None:
    """Let a visit use that many of these lots, and nothing else: first what is reserved for it, then free ones.

    What was reserved or used and is not wanted is free again. Raises NotAllowed for another's lot, Conflict
    ("item_gone") where fewer are left.
    """
    ledger.in_turn(work, patient_id)
    kept, gone = reserved(work, appointment_id), used(work, appointment_id)
    for lot_id in sorted({*wanted, *kept, *gone}):
        more = wanted.get(lot_id, 0) - gone.get(lot_id, 0)
        from_kept = max(0, min(more, kept.get(lot_id, 0)))
        mine = _Lot(work, patient_id, appointment_id, lot_id, turn, actor)
        mine.post(EntryKind.USED, "", mine.reserved, mine.ours, from_kept)
        mine.post(EntryKind.FREED, "", mine.reserved, mine.free, kept.get(lot_id, 0) - from_kept)
        mine.post(EntryKind.FREED, ":back", mine.ours, mine.free, -more)
        if more > from_kept:
            mine.must_have(more - from_kept)
            mine.post(EntryKind.USED, ":desk", mine.free, mine.ours, more - from_kept)


def reserve_again(work: UnitOfWork, patient_id: int, appointment_id: int, *, turn: int, actor: str) -> None:
    """What a visit has used is reserved for it again: the patient was checked in by mistake."""
    ledger.in_turn(work, patient_id)
    for lot_id, count in sorted(used(work, appointment_id).items()):
        mine = _Lot(work, patient_id, appointment_id, lot_id, turn, actor)
        mine.post(EntryKind.RESERVED, "", mine.ours, mine.reserved, count)


class _Lot:
    """The accounts of one lot about one visit, opened at their first use."""

    def __init__(
        self, work: UnitOfWork, patient_id: int, appointment_id: int, lot_id: int, turn: int, actor: str
    ) -> None:
        self._work, self._patient_id, self._appointment_id, self._lot_id = work, patient_id, appointment_id, lot_id
        self._key, self._actor = f"{appointment_id}:{lot_id}:{turn}", actor
        found = queries.lot(work, lot_id)
        if found is None or found.patient_id != patient_id or found.unit != ITEM:
            raise NotAllowed()
        self._found = found

    def must_have(self, count: int) -> None:
        """Raises Conflict unless so many are free, and their time is not over."""
        is_over = self._found.expires_at is not None and self._found.expires_at <= self._work.now
        if is_over or self._found.left < count:
            raise Conflict("item_gone")

    def free(self) -> int:
        """The account of what is free."""
        return ledger.of_patient(self._work, self._patient_id, Account.ITEMS, ITEM, lot_id=self._lot_id)

    def reserved(self) -> int:
        """The account of what is reserved for the visit."""
        kept: dict[str, Any] = {"lot_id": self._lot_id, "appointment_id": self._appointment_id}
        return ledger.of_patient(self._work, self._patient_id, Account.RESERVED, ITEM, **kept)

    def ours(self) -> int:
        """The clinic's account of what visits used."""
        return ledger.ours(self._work, Account.VISITS, ITEM)

    def post(self, kind: EntryKind, suffix: str, source: Any, target: Any, count: int) -> None:
        """Move so many from one account to the other; nothing where it is none."""
        if count > 0:
            ledger.post(
                self._work,
                kind,
                [(source(), -count), (target(), count)],
                key=f"{self._key}{suffix}",
                actor=self._actor,
                appointment_id=self._appointment_id,
                payment_id=self._found.payment_id,
            )

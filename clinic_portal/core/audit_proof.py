"""Proves that the activity log is as it was written: every entry in its place, none altered, none gone (rule 14).

The chain shows whoever changed, removed, added or reordered sealed entries without working out all hashes behind them.
Who does that too, or cuts the chain's end off, is shown by a head that was noted elsewhere: on paper, in another place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from clinic_portal.core.audit import ENTRY, FIRST, SEAL, link

_PORTION = 2_000


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain first does not hold. `at`: the time the entry tells, or the last one before it that verified."""

    what: str  # altered | removed | link_missing
    entry_id: int
    sequence: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the chain verifies, from its beginning; `waiting` entries are not in it yet, the oldest since then."""

    verified: int
    until_at: datetime | None
    head: str
    broken: Break | None
    waiting: int
    waiting_since_at: datetime | None
    has_head: bool  # the one that was noted; true where none was asked for
    backdated: int  # entries that tell of a time long before they came into the chain: a clock was set back, or worse
    backdated_id: int


BACKDATED_SECONDS = 3600


def prove(session: Session, *, noted: str = "", at_sequence: int | None = None) -> Proof:
    """Go through the whole log, a portion at a time. `noted` is a head of earlier, `at_sequence` its number."""
    previous, expected, until, broken = FIRST, 1, None, None
    has_head, backdated, backdated_id = not noted, 0, 0
    latest: datetime | None = None
    for row in _links(session):
        found = _fault(row, previous, expected, until)
        if found is not None:
            broken = found
            break
        previous, expected, until = row.hash, expected + 1, row.at
        has_head = has_head or (row.hash == noted and at_sequence in (None, row.sequence))
        if latest is not None and (latest - row.at).total_seconds() > BACKDATED_SECONDS:
            backdated, backdated_id = backdated + 1, backdated_id or int(row.id)
        latest = row.at if latest is None else max(latest, row.at)
    waiting, since = _waiting(session)
    return Proof(expected - 1, until, previous, broken, waiting, since, has_head, backdated, backdated_id)


def told(proof: Proof) -> list[str]:
    """What was found of the activity log, in sentences."""
    broken, found = proof.broken, []
    if broken is not None:
        around = f"{broken.at:%Y-%m-%d %H:%M:%S} UTC" if broken.at else "its beginning"
        found.append(
            {
                "altered": f"Entry {broken.entry_id} of {around} was altered, or stands in another's place.",
                "removed": f"Entry {broken.entry_id} was removed; it came after {around}.",
                "link_missing": f"Link {broken.sequence} of the chain was removed; it came after {around}.",
            }[broken.what]
        )
        found.append(f"{proof.verified} entries before it verify; nothing behind it can be trusted.")
    elif proof.verified:
        until = f"{proof.until_at:%Y-%m-%d %H:%M:%S} UTC" if proof.until_at else ""
        found.append(f"{proof.verified} entries verify, until {until}.")
        found.append(f"Head: {proof.head}:{proof.verified}")
    else:
        found.append("No entry is in the chain yet.")
    if not proof.has_head:
        found.append("The head you noted is not in the chain: its end was cut off, or all of it was worked out anew.")
    if proof.waiting:
        found.append(f"{proof.waiting} are not in the chain yet, since {proof.waiting_since_at:%Y-%m-%d %H:%M:%S} UTC.")
    if proof.backdated:
        found.append(
            f"{proof.backdated} tell of a time long before they came into the chain, the first of them entry "
            f"{proof.backdated_id}: was the clock set back?"
        )
    return found


def _links(session: Session) -> Iterator[Any]:
    joined = select(SEAL.c.sequence, SEAL.c.hash, SEAL.c.entry_id, ENTRY).outerjoin(
        ENTRY, SEAL.c.entry_id == ENTRY.c.id
    )
    streamed = joined.order_by(SEAL.c.sequence).execution_options(yield_per=_PORTION)
    yield from session.connection().execute(streamed)


def _fault(row: Any, previous: str, expected: int, until: datetime | None) -> Break | None:
    entry_id, sequence = int(row.entry_id), int(row.sequence)
    if sequence != expected:
        return Break("link_missing", entry_id, expected, until)
    if row.id is None:
        return Break("removed", entry_id, sequence, until)
    if link(previous, row) != row.hash:
        return Break("altered", entry_id, sequence, row.at)
    return None


def _waiting(session: Session) -> tuple[int, datetime | None]:
    unsealed = select(func.count(), func.min(ENTRY.c.at)).outerjoin(SEAL, SEAL.c.entry_id == ENTRY.c.id)
    count, since = session.execute(unsealed.where(SEAL.c.entry_id.is_(None))).one()
    return int(count), since

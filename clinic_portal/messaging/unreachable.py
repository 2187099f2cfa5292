"""Who is not to be reached by a channel any more: they replied STOP, or what is sent there comes back (P14)."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, insert, select

from clinic_portal.accounts.emails import email_key
from clinic_portal.core.db import table
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import models
from clinic_portal.messaging.types import GONE, Channel, Silence, bounced

STOP, BOUNCED, INVALID = "stop", "bounced", "invalid"
REFUSED = {
    "sms_21610": STOP,
    "sms_21211": INVALID,
    "sms_21214": INVALID,
    "sms_21217": INVALID,
    "sms_21614": INVALID,
    "sms_30005": INVALID,
    "sms_30006": INVALID,
    **{bounced(status): BOUNCED for status in GONE},
}
"""Refusals that hold for the address, whatever is sent there: opted out, no number, a landline, not in its network; no
such mailbox."""
_UNREACHABLE = table(models.Unreachable)


def silence(read: Reading, channel: Channel, address: str) -> Silence | None:
    """Why nothing is sent to an address, and since when; None where all is well."""
    row = read.execute(select(_UNREACHABLE.c.reason, _UNREACHABLE.c.since_at).where(_is(channel, address))).first()
    return Silence(row.reason, row.since_at) if row else None


def silenced(read: Reading, channel: Channel, addresses: Collection[str]) -> set[str]:
    """Those of some addresses to which nothing is sent any more, in one look; as they were given."""
    folded = {_folded(channel, one): one for one in addresses}
    which = (_UNREACHABLE.c.channel == channel.value) & _UNREACHABLE.c.address.in_(folded)
    found = set(read.execute(select(_UNREACHABLE.c.address).where(which)).scalars())
    return {one for one in addresses if _folded(channel, one) in found}


def note(work: UnitOfWork, channel: Channel, address: str, reason: str) -> bool:
    """Send nothing there from now on; False where that is known. A wish (STOP) outlives a bounce."""
    work.in_turn("unreachable", channel, address)
    known = silence(work, channel, address)
    if known is not None and (known.reason == reason or known.reason == STOP):
        return False
    work.execute(delete(_UNREACHABLE).where(_is(channel, address)))
    values = {"channel": channel.value, "address": _folded(channel, address), "reason": reason, "since_at": work.now}
    work.execute(insert(_UNREACHABLE), [values])
    return True


def note_refusal(work: UnitOfWork, channel: Channel, address: str, reason: str) -> None:
    """Remember an address to which nothing can be sent, where a refusal is about the address and not the message."""
    if reason in REFUSED:
        note(work, channel, address, REFUSED[reason])


def lift(work: UnitOfWork, channel: Channel, address: str) -> bool:
    """Send there again: its owner replied START, or it was put right; False where nothing was amiss."""
    return bool(work.execute(delete(_UNREACHABLE).where(_is(channel, address))).rowcount)


def _is(channel: Channel, address: str) -> ColumnElement[bool]:
    return (_UNREACHABLE.c.channel == channel.value) & (_UNREACHABLE.c.address == _folded(channel, address))


def _folded(channel: Channel, address: str) -> str:
    return email_key(address) if channel is Channel.EMAIL else address

"""Decisions about messages, from values: does one still make sense, when to try again, how long an SMS is."""

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic_portal.booking.types import STANDING
from clinic_portal.messaging.types import Kind

LONGEST_PAUSE = timedelta(hours=1)
_PAUSES: dict[str, tuple[int, int]] = {
    Kind.PHONE_CODE: (2, 2)
}  # seconds before the first retry, and the factor of each further one
_USUAL_PAUSE = (30, 3)
ASKED_FOR = frozenset({Kind.PHONE_CODE, Kind.ACCOUNT_LINK, Kind.PROFILE_CLAIM, Kind.TRIAL})
"""Kinds somebody waits for, which prove a number or an address: tried also where an earlier one came back, never told
by the other channel. STOP holds for them too."""
ABOUT_A_COMING_VISIT = frozenset(
    {Kind.APPOINTMENT_BOOKED, Kind.APPOINTMENT_MOVED, Kind.BEFORE_VISIT, Kind.VISIT_REMINDER, Kind.FORMS_REMINDER}
)
"""Kinds that make no sense once the visit has begun or is off."""
OF_ITS_TIME = frozenset({Kind.APPOINTMENT_BOOKED, Kind.APPOINTMENT_MOVED})
"""Kinds that tell when a visit is: each time they are written, how it stands then."""
_PATIENCE = {Kind.VISIT_REMINDER: timedelta(hours=3), Kind.FORMS_REMINDER: timedelta(hours=3)}
_USUAL_PATIENCE = timedelta(days=1)


def outdated_visit(status: str, start_at: datetime, now: datetime) -> str | None:
    """Why a confirmation of this visit makes no sense any more; None when it does."""
    if status == "cancelled":
        return "cancelled"
    if status not in STANDING or start_at <= now:
        return "past"
    return None


def edition(kind: str, dedupe_key: str) -> int:
    """The state of the visit that news of its time tells of, by the message's key; 0: as it was booked."""
    return int(dedupe_key.rpartition(":")[2]) if kind == Kind.APPOINTMENT_MOVED else 0


def pause(kind: str, attempts: int, *, spread_by: str, retry_after_seconds: int | None = None) -> timedelta:
    """How long to wait after the `attempts`-th failed attempt; at most an hour.

    A code is useless after ten minutes, so it is tried again within seconds; anything else after 30 s, 90 s,
    and so on. `spread_by` moves it by up to a fifth, so that messages that
    failed at once do not come back at once. `retry_after_seconds`, the sender's own wish, is the least pause.
    """
    first, factor = _PAUSES.get(kind, _USUAL_PAUSE)
    seconds = min(first * factor ** max(attempts - 1, 0), LONGEST_PAUSE.total_seconds())
    seconds *= 0.8 + 0.4 * (zlib.crc32(f"{spread_by}:{attempts}".encode()) / 2**32)
    return min(timedelta(seconds=max(seconds, retry_after_seconds or 0)), LONGEST_PAUSE)


def patience(kind: str) -> timedelta:
    """How long a message is tried before it is told by the other channel: a reminder is of use only soon."""
    return _PATIENCE.get(Kind(kind), _USUAL_PATIENCE)


_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two units


@dataclass(frozen=True, slots=True)
class SmsSize:
    """How an SMS travels: its alphabet, its length in that alphabet's units, and the parts to be paid for."""

    alphabet: str  # GSM-7 | UCS-2
    units: int
    segments: int


def sms_size(body: str) -> SmsSize:
    """Count an SMS: 160 units of GSM-7 in one part or 153 in each of several; 70 and 67 of UCS-2."""
    if all(character in _GSM_BASIC or character in _GSM_EXTENDED for character in body):
        units = [2 if character in _GSM_EXTENDED else 1 for character in body]
        return SmsSize("GSM-7", sum(units), _parts(units, 160, 153))
    units = [len(character.encode("utf-16-be")) // 2 for character in body]
    return SmsSize("UCS-2", sum(units), _parts(units, 70, 67))


def _parts(units: list[int], alone: int, each: int) -> int:
    """How many parts are needed; a character of two units is never cut in half."""
    if sum(units) <= alone:
        return 1
    parts, room = 1, each
    for unit in units:
        if unit > room:
            parts, room = parts + 1, each
        room -= unit
    return parts

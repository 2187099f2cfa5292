"""News of memberships: planned when something became of one, written when they are sent, dropped if over by then."""

from collections.abc import Callable
from typing import Any

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.memberships import actions as memberships
from clinic_portal.memberships import events, queries
from clinic_portal.memberships.types import OVERDUE, MembershipInfo, PeriodInfo
from clinic_portal.memberships.types import PAUSED as PAUSES
from clinic_portal.messaging import membership_letters as letters
from clinic_portal.messaging.actions import plan
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rendering import Letterhead
from clinic_portal.messaging.types import Channel, Dropped, Kind
from clinic_portal.patients.queries import contact, language_of

_OF_PERIOD = (Kind.MEMBERSHIP_RENEWED, Kind.MEMBERSHIP_FAILED)
"""Letters whose subject is a period; that of the others is the membership."""

_ONCE = (Kind.MEMBERSHIP_STARTED, Kind.MEMBERSHIP_ENDED, Kind.MEMBERSHIP_UNPAID)
# ---- planned ---------------------------------------------------------------------------------------------------------


def _telling(kind: Kind) -> Callable[[UnitOfWork, dict[str, Any]], None]:
    """Tell the member; once for each time that it happened."""

    def react(work: UnitOfWork, payload: dict[str, Any]) -> None:
        about = queries.membership(work, payload["membership_id"])
        who = contact(work, about.patient_id)
        told = payload.get("wish") or f"{work.now:%Y%m%d%H%M%S}"
        subject, edition = about.id, "" if kind in _ONCE else f"{payload.get('period_id', 0)}.{told}"
        if kind in _OF_PERIOD:
            subject, edition = payload["period_id"], str(payload.get("attempt", ""))
        phone = who.phone if kind is Kind.MEMBERSHIP_FAILED else ""
        for channel, to in ((Channel.EMAIL, who.email), (Channel.SMS, phone)):
            if to:
                plan(work, kind, channel, subject, to=to, patient_id=about.patient_id, edition=edition)

    return react


REACTIONS = {
    events.STARTED: _telling(Kind.MEMBERSHIP_STARTED),
    events.RENEWED: _telling(Kind.MEMBERSHIP_RENEWED),
    events.PAYMENT_FAILED: _telling(Kind.MEMBERSHIP_FAILED),
    events.GRACE_ENDED: _telling(Kind.MEMBERSHIP_UNPAID),
    events.PAUSED: _telling(Kind.MEMBERSHIP_PAUSED),
    events.RESUMED: _telling(Kind.MEMBERSHIP_RESUMED),
    events.PLAN_CHANGED: _telling(Kind.MEMBERSHIP_CHANGED),
    events.ENDING: _telling(Kind.MEMBERSHIP_ENDING),
    events.KEPT: _telling(Kind.MEMBERSHIP_KEPT),
    events.ENDED: _telling(Kind.MEMBERSHIP_ENDED),
}

# ---- written ---------------------------------------------------------------------------------------------------------


def news(read: Reading, head: Letterhead, row: Any) -> Email | Sms | Dropped:
    """What became of a membership, unless it is otherwise by now."""
    kind = Kind(row.kind)
    period = queries.period(read, row.subject_id) if kind in _OF_PERIOD else _period_of(read, row)
    info = queries.membership(read, period.membership_id if period is not None else row.subject_id)
    outdated = _outdated(read, kind, info, period, row)
    if outdated:
        return Dropped(outdated)
    who, language = contact(read, info.patient_id), language_of(read, info.patient_id)
    about = letters.About(
        info=info,
        given_name=who.given_name,
        to_name=f"{who.given_name} {who.family_name}",
        language=language,
        zone=catalogue(read).time_zone,
        period=period,
    )
    if row.channel == Channel.SMS and kind is Kind.MEMBERSHIP_FAILED:
        return letters.failed_sms(head, about, to=row.to_address, message_id=row.message_id)
    return letters.letter(head, kind.value, about, to=row.to_address, message_id=row.message_id)


def _period_of(read: Reading, row: Any) -> PeriodInfo | None:
    """The period that a letter about a membership tells of: the first, when it began; the one that ended a pause."""
    known = queries.periods(read, row.subject_id)
    if row.kind == Kind.MEMBERSHIP_STARTED:
        return next((one for one in reversed(known) if one.state == "paid"), None)
    if row.kind == Kind.MEMBERSHIP_RESUMED:
        wanted = row.dedupe_key.rpartition(":")[2].partition(".")[0]
        return next((one for one in known if str(one.id) == wanted), None)
    return None


def _outdated(read: Reading, kind: Kind, info: MembershipInfo, period: PeriodInfo | None, row: Any) -> str:
    """Why a letter makes no sense any more; empty where it does."""
    has_ended = info.ended_at is not None
    if kind in (Kind.MEMBERSHIP_ENDED, Kind.MEMBERSHIP_UNPAID):
        return "" if has_ended and not memberships.is_member(read, info.patient_id) else "not_member"
    if kind is Kind.MEMBERSHIP_RENEWED:
        return "" if period is not None and period.state == "paid" else "not_paid"
    if kind is Kind.MEMBERSHIP_FAILED:
        is_owed = period is not None and period.state == "failed" and info.state == OVERDUE
        if not is_owed or period is None:
            return "not_owed"
        return "" if row.dedupe_key.endswith(f":{period.attempts}") else "moved_on"
    if has_ended or info.started_at is None:
        return "not_member"
    still = {
        Kind.MEMBERSHIP_PAUSED: info.is_pausing or info.state == PAUSES,
        Kind.MEMBERSHIP_RESUMED: not info.is_pausing and info.state != PAUSES,
        Kind.MEMBERSHIP_ENDING: info.is_ending,
        Kind.MEMBERSHIP_KEPT: not info.is_ending,
    }
    return "" if still.get(kind, True) else "member_moved_on"

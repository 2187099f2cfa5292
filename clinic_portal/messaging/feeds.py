"""Calendars outside: the file of one visit, the patient's feed, the provider's feed (S83).

Whoever has an address sees what it holds, so each is private, can be taken back, and tells no treatment.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from clinic_portal.accounts import staff
from clinic_portal.accounts.roles import Permission, StaffActor
from clinic_portal.booking.access import visit_of
from clinic_portal.booking.queries import called, of_provider, visit, visits_of
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import crypto, ids
from clinic_portal.core.db import table
from clinic_portal.core.errors import NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging import calendar, models
from clinic_portal.messaging.calendar import Entry
from clinic_portal.messaging.queries import letterhead
from clinic_portal.messaging.rendering import file_token
from clinic_portal.patients.profile import feed_read_at
from clinic_portal.patients.queries import initials
from clinic_portal.scheduling.queries import time_off_of

LOOKS_BACK, CANCELLED_KEPT = timedelta(days=90), timedelta(days=30)
PROVIDER_LOOKS_BACK, PROVIDER_LOOKS_AHEAD = timedelta(days=30), timedelta(days=180)
_FILE = re.compile(r"([A-Z]{2,5}-[A-Z0-9]{4,12})-([0-9a-f]{40})")
_FEED = table(models.ProviderFeed)


@dataclass(frozen=True, slots=True)
class Followed:
    """A feed as it is fetched: the file, and a tag that changes when anything in it does (RFC 9110, ETag)."""

    body: bytes
    tag: str
    is_news: bool  # nobody looked for an hour: to be written down


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """A provider's feed as those see it who may handle it; without a token there is none."""

    provider_id: int
    name: str
    token: str | None
    read_at: datetime | None


def file_of(read: Reading, booked: Visit) -> bytes:
    """The calendar file of a visit for its patient to download; the caller has authorised the visit."""
    return calendar.download(booked, letterhead(read).host, now=read.now)


def file_by_token(read: Reading, token: str) -> bytes | None:
    """The calendar file behind the address in an e-mail, for a month after the visit; None for any other address."""
    found = _FILE.fullmatch(token)
    if found is None or not crypto.same(found[2], file_token(letterhead(read).file_key, found[1])):
        return None
    appointment_id = read.execute(called(found[1])).scalar()
    if appointment_id is None:
        return None
    try:
        about = visit(read, appointment_id)
    except NotAllowed:
        return None
    return file_of(read, about) if read.now < about.end_at + CANCELLED_KEPT else None


def links_of(read: Reading, booked: Visit) -> calendar.Links:
    """Links that put a visit into a calendar; the caller has authorised the visit."""
    head = letterhead(read)
    return calendar.links(booked, head.host, apple=head.file_url(booked.reference))


def of_patient(read: Reading, patient_id: int) -> Followed:
    """All coming visits of a patient, those of the last three months, and cancelled ones for a month."""
    known = visits_of(read, patient_id)
    recent = [
        one
        for one in known.past
        if one.start_at > read.now - (CANCELLED_KEPT if one.status == "cancelled" else LOOKS_BACK)
    ]
    visits = [visit_of(read, patient_id, one.reference) for one in (*known.upcoming, *recent)]
    tags = [f"{one.uid}:{one.sequence}:{one.status}" for one in visits]
    body = calendar.feed(visits, letterhead(read).host, now=read.now)
    return Followed(body, _tag(read, tags), _is_news(read, feed_read_at(read, patient_id)))


def of_provider_by_token(read: Reading, token: str) -> tuple[int, Followed] | None:
    """Whose feed an address is, and what it holds; None for one that was taken back or never was, and for a provider
    who is switched off."""
    row = read.execute(select(_FEED).where(_FEED.c.digest == crypto.digest(token))).first()
    clinic = catalogue(read)
    if row is None or row.provider_id not in clinic.providers or not _stands(read, row):
        return None
    head = letterhead(read)
    since, until = read.now - PROVIDER_LOOKS_BACK, read.now + PROVIDER_LOOKS_AHEAD
    visits = of_provider(read, row.provider_id, since, until)
    who = initials(read, {one.patient_id for one in visits})
    entries = [
        Entry(
            uid=f"desk-{one.uid}",
            sequence=one.sequence,
            start_at=one.start_at,
            end_at=one.end_at,
            title=f"Visit · {who.get(one.patient_id, '')}",
            place=place.name if (place := clinic.place(one.location_id)) else "",
            note=f"Reference {one.reference}\n{head.public_url}/admin/patient?id={one.patient_id}",
            is_cancelled=one.status == "cancelled",
        )
        for one in visits
    ]
    entries += [
        Entry(f"off-{off_id}@{row.provider_id}", 0, start, end, "Time off", "", "", False)
        for off_id, start, end in time_off_of(read, row.provider_id, since, until)
    ]
    body = calendar.provider_feed(entries, head.host, now=read.now)
    return row.provider_id, Followed(body, _tag(read, [repr(one) for one in entries]), _is_news(read, row.read_at))


def note_read(work: UnitOfWork, provider_id: int) -> None:
    """A calendar looked; written down once an hour, for which `Followed.is_news` says when."""
    stale = or_(_FEED.c.read_at.is_(None), _FEED.c.read_at <= work.now - timedelta(hours=1))
    work.execute(update(_FEED).where(_FEED.c.provider_id == provider_id, stale).values(read_at=work.now))


def handled_by(read: Reading, actor: StaffActor) -> list[FeedInfo]:
    """The feeds a member of staff may make and end: their own; all of them for who may change the clinic."""
    known = {row.provider_id: row for row in read.execute(select(_FEED))}
    mine = [one for one in catalogue(read).providers.values() if _may(actor, one.id)]
    return [
        FeedInfo(
            one.id,
            one.name,
            _token(read, known[one.id].nonce) if one.id in known else None,
            known[one.id].read_at if one.id in known else None,
        )
        for one in mine
    ]


def start(work: UnitOfWork, actor: StaffActor, provider_id: int) -> None:
    """Give a provider's calendar a private address; an earlier one ends. Raises NotAllowed."""
    if not _may(actor, provider_id) or provider_id not in catalogue(work).providers:
        raise NotAllowed()
    work.execute(delete(_FEED).where(_FEED.c.provider_id == provider_id))
    nonce = ids.nonce()
    digest = crypto.digest(_token(work, nonce))
    work.execute(
        insert(_FEED),
        [
            {
                "provider_id": provider_id,
                "nonce": nonce,
                "digest": digest,
                "made_at": work.now,
                "made_by": actor.staff_id,
            }
        ],
    )
    work.record(actor.tag, "provider.feed_started", f"provider:{provider_id}")


def stop(work: UnitOfWork, actor: StaffActor, provider_id: int) -> None:
    """Take the address back: whoever has it sees nothing any more. Raises NotAllowed."""
    if not _may(actor, provider_id):
        raise NotAllowed()
    if work.execute(delete(_FEED).where(_FEED.c.provider_id == provider_id)).rowcount:
        work.record(actor.tag, "provider.feed_stopped", f"provider:{provider_id}")


def _may(actor: StaffActor, provider_id: int) -> bool:
    return actor.provider_id == provider_id or actor.may(Permission.CHANGE_CLINIC)


def _stands(read: Reading, row: Any) -> bool:
    """An address works for as long as whoever made it is of the staff and may handle it."""
    try:
        maker = staff.member(read, row.made_by)
    except NotAllowed:
        return False
    return maker.is_active and _may(StaffActor(maker.id, 0, maker.name, maker.role, maker.provider_id), row.provider_id)


def _token(read: Reading, nonce: str) -> str:
    return crypto.keyed(read.settings.key, "provider-feed", nonce)


def _is_news(read: Reading, read_at: datetime | None) -> bool:
    return read_at is None or read_at <= read.now - timedelta(hours=1)


def _tag(read: Reading, parts: list[str]) -> str:
    return crypto.digest("\x1f".join([str(catalogue(read).version), *parts]))[:32]

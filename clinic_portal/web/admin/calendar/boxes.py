"""What the calendar asks before it does something: a visit's new time, an empty place, time off. Values in, views out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from clinic_portal.booking.board import Board, BoardBlock, BoardVisit
from clinic_portal.booking.stranded import StrandedVisit
from clinic_portal.core import wording
from clinic_portal.scheduling.availability import instant
from clinic_portal.web.admin.calendar.moving import Moving
from clinic_portal.web.admin.day_shapes import clock
from clinic_portal.web.admin.day_words import BLOCKS
from clinic_portal.web.admin.frame import NEW_VISIT
from clinic_portal.web.components.fields import FieldView, focused

KINDS = {kind: BLOCKS[kind] for kind in ("time_off", "break")}


@dataclass
class BoxView:
    """A dialog. `kind`: move, place or off; `act` is what its button says; `href` leads to booking.

    `refusal` says why it cannot be as it stands there, `listed` what lies in the way of it.
    """

    kind: str
    title: str
    act: str = ""
    text: str = ""
    refusal: str = ""
    listed: list[str] = field(default_factory=list)
    form: list[FieldView] = field(default_factory=list)
    href: str = ""
    turn: int = 0


def move_box(
    board: Board,
    visit: BoardVisit,
    wanted: Moving,
    people: Mapping[int, str],
    language: str,
    *,
    refusal: str = "",
    may_override: bool = False,
    errors: Mapping[str, str] | None = None,
    reason: str = "",
) -> BoxView:
    """When, with whom and how long; whether the patient is told; and a reason, where a rule is to be bent."""
    zone, errors = ZoneInfo(board.time_zone), errors or {}
    at = instant(wanted.start).astimezone(zone)
    form = [
        FieldView("date", "Date", at.date().isoformat(), "date", errors.get("date", "")),
        FieldView("time", "Time", f"{at:%H:%M}", "time", errors.get("time", "")),
        FieldView("provider", "With", str(wanted.provider_id), "choice", choices=_choices(people)),
        FieldView("minutes", "Minutes", str(wanted.minutes), "number", errors.get("minutes", "")),
    ]
    if may_override:
        hint = "Why the rule is bent; it is kept with the visit."
        form.append(FieldView("reason", "Reason", reason, "text", errors.get("reason", ""), hint, has_focus=True))
    whom = visit.patient_name or "the patient"
    form.append(FieldView("tells", f"Tell {whom}", "yes" if wanted.tells_patient else "", "tick"))
    before = _when(visit.start_at, board, language)
    provider = people.get(visit.provider_id, "")
    return BoxView(
        kind="move",
        title=f"Move {visit.patient_name or 'the visit'}",
        act="Move anyway" if may_override else "Move",
        text=f"{' and '.join(visit.service_names)} · now {before}{f', with {provider}' if provider else ''}",
        refusal=refusal,
        form=form if may_override else focused(form, is_opened=False),
    )


def place_box(
    board: Board,
    provider_id: int,
    on: date,
    minute: int | None,
    people: Mapping[int, str],
    language: str,
    *,
    may_book: bool,
    may_block: bool,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    listed: Sequence[str] = (),
) -> BoxView:
    """An empty place: book here, or keep it free. `listed`: the visits that lie where nobody shall be booked."""
    typed, errors = typed or {}, errors or {}
    name = people.get(provider_id, "")
    title = wording.day(on, board.time_zone, language)
    if minute is not None:
        title = f"{title}, {clock(minute, board.time_zone, language)}"
    told: dict[str, str | int] = {"location": board.location_id}
    told |= {"provider": provider_id} if provider_id else {}
    told |= {"on": on.isoformat()} | ({"at": minute} if minute is not None else {})
    start = 540 if minute is None else minute
    kind, who = typed.get("kind", "time_off"), typed.get("provider", str(provider_id or ""))
    begins = typed.get("start_at", _wall(on, start))
    ends = typed.get("end_at", _wall(on, min(start + 60, 1439)))
    shown = [
        FieldView("kind", "What", kind, "choice", choices=[list(one) for one in KINDS.items()]),
        FieldView("provider", "Who", who, "choice", choices=_choices(people)),
        FieldView("start_at", "From", begins, "datetime-local", errors.get("start_at", "")),
        FieldView("end_at", "Until", ends, "datetime-local", errors.get("end_at", "")),
        FieldView("reason", "Why (only staff see it)", typed.get("reason", ""), "text", errors.get("reason", "")),
    ]
    may_choose = may_book and not listed and not typed
    text = "Or keep the time free:" if may_choose and may_block else ""
    if listed:
        lie, stay = ("A visit lies", "stays") if len(listed) == 1 else (f"{len(listed)} visits lie", "stay")
        text = f"{lie} in that time and {stay} booked. Block it all the same?"
    return BoxView(
        kind="place",
        title=f"{name}: {title}" if name else title,
        act=("Block it all the same" if listed else "Block this time") if may_block else "",
        text=text,
        listed=list(listed),
        form=focused(shown, is_opened=False) if may_block else [],
        href=f"{NEW_VISIT}?{urlencode(told)}" if may_choose else "",
    )


def off_box(board: Board, block: BoardBlock, people: Mapping[int, str], language: str) -> BoxView:
    """Time off or a break of one day, to be taken away."""
    name = people.get(block.provider_id, "")
    zone = board.time_zone
    until = (
        wording.time(block.end_at, zone, language)
        if wording.local(block.start_at, zone).date() == wording.local(block.end_at, zone).date()
        else _when(block.end_at, board, language)
    )
    reason = f" · {block.reason}" if block.reason else ""
    return BoxView(
        kind="off",
        title=f"{KINDS.get(block.kind, 'Time off')}: {name}",
        act="Remove it",
        text=f"{_when(block.start_at, board, language)} to {until}{reason}",
    )


def lying_in(visits: Sequence[StrandedVisit], language: str) -> list[str]:
    """Visits, a line each: when, and whose."""
    return [
        f"{wording.moment(one.start_at, one.time_zone, language, length='short')}: {one.patient_name or 'a visit'}"
        for one in visits
    ]


def _choices(people: Mapping[int, str]) -> list[list[str]]:
    return [[str(number), name] for number, name in people.items()]


def _when(at: datetime, board: Board, language: str) -> str:
    return wording.moment(at, board.time_zone, language, length="short")


def _wall(on: date, minute: int) -> str:
    return f"{on.isoformat()}T{minute // 60:02}:{minute % 60:02}"

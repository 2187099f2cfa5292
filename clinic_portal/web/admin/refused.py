"""Why a time is refused at the desk, in a sentence: who or what is in the way, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

_SENTENCES = {
    "too_soon": "That time has passed.",
    "outside_window": "That is further ahead than the calendar reaches.",
    "holiday": "The clinic is closed on that day.",
    "outside_hours": "{who} does not work at that time.",
    "off_grid": "Visits begin at full five minutes.",
    "break": "{who} has a break then.",
    "time_off": "{who} is away then.",
    "busy": "{who} is not free then.",
    "no_room_or_device": "No room or device for it is free then.",
    "day_full": "{who} has as many visits on that day as they take.",
    "not_performed": "{who} does not do all of it.",
    "not_here": "{who} does not work at this location.",
}


def sentence(
    facts: Mapping[str, Any], *, who: str, names: Mapping[int, str], told_time: Callable[[datetime], str]
) -> str:
    """The words for "desk_refused". `who`: the provider; `names`: the patients of visits that may be in the way."""
    reason = str(facts.get("reason", ""))
    if reason == "busy":
        for one in facts.get("in_the_way", ()):
            until = told_time(one.end_at)
            if one.is_held:
                return f"Somebody is booking {who} online just now, until {until}."
            return f"{who} has {names.get(one.appointment_id) or 'another visit'} until {until}."
    if reason == "no_room_or_device" and facts.get("pool"):
        return f"No {_lower(str(facts['pool']))} is free then."
    return _SENTENCES.get(reason, "It does not fit there.").format(who=who or "The provider")


def _lower(name: str) -> str:
    """A name within a sentence; `IPL device` stays as it is."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]

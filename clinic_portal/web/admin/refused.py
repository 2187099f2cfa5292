"""Why a time is refused at the desk, in a sentence: who or what is in the way, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from clinic_portal.web.problems import Problem


def sentence(
    facts: Mapping[str, Any], *, who: str, names: Mapping[int, str], told_time: Callable[[datetime], str]
) -> str:
    """The words for "desk_refused". `who`: the provider, empty where any would do; `names`: the patients of visits that may be in the way."""
    reason = str(facts.get("reason", ""))
    if reason == "busy" and who:
        for one in facts.get("in_the_way", ()):
            until = told_time(one.end_at)
            if one.is_held:
                return f"Somebody is booking {who} online just now, until {until}."
            return f"{who} has {names.get(one.appointment_id) or 'another visit'} until {until}."
    if reason == "no_room_or_device" and facts.get("pool"):
        return f"No {_lower(str(facts['pool']))} is free then."
    told = {**facts, "reason": reason, **({"who": who} if who else {})}
    return Problem.of("desk_refused", **told).sentence


def _lower(name: str) -> str:
    """A name within a sentence; `IPL device` stays as it is."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]

"""What the demo's patients answer: something true that a healthy person may say to any question. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import cos, pi, sin
from typing import Any

from clinic_portal.forms.definition import LISTS, SILENT, WITH_FILES, Item, Questionnaire, Type
from clinic_portal.forms.rules import shown

_CALM = ("none", "never", "no", "cannot", "not-mine", "longer", "recent", "normal", "little", "area")
"""Options that keep a treatment simple, by their codes; otherwise the first will do."""
_WORDS: Mapping[str, tuple[str, ...]] = {
    "occupation": ("Teacher", "Architect", "Nurse", "Accountant", "Barista", "Violinist", "Software developer"),
    "goals": (
        "I look tired even when I am not. I would like to keep my freckles and the lines when I laugh.",
        "Smoother skin before the summer, nothing that people notice.",
        "The lines between my brows. I want to keep moving my forehead.",
    ),
    "routine-text": ("A gentle wash and sunscreen in the morning, a plain moisturizer at night.",),
    "wish": ("An hour of quiet.", "To know what to use at home."),
}
_MEASURES = {"in": (60, 74), "lb": (115, 195)}
_TALL = "bdfhklt"


@dataclass(frozen=True, slots=True)
class Teller:
    """Somebody who answers, on a day."""

    name: str
    on: date
    rng: random.Random

    def tells(self, form: Questionnaire) -> dict[str, Any]:
        """Answers to all that is shown and required, and to most of the rest; in the form's order."""
        told: dict[str, Any] = {}
        for item in form.items:
            if item in shown(form, told) and (answer := self._answer(item)) is not None:
                told[item.link_id] = answer
        return told

    def _answer(self, item: Item) -> Any:
        if item.type in SILENT or item.type in WITH_FILES:
            return None
        if item.type in LISTS:
            return {"none": True, "rows": []}
        return _ANSWERS[item.type](self, item)

    def words(self, item: Item) -> str | None:
        """A sentence where one is known, or where one must be said."""
        known = _WORDS.get(item.link_id)
        return self.rng.choice(known) if known else "Nothing in particular" if item.is_required else None

    def number(self, item: Item) -> str:
        """Inches and pounds as people have them; otherwise the middle of what may be."""
        if item.unit in _MEASURES:
            return str(self.rng.randint(*_MEASURES[item.unit]))
        least, most = item.least or Decimal(0), item.most or Decimal(10)
        return str(int((least + most) / 2))

    @property
    def initials(self) -> str:
        """The first letters of their names."""
        return "".join(part[0] for part in self.name.split())


def signature(name: str) -> dict[str, Any]:
    """A signature drawn by hand: a loop for each letter, tall ones taller."""
    points: list[list[int]] = []
    width = 480 / max(len(name), 1)
    for place, letter in enumerate(name):
        high = 62 if letter.isupper() else 46 if letter in _TALL else 20
        for step in range(10):
            turn = 2 * pi * step / 10
            x = 60 + width * (place + step / 10) + 0.4 * width * cos(turn)
            points.append([round(x), round(118 - (0 if letter == " " else high) * sin(turn))])
    return {"method": "drawn", "name": name, "strokes": [points, [[70, 160], [300, 152], [540, 158]]]}


def _option(item: Item) -> str:
    codes = [one.code for one in item.options]
    return next((code for code in _CALM if code in codes), codes[0])


_ANSWERS: Mapping[Type, Callable[[Teller, Item], Any]] = {
    Type.SHORT_TEXT: Teller.words,
    Type.LONG_TEXT: Teller.words,
    Type.EMAIL: lambda teller, item: "somebody@example.org" if item.is_required else None,
    Type.PHONE: lambda teller, item: "+15125550188" if item.is_required else None,
    Type.ADDRESS: lambda teller, item: {"street": "1109 Nueces St", "city": "Austin", "region": "TX"},
    Type.NUMBER: Teller.number,
    Type.DATE: lambda teller, item: teller.on.isoformat() if item.is_required else None,
    Type.YES_NO: lambda teller, item: "no",
    Type.YES_NO_EXPLAIN: lambda teller, item: {"value": "no", "text": ""},
    Type.CHOICE: lambda teller, item: _option(item),
    Type.CHOICES: lambda teller, item: [_option(item)] if item.is_required else None,
    Type.CHOICE_OTHER: lambda teller, item: {"value": _option(item), "text": ""},
    Type.SCALE: Teller.number,
    Type.ACKNOWLEDGEMENT: lambda teller, item: "yes",
    Type.INITIALS: lambda teller, item: teller.initials,
    Type.SIGNATURE: lambda teller, item: signature(teller.name),
}

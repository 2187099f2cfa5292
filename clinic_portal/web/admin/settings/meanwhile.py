"""Two who change the same thing: the second is told what the first changed, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clinic_portal.web.components.fields import FieldView

CHANGED = "changed_meanwhile"


def as_drawn(form: Sequence[FieldView]) -> dict[str, str]:
    """The fields of a form by their names, with the values they are drawn with."""
    found: dict[str, str] = {}
    for one in form:
        if one.kind == "ticks":
            found |= {name: ticked for name, _, ticked in one.choices}
        elif one.kind != "title":
            found[one.name] = one.value
    return found


def draw_meanwhile(
    now: Sequence[FieldView], *, opened: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What the form holds next, and what each field says that someone else changed since it was `opened`.

    A field that was left alone takes what it became; one that was typed into keeps that, and says what it became.
    """
    values, told = dict(typed), {}
    for one in now:
        names = [name for name, _, _ in one.choices] if one.kind == "ticks" else [one.name]
        became = as_drawn([one])
        changed = [name for name in names if opened.get(name, became.get(name)) != became.get(name)]
        kept = [name for name in changed if _tidy(typed.get(name, "")) != _tidy(opened[name])]
        values |= {name: became[name] for name in changed if name not in kept}
        if kept:
            told[one.name] = f"Meanwhile this became {_told(one)}. Saving again puts yours in its place."
        elif changed:
            told[one.name] = "Meanwhile this became what you see."
    return values, told


def _told(one: FieldView) -> str:
    """The value of a field in words."""
    if one.kind == "ticks":
        return ", ".join(label for _, label, ticked in one.choices if ticked) or "none of them"
    if one.kind == "tick":
        return "ticked" if one.value else "unticked"
    if one.kind == "choice":
        return next((f"“{label}”" for value, label in one.choices if value == one.value), "empty")
    return f"“{one.value}”" if one.value else "empty"


def _tidy(value: str) -> str:
    return value.replace("\r\n", "\n").strip()

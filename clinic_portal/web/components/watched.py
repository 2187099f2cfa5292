"""A form that says what is typed into it while it is typed."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.forms import Form

PAUSE_MS = 300
"""How long after the last keystroke it is said."""


def _of_the_form(event: rx.Var[Any]) -> list[rx.Var[dict[str, Any]]]:
    return [rx.Var(f"Object.fromEntries(new FormData({event}.currentTarget))")]


class Watched(Form):
    """A form with `on_input`: all of its fields by name, as they stand now; a box that is not ticked is left out."""

    on_input: rx.EventHandler[_of_the_form]  # type: ignore[type-arg, valid-type]


watched = Watched.create

"""The focus follows what the page has just said."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar


class Follow(rx.Component):
    """Gives the focus to the element `to` whenever `number` rises, and so brings it into view.

    On a phone the button that was pressed is often far below what answers it.
    """

    tag = "Follow"
    to: rx.Var[str]
    number: rx.Var[int]

    def add_imports(self) -> dict[str, Any]:
        """React's hook."""
        return {"react": [ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Follow({ to, number }) {
  useEffect(() => { if (number > 0) document.getElementById(to)?.focus(); }, [to, number]);
  return null;
}
"""
        ]


follow = Follow.create

"""The key “/” leads to the search of a page."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar


class Slash(rx.Component):
    """Gives the focus to the field `to` when “/” is pressed, unless somebody types, or a dialog is open."""

    tag = "Slash"
    to: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """React's hook."""
        return {"react": [ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Slash({ to }) {
  useEffect(() => {
    const press = (event) => {
      const at = document.activeElement;
      const types = at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || types) return;
      const field = document.getElementById(to);
      if (!field || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      field.focus();
      field.select();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [to]);
  return null;
}
"""
        ]


slash = Slash.create

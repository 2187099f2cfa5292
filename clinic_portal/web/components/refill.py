"""What was typed in a form that was refused stands in it again."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar


class Refill(rx.Component):
    """Puts `value` into the field `to` when `number` rises, unless somebody is typing there already."""

    tag = "Refill"
    to: rx.Var[str]
    value: rx.Var[str]
    number: rx.Var[int]

    def add_imports(self) -> dict[str, Any]:
        """React's hook."""
        return {"react": [ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Refill({ to, value, number }) {
  useEffect(() => {
    const field = document.getElementById(to);
    if (field && value && !field.value) field.value = value;
  }, [number]);
  return null;
}
"""
        ]


refill = Refill.create

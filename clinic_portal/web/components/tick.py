"""A box that is ticked at once, and kept by the server a moment later."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.utils.imports import ImportVar


class Tick(rx.Component):
    """Says `on_tick` with whether it is ticked now, and follows `checked` when that changes."""

    tag = "Tick"
    checked: rx.Var[bool]
    on_tick: rx.EventHandler[passthrough_event_spec(bool)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useState"), ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Tick({ checked, onTick, ...rest }) {
  const [on, setOn] = useState(Boolean(checked));
  useEffect(() => setOn(Boolean(checked)), [checked]);
  const change = (event) => { setOn(event.target.checked); if (onTick) onTick(event.target.checked); };
  return jsx("input", { ...rest, type: "checkbox", checked: on, onChange: change });
}
"""
        ]


def tick(label: Any, checked: Any, on_tick: Any, *more: Any, class_name: str = "min-h-[32px] w-fit") -> rx.Component:
    """A box with its words."""
    return rx.el.label(
        Tick.create(checked=checked, on_tick=on_tick, class_name="w-5 h-5 mt-0.5 shrink-0 accent-[var(--brand)]"),
        label if isinstance(label, rx.Component) else rx.el.span(label, class_name="overflow-anywhere"),
        *more,
        class_name=f"flex items-start gap-3 {class_name}",
    )

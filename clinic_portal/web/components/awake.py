"""A page that was left open looks again: when somebody comes back to it, and at an instant that changes it."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec
from reflex.utils.imports import ImportVar


class Awake(rx.Component):
    """Calls `on_look` when the page is seen again, at most every five seconds, and once after `seconds` (0: never)."""

    tag = "Awake"
    seconds: rx.Var[int]
    on_look: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hook."""
        return {"react": [ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Awake({ seconds, onLook }) {
  useEffect(() => {
    let last = -Infinity;
    const look = () => {
      if (document.hidden || performance.now() - last < 5000) return;
      last = performance.now();
      onLook();
    };
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    const timer = seconds > 0 && seconds < 86400 ? setTimeout(onLook, (seconds + 1) * 1000) : 0;
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
      clearTimeout(timer);
    };
  }, [seconds]);
  return null;
}
"""
        ]


awake = Awake.create

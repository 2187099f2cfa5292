"""Automatic logoff with a warning (45 CFR 164.312(a)(2)(iii)): the page counts, the server decides."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec
from reflex.utils.imports import ImportVar


class IdleGuard(rx.Component):
    """Warns a minute before `seconds` are over; a click, key or touch says `on_stay`, at most twice a minute.

    `on_over` is called at the end. A new `key` starts it anew.
    """

    tag = "IdleGuard"
    seconds: rx.Var[int]
    on_stay: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]
    on_over: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useState"), ImportVar(tag="useEffect"), ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
let lastSign = -Infinity;
function IdleGuard({ seconds, onStay, onOver }) {
  const [left, setLeft] = useState(seconds);
  const dialog = useRef(null);
  useEffect(() => {
    const begun = performance.now();
    let over = false;
    const tick = () => {
      const now = Math.max(0, Math.ceil(seconds - (performance.now() - begun) / 1000));
      setLeft(now);
      if (now === 0 && !over) { over = true; if (onOver) onOver(); }
    };
    const alive = () => {
      if (over || dialog.current?.open || performance.now() - lastSign < 30000) return;
      lastSign = performance.now();
      if (onStay) onStay();
    };
    const signs = ["pointerdown", "keydown", "touchstart"];
    signs.forEach((sign) => window.addEventListener(sign, alive, { passive: true }));
    tick();
    const timer = setInterval(tick, 1000);
    return () => { clearInterval(timer); signs.forEach((sign) => window.removeEventListener(sign, alive)); };
  }, [seconds]);
  useEffect(() => {
    const box = dialog.current;
    if (!box) return;
    if (left > 0 && left <= 60 && !box.open) box.showModal();
    if ((left === 0 || left > 60) && box.open) box.close();
  }, [left]);
  const stay = () => { dialog.current?.close(); if (onStay) onStay(); };
  return jsx("dialog", { ref: dialog, className: "idle", "aria-labelledby": "idle-title", onCancel: stay },
    jsx("h2", { id: "idle-title" }, "Are you still there?"),
    jsx("p", { "aria-live": "off" }, "To keep your details safe, you are signed out in " + left + " seconds."),
    jsx("button", { type: "button", className: "btn", onClick: stay }, "Stay signed in"));
}
"""
        ]


idle_guard = IdleGuard.create

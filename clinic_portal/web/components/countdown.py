"""A countdown that ticks in the browser; the server says once how many seconds are left."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec
from reflex.utils.imports import ImportVar


class Countdown(rx.Component):
    """`mm:ss` left of `seconds`; `on_end` is called once at zero. A new `key` starts it anew.

    It counts against the browser's monotonic clock, so a wrong wall clock, a sleeping tab or a moved rehearsal
    clock do not mislead it.
    """

    tag = "Countdown"
    seconds: rx.Var[int]
    on_end: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useState"), ImportVar(tag="useEffect"), ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Countdown({ seconds, onEnd }) {
  const [left, setLeft] = useState(seconds);
  const ended = useRef(false);
  useEffect(() => {
    const begun = performance.now();
    ended.current = false;
    const tick = () => {
      const now = Math.max(0, Math.ceil(seconds - (performance.now() - begun) / 1000));
      setLeft(now);
      if (now === 0 && !ended.current) { ended.current = true; if (onEnd) onEnd(); }
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [seconds]);
  const pad = (n) => String(n).padStart(2, "0");
  return pad(Math.floor(left / 60)) + ":" + pad(left % 60);
}
"""
        ]


countdown = Countdown.create

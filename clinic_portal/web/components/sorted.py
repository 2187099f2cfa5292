"""A list whose items are dragged to another place by a handle. For those with a mouse; buttons do the same for all."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.utils.imports import ImportVar


class Sorted(rx.Component):
    """Its children carry `data-item`, and within each something draggable with `data-handle`.

    Says `on_move` with the item and the place it was dropped at, counted from 0 among the others.
    """

    tag = "Sorted"
    label: rx.Var[str]
    on_move: rx.EventHandler[passthrough_event_spec(str, int)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useEffect"), ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Sorted({ label, onMove, children, className }) {
  const box = useRef(null), dragged = useRef(null), move = useRef(onMove);
  move.current = onMove;
  useEffect(() => {
    const list = box.current;
    const items = () => [...list.children];
    const under = (event) => dragged.current && items().find((one) => one.contains(event.target));
    const isBelow = (event, one) => event.clientY > one.getBoundingClientRect().top + one.offsetHeight / 2;
    const clear = () => items().forEach((one) => { delete one.dataset.drop; });
    const end = () => { clear(); dragged.current = null; };
    const start = (event) => {
      if (!event.target.closest?.("[data-handle]")) return;
      dragged.current = items().find((one) => one.contains(event.target));
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(dragged.current, 16, 16);
    };
    const over = (event) => {
      const one = under(event);
      if (!one) return;
      event.preventDefault();
      clear();
      if (one !== dragged.current) one.dataset.drop = isBelow(event, one) ? "below" : "above";
    };
    const drop = (event) => {
      const one = under(event);
      if (!one) return;
      event.preventDefault();
      const item = dragged.current, others = items().filter((each) => each !== item);
      const place = others.indexOf(one) + (isBelow(event, one) ? 1 : 0);
      end();
      if (one !== item && move.current) move.current(item.dataset.item, place);
    };
    const doing = { dragstart: start, dragover: over, drop: drop, dragend: end };
    Object.entries(doing).forEach(([name, what]) => list.addEventListener(name, what));
    return () => Object.entries(doing).forEach(([name, what]) => list.removeEventListener(name, what));
  }, []);
  return jsx("ol", { ref: box, className, "aria-label": label }, children);
}
"""
        ]


sorted_list = Sorted.create

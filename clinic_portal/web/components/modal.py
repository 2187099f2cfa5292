"""A dialog over the page: the rest waits, Escape leaves it, the focus goes back to where it was."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec
from reflex.utils.imports import ImportVar


class Modal(rx.Component):
    """Shows its children for as long as it is drawn; `label` is the id of its heading. Escape says `on_leave`."""

    tag = "Modal"
    label: rx.Var[str]
    on_leave: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useLayoutEffect"), ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Modal({ label, onLeave, children }) {
  const box = useRef(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog.showModal();
    return () => dialog.close();  // before it is gone, or the focus finds no way back
  }, []);
  const leave = (event) => { event.preventDefault(); if (onLeave) onLeave(); };
  return jsx("dialog", { ref: box, className: "modal", "aria-labelledby": label, onCancel: leave }, children);
}
"""
        ]


modal = Modal.create

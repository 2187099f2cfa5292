"""A page shows what belongs to its address, never for a moment what belonged to the one before."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar


class Fresh(rx.Component):
    """Its first child once the server has answered for the address in the browser, `at`; its second until then.

    Pages of one kind share their State: the visit looked at before would stand under the next one's address until
    the answer is there.
    """

    tag = "Fresh"
    at: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """React's children, and the address."""
        return {"react": [ImportVar(tag="Children")], "react-router": [ImportVar(tag="useLocation")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Fresh({ at, children }) {
  const { pathname, search } = useLocation();
  const [content, sketch] = Children.toArray(children);
  return at === (pathname.replace(/[/]+$/, "") || "/") + search ? content : sketch;
}
"""
        ]


fresh = Fresh.create

"""Going to a page that is not one of ours, in the same tab: the gateway's page that takes a card."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec
from reflex.state import BaseState
from reflex.utils.imports import ImportVar

from clinic_portal.web.gate import PUBLIC, access


class Leaving(rx.State):
    """Where this page is about to go. Empty again as soon as it goes, so that whoever comes back is not sent away."""

    to: str = ""

    @rx.event
    @access(PUBLIC)
    async def gone(self) -> None:
        """The page has heard where to go."""
        self.to = ""


class Leave(rx.Component):
    """Leaves for `to` when that is told; a page of another server, or one of ours that is no page of the app."""

    tag = "Leave"
    to: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """React's hook."""
        return {"react": [ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Leave({ to }) {
  useEffect(() => { if (to) window.location.assign(to); }, [to]);
  return null;
}
"""
        ]


def leave() -> rx.Component:
    """To be put once on a page from which the gateway's page is opened."""
    return Leave.create(to=Leaving.to)


async def leave_for(state: BaseState, url: str) -> EventSpec:
    """Send this page to `url`; to be returned by the handler."""
    (await state.get_state(Leaving)).to = url
    return Leaving.gone()

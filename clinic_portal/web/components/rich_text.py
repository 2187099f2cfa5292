"""An editor for texts with headings, lists, quotes, links and pictures: what staff write in instructions and consents.

Use: `rich_text("text", label="What patients read", value=Form.html, on_change=Form.keep_html, key=Form.number)`; a new
`key` draws it anew with its `value`. The handler takes `(html, mark)` and cleans the HTML. `pictures_to` is where
pictures are posted (multipart, `file`) and answered with `{"url": …}`; without it there is no button for them.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex_components_core.core.banner import has_connection_errors

from clinic_portal.web.components.kept import HOOKS, KEPT
from clinic_portal.web.components.rich_text_code import CODE, STYLE

VERSION = "3.34.0"


class RichText(rx.Component):
    """Tiptap's editor, fetched by the page that shows it and by no other; its HTML also travels in a form as `name`.

    It says `on_change(html, mark)` 400 ms after the last change, when it is left or hidden; an empty text is "".
    """

    tag = "RichText"
    lib_dependencies: list[str] = [
        f"@tiptap/{part}@{VERSION}" for part in ("core", "pm", "starter-kit", "extension-image")
    ]
    label: rx.Var[str]
    name: rx.Var[str]
    value: rx.Var[str]
    pictures_to: rx.Var[str]
    described_by: rx.Var[str]
    saved: rx.Var[str]
    is_lost: rx.Var[bool]
    on_change: rx.EventHandler[passthrough_event_spec(str, str)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return HOOKS

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [KEPT, f"const RICH_STYLE = `{STYLE}`;{CODE}"]


def rich_text(
    element_id: Any,
    *,
    label: Any,
    value: Any,
    on_change: Any,
    name: Any = "",
    pictures_to: Any = "",
    described_by: Any = "",
    saved: Any = None,
    key: Any = None,
) -> rx.Component:
    """The editor with its toolbar. `saved`: the mark of the last text the server has taken, as in `kept`."""
    told = {} if saved is None else {"saved": saved}
    return RichText.create(
        id=element_id,
        label=label,
        value=value,
        name=name,
        pictures_to=pictures_to,
        described_by=described_by,
        is_lost=has_connection_errors,
        on_change=on_change,
        key=element_id if key is None else key,
        **told,
    )

"""The form as a patient would see it, to be tried out; nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.forms import rules
from clinic_portal.forms.definition import Content
from clinic_portal.web.admin.forms.base import Writing
from clinic_portal.web.components.basics import CARD


@dataclass
class Line:
    link: str
    text: str


class Preview(Writing, mixin=True):
    """What somebody answered while trying it out."""

    answers: dict[str, Any] = {}
    lines: list[Line] = []

    def _draw_preview(self, content: Content) -> None:
        asked = rules.asked(content, is_minor=False)
        self.lines = [Line(one.link_id, one.text) for one in rules.shown(asked, self.answers)]


def preview(state: Any) -> rx.Component:
    """The form."""
    return rx.el.section(
        rx.el.h2(state.title),
        rx.foreach(state.lines, lambda one: rx.el.p(one.text)),
        aria_label="Preview",
        class_name=CARD,
    )

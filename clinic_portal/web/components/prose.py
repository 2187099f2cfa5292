"""The clinic's rich text: instructions, and what a consent says."""

from __future__ import annotations

from typing import Any

import reflex as rx


def prose(html: Any, **props: Any) -> rx.Component:
    """A text with headings, lists, quotes and pictures. `html` was sanitised when the form was kept (`forms.cleaning`)."""
    return rx.html(html, class_name=f"rich {props.pop('class_name', '')}", **props)

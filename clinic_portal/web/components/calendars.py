"""Ways into a calendar: links that put one visit into it, or make it follow all of them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.messaging.calendar import Links, Subscriptions
from clinic_portal.web.components.basics import NATIVE, link_button


def into(links: Links) -> list[list[str]]:
    """The calendars one visit can be put into: names and addresses."""
    return [
        ["Apple Calendar", links.apple],
        ["Google Calendar", links.google],
        ["Outlook", links.outlook],
        ["Microsoft 365", links.office],
        ["Yahoo", links.yahoo],
    ]


def following(links: Subscriptions) -> list[list[str]]:
    """The calendars that can follow a feed: names and addresses."""
    return [
        ["Apple Calendar", links.apple],
        ["Google Calendar", links.google],
        ["Outlook", links.outlook],
        ["Microsoft 365", links.office],
    ]


def buttons(named: Any) -> rx.Component:
    """A button for each."""
    return rx.foreach(
        named,
        lambda one: link_button(
            one[0],
            href=one[1],
            ghost=True,
            small=True,
            target="_blank",
            rel="noopener noreferrer",
            custom_attrs=NATIVE,
        ),
    )

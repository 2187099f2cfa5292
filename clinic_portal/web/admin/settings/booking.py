"""Booking rules, and the addresses to send to patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.bootstrap import services
from clinic_portal.clinic import editing_rules, sheets
from clinic_portal.web import inputs
from clinic_portal.web.admin.base import AdminPage
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.keeping import KeepsSettings
from clinic_portal.web.components.basics import CARD, MUTED, button, card
from clinic_portal.web.components.fields import FieldView, fields, focused
from clinic_portal.web.gate import STAFF, access

CHOICES = {
    "provider_choice": [
        ["both", "A provider by name, or first available"],
        ["provider", "Always a provider by name"],
        ["first_available", "The clinic assigns: first available only"],
    ]
}
LABELS = (
    ("title", "Booking online", ""),
    ("start_interval_minutes", "Times every … minutes", "5 to 60; independent of how long a treatment takes."),
    (
        "minimum_notice_minutes",
        "Least notice, minutes",
        "The soonest a visit may begin after it is booked. An hour is 60, a day 1440.",
    ),
    ("booking_window_days", "How many days ahead", "Up to two years."),
    ("hold_minutes", "A chosen time is kept for … minutes", "While the patient finishes."),
    ("provider_choice", "Whom patients may choose", ""),
    ("buffers_must_fit", "Buffers must fit into opening hours", ""),
    ("title", "Changing a visit", ""),
    ("patients_may_reschedule", "Patients may reschedule in their portal", ""),
    ("patients_may_cancel", "Patients may cancel in their portal", ""),
    ("change_until_minutes", "Until … minutes before it begins", "0: until it begins. A day is 1440."),
    ("title", "Staff", ""),
    (
        "is_second_factor_required",
        "Everyone of the staff needs an authenticator app",
        "Asked for at their next sign-in.",
    ),
    ("title", "The clinic", ""),
    ("name", "Name", ""),
    ("tagline", "One line about it", ""),
    ("about", "About it", ""),
    ("email", "E-mail", ""),
    ("phone", "Phone", ""),
    ("website", "Website", ""),
)
NAMES = tuple(name for name, _, _ in LABELS if name != "title")


class BookingRules(KeepsSettings, rx.State):
    """The clinic's own settings as one form."""

    form: list[FieldView] = []
    form_key: int = 0

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def enter(self) -> None:
        """Show how they stand."""
        async with self._answering():
            await self._open("Booking rules")
            self._draw(await self._ask(sheets.clinic), {})

    @rx.event
    @access(Permission.CHANGE_CLINIC)
    async def save(self, form: Any) -> None:
        """Keep them."""
        async with self._answering():
            wrong = await self._keep(form, NAMES, most=3000)
            if wrong:
                self._draw(*wrong)
                return
            await self._open("Booking rules")
            self._draw(await self._ask(sheets.clinic), {})
            await self._tell("Saved", "It holds from now on, on every open page.")

    def _draw(self, values: Mapping[str, Any], errors: Mapping[str, str]) -> None:
        self.form_key += 1
        self.form = focused(
            [
                FieldView("", label, kind="title")
                if name == "title"
                else FieldView(
                    name,
                    label,
                    ("yes" if values[name] else "") if _kind(name) == "tick" else str(values[name]),
                    _kind(name),
                    errors.get(name, ""),
                    hint,
                    CHOICES.get(name, []),
                )
                for name, label, hint in LABELS
            ],
            is_opened=False,
        )


def _kind(name: str) -> str:
    if name in CHOICES:
        return "choice"
    if editing_rules.CLINIC.get(name) is editing_rules.flag:
        return "tick"
    return "number" if name.endswith(("_minutes", "_days")) else "area" if name == "about" else "text"


@dataclass
class AddressView:
    """An address to be copied."""

    key: str
    name: str
    what_for: str
    url: str


class Addresses(AdminPage, rx.State):
    """Addresses staff send to patients (S16, S17)."""

    portal_url: str = ""
    booking_url: str = ""
    snippet: str = ""
    more: list[AddressView] = []
    copied: str = ""

    @rx.event
    @access(STAFF)
    async def enter(self) -> None:
        """Show them."""
        async with self._answering():
            clinic = await self._open("Booking portal")
            base = services().settings.public_url.rstrip("/")
            self.copied = ""
            self.portal_url, self.booking_url = f"{base}/sign-in", f"{base}/book"
            self.snippet = f'<a href="{base}/book">Book online</a>'
            self.more = [
                AddressView(
                    f"service-{one.id}", one.name, "straight to this treatment", f"{base}/book?service={one.slug}"
                )
                for one in clinic.services.values()
                if one.is_bookable_online
            ]

    @rx.event
    @access(STAFF)
    async def was_copied(self, key: Any) -> None:
        """Say so beside the button."""
        async with self._answering():
            self.copied = inputs.text(key, most=40)


def booking_page() -> rx.Component:
    """The rules as one form."""
    return settings_frame(
        "Booking rules",
        rx.el.form(
            fields(BookingRules.form, BookingRules.form_key),
            button("Save", type="submit", class_name="mt-6"),
            id="booking-rules",
            no_validate=True,
            on_submit=BookingRules.save,
            class_name=CARD,
        ),
        page="Booking rules",
    )


def addresses_page() -> rx.Component:
    """Top URL first."""
    return settings_frame(
        "Booking portal",
        card(
            rx.el.h2("Portal"),
            rx.el.p(
                "Opens the log-in screen, which offers to sign up. Send it to patients.",
                class_name=f"{MUTED} mt-1 mb-3",
            ),
            address("portal", "Portal address", Addresses.portal_url),
            class_name="mb-5",
        ),
        card(
            rx.el.h2("Booking"),
            rx.el.p("Opens the booking page; nobody needs to be signed in.", class_name=f"{MUTED} mt-1 mb-3"),
            address("booking", "Booking address", Addresses.booking_url),
            class_name="mb-5",
        ),
        card(
            rx.el.h2("Straight to a treatment"),
            rx.foreach(
                Addresses.more,
                lambda one: rx.el.div(address(one.key, one.name, one.url), class_name="mt-4"),
            ),
        ),
        page="Booking portal",
    )


def address(key: Any, label: Any, url: Any) -> rx.Component:
    """An address, or a piece of a website, to be copied."""
    return rx.el.div(
        rx.el.label(label, html_for=key, class_name="block font-semibold mb-1.5"),
        rx.el.div(
            rx.el.input(id=key, value=url, read_only=True, class_name="field text-[14px] min-w-0"),
            button(
                rx.cond(Addresses.copied == key, "Copied", "Copy"),
                rx.el.span(" ", label, class_name="sr"),
                ghost=True,
                small=True,
                on_click=[rx.set_clipboard(url), Addresses.was_copied(key)],
            ),
            class_name="flex gap-3 items-center",
        ),
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/settings/booking", booking_page, [BookingRules.enter], "Booking rules"),
    ("/admin/settings/addresses", addresses_page, [Addresses.enter], "Booking portal"),
)

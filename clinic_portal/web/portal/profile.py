"""The patient's own information, seen and changed (S1, S2, S26, S36)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from clinic_portal.accounts.types import CodeAnswer
from clinic_portal.core import wording
from clinic_portal.core.errors import DomainError, Unusable
from clinic_portal.patients import profile
from clinic_portal.web import inputs
from clinic_portal.web.components.basics import MUTED, SMALL, button, card, field, step_title
from clinic_portal.web.gate import PATIENT, access
from clinic_portal.web.me import Me
from clinic_portal.web.portal.base import PortalPage
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.problems import Problem, problem

FIELDS = (
    "given_name", "family_name", "birth_on", "pronouns", "street", "city", "region", "postal_code", "country",
    "emergency_name", "emergency_phone",
)  # fmt: skip


class ProfilePage(PortalPage, rx.State):
    """A form of what the clinic knows; the phone apart, because a code must prove it."""

    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    edition: int = 0
    email: str = ""
    phone: str = ""
    is_phone_proved: bool = False
    phone_stage: str = ""  # "" | number | code
    new_phone: str = ""
    new_phone_shown: str = ""
    was_sent_again: bool = False
    phone_error: str = ""

    @rx.event
    @access(PATIENT)
    async def enter(self) -> None:
        """Show what is known."""
        async with self._answering():
            await self._open("My details")
            self.errors, self.phone_stage, self.phone_error = {}, "", ""
            await self._look()

    @rx.event
    @access(PATIENT)
    async def save(self, form: Any) -> EventSpec | None:
        """Keep what was typed (S2)."""
        async with self._answering():
            typed = inputs.fields(form, *FIELDS, most=300)
            patient = await self._patient()
            clinic = await self._open("My details")
            zone = clinic.time_zone
            phones = clinic.clinic.phone_region
            try:
                await self._do(
                    profile.change, patient.tag, patient.patient_id, phone_region=phones, zone=zone, typed=typed
                )
            except Unusable as refusal:
                self.values = typed
                self.errors = {fault.field: problem(fault).sentence for fault in refusal.faults}
                return rx.set_focus(refusal.faults[0].field)
            self.errors = {}
            await self._look()
            me = await self.get_state(Me)
            await me.enter()
            await self._tell("Saved", "Your details are up to date.")
        return None

    @rx.event
    @access(PATIENT)
    async def change_phone(self) -> EventSpec | None:
        """Begin to change the number."""
        self.phone_stage, self.phone_error = "number", ""
        return rx.set_focus("new_phone")

    @rx.event
    @access(PATIENT)
    async def keep_phone(self) -> EventSpec:
        """Rather not."""
        self.phone_stage = ""
        return rx.set_focus("change-phone")

    @rx.event
    @access(PATIENT)
    async def send_code(self, form: Any) -> EventSpec | None:
        """Send a code to the number that was typed."""
        async with self._answering():
            typed = inputs.fields(form, "new_phone", most=60)["new_phone"]
            try:
                await self._send_code(typed)
            except DomainError as refusal:
                self.phone_error = problem(refusal).sentence
                return rx.set_focus("new_phone")
            self.phone_stage, self.was_sent_again = "code", False
            return rx.set_focus("code")
        return None

    @rx.event
    @access(PATIENT)
    async def send_code_again(self) -> EventSpec | None:
        """Send a new code; the one before is void."""
        async with self._answering():
            try:
                await self._send_code(self.new_phone)
                self.was_sent_again = True
            except DomainError as refusal:
                self.phone_error = problem(refusal).sentence
            return rx.set_focus("code")
        return None

    async def _send_code(self, number: str) -> None:
        patient = await self._patient()
        region = (await self._open("My details")).clinic.phone_region
        self.new_phone = await self._do(
            profile.begin_phone_change,
            patient.patient_id,
            self._visitor,
            number,
            region=region,
            address=self.router.session.client_ip,
        )
        self.new_phone_shown, self.phone_error = wording.phone(self.new_phone), ""

    @rx.event
    @access(PATIENT)
    async def check_code(self, form: Any) -> EventSpec | None:
        """Try the code; the right one makes the number theirs."""
        async with self._answering():
            digits = inputs.digits(inputs.fields(form, "code", most=40)["code"])
            if len(digits) != 6:
                self.phone_error = "Please type the six digits from the message."
                return rx.set_focus("code")
            patient = await self._patient()
            answer = await self._do(
                profile.finish_phone_change,
                patient.tag,
                patient.patient_id,
                self._visitor,
                self.new_phone,
                digits,
            )
            if answer is not CodeAnswer.RIGHT:
                self.phone_error = Problem.of(answer.value).sentence
                return rx.set_focus("code")
            self.phone_stage = ""
            await self._look()
            await self._tell("Saved", "Texts go to your new number from now on.")
        return None

    async def _look(self) -> None:
        patient = await self._patient()
        known = await self._ask(profile.own, patient.patient_id)
        self.values = {name: str(getattr(known, name) or "") for name in FIELDS}
        self.values["emergency_phone"] = wording.phone(known.emergency_phone) if known.emergency_phone else ""
        self.email, self.phone = known.email, wording.phone(known.phone)
        self.is_phone_proved = known.phone_verified_at is not None
        self.edition += 1


def page() -> rx.Component:
    """The form, and what is changed apart."""
    return portal_frame(
        step_title("My details"),
        rx.el.div(
            card(
                rx.el.form(
                    _part("You"),
                    _pair(
                        _field("given_name", "First name", auto_complete="given-name", required=True),
                        _field("family_name", "Last name", auto_complete="family-name", required=True),
                    ),
                    _pair(
                        _field("birth_on", "Date of birth", type="date", auto_complete="bday"),
                        _field("pronouns", "Pronouns"),
                    ),
                    _part("Address"),
                    _field("street", "Street and number", auto_complete="street-address"),
                    _pair(
                        _field("city", "City", auto_complete="address-level2"),
                        _field("region", "State or region", auto_complete="address-level1"),
                    ),
                    _pair(
                        _field("postal_code", "Postal code", auto_complete="postal-code"),
                        _field("country", "Country", auto_complete="country-name"),
                    ),
                    _part("Whom to call in an emergency"),
                    _pair(
                        _field("emergency_name", "Name"),
                        _field("emergency_phone", "Phone", type="tel"),
                    ),
                    button("Save", type="submit", class_name="sm:justify-self-start"),
                    id="profile",
                    no_validate=True,
                    on_submit=ProfilePage.save,
                    class_name="grid gap-5",
                ),
            ),
            rx.el.div(
                card(
                    rx.el.h2("E-mail"),
                    rx.el.p(ProfilePage.email, id="email-shown", class_name="mt-2 overflow-anywhere"),
                    rx.el.p(
                        rx.el.a("Change it in the settings", href="/portal/settings", class_name="link"),
                        class_name="mt-1",
                    ),
                ),
                card(
                    rx.el.h2("Mobile phone"),
                    rx.el.p(
                        ProfilePage.phone,
                        rx.el.span(
                            rx.cond(ProfilePage.is_phone_proved, " ✓ confirmed", " not confirmed yet"), class_name=SMALL
                        ),
                        id="phone-shown",
                        class_name="mt-2",
                    ),
                    rx.match(
                        ProfilePage.phone_stage,
                        ("number", _number()),
                        ("code", _code()),
                        rx.el.button(
                            rx.cond(ProfilePage.is_phone_proved, "Change it", "Confirm or change it"),
                            type="button",
                            id="change-phone",
                            class_name="link",
                            on_click=ProfilePage.change_phone,
                        ),
                    ),
                ),
                class_name="grid gap-5",
            ),
            class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_380px] gap-6 mt-6 items-start",
        ),
        here="My details",
    )


def _number() -> rx.Component:
    return rx.el.form(
        field("new_phone", "New number", error=ProfilePage.phone_error, type="tel", auto_complete="tel", max_length=40),
        _two_buttons("Send me a code"),
        no_validate=True,
        on_submit=ProfilePage.send_code,
        class_name="grid gap-4 mt-3",
    )


def _code() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            rx.cond(ProfilePage.was_sent_again, "We sent six new digits to ", "We sent six digits to "),
            rx.el.span(ProfilePage.new_phone_shown, class_name="whitespace-nowrap"),
            ".",
            role="status",
            class_name=MUTED,
        ),
        field(
            "code",
            "Code",
            error=ProfilePage.phone_error,
            input_mode="numeric",
            auto_complete="one-time-code",
            max_length=20,
        ),
        _two_buttons("Confirm"),
        rx.el.p(
            rx.el.button("Send a new code", type="button", class_name="link", on_click=ProfilePage.send_code_again)
        ),
        no_validate=True,
        on_submit=ProfilePage.check_code,
        class_name="grid gap-4 mt-3",
    )


def _two_buttons(label: str) -> rx.Component:
    return rx.el.div(
        button(label, type="submit", small=True),
        button("Keep the old one", ghost=True, small=True, on_click=ProfilePage.keep_phone),
        class_name="flex flex-wrap gap-3",
    )


def _field(name: str, label: str, **props: Any) -> rx.Component:
    return field(
        name,
        label,
        value=ProfilePage.values.get(name, "").to(str),
        error=ProfilePage.errors.get(name, "").to(str),
        key=f"{name}-{ProfilePage.edition}",
        max_length=254,
        **props,
    )


def _pair(*content: Any) -> rx.Component:
    return rx.el.div(*content, class_name="grid sm:grid-cols-2 gap-5")


def _part(title: str) -> rx.Component:
    return rx.el.h2(title, class_name="!text-[19px] -mb-2")

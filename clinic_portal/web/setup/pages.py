"""The pages of the first run: who you are, then one thing a page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.clinic.founding_rules import countries
from clinic_portal.web.account.pieces import form_card, new_password, typed_field
from clinic_portal.web.account.state import Entry
from clinic_portal.web.admin.first_steps import FirstSteps, first_steps_list
from clinic_portal.web.admin.settings import stretches
from clinic_portal.web.admin.settings.booking import Addresses, address
from clinic_portal.web.components.basics import (
    ERROR,
    MUTED,
    SMALL,
    button,
    card,
    link_button,
    skeleton,
    step_title,
)
from clinic_portal.web.components.fields import fields
from clinic_portal.web.components.native import hidden, native_form
from clinic_portal.web.components.time_zone import zone_choice
from clinic_portal.web.setup.frame import TITLES, buttons, frame, step_page, trouble
from clinic_portal.web.setup.state import DONE, Setup
from clinic_portal.web.setup.views import EXAMPLES

COUNTRIES = sorted(countries().items(), key=lambda one: one[1])


def you() -> rx.Component:
    """The way in: name, e-mail and password of the owner, by whoever has the key."""
    return frame(
        "you",
        rx.match(
            Setup.step,
            ("you", form_card("Set up your clinic", _claim())),
            (
                "come_in",
                form_card(
                    "Sign in to go on",
                    rx.el.p("This installation has an owner already. Everything set up so far is kept."),
                    link_button("Sign in", href="/admin/sign-in?next=/setup", class_name="mt-5"),
                ),
            ),
            (
                "wait",
                form_card(
                    "Your clinic is being set up",
                    rx.el.p("The owner is at it. As soon as something can be booked, these pages open."),
                ),
            ),
            rx.el.div(step_title("Set up your clinic"), skeleton("h-72 mt-5"), aria_busy="true"),
        ),
        titled=False,
    )


def _claim() -> rx.Component:
    from_address: rx.Var[str] = rx.Var(
        "(typeof window === 'undefined' ? '' : new URLSearchParams(window.location.search).get('key') ?? '')"
    )
    return rx.fragment(
        rx.el.p(
            "A few minutes of clicking, and the first visit can be booked. You are the owner: you may do everything, "
            "and invite others later.",
            class_name=f"{MUTED} mb-5",
        ),
        native_form(
            rx.cond(
                Setup.told.get("has_key", "") != "",
                hidden("key", from_address.to(str)),
                typed_field(
                    "key",
                    "Setup key",
                    required=True,
                    auto_complete="off",
                    hint="It stands among the first lines the server said when it started: Set up your clinic: …",
                ),
            ),
            typed_field("name", "Your name", auto_complete="name", required=True, max_length=80),
            typed_field("email", "Your e-mail", type="email", auto_complete="username", required=True),
            new_password(),
            button("Continue", type="submit", class_name="w-full"),
            to="/auth/setup",
            id="claim",
        ),
    )


def clinic() -> rx.Component:
    """Name, how to reach it, country; what the country suggests."""
    return step_page(
        "clinic",
        "Patients see this on every page and in every message.",
        fields(Setup.form, Setup.drawn),
        _country("phone_region", on_change=Setup.in_country),
        _more("Money, dates and numbers", is_open=True),
    )


def location() -> rx.Component:
    """The address and its clock."""
    return step_page(
        "location",
        "One place is enough to begin; more come later.",
        fields(Setup.form, Setup.drawn),
        _country("country"),
        rx.el.div(
            rx.el.label("Time zone", html_for="time_zone", class_name="block font-semibold mb-1.5"),
            zone_choice(
                id="time_zone",
                name="time_zone",
                chosen=Setup.told.get("zone", "").to(str),
                none="Please choose",
                suggests=True,
                key=Setup.drawn,
                class_name="field",
                custom_attrs={"aria-describedby": "time_zone-hint time_zone-error"},
            ),
            rx.el.p("Visits are told by the clock of this place.", id="time_zone-hint", class_name=f"{SMALL} mt-1.5"),
            _error("time_zone", Setup.told.get("zone_error", "")),
        ),
        _more("Phone and directions"),
    )


def provider() -> rx.Component:
    """The owner, or somebody else."""
    return step_page(
        "provider",
        "One is enough to begin; more come later.",
        rx.el.label(
            rx.el.input(
                type="checkbox",
                name="is_me",
                id="is_me",
                value="yes",
                checked=Setup.told.get("is_me", "") != "",
                on_change=Setup.treats,
                class_name="w-5 h-5 mt-0.5 shrink-0 accent-[var(--brand)]",
            ),
            rx.el.span("I treat patients myself"),
            class_name="flex items-start gap-3 min-h-[32px]",
        ),
        fields(Setup.form, Setup.drawn),
        fields(Setup.more, Setup.drawn_more),
    )


def hours() -> rx.Component:
    """A week at one click, or day by day."""

    def fill(label: str, which: str) -> rx.Component:
        return button(label, ghost=True, small=True, on_click=Setup.fill_week(which))

    return step_page(
        "hours",
        rx.fragment("The same every week: ", rx.el.span(Setup.told.get("whose", "")), ". Days off come later."),
        rx.el.div(
            fill("Monday to Friday, 9 to 5", "weekdays"),
            fill("Monday to Saturday, 10 to 6", "six"),
            fill("Every day, 9 to 5", "every"),
            class_name="flex flex-wrap gap-3",
        ),
        stretches.days_form(Setup.week, Setup.drawn, on_add=Setup.add_line, on_remove=Setup.remove_line, breaks=True),
    )


def service() -> rx.Component:
    """One thing that can be booked; examples to begin with."""
    return step_page(
        "service",
        rx.fragment("One is enough to begin. ", rx.el.span(Setup.told.get("provider", "")), " performs it."),
        rx.el.div(
            rx.el.p("Begin with an example, or write your own:", id="examples", class_name=f"{SMALL} mb-2"),
            rx.el.div(
                *[
                    button(name, ghost=True, small=True, on_click=Setup.pick(n))
                    for n, (name, _, _) in enumerate(EXAMPLES)
                ],
                class_name="flex flex-wrap gap-2",
                role="group",
                aria_labelledby="examples",
            ),
        ),
        fields(Setup.form, Setup.drawn),
        _more("Description, and minutes before and after"),
    )


def address_page() -> rx.Component:
    """Where patients book, whether they can, and how to tell them."""
    return frame(
        "address",
        rx.el.p("Send it, print it, put it on your website.", class_name=MUTED),
        trouble(),
        card(
            address("booking", "Booking address", Addresses.booking_url),
            _finding(Setup.told.get("reach", ""), Setup.told.get("reach_why", "")),
            rx.el.div(
                rx.el.img(
                    src="/admin/booking-address.svg",
                    alt="QR code of your booking address",
                    class_name="w-[160px] h-[160px] rounded-[var(--radius-m)] border border-[var(--line)]",
                ),
                rx.el.div(
                    rx.el.p("For your window, your cards, your flyers.", class_name=SMALL),
                    rx.el.a(
                        "Save the picture",
                        href="/admin/booking-address.svg",
                        download="booking-address.svg",
                        class_name="link",
                        custom_attrs={"reloadDocument": True},
                    ),
                    class_name="grid gap-2 content-center",
                ),
                class_name="flex flex-wrap gap-5 mt-5",
            ),
            rx.el.div(address("snippet", "A link for your website", Addresses.snippet), class_name="mt-5"),
            class_name="mt-5",
        ),
        card(
            rx.el.h2("Can patients book?"),
            _finding(Setup.told.get("texts", ""), Setup.told.get("texts_why", "")),
            rx.cond(
                Setup.told.get("can_check", "") != "",
                rx.el.div(
                    button("Check e-mail and texts now", ghost=True, small=True, on_click=Setup.check),
                    rx.el.p(Setup.told.get("checked", ""), role="status", class_name=f"{SMALL} empty:hidden"),
                    class_name="flex flex-wrap gap-4 items-center mt-4",
                ),
            ),
            class_name="mt-5",
        ),
        buttons("address", link_button("Finish", href=f"/setup/{DONE}")),
    )


def done() -> rx.Component:
    """What stands, what comes next."""
    return frame(
        DONE,
        rx.el.p("Book a visit yourself, as a patient would; you can cancel it afterwards.", class_name=MUTED),
        trouble(),
        rx.el.div(
            link_button("Book a test visit", href="/book"),
            link_button("To Today", href="/admin", ghost=True),
            class_name="flex flex-wrap gap-3 mt-5",
        ),
        rx.cond(
            FirstSteps.steps,
            card(
                rx.el.h2("What comes next", class_name="mb-3"),
                rx.el.p("This list stays on Today until it is done, or put away.", class_name=f"{SMALL} mb-3"),
                first_steps_list(),
                class_name="mt-6",
            ),
        ),
    )


def _more(title: str, *, is_open: bool = False) -> rx.Component:
    """Fields most leave as they are."""
    return rx.el.details(
        rx.el.summary(title, class_name="link cursor-pointer"),
        rx.el.div(fields(Setup.more, Setup.drawn_more), class_name="mt-4"),
        open=is_open,
    )


def _country(name: str, **props: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label("Country", html_for=name, class_name="block font-semibold mb-1.5"),
        rx.el.select(
            *[rx.el.option(label, value=code) for code, label in COUNTRIES],
            id=name,
            name=name,
            default_value=Setup.told.get("country", ""),
            key=Setup.drawn,
            aria_describedby=f"{name}-error",
            class_name="field",
            **props,
        ),
        _error(name, Setup.told.get("country_error", "")),
    )


def _error(name: str, told: Any) -> rx.Component:
    return rx.el.p(
        told,
        id=f"{name}-error",
        role="alert",
        class_name=ERROR,
    )


def _finding(level: Any, why: Any) -> rx.Component:
    """How something stands: a word, and a sentence."""
    word = rx.match(level, ("good", "Good"), ("odd", "Please look"), ("bad", "Not yet"), "")
    return rx.el.p(
        rx.el.b(word, class_name=rx.cond(level == "good", "text-[#155c39]", "text-[#6b4600]")),
        rx.cond(level != "", ": ", ""),
        why,
        class_name="mt-3",
    )


def add(app: rx.App) -> None:
    """Add the pages to the app."""
    app.add_page(you, route="/setup", title="Set up your clinic", on_load=[Entry.enter("setup"), Setup.enter])
    for step, page in (
        ("clinic", clinic),
        ("location", location),
        ("provider", provider),
        ("hours", hours),
        ("service", service),
    ):
        app.add_page(page, route=f"/setup/{step}", title=f"{TITLES[step][1]} · First run", on_load=Setup.open(step))
    app.add_page(
        address_page,
        route="/setup/address",
        title=f"{TITLES['address'][1]} · First run",
        on_load=[Setup.open("address"), Addresses.enter],
    )
    app.add_page(
        done,
        route=f"/setup/{DONE}",
        title=f"{TITLES[DONE][1]} · First run",
        on_load=[Setup.open(DONE), FirstSteps.enter],
    )

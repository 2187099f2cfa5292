"""What comes of a text, with whose data, and a trial of it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.messaging.types import Channel
from clinic_portal.web.admin.messages.text import TextEditor
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button


def is_email() -> Any:
    """Whether the text is an e-mail's."""
    return TextEditor.channel == Channel.EMAIL.value


def preview() -> rx.Component:
    """The e-mail as it is read, or the SMS with its length."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("What comes of it"),
            rx.cond(
                is_email(),
                rx.el.div(_width("Phone", False), _width("Wide", True), class_name="flex gap-4 max-lg:hidden"),
            ),
            class_name="flex justify-between items-baseline gap-3 mb-3",
        ),
        rx.el.p(TextEditor.waits, id="waits", role="status", class_name=f"{ERROR} mb-3"),
        rx.cond(
            is_email(),
            rx.fragment(
                rx.el.p(rx.el.b(TextEditor.shown_subject), id="shown-subject", class_name="overflow-anywhere mb-2"),
                rx.el.iframe(
                    src_doc=TextEditor.shown_html,
                    title="The e-mail",
                    sandbox="",
                    class_name="w-full h-[620px] border border-[var(--line)] rounded-[var(--radius-m)] bg-white",
                ),
            ),
            rx.fragment(
                rx.el.p(
                    TextEditor.shown_text,
                    id="shown-sms",
                    class_name="whitespace-pre-line overflow-anywhere bg-[var(--sunken)] rounded-[18px] px-4 py-3 max-w-[320px]",
                ),
                rx.el.p(TextEditor.count, id="count", class_name=f"{SMALL} mt-2"),
                rx.el.p(TextEditor.advice, id="advice", class_name="text-[14px] mt-1 empty:hidden"),
            ),
        ),
        _person(),
        aria_label="Preview",
        class_name=CARD,
    )


def _width(label: str, is_wide: bool) -> rx.Component:
    is_on = TextEditor.is_wide if is_wide else ~TextEditor.is_wide
    return rx.el.button(
        label,
        type="button",
        class_name=rx.cond(is_on, "link font-semibold", "link"),
        aria_pressed=rx.cond(is_on, "true", "false"),
        on_click=TextEditor.widen(is_wide),
    )


def _person() -> rx.Component:
    return rx.el.div(
        rx.cond(
            TextEditor.person != "",
            rx.el.p(
                "Filled in with the data of ",
                rx.el.b(TextEditor.person),
                ". ",
                rx.el.button("Use the example", type="button", class_name="link", on_click=TextEditor.pick(0)),
                id="person",
            ),
            rx.el.p("Filled in with an example.", class_name=SMALL, id="person"),
        ),
        rx.el.form(
            rx.el.label("Fill in with a patient’s data", html_for="patient", class_name="block font-semibold mb-1.5"),
            rx.el.div(
                rx.el.input(
                    id="patient",
                    name="patient",
                    type="search",
                    default_value=TextEditor.wanted,
                    key=TextEditor.person,
                    placeholder="Name",
                    max_length=100,
                    auto_complete="off",
                    class_name="field !min-h-[40px] !py-1.5 min-w-0",
                ),
                button("Find", type="submit", ghost=True, small=True),
                class_name="flex gap-2",
            ),
            on_submit=TextEditor.look_for,
            role="search",
            aria_label="A patient",
            class_name="mt-3",
        ),
        rx.el.ul(
            rx.foreach(
                TextEditor.people,
                lambda one: rx.el.li(
                    rx.el.button(
                        one.name,
                        type="button",
                        class_name="link min-h-[32px] overflow-anywhere text-left",
                        on_click=TextEditor.pick(one.id),
                    ),
                    rx.el.span(one.email, class_name=f"{SMALL} block overflow-anywhere"),
                    class_name="py-1.5",
                ),
            ),
            id="people",
            class_name="list-none p-0 m-0 mt-2 empty:hidden",
        ),
        rx.cond(TextEditor.nobody, rx.el.p("No patient of that name.", role="status", class_name=f"{SMALL} mt-2")),
        class_name="mt-5 pt-4 border-t border-[var(--line)]",
    )


def trial() -> rx.Component:
    """Send it to oneself."""
    return rx.el.form(
        rx.el.h2("Send it to myself", class_name="mb-2"),
        rx.cond(
            is_email(),
            rx.el.p("It goes to your own address, as it is written above, saved or not.", class_name=MUTED),
            rx.el.div(
                rx.el.label("Your mobile number", html_for="to", class_name="block font-semibold mb-1.5"),
                rx.el.input(
                    id="to",
                    name="to",
                    type="tel",
                    auto_complete="tel",
                    aria_invalid=rx.cond(TextEditor.wrong_number != "", "true", "false"),
                    aria_describedby="to-error",
                    class_name="field",
                ),
                rx.el.p(TextEditor.wrong_number, id="to-error", role="alert", class_name=ERROR),
            ),
        ),
        rx.el.div(button("Send", type="submit", small=True, ghost=True), class_name="mt-4"),
        no_validate=True,
        on_submit=TextEditor.try_out,
        class_name=CARD,
    )

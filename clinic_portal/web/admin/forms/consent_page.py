"""How consents and instructions look while they are written."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.forms.pieces import LABEL, icon_button, labelled, rich
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button
from clinic_portal.web.components.tick import tick
from clinic_portal.web.components.written import written


def consent(state: Any) -> rx.Component:
    """Title, sections, what is signed, by whom."""
    return rx.el.div(
        rx.el.section(
            labelled(state, "title", "Title, as patients read it", state.title, state.say_title, max_length=200),
            aria_label="The beginning",
            class_name=CARD,
        ),
        rx.el.ol(
            rx.foreach(state.sections, lambda one: _section(state, one)),
            aria_label="Sections",
            class_name="list-none p-0 m-0 grid gap-3 empty:hidden",
        ),
        rx.cond(
            state.sections,
            rx.fragment(),
            rx.el.p(
                "No text yet. A consent is read and signed section by section: what is done, its risks, the alternatives.",
                class_name=f"{MUTED} rounded-[var(--radius-l)] border border-dashed border-[var(--edge)] p-5 m-0",
            ),
        ),
        rx.el.p(state.wrong_form["sections"], class_name=ERROR),
        button(
            rx.el.span("+", aria_hidden="true"),
            "Add a section",
            id="add-section",
            on_click=state.add_section(""),
            class_name="w-full sm:w-fit",
        ),
        _signing(state),
        class_name="grid gap-4",
    )


def instruction(state: Any) -> rx.Component:
    """Title and text."""
    return rx.el.section(
        labelled(state, "title", "Title, as patients read it", state.title, state.say_title, max_length=200),
        rx.el.div(
            rx.el.p("Text", class_name=f"{LABEL} m-0 mb-1.5"),
            rich(state, "form_html", "Text", state.html, state.say_html),
            rx.el.p(
                rx.cond(state.wrong_at == "html", state.wrong, state.wrong_form["html"]),
                role="alert",
                class_name=ERROR,
            ),
        ),
        aria_label="The text",
        class_name=f"{CARD} grid gap-4",
    )


def _section(state: Any, one: Any) -> rx.Component:
    name = f"title-{one.link}"
    return rx.el.li(
        rx.el.div(
            rx.el.label(f"Section {one.n}: title", html_for=name, class_name=f"{LABEL} !mb-0 grow"),
            icon_button(
                "↑", f"Move section {one.n} up", "", f"up-{one.link}", state.shift_section(one.link, True), one.is_first
            ),
            icon_button(
                "↓",
                f"Move section {one.n} down",
                "",
                f"down-{one.link}",
                state.shift_section(one.link, False),
                one.is_last,
            ),
            icon_button("✕", f"Take out section {one.n}", "", f"out-{one.link}", state.remove_section(one.link), False),
            class_name="flex items-center gap-1",
        ),
        written(
            name,
            None,
            one.title,
            lambda value: state.say_section(one.link, "title", value),
            max_length=200,
            key=name,
        ),
        rich(
            state,
            f"html-{one.link}",
            f"Section {one.n}: text",
            one.html,
            lambda value: state.say_section(one.link, "html", value),
        ),
        rx.el.p(
            rx.cond(state.wrong_at == f"html-{one.link}", state.wrong, one.fault),
            id=f"fault-{one.link}",
            role="alert",
            class_name=f"{ERROR} !mt-0",
        ),
        tick(
            "Patients put their initials under it",
            one.asks_initials,
            lambda value: state.initial_section(one.link, value),
        ),
        key=one.link,
        id=f"item-{one.link}",
        class_name=f"{CARD} grid gap-3",
    )


def _signing(state: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Signing"),
        rx.el.div(
            labelled(
                state,
                "statement",
                "What the patient signs",
                state.statement,
                state.say_statement,
                area=True,
                max_length=1000,
            ),
        ),
        rx.el.div(
            rx.el.label("A parent or guardian signs as well", html_for="guardian", class_name=LABEL),
            rx.el.select(
                rx.el.option("When the patient is under age on the day", value="when_minor"),
                rx.el.option("Always", value="always"),
                rx.el.option("Never", value="no"),
                id="guardian",
                value=state.guardian,
                on_change=lambda value: state.ask_signature("guardian", value),
                class_name="field max-w-[380px]",
            ),
        ),
        rx.el.fieldset(
            rx.el.legend("At the clinic, it is signed by", class_name=f"{LABEL} p-0"),
            tick("A witness", state.asks_witness, lambda value: state.ask_signature("witness", value)),
            tick("The provider", state.asks_provider, lambda value: state.ask_signature("provider", value)),
            rx.el.p("They sign after the patient, in the patient’s profile.", class_name=f"{SMALL} m-0"),
            class_name="border-0 p-0 m-0",
        ),
        aria_label="Signing",
        class_name=f"{CARD} grid gap-4",
    )

"""The parts of the staff's page of a document. `of` is its State."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.forms.documents import REASON_MOST
from clinic_portal.web.components import paper
from clinic_portal.web.components.basics import CARD, MUTED, NATIVE, SMALL, button, card, link_button
from clinic_portal.web.forms.signature import signature
from clinic_portal.web.portal.pieces import row


def held(of: Any) -> rx.Component:
    """What it holds, for those who may read it; and the signatures that are due."""
    return rx.el.div(
        rx.cond(
            of.void != "",
            rx.el.p(
                of.void,
                id="void",
                class_name="bg-[var(--danger-soft)] text-[#7d1a14] rounded-[var(--radius-m)] px-4 py-3 font-medium "
                "overflow-anywhere",
            ),
        ),
        rx.cond(
            of.may_read,
            rx.fragment(
                rx.cond(of.sections, paper.consent_text(of.sections, id="text")),
                rx.cond(of.answers, paper.questions(of.answers)),
                rx.cond(of.signatures, paper.signatures(of.signatures)),
            ),
            rx.el.section(
                rx.el.h2("It is here"),
                rx.el.p(
                    "What it says is read by those who treat the patient. You see that it is here and how it stands.",
                    class_name=f"{MUTED} mt-1",
                ),
                id="closed",
                class_name=CARD,
            ),
        ),
        rx.foreach(of.signs, lambda one: _sign(of, one)),
        rx.cond(
            of.newer,
            rx.el.details(
                rx.el.summary("The text in force now", class_name="font-semibold cursor-pointer py-1"),
                paper.consent_text(of.newer, class_name="mt-3"),
                id="newer",
            ),
        ),
        class_name="grid gap-5 min-w-0",
    )


def beside(of: Any) -> rx.Component:
    """How it stands, the PDF, declaring it void, and the evidence."""
    return rx.el.aside(
        card(
            rx.el.dl(
                row(
                    "Patient",
                    rx.el.a(of.patient, href=f"/admin/patient?id={of.patient_id}", class_name="link !text-[15px]"),
                ),
                rx.foreach(of.facts, lambda one: row(one.name, one.told)),
                class_name="m-0",
            ),
            rx.cond(
                of.pdf != "",
                link_button("PDF", href=of.pdf, ghost=True, small=True, class_name="mt-3", custom_attrs=NATIVE),
            ),
            id="facts",
        ),
        rx.cond(of.may_void, _void(of)),
        rx.cond(of.proofs, _evidence(of)),
        aria_label="About this document",
        class_name="grid gap-5 min-w-0",
    )


def _sign(of: Any, one: Any) -> rx.Component:
    return rx.el.form(
        rx.el.h2("Sign as the ", one.role),
        rx.el.p(one.says, class_name=f"{MUTED} mt-1 mb-4"),
        rx.el.input(type="hidden", name="role", value=one.role),
        rx.el.div(signature(one, name=of.signer), class_name="ask-group"),
        rx.el.p(
            rx.cond(of.sign_role == one.role, of.sign_error, ""),
            id=f"{one.link}-error",
            role="alert",
            tab_index=-1,
            class_name="ask-error",
        ),
        button("Sign", type="submit", class_name="mt-4"),
        key=one.link,
        id=one.link,
        on_submit=of.sign,
        class_name=CARD,
    )


def _void(of: Any) -> rx.Component:
    return rx.el.section(
        rx.cond(
            of.is_voiding,
            rx.el.form(
                rx.el.h2("Declare it void?"),
                rx.el.p(
                    "It counts no more. It is never deleted: it stays here, marked void, with your name and your reason. "
                    "If a visit to come needs it, the patient is asked for it again.",
                    class_name=f"{MUTED} mt-1 mb-4",
                ),
                rx.el.label("Why", html_for="reason", class_name="block font-semibold mb-1.5"),
                rx.el.textarea(
                    id="reason",
                    name="reason",
                    rows="3",
                    max_length=REASON_MOST,
                    aria_describedby="reason-error",
                    aria_invalid=rx.cond(of.reason_error != "", "true", "false"),
                    class_name="field",
                ),
                rx.el.p(of.reason_error, id="reason-error", role="alert", class_name="ask-error"),
                rx.el.div(
                    button("Declare it void", type="submit", small=True, class_name="danger"),
                    button("Keep it", ghost=True, small=True, on_click=of.consider(False)),
                    class_name="flex flex-wrap gap-2 mt-4",
                ),
                on_submit=of.declare_void,
            ),
            rx.fragment(
                rx.el.h2("Something wrong with it?"),
                rx.el.p(
                    "It cannot be changed. It can be declared void, with a reason.", class_name=f"{MUTED} mt-1 mb-3"
                ),
                button("Declare void", id="void-begin", ghost=True, small=True, on_click=of.consider(True)),
            ),
        ),
        class_name=f"{CARD} no-print",
    )


def _evidence(of: Any) -> rx.Component:
    return card(
        rx.el.h2("Evidence"),
        rx.el.p("Who, when and how, sealed in a chain that nobody changes unseen.", class_name=f"{MUTED} mt-1 mb-2"),
        rx.foreach(of.proofs, _proof),
        id="evidence",
    )


def _proof(one: Any) -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            rx.el.span(one.title, class_name="font-semibold"),
            rx.el.span(one.when, class_name=f"{SMALL} block empty:hidden overflow-anywhere"),
            class_name="cursor-pointer py-2.5",
        ),
        rx.el.dl(rx.foreach(one.facts, lambda fact: row(fact.name, fact.told)), class_name="m-0 mb-2 text-[13px]"),
        class_name="border-b border-[var(--line)] last:border-0",
    )

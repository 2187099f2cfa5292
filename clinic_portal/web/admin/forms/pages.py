"""The pages to write forms, and their addresses."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.forms.definition import Kind
from clinic_portal.web.admin.forms import list as forms_list
from clinic_portal.web.admin.forms.asking_page import rules
from clinic_portal.web.admin.forms.base import PAGE
from clinic_portal.web.admin.forms.consent_page import consent, instruction
from clinic_portal.web.admin.forms.editor import FormEditor
from clinic_portal.web.admin.forms.list import TAGS, Forms
from clinic_portal.web.admin.forms.preview import preview
from clinic_portal.web.admin.forms.publish_page import publishing, versions
from clinic_portal.web.admin.forms.questionnaire_page import questions
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button, skeleton
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.fresh import fresh


def page() -> rx.Component:
    """A form: what it says, its rules, its versions."""
    state = FormEditor
    return admin_frame(
        rx.cond(state.name != "", state.name, "A form"),
        fresh(
            rx.cond(state.is_missing, _missing(), _editor(state)),
            rx.el.div(skeleton("h-16 mb-5"), skeleton("h-72"), aria_busy="true"),
            at=state.at,
        ),
        follow(to=state.focus_on, number=state.focus_number),
        here="Forms",
        page=PAGE,
    )


def _missing() -> rx.Component:
    return rx.el.div(
        rx.el.p("There is no such form. It may be an old link.", class_name="m-0 mb-4"),
        link_button("All forms", href="/admin/forms", ghost=True, small=True),
        class_name=CARD,
    )


def _editor(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                rx.el.a("Forms", href="/admin/forms", class_name="link"),
                rx.el.span(" / ", aria_hidden="true"),
                state.kind_name,
                class_name=f"{SMALL} m-0 w-full",
            ),
            rx.el.p(
                rx.cond(state.version > 0, rx.el.span(f"Version {state.version} in force", class_name=TAGS["good"])),
                rx.cond(
                    state.has_draft,
                    rx.el.span(
                        rx.cond(
                            state.version > 0, "Changes saved, not published yet", "Draft saved, not published yet"
                        ),
                        class_name=TAGS["draft"],
                    ),
                ),
                rx.cond(state.is_active, rx.fragment(), rx.el.span("Switched off", class_name=TAGS["off"])),
                class_name="flex flex-wrap gap-1.5 m-0 grow",
            ),
            rx.el.div(
                button(
                    "Undo",
                    ghost=True,
                    small=True,
                    id="undo",
                    disabled=~state.may_undo,
                    on_click=state.undo,
                    class_name=_DIM,
                ),
                button("Copy", ghost=True, small=True, on_click=state.copy_form),
                button("Publish…", small=True, on_click=state.show("publish"), disabled=~state.has_draft),
                class_name="flex gap-2.5",
            ),
            class_name="flex flex-wrap items-center gap-x-4 gap-y-2 -mt-2 mb-4",
        ),
        _tabs(state),
        rx.el.div(
            rx.cond(
                state.is_overtaken,
                rx.el.div(
                    rx.el.p("Somebody else changed this form", class_name="font-semibold m-0"),
                    rx.el.p(
                        "Nothing of theirs was overwritten, and what you did last was not kept. Load the form as it "
                        "stands now and go on from there.",
                        class_name="m-0 mb-3",
                    ),
                    button("Load it", small=True, on_click=state.reload),
                    class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3 mb-4",
                ),
            ),
            role="alert",
        ),
        rx.el.p(
            state.told,
            role="status",
            class_name="sticky top-3 z-10 shadow-[var(--shadow)] rounded-[var(--radius-m)] bg-[var(--upcoming-soft)] text-[#174a94] px-4 py-3 m-0 mb-4 empty:hidden overflow-anywhere",
        ),
        rx.match(
            state.view,
            ("rules", rules(state)),
            ("versions", versions(state)),
            ("publish", publishing(state)),
            _writing(state),
        ),
    )


def _tabs(state: Any) -> rx.Component:
    def tab(view: str, label: Any, extra: str = "") -> rx.Component:
        return rx.el.button(
            label,
            type="button",
            on_click=state.show(view),
            aria_pressed=rx.cond(state.view == view, "true", "false"),
            class_name=rx.cond(
                state.view == view,
                f"{_TAB} {extra} border-[var(--brand)] text-[var(--ink)]",
                f"{_TAB} {extra} border-transparent text-[var(--ink-2)] hover:text-[var(--ink)]",
            ),
        )

    writing = rx.match(state.kind, (Kind.QUESTIONNAIRE.value, "Questions"), "Text")
    return rx.el.div(
        tab("write", writing),
        tab("preview", "Preview", "lg:hidden"),
        tab("rules", "Rules and services"),
        tab("versions", "Versions"),
        role="group",
        aria_label="Sides of the form",
        class_name="flex flex-wrap gap-x-5 border-b border-[var(--line)] mb-5",
    )


_DIM = "disabled:!bg-transparent disabled:!text-[var(--ink-3)] disabled:opacity-60"
_TAB = "bg-transparent border-0 border-b-2 border-solid px-0.5 py-2.5 -mb-px font-semibold"


def _writing(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.match(
                state.kind,
                (Kind.QUESTIONNAIRE.value, questions(state)),
                (Kind.CONSENT.value, consent(state)),
                instruction(state),
            ),
            class_name=rx.cond(state.view == "preview", "hidden lg:block min-w-0", "min-w-0"),
        ),
        rx.el.aside(
            rx.el.p(
                "As patients see it. ",
                rx.match(
                    state.kind,
                    (Kind.BEFORE.value, ""),
                    (Kind.AFTER.value, ""),
                    "Try it: nothing here is kept.",
                ),
                class_name=f"{MUTED} text-[13px] m-0 mb-2",
            ),
            preview(state),
            aria_label="Preview",
            class_name=rx.cond(state.view == "preview", f"{_BESIDE} block", f"{_BESIDE} hidden lg:block"),
        ),
        class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_minmax(0,400px)] gap-6 items-start",
    )


_BESIDE = "min-w-0 lg:sticky lg:top-4 lg:max-h-[calc(100vh-32px)] lg:overflow-y-auto"

PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/forms", forms_list.page, [Forms.enter], "Forms"),
    ("/admin/forms/edit", page, [FormEditor.enter], PAGE),
)

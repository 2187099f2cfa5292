"""The page of a form that is being filled in, shared by the portal and the desk. `of` is the page's State."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, step_title
from clinic_portal.web.components.follow import follow
from clinic_portal.web.forms.controls import question
from clinic_portal.web.forms.sheet import sheet
from clinic_portal.web.forms.views import SEND


def form_page(of: Any, *, done: rx.Component, off: rx.Component, is_framed: bool = False) -> rx.Component:
    """The form at its stage. `is_framed`: the page around it has its own heading."""
    return rx.fragment(
        rx.match(
            of.stage,
            ("fill", _fill(of, is_framed)),
            ("confirm", _confirm(of, is_framed)),
            ("done", done),
            ("off", off),
            rx.fragment(),
        ),
        follow(to=of.focus_on, number=of.focus_number),
    )


def _fill(of: Any, is_framed: bool) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _title(of, is_framed),
            rx.cond(of.is_first, rx.el.p(of.intro, class_name=f"{MUTED} mt-2 empty:hidden")),
            _progress(of),
            sheet(
                rx.el.div(
                    rx.cond(
                        of.place != "",
                        rx.el.div(
                            rx.el.p(of.place, class_name=SMALL),
                            rx.el.h2(of.step_title, id="form-step", tab_index=-1),
                            rx.el.p(of.step_help, class_name=f"{MUTED} mt-1 empty:hidden"),
                            class_name="form-lead mb-5",
                        ),
                        rx.el.span(id="form-step", tab_index=-1, class_name="form-lead"),
                    ),
                    rx.cond(
                        of.hides > 0,
                        rx.el.p(
                            "Your earlier answers are kept. Only what is new is asked. ",
                            rx.el.button("See all questions", type="button", class_name="link", on_click=of.show_all),
                            class_name="ask-kept",
                        ),
                    ),
                    rx.foreach(
                        of.questions,
                        lambda one: question(
                            one, on_resolve=of.resolve, on_add_row=of.add_row, on_remove_row=of.remove_row
                        ),
                    ),
                    rx.cond(of.step == SEND, _review(of)),
                    class_name=f"{CARD} form-card",
                ),
                form=of.request_id,
                answers=of.answers,
                seen=of.seen,
                acks=of.acks,
                is_lost=has_connection_errors,
                on_answer=of.save,
                on_look=of.look,
                key=of.request_id,
            ),
            _buttons(of),
            class_name="min-w-0",
        ),
        rx.cond(of.steps.length() > 1, _steps(of)),
        class_name=rx.cond(of.steps.length() > 1, "form-page with-steps", "form-page"),
    )


def _title(of: Any, is_framed: bool) -> rx.Component:
    return rx.el.h2(of.title, class_name="form-title") if is_framed else step_title(of.title)


def _progress(of: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.label(of.progress, html_for="form-progress"),
            rx.el.span(id="save-state", class_name="save-state"),
            class_name="flex justify-between gap-4 text-[13px] font-medium",
        ),
        rx.cond(
            of.total > 0,
            rx.el.progress(value=of.done, max=of.total, id="form-progress", class_name="form-progress"),
        ),
        class_name="form-bar",
    )


def _steps(of: Any) -> rx.Component:
    def entry(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.button(
                rx.el.span(
                    rx.match(one.state, ("done", "✓"), ("now", "●"), "○"), aria_hidden="true", class_name="step-sign"
                ),
                rx.el.span(
                    rx.el.span(one.title, class_name="block"),
                    rx.el.span(one.told, class_name="step-told"),
                ),
                type="button",
                on_click=of.go(one.key, ""),
                aria_current=rx.cond(one.state == "now", "step", "false"),
                class_name="step-entry",
            ),
        )

    return rx.el.nav(
        rx.el.ol(rx.foreach(of.steps, entry), class_name="list-none m-0 p-0 grid gap-1"),
        aria_label="Parts of this form",
        class_name="form-steps",
    )


def _buttons(of: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(of.is_last & (of.step != SEND), _missing(of)),
        rx.cond(
            of.is_last & (of.signs_later != ""),
            rx.el.p("After you, ", of.signs_later, " will sign this as well.", class_name=f"{SMALL} mb-3"),
        ),
        rx.el.div(
            rx.cond(~of.is_first, button("Back", ghost=True, on_click=of.go(of.before, ""))),
            rx.cond(
                of.is_last,
                button(
                    rx.cond(of.kind == "consent", "Sign and send", "Send to the clinic"),
                    id="send",
                    on_click=of.send,
                    class_name="ml-auto",
                ),
                button("Next", id="next", on_click=of.go(of.after, ""), class_name="ml-auto"),
            ),
            class_name="flex items-center gap-3",
        ),
        class_name="mt-5",
    )


def _missing(of: Any) -> rx.Component:
    def entry(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.button(one.text, type="button", class_name="link text-left", on_click=of.go(one.step, one.link)),
            rx.el.span(one.why, class_name="block text-[13px] text-[var(--danger)] empty:hidden"),
        )

    return rx.cond(
        of.missing.length() > 0,
        rx.el.section(
            rx.el.h3(
                rx.cond(
                    of.missing.length() == 1,
                    "One thing needs a look",
                    f"{of.missing.length()} things need a look",
                ),
                id="missing-title",
            ),
            rx.el.ul(rx.foreach(of.missing, entry), class_name="list-none p-0 m-0 mt-2 grid gap-1.5"),
            aria_labelledby="missing-title",
            class_name="form-missing",
        ),
    )


def _review(of: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(
            of.missing.length() > 0,
            _missing(of),
            rx.el.p("Everything is answered. Please look it through, then send it.", class_name="mb-4"),
        ),
        _told(of, is_changeable=True),
    )


def _told(of: Any, *, is_changeable: bool) -> rx.Component:
    """Answers in words, part by part."""

    def section(part: Any) -> rx.Component:
        return rx.el.section(
            rx.el.div(
                rx.el.h3(part.title, class_name="empty:hidden"),
                rx.el.button(
                    "Change",
                    rx.el.span(" ", part.title, class_name="sr"),
                    type="button",
                    class_name="link",
                    on_click=of.go(part.key, ""),
                )
                if is_changeable
                else rx.fragment(),
                class_name="flex items-baseline justify-between gap-4",
            ),
            rx.el.dl(
                rx.foreach(
                    part.told,
                    lambda one: rx.el.div(rx.el.dt(one.text), rx.el.dd(rx.cond(one.answer != "", one.answer, _none()))),
                ),
                class_name="told",
            ),
            class_name="told-part",
        )

    return rx.el.div(rx.foreach(of.sections, section))


def _none() -> rx.Component:
    return rx.el.span("Not answered", class_name="ask-optional")


def _confirm(of: Any, is_framed: bool) -> rx.Component:
    return rx.el.div(
        _title(of, is_framed),
        rx.el.div(
            rx.el.h2("Has anything changed since ", of.since, "?", id="form-step", tab_index=-1),
            rx.el.p("This is what you told us then.", class_name=f"{MUTED} mt-1 mb-4"),
            _told(of, is_changeable=False),
            rx.el.div(
                button("Nothing has changed", on_click=of.tell_change(False)),
                button("Something has changed", ghost=True, on_click=of.tell_change(True)),
                class_name="flex flex-wrap gap-3 mt-6",
            ),
            class_name=f"{CARD} form-card mt-5",
        ),
        class_name="form-page",
    )


def off_card(of: Any, *more: rx.Component, is_framed: bool = False) -> rx.Component:
    """There is nothing to fill in, and why."""
    return rx.el.div(
        rx.el.h2(of.off_title) if is_framed else step_title(of.off_title),
        rx.el.p(of.off_text, class_name=f"{MUTED} mt-2 mb-6"),
        rx.el.div(*more, class_name="flex flex-wrap gap-3"),
        class_name="form-page",
    )

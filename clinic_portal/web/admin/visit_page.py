"""The page of a visit at the desk: who it is, what is to be seen to; beside it the bill."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.visit import PAGE, DeskVisit
from clinic_portal.web.admin.visit_bill import bill, finished
from clinic_portal.web.admin.visit_cancel import cancelling
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button, link_button
from clinic_portal.web.portal.pieces import PILL, row


def page() -> rx.Component:
    """Left the visit, right its bill."""
    return admin_frame(
        rx.cond(DeskVisit.sheet, DeskVisit.sheet[0].who, "Visit"),
        rx.cond(
            DeskVisit.is_missing,
            rx.el.div(
                rx.el.p("There is no such visit. The link may be old.", class_name="mb-5"),
                link_button("To the day", href="/admin", small=True),
                class_name=CARD,
            ),
            rx.foreach(DeskVisit.sheet, _visit),
        ),
        here="Today",
        page=PAGE,
    )


def _visit(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(rx.el.a("‹ The day", href="/admin", class_name="link"), class_name="-mt-3 mb-4 no-print"),
        rx.el.div(
            rx.el.div(_who(one), _alerts(one), class_name="grid gap-5 min-w-0"),
            rx.cond(
                one.done_by != "",
                finished(one),
                rx.cond(one.lines, bill(one), _nothing(one)),
            ),
            class_name="grid grid-cols-1 xl:grid-cols-[360px_minmax(0,1fr)] gap-5 items-start",
        ),
    )


def _who(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Visit"),
            rx.el.div(
                standing(one.status, one.kind),
                rx.el.p(one.since, class_name=f"{SMALL} mt-1 empty:hidden"),
                class_name="text-right",
            ),
            class_name="flex justify-between items-start gap-3",
        ),
        rx.el.div(
            rx.cond(one.may_check_in, button("Check in", id="check-in", on_click=DeskVisit.check_in)),
            rx.cond(
                one.may_undo,
                button("Undo check-in", id="undo", ghost=True, small=True, on_click=DeskVisit.undo),
            ),
            rx.cond(
                one.move_href != "",
                link_button("Move", href=one.move_href, ghost=True, small=True),
            ),
            rx.cond(
                one.may_cancel,
                button("Cancel visit", id="cancel", ghost=True, small=True, on_click=DeskVisit.ask_cancel),
            ),
            class_name="flex flex-wrap gap-3 mt-3 empty:hidden no-print",
        ),
        rx.foreach(DeskVisit.cancelling, lambda asked: cancelling(DeskVisit, asked)),
        rx.el.p(one.why_not, class_name=f"{SMALL} mt-2 empty:hidden"),
        rx.el.dl(rx.foreach(one.facts, lambda fact: row(fact.name, fact.told)), id="facts", class_name="m-0 mt-2"),
        rx.el.p(rx.el.a("All about the patient", href=one.patient_href, class_name="link"), class_name="mt-3 no-print"),
        class_name=f"{CARD} min-w-0",
    )


def standing(status: Any, kind: Any) -> rx.Component:
    """How a visit stands: a word and a sign, in its colour."""
    looks = {
        "booked": "bg-[var(--upcoming-soft)] text-[var(--upcoming)]",
        "arrived": "bg-[var(--past-soft)] text-[var(--past)]",
        "done": "bg-[var(--past-soft)] text-[var(--past)]",
    }
    return rx.el.span(
        rx.el.span(rx.match(kind, ("booked", "• "), ("arrived", "◐ "), ("done", "✓ "), "✕ "), aria_hidden="true"),
        status,
        id="standing",
        class_name=rx.match(
            kind,
            *[(name, f"{PILL} {colours}") for name, colours in looks.items()],
            f"{PILL} bg-[var(--sunken)] text-[var(--ink-2)]",
        ),
    )


def _alerts(one: Any) -> rx.Component:
    return rx.cond(
        one.alerts,
        rx.el.section(
            rx.el.h2("Before the treatment", class_name="!text-[18px]"),
            rx.el.ul(
                rx.foreach(
                    one.alerts,
                    lambda alert: rx.el.li(
                        rx.el.span("! ", aria_hidden="true", class_name="font-semibold"),
                        alert.told,
                        " · ",
                        rx.el.a(
                            alert.label,
                            rx.el.span(": ", alert.told, class_name="sr"),
                            href=alert.href,
                            class_name="underline font-semibold text-inherit whitespace-nowrap",
                        ),
                        class_name="py-1.5 overflow-anywhere",
                    ),
                ),
                id="alerts",
                class_name="list-none p-0 m-0 mt-1",
            ),
            class_name="rounded-[var(--radius-l)] bg-[var(--warn-soft)] text-[#5c3d00] p-5 min-w-0",
        ),
    )


def _nothing(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Bill"),
        rx.el.p(
            rx.cond(
                one.kind == "off",
                "This visit did not take place: there is nothing to pay for it here.",
                "How it was paid was not written down here.",
            ),
            class_name=f"{MUTED} mt-1",
        ),
        class_name=CARD,
    )

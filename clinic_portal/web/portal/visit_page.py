"""How a visit looks: what, when, where, what it costs to change it, how it was paid (S52-S57)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components import calendars
from clinic_portal.web.components.awake import awake
from clinic_portal.web.components.basics import MUTED, NATIVE, SMALL, button, card, link_button, step_title
from clinic_portal.web.components.leave import leave
from clinic_portal.web.portal import visit_bill, visit_payments
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.paper_pieces import papers
from clinic_portal.web.portal.pieces import pill, row
from clinic_portal.web.portal.visit import VisitPage


def page() -> rx.Component:
    """The visit, and what can be done about it."""
    return portal_frame(
        rx.cond(
            VisitPage.is_missing,
            rx.el.div(
                step_title("We could not find that visit"),
                rx.el.p("The link may be old.", class_name=f"{MUTED} mt-2 mb-6"),
                link_button("All appointments", href="/portal/appointments"),
            ),
            rx.fragment(
                rx.el.p(rx.el.a("‹ All appointments", href="/portal/appointments", class_name="link")),
                rx.el.div(
                    step_title(VisitPage.when),
                    pill(VisitPage.status, VisitPage.kind),
                    class_name="flex items-center gap-4 flex-wrap mt-2",
                ),
                rx.cond(VisitPage.unreached != "", _unreached()),
                rx.el.div(
                    rx.el.div(
                        _facts(),
                        visit_bill.section(VisitPage.bill),
                        rx.cond(
                            VisitPage.payments,
                            visit_payments.section(VisitPage.payments, on_pay=VisitPage.pay),
                        ),
                        rx.cond(
                            VisitPage.papers,
                            card(rx.el.h2("Forms and instructions"), papers(VisitPage.papers), id="papers"),
                        ),
                        rx.cond(VisitPage.kind == "upcoming", _bring(), rx.fragment()),
                        class_name="grid gap-5",
                    ),
                    rx.cond(
                        VisitPage.kind == "upcoming",
                        rx.el.div(_change(), _calendar(), class_name="grid gap-5"),
                        _again(),
                    ),
                    class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_380px] gap-6 mt-6 items-start",
                ),
            ),
        ),
        leave(),
        awake(seconds=VisitPage.wakes_in, on_look=VisitPage.look_again),
        here="Appointments",
    )


def _unreached() -> rx.Component:
    return rx.el.p(
        rx.el.span("! ", aria_hidden="true", class_name="font-semibold"),
        "We could not reach you by e-mail at ",
        rx.el.b(VisitPage.unreached, class_name="overflow-anywhere"),
        ". Is the address right? ",
        rx.el.a("Change it in your settings", href="/portal/settings", class_name="link"),
        id="unreached",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-4",
    )


def _facts() -> rx.Component:
    return card(
        rx.el.h2("Your visit"),
        rx.el.ul(rx.foreach(VisitPage.services, _service), class_name="list-none p-0 mt-2 mb-0"),
        rx.cond(
            VisitPage.bill,
            rx.fragment(),  # what it came to in the end stands there
            rx.el.div(
                rx.el.span("Total"),
                rx.el.b(VisitPage.total),
                class_name="flex justify-between py-3 border-b border-[var(--line)]",
            ),
        ),
        rx.el.dl(
            rx.cond(
                (VisitPage.kind == "cancelled") & (VisitPage.fee_minor > 0),
                row("Fee for cancelling late", rx.el.b(VisitPage.fee, id="late-fee")),
            ),
            row("With", VisitPage.provider),
            row("Where", VisitPage.place, rx.el.br(), VisitPage.address),
            row("Times are", VisitPage.zone),
            row("Confirmation", rx.el.b(VisitPage.reference, id="reference")),
            class_name="m-0",
        ),
        rx.el.p(VisitPage.directions, class_name=f"{SMALL} mt-2 empty:hidden"),
    )


def _service(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.name, " ", rx.el.span("· ", one.detail, class_name=SMALL), class_name="overflow-anywhere"),
        rx.el.span(one.price, class_name="whitespace-nowrap"),
        class_name="flex justify-between gap-3 py-2.5 border-b border-[var(--line)]",
    )


def _bring() -> rx.Component:
    return card(
        rx.el.h2("Before you come"),
        rx.foreach(
            VisitPage.services,
            lambda one: rx.cond(
                one.bring != "",
                rx.el.div(
                    rx.el.p(one.name, class_name="font-semibold overflow-anywhere"),
                    rx.el.p(one.bring, class_name=MUTED),
                    class_name="mt-3",
                ),
            ),
        ),
    )


def _again() -> rx.Component:
    return card(
        rx.el.h2("Come again?"),
        rx.el.p("Choose a treatment and a time that suit you.", class_name=f"{MUTED} mt-1 mb-4"),
        link_button("Book a visit", href="/book", small=True),
    )


def _change() -> rx.Component:
    return card(
        rx.el.h2("If your plans change", id="change"),
        rx.el.p(VisitPage.terms, class_name="mt-2 empty:hidden"),
        rx.cond(
            VisitPage.is_asking,
            _ask(),
            rx.el.div(
                rx.cond(
                    VisitPage.may_move,
                    link_button(
                        "Reschedule appointment", href=f"/portal/visit/move?ref={VisitPage.reference}", small=True
                    ),
                ),
                rx.cond(
                    VisitPage.may_cancel,
                    button(
                        "Cancel appointment",
                        id="cancel-visit",
                        ghost=True,
                        small=True,
                        on_click=VisitPage.ask_to_cancel,
                    ),
                ),
                class_name="flex flex-wrap gap-3 mt-4 empty:hidden",
            ),
        ),
        rx.el.p(VisitPage.why_not, class_name=f"{SMALL} mt-3 empty:hidden"),
    )


def _ask() -> rx.Component:
    return rx.el.div(
        rx.el.h3("Cancel this visit?", id="ask-title", tab_index=-1),
        rx.el.p(
            rx.cond(
                VisitPage.fee_minor > 0,
                rx.fragment("It is late: cancelling costs ", rx.el.b(VisitPage.fee), "."),
                "It costs you nothing.",
            ),
            " The time becomes free for others at once.",
            class_name="mt-1",
        ),
        rx.el.p(VisitPage.money, id="what-becomes", class_name="mt-2 font-semibold empty:hidden"),
        rx.el.div(
            button("Yes, cancel it", small=True, on_click=VisitPage.cancel),
            button("Keep my visit", ghost=True, small=True, on_click=VisitPage.keep),
            class_name="flex flex-wrap gap-3 mt-4",
        ),
        role="group",
        aria_labelledby="ask-title",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-4",
    )


def _calendar() -> rx.Component:
    return card(
        rx.el.h2("In your calendar"),
        rx.el.div(
            link_button(
                "Download .ics",
                href=f"/portal/appointment.ics?ref={VisitPage.reference}",
                ghost=True,
                small=True,
                custom_attrs=NATIVE,
            ),
            calendars.buttons(VisitPage.calendars),
            class_name="flex flex-wrap gap-3 mt-3",
        ),
        rx.el.p(
            "All your visits at once: ",
            rx.el.a("a calendar of your own", href="/portal/settings", class_name="link"),
            class_name=f"{SMALL} mt-3",
        ),
    )

"""The last page: booked."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.booking.confirmed_state import Confirmed
from clinic_portal.web.booking.steps import CONFIRMED, VISIT
from clinic_portal.web.booking.wizard import Summary
from clinic_portal.web.components import calendars
from clinic_portal.web.components.basics import NATIVE, SMALL, card, link_button, notice, skeleton, step_title
from clinic_portal.web.layout import frame


def page() -> rx.Component:
    """Reference, time and place, what to bring, the calendar, and what is left to book."""
    return frame(
        step_title(CONFIRMED.title),
        notice(Summary.notice_title, Summary.notice_text, Summary.dismiss_notice),
        rx.cond(
            Confirmed.reference != "",
            rx.el.div(
                _visit(),
                _beside(),
                class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_350px] gap-6 mt-6 items-start",
            ),
            skeleton("h-80 mt-6"),
        ),
        clinic_name=Summary.clinic_name,
        phone=Summary.clinic_phone,
        here="Book",
    )


def _visit() -> rx.Component:
    return rx.el.div(
        card(
            rx.el.div(
                rx.el.span(
                    "Confirmed",
                    class_name="rounded-full px-2.5 py-0.5 text-[12px] font-semibold bg-[var(--upcoming-soft)] text-[var(--upcoming)]",
                ),
                rx.el.span("Confirmation ", rx.el.b(Confirmed.reference, id="reference"), class_name=SMALL),
                class_name="flex justify-between items-center gap-3",
            ),
            rx.el.h2(Confirmed.when, class_name="mt-3"),
            rx.el.p("With ", Confirmed.provider, class_name="text-[var(--ink-2)] mt-1"),
            rx.el.p(Confirmed.place, ", ", Confirmed.address, class_name="text-[var(--ink-2)]"),
            rx.el.p(Confirmed.directions, class_name=f"{SMALL} mt-1 empty:hidden"),
            rx.el.div(
                link_button(
                    "Download .ics",
                    href=Confirmed.ics_url,
                    ghost=True,
                    small=True,
                    download="appointment.ics",
                    custom_attrs=NATIVE,
                ),
                calendars.buttons(Confirmed.calendars),
                class_name="flex flex-wrap gap-3 mt-4 no-print",
            ),
            class_name="mb-5",
        ),
        rx.cond(
            Confirmed.left,
            rx.el.section(
                rx.el.h2("One more to book"),
                rx.el.ul(rx.foreach(Confirmed.left, lambda line: rx.el.li(line.name)), class_name="my-2 pl-5"),
                link_button("Book it now", href=VISIT.path),
                class_name="rounded-[var(--radius-l)] bg-[var(--upcoming-soft)] p-5 sm:p-6 mb-5",
            ),
        ),
        rx.cond(Confirmed.to_do, _to_do()),
        rx.cond(
            Confirmed.bring,
            card(
                rx.el.h2("Before you come"),
                rx.foreach(
                    Confirmed.bring,
                    lambda one: rx.el.div(
                        rx.el.p(one.name, class_name="font-semibold"),
                        rx.el.p(one.text, class_name="text-[var(--ink-2)]"),
                        class_name="mt-3",
                    ),
                ),
            ),
        ),
    )


def _to_do() -> rx.Component:
    one = Confirmed.to_do.length() == 1
    return card(
        rx.el.h2(
            rx.cond(one, "One thing", f"{Confirmed.to_do.length()} things"), " to do before you come", id="to-do-title"
        ),
        rx.el.ul(
            rx.foreach(Confirmed.to_do, lambda title: rx.el.li(title, class_name="overflow-anywhere")),
            class_name="my-2 pl-5 list-disc",
        ),
        rx.cond(
            Confirmed.is_mine,
            rx.el.div(
                rx.el.p("Done in a few minutes, now or later; what you write is kept.", class_name=SMALL),
                link_button("Go to your forms", href="/portal/forms", class_name="mt-3"),
            ),
            rx.el.div(
                rx.el.p(
                    "You find them in your patient portal. No account yet? Sign up with the e-mail address you booked with.",
                    class_name=SMALL,
                ),
                rx.el.div(
                    link_button("Log in", href="/sign-in?next=/portal/forms", small=True),
                    link_button("Sign up", href="/register", ghost=True, small=True),
                    class_name="flex flex-wrap gap-3 mt-3",
                ),
            ),
        ),
        id="before-visit",
        class_name="mb-5 no-print",
    )


def _beside() -> rx.Component:
    return card(
        rx.el.h2("Your visit"),
        rx.el.ul(rx.foreach(Confirmed.lines, _line), class_name="list-none p-0 mt-2 mb-0"),
        rx.el.div(
            rx.el.span("Estimated total"),
            rx.el.b(Confirmed.total, class_name="text-[18px]"),
            class_name="flex justify-between py-3.5",
        ),
        rx.el.p(
            Confirmed.terms,
            class_name="text-[13px] bg-[var(--warn-soft)] text-[#6b4600] rounded-[var(--radius-m)] px-3 py-2.5 empty:hidden",
        ),
        rx.el.p(Confirmed.card, class_name=f"{SMALL} mt-3 empty:hidden"),
        rx.el.p(
            "A confirmation is on its way to ",
            rx.el.b(Confirmed.email, class_name="overflow-anywhere"),
            " and by text to ",
            rx.el.b(Confirmed.phone, class_name="whitespace-nowrap"),
            ".",
            class_name=f"{SMALL} mt-3",
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.span(line.name), rx.el.br(), rx.el.span(line.detail, class_name=SMALL)),
        rx.el.b(line.price),
        class_name="flex justify-between gap-3 py-2.5 border-b border-[var(--line)]",
    )

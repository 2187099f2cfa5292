"""The page on which staff book for a patient: whom, what, when; beside it what it comes to."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import NEW_VISIT, admin_frame
from clinic_portal.web.admin.new_visit.state import PAGE, NewVisit
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button, link_button
from clinic_portal.web.components.calendar import slot_picker
from clinic_portal.web.components.fields import fields, picker
from clinic_portal.web.components.tick import tick
from clinic_portal.web.portal.pieces import row


def page() -> rx.Component:
    """Left the choices, right the sum of them."""
    return admin_frame(
        PAGE,
        rx.el.div(
            rx.el.div(
                rx.foreach(NewVisit.who, _who),
                rx.el.section(
                    rx.el.h2("Treatments"),
                    rx.foreach(NewVisit.what, _shelf),
                    id="treatments",
                    class_name=f"{CARD} min-w-0",
                ),
                rx.foreach(NewVisit.when, _when),
                class_name="grid gap-5 min-w-0",
            ),
            rx.foreach(NewVisit.sum, _sum),
            class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_360px] gap-5 items-start",
        ),
        here="Today",
        page=PAGE,
    )


# ---- the patient -----------------------------------------------------------------------------------------------------


def _who(who: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Patient"),
        rx.cond(
            who.person,
            rx.foreach(who.person, _person),
            rx.cond(who.form, _new(who), _search(who)),
        ),
        id="who",
        class_name=f"{CARD} min-w-0",
    )


def _person(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                rx.el.a(one.name, href=one.href, class_name="link !text-[15px] font-semibold overflow-anywhere"),
            ),
            rx.el.p(one.detail, class_name=f"{MUTED} text-[14px] overflow-anywhere"),
            id="person",
            tab_index=-1,
            class_name="min-w-0",
        ),
        button("Somebody else", ghost=True, small=True, on_click=NewVisit.another),
        class_name="flex flex-wrap justify-between items-start gap-3 mt-2",
    )


def _search(who: Any) -> rx.Component:
    return rx.el.div(
        rx.el.form(
            rx.el.label(
                "Name, phone, e-mail or date of birth", html_for="wanted", class_name="block font-semibold mb-1.5"
            ),
            rx.el.input(
                id="wanted",
                name="wanted",
                type="search",
                max_length=100,
                auto_complete="off",
                on_change=lambda typed: NewVisit.seek(typed).debounce(300),
                class_name="field",
            ),
            on_submit=NewVisit.first,
            no_validate=True,
            class_name="mt-2",
        ),
        rx.el.ul(rx.foreach(who.found, _found), id="people", class_name="list-none p-0 m-0 mt-2 empty:hidden"),
        rx.el.p(who.told, role="status", class_name=f"{MUTED} mt-3 empty:hidden"),
        rx.cond(
            who.may_add,
            button("New patient", ghost=True, small=True, on_click=NewVisit.begin, class_name="mt-3"),
        ),
    )


def _found(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.b(one.name, class_name="block overflow-anywhere"),
            rx.el.span(one.detail, class_name=f"{SMALL} block overflow-anywhere"),
            type="button",
            on_click=NewVisit.pick(one.id),
            class_name="choose",
        ),
        class_name="border-b border-[var(--line)] last:border-0",
    )


def _new(who: Any) -> rx.Component:
    return rx.el.div(
        rx.el.form(
            fields(who.form, who.form_key),
            rx.el.div(
                button("Add and go on", type="submit", small=True),
                button("Look for one instead", ghost=True, small=True, on_click=NewVisit.leave),
                class_name="flex flex-wrap gap-3 mt-5",
            ),
            id="new-patient",
            no_validate=True,
            on_submit=NewVisit.add,
            class_name="mt-3",
        ),
        rx.cond(who.known, _known(who)),
    )


def _known(who: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3("We may know them already", id="known", tab_index=-1),
        rx.el.p("Somebody is reached there, too. Nothing was added yet.", class_name="mt-1 mb-1"),
        rx.el.ul(rx.foreach(who.known, _found), class_name="list-none p-0 m-0"),
        rx.cond(
            who.may_add_another,
            button(
                "It is another person: add them",
                ghost=True,
                small=True,
                on_click=NewVisit.add_another,
                class_name="!bg-[var(--surface)] mt-3",
            ),
            rx.el.p("To add another person of this name, give a date of birth.", class_name="text-[13px] mt-2"),
        ),
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-5",
    )


# ---- what and when ---------------------------------------------------------------------------------------------------


def _shelf(shelf: Any) -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            rx.el.h3(shelf.name, class_name="inline !text-[15px]"), class_name="py-2 cursor-pointer overflow-anywhere"
        ),
        rx.el.ul(
            rx.foreach(
                shelf.offers,
                lambda one: rx.el.li(
                    tick(
                        rx.el.span(
                            rx.el.span(one.name, class_name="block overflow-anywhere"),
                            rx.el.span(one.detail, class_name=f"{SMALL} block"),
                            class_name="min-w-0 grow",
                        ),
                        one.is_chosen,
                        lambda is_chosen: NewVisit.choose(one.id, is_chosen),
                        rx.el.span(
                            rx.cond(
                                one.was != "",
                                rx.el.s(
                                    rx.el.span("Without a membership: ", class_name="sr"),
                                    one.was,
                                    class_name=f"{SMALL} mr-2",
                                ),
                            ),
                            one.price,
                            class_name="num whitespace-nowrap",
                        ),
                        class_name="py-2 min-w-0",
                    ),
                ),
            ),
            class_name="list-none p-0 m-0",
        ),
        open=shelf.is_open,
        key=shelf.id.to(str),
        class_name="border-b border-[var(--line)] last:border-0",
    )


def _when(when: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Time"),
        rx.el.div(
            rx.cond(when.places.length() > 1, _choice("at-place", "Location", when.places, when.place, NewVisit.go_to)),
            _choice("with-whom", "Provider", when.providers, when.provider, NewVisit.with_whom),
            rx.el.div(
                rx.el.label("Day", html_for="on-day", class_name="block font-semibold mb-1.5"),
                rx.el.div(
                    button("‹", ghost=True, small=True, aria_label="Day before", on_click=NewVisit.turn(-1)),
                    rx.el.input(
                        id="on-day",
                        type="date",
                        default_value=when.on_iso,
                        key=when.on_iso,
                        on_change=lambda iso: NewVisit.on_day(iso).debounce(700),
                        class_name="field max-w-[180px]",
                    ),
                    button("›", ghost=True, small=True, aria_label="Day after", on_click=NewVisit.turn(1)),
                    class_name="flex gap-2 items-center",
                ),
            ),
            class_name="flex flex-wrap gap-x-5 gap-y-4 mt-2",
        ),
        rx.el.h3(when.day, id="day", aria_live="polite", class_name="!text-[15px] mt-5 mb-2"),
        rx.el.p(when.told, class_name=f"{MUTED} empty:hidden"),
        rx.el.div(slot_picker(when.parts, on_time=NewVisit.at), id="times", class_name="max-w-[560px]"),
        rx.el.form(
            rx.el.label("Or exactly at", html_for="exact", class_name="font-semibold"),
            rx.el.input(
                id="exact",
                name="exact",
                type="time",
                step="300",
                default_value=when.exact,
                key=when.exact,
                class_name="field max-w-[150px]",
            ),
            button("Use this time", type="submit", ghost=True, small=True),
            on_submit=NewVisit.exactly,
            no_validate=True,
            class_name="flex flex-wrap items-center gap-3 mt-2",
        ),
        class_name=f"{CARD} min-w-0",
    )


def _choice(name: str, label: str, among: Any, chosen: Any, on_change: Any) -> rx.Component:
    options = rx.foreach(among, lambda one: rx.el.option(one.name, value=one.id))
    return picker(name, label, options, value=chosen, on_change=on_change, class_name="field max-w-full")


# ---- the sum ---------------------------------------------------------------------------------------------------------


def _sum(one: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(
            rx.cond(one.booked != "", f"Booked: {one.booked}", "Appointment"),
            id="booked",
            tab_index=-1,
            class_name="overflow-anywhere",
        ),
        rx.el.dl(
            rx.foreach(one.facts, lambda fact: row(fact.name, fact.told)),
            id="facts",
            class_name="m-0 mt-2",
        ),
        rx.cond(
            one.gets,
            rx.el.ul(
                rx.foreach(one.gets, lambda told: rx.el.li(told, class_name="mt-1.5")),
                id="gets",
                class_name="list-disc pl-5 m-0 mt-3 text-[14px]",
            ),
        ),
        rx.cond(
            one.booked != "",
            _done(one),
            rx.el.div(
                rx.cond(one.refused != "", _refused(one)),
                rx.el.p(one.lacks, id="lacks", role="status", class_name=f"{MUTED} mt-4 empty:hidden"),
                rx.cond(
                    (one.lacks == "") & (one.refused == ""),
                    button("Book", id="book", on_click=NewVisit.book, class_name="mt-5 w-full"),
                ),
            ),
        ),
        class_name=f"{CARD} min-w-0 xl:sticky xl:top-5",
    )


def _refused(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(one.refused, id="refused", tab_index=-1, class_name="!text-[15px]"),
        rx.el.p(one.why, class_name="mt-1 text-[14px]"),
        rx.cond(
            one.near,
            rx.el.div(
                rx.el.p("Free on this day:", class_name="text-[14px] font-semibold mt-3 mb-1.5"),
                rx.el.div(
                    rx.foreach(
                        one.near,
                        lambda time: rx.el.button(
                            time.label, type="button", on_click=NewVisit.at(time.key), class_name="time"
                        ),
                    ),
                    id="near",
                    class_name="grid grid-cols-3 gap-2",
                ),
            ),
        ),
        rx.cond(
            one.may_override & (one.lacks == ""),
            rx.el.form(
                rx.el.label(
                    "Why it is booked all the same", html_for="reason", class_name="block font-semibold mb-1.5"
                ),
                rx.el.input(
                    id="reason",
                    name="reason",
                    max_length=500,
                    auto_complete="off",
                    aria_invalid=rx.cond(one.error != "", "true", "false"),
                    aria_describedby="reason-error",
                    class_name="field",
                ),
                rx.el.p(one.error, id="reason-error", role="alert", class_name=ERROR),
                button("Book anyway", type="submit", small=True, class_name="mt-3"),
                id="anyway",
                on_submit=NewVisit.book_anyway,
                no_validate=True,
                class_name="mt-4 pt-4 border-t border-[var(--line)]",
            ),
        ),
        role="alert",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] p-4 mt-4",
    )


def _done(one: Any) -> rx.Component:
    return rx.el.div(
        link_button("Open the visit", href=one.visit_href, small=True),
        link_button("In the calendar", href=one.calendar_href, ghost=True, small=True),
        link_button("Book another for them", href=one.again_href, ghost=True, small=True),
        link_button("Book for somebody else", href=NEW_VISIT, ghost=True, small=True),
        class_name="flex flex-wrap gap-3 mt-5",
    )

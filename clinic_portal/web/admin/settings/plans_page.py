"""The page of membership plans: the list, and the form of one beside the card that patients see."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.memberships.editing_rules import ROWS
from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.plans import CLOSED, PAGE, PlanEditor
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.written import written
from clinic_portal.web.memberships.cards import card_view

LABEL = "block font-semibold mb-1.5"
NOTE = (
    "What patients can join: a fee each month or year, and what members get for it. They sign the plan’s agreement and "
    "keep the terms they signed, whatever you change later."
)


def page() -> rx.Component:
    """The list; while one is written, its form instead."""
    return settings_frame(
        PAGE,
        rx.cond(PlanEditor.editing == CLOSED, _list(), _editor()),
        follow(to=PlanEditor.focus_on, number=PlanEditor.focus_number),
        page=PAGE,
    )


def _list() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.p(NOTE, class_name=f"{MUTED} max-w-[60ch]"),
            button("Add a plan", id="add-plan", small=True, on_click=PlanEditor.edit(0)),
            class_name="flex justify-between items-start gap-4 mb-4 flex-wrap",
        ),
        rx.cond(
            PlanEditor.rows,
            rx.el.ul(rx.foreach(PlanEditor.rows, _row), id="plans", class_name=f"{CARD} list-none !py-1 m-0"),
            rx.el.div(
                rx.el.h2("No plan yet"),
                rx.el.p(
                    "A first one is quickly written: a name, a fee, and what members get for it. Nobody sees it until "
                    "you offer it.",
                    class_name=f"{MUTED} mt-1 max-w-[55ch]",
                ),
                class_name=CARD,
            ),
        ),
        aria_label="Plans",
    )


def _row(one: Any, n: Any) -> rx.Component:
    def act(label: Any, handler: Any, **props: Any) -> rx.Component:
        spoken = rx.el.span(one.name, class_name="sr")
        return rx.el.button(label, " ", spoken, type="button", class_name="link", on_click=handler(one.id), **props)

    return rx.el.li(
        rx.el.div(
            rx.el.p(one.name, class_name="font-semibold overflow-anywhere"),
            rx.el.p(one.terms, class_name=f"{SMALL} overflow-anywhere"),
            rx.el.p(
                rx.el.span(
                    one.told,
                    class_name=rx.match(
                        one.state,
                        ("offered", "text-[var(--past)] font-semibold"),
                        ("stuck", "text-[var(--danger)] font-semibold"),
                        "",
                    ),
                ),
                " · ",
                one.members,
                class_name=SMALL,
            ),
            class_name="min-w-0",
        ),
        rx.el.div(
            act("Change", PlanEditor.edit, id=f"change-{one.id}"),
            rx.cond(n > 0, act("Up", PlanEditor.move_up)),
            act(rx.cond(one.state == "off", "Offer", "Withdraw"), PlanEditor.switch),
            class_name="flex gap-4 shrink-0",
        ),
        class_name="flex justify-between items-center gap-4 flex-wrap py-3.5 border-b border-[var(--line)] last:border-0",
    )


def _editor() -> rx.Component:
    return rx.el.div(
        _form(),
        rx.el.section(
            rx.el.h2("What patients see", class_name="!text-[18px] mb-3"),
            rx.foreach(PlanEditor.preview, lambda one: card_view(one, heading="h3", id="preview-card")),
            aria_label="Preview",
            class_name="xl:sticky xl:top-6 min-w-0",
        ),
        class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_340px] gap-5 items-start",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.h2(rx.cond(PlanEditor.editing == 0, "A new plan", "Change this plan"), class_name="mb-4"),
        rx.el.div(
            _line("name", "Name"),
            _line("description", "In a sentence or two", area=True, hint="What it is for, in your own words."),
            rx.el.div(
                _choice("period", "Paid", [("month", "every month"), ("year", "every year")]),
                _line("fee", rx.cond(PlanEditor.form["period"] == "year", "Fee a year", "Fee a month"), mode="decimal"),
                _line("setup_fee", "To join, once", mode="decimal", hint="Empty: nothing."),
                _line("discount", "Percent off every treatment", mode="numeric", hint="Empty: nothing."),
                class_name="grid sm:grid-cols-2 gap-4 items-start",
            ),
            rx.el.fieldset(
                rx.el.legend("Each period brings", class_name=f"{LABEL} p-0"),
                rx.el.p("It goes into their wallet whenever a period is paid.", class_name=f"{SMALL} mb-3"),
                *[_brings(n) for n in range(ROWS)],
                rx.cond(
                    PlanEditor.shown < ROWS,
                    rx.el.button("Add another", type="button", class_name="link", on_click=PlanEditor.more),
                ),
                class_name="border-0 p-0 m-0 min-w-0",
            ),
            _choice(
                "is_banked",
                "What is not used within its period",
                [("yes", "stays for later"), ("", "ends with the period")],
            ),
            _agreement(),
            key=PlanEditor.form_key,
            class_name="grid gap-5",
        ),
        rx.el.p(
            PlanEditor.stays,
            id="stays",
            role="status",
            class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] px-4 py-3 mt-5 empty:hidden",
        ),
        rx.el.div(
            button("Save", type="submit"),
            button("Do not save", ghost=True, on_click=PlanEditor.close),
            class_name="flex flex-wrap gap-3 mt-6",
        ),
        id="plan",
        no_validate=True,
        on_submit=PlanEditor.save,
        class_name=f"{CARD} min-w-0",
    )


def _line(name: str, label: Any, *, mode: str = "", hint: str = "", area: bool = False) -> rx.Component:
    more: dict[str, Any] = {"input_mode": mode} if mode else {"rows": 3} if area else {}
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name=LABEL),
        _written(name, hint=hint, area=area, **more),
        rx.el.p(hint, id=f"{name}-hint", class_name=f"{SMALL} mt-1.5") if hint else rx.fragment(),
        _error(name),
    )


def _written(name: str, label: Any = None, *, hint: str = "", area: bool = False, **more: Any) -> rx.Component:
    described = f"{name}-hint {name}-error" if hint else f"{name}-error"
    invalid = rx.cond(PlanEditor.errors[name], "true", "false")
    return written(
        name,
        label,
        PlanEditor.form[name],
        lambda text: PlanEditor.write(name, text),
        area=area,
        in_form=True,
        aria_invalid=invalid,
        aria_describedby=described,
        **more,
    )


def _error(name: str) -> rx.Component:
    return rx.el.p(PlanEditor.errors[name], id=f"{name}-error", role="alert", class_name=ERROR)


def _select(name: str, *options: Any, **more: Any) -> rx.Component:
    return rx.el.select(
        *options,
        id=name,
        name=name,
        value=PlanEditor.form[name],
        on_change=lambda chosen: PlanEditor.write(name, chosen),
        aria_invalid=rx.cond(PlanEditor.errors[name], "true", "false"),
        aria_describedby=f"{name}-error",
        class_name="field",
        **more,
    )


def _choice(name: str, label: str, among: list[tuple[str, str]]) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name=LABEL),
        _select(name, *[rx.el.option(told, value=value) for value, told in among]),
        _error(name),
        class_name="max-w-[320px]",
    )


def _brings(n: int) -> rx.Component:
    what, count, called = f"what_{n}", f"count_{n}", f"called_{n}"
    kind = PlanEditor.form[what]
    return rx.cond(
        PlanEditor.shown > n,
        rx.el.div(
            rx.el.div(
                rx.el.label("What", html_for=what, class_name="sr" if n else SMALL),
                _select(what, rx.foreach(PlanEditor.whats, lambda one: rx.el.option(one[1], value=one[0]))),
                _error(what),
                class_name="grow min-w-0 basis-[220px]",
            ),
            rx.cond(
                kind == "product",
                rx.el.div(
                    rx.el.label("Name of the product", html_for=called, class_name=SMALL),
                    _written(called),
                    _error(called),
                    class_name="grow min-w-0 basis-[200px]",
                ),
            ),
            rx.cond(
                kind != "",
                rx.el.div(
                    rx.el.label(rx.cond(kind == "credit", "How much", "How many"), html_for=count, class_name=SMALL),
                    _written(count, input_mode="decimal"),
                    _error(count),
                    class_name="w-[120px] shrink-0",
                ),
            ),
            class_name="flex flex-wrap gap-3 items-end mb-3",
        ),
    )


def _agreement() -> rx.Component:
    name = "agreement_id"
    return rx.el.div(
        rx.el.label("The agreement they sign", html_for=name, class_name=LABEL),
        _select(name, rx.foreach(PlanEditor.agreements, lambda one: rx.el.option(one[1], value=one[0]))),
        _error(name),
        rx.el.p(
            "One of your consents, published. It is needed before the plan can be offered. ",
            rx.el.a("Write one under Forms", href="/admin/forms", class_name="link !text-[13px]"),
            ".",
            class_name=f"{SMALL} mt-1.5",
        ),
        class_name="max-w-[480px]",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/settings/memberships", page, [PlanEditor.enter], "Memberships"),
)

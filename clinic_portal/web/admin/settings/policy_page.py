"""The page of policies and deposits: the form beside what patients read, who differs, the money, the versions."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.money import Money, money_cards
from clinic_portal.web.admin.settings.policy import PAGE, Policy
from clinic_portal.web.admin.settings.policy_views import AMOUNT, PERCENT, SAME
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button, card
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.written import written

AT_BOOKING = (
    "Where a policy or a deposit applies, booking asks for a card: a deposit is taken once the visit is booked, else a "
    "small amount is held to check the card and released at once. Late fees are charged to that card by themselves."
)
LABEL = "block font-semibold mb-1.5"


def page() -> rx.Component:
    """The form and its preview first; what it is about can be changed at its top."""
    return settings_frame(
        PAGE,
        rx.el.div(
            _form(),
            _preview(),
            class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_320px] gap-5 items-start",
        ),
        rx.el.h2("Services that differ", class_name="mt-10 mb-3"),
        _specials(),
        rx.el.h2("Deposits and cards", class_name="mt-10"),
        rx.el.p(AT_BOOKING, class_name=f"{MUTED} mt-1 mb-3"),
        money_cards(),
        rx.el.h2("Versions", class_name="mt-10 mb-3"),
        _versions(),
        page=PAGE,
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.label("Policy for", html_for="about", class_name=LABEL),
        rx.el.select(
            rx.foreach(Policy.choices, lambda one: rx.el.option(one[1], value=one[0])),
            id="about",
            value=Policy.about.to(str),
            on_change=Policy.choose,
            aria_describedby="standing",
            class_name="field",
        ),
        rx.el.p(Policy.standing, id="standing", class_name=f"{SMALL} mt-1.5"),
        rx.el.div(
            _line("free_hours", "Free until … hours before", input_mode="numeric", short=True),
            _fee("late", "Cancelling later costs", "Kind of late fee", "Late fee"),
            _fee(
                "missed", "A visit missed costs", "Kind of fee for a visit missed", "Fee for a visit missed", same=True
            ),
            _area("text", "What patients read", "They read it, and tick that they have, before they book."),
            rx.el.div(
                _area(
                    "card_text", "What their card is kept for", "Leave it blank to have it written from the numbers."
                ),
                rx.el.button(
                    "Write it from the numbers", type="button", class_name="link mt-1", on_click=Policy.suggest
                ),
            ),
            key=Policy.form_key,
            class_name="grid gap-5 mt-5 pt-5 border-t border-[var(--line)]",
        ),
        rx.el.div(
            button("Put in force", type="submit"),
            rx.cond(
                Policy.is_in_force,
                button(
                    rx.cond(Policy.about == 0, "Have no policy", "Follow the clinic’s again"),
                    ghost=True,
                    on_click=Policy.withdraw,
                ),
            ),
            class_name="flex flex-wrap gap-3 mt-6",
        ),
        follow(to=Policy.focus_on, number=Policy.focus_number),
        id="policy",
        no_validate=True,
        on_submit=Policy.publish,
        class_name=f"{CARD} min-w-0",
    )


def _told(name: str, *, hint: str = "", **more: Any) -> dict[str, Any]:
    described = f"{name}-hint {name}-error" if hint else f"{name}-error"
    invalid = rx.cond(Policy.errors[name] != "", "true", "false")
    return {"in_form": True, "aria_invalid": invalid, "aria_describedby": described, **more}


def _written(name: str, label: Any = None, *, area: bool = False, hint: str = "", **more: Any) -> rx.Component:
    return written(
        name,
        label,
        Policy.form[name],
        lambda text: Policy.write(name, text),
        area=area,
        **_told(name, hint=hint, **more),
    )


def _error(name: str) -> rx.Component:
    return rx.el.p(Policy.errors[name], id=f"{name}-error", role="alert", class_name=ERROR)


def _line(name: str, label: str, *, input_mode: str, short: bool) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name=LABEL),
        _written(name, input_mode=input_mode, class_name="max-w-[160px]" if short else ""),
        _error(name),
    )


def _area(name: str, label: str, hint: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name=LABEL),
        _written(name, area=True, hint=hint, rows=4),
        rx.el.p(hint, id=f"{name}-hint", class_name=f"{SMALL} mt-1.5"),
        _error(name),
    )


def _fee(name: str, legend: str, kind_label: str, label: str, *, same: bool = False) -> rx.Component:
    """How much, and of what: a share of the price, an amount, or (for a visit missed) the late fee again."""
    kind = f"{name}_kind"
    value = rx.el.div(
        _written(name, label, input_mode="decimal"),
        class_name="w-[120px] shrink-0",
    )
    return rx.el.fieldset(
        rx.el.legend(legend, class_name=f"{LABEL} p-0"),
        rx.el.div(
            rx.cond(Policy.form[kind] == SAME, rx.fragment(), value) if same else value,
            rx.el.select(
                rx.el.option("The same", value=SAME) if same else rx.fragment(),
                rx.el.option("% of the price", value=PERCENT),
                rx.el.option(Policy.currency, value=AMOUNT),
                id=kind,
                name=kind,
                default_value=Policy.form[kind],
                on_change=lambda chosen: Policy.write(kind, chosen),
                aria_label=kind_label,
                class_name="field max-w-[190px]",
            ),
            class_name="flex gap-3",
        ),
        _error(name),
        class_name="border-0 p-0 m-0 min-w-0",
    )


def _preview() -> rx.Component:
    return rx.el.section(
        rx.el.h2("How patients read it", class_name="!text-[18px]"),
        rx.cond(
            Policy.preview.terms != "",
            rx.fragment(
                rx.el.p(Policy.preview.example, class_name=f"{SMALL} mt-1 overflow-anywhere"),
                rx.el.p(Policy.preview.terms, id="preview-terms", class_name="font-semibold mt-3"),
                rx.el.p(Policy.preview.text, class_name="mt-3 whitespace-pre-line overflow-anywhere empty:hidden"),
                rx.el.p("Your card", class_name="font-semibold mt-4"),
                rx.el.p(
                    Policy.preview.card_text,
                    id="preview-card",
                    class_name="mt-1 whitespace-pre-line overflow-anywhere",
                ),
            ),
            rx.el.p("As soon as the numbers are there, an example stands here.", class_name=f"{MUTED} mt-2"),
        ),
        aria_label="Preview",
        class_name="rounded-[var(--radius-l)] bg-[var(--sunken)] p-5 sm:p-6 xl:sticky xl:top-6 min-w-0",
    )


def _specials() -> rx.Component:
    return card(
        rx.cond(
            Policy.specials,
            rx.el.ul(rx.foreach(Policy.specials, _special), id="specials", class_name="list-none p-0 m-0"),
            rx.el.p("None: the clinic’s policy holds for every service, and none asks for a deposit."),
        ),
        rx.el.p(
            "Which policy holds, and whether a deposit is asked for, is set in each ",
            rx.el.a("service", href="/admin/settings/services", class_name="link !text-[13px]"),
            ".",
            class_name=f"{SMALL} mt-3",
        ),
    )


def _special(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.name, class_name="font-semibold overflow-anywhere"),
            rx.el.p(one.policy, class_name=f"{SMALL} overflow-anywhere"),
            rx.cond(
                one.deposit != "",
                rx.el.p("Deposit ", rx.el.b(one.deposit, class_name="font-semibold"), class_name=SMALL),
            ),
            class_name="min-w-0",
        ),
        rx.el.div(
            rx.cond(
                one.has_own,
                rx.el.button(
                    "Policy",
                    rx.el.span(" of ", one.name, class_name="sr"),
                    type="button",
                    class_name="link",
                    on_click=Policy.choose(one.id),
                ),
            ),
            rx.el.a(
                "Service",
                rx.el.span(" ", one.name, class_name="sr"),
                href=f"/admin/settings/services?open={one.id}",
                class_name="link",
            ),
            class_name="flex gap-4 shrink-0",
        ),
        class_name="flex justify-between items-center gap-4 py-3 first:pt-0 border-b border-[var(--line)]",
    )


def _versions() -> rx.Component:
    """Those in force; the earlier ones, which old bookings still stand on, on a click."""
    return card(
        rx.foreach(Policy.versions, _version),
        rx.cond(Policy.versions, rx.fragment(), rx.el.p("None is in force.", class_name=f"{MUTED} py-3.5")),
        rx.cond(
            Policy.earlier,
            rx.el.details(
                rx.el.summary(f"Earlier versions: {Policy.earlier.length()}", class_name="link cursor-pointer"),
                rx.foreach(Policy.earlier, _version),
                class_name="py-3.5",
            ),
        ),
        id="versions",
        class_name="!py-1",
    )


def _version(one: Any) -> rx.Component:
    return rx.el.article(
        rx.el.p(
            rx.el.b(one.title, class_name="overflow-anywhere"),
            rx.cond(one.is_in_force, rx.el.span(" · in force", class_name="text-[var(--past)] font-semibold")),
        ),
        rx.el.p(one.terms, class_name=SMALL),
        rx.el.details(
            rx.el.summary("Its words", class_name="link inline-block cursor-pointer"),
            rx.el.p(one.text, class_name="mt-2 whitespace-pre-line overflow-anywhere"),
            rx.el.p(one.card_text, class_name=f"{SMALL} mt-3 whitespace-pre-line overflow-anywhere empty:hidden"),
        ),
        class_name="py-3.5 border-b border-[var(--line)] last:border-0",
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (
    ("/admin/settings/policy", page, [Policy.enter, Money.enter], "Cancellation policy"),
)

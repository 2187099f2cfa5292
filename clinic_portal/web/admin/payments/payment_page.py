"""The page of one payment: the sum and what can be done first, then what was done beside what the policy says."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.base import Desk
from clinic_portal.web.admin.frame import admin_frame
from clinic_portal.web.admin.payments.payment import (
    ATTEND,
    PAGE,
    REFUND,
    SURE,
    WAIVE,
    WALLET,
    PaymentPage,
)
from clinic_portal.web.admin.payments.payment import (
    CARD as TO_CARD,
)
from clinic_portal.web.admin.payments.pieces import standing
from clinic_portal.web.components.basics import CARD, MUTED, NATIVE, SMALL, button, field, link_button
from clinic_portal.web.components.follow import follow
from clinic_portal.web.portal.pieces import row

WARN = "rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#5c3d00] px-4 py-3"


def page() -> rx.Component:
    """The payment, or that there is none."""
    return admin_frame(
        rx.cond((Desk.page == PAGE) & ~PaymentPage.is_missing, PaymentPage.who, PAGE),
        rx.el.p(
            rx.el.a("‹ All payments", href="/admin/payments", class_name="link"),
            rx.cond(
                PaymentPage.patient_href != "",
                rx.el.a("The patient’s profile", href=PaymentPage.patient_href, class_name="link ml-5"),
            ),
            class_name="-mt-4 mb-3 no-print",
        ),
        rx.cond(
            PaymentPage.is_missing,
            rx.el.div(
                rx.el.p("There is no such payment. The link may be old.", class_name="mb-5"),
                link_button("All payments", href="/admin/payments", small=True),
                class_name=CARD,
            ),
            rx.el.div(
                _sum(),
                follow(to="notice", number=PaymentPage.focus_number),
                rx.el.div(
                    _done(),
                    rx.cond(PaymentPage.package, _package(), _policy()),
                    class_name="grid grid-cols-1 lg:grid-cols-2 gap-5 items-start min-w-0",
                ),
                class_name="grid gap-5 min-w-0",
            ),
        ),
        here="Payments",
        page=PAGE,
    )


def _sum() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.p(PaymentPage.purpose, class_name=MUTED),
                rx.el.p(
                    PaymentPage.amount,
                    id="amount-asked",
                    class_name="font-[family-name:var(--serif)] text-[34px] leading-tight num",
                ),
                rx.el.p(standing(PaymentPage.standing, PaymentPage.kind), id="standing", class_name="mt-2"),
                rx.el.p(PaymentPage.failure, class_name="mt-2 text-[14px] empty:hidden"),
                class_name="min-w-0",
            ),
            rx.el.dl(
                rx.foreach(PaymentPage.facts, lambda one: row(one.name, one.told)),
                id="facts",
                class_name="m-0 grid sm:grid-cols-2 gap-x-8 min-w-0 [&>div]:!py-1.5 [&>div]:!border-0",
            ),
            class_name="grid grid-cols-1 lg:grid-cols-[220px_minmax(0,1fr)] gap-6 items-start",
        ),
        rx.cond(
            PaymentPage.attention,
            rx.el.ul(
                rx.foreach(PaymentPage.attention, lambda told: rx.el.li(told)),
                id="attention",
                class_name=f"{WARN} list-none m-0 mt-5 font-medium",
            ),
        ),
        _deeds(),
        rx.match(
            PaymentPage.step,
            (REFUND, _refund()),
            (SURE, _sure()),
            (
                WAIVE,
                _reason_form(
                    "Waive the fee",
                    "The patient owes nothing any more and is told so.",
                    PaymentPage.waive,
                    "Waive the fee",
                ),
            ),
            (
                ATTEND,
                _reason_form(
                    "What was done about it?",
                    "It stands in the activity log, and this payment asks for attention no more.",
                    PaymentPage.attend,
                    "It is dealt with",
                ),
            ),
            rx.fragment(),
        ),
        class_name=CARD,
    )


def _deeds() -> rx.Component:
    """What can be done; hidden while one of it is under way."""
    return rx.cond(
        PaymentPage.step == "",
        rx.el.div(
            rx.cond(
                PaymentPage.may_retry,
                button(
                    f"Charge {PaymentPage.to_card} to {PaymentPage.retries_with} again",
                    small=True,
                    on_click=PaymentPage.retry,
                    id="retry",
                ),
            ),
            rx.cond(PaymentPage.may_refund, button("Refund", ghost=True, small=True, on_click=PaymentPage.ask(REFUND))),
            rx.cond(
                PaymentPage.may_waive, button("Waive the fee", ghost=True, small=True, on_click=PaymentPage.ask(WAIVE))
            ),
            rx.cond(
                PaymentPage.may_attend,
                button("Dealt with", ghost=True, small=True, on_click=PaymentPage.ask(ATTEND)),
            ),
            rx.cond(
                PaymentPage.receipt_href != "",
                link_button(
                    "Receipt", href=PaymentPage.receipt_href, ghost=True, small=True, custom_attrs=dict(NATIVE)
                ),
            ),
            rx.cond(
                PaymentPage.dispute_href != "",
                link_button(
                    "Dispute file (PDF)",
                    href=PaymentPage.dispute_href,
                    ghost=True,
                    small=True,
                    custom_attrs=dict(NATIVE),
                ),
            ),
            id="deeds",
            class_name="flex flex-wrap gap-2.5 mt-6 empty:hidden no-print",
        ),
    )


def _form(title: str, hint: Any, *content: Any, on_submit: Any, name: str) -> rx.Component:
    return rx.el.form(
        rx.el.h2(title, class_name="!text-[18px]"),
        rx.el.p(hint, class_name=f"{SMALL} mt-0.5"),
        *content,
        id=name,
        no_validate=True,
        on_submit=on_submit,
        class_name="mt-6 pt-5 border-t border-[var(--line)] [&>*]:max-w-[520px]",
    )


def _reason() -> rx.Component:
    return field(
        "reason",
        "Why",
        error=PaymentPage.reason_error,
        value=PaymentPage.reason_typed,
        max_length=300,
        auto_complete="off",
    )


def _choice(*first: Any) -> rx.Component:
    return rx.el.div(
        *first,
        button("Never mind", ghost=True, small=True, on_click=PaymentPage.keep),
        class_name="flex flex-wrap gap-3 mt-5",
    )


def _refund() -> rx.Component:
    return _form(
        "Refund",
        rx.fragment("Up to ", rx.el.b(PaymentPage.left), " can be given back."),
        rx.cond(PaymentPage.credit != "", _where()),
        rx.cond(
            PaymentPage.is_disputed,
            rx.el.p(
                "The bank disputes this payment and may take it back by itself: given back here as well, it is lost "
                "twice.",
                class_name=f"{WARN} mt-3 text-[14px]",
            ),
        ),
        rx.el.div(
            field(
                "amount",
                f"Amount, {PaymentPage.currency}",
                error=PaymentPage.amount_error,
                value=PaymentPage.amount_typed,
                input_mode="decimal",
                auto_complete="off",
                max_length=20,
            ),
            _reason(),
            class_name="grid sm:grid-cols-[160px_minmax(0,1fr)] gap-4 mt-4",
        ),
        _choice(button("Go on", type="submit", small=True)),
        on_submit=PaymentPage.check_refund,
        name="refund",
    )


def _where() -> rx.Component:
    """To the card, or into the wallet."""

    def way(value: str, *told: Any) -> rx.Component:
        box = rx.el.input(
            type="radio",
            name="goes",
            id=f"goes-{value}",
            value=value,
            default_checked=PaymentPage.goes == value,
            class_name="w-5 h-5 mt-0.5 shrink-0 accent-[var(--brand)]",
        )
        return rx.el.label(box, rx.el.span(*told), class_name="flex items-start gap-3 min-h-[32px]")

    return rx.el.fieldset(
        rx.el.legend("Where it goes", class_name="font-semibold mb-1.5 p-0"),
        way(TO_CARD, "Back to the card it came from"),
        way(WALLET, "Into the patient’s wallet, as credit: up to ", rx.el.b(PaymentPage.credit)),
        class_name="border-0 p-0 m-0 mt-4",
    )


def _sure() -> rx.Component:
    return rx.el.div(
        rx.el.h2(f"Give {PaymentPage.wanted} back?", id="sure", tab_index=-1, class_name="!text-[18px]"),
        rx.el.p("Why: ", PaymentPage.reason_typed, class_name=f"{MUTED} mt-1 overflow-anywhere"),
        rx.el.p(PaymentPage.takes, id="takes", class_name="mt-1 empty:hidden"),
        rx.el.p(
            rx.cond(
                PaymentPage.goes == WALLET,
                "It becomes credit in the patient’s wallet, and cannot go to the card any more.",
                "It goes to the card it came from. This cannot be taken back.",
            ),
            class_name=f"{SMALL} mt-1",
        ),
        _choice(button(f"Give {PaymentPage.wanted} back", small=True, on_click=PaymentPage.give_back)),
        role="group",
        aria_labelledby="sure",
        class_name="mt-6 pt-5 border-t border-[var(--line)] [&>*]:max-w-[520px]",
    )


def _reason_form(title: str, hint: str, on_submit: Any, label: str) -> rx.Component:
    return _form(
        title,
        hint,
        rx.el.div(_reason(), class_name="mt-4"),
        _choice(button(label, type="submit", small=True)),
        on_submit=on_submit,
        name="why",
    )


def _done() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What was done"),
        rx.el.ol(rx.foreach(PaymentPage.events, _event), id="events", class_name="list-none p-0 mt-3 mb-0"),
        rx.cond(
            PaymentPage.others,
            rx.el.div(
                rx.el.h3("Of the same visit", class_name="mt-5 mb-1"),
                rx.el.ul(
                    rx.foreach(
                        PaymentPage.others,
                        lambda one: rx.el.li(
                            rx.el.a(one.told, href=one.name, class_name="link !text-[14px] overflow-anywhere")
                        ),
                    ),
                    id="others",
                    class_name="list-none p-0 m-0",
                ),
            ),
        ),
        class_name=f"{CARD} min-w-0",
    )


def _event(one: Any) -> rx.Component:
    dot = rx.match(
        one.kind,
        ("warn", "bg-[#c98a1b]"),
        ("going", "bg-[var(--upcoming)]"),
        ("done", "bg-[var(--past)]"),
        "bg-[var(--edge)]",
    )
    return rx.el.li(
        rx.el.span(aria_hidden="true", class_name=f"absolute left-0 top-[19px] w-2.5 h-2.5 rounded-full {dot}"),
        rx.el.p(one.when, class_name=f"{SMALL} num"),
        rx.el.p(one.what, class_name="font-semibold overflow-anywhere"),
        rx.el.p(one.detail, class_name="text-[14px] overflow-anywhere empty:hidden"),
        class_name="relative pl-6 py-2.5 border-b border-[var(--line)] last:border-0",
    )


def _package() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What was bought"),
        rx.el.dl(
            rx.foreach(PaymentPage.package, lambda one: row(one.name, one.told)), id="bought", class_name="m-0 mt-2"
        ),
        rx.el.p(
            "What is used, kept for a visit or expired is not given back. What goes back takes its treatments out of the "
            "wallet, a part of one whole.",
            class_name=f"{SMALL} mt-4",
        ),
        class_name=f"{CARD} min-w-0",
    )


def _policy() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What the policy says"),
        rx.cond(
            PaymentPage.policy.title == "",
            rx.el.p("No cancellation policy holds for this visit: no fee may be charged.", class_name=f"{MUTED} mt-2"),
            rx.fragment(
                rx.el.p(PaymentPage.policy.title, ", frozen with the booking", class_name=f"{SMALL} mt-1"),
                rx.cond(
                    PaymentPage.has_visit,
                    rx.fragment(
                        rx.el.p(PaymentPage.policy.seen, class_name=f"{SMALL} mt-3"),
                        rx.el.p(PaymentPage.policy.terms, id="terms", class_name="font-semibold"),
                        rx.el.dl(
                            rx.foreach(PaymentPage.policy.facts, lambda one: row(one.name, one.told)),
                            class_name="m-0 mt-2",
                        ),
                        rx.el.p("What followed", class_name=f"{SMALL} mt-4"),
                        rx.el.p(PaymentPage.policy.followed, id="followed", class_name="font-semibold"),
                    ),
                    rx.el.p("Nothing is booked with this payment, so nothing follows from it.", class_name="mt-3"),
                ),
                rx.el.details(
                    rx.el.summary("Its words, as they were accepted", class_name="link inline-block cursor-pointer"),
                    rx.el.p(PaymentPage.policy.text, class_name="mt-2 whitespace-pre-line overflow-anywhere"),
                    rx.el.p(
                        PaymentPage.policy.card_text,
                        class_name=f"{SMALL} mt-3 whitespace-pre-line overflow-anywhere empty:hidden",
                    ),
                    class_name="mt-4",
                ),
            ),
        ),
        class_name=f"{CARD} min-w-0",
    )

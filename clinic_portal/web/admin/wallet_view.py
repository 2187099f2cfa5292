"""How a patient's wallet looks to staff."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.accounts.roles import Permission
from clinic_portal.web.admin.base import may
from clinic_portal.web.admin.wallet import WalletPart
from clinic_portal.web.admin.wallet_forms import CREDIT, HAND, ITEM, PRODUCT, TAKE, TREATMENT
from clinic_portal.web.components import wallet as parts
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button
from clinic_portal.web.components.fields import fields


def wallet() -> rx.Component:
    """Left: credit and what is kept, with what can be done; right: what is left, and what happened."""
    return rx.el.div(
        rx.el.div(_credit(), rx.cond(WalletPart.w.kept, _kept()), class_name="grid gap-5 min-w-0"),
        rx.el.div(
            rx.cond((WalletPart.step != "") & (WalletPart.lot == 0), _form(is_card=True)),
            _things(),
            _history(),
            class_name="grid gap-5 min-w-0",
        ),
        class_name="grid grid-cols-1 xl:grid-cols-[320px_minmax(0,1fr)] gap-5 items-start",
    )


def _credit() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Credit", id="wallet-title", tab_index=-1),
        parts.amounts(WalletPart.w.credit),
        rx.cond(
            WalletPart.w.money,
            rx.el.ul(
                rx.foreach(
                    WalletPart.w.money,
                    lambda one: rx.el.li(
                        rx.el.p(rx.el.b(one.left, class_name="num"), " · ", one.detail, class_name="text-[14px]"),
                        parts.until(one),
                        class_name=parts.ROW,
                    ),
                ),
                id="gifts",
                class_name="list-none p-0 mt-3 mb-0",
            ),
        ),
        rx.el.div(
            _begin("Give credit", CREDIT),
            _begin("Give treatments", TREATMENT),
            _begin("Give a product", PRODUCT),
            rx.cond(WalletPart.w.has_credit, _begin("Take credit out", TAKE)),
            class_name="flex flex-wrap gap-2.5 mt-5",
        ),
        rx.cond(
            WalletPart.is_shown,
            rx.fragment(),
            rx.el.p(
                "Patients are not shown their wallets.",
                rx.cond(
                    may(Permission.CHANGE_CLINIC),
                    rx.el.a("Settings › Wallet", href="/admin/settings/wallet", class_name="link ml-1.5"),
                ),
                class_name=f"{SMALL} mt-4",
            ),
        ),
        class_name=CARD,
    )


def _begin(label: str, step: str) -> rx.Component:
    return button(label, ghost=True, small=True, on_click=WalletPart.ask(step))


def _form(*, is_card: bool = False) -> rx.Component:
    is_hand = WalletPart.step == HAND
    return rx.el.form(
        rx.el.h2(WalletPart.title, class_name="!text-[18px] mb-3 overflow-anywhere"),
        rx.cond(
            is_hand,
            rx.el.p("It counts as used from now on.", class_name=MUTED),
            fields(WalletPart.form, WalletPart.form_key),
        ),
        rx.el.div(
            button(rx.cond(is_hand, "Yes, hand it over", "Save"), type="submit", small=True),
            button("Never mind", ghost=True, small=True, on_click=WalletPart.keep),
            class_name="flex flex-wrap gap-3 mt-5",
        ),
        id="wallet-form",
        no_validate=True,
        on_submit=WalletPart.save,
        class_name=f"{CARD} [&>*]:max-w-[520px]"
        if is_card
        else "bg-[var(--sunken)] rounded-[var(--radius-m)] p-5 mt-3",
    )


def _things() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Treatments and products"),
        rx.cond(
            WalletPart.w.things,
            rx.el.ul(rx.foreach(WalletPart.w.things, _thing), id="items", class_name="list-none p-0 mt-1 mb-0"),
            rx.el.p("None are left.", id="items", class_name=f"{MUTED} mt-1"),
        ),
        class_name=CARD,
    )


def _thing(one: Any) -> rx.Component:
    def deed(label: str, step: str) -> rx.Component:
        said = f"{label}: {one.name}"
        return button(label, ghost=True, small=True, aria_label=said, on_click=WalletPart.ask_lot(step, one.id))

    return parts.item(
        one,
        rx.cond(
            one.left == "0",
            rx.fragment(),
            rx.fragment(rx.cond(one.is_product, deed("Hand over", HAND)), deed("Take out", ITEM)),
        ),
        below=rx.cond((WalletPart.step != "") & (WalletPart.lot == one.id), _form()),
    )


def _kept() -> rx.Component:
    return parts.kept(
        "Kept for visits", WalletPart.w.kept, lambda one: rx.el.span(one.when, class_name="font-semibold")
    )


def _history() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What happened", id="history", tab_index=-1),
        rx.cond(
            WalletPart.w.lines,
            parts.happened(WalletPart.w.lines),
            rx.el.p("Nothing was ever in this wallet.", id="happened", class_name=f"{MUTED} mt-1"),
        ),
        rx.cond(
            WalletPart.w.more, button("Show more", ghost=True, small=True, on_click=WalletPart.more, class_name="mt-4")
        ),
        class_name=CARD,
    )

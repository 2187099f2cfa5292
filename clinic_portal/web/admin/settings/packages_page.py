"""The page of packages in the settings: the list, and a form with the card patients would see beside it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.frame import settings_frame
from clinic_portal.web.admin.settings.packages import CLOSED, NEW, PAGE, PackageDesk
from clinic_portal.web.components.basics import CARD, ERROR, MUTED, SMALL, button
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.written import written
from clinic_portal.web.shop.pages import offer_card

LABEL = "block font-semibold mb-1.5"


def page() -> rx.Component:
    """What packages there are, in the order patients see them."""
    return settings_frame(
        PAGE,
        rx.el.div(
            rx.el.p(
                "Several treatments at a price of their own, paid in advance. Patients buy them at ",
                rx.el.a("/packages", href="/packages", class_name="link"),
                " and in their portal. A change is for those who buy later.",
                class_name=f"{MUTED} max-w-[60ch]",
            ),
            button("Add a package", small=True, on_click=PackageDesk.edit(NEW), id="add"),
            class_name="flex justify-between items-start gap-4 mb-4 flex-wrap",
        ),
        rx.cond(PackageDesk.editing != CLOSED, _form()),
        rx.cond(
            PackageDesk.rows,
            rx.el.ul(rx.foreach(PackageDesk.rows, _row), id="packages", class_name=f"{CARD} list-none !py-1 m-0"),
            rx.cond(
                PackageDesk.editing == NEW,
                rx.fragment(),
                rx.el.div(
                    rx.el.h2("None so far", class_name="!text-[18px]"),
                    rx.el.p(
                        "Such as six facials for the price of five, to be used within a year.",
                        class_name=f"{MUTED} mt-1",
                    ),
                    class_name=CARD,
                ),
            ),
        ),
        follow(to=PackageDesk.to, number=PackageDesk.moves),
        page=PAGE,
    )


def _row(row: Any, n: Any) -> rx.Component:
    def act(label: Any, handler: Any, **props: Any) -> rx.Component:
        name = rx.el.span(" ", row.name, class_name="sr")
        return rx.el.button(label, name, type="button", class_name="link", on_click=handler(row.id), **props)

    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.p(
                    row.name,
                    rx.cond(row.note != "", rx.el.span(" · ", row.note, class_name=SMALL)),
                    class_name="font-semibold overflow-anywhere",
                ),
                rx.el.p(row.detail, class_name=f"{SMALL} overflow-anywhere"),
                class_name="min-w-0",
            ),
            rx.el.div(
                act("Change", PackageDesk.edit, id=f"change-{row.id}"),
                rx.cond(n > 0, act("Up", PackageDesk.move_up)),
                act(rx.cond(row.is_active, "Sell no more", "Sell again"), PackageDesk.switch),
                class_name="flex gap-4 shrink-0",
            ),
            class_name="flex justify-between items-center gap-4 flex-wrap",
        ),
        class_name="py-3 border-b border-[var(--line)] last:border-0",
    )


def _form() -> rx.Component:
    return rx.el.div(
        rx.el.form(
            rx.el.h2(
                rx.cond(PackageDesk.editing == NEW, "A new package", "Change the package"),
                class_name="mb-4 overflow-anywhere",
            ),
            rx.el.div(
                _line("name", "Name", max_length=80),
                _what(),
                rx.el.div(
                    _line("count", "How many", input_mode="numeric", max_length=3),
                    _line("price_minor", f"Price, {PackageDesk.currency}", input_mode="decimal", max_length=12),
                    class_name="grid grid-cols-2 gap-4",
                ),
                _line(
                    "valid_days",
                    "Days to use them in",
                    hint="From the day it is bought: 365 is a year. Blank: no expiry date.",
                    input_mode="numeric",
                    max_length=4,
                ),
                _line("description", "A few words about it", area=True, rows=2, max_length=600),
                key=PackageDesk.form_key,
                class_name="grid gap-4",
            ),
            rx.el.div(
                button("Save", type="submit", small=True),
                button("Do not save", ghost=True, small=True, on_click=PackageDesk.close),
                class_name="flex gap-3 mt-5",
            ),
            id="package",
            no_validate=True,
            on_submit=PackageDesk.save,
            class_name="min-w-0",
        ),
        rx.el.section(
            rx.el.h3("What patients see", class_name="mb-3 !text-[15px]"),
            rx.cond(
                PackageDesk.card.name != "",
                rx.el.div(offer_card(PackageDesk.card), id="preview"),
                rx.el.p("Its card, once name, treatment, number and price are there.", class_name=SMALL),
            ),
            aria_label="What patients see",
            class_name="min-w-0",
        ),
        class_name="grid grid-cols-1 xl:grid-cols-[minmax(0,1fr)_320px] gap-6 bg-[var(--sunken)] rounded-[var(--radius-l)] p-5 mb-5 items-start",
    )


def _error(name: str) -> Any:
    return PackageDesk.errors.get(name, "").to(str)


def _described(name: str, hint: str) -> dict[str, Any]:
    return {
        "aria_invalid": rx.cond(_error(name) != "", "true", "false"),
        "aria_describedby": f"{name}-hint {name}-error" if hint else f"{name}-error",
    }


def _below(name: str, hint: str) -> rx.Component:
    return rx.fragment(
        rx.el.p(hint, id=f"{name}-hint", class_name=f"{SMALL} mt-1.5") if hint else rx.fragment(),
        rx.el.p(_error(name), id=f"{name}-error", role="alert", class_name=ERROR),
    )


def _line(name: str, label: Any, *, hint: str = "", area: bool = False, **more: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name=LABEL),
        written(
            name,
            None,
            PackageDesk.form.get(name, "").to(str),
            lambda text: PackageDesk.write(name, text),
            area=area,
            in_form=True,
            **_described(name, hint),
            **more,
        ),
        _below(name, hint),
        class_name="min-w-0",
    )


def _what() -> rx.Component:
    return rx.el.div(
        rx.el.label("Of what", html_for="what", class_name=LABEL),
        rx.el.select(
            rx.foreach(PackageDesk.choices, lambda pair: rx.el.option(pair[1], value=pair[0])),
            id="what",
            name="what",
            default_value=PackageDesk.form.get("what", "").to(str),
            on_change=lambda chosen: PackageDesk.write("what", chosen),
            class_name="field",
            **_described("what", ""),
        ),
        _below("what", ""),
    )


PAGES: tuple[tuple[str, Any, Any, str], ...] = (("/admin/settings/packages", page, [PackageDesk.enter], "Packages"),)

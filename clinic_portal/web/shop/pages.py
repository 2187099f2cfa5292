"""The pages of packages: `/packages` for everybody, the same in the portal, and where the gateway's page leads back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.components.basics import (
    CARD,
    MUTED,
    SMALL,
    button,
    card,
    field,
    link_button,
    notice,
    skeleton,
    step_title,
)
from clinic_portal.web.components.countdown import countdown
from clinic_portal.web.components.follow import follow
from clinic_portal.web.components.leave import leave
from clinic_portal.web.layout import frame
from clinic_portal.web.me import Me
from clinic_portal.web.portal.base import Portal
from clinic_portal.web.portal.frame import portal_frame
from clinic_portal.web.portal.pieces import PILL
from clinic_portal.web.shop import done
from clinic_portal.web.shop.state import HERE, Shop

LEAD = (
    "Treatments you come back for, at a better price. Pay once, and book them whenever you like: each visit takes one."
)


def page() -> rx.Component:
    """The public page."""
    return _public(rx.match(Shop.stage, ("details", _details()), ("code", _code()), _offers()))


def portal_page() -> rx.Component:
    """The same for who is signed in, in the frame of their portal."""
    return portal_frame(_offers(), _mine(), leave(), follow(to=Shop.to, number=Shop.moves), here=HERE)


def done_page() -> rx.Component:
    """What came of going to the gateway's page."""
    return _public(done.content())


def offer_card(one: Any, *action: Any) -> rx.Component:
    """A package, with what can be done about it below."""
    return rx.el.article(
        rx.el.div(
            rx.el.h2(one.name, class_name="!text-[22px] overflow-anywhere"),
            rx.cond(
                one.saves != "",
                rx.el.span(one.saves, class_name=f"{PILL} bg-[var(--past-soft)] text-[var(--past)] whitespace-nowrap"),
            ),
            class_name="flex flex-wrap justify-between items-start gap-x-4 gap-y-2",
        ),
        rx.el.p(one.what, class_name="font-semibold mt-2 overflow-anywhere"),
        rx.el.p(one.about, class_name=f"{MUTED} mt-1.5 whitespace-pre-line overflow-anywhere empty:hidden"),
        rx.el.div(
            rx.el.p(
                rx.el.span(one.price, class_name="font-[family-name:var(--serif)] text-[34px] leading-none num"),
                rx.cond(
                    one.single != "",
                    rx.fragment(
                        " ",
                        rx.el.span(" instead of ", class_name="sr"),
                        rx.el.s(one.single, class_name=f"{MUTED} num ml-1"),
                    ),
                ),
            ),
            rx.el.p(
                one.each,
                rx.cond((one.each != "") & (one.holds != ""), " · ", ""),
                one.holds,
                class_name=f"{SMALL} mt-1.5 empty:hidden",
            ),
            class_name="mt-auto pt-6",
        ),
        rx.el.div(*action, class_name="mt-5 empty:hidden"),
        class_name=f"{CARD} flex flex-col min-w-0 h-full",
    )


def _public(*content: Any) -> rx.Component:
    return frame(
        notice(Portal.notice_title, Portal.notice_text, Portal.dismiss_notice, is_good=Portal.notice_is_good),
        *content,
        leave(),
        follow(to=Shop.to, number=Shop.moves),
        clinic_name=rx.cond(Portal.clinic_name != "", Portal.clinic_name, "Home"),
        phone=Portal.clinic_phone,
        here=HERE,
    )


def _offers() -> rx.Component:
    return rx.fragment(
        step_title(HERE),
        rx.cond(
            Shop.stage == "offers",
            rx.cond(
                Shop.offers,
                rx.fragment(
                    rx.el.p(LEAD, class_name=f"{MUTED} mt-2 max-w-[60ch]"),
                    rx.el.ul(
                        rx.foreach(
                            Shop.offers,
                            lambda one: rx.el.li(
                                offer_card(
                                    one,
                                    button(
                                        "Buy",
                                        rx.el.span(" ", one.name, class_name="sr"),
                                        on_click=Shop.buy(one.id),
                                        class_name="w-full",
                                    ),
                                )
                            ),
                        ),
                        id="offers",
                        class_name="list-none p-0 m-0 mt-7 grid sm:grid-cols-2 lg:grid-cols-3 gap-5",
                    ),
                    _promises(),
                ),
                _empty(),
            ),
            rx.el.div(
                *[skeleton("h-64") for _ in range(3)],
                aria_busy="true",
                class_name="grid sm:grid-cols-2 lg:grid-cols-3 gap-5 mt-8",
            ),
        ),
    )


def _mine() -> rx.Component:
    return rx.cond(
        Shop.mine,
        rx.el.section(
            rx.el.h2("What you bought", class_name="mb-3"),
            rx.el.ul(
                rx.foreach(
                    Shop.mine,
                    lambda one: rx.el.li(
                        rx.el.div(
                            rx.el.p(one.name, class_name="font-semibold overflow-anywhere"),
                            rx.el.p(one.told, class_name=f"{SMALL} overflow-anywhere"),
                            class_name="min-w-0",
                        ),
                        rx.el.a(
                            "Receipt", rx.el.span(" of ", one.name, class_name="sr"), href=one.href, class_name="link"
                        ),
                        class_name="flex justify-between items-center gap-5 py-3.5 border-b border-[var(--line)] last:border-0",
                    ),
                ),
                id="mine",
                class_name=f"{CARD} list-none m-0 !py-1",
            ),
            class_name="mt-12 max-w-[760px]",
        ),
    )


def _promises() -> rx.Component:
    told = (
        ("You pay once", "On the page of our payment service. We never see your card’s number."),
        ("Yours at once", "Your treatments stand ready in your portal, and we write to you what you have."),
        ("Not sure after all?", "Call us: what is not used yet can be given back."),
    )
    return rx.el.dl(
        *[
            rx.el.div(rx.el.dt(title, class_name="font-semibold"), rx.el.dd(text, class_name=f"{SMALL} m-0 mt-1"))
            for title, text in told
        ],
        class_name="grid sm:grid-cols-3 gap-x-8 gap-y-5 m-0 mt-10 pt-7 border-t border-[var(--line)]",
    )


def _empty() -> rx.Component:
    return card(
        rx.el.h2("No packages just now"),
        rx.el.p(
            "When we offer several treatments together at a better price, you find them here.",
            class_name=f"{MUTED} mt-2 mb-5",
        ),
        link_button("Book a visit", href="/book"),
        id="no-packages",
        class_name="mt-6 max-w-[560px]",
    )


def _buying(*content: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(*content, class_name="min-w-0"),
        rx.el.aside(
            offer_card(Shop.chosen),
            rx.el.button("‹ Another package", type="button", on_click=Shop.back, class_name="link mt-4"),
            aria_label="Your package",
        ),
        class_name="grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_350px] gap-6 lg:gap-7 items-start",
    )


def _stage_title(text: str) -> rx.Component:
    return rx.el.h1(text, id="stage-title", tab_index=-1, class_name="mb-6")


def _details() -> rx.Component:
    return rx.fragment(
        _stage_title("Who is it for?"),
        _buying(
            card(
                rx.el.form(
                    rx.el.div(
                        _field("given_name", "First name", auto_complete="given-name"),
                        _field("family_name", "Last name", auto_complete="family-name"),
                        class_name="grid sm:grid-cols-2 gap-5",
                    ),
                    _field(
                        "email",
                        "E-mail",
                        type="email",
                        auto_complete="email",
                        input_mode="email",
                        hint="Your receipt goes here.",
                    ),
                    _field(
                        "phone",
                        "Mobile phone",
                        type="tel",
                        auto_complete="tel",
                        input_mode="tel",
                        hint="We text a code to it in the next step, so that nobody buys in your name.",
                    ),
                    rx.el.p(
                        "Been here before? ",
                        rx.el.a("Log in", href="/sign-in?next=/portal/packages", class_name="link"),
                        ", or use the same e-mail and phone: the package joins your profile.",
                        class_name=SMALL,
                    ),
                    button("Continue", type="submit", class_name="w-full sm:w-auto justify-self-start"),
                    id="details",
                    no_validate=True,
                    on_submit=Shop.save,
                    class_name="grid gap-5",
                )
            )
        ),
    )


def _field(name: str, label: str, **props: Any) -> rx.Component:
    hint = props.pop("hint", "")
    return field(
        name,
        label,
        hint=hint,
        value=Shop.who.get(name, "").to(str),
        error=Shop.errors.get(name, "").to(str),
        required=True,
        max_length=254,
        **props,
    )


def _code() -> rx.Component:
    return rx.fragment(
        _stage_title("Is this your phone?"),
        _buying(
            card(
                rx.el.form(
                    rx.el.p(
                        "We sent six digits to ",
                        rx.el.b(Shop.who.get("phone", "").to(str), class_name="font-semibold whitespace-nowrap"),
                        ". They are good for ten minutes.",
                    ),
                    rx.el.div(
                        field(
                            "code",
                            "Code",
                            error=Shop.errors.get("code", "").to(str),
                            input_mode="numeric",
                            auto_complete="one-time-code",
                            max_length=20,
                            required=True,
                            style={"fontSize": "22px", "letterSpacing": "0.3em"},
                        ),
                        class_name="max-w-[240px]",
                    ),
                    rx.cond(
                        Shop.wait > 0,
                        rx.el.p(
                            "New code in ",
                            countdown(seconds=Shop.wait, on_end=Shop.may_send, key=Shop.looks.to_string()),
                            class_name=SMALL,
                        ),
                        rx.el.button(
                            "Send a new code",
                            type="button",
                            class_name="link justify-self-start",
                            on_click=Shop.send_again,
                        ),
                    ),
                    button("Continue to payment", type="submit", class_name="w-full sm:w-auto justify-self-start"),
                    rx.el.p(
                        "You pay on the page of our payment service. We never see your card’s number.",
                        class_name=SMALL,
                    ),
                    id="code-form",
                    no_validate=True,
                    on_submit=Shop.check,
                    class_name="grid gap-5",
                )
            )
        ),
    )


def add(app: rx.App) -> None:
    """Add the pages to the app."""
    app.add_page(page, route="/packages", title="Packages", on_load=[Me.enter, Shop.enter])
    app.add_page(done_page, route="/packages/done", title="Your package", on_load=[Me.enter, Shop.look_back])
    app.add_page(portal_page, route="/portal/packages", title="Packages", on_load=[Me.enter, Shop.enter_signed_in])

"""Buttons, cards, fields, notices: the small pieces every page is made of."""

from __future__ import annotations

from typing import Any

import reflex as rx

CARD = "bg-[var(--surface)] border border-[var(--line)] rounded-[var(--radius-l)] shadow-[var(--shadow)] p-5 sm:p-6"
ERROR = "text-[13px] text-[var(--danger)] font-medium mt-1.5 empty:hidden"
"""What is wrong with a field, under it."""
MUTED = "text-[var(--ink-2)]"
NATIVE = {"reloadDocument": True}
"""Attributes of a link to an endpoint: the browser itself follows it, not the pages' router."""
SMALL = "text-[13px] text-[var(--ink-2)]"


def button(*children: Any, ghost: bool = False, small: bool = False, **props: Any) -> rx.Component:
    """A button; `ghost` for the second choice, `small` inside cards."""
    extra = props.pop("class_name", "")
    name = f"btn {'ghost' if ghost else ''} {'small' if small else ''} {extra}"
    return rx.el.button(*children, type=props.pop("type", "button"), class_name=name, **props)


def link_button(*children: Any, href: Any, ghost: bool = False, small: bool = False, **props: Any) -> rx.Component:
    """A link that looks like a button."""
    extra = props.pop("class_name", "")
    if "custom_attrs" in props:  # Reflex writes further attributes into what it is given
        props["custom_attrs"] = dict(props["custom_attrs"])
    name = f"btn {'ghost' if ghost else ''} {'small' if small else ''} {extra}"
    return rx.el.a(*children, href=href, class_name=name, **props)


def turning(newest: Any, older: Any, *more: Any) -> rx.Component:
    """The ways on from a page of a list: to its first page, to the next; each empty where there is none."""
    return rx.el.div(
        rx.cond(newest != "", link_button("Newest", href=newest, ghost=True, small=True)),
        rx.cond(older != "", link_button("Older", href=older, ghost=True, small=True)),
        *more,
        class_name="flex flex-wrap gap-3 mt-4 empty:hidden",
    )


def phone_link(number: Any) -> rx.Component:
    """A phone number to be dialled; its address has no spaces (RFC 3966). `number` is a var or text."""
    return rx.el.a(
        number, href=f"tel:{rx.Var.create(number).to(str).split(' ').join('')}", class_name="link whitespace-nowrap"
    )


def card(*children: Any, **props: Any) -> rx.Component:
    """A white sheet on the paper."""
    return rx.el.div(*children, class_name=f"{CARD} {props.pop('class_name', '')}", **props)


def step_title(text: Any) -> rx.Component:
    """The heading of a page; it takes the focus when the page opens, so that a step change is announced."""
    return rx.el.h1(text, id="step-title", tab_index=-1, on_mount=rx.set_focus("step-title"))


def field(
    name: str,
    label: str,
    *,
    error: rx.Var[str],
    value: rx.Var[str] | str = "",
    hint: str = "",
    key: Any = None,
    **props: Any,
) -> rx.Component:
    """A labelled input with its hint and its refusal beside it, tied together for screen readers."""
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="block font-semibold mb-1.5"),
        rx.el.input(
            id=name,
            name=name,
            default_value=value,
            key=key,
            class_name="field",
            aria_invalid=rx.cond(error != "", "true", "false"),
            aria_describedby=f"{name}-hint {name}-error",
            **props,
        ),
        rx.el.p(hint, id=f"{name}-hint", class_name=f"{SMALL} mt-1.5") if hint else rx.fragment(),
        rx.el.p(
            error,
            id=f"{name}-error",
            role="alert",
            class_name=ERROR,
        ),
    )


def focus_when(condition: Any, name: str) -> rx.Component:
    """Moves the focus to a field as soon as it is drawn with its refusal: on a phone it may lie far below."""
    return rx.cond(condition, rx.el.span(hidden=True, on_mount=rx.set_focus(name)))


def notice(title: rx.Var[str], text: rx.Var[str], on_close: Any, *more: Any, is_good: Any = None) -> rx.Component:
    """What was just refused or changed, announced at once; `is_good` news are green."""
    layout = "flex gap-4 items-start rounded-[var(--radius-m)] px-4 py-3 mb-5 outline-offset-2"
    bad, good = f"{layout} bg-[var(--warn-soft)] text-[#6b4600]", f"{layout} bg-[var(--past-soft)] text-[#155c39]"
    return rx.el.div(
        rx.cond(
            (title != "") | (text != ""),
            rx.el.div(
                rx.el.div(
                    rx.el.p(title, class_name="font-semibold empty:hidden"),
                    rx.el.p(text),
                    *more,
                    class_name="grow",
                ),
                rx.el.button("Close", type="button", class_name="link", on_click=on_close),
                id="notice",
                tab_index=-1,
                class_name=bad if is_good is None else rx.cond(is_good, good, bad),
            ),
        ),
        role="alert",
    )


def skeleton(height: str) -> rx.Component:
    """A place where something will stand in a moment."""
    return rx.el.div(class_name=f"skeleton {height}", aria_hidden="true")


def initials_badge(text: rx.Var[str] | str) -> rx.Component:
    """Two letters in a soft round."""
    return rx.el.span(
        text,
        aria_hidden="true",
        class_name=(
            "w-11 h-11 shrink-0 rounded-full grid place-items-center bg-[var(--brand-soft)] "
            "text-[var(--brand-strong)] font-semibold"
        ),
    )


def forms_styles() -> rx.Component:
    """The styles of forms, for pages behind a sign-in; React waits for them before it shows such a page."""
    return rx.el.link(rel="stylesheet", href="/forms.css", custom_attrs={"precedence": "default"})

"""How publishing and earlier versions look."""

from __future__ import annotations

from typing import Any

import reflex as rx

from clinic_portal.web.admin.forms.pieces import BOX
from clinic_portal.web.admin.forms.preview import preview
from clinic_portal.web.components.basics import CARD, MUTED, SMALL, button


def publishing(state: Any) -> rx.Component:
    """What it means, before it is done."""
    return rx.el.section(
        rx.el.h2(f"Publish version {state.next_version}", id="publish-title", tab_index=-1, class_name="outline-none"),
        rx.cond(
            state.has_draft,
            rx.el.div(
                rx.cond(state.faults, _faults(state)),
                rx.cond(
                    state.version > 0,
                    rx.fragment(_changes(state), _anew(state)),
                    rx.el.p(
                        "It is the first one. From then on it is asked for with each new booking of its services. A "
                        "published version never changes: what patients sign is kept as they saw it.",
                        class_name=f"{MUTED} m-0",
                    ),
                ),
                rx.el.div(
                    button(f"Publish version {state.next_version}", on_click=state.publish),
                    button("Not yet", ghost=True, on_click=state.show("write")),
                    rx.cond((state.version > 0) & ~state.asks_discard, _ask_discard(state)),
                    class_name="flex gap-3 flex-wrap items-center",
                ),
                rx.cond(state.asks_discard, _discard(state)),
                class_name="grid gap-5 mt-3",
            ),
            rx.el.p(
                f"Version {state.version} is in force, and nothing was changed since. There is nothing to publish.",
                class_name=f"{MUTED} mt-2 mb-0",
            ),
        ),
        aria_labelledby="publish-title",
        class_name=f"{CARD} max-w-[760px]",
    )


def _ask_discard(state: Any) -> rx.Component:
    return rx.el.button(
        "Throw the draft away",
        id="ask-discard",
        type="button",
        class_name="link sm:ml-auto",
        on_click=state.ask_discard(True),
    )


def _discard(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            f"All changes since version {state.version} would be gone for good. Version {state.version} stays in force.",
            class_name="m-0 mb-3",
        ),
        rx.el.div(
            button("Throw it away", small=True, id="discard", on_click=state.discard),
            button("Keep the draft", small=True, ghost=True, on_click=state.ask_discard(False)),
            class_name="flex gap-3 flex-wrap",
        ),
        role="group",
        aria_label="Throw the draft away?",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3",
    )


def _changes(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(f"What changes since version {state.version}", class_name="mb-2"),
        rx.cond(
            state.changes,
            rx.el.ul(
                rx.foreach(state.changes, lambda one: rx.el.li(one, class_name="overflow-anywhere")),
                class_name="m-0 pl-5 list-disc grid gap-1",
            ),
            rx.el.p("Nothing that patients would see.", class_name=f"{MUTED} m-0"),
        ),
    )


def _anew(state: Any) -> rx.Component:
    def choice(value: bool, label: str, about: Any) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="radio",
                name="anew",
                value="yes" if value else "no",
                default_checked=state.asks_anew == value,
                on_change=lambda _: state.choose_anew(value),
                class_name=BOX,
            ),
            rx.el.span(
                rx.el.span(label, class_name="block font-semibold"), rx.el.span(about, class_name=f"block {SMALL}")
            ),
            class_name=(
                "flex items-start gap-3 rounded-[var(--radius-m)] border border-[var(--line)] p-4 cursor-pointer "
                "hover:bg-[var(--sunken)] has-[:checked]:border-[var(--brand)] has-[:checked]:bg-[var(--brand-soft)]"
            ),
        )

    return rx.el.fieldset(
        rx.el.legend(
            rx.el.h3(f"Patients who answered version {state.version} or an earlier one"), class_name="p-0 mb-2"
        ),
        rx.el.div(
            choice(
                True,
                "Ask everyone anew",
                "For their next visit they fill in or sign the new version. Answers that still fit are there already.",
            ),
            choice(
                False,
                "Earlier answers stay valid",
                "For small corrections. Only those who have not answered yet see the new version.",
            ),
            class_name="grid sm:grid-cols-2 gap-3",
        ),
        class_name="border-0 p-0 m-0 min-w-0",
    )


def _faults(state: Any) -> rx.Component:
    """What is to be put right first, each a way to its place."""
    return rx.el.div(
        rx.el.p(
            rx.cond(
                state.faults.length() == 1,
                "One thing is to be put right first. Nothing was published.",
                f"{state.faults.length()} things are to be put right first. Nothing was published.",
            ),
            class_name="font-semibold m-0",
        ),
        rx.el.ul(
            rx.foreach(
                state.faults,
                lambda one: rx.el.li(
                    rx.el.button(
                        one.name,
                        type="button",
                        class_name="link !text-[15px] !text-[#6b4600] font-semibold text-left overflow-anywhere",
                        on_click=state.go_to(one.where),
                    ),
                    rx.el.span(": ", one.words),
                ),
            ),
            class_name="m-0 mt-1 pl-5 list-disc",
        ),
        id="faults",
        tab_index=-1,
        role="alert",
        class_name="rounded-[var(--radius-m)] bg-[var(--warn-soft)] text-[#6b4600] px-4 py-3",
    )


def versions(state: Any) -> rx.Component:
    """Every published version, newest first; one of them to be read."""
    return rx.el.div(
        rx.el.section(
            rx.el.h2("Published versions"),
            rx.cond(
                state.versions,
                rx.el.ol(
                    rx.foreach(
                        state.versions,
                        lambda one: rx.el.li(
                            rx.el.div(
                                rx.el.p(
                                    f"Version {one.version}",
                                    rx.cond(one.is_in_force, rx.el.span(" · in force", class_name=SMALL)),
                                    class_name="font-semibold m-0",
                                ),
                                rx.el.p(one.told, class_name=f"{SMALL} m-0"),
                            ),
                            rx.el.button(
                                rx.cond(state.looking_at == one.id, "Put away", "Look at it"),
                                rx.el.span(f" (version {one.version})", class_name="sr"),
                                type="button",
                                class_name="link shrink-0",
                                aria_expanded=rx.cond(state.looking_at == one.id, "true", "false"),
                                on_click=state.look_at(one.id),
                            ),
                            class_name="flex justify-between items-center gap-4 py-3 border-b border-[var(--line)] last:border-0",
                        ),
                    ),
                    class_name="list-none p-0 m-0 mt-1",
                ),
                rx.el.p("None yet. The first one is there as soon as you publish.", class_name=f"{MUTED} mt-2 mb-0"),
            ),
            aria_label="Published versions",
            class_name=CARD,
        ),
        rx.cond(state.looking_at > 0, preview(state)),
        class_name="grid lg:grid-cols-2 gap-5 items-start",
    )

"""The front page: the clinic's name, its treatments, and a way to book."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.memberships import words
from clinic_portal.memberships.offers import joinable
from clinic_portal.web.booking.views import price
from clinic_portal.web.components.basics import CARD, SMALL, link_button, skeleton
from clinic_portal.web.door import Door
from clinic_portal.web.gate import PUBLIC, access
from clinic_portal.web.layout import frame
from clinic_portal.web.me import Me
from clinic_portal.web.problems import Problem


@dataclass
class Treatment:
    """A service on the front page."""

    name: str
    detail: str
    price: str
    href: str


@dataclass
class Group:
    """A category on the front page."""

    name: str
    description: str
    href: str
    treatments: list[Treatment] = field(default_factory=list)


@dataclass
class Place:
    """A location on the front page."""

    name: str
    address: str
    phone: str


class Landing(Door, rx.State):
    """What the front page shows."""

    name: str = ""
    tagline: str = ""
    about: str = ""
    phone: str = ""
    groups: list[Group] = []
    places: list[Place] = []
    trouble: str = ""
    plans: str = ""

    @rx.event
    @access(PUBLIC)
    async def enter(self) -> None:
        """Show the clinic as it stands now."""
        async with self._answering():
            clinic = await self._ask(catalogue)
            info = clinic.clinic
            self.name, self.tagline, self.about = info.name, info.tagline, info.about
            self.phone = wording.phone(info.phone)
            self.places = [Place(one.name, one.address, wording.phone(one.phone)) for one in clinic.locations.values()]
            groups = {
                one.id: Group(one.name, one.description, f"/book?category={one.slug}")
                for one in clinic.categories.values()
            }
            for one in clinic.services.values():
                if one.is_bookable_online and one.category_id in groups:
                    groups[one.category_id].treatments.append(
                        Treatment(
                            name=one.name,
                            detail=wording.duration(one.duration_minutes, info.language),
                            price=price(clinic, one.price_minor),
                            href=f"/book?service={one.slug}",
                        )
                    )
            self.groups = [group for group in groups.values() if group.treatments]
            cheapest = min(await self._ask(joinable), key=lambda one: one.fee_minor, default=None)
            self.plans = words.fee(cheapest, info.language) if cheapest else ""

    async def _say(self, told: Problem) -> None:
        self.trouble = f"{told.title}. {told.sentence}"


def page() -> rx.Component:
    """Hero, treatments by category, places."""
    return frame(
        rx.cond(
            Landing.name != "",
            _loaded(),
            rx.cond(
                Landing.trouble != "",
                rx.fragment(rx.el.h1("We will be right back"), rx.el.p(Landing.trouble, class_name="mt-3")),
                rx.el.div(
                    rx.el.h1("Book your visit online"),
                    skeleton("h-12 w-40 mt-6"),
                    rx.el.div(*[skeleton("h-48") for _ in range(4)], class_name="grid sm:grid-cols-2 gap-5 mt-10"),
                ),
            ),
        ),
        clinic_name=rx.cond(Landing.name != "", Landing.name, "Home"),
        phone=Landing.phone,
        here="Treatments",
    )


def _loaded() -> rx.Component:
    return rx.fragment(
        rx.el.section(
            rx.el.h1(Landing.name, class_name="!text-[40px] sm:!text-[52px]"),
            rx.el.p(Landing.tagline, class_name="text-[19px] text-[var(--ink-2)] mt-3 max-w-[46ch]"),
            rx.el.p(Landing.about, class_name="text-[var(--ink-2)] mt-3 max-w-[62ch] empty:hidden"),
            rx.el.div(link_button("Book a visit", href="/book"), class_name="mt-7"),
            class_name="py-6 sm:py-12",
        ),
        rx.el.h2("Treatments", id="treatments", class_name="mb-4 !text-[26px]"),
        rx.el.div(rx.foreach(Landing.groups, _group), class_name="md:columns-2 gap-5"),
        rx.cond(Landing.plans != "", _membership()),
        rx.cond(
            Me.sells,
            rx.el.section(
                rx.el.div(
                    rx.el.h2("Packages", class_name="!text-[26px]"),
                    rx.el.p(
                        "Treatments you come back for, several at once and at a better price.",
                        class_name="text-[var(--ink-2)] mt-1",
                    ),
                ),
                link_button("See the packages", href="/packages", ghost=True),
                id="packages",
                class_name=f"{CARD} mt-7 flex flex-wrap items-center justify-between gap-x-8 gap-y-4",
            ),
        ),
        rx.el.h2("Where to find us", class_name="mt-12 mb-4 !text-[26px]"),
        rx.el.div(rx.foreach(Landing.places, _place), class_name="grid sm:grid-cols-2 gap-5"),
    )


def _group(group: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h3(group.name, class_name="!text-[22px]"),
        rx.el.p(group.description, class_name=f"{SMALL} mt-1 empty:hidden"),
        rx.el.ul(rx.foreach(group.treatments, _treatment), class_name="list-none p-0 mt-3 mb-0"),
        class_name=f"{CARD} mb-5 break-inside-avoid",
    )


def _treatment(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.el.span(
                rx.el.span(one.name, class_name="font-medium"),
                rx.el.br(),
                rx.el.span(one.detail, class_name=SMALL),
            ),
            rx.el.span(one.price, class_name="font-semibold whitespace-nowrap"),
            href=one.href,
            class_name="flex justify-between gap-4 py-2.5 text-inherit no-underline hover:text-[var(--brand-strong)]",
        ),
        class_name="border-t border-[var(--line)]",
    )


def _membership() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Memberships", class_name="!text-[26px]"),
            rx.el.p(
                "Treatments each month, prices for members: from ", rx.el.b(Landing.plans), ".", class_name="mt-1.5"
            ),
        ),
        link_button("See the memberships", href="/memberships", ghost=True),
        class_name="mt-8 rounded-[var(--radius-l)] bg-[var(--brand-soft)] p-6 sm:p-8 flex flex-wrap gap-5 "
        "justify-between items-center",
    )


def _place(place: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(place.name),
        rx.el.p(place.address, class_name="text-[var(--ink-2)] mt-1"),
        rx.el.p(place.phone, class_name="text-[var(--ink-2)] empty:hidden"),
        class_name=CARD,
    )


def add(app: rx.App) -> None:
    """Add the front page to the app."""
    app.add_page(page, route="/", title="Treatments and online booking", on_load=[Me.enter, Landing.enter])

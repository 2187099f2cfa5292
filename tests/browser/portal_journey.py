"""A patient's way through the portal, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import count

from playwright.sync_api import Locator, expect

from clinic_portal.accounts import limits
from clinic_portal.booking import holds, queries
from clinic_portal.booking.models import Appointment
from clinic_portal.booking.types import Visit
from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.scheduling import guard
from clinic_portal.scheduling.availability import epoch_minute
from tests.browser.journey import Visitor
from tests.card_kit import VISA, till
from tests.factories import CHICAGO, patient
from tests.factories import visitor as ready_to_choose
from tests.site import OPENING, Site

Make = Callable[..., Visitor]
SOME_DAY = date(2026, 12, 17)
_browsers = count(1)
_made: list[tuple[str, Visit]] = []
"""What was booked, with the address of its site: the next module's is another."""


def at_home(made: Visitor, path: str = "/portal") -> Visitor:
    """A patient who signed in a moment ago in this browser and opens a page of the portal."""
    signed = patient(made.site.services, made.email, phone=made.e164)
    made.page.context.add_cookies([{"name": "portal", "value": signed.cookie, "url": made.site.url}])
    return opens(made, path)


def opens(made: Visitor, path: str) -> Visitor:
    """Open a page of the portal and wait until it shows what the server knows."""
    made.opens(path)
    expect(made.heading).to_be_visible()
    return made


def other_tab(made: Visitor, path: str) -> Visitor:
    """The same patient's second tab."""
    return opens(Visitor(made.site, made.page.context.new_page(), email=made.email, phone=made.phone), path)


def other_browser(make: Make, made: Visitor, path: str = "/portal") -> Visitor:
    """The same patient at another device."""
    elsewhere = make()
    elsewhere.email, elsewhere.phone = made.email, made.phone
    return at_home(elsewhere, path)


def has_visit(
    made: Visitor,
    *wanted: str,
    on: date = SOME_DAY,
    provider: str = "lena",
    at: datetime | None = None,
    card: str = VISA,
) -> Visit:
    """A visit booked a moment ago with a card; without a time, the last that is free on that day."""
    site = made.site
    patient(site.services, made.email, phone=made.e164)
    site.services.do(limits.forget, OPENING + timedelta(days=365))
    owner = f"browser {next(_browsers)} of {made.email}"
    services = wanted or ("facial",)
    ready_to_choose(site.clinic, owner, *services, provider=provider, phone=made.e164, email=made.email)

    def last(read: Reading) -> int:
        return queries.free_times(read, queries.search(read, queries.draft(read, owner)), on)[-1].start

    site.services.do(holds.hold, owner, epoch_minute(at) if at else site.services.ask(last))
    booked = till(site.services).books(owner, site.clinic["policy"], card)
    visit = site.services.ask(queries.visit, booked.appointment_id)
    _made.append((site.url, visit))
    return visit


def clears_calendar(site: Site) -> None:
    """Whatever was booked here stands in nobody's way any more."""

    def free(work: UnitOfWork, known: Visit) -> None:
        work.session.get_one(Appointment, known.appointment_id).status = "cancelled"
        start, end = epoch_minute(known.start_at), epoch_minute(known.end_at)
        guard.release(work, appointment_id=known.appointment_id, location_id=known.location.id, start=start, end=end)

    while _made:
        url, visit = _made.pop()
        if url == site.url:
            site.services.do(free, visit)


def had_visit(made: Visitor, *wanted: str, on: date, provider: str = "lena") -> Visit:
    """A visit of the past."""
    now = made.site.clock.now()
    made.site.clock.set(datetime.combine(on, time(9), CHICAGO) - timedelta(days=3))
    try:
        return has_visit(made, *wanted, on=on, provider=provider)
    finally:
        made.site.clock.set(now)


def as_it_stands(site: Site, known: Visit) -> Visit:
    """The visit as the clinic has it now."""
    return site.services.ask(queries.visit, known.appointment_id)


def day_of(known: Visit, language: str = "en") -> str:
    """`Thursday, December 17, 2026`."""
    return wording.day(known.start_at, known.location.time_zone, language)


def time_of(known: Visit, language: str = "en") -> str:
    """`10:30 AM`, with a plain space."""
    return " ".join(wording.time(known.start_at, known.location.time_zone, language).split())


def page_of(known: Visit) -> str:
    """The address of a visit's page."""
    return f"/portal/visit?ref={known.reference}"


def move_of(known: Visit) -> str:
    """The address at which a visit is moved."""
    return f"/portal/visit/move?ref={known.reference}"


def asks_to_cancel(made: Visitor) -> Visitor:
    """Press Cancel, and be asked once more."""
    made.button("Cancel appointment").click()
    expect(made.page.locator("#ask-title")).to_be_focused()
    return made


def cancels(made: Visitor) -> Visitor:
    """Press Cancel, and mean it."""
    asks_to_cancel(made).button("Yes, cancel it").click()
    expect(made.notice).to_contain_text("Your visit is cancelled")
    return made


def turns_to(made: Visitor, month: str) -> Visitor:
    """Turn the months until one is shown, such as `December`."""
    shown = made.page.locator("#month-title")
    expect(shown).to_be_visible()
    if month not in shown.inner_text():
        made.button("Month after").click()
    expect(shown).to_contain_text(month)
    return made


def picks_new_time(made: Visitor, day: str = "Friday, December 18") -> str:
    """Choose a day and the last time that is free on it; its label."""
    turns_to(made, day.split(", ")[1].split(" ")[0]).picks_day(day)
    last = made.page.locator("button.time").last
    label = " ".join(last.inner_text().split())
    last.click()
    expect(made.page.locator("#confirm-move")).to_be_focused()
    expect(made.page.locator("#new-time")).to_contain_text(f"{day}, 2026, {label}")
    return label


@contextmanager
def clinic_rules(site: Site, **wanted: object) -> Iterator[None]:
    """The clinic's settings, changed for a while."""
    clinic = site.services.ask(catalogue).clinic
    before = {name: getattr(clinic, name) for name in wanted}
    site.clinic.settings(**wanted)
    try:
        yield
    finally:
        site.clinic.settings(**before)


def tabs_to(made: Visitor, name: str) -> Visitor:
    """Press Tab until the element of that name, or id, has the focus."""
    for _ in range(80):
        made.page.keyboard.press("Tab")
        told = made.page.evaluate(
            "() => { const e = document.activeElement; "
            "return (e.getAttribute('aria-label') || e.innerText || '').replace(/\\s/g, ' ') }"
        )
        if told.startswith(name) or made.page.evaluate("document.activeElement.id") == name:
            return made
    raise AssertionError(f"no Tab leads to {name}")


def listed(made: Visitor, part: str) -> Locator:
    """The visits of a part of the list: `Upcoming` or `Past and cancelled`."""
    return made.page.get_by_role("region", name=part).get_by_role("listitem")

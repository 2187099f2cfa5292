"""The staff's way through their pages, in sentences; and the clinic put back as it was."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pyotp
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Table, and_, delete, func, insert, select, update

from clinic_portal.accounts import staff as people
from clinic_portal.accounts.models import Account, AccountSession
from clinic_portal.clinic import models as clinic
from clinic_portal.clinic.editing import raise_version
from clinic_portal.core.db import table
from clinic_portal.core.outbox import LEASED, OUTBOX, READY
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.messaging.queries import sandbox
from clinic_portal.messaging.types import SandboxLetter
from clinic_portal.patients import joining
from clinic_portal.patients.models import Patient
from clinic_portal.scheduling import models as scheduling
from clinic_portal.web.identity import STAFF, cookie_name
from tests.browser.journey import Visitor
from tests.factories import PASSWORD, booked, rows, staff
from tests.site import Site

NAMES = {"owner": "The owner", "front_desk": "The front_desk", "provider": "The provider", "read_only": "The read_only"}
RECOVERY_CODE = re.compile(r"\b[A-Z0-9]{5}-[A-Z0-9]{5}\b")
_SETTINGS = (
    clinic.Clinic, clinic.Location, clinic.Holiday, clinic.Pool, clinic.PoolUnit, clinic.Provider,
    clinic.ServiceCategory, clinic.Service, clinic.ServicePool, clinic.ServiceProvider, clinic.PolicyVersion,
    scheduling.WeeklyShift, scheduling.WeeklyBreak, scheduling.DateHours, scheduling.TimeOff,
)  # fmt: skip
_HISTORY_NEEDS = {"policy_version", "pool", "service_category"}


def sits_down(visitor: Visitor, role: str = "owner", path: str = "/admin", *, email: str = "") -> Visitor:
    """Someone of the staff who signed in before, at a page."""
    who = staff(visitor.site.services, role, email=email)
    visitor.email = email or f"{role}@lumen.example"
    name = cookie_name(visitor.site.settings, STAFF)
    visitor.page.context.add_cookies([{"name": name, "value": who.cookie, "url": visitor.site.url, "httpOnly": True}])
    return goes_to(visitor, path)


def goes_to(visitor: Visitor, path: str) -> Visitor:
    """Go to a page of the staff by its address, and wait until it shows what the server knows."""
    visitor.page.goto(visitor.site.url + path)
    return is_open(visitor)


def follows(visitor: Visitor, *links: str) -> Visitor:
    """Go to a page by the links that lead there."""
    for link in links:
        visitor.page.get_by_role("link", name=link, exact=True).click()
        visitor.page.wait_for_url(re.compile(r"/admin"))
        expect(visitor.page.locator("[aria-current=page]", has_text=re.compile(f"^{link}$"))).to_be_visible()
        is_open(visitor)
    return visitor


def searches(visitor: Visitor, words: str) -> Visitor:
    """Look for patients from where they are; the address does not say for whom."""
    found = visitor.page.get_by_role("searchbox", name="Search patients")
    found.fill(words)
    found.press("Enter")
    visitor.page.wait_for_url(re.compile(r"/admin/patients\?words=kept$"))
    return is_open(visitor)


def is_open(visitor: Visitor) -> Visitor:
    """The page they went to shows itself and no sketch any more."""
    expect(visitor.page.locator(".desk-foot a")).not_to_be_empty()
    expect(visitor.page.locator("[aria-busy=true]")).to_have_count(0)
    return visitor


def part(visitor: Visitor, heading: str) -> Locator:
    """The form under a heading."""
    return visitor.page.locator("form", has=visitor.page.get_by_role("heading", name=heading, exact=True))


def fills(visitor: Visitor, values: Mapping[str, str | bool], within: Locator | None = None) -> Visitor:
    """Fill in fields by their labels: text, a choice by its words, a tick."""
    form = within or visitor.page.locator("main")
    for label, value in values.items():
        at = form.get_by_label(label, exact=True)
        if isinstance(value, bool):
            at.set_checked(value)
        elif at.evaluate("element => element.tagName") == "SELECT":
            at.select_option(label=value)
        else:
            at.fill(value)
    return visitor


def saves(visitor: Visitor, within: Locator | None = None, *, button: str = "Save", told: str = "Saved") -> Visitor:
    """Press the form's button, say that visits stay where it asks, and be told that it was done."""
    (within or visitor.page.locator("main")).get_by_role("button", name=button, exact=True).click()
    keeps_visits(visitor, visitor.notice.filter(has_text=told))
    expect(visitor.notice).to_contain_text(told)
    return visitor


def keeps_visits(visitor: Visitor, done: Locator) -> Visitor:
    """Say that the visits stay, if that is asked before it is done: other tests may have booked some."""
    agree = visitor.page.get_by_role("button", name=re.compile("^Keep the visits"))
    expect(agree.or_(done).first).to_be_visible()
    if agree.count():
        agree.click()
    return visitor


def switches_off(visitor: Visitor, name: str) -> Visitor:
    """Offer something of a list no more, whatever is booked with it."""
    line_of(visitor, name).get_by_role("button", name=f"Switch off {name}", exact=True).click()
    off = line_of(visitor, name).get_by_text("switched off")
    keeps_visits(visitor, off)
    expect(off).to_be_visible()
    return visitor


def changes_rules(visitor: Visitor, values: Mapping[str, str | bool]) -> Visitor:
    """Change the booking rules in their page."""
    goes_to(visitor, "/admin/settings/booking")
    return saves(fills(visitor, values))


def is_refused_beside(visitor: Visitor, field: str, sentence: str) -> Visitor:
    """The field says what is wrong with it, and has the focus."""
    expect(visitor.page.locator(f"#{field}-error")).to_contain_text(sentence)
    expect(visitor.page.locator(f"#{field}")).to_be_focused()
    expect(visitor.page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    return visitor


def ends_at_sign_in(visitor: Visitor, sentence: str = "") -> Visitor:
    """They are at the page to sign in at, which says why; nothing to those who never were in."""
    visitor.page.wait_for_url(re.compile(r"/admin/sign-in"))
    expect(visitor.heading).to_have_text("Staff sign in")
    if sentence:
        expect(visitor.page.locator("#told")).to_contain_text(sentence)
    else:
        visitor.is_seen_as_a_person()
        expect(visitor.page.locator("#told")).to_have_count(0)
    return visitor


def takes_authenticator_off(site: Site, visitor: Visitor, app: pyotp.TOTP) -> Visitor:
    """At one's own account, with a code of it once more."""
    goes_to(visitor, "/admin/account").page.locator("#code").fill(code_of(site, app, steps=1))
    visitor.button("Take it off").click()
    expect(visitor.notice).to_contain_text("The authenticator is off")
    return visitor


def types_password(visitor: Visitor, password: str = PASSWORD) -> Visitor:
    """Sign in as far as the password goes."""
    visitor.page.goto(f"{visitor.site.url}/admin/sign-in")
    visitor.is_seen_as_a_person().fills_sign_in(password=password).button("Sign in").click()
    return visitor


def types_second_factor(visitor: Visitor, code: str) -> Visitor:
    """Type a code at the page that asks for one."""
    visitor.page.wait_for_url(re.compile(r"/admin/code"))
    visitor.page.locator("#code").fill(code)
    visitor.button("Go on").click()
    return visitor


def is_in(visitor: Visitor) -> Visitor:
    """They see the day."""
    visitor.page.wait_for_url(re.compile(r"/admin/?(\?.*)?$"))
    expect(visitor.page.locator("#day-subtitle")).to_be_visible()
    return visitor


def signs_out(visitor: Visitor) -> Visitor:
    """Press Sign out."""
    visitor.button("Sign out").first.click()
    return ends_at_sign_in(visitor, "You are signed out")


def sets_up_authenticator(visitor: Visitor) -> tuple[pyotp.TOTP, list[str]]:
    """From the page that shows the picture: the authenticator, and the recovery codes that were shown."""
    page = visitor.page
    visitor.button("Set it up").click()
    picture = page.get_by_alt_text("QR code for your authenticator app")
    expect(picture).to_be_visible()
    expect(page.get_by_text("Scan this with an authenticator app")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Show the key to type in").click()
    key = opened.value.locator("body").inner_text()
    opened.value.close()
    app = pyotp.TOTP(key.replace(" ", "").strip())
    page.locator("#code").fill(code_of(visitor.site, app))
    visitor.button(re.compile("^Confirm")).click()
    expect(page.locator("body")).to_contain_text(RECOVERY_CODE)
    return app, RECOVERY_CODE.findall(page.locator("body").inner_text())


def code_of(site: Site, app: pyotp.TOTP, *, steps: int = 0) -> str:
    """What the authenticator shows now, or some half minutes from now."""
    return app.at(site.clock.now() + timedelta(seconds=30 * steps))


def link_in(visitor: Visitor, path: str, *, to: str = "") -> str:
    """The newest link to a page in their e-mail."""
    letter = visitor.site.letter_to(to or visitor.email, "email", holding=path, after=visitor._last_read)
    found = re.search(rf"http\S+{path}\?t=[0-9a-f]+", letter.text)
    assert found
    return found[0]


def hold_minutes(read: Reading) -> int:
    """How long a chosen time is kept."""
    return int(read.execute(select(table(clinic.Clinic).c.hold_minutes)).scalar_one())


def staff_id(site: Site, email: str) -> int:
    """The id of someone of the staff."""
    return next(one.id for one in site.services.ask(people.members) if one.email == email)


@contextmanager
def clinic_kept(site: Site) -> Iterator[None]:
    """Whatever is changed of the clinic meanwhile is put back: what was added goes, or is switched off."""
    before = {model: site.services.ask(_rows, table(model)) for model in _SETTINGS}
    yield

    def restore(work: UnitOfWork) -> None:
        for model in reversed(_SETTINGS):
            columns, known = table(model), before[model]
            for key in _rows(work, columns).keys() - known.keys():
                _take_away(work, columns, key)
        for model in _SETTINGS:
            columns, known = table(model), before[model]
            now = _rows(work, columns)
            for key, row in known.items():
                if key not in now:
                    work.execute(insert(columns), row)
                elif now[key] != row:
                    work.execute(update(columns).where(_is(columns, key)).values(**row))
        raise_version(work)

    site.services.do(restore)


def _rows(read: Reading, columns: Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    found = [dict(row) for row in read.execute(select(columns)).mappings()]
    for row in found:
        row.pop("version", None) if columns.name == "clinic" else None
    return {tuple(row[one.name] for one in columns.primary_key): row for row in found}


def _take_away(work: UnitOfWork, columns: Table, key: tuple[Any, ...]) -> None:
    if "is_active" in columns.c:
        work.execute(update(columns).where(_is(columns, key)).values(is_active=False))
    elif columns.name == "policy_version":
        work.execute(update(columns).where(_is(columns, key)).values(is_in_force=False))
    elif columns.name not in _HISTORY_NEEDS:
        work.execute(delete(columns).where(_is(columns, key)))


def _is(columns: Table, key: tuple[Any, ...]) -> Any:
    return and_(*(one == value for one, value in zip(columns.primary_key, key, strict=True)))


def day_part(visitor: Visitor, day: str, form: str = "#week") -> Locator:
    """The lines of hours of a weekday, or of the one date (`Hours`)."""
    return visitor.page.locator(f"{form} fieldset", has=visitor.page.locator("legend", has_text=day))


def sets_hours(visitor: Visitor, day: str, *lines: tuple[str, str, str], form: str = "#week") -> Visitor:
    """Type a day's hours anew: lines of `works` or `break`, from, until."""
    shown = day_part(visitor, day, form)
    while count := shown.get_by_role("button", name="Remove").count():
        shown.get_by_role("button", name="Remove").first.click()
        expect(shown.get_by_role("button", name="Remove")).to_have_count(count - 1)
    for n, (kind, start, end) in enumerate(lines):
        shown.get_by_role("button", name="Add a break" if kind == "break" else "Add hours").click()
        expect(shown.get_by_role("button", name="Remove")).to_have_count(n + 1)
        shown.get_by_label(f"{day}, {kind} from").last.fill(start)
        shown.get_by_label(f"{day}, {kind} until").last.fill(end)
    return visitor


def line_of(visitor: Visitor, name: str) -> Locator:
    """The line of a list that is about something."""
    return visitor.page.locator("main li", has_text=name)


def letters_after(site: Site, last_id: int) -> list[SandboxLetter]:
    """All that was sent after a letter, as soon as nothing more is due."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not site.services.ask(_due):
            return [one for one in site.services.ask(sandbox, most=5000) if one.id > last_id]
        time.sleep(0.1)
    raise AssertionError("the worker did not come to an end")


def is_seen_at(site: Site, at: datetime) -> None:
    """The newest session of all has given a sign of life, give or take some seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if abs(rows(site.services, AccountSession)[-1].seen_at - at) < timedelta(seconds=20):
            return
        time.sleep(0.05)
    raise AssertionError("no sign of life arrived")


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page go on until something holds that no locator can tell."""
    limit = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < limit, "it never came to hold"
        page.wait_for_timeout(20)


def last_letter(site: Site) -> int:
    """The id of the newest letter."""
    return max((one.id for one in site.letters()), default=0)


def never_signed_in(site: Site) -> int:
    """How many patients have never logged in."""
    return site.services.ask(joining.count_never_signed_in)


def adds_patients(site: Site, many: int, mark: str) -> set[str]:
    """Patients whom the clinic knows and who have never seen the portal; their e-mail addresses."""
    emails = [f"p{n}@{mark}.example" for n in range(many)]

    def add(work: UnitOfWork) -> None:
        for n, email in enumerate(emails):
            work.session.add(
                Patient(
                    given_name="Pat",
                    family_name=str(n),
                    email=email,
                    email_key=email,
                    phone=f"+1512777{n:04}",
                    created_at=work.now,
                )
            )

    site.services.do(add)
    return set(emails)


def entered_emails(site: Site) -> set[str]:
    """The addresses of all who were in their portal at least once."""
    return {one.email for one in rows(site.services, Account) if one.first_signed_in_at is not None}


def visit_of(visitor: Visitor, on: date, clock: str, service: str, provider: str = "lena") -> str:
    """A visit they booked, a minute after anything else; its reference."""
    visitor.site.clock.advance(timedelta(minutes=1, seconds=1))
    made = booked(
        visitor.site.clinic,
        f"browser of {visitor.email}",
        on,
        clock,
        service,
        provider=provider,
        email=visitor.email,
        phone=visitor.e164,
    )
    return made.reference


def _due(read: Reading) -> int:
    waiting = OUTBOX.c.state.in_((READY, LEASED)) & (OUTBOX.c.run_at <= read.now)
    return int(read.execute(select(func.count()).select_from(OUTBOX).where(waiting)).scalar_one())
